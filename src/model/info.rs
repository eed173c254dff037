//! What a model is.

use std::path::PathBuf;

use serde::Serialize;

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Writes text.
    Decoder,
    /// Says how good an answer is.
    Reward,
    /// Turns sentences into vectors.
    Encoder,
}

/// What a model is, for people and for records of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelInfo {
    /// File or folder.
    pub path: PathBuf,
    /// Its name for itself, or that of its file.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// Family, as files name it.
    pub architecture: String,
    /// Number of weights.
    pub parameters: u64,
    /// Format that most weights have in the file.
    pub quantisation: String,
    /// Tokens it reads here; of a sentence, for encoders.
    pub context: usize,
    /// Tokens it was made to read.
    pub longest_context: usize,
    /// Whether the file brought its own chat template.
    pub own_template: bool,
    /// Licence the file names.
    pub licence: Option<String>,
    /// Bytes of the file or files.
    pub bytes: u64,
    /// Bytes of weights in memory.
    pub memory: usize,
    /// Threads it computes with.
    pub threads: usize,
}
