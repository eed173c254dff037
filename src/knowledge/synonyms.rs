//! Other names of a gene and its product, as far as a text that holds one speaks of no other thing.
//!
//! The pack of identifiers lists for every gene whatever it was called: former symbols, names of the protein, symbols of other
//! genes, numbers of clone libraries, abbreviations of diseases. Asked is only what these rules leave:
//!
//! - The gene's name for people, if it has the words of one (`carbonic anhydrase 9`) and no other gene goes by it.
//! - Of the aliases none of another gene: hyphens and case aside, no symbol, accession or alias of any other. None shorter than
//!   three characters, none of letters alone that is shorter than four, and no English word and no formula (`words.txt`).
//! - An alias that abbreviates the gene's name or symbol (its characters stand there in this order, the first of them at the
//!   head of a word; numbers may be Roman: `CAIX`), or one with a number whose series (`HER1`, `HER2`, …) does not run over
//!   unrelated genes. Those that do are loci of diseases and clones (`RP37`, `KIAA0101`), but for `CD`, the antigens of leucocytes.

use std::collections::{BTreeSet, HashMap};

use super::identifiers::IdentifierMap;

/// English words and formulae that are aliases of genes, made by `reference/make_words.py`.
const WORDS: &str = include_str!("synonyms/words.txt");
/// Names given for one gene at most.
const MOST: usize = 6;
/// The longest name that is given.
const LONGEST: usize = 60;
/// An alias of letters alone is at least so long.
const SHORTEST_WORD: usize = 4;
/// A series of fewer genes tells nothing of what it numbers.
const SERIES: usize = 3;
/// Letters that symbols of related genes begin with alike.
const FAMILY: usize = 3;
/// The series of antigens of leucocytes, whose numbers are names.
const ANTIGENS: &str = "CD";
/// Numbers that are written in Roman figures.
const ROMAN: [&str; 20] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV",
    "XVI", "XVII", "XVIII", "XIX", "XX",
];

/// The other names of genes of one map.
#[derive(Debug)]
pub struct Synonyms<'a> {
    map: &'a IdentifierMap,
    /// Places of genes by every spelling of their symbols, accessions and aliases, hyphens and case aside.
    spelt: HashMap<String, Spelt>,
    /// Places of genes by the letters of their aliases before the first number.
    series: HashMap<String, BTreeSet<usize>>,
    /// How many genes have this name, spelt as those.
    names: HashMap<String, usize>,
    words: BTreeSet<&'static str>,
}

/// Whom a spelling may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelt {
    One(usize),
    Several,
}

impl<'a> Synonyms<'a> {
    /// The other names of the genes of a map.
    pub fn of(map: &'a IdentifierMap) -> Self {
        let mut spelt: HashMap<String, Spelt> = HashMap::new();
        let mut series: HashMap<String, BTreeSet<usize>> = HashMap::new();
        let mut names: HashMap<String, usize> = HashMap::new();
        for (place, gene) in map.genes().iter().enumerate() {
            *names.entry(plain(&gene.name)).or_default() += 1;
            let symbol = std::iter::once(&*gene.symbol);
            for name in symbol.chain(map.aliases(place)) {
                spelt
                    .entry(plain(name))
                    .and_modify(|s| {
                        if *s != Spelt::One(place) {
                            *s = Spelt::Several;
                        }
                    })
                    .or_insert(Spelt::One(place));
                if let Some(stem) = stem(name) {
                    series.entry(stem).or_default().insert(place);
                }
            }
        }
        Self {
            map,
            spelt,
            series,
            names,
            words: WORDS.lines().collect(),
        }
    }

