//! Variables and groups of samples that a question names.

use std::collections::BTreeSet;

use super::words::{
    asks_for_a_kind, asks_for_rows, is_direction, is_filler, is_negation, level_sense, plain,
    telling, variable_sense,
};
use super::{Aside, Question};
use crate::dataset::{Dataset, Role, Variable};

/// Words that a name in a sheet is looked for over.
const STRETCH: usize = 6;
/// Labels that are no names: they say whether, or how much, of what the variable is called by.
const BARE: &[&str] = &[
    "yes", "no", "true", "false", "other", "others", "unknown", "in", "all", "none", "not", "na",
    "high", "low", "up", "down",
];

/// Something of the sheet that words may name.
struct Candidate {
    places: BTreeSet<usize>,
    /// 3 in full, 2 by all words that tell it, 1 by some of them.
    quality: u8,
    variable: String,
    level: Option<String>,
}

impl Question {
    /// Finds variables and levels. More words beat fewer, a name in full beats a part of one; a word that names one variable
    /// names no other.
    pub(super) fn find_sheet(&mut self, dataset: &Dataset, used: &mut BTreeSet<usize>) {
        let mut candidates: Vec<Candidate> = Vec::new();
        for variable in dataset.samples.variables.values() {
            if matches!(variable.role, Role::Identifier | Role::Ignored) {
                continue;
            }
            candidates.extend(self.variable(variable));
            if variable.is_categorical() && !matches!(variable.role, Role::Subject) {
                candidates.extend(
                    variable
                        .levels()
                        .iter()
                        .filter_map(|l| self.level(variable, l)),
                );
            }
        }
        // What a negation excludes is not asked for; a name that holds one, as `no bait`, is a name.
        let negated = self.words.negated();
        candidates.retain(|c| {
            let holds = c.places.iter().any(|&p| is_negation(self.words.word(p)));
            holds || c.places.is_disjoint(&negated)
        });
        // Of what is named as well, what can be asked comes first.
        let askable = |c: &Candidate| {
            let variable = dataset.samples.variables.get(&c.variable);
            variable.is_some_and(|v| super::is_askable(v.role))
        };
        candidates.sort_by(|a, b| {
            let rank = |c: &Candidate| (c.places.len(), c.quality, c.level.is_some(), askable(c));
            rank(b).cmp(&rank(a))
        });
        let mut accepted: Vec<Candidate> = Vec::new();
        for candidate in candidates {
            let rivals: Vec<&Candidate> = accepted
                .iter()
                .filter(|a| !a.places.is_disjoint(&candidate.places))
                .collect();
            let own = |a: &&Candidate| a.variable == candidate.variable;
            // A label that several variables have names them all for now.
            let equal = |a: &&Candidate| {
                a.places == candidate.places
                    && a.quality == candidate.quality
                    && a.level.is_some() == candidate.level.is_some()
                    && askable(a) == askable(&candidate)
            };
            // Two labels of one variable on the same words: the one named in more words, or in full, was first.
            let spoken_for = rivals.iter().any(|a| {
                own(a) && a.level.is_some() == candidate.level.is_some() || !own(a) && !equal(a)
            });
            if !spoken_for {
                accepted.push(candidate);
            }
        }
        // Words that name its levels name a variable only where they are its name in full.
        let by_levels: Vec<bool> = accepted
            .iter()
            .map(|c| {
                let own = |a: &&Candidate| a.level.is_some() && a.variable == c.variable;
                let mut places = c.places.iter();
                c.level.is_none()
                    && c.quality < 3
                    && places.all(|p| accepted.iter().filter(own).any(|a| a.places.contains(p)))
            })
            .collect();
        let mut by_levels = by_levels.into_iter();
        accepted.retain(|_| !by_levels.next().unwrap_or(false));
        // A label of several variables is that of the variable named beside it.
        let named: BTreeSet<String> = accepted
            .iter()
            .filter(|c| c.level.is_none())
            .map(|c| c.variable.clone())
            .collect();
        let ambiguous = |c: &Candidate| {
            accepted
                .iter()
                .any(|a| a.variable != c.variable && a.places == c.places && a.level.is_some())
        };
        let kept: Vec<bool> = accepted
            .iter()
            .map(|c| {
                c.level.is_none() || named.contains(&c.variable) || !ambiguous(c) || {
                    let beside =
                        |a: &Candidate| named.contains(&a.variable) && a.places == c.places;
                    !accepted.iter().any(beside)
                }
            })
            .collect();
        for (candidate, kept) in accepted.into_iter().zip(kept) {
            if !kept {
                continue;
            }
            used.extend(&candidate.places);
            match candidate.level {
                Some(level) => self
                    .levels
                    .push((candidate.variable, level, candidate.places)),
                None => self.variables.push((candidate.variable, candidate.places)),
            }
        }
        self.levels
            .sort_by_key(|(_, _, places)| places.first().copied());
        self.variables
            .sort_by_key(|(_, places)| places.first().copied());
        self.leave_out_settings();
        self.tell_roles(dataset);
    }

