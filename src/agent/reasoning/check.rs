//! Whether a sentence says nothing but the evidence: every name, number, direction and word of it.
//!
//! The check is closed: what it does not know, it sends back. A name must be of the evidence, a number must be one of the
//! evidence and belong to the subject it stands beside, a direction must be that of the subject, and every other word must be
//! one that was shown or one of a short list of everyday and statistical words, none of which says what causes what.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::ground::{Effect, Ground, Named};
use super::lexer::{Token, Written};
use crate::discovery::Direction;

/// Longest sentence, in words, names and numbers.
const LONGEST: usize = 70;

/// Words that need no evidence.
static EVERYDAY: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| include_str!("vocabulary.txt").split_whitespace().collect());

/// Beginnings of words that claim more than an association, and are sent back even where the evidence shows them.
const CAUSAL: [&str; 24] = [
    "caus",
    "driv",
    "induc",
    "trigger",
    "regulat",
    "promot",
    "inhibit",
    "prov",
    "demonstrat",
    "confirm",
    "establish",
    "responsib",
    "mechanis",
    "because",
    "due",
    "therefore",
    "hence",
    "thus",
    "result in",
    "mediat",
    "activat",
    "suppress",
    "explain",
    "depend",
];

/// What compares one with all others; the evidence may say it of one subject and level, and a sentence of another.
const SUPERLATIVE: [&str; 6] = [
    "highest",
    "lowest",
    "strongest",
    "weakest",
    "largest",
    "smallest",
];

const UP: [&str; 17] = [
    "higher",
    "increased",
    "increase",
    "increases",
    "up",
    "elevated",
    "more",
    "raised",
    "rise",
    "rises",
    "rose",
    "greater",
    "gain",
    "gained",
    "enriched",
    "upregulated",
    "up-regulated",
];
const DOWN: [&str; 19] = [
    "lower",
    "decreased",
    "decrease",
    "decreases",
    "down",
    "reduced",
    "less",
    "fewer",
    "fall",
    "falls",
    "fell",
    "loss",
    "lost",
    "depleted",
    "declines",
    "decline",
    "diminished",
    "downregulated",
    "down-regulated",
];
/// Beginnings of words that tell a change in any form.
const CHANGES: [&str; 17] = [
    "upregul",
    "up-regul",
    "downregul",
    "down-regul",
    "overexpress",
    "underexpress",
    "increas",
    "decreas",
    "elevat",
    "enrich",
    "deplet",
    "reduc",
    "induc",
    "accumul",
    "differ",
    "chang",
    "alter",
];
const SEEN: [&str; 6] = [
    "detected",
    "seen",
    "found",
    "observed",
    "present",
    "identified",
];
const UNSEEN: [&str; 4] = ["absent", "missing", "undetected", "unseen"];
const CLAUSES: [&str; 5] = ["while", "whereas", "but", "although", "however"];
const THAN: [&str; 9] = [
    "than", "versus", "vs", "against", "compared", "relative", "over", "to", "with",
];

/// Why a sentence is sent back; written so that a model can mend it.
pub type Complaint = String;

/// Checks a sentence; every complaint at once, none where it may stand.
pub fn check(text: &str, ground: &Ground) -> Vec<Complaint> {
    let tokens = ground.tokens(text);
    let mut complaints = Vec::new();
    let telling = tokens
        .iter()
        .filter(|t| !matches!(t, Token::Stop | Token::Mark(_)))
        .count();
    if telling == 0 {
        return vec!["it says nothing".to_owned()];
    }
    if telling > LONGEST {
        complaints.push(format!("it has {telling} words; {LONGEST} are allowed"));
    }
    if !names_a_subject(&tokens, ground) {
        complaints.push("it names nothing that the evidence is about".to_owned());
    }
    words(&tokens, ground, &mut complaints);
    for clause in clauses(&tokens) {
        numbers(clause, ground, &mut complaints);
        directions(clause, ground, &mut complaints);
    }
    let mut seen = BTreeSet::new();
    complaints.retain(|c| seen.insert(c.clone()));
    complaints
}

fn names_a_subject(tokens: &[Token], ground: &Ground) -> bool {
    let subject = |t: &Token| match t {
        Token::Name(i) => matches!(ground.meaning(*i), Named::Subject(_)),
        _ => false,
    };
    ground.subjects().next().is_none() || tokens.iter().any(subject)
}

