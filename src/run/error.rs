//! What can go wrong with a run folder, each with the path and the way out.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A run folder that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No space left.
    #[error("no space left to write `{}`\nhint: free some space and continue with `proteus resume`; what was finished is kept", path.display())]
    DiskFull {
        /// The file being written.
        path: PathBuf,
    },
    /// The folder cannot be written to.
    #[error("cannot write `{}`: {reason}\nhint: give a folder you may write to with `--out DIR`", path.display())]
    NotWritable {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// No such run.
    #[error("no run folder at `{}`: {found}\nhint: a run folder holds `run.yaml`; `proteus run` prints its path", path.display())]
    NotARun {
        /// The path looked at.
        path: PathBuf,
        /// What is there instead.
        found: String,
    },
    /// No run in the parent folder.
    #[error("no run under `{}`\nhint: start one with `proteus run PATH`, or name the parent folder with `--out DIR`", parent.display())]
    NoRuns {
        /// The parent folder.
        parent: PathBuf,
    },
    /// Written by another version of Proteus.
    #[error("`{}` has run format `{found}`; this version reads format `{known}`\nhint: read it with the version of Proteus that wrote it (`proteus` in its `run.yaml`)", path.display())]
    Format {
        /// `run.yaml`.
        path: PathBuf,
        /// The format found.
        found: String,
        /// The format understood.
        known: u32,
    },
    /// Another process is writing the run.
    #[error("the run `{}` is being written by process {holder}\nhint: wait for it or stop it, then try again", path.display())]
    Locked {
        /// The run folder.
        path: PathBuf,
        /// Process id of the writer, or `unknown`.
        holder: String,
    },
    /// A file that does not hold what it should.
    #[error("`{}` is damaged at {place}: {reason}\nhint: restore the file, or start a new run: unchanged steps are taken from the cache", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Line or part of the file.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value that cannot be written in the file's format.
    #[error("cannot write `{}`: {reason}", path.display())]
    NotSerialisable {
        /// The file.
        path: PathBuf,
        /// What the serialiser said.
        reason: String,
    },
    /// A name that cannot be that of a file.
    #[error(
        "`{name}` cannot name a {what}\nhint: use letters, digits, `-`, `_` and `.`, not starting with `.`"
    )]
    Name {
        /// What it was to name.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Any other fault of the file system.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl RunError {
    /// A fault while writing, told apart by its cause.
    pub fn writing(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull { path },
            // Folders are made on the way: what is not found is a place where none can be.
            ErrorKind::PermissionDenied
            | ErrorKind::NotFound
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::NotADirectory
            | ErrorKind::AlreadyExists => Self::NotWritable {
                path,
                reason: source.to_string(),
            },
            _ => Self::Io {
                action: "write",
                path,
                source,
            },
        }
    }

    /// A fault while reading.
    pub fn reading(path: &Path, source: io::Error) -> Self {
        Self::Io {
            action: "read",
            path: path.to_path_buf(),
            source,
        }
    }

    /// A file that does not parse.
    pub fn damaged(path: &Path, place: impl Into<String>, reason: impl ToString) -> Self {
        Self::Damaged {
            path: path.to_path_buf(),
            place: place.into(),
            reason: reason.to_string(),
        }
    }
}
