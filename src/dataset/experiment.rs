//! The dataset as a whole, and where it came from.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assay, CellFacts, Design, FeatureLevel, Inference, Problem, SampleMetadata};

/// One experiment: assays over one set of samples. See the module for what always holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// Name: declared, or taken from the file or folder.
    pub name: String,
    /// Measured tables by name; at least one.
    pub assays: IndexMap<String, Assay>,
    /// What is known of the samples.
    pub samples: SampleMetadata,
    /// The comparisons they allow.
    pub design: Design,
    /// What was concluded rather than read.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
    /// Where it came from.
    pub source: Source,
    /// BLAKE3 over all input bytes and overrides, hexadecimal.
    pub content_hash: String,
    /// The cells behind the assays, where they were made of single cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<CellFacts>,
}

/// Where a dataset came from: what its owner declared, and the files that were read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Title.
    pub title: Option<String>,
    /// Scientific name of the organism.
    pub organism: Option<String>,
    /// Licence of the data.
    pub licence: Option<String>,
    /// Where the data were published or copied from.
    pub origin: Option<String>,
    /// How to cite them.
    pub citation: Option<String>,
    /// What the data are.
    pub description: Option<String>,
    /// Files that were read, in order.
    pub files: Vec<SourceFile>,
    /// What the owner knows to be true of the data; for tests and people, never read by the engine.
    pub known_truth: Vec<KnownTruth>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceFile {
    /// Name relative to the dataset's folder.
    pub name: String,
    /// What it was read as: a table format, `sample_sheet`, `manifest`.
    pub read_as: String,
    /// Size in bytes, as stored.
    pub bytes: u64,
    /// BLAKE3 of the stored bytes, hexadecimal.
    pub hash: String,
}

/// One thing the owner of a dataset knows to be true of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownTruth {
    /// The expectation in words.
    pub expect: String,
    /// Genes, accessions or sets it names.
    #[serde(default)]
    pub entities: Vec<String>,
    /// The contrast it is about.
    #[serde(default)]
    pub contrast: Option<String>,
    /// `higher` or `lower` in the target.
    #[serde(default)]
    pub direction: Option<String>,
    /// Where it was published.
    #[serde(default)]
    pub source: Option<String>,
}

impl Dataset {
    /// A dataset made in memory (simulations, tests) of one assay over its samples, with no contrast yet.
    pub fn in_memory(name: impl Into<String>, assay: Assay, samples: SampleMetadata) -> Self {
        Self {
            name: name.into(),
            assays: IndexMap::from([(assay.name.clone(), assay)]),
            samples,
            design: Design::default(),
            inferences: Vec::new(),
            problems: Vec::new(),
            source: Source::default(),
            content_hash: String::new(),
            cells: None,
        }
    }

    /// The main assay: the first of abundances at protein or gene level, else the first.
    pub fn assay(&self) -> &Assay {
        self.assays
            .values()
            .find(|a| {
                matches!(a.level, FeatureLevel::ProteinGroup | FeatureLevel::Gene)
                    && a.quantity.is_abundance()
            })
            .unwrap_or_else(|| &self.assays[0])
    }

    /// Scientific name of the organism: declared, else that of the main assay.
    pub fn organism(&self) -> Option<&str> {
        self.source
            .organism
            .as_deref()
            .or(self.assay().organism.as_deref())
    }

    /// Only the given samples (positions in `samples.ids`), in the given order, in every assay.
    pub fn subset(&self, keep: &[usize]) -> Self {
        Self {
            assays: self
                .assays
                .iter()
                .map(|(n, a)| (n.clone(), a.select_samples(keep)))
                .collect(),
            samples: self.samples.subset(keep),
            name: self.name.clone(),
            design: self.design.clone(),
            inferences: self.inferences.clone(),
            problems: self.problems.clone(),
            source: self.source.clone(),
            content_hash: self.content_hash.clone(),
            cells: self.cells.clone(),
        }
    }
}
