//! What a model answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model was done.
    Done,
    /// The limit of tokens cut it off.
    Truncated,
    /// The service held it back.
    Refused,
    /// The service did not say.
    Unknown,
}

/// Tokens of one exchange, as the backend counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the question.
    pub prompt_tokens: usize,
    /// Of these, tokens whose work was reused from an earlier question.
    #[serde(default)]
    pub reused_tokens: usize,
    /// Tokens of the answer.
    pub reply_tokens: usize,
}

impl Usage {
    /// The sum of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            prompt_tokens: self.prompt_tokens + other.prompt_tokens,
            reused_tokens: self.reused_tokens + other.reused_tokens,
            reply_tokens: self.reply_tokens + other.reply_tokens,
        }
    }

    /// Tokens of question and reply.
    pub fn total(self) -> usize {
        self.prompt_tokens + self.reply_tokens
    }
}

/// A model's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The text, reasoning in `<think>` taken out.
    pub text: String,
    /// The JSON value, validated, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens.
    pub usage: Usage,
    /// The model that answered, as it names itself.
    pub model: String,
}

/// How a choice was read off a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HowChosen {
    /// From the probabilities of the options' tokens, averaged over two orders of the options.
    Probabilities,
    /// From what it wrote, asked in two orders of the options.
    Replies,
}

/// Which of several options a model would take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Index of the option chosen.
    pub index: usize,
    /// A weight per option, in the order they were given; they sum to 1.
    pub weights: Vec<f64>,
    /// Best weight less second best; the whole where there is one option.
    pub margin: f64,
    /// Whether both orders of the options gave the same choice.
    pub orders_agree: bool,
    /// How it was read.
    pub how: HowChosen,
    /// Tokens.
    pub usage: Usage,
    /// The model that answered, as it names itself.
    pub model: String,
}
