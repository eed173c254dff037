//! A sentence against a claim: what stops a reading, the clauses, and the verdict.

use super::arms::Arms;
use super::forms::{self, Statement};
use super::names::mentions;
use super::vocabulary::{DOWN, DOWN_NOUNS, TRAPS, UP, UP_NOUNS, is_any};
use super::words::{Token, tokens};
use super::{Claim, Direction, Reading, Stance};

/// Words that part clauses.
const PARTS: [&str; 9] = [
    ";", "whereas", "while", "but", "although", "though", "however", "yet", "whilst",
];

/// What a sentence says; none where it does not name the protein.
pub(super) fn read(sentence: &str, claim: &Claim, arms: &Arms) -> Option<Reading> {
    let mentions = mentions(sentence, &claim.names);
    if mentions.is_empty() {
        return None;
    }
    let Some(claimed) = claim.direction else {
        return Some(Reading::mentioned("the claim has no two arms"));
    };
    if !arms.are_named() {
        return Some(Reading::mentioned(
            "the arms have no names that a paper would use",
        ));
    }
    if !mentions.iter().any(|mention| mention.alone) {
        return Some(Reading::mentioned("the name is part of another word"));
    }
    let words = tokens(sentence);
    let named = |token: &Token| {
        mentions
            .iter()
            .any(|m| token.span.start < m.span.end && m.span.start < token.span.end)
    };
    for token in words.iter().filter(|token| !named(token)) {
        if let Some(reason) = trap(token, arms) {
            let word = &sentence[token.span.clone()];
            return Some(Reading::mentioned(format!("{reason}: “{word}”")));
        }
    }
    let mut said: Option<(Direction, String)> = None;
    for clause in words.split(|token| PARTS.contains(&token.stem.as_str())) {
        let of_clause: Vec<_> = mentions
            .iter()
            .filter(|m| m.alone && clause.iter().any(|t| t.span.start == m.span.start))
            .collect();
        if of_clause.is_empty() {
            continue;
        }
        let has = |lists: [&[&str]; 2]| {
            clause
                .iter()
                .any(|t| lists.iter().any(|list| list.contains(&t.stem.as_str())))
        };
        if has([&UP, &UP_NOUNS]) && has([&DOWN, &DOWN_NOUNS]) {
            return Some(Reading::mentioned("more and less in one clause"));
        }
        for mention in of_clause {
            let statement = forms::statement(clause, mention, arms);
            match statement {
                Statement::Of { direction, form } => match &said {
                    Some((before, _)) if *before != direction => {
                        return Some(Reading::mentioned("it says one thing and the other"));
                    }
                    _ => said = Some((direction, form)),
                },
                Statement::Unclear => {}
            }
        }
    }
    Some(match said {
        None => Reading::mentioned("no form of sentence that is known to compare the two arms"),
        Some((direction, form)) => Reading {
            stance: if direction == claimed {
                Stance::Aligned
            } else {
                Stance::Contradicted
            },
            because: form,
        },
    })
}

/// Why a word leaves the sentence unread.
fn trap(token: &Token, arms: &Arms) -> Option<&'static str> {
    for trap in &TRAPS {
        if is_any(&token.stem, trap.words) && !(trap.unless_ours && arms.is_ours(&token.stem)) {
            return Some(trap.reason);
        }
    }
    arms.is_elsewhere(&token.stem)
        .then_some("another organ or fluid than the study's")
}
