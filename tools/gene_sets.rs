//! The gene sets a tool tests: collections of the knowledge packs (or a table) brought to the measured genes, with near
//! copies of a set tested only once.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::DataFrame;
use proteus_stats::enrichment::{EnrichmentError, FeatureSets, OverlapMeasure, collapse_redundant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::knowledge::Packs;
use crate::knowledge::set_names::{readable, unsuitable_sets};
use crate::tool::ToolError;
use crate::tool::frame::texts;

impl From<EnrichmentError> for ToolError {
    fn from(error: EnrichmentError) -> Self {
        match error {
            EnrichmentError::TooFewFeatures { found } => Self::TooFewObservations {
                what: "genes with a statistic".to_owned(),
                needed: 3,
                found,
            },
            other => Self::Internal {
                reason: other.to_string(),
            },
        }
    }
}

/// A collection of gene sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Hallmark sets of MSigDB.
    Hallmark,
    /// Reactome pathways other than those named after a disease, a pathogen or a drug and those that are mostly one complex.
    Reactome,
    /// WikiPathways, with the same exceptions.
    Wikipathways,
    /// Cellular processes of the Gene Ontology: biological processes other than those of whole organisms (development,
    /// behaviour, reproduction, infection), and without terms for their regulation.
    GoProcess,
    /// Gene Ontology, molecular function.
    GoFunction,
    /// Gene Ontology, cellular component.
    GoComponent,
    /// Protein complexes of the Gene Ontology, without headings such as `catalytic complex`.
    GoComplexes,
}

impl Collection {
    /// Its name in the knowledge packs.
    pub(super) fn pack_name(self) -> &'static str {
        match self {
            Self::Hallmark => "hallmark",
            Self::Reactome => "reactome",
            Self::Wikipathways => "wikipathways",
            Self::GoProcess => "go-bp",
            Self::GoFunction => "go-mf",
            Self::GoComponent => "go-cc",
            Self::GoComplexes => "go-complexes",
        }
    }

    /// What people call it.
    fn title(self) -> &'static str {
        match self {
            Self::Hallmark => "Hallmark",
            Self::Reactome => "Reactome",
            Self::Wikipathways => "WikiPathways",
            Self::GoProcess => "GO biological process",
            Self::GoFunction => "GO molecular function",
            Self::GoComponent => "GO cellular component",
            Self::GoComplexes => "GO complex",
        }
    }
}

/// A set brought to the measured genes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TestedSet {
    /// Identifier in its pack.
    pub(super) id: String,
    /// Name for people.
    pub(super) name: String,
    /// Where it comes from.
    pub(super) collection: String,
    /// Positions of its members among the measured genes, ascending.
    pub(super) members: Vec<usize>,
}

/// What a set needs to be tested.
#[derive(Debug, Clone, Copy)]
pub(super) struct SizeLimits {
    /// Fewest measured members.
    pub(super) min: usize,
    /// Most measured members.
    pub(super) max: usize,
    /// Smallest share of its members that is measured: of less, nothing can be said about the set.
    pub(super) coverage: f64,
}

/// Jaccard index of the measured members from which two sets count as one.
const COPY: f64 = 0.8;

/// The sets of `collections` with between `limits.min` and `limits.max` of `genes`. Of near copies (Jaccard index of
/// the measured members at least 0.8) the one of the earlier collection is kept, within a collection the smaller one,
/// then the first identifier. Looks at no measured value, so the answer is kept for the next decoy.
pub(super) fn measured_sets(
    knowledge: &Packs,
    collections: &[Collection],
    genes: &[String],
    limits: SizeLimits,
) -> Result<Arc<Vec<TestedSet>>, ToolError> {
    let mut key = blake3::Hasher::new();
    key.update(b"measured sets");
    for collection in collections {
        key.update(collection.pack_name().as_bytes());
        key.update(&[0]);
    }
    key.update(&limits.min.to_le_bytes());
    key.update(&limits.max.to_le_bytes());
    key.update(&limits.coverage.to_le_bytes());
    for gene in genes {
        key.update(gene.as_bytes());
        key.update(&[0]);
    }
    knowledge.kept(*key.finalize().as_bytes(), || {
        let mut found = Vec::new();
        for &collection in collections {
            let sets = knowledge.gene_sets(collection.pack_name())?;
            let mut restricted = sets.restrict(genes, limits.min, limits.max);
            restricted
                .retain(|m| m.indices.len() as f64 >= limits.coverage * m.set.members.len() as f64);
            let unsuitable = unsuitable_sets(knowledge, collection.pack_name())?;
            restricted.retain(|m| !unsuitable.contains(m.set.id.as_str()));
            restricted.sort_by_key(|m| m.indices.len());
            found.extend(restricted.into_iter().map(|m| TestedSet {
                id: m.set.id.clone(),
                name: readable(&m.set.name),
                collection: collection.title().to_owned(),
                members: m.indices,
            }));
        }
        Ok(without_copies(found, genes.len()))
    })
}

