//! The hypothesis record: what is claimed, on what evidence, how sure, what speaks against it and what would refute it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Attack, Claim, Direction, Entity, Estimate, FindingId, FiveAxes, Frozen, ObjectiveId, PValue,
    QValue, SampleCounts,
};

/// The shapes of hypothesis the drafter knows. One archetype of one objective is one stratum of the menu.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Archetype {
    /// A protein differs between two arms.
    DifferentialProtein,
    /// A protein varies over three or more groups.
    ProteinAcrossGroups,
    /// A protein rises or falls with a continuous variable.
    ProteinAssociation,
    /// A protein changes over a series of times.
    TimeCourse,
    /// A protein rises or falls with the dose.
    DoseTrend,
    /// A pathway shifts between two arms, over and above all proteins.
    PathwayShift,
    /// A complex shifts between two arms, over and above all proteins.
    ComplexShift,
    /// A protein is detected in one arm and not in the other.
    DetectionSwitch,
    /// A modified site changes between two arms beyond what its protein does.
    SiteBeyondProtein,
    /// A protein changes between two arms beyond what its RNA does.
    ProteinBeyondRna,
    /// A gene's own mutations go with the abundance of its product.
    MutationEffect,
    /// A gene is mutated more often in one arm (an edge of chains).
    MutationDifference,
    /// A gene's own copy number goes with the abundance of its product.
    CopyNumberEffect,
    /// The activity of a pathway or regulator, judged by its footprint, differs between two arms.
    RegulatorActivity,
    /// Measured edges about one gene joined: a contrast in copy number or RNA, and in protein.
    Chain,
    /// Proteins detected in one arm and not in the other, more of them than chance and run depth give.
    DetectionPanel,
    /// A data-driven subtype of the samples is associated with an outside variable.
    SubtypeAssociation,
    /// A principal component of the samples is associated with an outside variable.
    ComponentAssociation,
    /// A set is over-represented among selected proteins (supporting evidence only).
    OverRepresentation,
}

/// How sure, in words with a defined meaning.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Hypothesis q ≤ 0.05, enough residual degrees of freedom, no failed check.
    Supported,
    /// Hypothesis q ≤ 0.25, or held back one step by a check.
    Suggestive,
    /// Not controlled: a lead, not a finding.
    Exploratory,
    /// The data speak against it.
    Contradicted,
}

impl Grade {
    /// One step less sure; `Exploratory` and `Contradicted` stay.
    pub fn lowered(self) -> Self {
        match self {
            Self::Supported => Self::Suggestive,
            Self::Suggestive | Self::Exploratory => Self::Exploratory,
            Self::Contradicted => Self::Contradicted,
        }
    }

    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Suggestive => "suggestive",
            Self::Exploratory => "exploratory",
            Self::Contradicted => "contradicted",
        }
    }
}

/// The error control behind a grade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorRate {
    /// The null hypothesis in words: what is unrelated to what, given what, within which strata.
    pub null: String,
    /// How its decoys were made, in words.
    pub decoys: String,
    /// The stratum of the menu (objective / archetype / assay).
    pub stratum: String,
    /// Members of the stratum.
    pub stratum_size: usize,
    /// Decoy p-value.
    pub p_decoy: PValue,
    /// p-value used: the larger of decoy and analytic where residual degrees of freedom are few.
    pub p: PValue,
    /// q within the stratum.
    pub q_stratum: QValue,
    /// q over the whole menu (Benjamini–Bogomolov).
    pub q: QValue,
    /// Smallest q the number of decoys can show; a q at the floor is printed as "< floor".
    pub floor: f64,
    /// Decoys made for this stratum.
    pub n_decoys: usize,
}

/// A caution about the measurement behind a hypothesis.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Flag {
    /// Short machine name, for example `few_peptides`.
    pub code: String,
    /// The caution in words, with its numbers.
    pub text: String,
    /// Whether it lowers the grade by one step.
    pub lowers_grade: bool,
}

/// One variation of the analysis and whether the claim survived it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RobustnessRow {
    /// What was varied, for example `normalisation = quantile`.
    pub choice: String,
    /// Effect under the variation.
    pub effect: f64,
    /// p under the variation.
    pub p: f64,
    /// Same sign and p at most 0.05.
    pub held: bool,
}

/// How the claim fares when reasonable choices are changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Robustness {
    /// Variations under which it held.
    pub held: usize,
    /// Variations tried.
    pub tried: usize,
    /// The first choice that breaks it.
    pub breaking: Option<String>,
    /// Refits without one sample or donor that kept the sign and p ≤ 0.05, and how many were done; of a panel those of its
    /// weakest member.
    pub leave_one_out: Option<(usize, usize)>,
    /// Every variation.
    pub rows: Vec<RobustnessRow>,
}

