//! What a second cohort says of frozen hypotheses.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Archetype, Direction, Entity, Estimate, Grade, ObjectiveId, SampleCounts};

/// How a frozen hypothesis fared in a second cohort.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReplicationGrade {
    /// Holm-adjusted one-sided p at most 0.05 in the claimed direction.
    Replicated,
    /// Significant the other way, by the same rule.
    Contradicted,
    /// Tested and neither; the power says how much that means.
    NotReplicated,
    /// Not tested, with the reason.
    NotTestable,
}

impl ReplicationGrade {
    /// Every grade, the best first.
    pub const ALL: [Self; 4] = [
        Self::Replicated,
        Self::Contradicted,
        Self::NotReplicated,
        Self::NotTestable,
    ];

    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Replicated => "replicated",
            Self::Contradicted => "contradicted",
            Self::NotReplicated => "not replicated",
            Self::NotTestable => "not testable",
        }
    }
}

/// Replication of the hypotheses of a run in a second cohort.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Replication {
    /// The study the hypotheses come from.
    pub first: Study,
    /// The study they were tested in.
    pub second: Study,
    /// What was compared, as it is called in either study.
    pub targets: Vec<MatchedTarget>,
    /// How the features of the claims were found again.
    pub identifiers: IdentifierCounts,
    /// Family-wise level.
    pub level: f64,
    /// Hypotheses that could be tested: the family of Holm's correction.
    pub tested: usize,
    /// Frozen hypotheses in the order of their first ranking.
    pub hypotheses: Vec<ReplicatedHypothesis>,
    /// What random hypotheses of the same kind come to; absent where nothing was tested.
    pub baseline: Option<ChanceBaseline>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

/// One of the two studies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Study {
    /// Name of the dataset.
    pub dataset: String,
    /// Scientific name of the organism.
    pub organism: Option<String>,
    /// Number of samples.
    pub samples: usize,
    /// BLAKE3 over its input.
    pub content_hash: String,
    /// Input files with the BLAKE3 hash of their bytes.
    pub files: BTreeMap<String, String>,
}

/// What an objective compares in the first study and what stands for it in the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatchedTarget {
    /// The objective of the first run.
    pub objective: ObjectiveId,
    /// The contrast or variable of the second study; absent where there is none.
    pub second: Option<String>,
    /// How it was matched, or why there is none.
    pub how: String,
    /// What of the first analysis could not be kept.
    pub changes: Vec<String>,
}

/// How the features named by the hypotheses were found in the second study.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifierCounts {
    /// Same identifier.
    pub by_id: usize,
    /// A shared accession.
    pub by_accession: usize,
    /// The same gene symbol.
    pub by_symbol: usize,
    /// The same symbol in another organism, a stand-in for orthology.
    pub by_orthologous_symbol: usize,
    /// Not found.
    pub not_found: usize,
}

/// A frozen hypothesis and its test in the second study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplicatedHypothesis {
    /// Its id in the first run.
    pub id: String,
    /// The hash it was frozen by.
    pub frozen: String,
    /// Its rank in the first run.
    pub rank: usize,
    /// Its sentence.
    pub statement: String,
    /// Its shape.
    pub archetype: Archetype,
    /// Its grade in the first run.
    pub first_grade: Grade,
    /// How it fared.
    pub grade: ReplicationGrade,
    /// Why, in one sentence.
    pub reason: String,
    /// The objective of the first run.
    pub objective: ObjectiveId,
    /// Which way it claims to go.
    pub direction: Direction,
    /// Effect of the leading claim in the first study.
    pub first_effect: Estimate,
    /// Effect of the leading claim in the second study; absent where it was not tested.
    pub effect: Option<Estimate>,
    /// Samples behind it.
    pub n: Option<SampleCounts>,
    /// One-sided p in the claimed direction: for several claims the largest of theirs (intersection–union).
    pub p: Option<f64>,
    /// The same after Holm's correction over the tested hypotheses.
    pub p_holm: Option<f64>,
    /// The same for the opposite direction.
    pub p_holm_opposite: Option<f64>,
    /// Chance of replication at the Bonferroni level, if the effect is the first one shrunk for its selection: of several
    /// claims the least. Absent where no standard error is known.
    pub power: Option<f64>,
    /// The shrunken effect of the leading claim.
    pub expected_effect: Option<f64>,
    /// Its claims, the leading one first.
    pub claims: Vec<ReplicatedClaim>,
}

/// One claim and its test in the second study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplicatedClaim {
    /// What it is about.
    pub subject: Entity,
    /// What was tested in its place.
    pub found_as: Option<Entity>,
    /// How it was found, or why it was not tested.
    pub how: String,
    /// Effect in the first study, in the unit of the hypothesis.
    pub first_effect: f64,
    /// Effect in the second study.
    pub effect: Option<Estimate>,
    /// Samples behind it.
    pub n: Option<SampleCounts>,
    /// One-sided p in the claimed direction.
    pub p: Option<f64>,
    /// Chance of p at the Bonferroni level at the shrunken effect.
    pub power: Option<f64>,
    /// Where its numbers stand, as `<step>/<table>/<key>` of the replication folder.
    pub evidence: Option<String>,
}

/// What random hypotheses, matched to the frozen ones, come to in the second cohort.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChanceBaseline {
    /// Random lists drawn, each as long as the list of tested hypotheses.
    pub draws: usize,
    /// Mean share of a random list that is replicated by the same rule.
    pub mean_share: f64,
    /// 5 % and 95 % quantile of that share.
    pub interval: [f64; 2],
    /// Share of the tested hypotheses that is replicated.
    pub observed_share: f64,
    /// (1 + lists with as many or more replicated) / (1 + lists).
    pub p: f64,
    /// What the random hypotheses were matched on.
    pub matched_on: String,
}
