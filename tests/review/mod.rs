//! The review room over HTTP, and the other ways to review.

#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

mod client;
mod keeping;
mod room;
mod sheets;
mod terminal;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::report::fixture::{Texts, finished_run};
use crate::support::files_in;

/// A finished run in a folder of its own.
pub fn a_run() -> (tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let run = finished_run(parent.path(), &Texts::default());
    (parent, run)
}

/// The entries of a reviewer's journal.
pub fn journal(run: &Path, file: &str) -> Vec<Value> {
    let path = run.join("reviews").join(format!("{file}.jsonl"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

/// Every file of a run but the reviews, with its bytes.
pub fn without_reviews(run: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files_in(run)
        .into_iter()
        .filter(|path| !path.starts_with(run.join("reviews")))
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect()
}
