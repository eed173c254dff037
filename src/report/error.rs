//! What can go wrong between a run folder and a report.

use std::path::PathBuf;

use crate::run::RunError;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run folder cannot be read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The run was interrupted or is still going.
    #[error("the run in `{}` is not finished{}\nhint: finish it with `proteus resume {}`", path.display(), stage.as_ref().map(|s| format!(": it got as far as `{s}`")).unwrap_or_default(), path.display())]
    Unfinished {
        /// The run folder.
        path: PathBuf,
        /// The last stage it entered.
        stage: Option<String>,
    },
    /// There are no codes, or nothing that says what they stand for.
    #[error("no names to show again in `{}`: {reason}\nhint: {hint}", path.display())]
    NoKey {
        /// The run folder.
        path: PathBuf,
        /// Why.
        reason: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// No hypothesis has this id or rank.
    #[error(
        "no hypothesis `{wanted}` in this run: it has {found}\nhint: give an id or a rank from the report, such as `{example}` or `1`"
    )]
    UnknownHypothesis {
        /// What was asked for.
        wanted: String,
        /// What there is.
        found: String,
        /// An id that exists.
        example: String,
    },
    /// Names of samples cannot be looked for.
    #[error(
        "the names of the samples cannot be looked for: {reason}\nhint: give the samples shorter names"
    )]
    SampleNames {
        /// Why.
        reason: String,
    },
    /// A template does not render.
    #[error("the report template `{template}` does not render: {reason}")]
    Template {
        /// The template.
        template: String,
        /// What the engine said.
        reason: String,
    },
    /// Report content cannot be found.
    #[error(transparent)]
    Content(#[from] crate::content::ContentError),
    /// The report cannot be put together.
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}
