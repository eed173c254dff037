//! Attacks: what was done to break a hypothesis before it was graded, and how it came out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The ways a hypothesis is attacked.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AttackKind {
    /// Other reasonable analyses of the same question.
    Multiverse,
    /// Other variables and contamination scores in the model, one at a time and together.
    Confounding,
    /// Skin, blood, plasma or muscle that came along with some samples, as an explanation of the claim.
    Contamination,
    /// Lists of genes drawn at random, as an explanation of an activity judged by its footprint.
    RandomLists,
    /// Whether the variable was computed from the very proteins that are compared with it.
    Circularity,
    /// The measurement of the proteins named.
    Measurement,
    /// The claim without any one sample or donor.
    Influence,
    /// Rival explanations that the run itself offers.
    Alternatives,
    /// The chance that the design shows an effect of the size to be expected.
    Power,
}

impl AttackKind {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Multiverse => "other analyses",
            Self::Confounding => "confounding",
            Self::Contamination => "contamination",
            Self::RandomLists => "random lists",
            Self::Circularity => "circularity",
            Self::Measurement => "measurement",
            Self::Influence => "influence",
            Self::Alternatives => "alternatives",
            Self::Power => "power",
        }
    }
}

/// One attack on one hypothesis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attack {
    /// Which.
    pub kind: AttackKind,
    /// What came of it, with its numbers.
    pub outcome: String,
    /// Whether it lowered the grade by one step.
    pub lowered: bool,
}
