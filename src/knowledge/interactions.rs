//! Associations between genes: an undirected network.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::table::{Interner, Table};
use super::{KnowledgeError, PackVersion, Symbol};

/// An undirected network of genes. Neighbours are sorted; a gene is never its own neighbour.
#[derive(Debug)]
pub struct Interactions {
    source: Arc<PackVersion>,
    neighbours: BTreeMap<Symbol, Vec<Symbol>>,
}

impl Interactions {
    pub(super) fn parse(edges: &Table, source: Arc<PackVersion>) -> Result<Self, KnowledgeError> {
        let mut symbols = Interner::default();
        let mut neighbours: BTreeMap<Symbol, BTreeSet<Symbol>> = BTreeMap::new();
        for row in edges.rows(["a", "b"])? {
            let (number, [a, b]) = row?;
            if a.is_empty() || b.is_empty() {
                let problem = "an end of the edge has no symbol".to_owned();
                return Err(edges.malformed(number, problem, "name both genes"));
            }
            if a != b {
                let (a, b) = (symbols.symbol(a), symbols.symbol(b));
                neighbours.entry(a.clone()).or_default().insert(b.clone());
                neighbours.entry(b).or_default().insert(a);
            }
        }
        let neighbours = neighbours
            .into_iter()
            .map(|(gene, others)| (gene, others.into_iter().collect()))
            .collect();
        Ok(Self { source, neighbours })
    }

    /// The network under other names; genes that `rename` gives nothing for are left out.
    pub(super) fn renamed(&self, rename: impl Fn(&str) -> Option<Symbol>) -> Self {
        let neighbours = self.neighbours.iter().filter_map(|(gene, others)| {
            let mut others: Vec<Symbol> = others.iter().filter_map(|o| rename(o)).collect();
            others.sort();
            others.dedup();
            let gene = rename(gene)?;
            others.retain(|other| *other != gene);
            (!others.is_empty()).then_some((gene, others))
        });
        Self {
            source: self.source.clone(),
            neighbours: neighbours.collect(),
        }
    }

    /// The pack every edge comes from.
    pub fn source(&self) -> &Arc<PackVersion> {
        &self.source
    }

    /// The genes of the network, sorted.
    pub fn genes(&self) -> impl Iterator<Item = &Symbol> {
        self.neighbours.keys()
    }

    /// The genes associated with `symbol`, sorted; none for an unknown gene.
    pub fn neighbours(&self, symbol: &str) -> &[Symbol] {
        self.neighbours.get(symbol).map_or(&[], Vec::as_slice)
    }

    /// The pack that says that `a` and `b` are associated, if one does.
    pub fn edge(&self, a: &str, b: &str) -> Option<&Arc<PackVersion>> {
        self.neighbours(a)
            .binary_search_by(|other| (**other).cmp(b))
            .ok()
            .map(|_| &self.source)
    }

    /// How many genes are associated with `symbol`.
    pub fn degree(&self, symbol: &str) -> usize {
        self.neighbours(symbol).len()
    }

    /// The edges, each once with its ends in order, sorted.
    pub fn edges(&self) -> impl Iterator<Item = (&Symbol, &Symbol)> {
        self.neighbours.iter().flat_map(|(gene, others)| {
            others
                .iter()
                .filter(move |other| gene < *other)
                .map(move |other| (gene, other))
        })
    }
}