/// The sets of a table with columns `set` and `gene`, in order of first appearance, copies kept.
pub(super) fn sets_of_table(
    table: &DataFrame,
    genes: &[String],
    limits: SizeLimits,
) -> Result<Arc<Vec<TestedSet>>, ToolError> {
    let position: BTreeMap<&str, usize> = genes
        .iter()
        .enumerate()
        .map(|(i, g)| (g.as_str(), i))
        .collect();
    let mut members: indexmap::IndexMap<String, Vec<usize>> = indexmap::IndexMap::new();
    for (set, gene) in texts(table, "set")?.into_iter().zip(texts(table, "gene")?) {
        let of_set = members.entry(set).or_default();
        of_set.extend(position.get(gene.as_str()));
    }
    let sets = members
        .into_iter()
        .map(|(id, mut members)| {
            members.sort_unstable();
            members.dedup();
            TestedSet {
                name: id.clone(),
                id,
                collection: "table".to_owned(),
                members,
            }
        })
        .filter(|set| (limits.min..=limits.max).contains(&set.members.len()))
        .collect();
    Ok(Arc::new(sets))
}

fn without_copies(sets: Vec<TestedSet>, genes: usize) -> Vec<TestedSet> {
    let mut kept_with: Vec<Vec<usize>> = vec![Vec::new(); genes];
    let mut kept: Vec<TestedSet> = Vec::with_capacity(sets.len());
    let mut shared: Vec<usize> = Vec::new();
    for set in sets {
        shared.clear();
        shared.resize(kept.len(), 0);
        for &gene in &set.members {
            for &other in &kept_with[gene] {
                shared[other] += 1;
            }
        }
        let copy = shared.iter().zip(&kept).any(|(&common, other)| {
            let union = set.members.len() + other.members.len() - common;
            common as f64 >= COPY * union as f64
        });
        if !copy {
            for &gene in &set.members {
                kept_with[gene].push(kept.len());
            }
            kept.push(set);
        }
    }
    kept
}

/// Share of the smaller of two gene lists from which the better ranked one stands for both.
const SHARED: f64 = 0.5;

/// A tested set as far as it competes with others for the same genes.
#[derive(Debug, Clone)]
pub(super) struct Competitor {
    /// Its p-value.
    pub(super) p: f64,
    /// Measured members.
    pub(super) size: usize,
    /// The genes that carry it.
    pub(super) genes: Vec<usize>,
}

/// For each set the position of the one that stands for it: the first in order of evidence, itself standing for itself, that
/// shares at least half of the smaller list of genes; else its own position. −log10 p counts in steps of a
/// quarter of itself, and within a step the smaller, more specific set comes first.
pub(super) fn representatives(
    sets: &[Competitor],
    genes: usize,
) -> Result<Vec<usize>, EnrichmentError> {
    let lists = FeatureSets::new(genes, sets.iter().map(|s| s.genes.clone()).collect())?;
    let evidence = |s: &Competitor| {
        let strength = -s.p.max(f64::MIN_POSITIVE).log10();
        (strength.max(1e-3).ln() / 1.25_f64.ln()).floor() as i64
    };
    let mut order: Vec<usize> = (0..sets.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(evidence(&sets[i])), sets[i].size));
    let mut standing: Vec<usize> = (0..sets.len()).collect();
    for group in collapse_redundant(&lists, &order, OverlapMeasure::Coefficient, SHARED) {
        for absorbed in group.absorbed {
            standing[absorbed] = group.representative;
        }
    }
    Ok(standing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_and_then_the_smaller_set_stands_for_what_they_share() {
        let set = |p: f64, size: usize, genes: &[usize]| Competitor {
            p,
            size,
            genes: genes.to_vec(),
        };
        let sets = [
            set(1e-10, 40, &[0, 1, 2, 3]),
            set(2e-10, 9, &[0, 1, 2]),
            set(1e-4, 12, &[3, 4, 5]),
            set(1e-2, 5, &[4, 5, 6, 7]),
            set(1.0, 3, &[]),
        ];
        // The second is nearly as strong as the first and smaller; the fourth shares two of three genes with the third,
        // which shares one of three with the first.
        assert_eq!(representatives(&sets, 8), Ok(vec![1, 1, 2, 2, 4]));
    }

    #[test]
    fn near_copies_are_tested_once() {
        let set = |id: &str, members: &[usize]| TestedSet {
            id: id.to_owned(),
            name: id.to_owned(),
            collection: String::new(),
            members: members.to_vec(),
        };
        let kept = without_copies(
            vec![
                set("a", &[0, 1, 2, 3]),
                set("b", &[0, 1, 2, 3, 4]),
                set("c", &[0, 1, 2]),
                set("d", &[5, 6]),
            ],
            7,
        );
        let ids: Vec<&str> = kept.iter().map(|s| s.id.as_str()).collect();
        // Jaccard of a and b is 4/5, of a and c 3/4.
        assert_eq!(ids, ["a", "c", "d"]);
    }
}
