//! What a sentence says of a claim, by rules that know when to say nothing.
//!
//! A claim is that a protein is higher or lower in one arm of a contrast than in the other. A sentence is
//! [`Stance::Aligned`] or [`Stance::Contradicted`] only if it has one of the few forms in which papers state just that, and
//! every word that could turn the meaning is known: a negation, a doubt, a manipulated gene, another molecule (RNA,
//! antibody, modified form), another tissue or species, a subset of the arm, a cause, a correlation. Everything else that
//! names the protein is [`Stance::Mentioned`]. The rules are English, know no grammar beyond these forms and give no number;
//! they miss much, so that what they say can be believed. The table of sentences in `tests.rs` holds them.

mod arms;
mod clauses;
mod forms;
mod names;
mod vocabulary;
mod words;

use serde::{Deserialize, Serialize};

use crate::paper::Abstract;
use crate::passage::{Part, Passage};
use crate::sentences::sentences;

pub use arms::{is_distinct, is_telling, names_organ};
pub use names::{is_name, mentions};
pub(crate) use vocabulary::is_withdrawn;

/// Which way a protein goes, in the target arm against the reference arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More in the target.
    Higher,
    /// Less in the target.
    Lower,
}

impl Direction {
    fn opposite(self) -> Self {
        match self {
            Self::Higher => Self::Lower,
            Self::Lower => Self::Higher,
        }
    }
}

/// What is claimed, in words that papers use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Names of the protein: symbols, matched as whole words letter by letter, and names of several words.
    pub names: Vec<String>,
    /// Which way; none where the claim has no two arms, and then nothing is aligned with it.
    pub direction: Option<Direction>,
    /// Words for the target arm, for example `tumor`.
    pub target: Vec<String>,
    /// Words for the reference arm, for example `normal`.
    pub reference: Vec<String>,
    /// Words for what was studied: disease, tissue, species.
    pub context: Vec<String>,
}

/// What a sentence says of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// The same direction between the same arms.
    Aligned,
    /// The other direction between the same arms.
    Contradicted,
    /// The protein is named; nothing more is read out of it.
    Mentioned,
}

/// What a sentence says, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub stance: Stance,
    /// The rule that decided, in words.
    pub because: String,
}

/// Every sentence of a paper that names the protein, in its order, each with what it says.
pub fn read(paper: &Abstract, claim: &Claim) -> Vec<Passage> {
    let arms = arms::Arms::of(claim);
    let whole = format!("{}\n{}", paper.title, paper.text);
    let to_the_point = arms.is_context_of(&whole);
    let withdrawn = vocabulary::is_withdrawn(&paper.title);
    let mut passages = Vec::new();
    for (part, text) in [(Part::Title, &paper.title), (Part::Abstract, &paper.text)] {
        for span in sentences(text) {
            let quote = &text[span.clone()];
            let Some(mut reading) = clauses::read(quote, claim, &arms) else {
                continue;
            };
            if withdrawn && reading.stance != Stance::Mentioned {
                reading = Reading::mentioned("the paper is marked as withdrawn or corrected");
            } else if !to_the_point && reading.stance != Stance::Mentioned {
                reading = Reading::mentioned("the abstract names nothing of what was studied");
            }
            passages.push(Passage {
                id: paper.id.clone(),
                part,
                span,
                quote: quote.to_owned(),
                stance: reading.stance,
                because: reading.because,
            });
        }
    }
    passages
}

/// What one sentence says, taken to stand in an abstract about what was studied; none where it does not name the protein.
pub fn read_sentence(sentence: &str, claim: &Claim) -> Option<Reading> {
    clauses::read(sentence, claim, &arms::Arms::of(claim))
}

impl Reading {
    fn mentioned(because: impl Into<String>) -> Self {
        Self {
            stance: Stance::Mentioned,
            because: because.into(),
        }
    }
}

#[cfg(test)]
mod tests;
