//! Why abstracts could not be read, kept or found.

use std::path::PathBuf;

/// What went wrong. A line `hint: …` says what to do.
#[derive(Debug, thiserror::Error)]
pub enum LiteratureError {
    /// A file that cannot be read, or that is of no known form.
    #[error("cannot read `{path}`: {reason}\nhint: {hint}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// Records that break a rule; nothing of the files was taken over.
    #[error("{}\nhint: nothing was added; correct or remove these records and add the files again", told(.0))]
    BadRecords(Vec<BadRecord>),
    /// A store that is none, is damaged, is of a newer version, is locked or has no room.
    #[error("store of abstracts `{path}`: {reason}\nhint: {hint}")]
    Store {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// A recorded answer that cannot be written or read.
    #[error("recorded answer `{path}`: {reason}\nhint: {hint}")]
    Record {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// An address or a setting that cannot work.
    #[error("Europe PMC: {reason}\nhint: {hint}")]
    Configuration {
        /// What is wrong.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The service could not be reached or did not answer as it should.
    #[error(
        "Europe PMC: {reason}\nhint: run again later, or fill a store of abstracts and search that"
    )]
    Service {
        /// The last failure.
        reason: String,
    },
}

/// One record that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRecord {
    /// The file.
    pub path: PathBuf,
    /// The line its record begins on, from 1.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub rule: String,
}

/// Bad records that are shown.
const SHOWN: usize = 20;

fn told(records: &[BadRecord]) -> String {
    let mut lines: Vec<String> = records
        .iter()
        .take(SHOWN)
        .map(|r| format!("`{}`, line {}: {}", r.path.display(), r.line, r.rule))
        .collect();
    if records.len() > SHOWN {
        lines.push(format!("and {} more", records.len() - SHOWN));
    }
    lines.join("\n")
}
