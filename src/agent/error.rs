//! What can stop the loop.

use std::path::PathBuf;

use crate::agent::propose::QuestionError;
use crate::dataset::DatasetError;
use crate::knowledge::KnowledgeError;
use crate::run::RunError;
use crate::tool::{CatalogError, FrameError};
use crate::workflow::TemplateError;

/// Why a run could not go on. Everything written so far stays and can be resumed.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The run folder cannot be written or read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The dataset cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The knowledge packs cannot be read.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// The question in words cannot be asked.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// A workflow template cannot be read.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A tool manifest cannot be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A tool's table is not as its manifest says.
    #[error("a tool's output is not as its manifest says: {0}")]
    Frame(#[from] FrameError),
    /// Counting went wrong.
    #[error("counting decoys failed: {0}")]
    Count(#[from] proteus_stats::error_rate::ErrorRateError),
    /// A number left its range.
    #[error(transparent)]
    Number(#[from] crate::discovery::InvalidNumber),
    /// A prompt cannot be used.
    #[error(transparent)]
    Prompt(#[from] crate::prompt::PromptError),
    /// A model was needed and gave no usable answer.
    #[error(transparent)]
    Model(#[from] proteus_llm::LlmError),
    /// The record of papers looked up cannot be written or read.
    #[error(transparent)]
    Literature(#[from] proteus_literature::LiteratureError),
    /// A hypothesis lacks a part.
    #[error(transparent)]
    Draft(#[from] crate::discovery::DraftError),
    /// Something could not be written as JSON.
    #[error("cannot write as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Whoever watches the run does not want it any more.
    #[error("the run was cancelled; what was finished is kept and can be resumed")]
    Cancelled,
    /// A plan file cannot be used.
    #[error(transparent)]
    Plan(#[from] crate::agent::steering::PlanFileError),
    /// The objectives could not be approved.
    #[error("the objectives were not approved: {reason}\nhint: go on with `proteus resume {}`; what was answered is kept, nothing label-dependent was computed", folder.display())]
    NotApproved {
        /// Why.
        reason: String,
        /// The run folder.
        folder: PathBuf,
    },
    /// The person who approves objectives stopped.
    #[error("paused as asked: {decided} of {of} objectives are decided, nothing label-dependent was computed\nhint: go on with `proteus resume {}`", folder.display())]
    Paused {
        /// Objectives decided.
        decided: usize,
        /// Objectives planned.
        of: usize,
        /// The run folder.
        folder: PathBuf,
    },
    /// A run of another dataset or configuration was to be resumed.
    #[error(
        "the input of this run has changed: {what}\nhint: start a new run, or put the input back as it was"
    )]
    Changed {
        /// What differs.
        what: String,
    },
}
