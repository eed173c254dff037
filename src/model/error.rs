//! Why a model cannot be opened or used.

use std::path::PathBuf;

/// What went wrong with a local model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file that cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file or a setting that contradicts itself.
    #[error("{reason}")]
    Invalid {
        /// What is wrong.
        reason: String,
    },
    /// A kind of model, tokenizer or weights that this library does not run.
    #[error("{what} `{found}` is not supported; supported: {supported}")]
    Unsupported {
        /// What it is: an architecture, a pre-tokenizer, ...
        what: &'static str,
        /// What the file names.
        found: String,
        /// What would do.
        supported: String,
    },
    /// Something a model file must have and has not.
    #[error("`{path}` has no `{name}`")]
    Missing {
        /// The file.
        path: PathBuf,
        /// Key or tensor.
        name: String,
    },
    /// More tokens than the model reads.
    #[error("{tokens} tokens do not fit the context of {limit}")]
    TooLong {
        /// Tokens of question and reply.
        tokens: usize,
        /// The context.
        limit: usize,
    },
    /// A JSON Schema or a list of options that no reply can be constrained to.
    #[error("cannot constrain a reply: {reason}")]
    Constraint {
        /// Why.
        reason: String,
    },
    /// A conversation that the model's template refuses.
    #[error("the model's chat template refuses the conversation: {reason}")]
    Template {
        /// What it says.
        reason: String,
    },
    /// Threads that could not be started.
    #[error("cannot start threads: {reason}")]
    Threads {
        /// Why.
        reason: String,
    },
    /// The tensor library's own error.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

impl ModelError {
    /// Something that contradicts itself.
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid {
            reason: reason.into(),
        }
    }
}
