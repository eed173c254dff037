//! A question in words, understood by rules: its words are matched to the variables, groups, proteins, sets and kinds of
//! claim of a dataset, and the objectives narrowed to what it is about, before any result is computed. What was understood
//! and what was left out is told; a question that matches nothing is refused with what can be asked.

mod entities;
mod narrow;
mod sheet;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Role};
use crate::discovery::{Asked, EntityKind, LeftOut, Meaning, Understood};
use crate::knowledge::{Codebook, NameKind, Packs};
use crate::prompt::is_unseen;

use entities::{NamedProtein, NamedSet};
use words::Words;

/// Longest question, in characters.
const LONGEST: usize = 500;
/// Things named in a refusal.
const NAMED: usize = 12;
/// Levels named of one variable in a refusal.
const LEVELS: usize = 6;

/// Why a question is refused. Nothing was computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// No words.
    #[error("the question has no words\nhint: {known}")]
    Empty {
        /// What can be asked.
        known: String,
    },
    /// Too many characters.
    #[error(
        "the question has {found} characters, {LONGEST} are read at most\nhint: ask for the variable, the groups, proteins or sets you mean, and nothing else"
    )]
    TooLong {
        /// How many it has.
        found: usize,
    },
    /// It names nothing of the dataset.
    #[error("the question `{text}` names nothing that can be asked of this dataset\nhint: {known}")]
    Nothing {
        /// As asked.
        text: String,
        /// What can be asked.
        known: String,
    },
    /// What it names is there but cannot be asked about.
    #[error("the question `{text}` cannot be asked of this dataset: {reasons}\nhint: {known}")]
    CannotBeAsked {
        /// As asked.
        text: String,
        /// Why, for each thing it names.
        reasons: String,
        /// What can be asked.
        known: String,
    },
}

/// What a question was understood to ask.
#[derive(Debug, Clone)]
pub struct Question {
    words: Words,
    text: String,
    /// Variables it names, with the places of the words that do.
    variables: Vec<(String, BTreeSet<usize>)>,
    /// Levels it names, as (variable, level), in the order they are named.
    levels: Vec<(String, String, BTreeSet<usize>)>,
    proteins: Vec<NamedProtein>,
    sets: Vec<NamedSet>,
    /// Kinds of subject it asks for.
    kinds: Vec<(EntityKind, usize)>,
    /// Where it asks what is detected or missing.
    detection: Option<usize>,
    left_out: Vec<Aside>,
    /// What can be asked, for a refusal.
    known: String,
}

/// What was left out, and whether saying so says the name of something measured or known, which a blind run hides.
#[derive(Debug, Clone)]
struct Aside {
    told: LeftOut,
    names: bool,
}

impl Aside {
    fn plain(what: impl Into<String>, reason: impl Into<String>) -> Self {
        let (what, reason) = (what.into(), reason.into());
        Self {
            told: LeftOut { what, reason },
            names: false,
        }
    }

    fn naming(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            names: true,
            ..Self::plain(what, reason)
        }
    }

    /// As it may be told where names go by codes.
    fn under(&self, codes: &Codebook) -> LeftOut {
        let what = if self.names { "…" } else { &self.told.what };
        LeftOut {
            what: what.to_owned(),
            reason: codes.hide_in(&self.told.reason),
        }
    }
}

/// The subjects that alone are tested, by their keys in the tables of answers; empty where all are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Focus {
    /// Ids of proteins.
    pub proteins: BTreeSet<String>,
    /// Ids of sets.
    pub sets: BTreeSet<String>,
}

impl Focus {
    /// The same subjects under codes.
    pub fn under(&self, codes: &Codebook) -> Self {
        let kinds = [NameKind::Protein, NameKind::Peptide, NameKind::Cells];
        let row = |id: &String| kinds.iter().find_map(|kind| codes.code(*kind, id));
        let set = |id: &String| codes.code(NameKind::Set, id);
        Self {
            proteins: self
                .proteins
                .iter()
                .filter_map(row)
                .map(str::to_owned)
                .collect(),
            sets: self
                .sets
                .iter()
                .filter_map(set)
                .map(str::to_owned)
                .collect(),
        }
    }
}

