//! Proteins, complexes, pathways and processes that a question names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::words::{alike, is_direction, is_filler, is_negation, stem, words_of};
use super::{Aside, Question};
use crate::dataset::Dataset;
use crate::discovery::EntityKind;
use crate::knowledge::set_names::{readable, unsuitable_sets};
use crate::knowledge::{Codebook, IdentifierKind, NameKind, Packs};

/// Words a name of a protein is looked for over: `HLA-DRB1`.
const STRETCH: usize = 4;
/// Sets followed at most.
const SETS: usize = 40;
/// Members of a set that have to be measured for it to be tested.
const MEASURED: usize = 3;
/// Letters of a word that names a set all by itself.
const TELLING_WORD: usize = 5;
/// Collections whose sets are tested, the more specific first.
const COLLECTIONS: [&str; 6] = [
    "go-complexes",
    "hallmark",
    "reactome",
    "wikipathways",
    "go-bp",
    "go-mf",
];
/// Words of a set's name that say little of it, as stems.
const GENERIC_SET: &[&str] = &[
    "complex", "complexe", "pathway", "process", "proces", "of", "the", "and", "in", "by", "to",
    "for", "via", "protein", "subunit", "particle", "set", "system",
];

/// A measured protein.
#[derive(Debug, Clone)]
pub(super) struct NamedProtein {
    /// What people call it.
    pub label: String,
    symbol: Option<String>,
    /// Ids of the features that go by the name.
    pub ids: BTreeSet<String>,
    pub places: BTreeSet<usize>,
}

impl NamedProtein {
    /// What it is called where names go by codes.
    pub fn label_under(&self, codes: &Codebook) -> String {
        let by_id = || {
            self.ids
                .iter()
                .find_map(|id| codes.code(NameKind::Protein, id))
        };
        self.symbol
            .as_deref()
            .and_then(|s| codes.code(NameKind::Gene, s))
            .or_else(by_id)
            .unwrap_or("…")
            .to_owned()
    }
}

/// A set with enough measured members to be tested.
#[derive(Debug, Clone)]
pub(super) struct NamedSet {
    pub id: String,
    pub name: String,
    /// Ids of the features of its measured members.
    pub measured: BTreeSet<String>,
    pub places: BTreeSet<usize>,
}

impl Question {
    /// Finds measured proteins by symbol, accession or id as they are spelled; those with a number in them in any case.
    /// Words of groups are groups. A word that is a variable too is a protein where another variable or a group is named.
    pub(super) fn find_proteins(&mut self, dataset: &Dataset, used: &mut BTreeSet<usize>) {
        let assay = dataset.assay();
        let mut named: HashMap<&str, BTreeSet<usize>> = HashMap::new();
        for (row, feature) in assay.features.iter().enumerate() {
            let names = feature.accessions.iter().chain(&feature.symbols);
            for name in names.chain(&feature.symbol).chain([&feature.id]) {
                named.entry(name).or_default().insert(row);
            }
        }
        let mut upper: HashMap<String, BTreeSet<usize>> = HashMap::new();
        for (name, rows) in &named {
            upper.entry(name.to_uppercase()).or_default().extend(rows);
        }
        // In a question all in capitals every word is spelled as symbols are.
        let shouted = !self.text.chars().any(char::is_lowercase);
        let of_levels: BTreeSet<usize> = self.levels.iter().flat_map(|l| &l.2).copied().collect();
        let negated = self.words.negated();
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        let stretches: Vec<(usize, usize)> = self.words.stretches(STRETCH).collect();
        for (from, to) in stretches {
            let places: BTreeSet<usize> = (from..to).collect();
            let elsewhere = [&taken, &of_levels, &negated];
            if elsewhere.iter().any(|other| !places.is_disjoint(other)) {
                continue;
            }
            let raw = self.words.raw(from, to);
            let numbered =
                raw.chars().any(|c| c.is_ascii_digit()) && raw.chars().any(char::is_alphabetic);
            let exact = named.get(raw).filter(|_| numbered || !shouted);
            let rows = exact.or_else(|| {
                let enough = numbered && raw.chars().count() >= 3;
                enough.then(|| upper.get(&raw.to_uppercase())).flatten()
            });
            let Some(rows) = rows.filter(|_| raw.chars().count() >= 2) else {
                continue;
            };
            let raw = raw.to_owned();
            if !self.is_free_for_a_protein(&places, &raw, used) {
                continue;
            }
            let first = rows.first().map(|&row| &assay.features[row]);
            let named = NamedProtein {
                label: first.map_or_else(|| raw.clone(), |f| f.label().into_owned()),
                symbol: first.and_then(|f| f.symbol.clone()),
                ids: rows
                    .iter()
                    .map(|&row| assay.features[row].id.clone())
                    .collect(),
                places: places.clone(),
            };
            used.extend(&places);
            taken.extend(places);
            match self.proteins.iter_mut().find(|p| p.ids == named.ids) {
                Some(known) => known.places.extend(named.places),
                None => self.proteins.push(named),
            }
        }
        self.proteins.sort_by_key(|p| p.places.first().copied());
    }

