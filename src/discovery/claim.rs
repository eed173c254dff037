//! Typed claims: the checkable content of a hypothesis sentence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, FindingId, Relation};

/// Which way an effect goes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Up in the target, or rising with the variable.
    Higher,
    /// Down in the target, or falling with the variable.
    Lower,
    /// The test has no direction (an F test over several levels).
    Undirected,
}

impl Direction {
    /// The direction of an effect; zero and NaN have none.
    pub fn of(effect: f64) -> Self {
        if effect > 0.0 {
            Self::Higher
        } else if effect < 0.0 {
            Self::Lower
        } else {
            Self::Undirected
        }
    }
}

/// One measured statement: subject, relation, object, number and the finding that carries it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// What it is about.
    pub subject: Entity,
    /// The directed relation.
    pub relation: Relation,
    /// What the subject is related to.
    pub object: Entity,
    /// Which way.
    pub direction: Direction,
    /// The effect, in `unit`.
    pub value: f64,
    /// Unit of `value`.
    pub unit: String,
    /// The finding it rests on.
    pub finding: FindingId,
}
