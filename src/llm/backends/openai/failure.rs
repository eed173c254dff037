//! What can go wrong between a request and its answer, and what it means.

use std::time::Duration;

use async_openai::error::OpenAIError;

use crate::error::LlmError;

/// A request that got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The service said no.
    #[error("status {status}: {body}")]
    Status {
        status: u16,
        /// How long it asks to wait.
        wait: Option<Duration>,
        body: String,
    },
    /// No connection, or one that broke before the answer was whole.
    #[error("{0}")]
    Connection(String),
    /// Nothing, or not everything, in time.
    #[error("no answer within {} s", .0.as_secs())]
    Slow(Duration),
    /// Something that is no answer.
    #[error("{0}")]
    Nonsense(String),
    /// An error that is not the service's: the budget, the disk.
    #[error(transparent)]
    Ours(LlmError),
}

impl From<OpenAIError> for Failure {
    fn from(error: OpenAIError) -> Self {
        match error {
            OpenAIError::Boxed(boxed) => match boxed.downcast::<Self>() {
                Ok(failure) => *failure,
                Err(other) => Self::Connection(other.to_string()),
            },
            OpenAIError::JSONDeserialize(error, _) => {
                Self::Nonsense(format!("no JSON came back: {error}"))
            }
            OpenAIError::Reqwest(error) => Self::from_reqwest(&error),
            other => Self::Connection(other.to_string()),
        }
    }
}

impl Failure {
    /// A failure of the client, with its causes and without the address, which the error of a backend has no need of.
    pub(super) fn from_reqwest(error: &reqwest::Error) -> Self {
        let mut words = Vec::new();
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(error) = cause {
            words.push(error.to_string());
            cause = error.source();
        }
        Self::Connection(words.join(": "))
    }

    /// Whether the same request may get an answer in a while.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Status { status, body, .. } => match status {
                429 => !self.says(&["insufficient_quota", "billing"]),
                408 | 409 | 502..=504 | 529 => true,
                500 => !names_the_form(body),
                _ => false,
            },
            Self::Connection(_) => true,
            Self::Slow(_) | Self::Nonsense(_) | Self::Ours(_) => false,
        }
    }

    /// How long the service asks to wait.
    pub(super) fn wait(&self) -> Option<Duration> {
        match self {
            Self::Status { wait, .. } => *wait,
            _ => None,
        }
    }

    /// Whether the service said one of these words.
    pub(super) fn says(&self, words: &[&str]) -> bool {
        let Self::Status { body, .. } = self else {
            return false;
        };
        let body = body.to_lowercase();
        words.iter().any(|word| body.contains(word))
    }

    /// Whether the service does not take the form in which JSON was asked for.
    pub(super) fn refuses_the_form(&self) -> bool {
        matches!(self, Self::Status { status: 400 | 404 | 422 | 500 | 501, body, .. } if names_the_form(body))
    }

    /// The error of a backend.
    pub(super) fn into_error(
        self,
        backend: &str,
        tokens: usize,
        context: Option<usize>,
    ) -> LlmError {
        let backend = backend.to_owned();
        if self.tells_too_long() {
            return LlmError::TooLong {
                backend,
                tokens,
                limit: context.or_else(|| self.context_named()).unwrap_or_default(),
            };
        }
        if self.says(&[
            "content_filter",
            "content_policy",
            "content management policy",
        ]) {
            return LlmError::Refused {
                backend,
                reason: self.to_string(),
            };
        }
        match self {
            Self::Ours(error) => error,
            Self::Slow(limit) => LlmError::TimedOut {
                backend,
                seconds: limit.as_secs(),
            },
            Self::Nonsense(reason) => LlmError::Garbled { backend, reason },
            failure => LlmError::Unavailable {
                backend,
                reason: failure.to_string(),
            },
        }
    }

    fn tells_too_long(&self) -> bool {
        matches!(
            self,
            Self::Status {
                status: 400 | 413 | 422 | 500,
                ..
            }
        ) && self.says(&[
            "context_length",
            "context length",
            "context size",
            "context window",
            "maximum context",
            "exceed_context",
            "too many tokens",
            "prompt is too long",
        ])
    }

    /// The context that the service names in its error, where it does as llama.cpp does.
    fn context_named(&self) -> Option<usize> {
        let Self::Status { body, .. } = self else {
            return None;
        };
        let error: serde_json::Value = serde_json::from_str(body).ok()?;
        let limit = error.pointer("/error/n_ctx")?.as_u64()?;
        usize::try_from(limit).ok()
    }
}

fn names_the_form(body: &str) -> bool {
    let body = body.to_lowercase();
    [
        "response_format",
        "json_schema",
        "json_object",
        "schema",
        "grammar",
        "guided",
    ]
    .iter()
    .any(|word| body.contains(word))
}
