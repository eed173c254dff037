//! The gene sets a tool tests: collections of the knowledge packs (or a table) brought to the measured genes, with near
//! copies of a set tested only once.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::knowledge::Packs;
use crate::tool::ToolError;
use crate::tool::frame::texts;

/// A collection of gene sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Hallmark sets of MSigDB.
    Hallmark,
    /// Reactome pathways.
    Reactome,
    /// WikiPathways.
    Wikipathways,
    /// Gene Ontology, biological process.
    GoProcess,
    /// Gene Ontology, molecular function.
    GoFunction,
    /// Gene Ontology, cellular component.
    GoComponent,
    /// Protein complexes of the Gene Ontology.
    GoComplexes,
}

impl Collection {
    /// Its name in the knowledge packs.
    fn pack_name(self) -> &'static str {
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

/// Sizes, in measured genes, between which a set is tested.
#[derive(Debug, Clone, Copy)]
pub(super) struct SizeLimits {
    /// Fewest members.
    pub(super) min: usize,
    /// Most members.
    pub(super) max: usize,
}

/// Jaccard index of the measured members from which two sets count as one.
const COPY: f64 = 0.8;

/// The sets of `collections` with between `limits.min` and `limits.max` of `genes`. Of near copies (Jaccard index of
/// the measured members at least 0.8) the one of the earlier collection is kept, within a collection the smaller one,
/// then the first identifier. Looks at no measured value.
pub(super) fn measured_sets(
    knowledge: &Packs,
    collections: &[Collection],
    genes: &[String],
    limits: SizeLimits,
) -> Result<Vec<TestedSet>, ToolError> {
    let mut found = Vec::new();
    for &collection in collections {
        let sets = knowledge.gene_sets(collection.pack_name())?;
        let mut restricted = sets.restrict(genes, limits.min, limits.max);
        restricted.sort_by_key(|m| m.indices.len());
        found.extend(restricted.into_iter().map(|m| TestedSet {
            id: m.set.id.clone(),
            name: readable(collection, &m.set.name),
            collection: collection.title().to_owned(),
            members: m.indices,
        }));
    }
    Ok(without_copies(found, genes.len()))
}

/// The sets of a table with columns `set` and `gene`, in order of first appearance, copies kept.
pub(super) fn sets_of_table(
    table: &DataFrame,
    genes: &[String],
    limits: SizeLimits,
) -> Result<Vec<TestedSet>, ToolError> {
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
    Ok(members
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
        .collect())
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

/// For each gene list, best ranked first, the position of the list that stands for it: the first earlier one, itself
/// standing for itself, that shares at least half of the smaller list's genes; else its own position.
pub(super) fn representatives(ranked: &[&[usize]], genes: usize) -> Vec<usize> {
    let mut standing_with: Vec<Vec<usize>> = vec![Vec::new(); genes];
    let mut shared: Vec<usize> = vec![0; ranked.len()];
    ranked
        .iter()
        .enumerate()
        .map(|(position, list)| {
            shared[..position].fill(0);
            for &gene in *list {
                for &other in &standing_with[gene] {
                    shared[other] += 1;
                }
            }
            let stands_in = |&other: &usize| {
                let smaller = list.len().min(ranked[other].len());
                shared[other] > 0 && shared[other] as f64 >= SHARED * smaller as f64
            };
            (0..position).find(stands_in).unwrap_or_else(|| {
                for &gene in *list {
                    standing_with[gene].push(position);
                }
                position
            })
        })
        .collect()
}

/// `HALLMARK_E2F_TARGETS` as `E2F targets`; other names as they are.
fn readable(collection: Collection, name: &str) -> String {
    let Some(words) = name.strip_prefix("HALLMARK_") else {
        return name.to_owned();
    };
    debug_assert_eq!(collection, Collection::Hallmark);
    let words: Vec<String> = words
        .split('_')
        .map(|word| match word {
            "DN" => "down".to_owned(),
            "TNFA" => "TNF-alpha".to_owned(),
            "NFKB" => "NF-kB".to_owned(),
            "MTORC1" => "mTORC1".to_owned(),
            "MTOR" => "mTOR".to_owned(),
            "P53" => "p53".to_owned(),
            _ if word.contains(|c: char| c.is_ascii_digit()) || ABBREVIATIONS.contains(&word) => {
                word.to_owned()
            }
            _ => word.to_lowercase(),
        })
        .collect();
    let mut name = words.join(" ");
    if let Some(first) = name.get(..1).map(str::to_uppercase)
        && !name.starts_with("p53")
        && !name.starts_with("mTOR")
    {
        name.replace_range(..1, &first);
    }
    name
}

/// Words of Hallmark names that stay in capitals.
const ABBREVIATIONS: [&str; 8] = ["DNA", "UV", "KRAS", "MYC", "TGF", "JAK", "AKT", "WNT"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hallmark_names_become_readable() {
        let name = |n| readable(Collection::Hallmark, n);
        assert_eq!(name("HALLMARK_E2F_TARGETS"), "E2F targets");
        assert_eq!(
            name("HALLMARK_TNFA_SIGNALING_VIA_NFKB"),
            "TNF-alpha signaling via NF-kB"
        );
        assert_eq!(name("HALLMARK_UV_RESPONSE_DN"), "UV response down");
        assert_eq!(name("HALLMARK_P53_PATHWAY"), "p53 pathway");
        assert_eq!(readable(Collection::Reactome, "Mitophagy"), "Mitophagy");
    }

    #[test]
    fn the_better_ranked_set_stands_for_what_it_shares() {
        let lists: [&[usize]; 5] = [&[0, 1, 2, 3], &[3, 4, 5], &[2, 3], &[4, 5, 6, 7], &[]];
        // The second shares one of three with the first; the fourth shares two of three with the second.
        assert_eq!(representatives(&lists, 8), [0, 1, 0, 1, 4]);
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