/// An edge of the mechanism path: measured in this run or taken from a knowledge pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MechanismEdge {
    /// From.
    pub from: Entity,
    /// Verb phrase.
    pub relation: super::Relation,
    /// To.
    pub to: Entity,
    /// Finding id, or `pack version`.
    pub source: String,
    /// Whether the edge was measured in this run.
    pub measured: bool,
}

/// A pack entry that bears on the hypothesis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SupportReference {
    /// Pack name and version.
    pub pack: String,
    /// Entry, for example a set or term id.
    pub entry: String,
    /// What it says.
    pub text: String,
    /// Whether it speaks for the hypothesis.
    pub supports: bool,
}

/// The experiment that would test the hypothesis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NextExperiment {
    /// The assay.
    pub assay: String,
    /// Samples per arm for 80 % power at the shrunken effect, two-sided 5 %; absent where no variance is known.
    pub samples_per_arm: Option<usize>,
    /// Effect to expect, shrunk for selection, in `unit` of the hypothesis.
    pub expected_effect: Option<f64>,
    /// Standard deviation between samples of one arm, same unit.
    pub standard_deviation: Option<f64>,
    /// The plan in one or two sentences.
    pub text: String,
}

/// A hypothesis worth a scientist's time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hypothesis {
    /// Identifier from the content, stable over reruns.
    pub id: String,
    /// What it claims, frozen by hash when it was written; absent in runs of earlier versions.
    #[serde(default)]
    pub frozen: Option<Frozen>,
    /// Place in the ranking, from 1.
    pub rank: usize,
    /// One sentence.
    pub statement: String,
    /// Its shape.
    pub archetype: Archetype,
    /// The objective it answers.
    pub objective: ObjectiveId,
    /// Dataset, assay and samples it holds for.
    pub context: String,
    /// How sure.
    pub grade: Grade,
    /// Why this grade and not a higher one.
    pub grade_reasons: Vec<String>,
    /// Error control.
    pub error_rate: ErrorRate,
    /// S = −log10 p of the leading finding.
    pub evidence_score: f64,
    /// Which way.
    pub direction: Direction,
    /// `variable:target-reference`, where there are two arms.
    pub contrast: Option<String>,
    /// Everything it names.
    pub entities: Vec<Entity>,
    /// Effect of the leading finding, with interval at the false-coverage-corrected level.
    pub effect: Estimate,
    /// Samples behind the leading finding.
    pub n: SampleCounts,
    /// What the sentence says, checkable.
    pub claims: Vec<Claim>,
    /// Findings it rests on, the leading one first; never empty.
    pub findings: Vec<FindingId>,
    /// Measured and knowledge edges that connect its entities.
    pub mechanism: Vec<MechanismEdge>,
    /// Tests of the stratum it was chosen from.
    pub tests_considered: usize,
    /// Every attack on it and what came of it.
    #[serde(default)]
    pub attacks: Vec<Attack>,
    /// Variations of the analysis.
    pub robustness: Robustness,
    /// Cautions.
    pub flags: Vec<Flag>,
    /// Rival explanations.
    pub alternatives: Vec<String>,
    /// The observable outcome that would refute it; never empty.
    pub refuted_by: String,
    /// What to do next.
    pub next_experiment: NextExperiment,
    /// Pack entries that bear on it.
    pub support: Vec<SupportReference>,
    /// Scores, rule part.
    pub scores: FiveAxes,
    /// Hypotheses folded into this one as near-duplicates.
    pub absorbed: Vec<String>,
}

/// Why a draft may not be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("hypothesis `{id}` cannot be saved: it has no {missing}")]
pub struct DraftError {
    /// The draft.
    pub id: String,
    /// The part that is missing.
    pub missing: &'static str,
}

impl Hypothesis {
    /// Refuses a record that lacks findings, claims, a refuting outcome, samples or a next experiment.
    pub fn check(&self) -> Result<(), DraftError> {
        let missing = if self.findings.is_empty() {
            Some("findings")
        } else if self.claims.is_empty() {
            Some("claims")
        } else if self.refuted_by.trim().is_empty() {
            Some("refuting outcome")
        } else if self.n.total == 0 {
            Some("samples")
        } else if self.next_experiment.text.trim().is_empty() {
            Some("next experiment")
        } else {
            None
        };
        match missing {
            Some(missing) => Err(DraftError {
                id: self.id.clone(),
                missing,
            }),
            None => Ok(()),
        }
    }
}
