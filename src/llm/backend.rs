//! The contract of a backend.

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::error::LlmError;
use crate::reply::{Choice, Reply};
use crate::request::Request;

/// An answer that is still being made.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, LlmError>> + Send + 'a>>;

/// Where a model runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In this process; nothing leaves the machine.
    Here,
    /// Behind an address; what is asked leaves this process.
    Remote {
        /// Base address, without key.
        address: String,
    },
}

/// What a backend is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendInfo {
    /// Its name in the configuration.
    pub name: String,
    /// Its kind: `scripted`, `cassette`, `openai`, `local`.
    pub kind: String,
    /// The model, as asked for.
    pub model: String,
    /// Where it runs.
    pub place: Place,
    /// Tokens of question and reply together, where known.
    pub context: Option<usize>,
}

/// How fast a model works.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// Tokens of questions read in a second.
    pub prompt_per_second: f64,
    /// Tokens of replies written in a second.
    pub reply_per_second: f64,
}

impl Pace {
    /// Seconds for so many tokens of questions, none of their work reused, and of replies.
    pub fn seconds(self, prompt_tokens: f64, reply_tokens: f64) -> f64 {
        prompt_tokens / self.prompt_per_second + reply_tokens / self.reply_per_second
    }
}

/// Something that answers questions in words. Everything but `complete` is optional.
pub trait Backend: Send + Sync {
    /// What it is.
    fn describe(&self) -> BackendInfo;

    /// Answers a question. Where JSON was asked for, the reply's `value` is there and has passed the schema.
    fn complete<'a>(&'a self, request: &'a Request) -> Answer<'a, Reply>;

    /// Chooses one of `options`, which complete the reply to `request`; without bias from their order.
    fn choose<'a>(&'a self, request: &'a Request, options: &'a [String]) -> Answer<'a, Choice> {
        let _ = (request, options);
        unsupported(self.describe(), "choose among options")
    }

    /// One vector of unit length per text.
    fn embed<'a>(&'a self, texts: &'a [String]) -> Answer<'a, Vec<Vec<f32>>> {
        let _ = texts;
        unsupported(self.describe(), "embed texts")
    }

    /// How good the last message of a conversation is, by a reward model; higher is better, no unit.
    fn reward<'a>(&'a self, request: &'a Request) -> Answer<'a, f64> {
        let _ = request;
        unsupported(self.describe(), "score an answer")
    }

    /// How fast it works, measured by a short question of its own that is kept nowhere; nothing where it runs on another
    /// machine, whose speed is not known from here.
    fn pace<'a>(&'a self) -> Answer<'a, Option<Pace>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// The error of a backend that cannot do `what`.
pub(crate) fn unsupported<'a, T: Send + 'a>(backend: BackendInfo, what: &str) -> Answer<'a, T> {
    let error = LlmError::Unsupported {
        backend: backend.name,
        what: what.to_owned(),
    };
    Box::pin(std::future::ready(Err(error)))
}