fn words(tokens: &[Token], ground: &Ground, complaints: &mut Vec<Complaint>) {
    let mut unknown = BTreeSet::new();
    for (i, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let lower = word.to_lowercase();
        if CAUSAL.iter().any(|c| lower.starts_with(c)) {
            complaints.push(format!(
                "`{word}` claims more than an association was measured"
            ));
        } else if lower == "not" {
            if !may_deny(&tokens[i + 1..], ground) {
                complaints.push(
                    "`not` is allowed only for what was not detected, or for the other group"
                        .to_owned(),
                );
            }
        } else if SUPERLATIVE.contains(&lower.as_str()) {
            complaints.push(format!("`{word}` is not checked here; leave it out"));
        } else if looks_like_identifier(word) && !ground.knows_word(&lower) {
            complaints.push(format!("`{word}` is not in the evidence"));
        } else if !is_known(&lower, ground) {
            unknown.insert(word.clone());
        }
    }
    if !unknown.is_empty() {
        let list: Vec<String> = unknown.iter().map(|w| format!("`{w}`")).collect();
        complaints.push(format!(
            "leave out words that the evidence does not have: {}",
            list.join(", ")
        ));
    }
}

/// `not in ARM`, or where detection is what is told, `not detected`.
fn may_deny(after: &[Token], ground: &Ground) -> bool {
    match after {
        [Token::Word(next), Token::Name(i), ..] if next == "in" => {
            matches!(ground.meaning(*i), Named::Target | Named::Reference)
        }
        [Token::Word(next), ..] => ground.about_detection && SEEN.contains(&next.as_str()),
        _ => false,
    }
}

/// A word with digits inside, or capitals beyond its first letter.
fn looks_like_identifier(word: &str) -> bool {
    let capitals = word.chars().skip(1).filter(|c| c.is_uppercase()).count();
    let digits = word.chars().any(|c| c.is_ascii_digit());
    (capitals > 0 && !word.contains('-')) || (digits && word != "log2")
}

fn is_known(lower: &str, ground: &Ground) -> bool {
    let one = |w: &str| {
        let known = |w: &str| EVERYDAY.contains(w) || ground.knows_word(w);
        let stems = ["s", "es", "ed", "d", "ing", "ly"];
        known(w)
            || UP.contains(&w)
            || DOWN.contains(&w)
            || (ground.about_detection && (SEEN.contains(&w) || UNSEEN.contains(&w)))
            || stems.iter().any(|s| w.strip_suffix(s).is_some_and(&known))
            || w.chars().count() == 1
    };
    one(lower) || lower.split(['-', '/', '\'', '’', '_']).all(one)
}

/// Whether a word, in small letters, says no more than the evidence does: one that was shown, an everyday one, or one that calls
/// an association a cause without saying which.
pub(super) fn is_of_the_evidence(lower: &str, ground: &Ground) -> bool {
    is_known(lower, ground) || CAUSAL.iter().any(|c| lower.starts_with(c))
}

/// Whether a word, in small letters, tells that something is more, less or different.
pub(super) fn tells_direction(lower: &str) -> bool {
    UP.contains(&lower)
        || DOWN.contains(&lower)
        || CHANGES.iter().any(|begins| lower.starts_with(begins))
}

/// Parts of a sentence that each have their own direction.
fn clauses(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let ends = |t: &Token| match t {
        Token::Stop => true,
        Token::Word(w) => CLAUSES.contains(&w.to_lowercase().as_str()),
        _ => false,
    };
    tokens.split(ends).filter(|c| !c.is_empty())
}

fn numbers(clause: &[Token], ground: &Ground, complaints: &mut Vec<Complaint>) {
    let mut i = 0;
    while i < clause.len() {
        let Token::Number(written) = &clause[i] else {
            i += 1;
            continue;
        };
        if let Some((other, length)) = range_end(&clause[i + 1..])
            && is_range(written, other, clause, i, ground)
        {
            i += 1 + length;
            continue;
        }
        i += 1;
        if ground.knows_number(written) {
            continue;
        }
        let owner = owner(clause, i - 1, ground);
        let belongs = |effect: Effect| {
            written.is(effect.value)
                || effect
                    .interval
                    .is_some_and(|(low, high)| written.is(low) || written.is(high))
        };
        match owner {
            Some((_, effect)) if belongs(effect) => {}
            Some((name, _)) => complaints.push(format!(
                "the number {} is not one that belongs to {name}",
                shown(written)
            )),
            None => complaints.push(format!(
                "the number {} is not in the evidence",
                shown(written)
            )),
        }
    }
}

/// The second number of `a to b` or `a–b`, and how many tokens lead to it.
fn range_end(after: &[Token]) -> Option<(&Written, usize)> {
    match after {
        [Token::Word(to), Token::Number(other), ..] if to == "to" || to == "and" => {
            Some((other, 2))
        }
        [Token::Mark('–' | '-' | ','), Token::Number(other), ..] => Some((other, 2)),
        _ => None,
    }
}

fn is_range(low: &Written, high: &Written, clause: &[Token], at: usize, ground: &Ground) -> bool {
    let fits = |a: f64, b: f64| (low.is(a) && high.is(b)) || (low.is(b) && high.is(a));
    ground.knows_range(low, high)
        || owner(clause, at, ground)
            .and_then(|(_, effect)| effect.interval)
            .is_some_and(|(a, b)| fits(a, b))
}