    /// Whether words that name a protein name nothing of the sheet; settles it where they do, and says so.
    fn is_free_for_a_protein(
        &mut self,
        places: &BTreeSet<usize>,
        raw: &str,
        used: &BTreeSet<usize>,
    ) -> bool {
        if places.is_disjoint(used) {
            return true;
        }
        let shares = |(_, p): &(String, BTreeSet<usize>)| !p.is_disjoint(places);
        let only = |(_, p): &(String, BTreeSet<usize>)| p.is_subset(places);
        let elsewhere = !self.levels.is_empty() || self.variables.iter().any(|v| !shares(v));
        let names: Vec<String> = self
            .variables
            .iter()
            .filter(|v| shares(v))
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let names = names.join(", ");
        if elsewhere && self.variables.iter().filter(|v| shares(v)).all(only) {
            self.variables.retain(|v| !shares(v));
            self.left_out.push(Aside::naming(names, format!("`{raw}` was taken for the protein, since the question names a comparison as well")));
            return true;
        }
        self.left_out.push(Aside::naming(
            raw.to_owned(),
            format!("a measured protein too; it was taken for the variable {names}"),
        ));
        false
    }

    /// Finds sets by the words of their names: every word that tells something must be in the question. Of sets that were
    /// found, those that use more of its words are kept. Gives whether a set was named of which too little is measured.
    pub(super) fn find_sets(
        &mut self,
        dataset: &Dataset,
        packs: &Packs,
        used: &mut BTreeSet<usize>,
    ) -> bool {
        let telling = |word: &str| !is_filler(word) && !is_direction(word) && !is_negation(word);
        let negated = self.words.negated();
        let mut free: BTreeMap<String, usize> = (0..self.words.len())
            .filter(|p| !used.contains(p) && !negated.contains(p) && telling(self.words.word(*p)))
            .map(|p| (stem(self.words.word(p)), p))
            .collect();
        if free.is_empty() || packs.is_empty() {
            return false;
        }
        // `cell cycle process`, `pathway of apoptosis`: such words are part of names too.
        for (_, place) in self.kinds.iter().filter(|(k, _)| *k != EntityKind::Protein) {
            free.entry(stem(self.words.word(*place))).or_insert(*place);
        }
        let measured = measured(dataset);
        let mut found: Vec<(NamedSet, usize)> = Vec::new();
        for collection in COLLECTIONS {
            let (Ok(sets), Ok(unsuitable)) = (
                packs.gene_sets(collection),
                unsuitable_sets(packs, collection),
            ) else {
                continue;
            };
            for set in sets
                .sets()
                .iter()
                .filter(|s| !unsuitable.contains(s.id.as_str()))
            {
                let name = readable(&set.name);
                let Some(places) = places_of(&name, &free) else {
                    continue;
                };
                let features: BTreeSet<String> = set
                    .members
                    .iter()
                    .filter_map(|m| measured.get(&m.to_uppercase()))
                    .flatten()
                    .cloned()
                    .collect();
                let members = set.members.iter();
                let count = members
                    .filter(|m| measured.contains_key(&m.to_uppercase()))
                    .count();
                let named = NamedSet {
                    id: set.id.clone(),
                    name,
                    measured: features,
                    places,
                };
                if found.iter().all(|(other, _)| other.id != named.id) {
                    found.push((named, count));
                }
            }
        }
        let all: Vec<BTreeSet<usize>> = found.iter().map(|(s, _)| s.places.clone()).collect();
        found.retain(|(set, _)| {
            !all.iter()
                .any(|other| set.places != *other && set.places.is_subset(other))
        });
        let (kept, scarce): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(_, count)| *count >= MEASURED);
        used.extend(kept.iter().chain(&scarce).flat_map(|(set, _)| &set.places));
        for (set, count) in &scarce {
            self.left_out.push(Aside::naming(
                set.name.clone(),
                format!("{count} of its members were measured, {MEASURED} are needed"),
            ));
        }
        if kept.len() > SETS {
            self.left_out.push(Aside::naming(
                format!("{} sets", kept.len() - SETS),
                format!("{SETS} sets are followed at most; name the one you mean in full"),
            ));
        }
        self.sets = kept.into_iter().take(SETS).map(|(set, _)| set).collect();
        // A word that turned out to be part of a name asks for no kind of claim.
        let of_sets: BTreeSet<usize> = self.sets.iter().flat_map(|s| &s.places).copied().collect();
        self.kinds.retain(|(_, place)| !of_sets.contains(place));
        self.sets.is_empty() && !scarce.is_empty()
    }

    /// Finds genes that the packs know and the table does not hold; gives whether one was named.
    pub(super) fn find_unmeasured(
        &mut self,
        dataset: &Dataset,
        packs: &Packs,
        used: &mut BTreeSet<usize>,
    ) -> bool {
        let Ok(map) = packs.identifiers() else {
            return false;
        };
        let negated = self.words.negated();
        let molecules = dataset.assay().measure().is_of_molecules();
        let mut any = false;
        for place in 0..self.words.len() {
            let word = self.words.word(place).to_owned();
            let spelled = word.chars().count() >= 3
                && word.chars().any(|c| c.is_ascii_uppercase())
                && !word.chars().any(|c| c.is_ascii_lowercase());
            let shouted = !self.text.chars().any(char::is_lowercase);
            let numbered = word.chars().any(|c| c.is_ascii_digit());
            if used.contains(&place)
                || negated.contains(&place)
                || !molecules
                || !spelled
                || (shouted && !numbered)
            {
                continue;
            }
            let known = map.map(&word).is_some_and(|m| {
                matches!(m.kind, IdentifierKind::Symbol | IdentifierKind::Uniprot)
            });
            if known {
                any = true;
                used.insert(place);
                self.left_out.push(Aside::naming(
                    word,
                    "a gene that was not measured".to_owned(),
                ));
            }
        }
        any
    }
}