    /// Where two groups of one variable are named, a single group of another says where they are compared: in `serous against
    /// endometrioid tumours` it is no comparison of tumours with something else.
    fn leave_out_settings(&mut self) {
        let of = |variable: &String| self.levels.iter().filter(|(v, _, _)| v == variable).count();
        let named = |variable: &String| self.variables.iter().any(|(v, _)| v == variable);
        if !self.levels.iter().any(|(v, _, _)| of(v) > 1) {
            return;
        }
        let setting: Vec<bool> = self
            .levels
            .iter()
            .map(|(v, _, _)| of(v) == 1 && !named(v))
            .collect();
        let mut setting = setting.into_iter();
        let (left, kept) = std::mem::take(&mut self.levels)
            .into_iter()
            .partition(|_| setting.next().unwrap_or(false));
        self.levels = kept;
        let left: Vec<(String, String, BTreeSet<usize>)> = left;
        self.left_out.extend(left.into_iter().map(|(variable, level, _)| Aside::plain(format!("{variable} = {level}"), "two other groups are compared; which samples they are compared in follows from the design".to_owned())));
    }

    /// Says which of the variables named are not asked about, and why.
    fn tell_roles(&mut self, dataset: &Dataset) {
        let named: BTreeSet<&String> = self
            .variables
            .iter()
            .map(|(name, _)| name)
            .chain(self.levels.iter().map(|(variable, _, _)| variable))
            .collect();
        let mut left_out = Vec::new();
        for name in named {
            let Some(role) = dataset.samples.variables.get(name).map(|v| v.role) else {
                continue;
            };
            let reason = match role {
                Role::Condition | Role::Clinical => continue,
                Role::Batch | Role::Plex => {
                    "tells how samples were processed, and is adjusted for where it shows"
                }
                Role::Derived => {
                    "computed from an assay of the same samples: testing it would be circular"
                }
                Role::Covariate => "described and adjusted for, not asked about",
                _ => "says who or which run a sample is, not how it differs",
            };
            left_out.push(Aside::plain(
                name.clone(),
                format!("{reason} (`--role {name}=clinical` says otherwise)"),
            ));
        }
        self.left_out.extend(left_out);
    }

    fn variable(&self, variable: &Variable) -> Option<Candidate> {
        let candidate = |places: BTreeSet<usize>, quality| Candidate {
            places,
            quality,
            variable: variable.name.clone(),
            level: None,
        };
        let name = plain(&variable.name);
        let whole = self
            .words
            .stretches(STRETCH)
            .find(|&(from, to)| plain(self.words.raw(from, to)) == name);
        if let Some((from, to)) = whole {
            return Some(candidate((from..to).collect(), 3));
        }
        let telling = telling(&variable.name);
        let places: BTreeSet<usize> = telling.iter().filter_map(|w| self.place_of(w)).collect();
        // `pathways` asks for pathways, and for `TP53_pathway` only beside TP53.
        if places.iter().all(|&p| asks_for_a_kind(self.words.word(p))) {
            return None;
        }
        // One word of many is no name; a third of those that tell is.
        if 3 * places.len() < telling.len() {
            return None;
        }
        let quality = if places.len() == telling.len() { 2 } else { 1 };
        Some(candidate(places, quality))
    }

    /// Where a word of a variable's name stands, in a form of its own or in another that says the same.
    fn place_of(&self, word: &str) -> Option<usize> {
        let own = variable_sense(word);
        (0..self.words.len()).find(|&place| {
            let written = self.words.word(place);
            if is_filler(written) || is_direction(written) || asks_for_rows(written) {
                return false;
            }
            let found = variable_sense(written);
            let begins = found.chars().count() >= 5 && own.starts_with(&found)
                || own.chars().count() >= 5 && found.starts_with(&own);
            found == own || begins
        })
    }

    fn level(&self, variable: &Variable, level: &str) -> Option<Candidate> {
        let key = plain(level);
        let bare = key.chars().count() < 2
            || key.chars().all(|c| c.is_ascii_digit())
            || BARE.contains(&key.as_str());
        if bare {
            return None;
        }
        let candidate = |from: usize, to: usize, quality| Candidate {
            places: (from..to).collect(),
            quality,
            variable: variable.name.clone(),
            level: Some(level.to_owned()),
        };
        let whole = self
            .words
            .stretches(STRETCH)
            .find(|&(from, to)| plain(self.words.raw(from, to)) == key);
        if let Some((from, to)) = whole {
            return Some(candidate(from, to, 3));
        }
        let sense = level_sense(&key);
        (0..self.words.len())
            .find(|&place| level_sense(self.words.word(place)) == sense)
            .map(|place| candidate(place, place + 1, 2))
    }
}
