//! Codes for names: what a blind run says in place of genes, proteins, peptides, cells, sets and the study's own words.
//!
//! A code is a prefix that tells the kind and a number that tells nothing: numbers follow a hash of seed and name, so that
//! neither the order of the names nor that of the table shows in them, and equal runs have equal codes.

use std::collections::{BTreeMap, HashMap};

/// Kinds of names that codes stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// A gene symbol, in any case.
    Gene,
    /// The id or an accession of a protein, or of whatever else the rows are.
    Protein,
    /// A peptide or precursor.
    Peptide,
    /// A cell population.
    Cells,
    /// A pathway, process, place or complex.
    Set,
    /// Title, files and other words of the study.
    Study,
}

impl NameKind {
    const ALL: [Self; 6] = [
        Self::Gene,
        Self::Protein,
        Self::Peptide,
        Self::Cells,
        Self::Set,
        Self::Study,
    ];

    fn prefix(self) -> &'static str {
        match self {
            Self::Gene => "GENE",
            Self::Protein => "PROT",
            Self::Peptide => "PEPT",
            Self::Cells => "CELL",
            Self::Set => "SET",
            Self::Study => "STUDY",
        }
    }

    /// What names of this kind are told apart by: symbols are the same in any case.
    fn key(self, name: &str) -> String {
        match self {
            Self::Gene => name.to_uppercase(),
            _ => name.to_owned(),
        }
    }
}

/// A name to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Its kind.
    pub kind: NameKind,
    /// What it is looked up by.
    pub id: String,
    /// What the code is translated back to.
    pub shown: String,
}

impl Name {
    /// A name that is looked up by itself.
    pub fn new(kind: NameKind, name: impl Into<String>) -> Self {
        let id = name.into();
        Self {
            kind,
            shown: id.clone(),
            id,
        }
    }
}

/// Shortest name that is looked for within texts: shorter ones are words and numbers too often.
const SHORTEST_IN_TEXT: usize = 3;

/// Names and their codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codebook {
    codes: BTreeMap<NameKind, HashMap<String, String>>,
    names: BTreeMap<String, String>,
    ids: HashMap<String, String>,
    /// Names as they are spelled, with their codes, and the length of the longest in characters.
    in_text: HashMap<String, String>,
    longest: usize,
}

impl Codebook {
    /// Codes for `names`; of names that are told apart by nothing the first is kept. No code occurs in a name or in one of
    /// the `others`, texts that stay as they are.
    pub fn new<'t>(
        names: impl IntoIterator<Item = Name>,
        others: impl IntoIterator<Item = &'t str>,
        seed: u64,
    ) -> Self {
        let mut distinct: BTreeMap<NameKind, BTreeMap<String, String>> = BTreeMap::new();
        let mut spelled: Vec<(NameKind, String, String)> = Vec::new();
        for name in names.into_iter().filter(|n| !n.id.trim().is_empty()) {
            let key = name.kind.key(&name.id);
            spelled.push((name.kind, key.clone(), name.id));
            let of_kind = distinct.entry(name.kind).or_default();
            of_kind.entry(key).or_insert(name.shown);
        }
        let mut texts: Vec<String> = others.into_iter().map(str::to_uppercase).collect();
        texts.extend(spelled.iter().map(|(_, _, id)| id.to_uppercase()));
        let mut book = Self::default();
        for kind in NameKind::ALL {
            let Some(names) = distinct.remove(&kind) else {
                continue;
            };
            let prefix = free_prefix(kind.prefix(), &texts);
            let mut hashed: Vec<(String, String, String)> = names
                .into_iter()
                .map(|(key, shown)| {
                    let hash = blake3::hash(format!("{seed} {prefix} {key}").as_bytes());
                    (hash.to_hex().to_string(), key, shown)
                })
                .collect();
            hashed.sort();
            let mut codes = HashMap::with_capacity(hashed.len());
            for (place, (_, key, shown)) in hashed.into_iter().enumerate() {
                let code = format!("{prefix}{:05}", place + 1);
                book.names.insert(code.clone(), shown);
                book.ids.insert(code.clone(), key.clone());
                codes.insert(key, code);
            }
            book.codes.insert(kind, codes);
        }
        for (kind, key, id) in spelled {
            let telling =
                id.chars().count() >= SHORTEST_IN_TEXT && id.chars().any(char::is_alphabetic);
            let code = book.codes.get(&kind).and_then(|codes| codes.get(&key));
            if let (true, Some(code)) = (telling, code.cloned()) {
                book.longest = book.longest.max(id.chars().count());
                book.in_text.entry(id).or_insert(code);
            }
        }
        book
    }

    /// The code of a name.
    pub fn code(&self, kind: NameKind, name: &str) -> Option<&str> {
        let of_kind = self.codes.get(&kind)?;
        of_kind.get(&kind.key(name)).map(String::as_str)
    }

    /// The code of a name, or the name itself where it has none.
    pub fn hide(&self, kind: NameKind, name: &str) -> String {
        self.code(kind, name).unwrap_or(name).to_owned()
    }

    /// What a code stands for.
    pub fn name(&self, code: &str) -> Option<&str> {
        self.names.get(code).map(String::as_str)
    }

    /// What the name behind a code is looked up by: of a set its identifier, of a gene its symbol in capitals.
    pub fn id(&self, code: &str) -> Option<&str> {
        self.ids.get(code).map(String::as_str)
    }

    /// Every code with what it stands for.
    pub fn names(&self) -> &BTreeMap<String, String> {
        &self.names
    }

    /// The text with every name in it replaced that stands as a word of its own and has at least three characters, a letter
    /// among them; longer names first.
    pub fn hide_in(&self, text: &str) -> String {
        let joins = |c: char| c.is_alphanumeric() || c == '_';
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let at = |i: usize| chars.get(i).map_or(text.len(), |(at, _)| *at);
        let mut out = String::with_capacity(text.len());
        let mut i = 0;
        while i < chars.len() {
            let starts = i == 0 || !joins(chars[i - 1].1) || !joins(chars[i].1);
            let furthest = (i + self.longest).min(chars.len());
            let found = (starts && !chars[i].1.is_whitespace())
                .then(|| {
                    (i + SHORTEST_IN_TEXT..=furthest).rev().find_map(|end| {
                        let ends =
                            end == chars.len() || !joins(chars[end].1) || !joins(chars[end - 1].1);
                        let code = ends.then(|| self.in_text.get(&text[at(i)..at(end)]))??;
                        Some((end, code))
                    })
                })
                .flatten();
            match found {
                Some((end, code)) => {
                    out.push_str(code);
                    i = end;
                }
                None => {
                    out.push(chars[i].1);
                    i += 1;
                }
            }
        }
        out
    }
}

