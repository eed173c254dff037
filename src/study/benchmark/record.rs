//! One line of the journal: what was run and what came of it.

use serde::{Deserialize, Serialize};

use super::super::plant::PlantKind;
use crate::discovery::{Archetype, Grade, Verdict};

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of the program.
    pub program: String,
    /// The scenario.
    pub scenario: String,
    /// Its settings.
    pub settings: String,
    /// Seed of data and engine.
    pub seed: u64,
    /// What came of it; none where the engine could not run.
    pub result: Option<RunResult>,
    /// Why the engine could not run.
    pub failed: Option<String>,
}

/// What came of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// Verdict of the audit.
    pub verdict: Option<Verdict>,
    /// Hypotheses in rank order.
    pub hypotheses: Vec<Scored>,
    /// Planted truths an oracle could speak of, and whether they were found.
    pub plants: Vec<PlantFound>,
    /// Faults of the study, and whether they were flagged.
    pub faults: Vec<FaultFound>,
    /// How well evidence ranks what is true, per archetype, over all that was tested.
    pub ranking: Vec<Ranked>,
    /// Published findings and their rank by evidence.
    pub published: Vec<PublishedFound>,
    /// Decoy replays of all strata.
    pub replays: usize,
    /// What else is worth knowing.
    pub facts: Vec<Fact>,
}

/// A named remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A hypothesis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// Its shape.
    pub archetype: Archetype,
    /// What it is about, beside its subject.
    pub object: String,
    /// Its grade.
    pub grade: Grade,
    /// q over the menu.
    pub q: f64,
    /// Evidence score.
    pub evidence: f64,
    /// Whether it is true; none where nobody knows.
    pub truth: Option<bool>,
    /// Associations it claims, and how many of them are not true; none where nobody knows.
    #[serde(default)]
    pub associations: Option<(usize, usize)>,
    /// Rule scores: reliability, coherence, alignment, novelty, evaluability.
    pub axes: [Option<u8>; 5],
    /// The sentence of one that is false and supported, for those who ask why.
    pub statement: Option<String>,
}

/// A planted truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlantFound {
    /// The kind of plant.
    pub kind: PlantKind,
    /// The archetype that tells it; `none` where the engine has no tool.
    pub archetype: String,
    /// Protein, set or variable.
    pub entity: String,
    /// Power of the oracle.
    pub power: f64,
    /// Whether a supported hypothesis tells it.
    pub found: bool,
    /// Whether it is told or its test passed at q ≤ 0.05 over the menu: what passes is told up to the length of a list.
    #[serde(default)]
    pub passed: bool,
}

/// A planted fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultFound {
    /// Which fault.
    pub kind: PlantKind,
    /// Whether a check or a flag names it.
    pub flagged: bool,
    /// Supported hypotheses that are wrong because of it.
    pub published: usize,
}

/// How well evidence ranks what is true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// The archetype.
    pub archetype: Archetype,
    /// Area under the receiver operating characteristic; none where all or nothing is true.
    pub auroc: Option<f64>,
    /// True members tested.
    pub n_true: usize,
    /// False members tested.
    pub n_false: usize,
}

/// A published finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedFound {
    /// What was published.
    pub finding: String,
    /// Rank, by evidence alone, of the first hypothesis that says it.
    pub rank: Option<usize>,
    /// Whether that one is supported.
    pub supported: bool,
}
