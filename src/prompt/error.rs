//! Why a prompt cannot be used.

use crate::content::ContentError;

/// What is wrong with a prompt.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// It is not there or not text.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Its front matter or its parts are not as they should be.
    #[error("prompt `{path}`: {reason}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// It does not render with what it was given.
    #[error("prompt `{path}` does not render: {reason}")]
    Template {
        /// The file.
        path: String,
        /// The engine's reason.
        reason: String,
    },
    /// What it was given makes it longer than it may be.
    #[error("prompt `{path}` has about {tokens} tokens and may have {limit}")]
    TooLong {
        /// The file.
        path: String,
        /// Estimate.
        tokens: usize,
        /// Limit in its front matter.
        limit: usize,
    },
}
