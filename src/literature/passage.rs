//! A quote: a sentence of an abstract, with its place.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::id::AbstractId;
use crate::paper::Abstract;
use crate::reading::Stance;

/// Which of the texts of a paper is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The title.
    Title,
    /// The abstract.
    Abstract,
}

/// A verbatim sentence of a paper and what it says of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// The paper.
    pub id: AbstractId,
    /// Which text.
    pub part: Part,
    /// Bytes of that text.
    pub span: Range<usize>,
    /// The sentence.
    pub quote: String,
    /// What it says of the claim.
    pub stance: Stance,
    /// The rule that decided.
    pub because: String,
}

impl Passage {
    /// Whether the quote stands in the paper, at its place, letter by letter.
    pub fn is_verbatim(&self, paper: &Abstract) -> bool {
        let text = match self.part {
            Part::Title => &paper.title,
            Part::Abstract => &paper.text,
        };
        paper.id == self.id && text.get(self.span.clone()) == Some(self.quote.as_str())
    }
}
