//! Panels: proteins of one stratum that move the same way and share a specific gene set.

use std::collections::{BTreeMap, BTreeSet};

use proteus_stats::hypergeometric::Hypergeometric;

use super::draft::Judged;
use crate::knowledge::set_names::{readable, unsuitable_sets};
use crate::knowledge::{GeneSet, Packs};

/// Panels of one direction, at most.
const PANELS: usize = 4;
/// Members a panel needs, and the most it holds: what moves of one set in one direction is told once.
const MEMBERS: std::ops::RangeInclusive<usize> = FEWEST..=24;
/// Members a panel needs.
pub const FEWEST: usize = 3;
/// Measured size above which a set is too general to name a panel.
const SET_SIZE: usize = 120;
/// Surprise (−log10 p) a set needs.
const SURPRISE: f64 = 3.0;
/// The collection of complexes.
const COMPLEXES: &str = "go-complexes";
/// Share of what a set would name from which it is one complex that moves: a pathway that holds the proteasome is not then what
/// its subunits have in common.
const ONE_COMPLEX: f64 = 0.5;

/// The set a panel's members share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelSet {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Pack name and version.
    pub pack: String,
    /// Members measured.
    pub measured: usize,
}

/// A set that may name a panel.
#[derive(Debug, Clone)]
pub struct NamingSet<'k> {
    /// The set.
    pub set: &'k GeneSet,
    /// Pack name and version.
    pub pack: String,
    /// What equals are ordered by.
    pub order: &'k str,
    /// Whether it is a complex.
    pub complex: bool,
}

/// The sets that may name panels, the same for every stratum: those of all collections that say something of use.
pub fn naming_sets(packs: &Packs) -> Vec<NamingSet<'_>> {
    let mut naming = Vec::new();
    for collection in [
        COMPLEXES,
        "reactome",
        "go-bp",
        "go-mf",
        "hallmark",
        "wikipathways",
    ] {
        let (Ok(sets), Ok(unsuitable)) = (
            packs.gene_sets(collection),
            unsuitable_sets(packs, collection),
        ) else {
            continue;
        };
        let pack = sets.source().to_string();
        let telling = sets.sets().iter();
        naming.extend(
            telling
                .filter(|set| !unsuitable.contains(set.id.as_str()))
                .map(|set| NamingSet {
                    set,
                    pack: pack.clone(),
                    order: packs.order_of_set(&set.id),
                    complex: collection == COMPLEXES,
                }),
        );
    }
    naming
}

/// Rows that share a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// The set.
    pub set: PanelSet,
    /// The rows it names.
    pub named: Vec<usize>,
    /// All rows that are told with it, named or not.
    pub told: Vec<usize>,
}

/// Panels among `side` (rows that move the same way, best first): greedily the most specific
/// of the sets whose members stand out most.
pub fn panels(
    side: &[usize],
    judged: &Judged<'_>,
    measured: &BTreeSet<String>,
    sets: &[NamingSet<'_>],
) -> Vec<Panel> {
    let by_symbol: BTreeMap<String, usize> = side
        .iter()
        .rev()
        .map(|&i| (judged.gene(i).to_uppercase(), i))
        .collect();
    let place: BTreeMap<usize, usize> = side.iter().enumerate().map(|(k, &i)| (i, k)).collect();
    shared_sets(&by_symbol, measured, sets)
        .into_iter()
        .map(|(set, mut told)| {
            told.sort_by_key(|i| place.get(i));
            let named = told.iter().copied().take(*MEMBERS.end()).collect();
            Panel { set, named, told }
        })
        .collect()
}

/// Sets that the rows of `by_symbol` share beyond chance, with their rows: greedily the most specific of those whose members stand
/// out most, each with at least three rows that no set before it has. `measured` holds the symbols that could have been drawn.
pub fn shared_sets(
    by_symbol: &BTreeMap<String, usize>,
    measured: &BTreeSet<String>,
    sets: &[NamingSet<'_>],
) -> Vec<(PanelSet, Vec<usize>)> {
    let (drawn, background) = (by_symbol.len(), measured.len());
    let mut candidates: Vec<(PanelSet, Vec<usize>, &str, bool)> = Vec::new();
    for NamingSet {
        set,
        pack,
        order,
        complex,
    } in sets
    {
        let members = shared(set, by_symbol);
        if members.len() < *MEMBERS.start() {
            continue;
        }
        let size = set
            .members
            .iter()
            .filter(|m| measured.contains(&m.to_uppercase()))
            .count();
        if size > SET_SIZE {
            continue;
        }
        let named = PanelSet {
            id: set.id.clone(),
            name: readable(&set.name),
            pack: pack.clone(),
            measured: size,
        };
        candidates.push((named, members, order, *complex));
    }
    let mut chosen: Vec<(PanelSet, Vec<usize>)> = Vec::new();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    while chosen.len() < PANELS {
        let fresh = |members: &[usize]| -> Vec<usize> {
            let unused = members.iter().copied().filter(|i| !used.contains(i));
            unused.collect()
        };
        let complexes: Vec<BTreeSet<usize>> = candidates
            .iter()
            .filter(|(.., complex)| *complex)
            .map(|(_, members, ..)| fresh(members).into_iter().collect())
            .filter(|rows: &BTreeSet<usize>| rows.len() >= *MEMBERS.start())
            .collect();
        let is_one_complex = |rows: &[usize]| {
            complexes.iter().any(|complex| {
                let shared = rows.iter().filter(|i| complex.contains(i)).count();
                shared as f64 >= ONE_COMPLEX * rows.len() as f64
            })
        };
        let best = candidates
            .iter()
            .filter(|(set, ..)| chosen.iter().all(|(told, _)| told.id != set.id))
            .filter_map(|(set, members, order, complex)| {
                let size = set.measured;
                let fresh = fresh(members);
                if fresh.len() < *MEMBERS.start()
                    || fresh.len() * 3 < members.len()
                    || (!complex && is_one_complex(&fresh))
                {
                    return None;
                }
                let drawing = Hypergeometric::new(background as u64, size as u64, drawn as u64);
                let surprise = -drawing.ln_upper_tail(fresh.len() as u64) / std::f64::consts::LN_10;
                // Of two sets about as surprising, the one that holds less else says more precisely what moves.
                let density = fresh.len() as f64 / size as f64;
                let worth = surprise * density.sqrt();
                (surprise >= SURPRISE).then_some((worth, set, fresh, *order))
            })
            .max_by(|a, b| {
                a.0.total_cmp(&b.0)
                    .then_with(|| b.1.measured.cmp(&a.1.measured))
                    .then_with(|| b.3.cmp(a.3))
            });
        let Some((_, set, members, _)) = best else {
            break;
        };
        used.extend(&members);
        chosen.push((set.clone(), members));
    }
    chosen
}

fn shared(set: &GeneSet, by_symbol: &BTreeMap<String, usize>) -> Vec<usize> {
    let found: BTreeSet<usize> = set
        .members
        .iter()
        .filter_map(|m| by_symbol.get(&m.to_uppercase()).copied())
        .collect();
    found.into_iter().collect()
}
