//! What is asked about a hypothesis: names from its claims, words of the study, and the claims as a sentence could state them.

use std::collections::BTreeSet;

use proteus_literature::reading::{is_distinct, is_name, names_organ};
use proteus_literature::{Claim, Direction};

use crate::agent::pursuit::Pursuit;
use crate::agent::wording::Comparison;
use crate::dataset::Dataset;
use crate::discovery::{self, Entity, EntityKind, Hypothesis, Relation};
use crate::knowledge::{IdentifierMap, Synonyms};

/// Subjects of one hypothesis that are asked about, the leading one first.
const SUBJECTS: usize = 12;
/// Synonyms of the subjects of one hypothesis that are asked about, those of the leading one first.
const SYNONYMS: usize = 24;
/// The longest name that is asked about; longer ones are sentences.
const LONGEST_NAME: usize = 80;
/// Shorter words are abbreviations.
const SHORTEST_WORD: usize = 4;
/// A word in capitals is taken for one from this length on; shorter ones are abbreviations.
const SHORTEST_CAPITALS: usize = 5;
/// Labels of groups that say nothing without their variable, and would be found in any sentence.
const EMPTY_LABELS: [&str; 26] = [
    "other", "others", "rest", "none", "unknown", "true", "false", "positive", "negative", "high",
    "higher", "lower", "type", "group", "groups", "class", "cluster", "level", "sample", "samples",
    "missing", "both", "with", "without", "before", "after",
];

/// What the study is, in words that papers use.
pub(super) struct Study<'a> {
    about: Vec<String>,
    /// Whether it may be of people, of whom the sentences are that rules read.
    people: bool,
    /// What else genes are called; none where that is not asked for or not known.
    synonyms: Option<Synonyms<'a>>,
    /// Symbols of everything that was measured, in capitals: none is a synonym of anything else here.
    measured: BTreeSet<String>,
}

/// What is asked about one hypothesis.
pub(super) struct Asking {
    /// Names a paper must hold one of.
    pub names: Vec<String>,
    /// Words for the circumstances.
    pub words: Vec<String>,
    /// What a sentence could state, each with what people call its subject; empty where none could.
    pub claims: Vec<(String, Claim)>,
    /// Why no sentence could.
    pub unreadable: Option<&'static str>,
}

impl<'a> Study<'a> {
    /// The study, by the words given for it, or else by what its title says of organs, tissues and fluids. Other words of a
    /// title are left out: a paper that shares them may be about anything. Genes go by the other names of `known` as well.
    pub(super) fn of(
        dataset: &Dataset,
        given: &[String],
        known: Option<&'a IdentifierMap>,
    ) -> Self {
        let about = if given.is_empty() {
            let title = dataset.source.title.as_deref().unwrap_or_default();
            organs(&words(title))
        } else {
            given.to_vec()
        };
        let human =
            |o: &str| o.eq_ignore_ascii_case("Homo sapiens") || o.eq_ignore_ascii_case("human");
        let people = dataset.organism().is_none_or(human);
        let features = dataset.assays.values().flat_map(|assay| &assay.features);
        let symbols = features.flat_map(|f| f.symbol.iter().chain(&f.symbols));
        Self {
            about,
            people,
            synonyms: known.filter(|_| people).map(Synonyms::of),
            measured: symbols.map(|symbol| symbol.to_uppercase()).collect(),
        }
    }

    /// What else papers could call an entity, of which nothing is a word for something else in this study.
    fn synonyms(&self, entity: &Entity, words: &[String]) -> Vec<String> {
        let by_gene = naming(entity.kind) == Naming::Gene;
        let Some(synonyms) = self.synonyms.as_ref().filter(|_| by_gene) else {
            return Vec::new();
        };
        let own: Vec<String> = symbols(entity).map(str::to_uppercase).collect();
        let fits = |name: &String| {
            let capitals = name.to_uppercase();
            let lower = name.to_lowercase();
            is_name(name)
                && name.chars().count() <= LONGEST_NAME
                && (own.contains(&capitals) || !self.measured.contains(&capitals))
                && !words.iter().any(|word| word.to_lowercase() == lower)
                && is_distinct(name)
        };
        let known = names(entity);
        let mut also: Vec<String> = Vec::new();
        for name in symbols(entity).flat_map(|symbol| synonyms.names(symbol)) {
            if fits(&name) && !known.contains(&name) && !also.contains(&name) {
                also.push(name);
            }
        }
        also
    }

    /// Words for what was studied.
    pub(super) fn about(&self) -> &[String] {
        &self.about
    }
}

