//! From features to genes: gene sets name genes, tables hold protein groups.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::knowledge::{KnowledgeError, Packs};
use crate::tool::ToolError;

impl From<KnowledgeError> for ToolError {
    fn from(error: KnowledgeError) -> Self {
        Self::NotApplicable {
            needs: "a readable knowledge pack".to_owned(),
            found: error.to_string(),
        }
    }
}

/// Genes and, for each, the row that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GeneLevel {
    /// Gene names, distinct, in order of first appearance.
    pub(super) genes: Vec<String>,
    /// The row of each gene.
    pub(super) rows: Vec<usize>,
}

/// The gene of each label: its current symbol where the label (symbol, old symbol or accession, in any case) is known, the
/// label itself otherwise. The symbols of other mammals are those of their human counterparts but for case.
pub(super) fn current_symbols(
    labels: &[String],
    knowledge: &Packs,
) -> Result<Vec<String>, ToolError> {
    Ok(knowledge.current_symbols(labels)?)
}

/// As [`current_symbols`], kept for the next decoy: for labels in an order that no measured value decides.
pub(super) fn kept_symbols(
    labels: &[String],
    knowledge: &Packs,
) -> Result<Arc<Vec<String>>, ToolError> {
    let mut key = blake3::Hasher::new();
    key.update(b"current symbols");
    for label in labels {
        key.update(label.as_bytes());
        key.update(&[0]);
    }
    knowledge.kept(*key.finalize().as_bytes(), || {
        current_symbols(labels, knowledge)
    })
}

/// Keeps one row per gene: the first in `preference` order, smallest first and ties by row. Rows without a preference or
/// without a name are left out.
pub(super) fn one_row_per_gene<P: PartialOrd + Copy>(
    genes: &[String],
    preference: &[Option<P>],
) -> GeneLevel {
    let mut best: IndexMap<&str, (usize, P)> = IndexMap::with_capacity(genes.len());
    for (row, (gene, preference)) in genes.iter().zip(preference).enumerate() {
        let Some(value) = *preference else { continue };
        if gene.is_empty() {
            continue;
        }
        let entry = best.entry(gene).or_insert((row, value));
        if value < entry.1 {
            *entry = (row, value);
        }
    }
    GeneLevel {
        genes: best.keys().map(|g| (*g).to_owned()).collect(),
        rows: best.values().map(|b| b.0).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_row_stands_for_its_gene() {
        let genes = ["A", "B", "A", "", "B", "C"].map(str::to_owned);
        let preference = [Some(2.0), Some(1.0), Some(1.0), Some(0.0), Some(1.0), None];
        let level = one_row_per_gene(&genes, &preference);
        assert_eq!(level.genes, ["A", "B"]);
        assert_eq!(level.rows, [2, 1]);
    }
}
