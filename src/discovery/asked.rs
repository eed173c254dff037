//! A question in words, as it was understood: what its words were taken for, what of it was left out and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What words of a question were taken for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// A variable of the sample sheet.
    Variable,
    /// A group of samples: a level of a variable.
    Level,
    /// A measured protein, or whatever else the rows are.
    Protein,
    /// A pathway, process or complex.
    Set,
    /// A kind of claim: about proteins, pathways, complexes, subtypes, components or detection.
    Kind,
}

impl Meaning {
    /// The noun people use.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::Level => "group",
            Self::Protein => "protein",
            Self::Set => "set",
            Self::Kind => "kind of claim",
        }
    }
}

/// Words of a question and what they were taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Understood {
    /// The words, as written.
    pub words: String,
    /// What sort of thing they name.
    pub meaning: Meaning,
    /// The thing, as the dataset or a pack calls it.
    pub name: String,
}

/// What a question asked for, or what could have been asked, and was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// Words of the question, or a thing they name.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// A question and how it was understood. It was fixed before any result was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// The question, as written; in a blind run with the names in it under codes.
    pub text: String,
    /// What its words were taken for, in the order of the words.
    pub understood: Vec<Understood>,
    /// What of it was left out.
    pub left_out: Vec<LeftOut>,
    /// Proteins and sets that alone are tested, by what they are called; empty where all are.
    pub only: Vec<String>,
    /// Questions that the dataset offers and this one does not ask.
    pub objectives_left_out: usize,
}

impl Asked {
    /// What was understood, in one line.
    pub fn summary(&self) -> String {
        let parts: Vec<String> = self
            .understood
            .iter()
            .map(|u| format!("“{}” as the {} {}", u.words, u.meaning.noun(), u.name))
            .collect();
        parts.join("; ")
    }
}
