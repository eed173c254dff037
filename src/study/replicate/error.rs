//! Why a replication could not be made.

use std::path::PathBuf;

use crate::agent::AgentError;
use crate::dataset::DatasetError;
use crate::run::RunError;
use crate::study::MainAssayError;
use crate::tool::FrameError;

/// Why a replication could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReplicateError {
    /// The run has nothing to replicate.
    #[error("nothing to replicate in `{}`: {reason}\nhint: {hint}", run.display())]
    Nothing {
        /// The run.
        run: PathBuf,
        /// What was looked for and what was found.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// A hypothesis is not what was frozen.
    #[error(
        "hypothesis `{id}` is not as it was frozen: its claims give another hash than `{hash}`\nhint: restore `hypotheses.yaml` of the run, or make the run again"
    )]
    Moved {
        /// The hypothesis.
        id: String,
        /// The hash it was frozen by.
        hash: String,
    },
    /// The cohort is the study the hypotheses come from.
    #[error(
        "`{cohort}` holds samples of the study the hypotheses come from: {evidence}\nhint: a second look at the same samples replicates nothing; to set two analyses of them side by side, run Proteus on both and use `proteus compare`"
    )]
    SameSamples {
        /// The second cohort.
        cohort: String,
        /// Why they are taken for the same.
        evidence: String,
    },
    /// A mapping that cannot be read.
    #[error(
        "`{text}` is no mapping: {reason}\nhint: write `first=second`, for example `condition:Tumor-Normal=group:T-N`; the run compares {known}"
    )]
    Mapping {
        /// As written.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// What the run compares.
        known: String,
    },
    /// What the run compares has no counterpart, or several.
    #[error(
        "`{target}` of the run {reason}\nhint: name it with `--map '{target}={example}'`; the cohort has {candidates}"
    )]
    Unmatched {
        /// What is compared.
        target: String,
        /// What was looked for and what was found.
        reason: String,
        /// A mapping that could be meant.
        example: String,
        /// What the cohort can compare.
        candidates: String,
    },
    /// A dataset cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A folder cannot be read or written.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The engine failed.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The first study's values cannot be read.
    #[error(transparent)]
    Values(#[from] MainAssayError),
    /// A table is not as its manifest says.
    #[error("a tool's output is not as its manifest says: {0}")]
    Frame(#[from] FrameError),
    /// Something could not be written as JSON.
    #[error("cannot write as JSON: {0}")]
    Json(#[from] serde_json::Error),
}