impl Question {
    /// Understands `text` as a question about a dataset.
    ///
    /// # Errors
    /// It has no words or too many, or names nothing that was measured or recorded.
    pub fn understand(text: &str, dataset: &Dataset, packs: &Packs) -> Result<Self, QuestionError> {
        let known = can_be_asked(dataset, packs);
        let found = text.chars().count();
        if found > LONGEST {
            return Err(QuestionError::TooLong { found });
        }
        let text = visible(text);
        let words = Words::of(&text);
        if words.len() == 0 {
            return Err(QuestionError::Empty { known });
        }
        let mut question = Self {
            words,
            text,
            variables: Vec::new(),
            levels: Vec::new(),
            proteins: Vec::new(),
            sets: Vec::new(),
            kinds: Vec::new(),
            detection: None,
            left_out: Vec::new(),
            known,
        };
        let mut used: BTreeSet<usize> = BTreeSet::new();
        question.find_sheet(dataset, &mut used);
        question.find_proteins(dataset, &mut used);
        question.find_kinds(&mut used);
        let unmeasured = question.find_sets(dataset, packs, &mut used);
        let strangers = question.find_unmeasured(dataset, packs, &mut used);
        question.tell_the_rest(&used);
        if question.names_subjects() || !(unmeasured || strangers) {
            question.refuse_if_empty()?;
            return Ok(question);
        }
        // A protein or set that was asked for by name and not measured is the question: the rest of it is not asked instead.
        Err(question.refused())
    }

    /// Kinds of claim alone are a question only where every word is understood: of one that also names something unknown
    /// the rest would be a run over everything.
    fn refuse_if_empty(&self) -> Result<(), QuestionError> {
        let named = !self.variables.is_empty() || !self.levels.is_empty() || self.names_subjects();
        let kinds = !self.kinds.is_empty() || self.detection.is_some();
        let (unknown, negated): (Vec<&Aside>, Vec<&Aside>) = self
            .left_out
            .iter()
            .filter(|l| l.told.reason != BOTH_DIRECTIONS)
            .partition(|l| l.told.reason == WORDS_ONLY);
        if named || (kinds && unknown.is_empty() && negated.is_empty()) {
            return Ok(());
        }
        if !negated.is_empty() || (kinds && !unknown.is_empty()) {
            return Err(self.refused());
        }
        Err(QuestionError::Nothing {
            text: self.text.clone(),
            known: self.known.clone(),
        })
    }

    /// The refusal that names why nothing of the question can be asked.
    fn refused(&self) -> QuestionError {
        let told = |words_only: bool| -> Vec<String> {
            let left_out = self.left_out.iter().map(|l| &l.told);
            left_out
                .filter(|l| l.reason != BOTH_DIRECTIONS && (l.reason == WORDS_ONLY) == words_only)
                .take(NAMED)
                .map(|l| format!("`{}`: {}", l.what, l.reason))
                .collect()
        };
        let mut reasons = told(false);
        if reasons.is_empty() {
            reasons = told(true);
        }
        QuestionError::CannotBeAsked {
            text: self.text.clone(),
            reasons: if reasons.is_empty() {
                "no comparison is about it".to_owned()
            } else {
                reasons.join("; ")
            },
            known: self.known.clone(),
        }
    }

    /// Kinds of claim, by the words that ask for them. A word that names something else is not one.
    fn find_kinds(&mut self, used: &mut BTreeSet<usize>) {
        for place in 0..self.words.len() {
            if used.contains(&place) {
                continue;
            }
            let kind = match words::stem(self.words.word(place)).as_str() {
                "pathway" | "process" | "proces" | "program" => EntityKind::Pathway,
                "complex" | "complexe" | "machine" => EntityKind::Complex,
                "protein" | "gene" | "proteome" | "marker" | "biomarker" => EntityKind::Protein,
                "subtype" | "subtyp" | "cluster" | "subgroup" => EntityKind::Subtype,
                "component" | "axis" | "structure" => EntityKind::Component,
                "detect" | "detection" | "miss" | "missing" | "absent" | "present" | "switch" => {
                    self.detection.get_or_insert(place);
                    used.insert(place);
                    continue;
                }
                _ => continue,
            };
            if self.kinds.iter().all(|(k, _)| *k != kind) {
                self.kinds.push((kind, place));
            }
            used.insert(place);
        }
    }

