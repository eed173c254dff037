//! What a model is asked for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A part that a model can play; a configuration maps each to a chain of backends.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Chooses and adds questions before any result.
    Proposer,
    /// Chooses among plans that are legal without it.
    Planner,
    /// Sums up what a question found.
    Interpreter,
    /// Words hypotheses.
    Writer,
    /// Looks for rival explanations.
    Critic,
    /// Scores hypotheses; several models can judge side by side.
    Judge,
    /// Turns texts into vectors.
    Embedder,
}

impl Role {
    /// Every role, in the order of a run.
    pub const ALL: [Self; 7] = [
        Self::Proposer,
        Self::Planner,
        Self::Interpreter,
        Self::Writer,
        Self::Critic,
        Self::Judge,
        Self::Embedder,
    ];

    /// Its name in configurations and ledgers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposer => "proposer",
            Self::Planner => "planner",
            Self::Interpreter => "interpreter",
            Self::Writer => "writer",
            Self::Critic => "critic",
            Self::Judge => "judge",
            Self::Embedder => "embedder",
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn names_are_those_that_are_written() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
    }
}
