//! `step.yaml`: what a step did, so that every number can be traced to tool, parameters and input.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dataset::{FeatureLevel, Quantity};
use crate::discovery::{Check, ObjectiveId};

/// The content of `steps/<id>/step.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Identifier: the name of the folder.
    pub id: String,
    /// The objective it serves.
    pub objective: ObjectiveId,
    /// The tool.
    pub tool: String,
    /// Version of the tool.
    pub version: u32,
    /// Why the step is in the plan.
    pub why: String,
    /// Where its inputs came from, by port.
    pub inputs: IndexMap<String, StepInput>,
    /// All parameters, defaults included.
    pub params: Value,
    /// Seed it was given.
    pub seed: u64,
    /// Whether it reads sample labels, itself or through an earlier step.
    pub tainted: bool,
    /// Content address of its outputs.
    pub key: String,
    /// Its outputs, by port.
    pub outputs: IndexMap<String, OutputRecord>,
    /// What it noted on the way.
    pub facts: IndexMap<String, Value>,
    /// Checks it made.
    pub checks: Vec<Check>,
}

/// Where an input came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepInput {
    /// `dataset`, `dataset.<assay>` or `<step>.<port>`, the step by its folder's name.
    pub from: String,
    /// Content address of what came.
    pub key: String,
}

/// An output and the files that hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputRecord {
    /// What it is.
    #[serde(flatten)]
    pub kind: OutputKind,
    /// Files in the step's folder with their BLAKE3.
    pub files: IndexMap<String, String>,
    /// Number of rows.
    pub rows: usize,
}

/// A matrix or a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OutputKind {
    /// `<port>.parquet`: feature, gene and one log2 column per sample; `<port>.features.parquet`: the rest of what is
    /// known of the features.
    Matrix {
        /// What a row is.
        level: FeatureLevel,
        /// What was measured.
        quantity: Quantity,
        /// Sample identifiers, in the order of the columns.
        samples: Vec<String>,
    },
    /// `<port>.parquet` and the same as `<port>.tsv`.
    Table {
        /// Column names.
        columns: Vec<String>,
    },
}
