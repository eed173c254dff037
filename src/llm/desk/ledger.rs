//! Who was asked for what, and who answered.

use serde::{Deserialize, Serialize};

use crate::error::LlmError;
use crate::reply::Usage;
use crate::role::Role;

/// A backend that was asked and whose answer was not used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// The backend.
    pub backend: String,
    /// Its exchange.
    pub exchange: String,
    /// Why its answer was not used.
    pub error: LlmError,
}

/// A decision that went from the fast backend to the slow one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    /// The fast backend.
    pub from: String,
    /// Its exchange.
    pub exchange: String,
    /// Why it was not sure.
    pub reason: String,
    /// What it would have chosen, where it chose.
    pub chosen: Option<usize>,
}

/// One thing asked and who answered it. Equal runs have equal ledgers, replays too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// In which role.
    pub role: Role,
    /// For what.
    pub purpose: String,
    /// Who answered; nothing where nobody could and rules decide.
    pub backend: Option<String>,
    /// The model, as it names itself.
    pub model: Option<String>,
    /// The exchange.
    pub exchange: Option<String>,
    /// Index of the option chosen, where there were options.
    pub chosen: Option<usize>,
    /// How sure: best weight less second best, where there were options.
    pub margin: Option<f64>,
    /// Index of the option that rules would have chosen, where they say.
    pub baseline: Option<usize>,
    /// Whether the slow backend was asked, and why.
    pub handed_over: Option<HandOver>,
    /// Backends asked before whose answer was not used.
    pub tried: Vec<Tried>,
    /// Tokens of all that was asked for this, whether used or not.
    pub usage: Usage,
    /// Money for it, in the currency of the prices.
    pub money: f64,
    /// Whether values of single samples were asked about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample_values: bool,
}

impl Decision {
    pub(super) fn new(role: Role, purpose: &str, baseline: Option<usize>) -> Self {
        Self {
            role,
            purpose: purpose.to_owned(),
            backend: None,
            model: None,
            exchange: None,
            chosen: None,
            margin: None,
            baseline,
            handed_over: None,
            tried: Vec::new(),
            usage: Usage::default(),
            money: 0.0,
            sample_values: false,
        }
    }
}
