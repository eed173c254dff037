//! What can go wrong in the review room, each with the way out.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::report::ReportError;
use crate::run::RunError;

use super::record::Fault;

/// Why a review was not kept or cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The run or its reviews cannot be read or written.
    #[error(transparent)]
    Run(RunError),
    /// The run cannot be shown.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// No space left; nothing of the review was written.
    #[error("no space left to write `{}`; the review was not kept, and nothing half-written is left\nhint: free some space and send it again", path.display())]
    DiskFull {
        /// The file being written.
        path: PathBuf,
    },
    /// Another process holds the lock for too long.
    #[error("`{}` has been held by another process for {seconds} s\nhint: close other review rooms of this run, then send it again", path.display())]
    Busy {
        /// The lock.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A journal of a newer version.
    #[error("`{}` has review format `{found}`; this version reads format `{known}`\nhint: use the version of Proteus that wrote it", path.display())]
    Format {
        /// The journal.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The format understood.
        known: u32,
    },
    /// A name that is none.
    #[error(
        "`{name}` cannot be the name of a reviewer: {rule}\nhint: give a name of letters on one line"
    )]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        rule: String,
    },
    /// Nobody of this name has reviewed the run.
    #[error(
        "no reviewer `{wanted}` in this run: {known}\nhint: start with a name on the first page of the run"
    )]
    UnknownReviewer {
        /// Who was asked for.
        wanted: String,
        /// Who there is.
        known: String,
    },
    /// The run has no such hypothesis.
    #[error(
        "no hypothesis `{wanted}` in this run, which has {found}\nhint: go back to the list of its hypotheses"
    )]
    UnknownHypothesis {
        /// What was asked for.
        wanted: String,
        /// How many there are.
        found: usize,
    },
    /// No such run in the folder of runs.
    #[error("no run `{wanted}` in the folder of runs\nhint: go back to the list of runs")]
    UnknownRun {
        /// What was asked for.
        wanted: String,
    },
    /// The run cannot be reviewed.
    #[error("run `{run}` cannot be reviewed: {reason}")]
    NotReviewable {
        /// The run.
        run: String,
        /// Why.
        reason: String,
    },
    /// Something about the review itself.
    #[error("the review was not kept: {}\nhint: correct it and send it again", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Faults {
        /// Every fault.
        faults: Vec<Fault>,
    },
    /// A submission that is not there to be withdrawn.
    #[error("there is no submission {seq} of this reviewer to withdraw\nhint: reload the page")]
    NothingToWithdraw {
        /// The submission.
        seq: u64,
    },
    /// What is hidden from a reviewer who reviews blinded.
    #[error(
        "hidden while you review blinded: {what}\nhint: submit the remaining {left} first, or end the blinding on the page of the run"
    )]
    Blinded {
        /// What was asked for.
        what: &'static str,
        /// Hypotheses that are left.
        left: usize,
    },
    /// A sheet that was not imported.
    #[error("nothing was imported from `{}`: {}", path.display(), problems.join("\n  "))]
    Sheet {
        /// The file.
        path: PathBuf,
        /// Row, column, rule and fix of each.
        problems: Vec<String>,
    },
    /// A file that cannot be read or written.
    #[error("cannot {action} `{}`: {source}\nhint: name a file in a folder that exists and that you may use", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error(
        "cannot listen on `{address}`: {source}\nhint: another program may use the port; give another with `--port N`, or none for a free one"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The system gives no random numbers, so that no secret can be made.
    #[error("the operating system gives no random numbers: {reason}")]
    NoRandomNumbers {
        /// What it said.
        reason: String,
    },
    /// A page does not render.
    #[error("the page `{template}` does not render: {reason}")]
    Template {
        /// The template.
        template: String,
        /// What the engine said.
        reason: String,
    },
    /// Content of the room cannot be found.
    #[error(transparent)]
    Content(#[from] crate::content::ContentError),
    /// Standard input or output failed.
    #[error("cannot talk to the terminal: {0}")]
    Terminal(io::Error),
}

impl From<RunError> for ReviewError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::DiskFull { path } => Self::DiskFull { path },
            RunError::Io {
                action: "write",
                path,
                source,
            } if source.kind() == io::ErrorKind::FileTooLarge => Self::DiskFull { path },
            other => Self::Run(other),
        }
    }
}

impl ReviewError {
    /// A file that cannot be read.
    pub(super) fn reading(path: &Path, source: io::Error) -> Self {
        Self::File {
            action: "read",
            path: path.to_path_buf(),
            source,
        }
    }
}