    /// What no rule made use of.
    fn tell_the_rest(&mut self, used: &BTreeSet<usize>) {
        let negated = self.words.negated();
        let mut rest: Vec<String> = Vec::new();
        let mut place = 0;
        while place < self.words.len() {
            let word = self.words.word(place).to_owned();
            if used.contains(&place) {
                place += 1;
                continue;
            }
            if words::is_negation(&word) {
                let mut end = place + 1;
                while negated.contains(&end) && !used.contains(&end) {
                    end += 1;
                }
                self.left_out.push(Aside::naming(
                    self.words.raw(place, end),
                    "negation is not understood, so this is not asked",
                ));
                place = end;
                continue;
            }
            if words::is_direction(&word) {
                self.left_out.push(Aside::plain(word, BOTH_DIRECTIONS));
            } else if !words::is_filler(&word) && !rest.contains(&word) {
                rest.push(word);
            }
            place += 1;
        }
        let rest = rest.into_iter();
        self.left_out
            .extend(rest.map(|what| Aside::plain(what, WORDS_ONLY)));
    }

    /// Whether it names single proteins or sets, so that only these are tested.
    fn names_subjects(&self) -> bool {
        !self.proteins.is_empty() || !self.sets.is_empty()
    }

    /// Whether it asks for proteins by that word.
    fn asks_for_proteins(&self) -> bool {
        self.kinds
            .iter()
            .any(|(kind, _)| *kind == EntityKind::Protein)
    }

    /// The subjects that alone are tested. Proteins asked for beside a set are those of the set.
    pub fn focus(&self) -> Focus {
        let members = self.sets.iter().filter(|_| self.asks_for_proteins());
        let proteins = self.proteins.iter().flat_map(|p| &p.ids);
        Focus {
            proteins: proteins
                .chain(members.flat_map(|s| &s.measured))
                .cloned()
                .collect(),
            sets: self.sets.iter().map(|s| s.id.clone()).collect(),
        }
    }

    /// How it was understood, for people and for the record; with names under `codes` where the run is blind.
    pub fn asked(&self, objectives_left_out: usize, codes: Option<&Codebook>) -> Asked {
        let mut told: Vec<(usize, Understood)> = Vec::new();
        let mut tell = |places: &BTreeSet<usize>, words: String, meaning, name: String| {
            let first = places.first().copied().unwrap_or(0);
            told.push((
                first,
                Understood {
                    words,
                    meaning,
                    name,
                },
            ));
        };
        let as_written = |places: &BTreeSet<usize>| self.as_written(places);
        for (name, places) in &self.variables {
            tell(places, as_written(places), Meaning::Variable, name.clone());
        }
        for (variable, level, places) in &self.levels {
            let name = format!("{variable} = {level}");
            tell(places, as_written(places), Meaning::Level, name);
        }
        for protein in &self.proteins {
            let name = match codes {
                Some(codes) => protein.label_under(codes),
                None => protein.label.clone(),
            };
            let words = codes.map_or_else(|| as_written(&protein.places), |_| name.clone());
            tell(&protein.places, words, Meaning::Protein, name);
        }
        for set in &self.sets {
            let name = match codes {
                Some(codes) => codes.hide(NameKind::Set, &set.id),
                None => set.name.clone(),
            };
            let words = codes.map_or_else(|| as_written(&set.places), |_| name.clone());
            tell(&set.places, words, Meaning::Set, name);
        }
        for (kind, place) in &self.kinds {
            let places = BTreeSet::from([*place]);
            tell(
                &places,
                as_written(&places),
                Meaning::Kind,
                format!("about a {}", kind.noun()),
            );
        }
        if let Some(place) = self.detection {
            let places = BTreeSet::from([place]);
            let name = "about detection in one group only".to_owned();
            tell(&places, as_written(&places), Meaning::Kind, name);
        }
        told.sort_by_key(|(place, _)| *place);
        let only = told
            .iter()
            .filter(|(_, u)| matches!(u.meaning, Meaning::Protein | Meaning::Set))
            .map(|(_, u)| u.name.clone())
            .collect();
        Asked {
            text: match codes {
                Some(codes) => self.text_under(codes),
                None => self.text.clone(),
            },
            understood: told.into_iter().map(|(_, u)| u).collect(),
            left_out: self
                .left_out
                .iter()
                // What names nothing here may name something elsewhere.
                .filter(|l| codes.is_none() || l.told.reason != WORDS_ONLY)
                .map(|l| codes.map_or_else(|| l.told.clone(), |codes| l.under(codes)))
                .collect(),
            only,
            objectives_left_out,
        }
    }