    /// The other names of a gene by its symbol, those that are most like it first; none of a gene that is not known.
    pub fn names(&self, symbol: &str) -> Vec<String> {
        let Some(mapping) = self.map.map(symbol) else {
            return Vec::new();
        };
        let genes = self.map.genes();
        let Ok(place) = genes.binary_search_by_key(&mapping.gene.entrez, |gene| gene.entrez) else {
            return Vec::new();
        };
        let gene = &genes[place];
        let mut ranked: Vec<(u8, &str)> = Vec::new();
        if self.is_a_name(&gene.name, place) {
            ranked.push((0, gene.name.as_str()));
        }
        let current = std::iter::once(&*gene.symbol).filter(|current| *current != symbol);
        for alias in current.chain(self.map.aliases(place)) {
            if alias == symbol || !self.is_its_own(alias, place) {
                continue;
            }
            if *alias == *gene.symbol {
                ranked.push((0, alias));
            } else if abbreviates(alias, &gene.name, &gene.symbol) {
                ranked.push((1, alias));
            } else if stem(alias).is_some_and(|stem| self.is_among_its_kin(&stem, place)) {
                ranked.push((2, alias));
            }
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        let mut names: Vec<String> = Vec::new();
        for (_, name) in ranked {
            if names.len() < MOST && !names.iter().any(|n| n == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// Whether a gene's name for people is one that a paper could use, and of no other gene.
    fn is_a_name(&self, name: &str, place: usize) -> bool {
        let letters = name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " -".contains(c));
        let told = name
            .split([' ', '-'])
            .any(|word| word.len() >= 5 && word.bytes().all(|b| b.is_ascii_lowercase()));
        let unnamed = name.contains("open reading frame") || name.starts_with("uncharacterized");
        let unique = self.names.get(&plain(name)) == Some(&1)
            && !matches!(self.spelt.get(&plain(name)), Some(other) if *other != Spelt::One(place));
        letters
            && told
            && !unnamed
            && unique
            && name.len() <= LONGEST
            && !self.words.contains(name.to_lowercase().as_str())
    }

    /// Whether an alias stands for this gene alone and for nothing else that its spelling can be told from.
    fn is_its_own(&self, alias: &str, place: usize) -> bool {
        let plain_alias = plain(alias);
        let fine = alias
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
            && alias.starts_with(|c: char| c.is_ascii_alphabetic())
            && alias.len() <= LONGEST;
        let letters_alone = !plain_alias.bytes().any(|b| b.is_ascii_digit());
        fine && plain_alias.len() >= 3
            && (!letters_alone || plain_alias.len() >= SHORTEST_WORD)
            && !self.words.contains(alias.to_lowercase().as_str())
            && !self.words.contains(plain_alias.to_lowercase().as_str())
            && self.spelt.get(&plain_alias) == Some(&Spelt::One(place))
            && self
                .map
                .map(alias)
                .is_none_or(|other| other.gene.entrez == self.map.genes()[place].entrez)
    }

    /// Whether a series of aliases runs over few genes, or mostly over genes that are named by it or like this one.
    fn is_among_its_kin(&self, stem: &str, place: usize) -> bool {
        let Some(genes) = self.series.get(stem) else {
            return false;
        };
        if stem == ANTIGENS {
            return true;
        }
        if stem.len() < 2 {
            return false;
        }
        let symbol = |place: usize| &*self.map.genes()[place].symbol;
        let family = |place: usize| symbol(place).get(..FAMILY).unwrap_or(symbol(place));
        let is_kin = |other: &&usize| {
            family(**other) == family(place)
                || self::stem(symbol(**other)).is_some_and(|named| named == stem)
        };
        let kin = genes.iter().filter(is_kin).count();
        genes.len() < SERIES || 2 * kin > genes.len()
    }
}

/// A name with hyphens, points and spaces left out, in capitals.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !" -.".contains(*c))
        .flat_map(char::to_uppercase)
        .collect()
}

/// The letters before the first number of a name; none where it has no number.
fn stem(name: &str) -> Option<String> {
    let plain = plain(name);
    let end = plain.find(|c: char| c.is_ascii_digit())?;
    Some(plain[..end].to_owned())
}

/// Whether the characters of an alias stand in a gene's name, or in its symbol, in this order, the first of them at the head
/// of a word. Numbers of the name count in Roman figures too.
fn abbreviates(alias: &str, name: &str, symbol: &str) -> bool {
    let mut words: Vec<String> = Vec::new();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        words.push(word.to_ascii_uppercase());
        let roman = word
            .parse()
            .ok()
            .and_then(|n: usize| ROMAN.get(n.checked_sub(1)?));
        words.extend(roman.map(|roman| (*roman).to_owned()));
    }
    let wanted = plain(alias);
    let symbol = plain(symbol);
    (0..words.len()).any(|first| {
        let heads = wanted
            .chars()
            .next()
            .is_some_and(|c| words[first].starts_with(c));
        heads && stands_in(&wanted, &words[first..].concat())
    }) || symbol.len() > 2 && wanted.contains(&symbol)
        || wanted.len() + 1 >= symbol.len() && stands_in(&wanted, &symbol)
}

fn stands_in(wanted: &str, text: &str) -> bool {
    let mut rest = text.chars();
    wanted.chars().all(|c| rest.any(|other| other == c))
}

#[cfg(test)]
mod tests;
