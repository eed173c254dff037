//! What models are expected to be asked, told before anything is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What models are expected to be asked, told before anything is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ModelForecast {
    /// Part by part, in the order in which they are asked.
    pub parts: Vec<ForecastPart>,
    /// Budgets that it comes up to, and where; empty where it stays within all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut_off: Vec<String>,
}

/// What one task of a role is expected to take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastPart {
    /// The role that is asked.
    pub role: String,
    /// What for.
    pub purpose: String,
    /// What is likely: every answer taken as it comes, replies as long as they have to be.
    pub likely: ForecastAmount,
    /// The most that is foreseen: every sentence sent back as often as it may be, prompts and replies as long as they may be.
    pub most: ForecastAmount,
}

/// Questions, tokens and money that are expected.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ForecastAmount {
    /// Questions.
    pub calls: usize,
    /// Tokens of questions.
    pub prompt_tokens: usize,
    /// Tokens of answers.
    pub reply_tokens: usize,
    /// Money, in the currency of the configured prices.
    pub money: f64,
}

/// Minutes that models on this machine are expected to take, at the pace measured before anything was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastMinutes {
    /// What is likely.
    pub likely: f64,
    /// The most that is foreseen.
    pub most: f64,
    /// Models whose pace was measured.
    pub of: Vec<String>,
    /// Models whose minutes are not in it, since they run elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Where the budget of minutes would end it; none where it would not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<String>,
}

impl ForecastAmount {
    /// The sum of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            prompt_tokens: self.prompt_tokens + other.prompt_tokens,
            reply_tokens: self.reply_tokens + other.reply_tokens,
            money: self.money + other.money,
        }
    }

    /// Tokens of questions and answers.
    pub fn tokens(&self) -> usize {
        self.prompt_tokens + self.reply_tokens
    }
}

impl ModelForecast {
    /// What is likely in all.
    pub fn likely(&self) -> ForecastAmount {
        let parts = self.parts.iter().map(|part| part.likely);
        parts.fold(ForecastAmount::default(), ForecastAmount::and)
    }

    /// The most that is foreseen in all.
    pub fn most(&self) -> ForecastAmount {
        let parts = self.parts.iter().map(|part| part.most);
        parts.fold(ForecastAmount::default(), ForecastAmount::and)
    }
}