/// `prefix`, with as many `X` behind it as it takes that no text holds it in front of a digit.
fn free_prefix(prefix: &str, texts: &[String]) -> String {
    let mut prefix = prefix.to_owned();
    let taken = |prefix: &str| {
        texts.iter().any(|text| {
            text.match_indices(prefix).any(|(at, found)| {
                text[at + found.len()..].starts_with(|c: char| c.is_ascii_digit())
            })
        })
    };
    while taken(&prefix) {
        prefix.push('X');
    }
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(names: &[(NameKind, &str)], seed: u64) -> Codebook {
        let names = names.iter().map(|(kind, name)| Name::new(*kind, *name));
        Codebook::new(names, ["treated_1", "control_1"], seed)
    }

    #[test]
    fn codes_depend_on_seed_and_names_and_not_on_their_order() {
        use NameKind::Gene;
        let names = [(Gene, "TP53"), (Gene, "EGFR"), (Gene, "ZYX"), (Gene, "ALB")];
        let mut turned = names;
        turned.reverse();
        assert_eq!(book(&names, 3), book(&turned, 3));
        let order = |seed| names.map(|(kind, name)| book(&names, seed).hide(kind, name));
        assert!((1..20).any(|seed| order(seed) != order(seed + 1)));
        let codes = book(&names, 3);
        assert_eq!(codes.code(Gene, "tp53"), codes.code(Gene, "TP53"));
        assert_eq!(codes.name(&codes.hide(Gene, "EGFR")), Some("EGFR"));
        assert_eq!(codes.code(Gene, "KRAS"), None);
    }

    #[test]
    fn a_code_never_occurs_in_a_name() {
        let codes = book(
            &[(NameKind::Gene, "GENE00001"), (NameKind::Gene, "genex1")],
            1,
        );
        let hidden = codes.hide(NameKind::Gene, "GENE00001");
        assert!(hidden.starts_with("GENEXX0"), "{hidden}");
    }

    #[test]
    fn names_in_a_text_are_hidden_as_whole_words() {
        use NameKind::{Gene, Protein};
        let codes = book(
            &[
                (Gene, "TP53"),
                (Gene, "HLA-A"),
                (Protein, "HLA-A-2"),
                (Gene, "C3"),
                (Protein, "12345"),
            ],
            1,
        );
        let hidden = codes.hide_in("`TP53`, TP53BP1 and HLA-A-2 of 12345; C3 stays, ‘HLA-A’ not");
        let of = |kind, name| codes.hide(kind, name);
        assert_eq!(
            hidden,
            format!(
                "`{}`, TP53BP1 and {} of 12345; C3 stays, ‘{}’ not",
                of(Gene, "TP53"),
                of(Protein, "HLA-A-2"),
                of(Gene, "HLA-A")
            )
        );
    }
}
