//! The two arms of a contrast and what was studied, as words a sentence may use.

use std::collections::BTreeSet;

use super::Claim;
use super::vocabulary::{HEALTHY, ORGANS, TUMOR, VAGUE, is_any};
use super::words::{stem, tokens};

/// Words of an arm shorter than this mean nothing alone.
const SHORTEST: usize = 3;

/// What a sentence may call the arms and the study.
#[derive(Debug, Default)]
pub(super) struct Arms {
    target: BTreeSet<String>,
    reference: BTreeSet<String>,
    context: BTreeSet<String>,
    /// Places in the list of organs that the study is about.
    organs: BTreeSet<usize>,
}

/// Which arm a word is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arm {
    Target,
    Reference,
}

impl Arms {
    pub(super) fn of(claim: &Claim) -> Self {
        let target = stems(&claim.target);
        let reference = stems(&claim.reference);
        let context: BTreeSet<String> = stems(&claim.context)
            .into_iter()
            .filter(|stem| tells(stem))
            .collect();
        let widened = |arm: &BTreeSet<String>, other: &BTreeSet<String>| {
            let mut wide: BTreeSet<String> = arm.difference(other).cloned().collect();
            let is = |list: &[&str]| wide.iter().any(|word| list.contains(&word.as_str()));
            let group: &[&str] = match (is(&TUMOR), is(&HEALTHY)) {
                (true, false) => &TUMOR,
                (false, true) => &HEALTHY,
                _ => &[],
            };
            // Patients stand against healthy people, whatever they suffer from.
            let healthy_other = other.iter().any(|word| HEALTHY.contains(&word.as_str()));
            wide.extend(group.iter().map(|word| (*word).to_owned()));
            if healthy_other && !wide.is_empty() {
                wide.insert("patient".to_owned());
            }
            wide
        };
        let organs = (0..ORGANS.len())
            .filter(|k| {
                [&target, &reference, &context]
                    .into_iter()
                    .flatten()
                    .any(|word| is_organ(*k, word))
            })
            .collect();
        Self {
            target: widened(&target, &reference),
            reference: widened(&reference, &target),
            context,
            organs,
        }
    }

    /// Whether both arms have words.
    pub(super) fn are_named(&self) -> bool {
        !self.target.is_empty() && !self.reference.is_empty()
    }

    /// Which arm a word is of.
    pub(super) fn arm(&self, stem: &str) -> Option<Arm> {
        if self.target.contains(stem) {
            Some(Arm::Target)
        } else if self.reference.contains(stem) {
            Some(Arm::Reference)
        } else {
            None
        }
    }

    /// Whether a word is of the study: of an arm, of its description, or of its organ.
    pub(super) fn is_ours(&self, stem: &str) -> bool {
        self.arm(stem).is_some()
            || self.context.contains(stem)
            || self.organs.iter().any(|k| is_organ(*k, stem))
    }

    /// Whether a word is of an organ or a body fluid that the study is not about.
    pub(super) fn is_elsewhere(&self, stem: &str) -> bool {
        let mut of = (0..ORGANS.len()).filter(|k| is_organ(*k, stem)).peekable();
        of.peek().is_some() && !of.any(|k| self.organs.contains(&k))
    }

    /// Whether a text names anything of what was studied beyond the arms.
    pub(super) fn is_context_of(&self, text: &str) -> bool {
        tokens(text).iter().any(|token| {
            self.context.contains(&token.stem)
                || self.organs.iter().any(|k| is_organ(*k, &token.stem))
        })
    }
}

/// Whether a word can say what was studied: `renal` can, `tumor`, which names an arm, and `cohort`, which is anywhere, cannot.
pub fn is_telling(word: &str) -> bool {
    stems(&[word.to_owned()]).iter().any(|stem| tells(stem))
}

/// Whether a word is of an organ, a tissue or a fluid of the body.
pub fn names_organ(word: &str) -> bool {
    let stems = stems(&[word.to_owned()]);
    stems
        .iter()
        .any(|stem| (0..ORGANS.len()).any(|k| is_organ(k, stem)))
}

/// Whether a name can be told from the words that rules know: one of several words is, one word if it is of no organ and of
/// no arm.
pub fn is_distinct(name: &str) -> bool {
    name.contains(' ') || is_telling(name) && !names_organ(name)
}

fn tells(stem: &str) -> bool {
    !is_any(stem, VAGUE) && !TUMOR.contains(&stem) && !HEALTHY.contains(&stem)
}

fn is_organ(place: usize, stem: &str) -> bool {
    is_any(stem, ORGANS[place])
}

fn stems(words: &[String]) -> BTreeSet<String> {
    words
        .iter()
        .flat_map(|word| tokens(&word.replace(['_', '.'], " ")))
        .filter(|token| !token.mark)
        .map(|token| stem(&token.stem))
        .filter(|word| word.chars().count() >= SHORTEST && word.chars().any(char::is_alphabetic))
        .collect()
}
