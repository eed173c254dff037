//! `run.yaml`: what a run was made from.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hash;
use super::name::slug;
use crate::dataset::SourceFile;

/// The format this version writes and reads.
pub const FORMAT: u32 = 1;

/// What a folder holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// The search for hypotheses in a dataset.
    #[default]
    Discovery,
    /// The test of a run's hypotheses in a second cohort.
    Replication,
}

/// What a new run is made from.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// What the folder will hold.
    pub kind: RunKind,
    /// Name of the dataset.
    pub dataset: String,
    /// BLAKE3 over the input, hexadecimal.
    pub content_hash: String,
    /// The files that were read.
    pub inputs: Vec<SourceFile>,
    /// The resolved configuration.
    pub config: Value,
    /// Seed of everything random.
    pub seed: u64,
    /// Versions of whatever else shaped the run, for example knowledge packs: name → version.
    pub versions: Vec<(String, String)>,
}

/// The content of `run.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Format of the folder.
    pub format: u32,
    /// Identifier: the name of the folder.
    pub id: String,
    /// What it holds.
    #[serde(default)]
    pub kind: RunKind,
    /// Version of Proteus.
    pub proteus: String,
    /// Name of the dataset.
    pub dataset: String,
    /// BLAKE3 over the input, hexadecimal.
    pub content_hash: String,
    /// BLAKE3 of `config`, hexadecimal.
    pub config_hash: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Versions of whatever else shaped the run.
    pub versions: Vec<(String, String)>,
    /// The files that were read.
    pub inputs: Vec<SourceFile>,
    /// The resolved configuration.
    pub config: Value,
}

/// How far a run came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStatus {
    /// Whole.
    Finished {
        /// Hypotheses in it.
        hypotheses: usize,
    },
    /// Ended early with what it has kept.
    Stopped {
        /// Why.
        reason: String,
    },
    /// Still being written, or its process was killed.
    Unfinished {
        /// The last stage entered.
        stage: Option<String>,
    },
}

impl NewRun {
    /// The folder's name before any number is added: `<dataset>-<8 hex digits of configuration and input>`.
    pub fn base_id(&self) -> String {
        let digest = hash::Hasher::new()
            .part("config", hash::canonical(&self.config).as_bytes())
            .part("content", self.content_hash.as_bytes())
            .part("seed", &self.seed.to_le_bytes())
            .finish();
        let mut name = slug(&self.dataset);
        name.truncate(40);
        format!("{}-{}", name.trim_end_matches('-'), &digest[..8])
    }

    pub(super) fn record(self, id: String) -> RunRecord {
        RunRecord {
            format: FORMAT,
            id,
            kind: self.kind,
            proteus: env!("CARGO_PKG_VERSION").to_owned(),
            dataset: self.dataset,
            content_hash: self.content_hash,
            config_hash: hash::of_json(&self.config),
            seed: self.seed,
            versions: self.versions,
            inputs: self.inputs,
            config: self.config,
        }
    }
}
