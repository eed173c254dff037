//! Why a model gave no answer that can be used.

use serde::{Deserialize, Serialize};

/// What went wrong with a question. It is stored with the exchange, so that a replay fails where the run failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum LlmError {
    /// The backend cannot do this at all.
    #[error("backend `{backend}` cannot {what}")]
    Unsupported {
        /// The backend.
        backend: String,
        /// What was asked of it.
        what: String,
    },
    /// A setting that cannot work: a key that is missing, an address that is none, a file that is no model.
    #[error("backend `{backend}`: {reason}")]
    Configuration {
        /// The backend.
        backend: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Not reachable, or failing after every retry.
    #[error("backend `{backend}` is not available: {reason}")]
    Unavailable {
        /// The backend.
        backend: String,
        /// The last failure.
        reason: String,
    },
    /// The service understood and will not answer.
    #[error("backend `{backend}` refused: {reason}")]
    Refused {
        /// The backend.
        backend: String,
        /// What it said.
        reason: String,
    },
    /// No answer in time.
    #[error("backend `{backend}` gave no answer within {seconds} s")]
    TimedOut {
        /// The backend.
        backend: String,
        /// The limit.
        seconds: u64,
    },
    /// The answer was cut off where a whole one was needed.
    #[error("backend `{backend}` was cut off after {tokens} tokens")]
    Truncated {
        /// The backend.
        backend: String,
        /// Tokens of the reply.
        tokens: usize,
    },
    /// An answer that is not what was asked for: no JSON, JSON that the schema refuses, a loop of the same words.
    #[error("backend `{backend}` answered with something else than asked: {reason}")]
    Garbled {
        /// The backend.
        backend: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The question is longer than the model's context.
    #[error(
        "the question has about {tokens} tokens, backend `{backend}` reads {limit} together with its reply"
    )]
    TooLong {
        /// The backend.
        backend: String,
        /// Tokens of question and reply.
        tokens: usize,
        /// The context.
        limit: usize,
    },
    /// The budget of the run is used up.
    #[error("the budget of {what} is used up ({used} of {limit})")]
    Budget {
        /// Calls, tokens, money or minutes.
        what: String,
        /// Used so far.
        used: String,
        /// The limit.
        limit: String,
    },
    /// A replay asked something that was not recorded.
    #[error("exchange `{key}` was not recorded")]
    NotRecorded {
        /// Hash of the question.
        key: String,
    },
    /// The exchange could not be stored; nothing is used that is not stored.
    #[error("cannot store an exchange: {reason}")]
    Storage {
        /// Why.
        reason: String,
    },
}

impl LlmError {
    /// Whether the next backend of a chain may be asked: this one cannot, will not, or did not do it well.
    pub fn passes_on(&self) -> bool {
        matches!(
            self,
            Self::Unsupported { .. }
                | Self::Unavailable { .. }
                | Self::Refused { .. }
                | Self::TimedOut { .. }
                | Self::Truncated { .. }
                | Self::Garbled { .. }
                | Self::TooLong { .. }
        )
    }

    /// Whether the same question may get an answer later: then a run that is resumed asks it again.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. } | Self::TimedOut { .. } | Self::Budget { .. }
        )
    }

    /// Whether whoever asked is to decide by its rules: no backend answers the role, or its chain ends in `rules` and every
    /// backend before failed.
    pub fn leaves_it_to_rules(&self) -> bool {
        matches!(self, Self::Unsupported { backend, .. } if backend == RULES)
    }
}

/// The name by which a chain says that rules decide where no backend could.
pub const RULES: &str = "rules";