/// Feature ids by the gene symbols they go by, in capitals.
fn measured(dataset: &Dataset) -> HashMap<String, Vec<String>> {
    let mut ids: HashMap<String, Vec<String>> = HashMap::new();
    for feature in &dataset.assay().features {
        if let Some(symbol) = &feature.symbol {
            ids.entry(symbol.to_uppercase())
                .or_default()
                .push(feature.id.clone());
        }
    }
    ids
}

/// Where the words of a set's name that tell something stand; none where one is missing. A single short word names no set.
fn places_of(name: &str, free: &BTreeMap<String, usize>) -> Option<BTreeSet<usize>> {
    let words: Vec<String> = words_of(name).iter().map(|w| stem(w)).collect();
    let telling: Vec<&String> = words
        .iter()
        .filter(|w| !GENERIC_SET.contains(&w.as_str()))
        .collect();
    let long = telling.iter().any(|w| w.chars().count() >= TELLING_WORD);
    if telling.is_empty() || (telling.len() == 1 && !long) {
        return None;
    }
    let place = |word: &String| {
        free.get(word).copied().or_else(|| {
            let form = free.iter().find(|(other, _)| alike(word, other));
            form.map(|(_, place)| *place)
        })
    };
    let mut places: BTreeSet<usize> = telling.iter().map(|w| place(w)).collect::<Option<_>>()?;
    places.extend(words.iter().filter_map(|w| free.get(w)));
    Some(places)
}
