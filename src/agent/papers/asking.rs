//! What is asked about a hypothesis: names from its claims, words of the study, and the claims as a sentence could state them.

use proteus_literature::reading::{is_name, names_organ};
use proteus_literature::{Claim, Direction};

use crate::agent::pursuit::Pursuit;
use crate::agent::wording::Comparison;
use crate::dataset::Dataset;
use crate::discovery::{self, Entity, EntityKind, Hypothesis, Relation};

/// Subjects of one hypothesis that are asked about, the leading one first.
const SUBJECTS: usize = 12;
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
pub(super) struct Study {
    about: Vec<String>,
    /// Whether it may be of people, of whom the sentences are that rules read.
    people: bool,
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

impl Study {
    /// The study, by the words given for it, or else by what its title says of organs, tissues and fluids. Other words of a
    /// title are left out: a paper that shares them may be about anything.
    pub(super) fn of(dataset: &Dataset, given: &[String]) -> Self {
        let about = if given.is_empty() {
            let title = dataset.source.title.as_deref().unwrap_or_default();
            organs(&words(title))
        } else {
            given.to_vec()
        };
        let human =
            |o: &str| o.eq_ignore_ascii_case("Homo sapiens") || o.eq_ignore_ascii_case("human");
        Self {
            about,
            people: dataset.organism().is_none_or(human),
        }
    }

    /// Words for what was studied.
    pub(super) fn about(&self) -> &[String] {
        &self.about
    }
}

impl Asking {
    pub(super) fn of(hypothesis: &Hypothesis, pursuit: Option<&Pursuit>, study: &Study) -> Self {
        let mut subjects: Vec<&Entity> = Vec::new();
        for claim in &hypothesis.claims {
            if !subjects.iter().any(|s| s.symbol == claim.subject.symbol) {
                subjects.push(&claim.subject);
            }
        }
        subjects.truncate(SUBJECTS);
        let mut asked: Vec<String> = Vec::new();
        for name in subjects.iter().flat_map(|s| names(s)) {
            if !asked.contains(&name) {
                asked.push(name);
            }
        }
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
                    names: names(&claim.subject),
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

/// What papers could call an entity: gene symbols and accessions, the name of a set.
fn names(entity: &Entity) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    match entity.kind {
        EntityKind::Protein
        | EntityKind::Gene
        | EntityKind::Transcript
        | EntityKind::Site
        | EntityKind::Mutation
        | EntityKind::CopyNumber
        | EntityKind::Kinase
        | EntityKind::Regulator => {
            names.extend(entity.gene().split(';').map(str::trim).map(str::to_owned));
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
        EntityKind::Complex | EntityKind::Pathway => {
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
        EntityKind::Peptide
        | EntityKind::Module
        | EntityKind::CellPopulation
        | EntityKind::Marker
        | EntityKind::SampleGroup
        | EntityKind::Subtype
        | EntityKind::Component
        | EntityKind::ClinicalVariable
        | EntityKind::Outcome => {}
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
