//! Diseases and the genes that the literature links to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::table::{Interner, Table};
use super::{KnowledgeError, PackVersion, Symbol};

/// A disease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disease {
    /// Identifier, such as `DOID:1380`.
    pub id: String,
    /// Name for people; the identifier where the pack has none.
    pub name: String,
    /// Identifiers of the diseases directly above it, sorted.
    pub parents: Vec<String>,
    /// Genes linked to this very term, sorted.
    pub genes: Vec<Symbol>,
}

/// Diseases, sorted by identifier. A link is a mention in the literature, not a cause.
#[derive(Debug)]
pub struct Diseases {
    source: Arc<PackVersion>,
    diseases: BTreeMap<String, Disease>,
    by_gene: BTreeMap<Symbol, Vec<String>>,
    children: BTreeMap<String, Vec<String>>,
}

impl Diseases {
    pub(super) fn parse(
        terms: &Table,
        genes: &Table,
        source: Arc<PackVersion>,
    ) -> Result<Self, KnowledgeError> {
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
        let mut parent_names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in terms.rows(["id", "label", "subClassOf"])? {
            let (number, [id, name, parent]) = row?;
            if !id.starts_with("DOID:") {
                let problem = format!("expected an identifier such as `DOID:1380`, found `{id}`");
                return Err(terms.malformed(
                    number,
                    problem,
                    "put the identifier in the first column",
                ));
            }
            names.insert(id, name);
            ids.entry(name).or_insert(id);
            // A term with several parents has one line for each; the root is a parent without a line.
            parent_names.entry(id).or_default().insert(parent);
        }
        let mut symbols = Interner::default();
        let mut linked: BTreeMap<&str, BTreeSet<Symbol>> = BTreeMap::new();
        let mut by_gene: BTreeMap<Symbol, BTreeSet<&str>> = BTreeMap::new();
        for row in genes.rows(["doid", "symbol"])? {
            let (number, [id, symbol]) = row?;
            if symbol.is_empty() || !id.starts_with("DOID:") {
                let problem = format!(
                    "expected an identifier such as `DOID:1380` and a symbol, found `{id}`, `{symbol}`"
                );
                return Err(genes.malformed(number, problem, "fill in both columns"));
            }
            let symbol = symbols.symbol(symbol);
            linked.entry(id).or_default().insert(symbol.clone());
            by_gene.entry(symbol).or_default().insert(id);
        }
        let mut children: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut diseases = BTreeMap::new();
        let all: BTreeSet<&str> = names.keys().chain(linked.keys()).copied().collect();
        for id in all {
            let above = parent_names.remove(id).unwrap_or_default();
            let parents: BTreeSet<&str> = above
                .iter()
                .filter_map(|name| ids.get(name))
                .copied()
                .collect();
            for parent in &parents {
                children
                    .entry((*parent).to_owned())
                    .or_default()
                    .push(id.to_owned());
            }
            let disease = Disease {
                id: id.to_owned(),
                name: names.get(id).unwrap_or(&id).to_string(),
                parents: parents.into_iter().map(str::to_owned).collect(),
                genes: linked.remove(id).unwrap_or_default().into_iter().collect(),
            };
            diseases.insert(id.to_owned(), disease);
        }
        let by_gene = by_gene
            .into_iter()
            .map(|(gene, ids)| (gene, ids.into_iter().map(str::to_owned).collect()))
            .collect();
        Ok(Self {
            source,
            diseases,
            by_gene,
            children,
        })
    }

    /// The pack every link comes from.
    pub fn source(&self) -> &Arc<PackVersion> {
        &self.source
    }

    /// The diseases, sorted by identifier.
    pub fn iter(&self) -> impl Iterator<Item = &Disease> {
        self.diseases.values()
    }

    /// The disease with this identifier.
    pub fn get(&self, id: &str) -> Option<&Disease> {
        self.diseases.get(id)
    }

    /// The disease with this name, compared without regard to case.
    pub fn named(&self, name: &str) -> Option<&Disease> {
        self.iter()
            .find(|disease| disease.name.eq_ignore_ascii_case(name))
    }

    /// The diseases that `symbol` is linked to directly, sorted by identifier.
    pub fn of_gene(&self, symbol: &str) -> impl Iterator<Item = &Disease> {
        self.by_gene
            .get(symbol)
            .into_iter()
            .flatten()
            .filter_map(|id| self.get(id))
    }

    /// The genes linked to a disease or to any kind of it.
    pub fn genes_below(&self, id: &str) -> BTreeSet<Symbol> {
        let mut genes = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                genes.extend(
                    self.get(id)
                        .into_iter()
                        .flat_map(|disease| disease.genes.iter().cloned()),
                );
                open.extend(
                    self.children
                        .get(id)
                        .into_iter()
                        .flatten()
                        .map(String::as_str),
                );
            }
        }
        genes
    }
}