impl Asking {
    pub(super) fn of(
        hypothesis: &Hypothesis,
        pursuit: Option<&Pursuit>,
        study: &Study<'_>,
    ) -> Self {
        let mut subjects: Vec<&Entity> = Vec::new();
        for claim in &hypothesis.claims {
            if !subjects.iter().any(|s| s.symbol == claim.subject.symbol) {
                subjects.push(&claim.subject);
            }
        }
        subjects.truncate(SUBJECTS);
        let (target, reference) = match pursuit.map(|p| &p.comparison) {
            Some(Comparison::Arms {
                target, reference, ..
            }) => (words(target), words(reference)),
            _ => (Vec::new(), Vec::new()),
        };
        let mut about = study.about.clone();
        if about.is_empty() {
            // What both groups are of is what was studied.
            about = organs(&target);
            about.retain(|word| reference.contains(word));
        }
        let mut circumstances = about.clone();
        for word in target.iter().chain(&reference) {
            if !circumstances.contains(word) {
                circumstances.push(word.clone());
            }
        }
        let mut synonyms: Vec<(&str, Vec<String>)> = Vec::new();
        let mut asked: Vec<String> = Vec::new();
        let mut left = SYNONYMS;
        for subject in &subjects {
            let mut also = study.synonyms(subject, &circumstances);
            also.truncate(left);
            left -= also.len();
            for name in names(subject).iter().chain(&also) {
                if !asked.contains(name) {
                    asked.push(name.clone());
                }
            }
            synonyms.push((subject.symbol.as_str(), also));
        }
        let called = |subject: &Entity| {
            let mut all = names(subject);
            let also = synonyms.iter().filter(|(s, _)| *s == subject.symbol);
            all.extend(also.flat_map(|(_, names)| names.clone()));
            all
        };
        let apart = |one: &[String], other: &[String]| one.iter().any(|word| !other.contains(word));
        let readable = |claim: &&discovery::Claim| {
            subjects.iter().any(|s| s.symbol == claim.subject.symbol) && is_readable(claim)
        };
        let claims: Vec<(String, Claim)> = hypothesis
            .claims
            .iter()
            .filter(readable)
            .filter_map(|claim| {
                let of_claim = Claim {
                    names: called(&claim.subject),
                    direction: Some(direction(claim.direction)?),
                    target: target.clone(),
                    reference: reference.clone(),
                    context: about.clone(),
                };
                (!of_claim.names.is_empty()).then(|| (claim.subject.symbol.clone(), of_claim))
            })
            .collect();
        let unreadable = if !study.people {
            Some("rules read sentences about people, and this study is of another organism")
        } else if hypothesis.contrast.is_none() {
            Some("it compares no two groups of samples")
        } else if claims.is_empty() {
            Some(
                "rules read what is said of the abundance of a protein, and it claims something else",
            )
        } else if !apart(&target, &reference) || !apart(&reference, &target) {
            Some("its groups have no names that papers use")
        } else if about.is_empty() {
            Some("no word says what was studied; name one with `--literature-about`")
        } else {
            None
        };
        Self {
            names: asked,
            words: circumstances,
            claims: if unreadable.is_none() {
                claims
            } else {
                Vec::new()
            },
            unreadable,
        }
    }
}

/// Whether a sentence could state it: a protein, measured itself, in two groups of samples.
fn is_readable(claim: &discovery::Claim) -> bool {
    claim.subject.kind == EntityKind::Protein
        && claim.object.kind == EntityKind::SampleGroup
        && matches!(
            claim.relation,
            Relation::HigherIn | Relation::LowerIn | Relation::DetectedOnlyIn
        )
}

fn direction(direction: discovery::Direction) -> Option<Direction> {
    match direction {
        discovery::Direction::Higher => Some(Direction::Higher),
        discovery::Direction::Lower => Some(Direction::Lower),
        discovery::Direction::Undirected => None,
    }
}

/// How papers name what an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// By the symbol of its gene and its accession.
    Gene,
    /// By its name.
    Set,
    /// Not at all.
    Nothing,
}

fn naming(kind: EntityKind) -> Naming {
    match kind {
        EntityKind::Protein
        | EntityKind::Gene
        | EntityKind::Transcript
        | EntityKind::Site
        | EntityKind::Mutation
        | EntityKind::CopyNumber
        | EntityKind::Kinase
        | EntityKind::Regulator => Naming::Gene,
        EntityKind::Complex | EntityKind::Pathway => Naming::Set,
        EntityKind::Peptide
        | EntityKind::Module
        | EntityKind::CellPopulation
        | EntityKind::Marker
        | EntityKind::SampleGroup
        | EntityKind::Subtype
        | EntityKind::Component
        | EntityKind::ClinicalVariable
        | EntityKind::Outcome => Naming::Nothing,
    }
}

/// The symbols of the genes of an entity that goes by them.
fn symbols(entity: &Entity) -> impl Iterator<Item = &str> {
    entity.gene().split(';').map(str::trim)
}

/// What papers could call an entity: gene symbols and accessions, the name of a set.
fn names(entity: &Entity) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    match naming(entity.kind) {
        Naming::Gene => {
            names.extend(symbols(entity).map(str::to_owned));
            let parts = entity
                .id
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|part| is_accession(part));
            names.extend(parts.map(str::to_owned));
            names.retain(|name| {
                name.chars()
                    .all(|c| c.is_alphanumeric() || "-_.@".contains(c))
            });
        }
        Naming::Set => {
            let plain = |c: char| {
                if c.is_alphanumeric() || "-,/+".contains(c) {
                    c
                } else {
                    ' '
                }
            };
            let name: String = entity.symbol.chars().map(plain).collect();
            names.push(name.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        Naming::Nothing => {}
    }
    names.retain(|name| is_name(name) && name.chars().count() <= LONGEST_NAME);
    names
}

