//! What is asked of a model.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::models::ValuesPermit;

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// Standing instructions.
    System,
    /// Who asks.
    User,
    /// The model, in an earlier turn.
    Assistant,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub speaker: Speaker,
    /// What is said.
    pub text: String,
}

impl Message {
    /// Standing instructions.
    pub fn system(text: impl Into<String>) -> Self {
        Self {
            speaker: Speaker::System,
            text: text.into(),
        }
    }

    /// A question.
    pub fn user(text: impl Into<String>) -> Self {
        Self {
            speaker: Speaker::User,
            text: text.into(),
        }
    }

    /// An earlier answer.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self {
            speaker: Speaker::Assistant,
            text: text.into(),
        }
    }
}

/// The form a reply must have.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyForm {
    /// Prose.
    #[default]
    Text,
    /// One JSON value that this JSON Schema admits; a backend that cannot force it asks in words, and the reply is validated
    /// in every case.
    Json {
        /// A short name of the schema, `[a-z_]+`.
        name: String,
        /// The schema.
        schema: Value,
    },
}

/// One question to a model. Everything that can change the answer is in it, so that its hash names the exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The conversation so far, the question last.
    pub messages: Vec<Message>,
    /// The form of the reply.
    #[serde(default)]
    pub form: ReplyForm,
    /// Tokens of the reply at most.
    pub max_tokens: usize,
    /// 0 = the most likely token every time.
    pub temperature: f64,
    /// Seed of the sampling, for backends that take one.
    pub seed: u64,
    /// Texts that end the reply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Whether it holds values of single samples; set by who has leave to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) sample_values: bool,
}

impl Request {
    /// A greedy request for prose.
    pub fn text(messages: Vec<Message>, max_tokens: usize) -> Self {
        Self {
            messages,
            form: ReplyForm::Text,
            max_tokens,
            temperature: 0.0,
            seed: 1,
            stop: Vec::new(),
            sample_values: false,
        }
    }

    /// A greedy request for one JSON value under `schema`.
    pub fn json(messages: Vec<Message>, max_tokens: usize, name: &str, schema: Value) -> Self {
        Self {
            form: ReplyForm::Json {
                name: name.to_owned(),
                schema,
            },
            ..Self::text(messages, max_tokens)
        }
    }

    /// The same request, marked as one that holds values of single samples.
    #[must_use]
    pub fn with_sample_values(mut self, _leave: ValuesPermit) -> Self {
        self.sample_values = true;
        self
    }

    /// Whether it holds values of single samples.
    pub fn has_sample_values(&self) -> bool {
        self.sample_values
    }
}
