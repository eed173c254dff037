//! One question and what came of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backend::BackendInfo;
use crate::error::LlmError;
use crate::reply::{Choice, Reply, Usage};
use crate::request::Request;

/// What is asked of a backend, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "operation")]
pub enum Question {
    /// A reply.
    Complete {
        /// The question.
        request: Request,
    },
    /// A choice.
    Choose {
        /// The question.
        request: Request,
        /// What there is to choose from.
        options: Vec<String>,
    },
    /// A vector per text.
    Embed {
        /// The texts.
        texts: Vec<String>,
    },
    /// How good the last message is.
    Reward {
        /// The conversation.
        request: Request,
    },
}

impl Question {
    /// Hash of backend, model and question: the name of the exchange.
    pub fn key(&self, backend: &str, model: &str) -> String {
        let question = serde_json::to_value(self).unwrap_or(Value::Null);
        let whole = serde_json::json!([backend, model, question]);
        blake3::hash(whole.to_string().as_bytes())
            .to_hex()
            .to_string()
    }

    /// Whether it holds values of single samples.
    pub fn has_sample_values(&self) -> bool {
        match self {
            Self::Complete { request }
            | Self::Choose { request, .. }
            | Self::Reward { request } => request.has_sample_values(),
            Self::Embed { .. } => false,
        }
    }
}

/// What a backend made of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A reply.
    Reply(Reply),
    /// A choice.
    Choice(Choice),
    /// One vector per text.
    Vectors(Vec<Vec<f32>>),
    /// A reward.
    Score(f64),
    /// Nothing that can be used.
    Error(LlmError),
}

impl Outcome {
    /// Tokens, as far as the outcome itself tells them.
    fn usage(&self) -> Usage {
        match self {
            Self::Reply(reply) => reply.usage,
            Self::Choice(choice) => choice.usage,
            Self::Vectors(_) | Self::Score(_) | Self::Error(_) => Usage::default(),
        }
    }
}

/// One request that a remote backend sent for a question, and the answer, which is paid for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Hash of the body sent.
    pub body: String,
    /// The answer, as collected from the wire.
    pub answer: Value,
    /// Its tokens.
    pub usage: Usage,
}

/// One question and what came of it. There is no clock, no key and nothing of this machine in it, so that two equal runs
/// write equal bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Version of this form.
    pub version: u32,
    /// Hash of backend, model and question.
    pub key: String,
    /// Who was asked.
    pub backend: BackendInfo,
    /// What was asked.
    pub question: Question,
    /// Answers on the wire, in the order they came; empty where the backend runs in this process.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// What came of it; nothing while it is being asked, and after a crash in between.
    pub outcome: Option<Outcome>,
}

impl Exchange {
    /// The form that is written.
    pub const VERSION: u32 = 1;

    /// A question that is about to be asked.
    pub fn open(key: String, backend: BackendInfo, question: Question) -> Self {
        Self {
            version: Self::VERSION,
            key,
            backend,
            question,
            attempts: Vec::new(),
            outcome: None,
        }
    }

    /// Questions that were answered, and so paid for.
    pub fn calls(&self) -> u64 {
        if !self.attempts.is_empty() {
            return self.attempts.len() as u64;
        }
        match &self.outcome {
            None
            | Some(Outcome::Error(LlmError::Unsupported { .. } | LlmError::TooLong { .. })) => 0,
            Some(Outcome::Error(error)) if error.is_transient() => 0,
            Some(_) => 1,
        }
    }

    /// Tokens of all that was answered.
    pub fn usage(&self) -> Usage {
        if self.attempts.is_empty() {
            return self
                .outcome
                .as_ref()
                .map(Outcome::usage)
                .unwrap_or_default();
        }
        self.attempts
            .iter()
            .fold(Usage::default(), |sum, attempt| sum.and(attempt.usage))
    }
}
