//! Why a command did not end well, in the form people read.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;

use crate::content::ContentError;
use crate::knowledge::KnowledgeError;
use crate::run::RunError;
use crate::tool::{CatalogError, ToolError};

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; finding nothing is a result.
    Done,
    /// Bad input or configuration.
    BadInput,
    /// A model or service that was needed could not be asked.
    Unavailable,
    /// Stopped early; what was finished is kept.
    Stopped,
    /// A fault of Proteus itself.
    Bug,
}

impl Exit {
    /// The number the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::BadInput => 2,
            Self::Unavailable => 3,
            Self::Stopped => 4,
            Self::Bug => 70,
        }
    }
}

/// A command that did not end well.
#[derive(Debug)]
pub(super) enum Failure {
    /// The reader of our output went away, which is its right.
    ClosedPipe,
    /// Anything worth a message.
    Told {
        /// How the process ends.
        exit: Exit,
        /// What went wrong; lowercase, with the value in backticks.
        message: String,
        /// Why, outermost first.
        causes: Vec<String>,
        /// What to do about it.
        hint: Option<String>,
    },
}

impl Failure {
    /// Bad input or configuration.
    pub(super) fn bad_input(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Told {
            exit: Exit::BadInput,
            message: message.into(),
            causes: Vec::new(),
            hint: Some(hint.into()),
        }
    }

    /// From an error whose text may end in a line `hint: …`.
    pub(super) fn from_error(exit: Exit, error: &dyn Error) -> Self {
        let text = error.to_string();
        let (message, hint) = match text.split_once("\nhint: ") {
            Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
            None => (text, None),
        };
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !message.contains(&text) {
                causes.push(text);
            }
            source = cause.source();
        }
        Self::Told {
            exit,
            message,
            causes,
            hint,
        }
    }

    /// A file of ours that cannot be read.
    pub(super) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::bad_input(
            format!("cannot read `{}`: {error}", path.display()),
            "check the spelling and that the file may be read",
        )
    }

    /// How the process ends.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::ClosedPipe => Exit::Done,
            Self::Told { exit, .. } => *exit,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Told {
            message,
            causes,
            hint,
            ..
        } = self
        else {
            return Ok(());
        };
        writeln!(f, "error: {message}")?;
        for cause in causes {
            writeln!(f, "  cause: {cause}")?;
        }
        if let Some(hint) = hint {
            writeln!(f, "hint: {hint}")?;
        }
        Ok(())
    }
}

/// Errors of writing to standard output; files are written by the run store.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ClosedPipe;
        }
        Self::bad_input(
            format!("cannot write to standard output: {error}"),
            "send the output to a place with free space",
        )
    }
}

impl From<ContentError> for Failure {
    fn from(error: ContentError) -> Self {
        Self::from_error(Exit::BadInput, &error)
    }
}

impl From<KnowledgeError> for Failure {
    fn from(error: KnowledgeError) -> Self {
        Self::from_error(Exit::BadInput, &error)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::from_error(Exit::BadInput, &error)
    }
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        Self::from_error(Exit::Bug, &error)
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        let exit = match error {
            ToolError::Internal { .. } => Exit::Bug,
            _ => Exit::BadInput,
        };
        Self::from_error(exit, &error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(kind) => io::Error::from(kind).into(),
            None => Self::from_error(Exit::Bug, &error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn the_hint_of_an_error_stands_on_a_line_of_its_own() {
        let failure = Failure::from(RunError::NoRuns {
            parent: PathBuf::from("runs"),
        });
        let text = failure.to_string();
        assert!(
            text.starts_with("error: no run under `runs`\nhint: "),
            "{text}"
        );
        assert_eq!(failure.exit().code(), 2);
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(failure.exit(), Exit::Done);
        assert_eq!(failure.to_string(), "");
    }
}