    fn as_written(&self, places: &BTreeSet<usize>) -> String {
        let words: Vec<&str> = places.iter().map(|&p| self.words.word(p)).collect();
        match (places.first(), places.last()) {
            (Some(&first), Some(&last)) if last - first + 1 == places.len() => {
                self.words.raw(first, last + 1).to_owned()
            }
            _ => words.join(" "),
        }
    }

    /// The question with the names of proteins and sets, and all words that mean nothing here, replaced.
    fn text_under(&self, codes: &Codebook) -> String {
        let proteins = self
            .proteins
            .iter()
            .map(|p| (&p.places, p.label_under(codes)));
        let sets = self
            .sets
            .iter()
            .map(|s| (&s.places, codes.hide(NameKind::Set, &s.id)));
        let named: Vec<(&BTreeSet<usize>, String)> = proteins.chain(sets).collect();
        let mut kept: BTreeSet<usize> = self.kinds.iter().map(|(_, place)| *place).collect();
        kept.extend(self.detection);
        kept.extend(self.variables.iter().flat_map(|(_, places)| places));
        kept.extend(self.levels.iter().flat_map(|(_, _, places)| places));
        self.words.with(|place, word| {
            if let Some((places, code)) = named.iter().find(|(places, _)| places.contains(&place)) {
                let first = places.first() == Some(&place);
                return Some(if first { code.clone() } else { String::new() });
            }
            let plain = kept.contains(&place)
                || words::is_filler(word)
                || words::is_direction(word)
                || words::is_negation(word);
            (!plain).then(|| "…".to_owned())
        })
    }
}

/// Why words were left out that name nothing.
const WORDS_ONLY: &str = "names nothing in this dataset";
/// Why words were left out that ask for one direction.
const BOTH_DIRECTIONS: &str = "both directions are tested";

/// The text on one line, without characters that show nothing or turn the line around.
fn visible(text: &str) -> String {
    let kept = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c });
    let hidden = |c: &char| c.is_control() || is_unseen(*c);
    kept.filter(|c| !hidden(c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Variables whose samples can be compared.
fn is_askable(role: Role) -> bool {
    matches!(role, Role::Condition | Role::Clinical)
}

fn can_be_asked(dataset: &Dataset, packs: &Packs) -> String {
    let all: Vec<String> = dataset
        .samples
        .variables
        .values()
        .filter(|v| is_askable(v.role))
        .map(|v| {
            let levels = v.levels();
            if v.is_categorical() && levels.len() <= LEVELS {
                format!("`{}` ({})", v.name, levels.join(", "))
            } else {
                format!("`{}`", v.name)
            }
        })
        .collect();
    let more = match all.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more that `proteus inspect` lists"),
    };
    let shown: Vec<String> = all.into_iter().take(NAMED).collect();
    format!(
        "name a variable or its groups: {}{more}; or a measured protein{}",
        if shown.is_empty() {
            "the samples have none".to_owned()
        } else {
            shown.join(", ")
        },
        if packs.is_empty() {
            ""
        } else {
            ", a pathway or a complex"
        }
    )
}
