//! The five axes on which a hypothesis is scored, 1 to 5 each, rule part and judged part kept apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The score of one axis and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AxisScore {
    /// 1 (worst) to 5 (best); absent when the axis could not be assessed.
    #[schemars(range(min = 1, max = 5))]
    pub rule: Option<u8>,
    /// Why this score, in one sentence.
    pub because: String,
}

impl AxisScore {
    /// A score clamped into 1..=5.
    pub fn of(score: i32, because: impl Into<String>) -> Self {
        Self {
            rule: Some(score.clamp(1, 5) as u8),
            because: because.into(),
        }
    }

    /// An axis for which there was nothing to go by.
    pub fn not_assessed(because: impl Into<String>) -> Self {
        Self {
            rule: None,
            because: because.into(),
        }
    }
}

/// Scores on all five axes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FiveAxes {
    /// How far the numbers can be relied on: q, robustness, influence, flags.
    pub reliability: AxisScore,
    /// Whether the mechanism path hangs together and its signs agree.
    pub coherence: AxisScore,
    /// Whether knowledge packs, and papers where any were looked at, support or contradict it.
    pub alignment: AxisScore,
    /// How little of it is already in the packs and in papers looked at, and how surprising it was.
    pub novelty: AxisScore,
    /// How directly it can be tested.
    pub evaluability: AxisScore,
}
