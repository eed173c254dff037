//! The catalogue: every tool with its parsed manifest, handed to workflow and agent as a value.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::{AnyTool, ToolSpec};
use crate::discovery::Question;

/// A tool with its manifest and parameter schema, parsed once.
#[derive(Clone)]
pub struct CatalogEntry {
    /// The parsed manifest.
    pub spec: ToolSpec,
    /// JSON Schema of the parameters.
    pub params_schema: Value,
    /// The tool.
    pub tool: &'static dyn AnyTool,
}

/// All tools, in the order they are listed.
#[derive(Clone)]
pub struct Catalog {
    entries: IndexMap<String, CatalogEntry>,
    withheld: BTreeSet<String>,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Not valid YAML, or not a manifest.
    #[error("manifest number {position} of the catalogue does not parse: {reason}")]
    Manifest {
        /// Place in the catalogue, from 1.
        position: usize,
        /// What is wrong.
        reason: String,
    },
    /// Two tools of one name.
    #[error("two tools are named `{0}`")]
    Duplicate(String),
}

impl Catalog {
    /// Parses every manifest.
    pub fn new(tools: &[&'static dyn AnyTool]) -> Result<Self, CatalogError> {
        let mut entries = IndexMap::with_capacity(tools.len());
        for (index, &tool) in tools.iter().enumerate() {
            let spec: ToolSpec =
                serde_yaml::from_str(tool.manifest()).map_err(|error| CatalogError::Manifest {
                    position: index + 1,
                    reason: error.to_string(),
                })?;
            let name = spec.name.clone();
            let entry = CatalogEntry {
                spec,
                params_schema: tool.params_schema(),
                tool,
            };
            if entries.insert(name.clone(), entry).is_some() {
                return Err(CatalogError::Duplicate(name));
            }
        }
        Ok(Self {
            entries,
            withheld: BTreeSet::new(),
        })
    }

    /// The catalogue without the tools that need knowledge packs.
    pub fn without_packs(mut self) -> Self {
        self.withheld = self
            .iter()
            .filter(|entry| entry.spec.needs_packs)
            .map(|entry| entry.spec.name.clone())
            .collect();
        self.entries.retain(|_, entry| !entry.spec.needs_packs);
        self
    }

    /// Whether there is a tool of this name that was left out on purpose.
    pub fn withholds(&self, name: &str) -> bool {
        self.withheld.contains(name)
    }

    /// The tool of this name.
    pub fn get(&self, name: &str) -> Option<&CatalogEntry> {
        self.entries.get(name)
    }

    /// Every tool in order.
    pub fn iter(&self) -> impl Iterator<Item = &CatalogEntry> {
        self.entries.values()
    }

    /// Names in order.
    pub fn names(&self) -> Vec<&str> {
        self.entries.keys().map(String::as_str).collect()
    }

    /// Tools that can answer `question`, in order.
    pub fn answering(&self, question: Question) -> Vec<&CatalogEntry> {
        self.iter()
            .filter(|entry| {
                entry
                    .spec
                    .answers
                    .iter()
                    .any(|answer| answer.question() == question)
            })
            .collect()
    }
}
