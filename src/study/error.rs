//! What can stop a study.

use std::path::PathBuf;

use crate::agent::AgentError;
use crate::dataset::DatasetError;
use crate::knowledge::KnowledgeError;
use crate::run::RunError;

/// Why a simulation or a benchmark could not be made.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A design that cannot be read.
    #[error(
        "`{text}` is no design: {reason}\nhint: write controls and treated samples as in `3v3` or `6v18`, two of each at least"
    )]
    Design {
        /// As written.
        text: String,
        /// What is wrong.
        reason: String,
    },
    /// A plant that cannot be read.
    #[error(
        "`{text}` is no plant: {reason}\nhint: write kind, kind:strength or kind:strength*count, separated by commas; the kinds are {kinds}"
    )]
    Plant {
        /// As written.
        text: String,
        /// What is wrong.
        reason: String,
        /// The kinds there are.
        kinds: String,
    },
    /// A plant for which the background has no room.
    #[error("`{plant}` cannot be planted: {reason}\nhint: {hint}")]
    NoRoom {
        /// The plant.
        plant: String,
        /// What was looked for and what was found.
        reason: String,
        /// What to change.
        hint: String,
    },
    /// A dataset from which no background can be learned.
    #[error(
        "nothing can be learned from `{dataset}`: {reason}\nhint: give a dataset with at least {proteins} quantified proteins and four samples"
    )]
    Background {
        /// The dataset.
        dataset: String,
        /// What was looked for and what was found.
        reason: String,
        /// Proteins needed.
        proteins: usize,
    },
    /// A dataset that a null copy cannot be made of.
    #[error(
        "no null copy of `{dataset}`: {reason}\nhint: leave the dataset out with `--only`, or give one with more samples"
    )]
    NoNull {
        /// The dataset.
        dataset: String,
        /// What was looked for and what was found.
        reason: String,
    },
    /// A place that is taken.
    #[error("`{}` is taken: {reason}\nhint: name a new folder with `--out`", path.display())]
    Taken {
        /// The place.
        path: PathBuf,
        /// By what.
        reason: String,
    },
    /// A name that no scenario has.
    #[error("no scenario is called `{name}`\nhint: the scenarios are {known}")]
    UnknownScenario {
        /// As written.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A file of a folder of discovery tasks that cannot be used.
    #[error("`{}`: {reason}\nhint: {hint}", path.display())]
    Tasks {
        /// The file or folder.
        path: PathBuf,
        /// What was looked for and what was found.
        reason: String,
        /// What to change.
        hint: String,
    },
    /// What every run shares cannot be opened.
    #[error("a run cannot begin: {reason}")]
    Resources {
        /// Why.
        reason: String,
    },
    /// A dataset cannot be read or made.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The knowledge packs cannot be read.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// A file cannot be written or read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The engine failed.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// A text could not be written as YAML.
    #[error("cannot write as YAML: {0}")]
    Yaml(#[from] serde_yaml::Error),
}
