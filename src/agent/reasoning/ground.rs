//! What a sentence may say: the names, numbers, directions and words of the evidence it is about.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{Token, Written, tokens};
use crate::discovery::Direction;

/// What a name in the evidence stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    /// What a claim is about, with its direction, effect and the interval of that.
    Subject(Effect),
    /// The arm that directions point to.
    Target,
    /// The arm it is compared with.
    Reference,
    /// Anything else that may be named: sets, variables, assays.
    Other,
}

/// The effect of a subject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Which way.
    pub direction: Direction,
    /// Size.
    pub value: f64,
    /// Ends of its interval, where there is one.
    pub interval: Option<(f64, f64)>,
}

/// The evidence a sentence is held against.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    names: Vec<String>,
    meanings: Vec<Named>,
    place: BTreeMap<String, usize>,
    numbers: Vec<f64>,
    ranges: Vec<(f64, f64)>,
    words: BTreeSet<String>,
    /// Whether "detected" and "absent" tell the direction.
    pub about_detection: bool,
}

impl Ground {
    /// Adds a name; what was said of it first stands.
    pub fn name(&mut self, name: &str, meaning: Named) {
        if name.is_empty() || self.place.contains_key(name) {
            return;
        }
        self.place.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.meanings.push(meaning);
    }

    /// Adds everything of another ground. What was said of a name first stands, but a subject that goes one way here and the
    /// other way there has no direction.
    pub fn add(&mut self, other: &Self) {
        for (name, meaning) in other.names.iter().zip(&other.meanings) {
            let known = self.place.get(name).copied();
            match (known.map(|i| &mut self.meanings[i]), meaning) {
                (Some(Named::Subject(here)), Named::Subject(there)) => {
                    if here.direction != there.direction {
                        here.direction = Direction::Undirected;
                    }
                }
                (Some(_), _) => {}
                (None, _) => self.name(name, meaning.clone()),
            }
        }
        self.numbers.extend_from_slice(&other.numbers);
        self.ranges.extend_from_slice(&other.ranges);
        self.words.extend(other.words.iter().cloned());
    }

    /// Adds the words of a text that was shown, not its numbers: those belong to somebody.
    pub fn words_of(&mut self, text: &str) {
        for token in tokens(text, &self.names) {
            if let Token::Word(word) = token {
                for part in word.split(['-', '/', '_']) {
                    self.words.insert(part.to_lowercase());
                }
                self.words.insert(word.to_lowercase());
            }
        }
    }

    /// Adds a number that holds for the whole and not for one subject: samples, q, counts.
    pub fn number(&mut self, value: f64) {
        self.numbers.push(value);
    }

    /// Adds a range that holds for a list of subjects: their smallest and largest effect.
    pub fn range(&mut self, low: f64, high: f64) {
        self.ranges.push((low, high));
    }

    /// Whether two numbers, in either order, are a range that was told.
    pub fn knows_range(&self, one: &Written, other: &Written) -> bool {
        self.ranges.iter().any(|(low, high)| {
            (one.is(*low) && other.is(*high)) || (one.is(*high) && other.is(*low))
        })
    }

    /// A sentence taken apart.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        tokens(text, &self.names)
    }

    /// What the name at `place` stands for.
    pub fn meaning(&self, place: usize) -> &Named {
        &self.meanings[place]
    }

    /// The name at `place`.
    pub fn shown(&self, place: usize) -> &str {
        &self.names[place]
    }

    /// The effect of the subject called `name`.
    pub fn effect(&self, name: &str) -> Option<Effect> {
        match &self.meanings[*self.place.get(name)?] {
            Named::Subject(effect) => Some(*effect),
            _ => None,
        }
    }

    /// Every subject.
    pub fn subjects(&self) -> impl Iterator<Item = (&str, Effect)> {
        let all = self.names.iter().zip(&self.meanings);
        all.filter_map(|(name, meaning)| match meaning {
            Named::Subject(effect) => Some((name.as_str(), *effect)),
            _ => None,
        })
    }

    /// Whether a number holds for the whole.
    pub fn knows_number(&self, written: &Written) -> bool {
        self.numbers.iter().any(|exact| written.is(*exact))
    }

    /// Whether a word, in small letters, is a form of one that was shown or of a name: they begin alike.
    pub fn resembles(&self, word: &str) -> bool {
        const ALIKE: usize = 5;
        let shared = |known: &str| {
            let pairs = known.chars().zip(word.chars());
            pairs.take_while(|(one, other)| one == other).count() >= ALIKE
        };
        self.words.iter().any(|known| shared(known))
            || self.names.iter().any(|name| shared(&name.to_lowercase()))
    }

    /// Whether a word was shown.
    pub fn knows_word(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}