/// Whether it has the form of an accession of UniProt, <https://www.uniprot.org/help/accession_numbers>.
fn is_accession(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let (Some(first), Some(second), Some(last)) = (letters.first(), letters.get(1), letters.last())
    else {
        return false;
    };
    let plain = letters
        .iter()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let framed = first.is_ascii_uppercase() && second.is_ascii_digit() && last.is_ascii_digit();
    // Those of six may begin with any letter only if the third is one too.
    let old = matches!(first, 'O' | 'P' | 'Q');
    let new = !old && letters.get(2).is_some_and(char::is_ascii_uppercase);
    plain && framed && (letters.len() == 6 && (old || new) || letters.len() == 10 && new)
}

/// The words of a label or a title: what is no code, no abbreviation and no number, in lower case.
fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|p| is_word(p))
    {
        let word = part.to_lowercase();
        if !EMPTY_LABELS.contains(&word.as_str()) && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

fn is_word(text: &str) -> bool {
    let length = text.chars().count();
    let lower = text.chars().skip(1).all(char::is_lowercase);
    let upper = length >= SHORTEST_CAPITALS && text.chars().all(char::is_uppercase);
    length >= SHORTEST_WORD
        && text.chars().all(char::is_alphabetic)
        && (lower || upper)
        && text.to_lowercase().contains(['a', 'e', 'i', 'o', 'u', 'y'])
}

fn organs(words: &[String]) -> Vec<String> {
    let organs = words.iter().filter(|word| names_organ(word));
    organs.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;
    use crate::knowledge::Packs;

    #[test]
    fn codes_abbreviations_and_empty_labels_are_no_words() {
        assert_eq!(words("Primary_tumor"), ["primary", "tumor"]);
        assert_eq!(words("NORMAL.tissue"), ["normal", "tissue"]);
        for code in [
            "Ubi4", "Ctrl", "WT", "KO", "LUAD", "other", "T1", "mRNA", "high", "", "<b>",
        ] {
            assert_eq!(words(code), Vec::<String>::new(), "{code}");
        }
    }

    #[test]
    fn a_protein_is_asked_about_by_symbol_and_accession_and_by_nothing_hostile() {
        let named = |id: &str, symbol: &str| names(&Entity::new(EntityKind::Protein, id, symbol));
        assert_eq!(named("Q16790", "CA9"), ["CA9", "Q16790"]);
        assert_eq!(
            named("Q16790-2;A0A024R161", "CA9;CAIX"),
            ["CA9", "CAIX", "Q16790", "A0A024R161"]
        );
        assert_eq!(named("row 7", "CA9"), ["CA9"]);
        for hostile in ["<script>", "a\" OR *", "x y", "C3", "", "\u{202e}CA9"] {
            assert_eq!(named("1", hostile), Vec::<String>::new(), "{hostile}");
        }
        let set = Entity::new(EntityKind::Pathway, "GO:1", "TCA cycle \"(mitochondrial)\"");
        assert_eq!(names(&set), ["TCA cycle mitochondrial"]);
        let component = Entity::new(EntityKind::Component, "PC1", "component 1");
        assert!(names(&component).is_empty());
    }

    #[test]
    fn synonyms_are_names_but_no_words_of_the_study_and_nothing_measured() {
        let packs = Packs::open(&Content::embedded()).expect("packs");
        let mut study = Study {
            about: Vec::new(),
            people: true,
            synonyms: Some(Synonyms::of(packs.identifiers().expect("a map"))),
            measured: BTreeSet::from(["CA9".to_owned(), "CA12".to_owned()]),
        };
        let ca9 = Entity::new(EntityKind::Protein, "Q16790", "CA9");
        assert_eq!(study.synonyms(&ca9, &[]), ["carbonic anhydrase 9", "CAIX"]);
        assert_eq!(
            study.synonyms(&ca9, &["caix".to_owned()]),
            ["carbonic anhydrase 9"],
            "a group is called so"
        );
        study.measured.insert("CAIX".to_owned());
        assert_eq!(study.synonyms(&ca9, &[]), ["carbonic anhydrase 9"]);
        let both = Entity::new(EntityKind::Protein, "Q16790", "CA9;CAIX");
        assert_eq!(study.synonyms(&both, &[]), ["carbonic anhydrase 9"]);
        let set = Entity::new(EntityKind::Pathway, "GO:1", "CA9");
        assert!(study.synonyms(&set, &[]).is_empty(), "a set is no gene");
        study.synonyms = None;
        assert!(study.synonyms(&ca9, &[]).is_empty());
    }

    #[test]
    fn accessions_are_told_by_their_form() {
        for accession in ["P12345", "Q16790", "O00001", "A2BC19", "A0A022YWF9"] {
            assert!(is_accession(accession), "{accession}");
        }
        for other in [
            "", "CA9", "ABC123", "P1234", "p12345", "A12345", "GENE10", "P1234567",
        ] {
            assert!(!is_accession(other), "{other}");
        }
    }
}