/// The subject a number stands beside: the last one named before it, else the first one after it, else the only one there is.
fn owner<'g>(clause: &[Token], at: usize, ground: &'g Ground) -> Option<(&'g str, Effect)> {
    let subject = |t: &Token| match t {
        Token::Name(i) => match ground.meaning(*i) {
            Named::Subject(effect) => Some((ground.shown(*i), *effect)),
            _ => None,
        },
        _ => None,
    };
    let before = clause[..at].iter().rev().find_map(subject);
    let after = || clause[at..].iter().find_map(subject);
    let only = || {
        let mut all = ground.subjects();
        let first = all.next()?;
        all.next().is_none().then_some(first)
    };
    before.or_else(after).or_else(only)
}

fn shown(written: &Written) -> String {
    let sign = if written.signed && written.value > 0.0 {
        "+"
    } else {
        ""
    };
    format!("{sign}{}", written.value)
}

fn directions(clause: &[Token], ground: &Ground, complaints: &mut Vec<Complaint>) {
    let said: Vec<bool> = (0..clause.len())
        .filter_map(|at| direction_at(clause, at, ground))
        .collect();
    let Some(&up) = said.first() else { return };
    if said.iter().any(|other| *other != up) {
        complaints.push("one clause tells two directions; tell them apart with `while`".to_owned());
        return;
    }
    let flipped = match points_to_reference(clause, ground) {
        Ok(flipped) => flipped,
        Err(complaint) => {
            complaints.push(complaint);
            return;
        }
    };
    let told = if up == flipped {
        Direction::Lower
    } else {
        Direction::Higher
    };
    let named: Vec<(&str, Effect)> = clause
        .iter()
        .filter_map(|t| match t {
            Token::Name(i) => match ground.meaning(*i) {
                Named::Subject(effect) => Some((ground.shown(*i), *effect)),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let all: Vec<(&str, Effect)> = if named.is_empty() {
        ground.subjects().collect()
    } else {
        named
    };
    for (name, effect) in all {
        if effect.direction == Direction::Undirected {
            complaints.push(format!("the test of {name} has no direction"));
        } else if effect.direction != told {
            let word = if effect.direction == Direction::Higher {
                "higher"
            } else {
                "lower"
            };
            complaints.push(format!(
                "{name} is {word} in the group that the evidence points to, not the other way round"
            ));
        }
    }
}

/// Whether the token at `at` tells of more (or of less); none where it tells no direction.
fn direction_at(clause: &[Token], at: usize, ground: &Ground) -> Option<bool> {
    let Token::Word(word) = &clause[at] else {
        return None;
    };
    let lower = word.to_lowercase();
    let word = lower.as_str();
    // "up to 3", "more than 2": amounts, not directions.
    let amount = matches!(clause.get(at + 1), Some(Token::Word(next)) if (word == "up" && next == "to")
        || (matches!(word, "more" | "less" | "fewer") && next == "than" && matches!(clause.get(at + 2), Some(Token::Number(_)))));
    // "and 2 more", "several more": a count.
    let count = word == "more" && at > 0 && matches!(clause[at - 1], Token::Number(_));
    let up = if amount || count {
        return None;
    } else if UP.contains(&word) {
        true
    } else if DOWN.contains(&word) || (ground.about_detection && UNSEEN.contains(&word)) {
        false
    } else if ground.about_detection && SEEN.contains(&word) {
        let denied = at > 0 && matches!(&clause[at - 1], Token::Word(w) if w == "not");
        !denied
    } else {
        return None;
    };
    Some(up)
}

/// Whether a clause tells its direction of the reference arm; an arm after "than", "versus", "not in" is the one compared with.
fn points_to_reference(clause: &[Token], ground: &Ground) -> Result<bool, Complaint> {
    let (mut target, mut reference) = (false, false);
    for (i, token) in clause.iter().enumerate() {
        let Token::Name(name) = token else { continue };
        let arm = ground.meaning(*name);
        if !matches!(arm, Named::Target | Named::Reference) || compared_with(&clause[..i]) {
            continue;
        }
        if *arm == Named::Target {
            target = true;
        } else {
            reference = true;
        }
    }
    match (target, reference) {
        (true, true) => {
            Err("say which group is compared with which: `higher in A than in B`".to_owned())
        }
        (_, reference) => Ok(reference),
    }
}

/// Whether the words just before an arm make it the one compared with.
fn compared_with(before: &[Token]) -> bool {
    let mut words = before.iter().rev().take(4).map_while(|t| match t {
        Token::Word(w) => Some(w.to_lowercase()),
        Token::Name(_) | Token::Number(_) | Token::Stop | Token::Mark(_) => None,
    });
    let skipped = [
        "in", "the", "group", "arm", "samples", "of", "that", "those", "cells",
    ];
    let Some(word) = words.find(|w| !skipped.contains(&w.as_str())) else {
        return false;
    };
    word == "not" || THAN.contains(&word.as_str())
}
