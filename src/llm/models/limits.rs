//! What may be spent, what may leave the process, and when a decision is handed to a slower backend.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What may leave this process. The desk builds no client in mode `offline`, and puts no question with values of single samples
/// in any mode but `full`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// Nothing: no client is even built, not for a server on this machine either.
    #[default]
    Offline,
    /// Aggregates and names of features; no value of a single sample.
    Summaries,
    /// Everything that a question needs.
    Full,
}

impl Privacy {
    /// Its name in configurations and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Summaries => "summaries",
            Self::Full => "full",
        }
    }

    /// Leave to put values of single samples into questions, which `full` alone gives.
    pub fn values_permit(self) -> Option<ValuesPermit> {
        (self == Self::Full).then_some(ValuesPermit(()))
    }
}

/// Leave to put values of single samples into questions. [`Privacy::values_permit`] is all that makes one, so that what needs
/// one to be built does not exist in the other modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValuesPermit(());

/// When a decision of a fast backend is handed to a slow one: its margin is too small, its reply fails the schema, or the
/// two orders of the options disagree. It applies wherever a chain reaches `fast`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Name of the backend that is asked first.
    pub fast: String,
    /// Name of the backend that decides what the fast one is not sure of.
    pub slow: String,
    /// Least margin (best weight less second best, 0 to 1) with which the fast backend decides.
    #[serde(default = "default_margin")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub margin: f64,
}

fn default_margin() -> f64 {
    0.2
}

/// The most that a run may spend on models; what is not given is not limited.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Questions put to backends; a repair question and the second order of a choice count as questions of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
    /// Tokens of questions and replies together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Money, in the currency of the backends' prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub money: Option<f64>,
    /// Minutes since the models were opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub minutes: Option<f64>,
}
