//! What papers say of hypotheses: verbatim sentences for or against, kept apart from the evidence, which they never touch.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that was looked up for the hypotheses of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Papers {
    /// Who was asked.
    pub sources: Vec<PaperSource>,
    /// Hypotheses looked up at most, the best first.
    pub most_hypotheses: usize,
    /// Papers asked for per hypothesis and source at most.
    pub most_papers: usize,
    /// Words for what was studied; a paper that names none of them decides nothing.
    pub about: Vec<String>,
    /// What put the papers of an answer in order; none where they stand as they were found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<PaperOrder>,
    /// What was found, by the id of the hypothesis.
    pub hypotheses: BTreeMap<String, PapersOfHypothesis>,
    /// Why nothing was looked up, by the id of the hypothesis.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub not_looked_up: BTreeMap<String, String>,
}

/// Somebody who was asked for papers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaperSource {
    /// `store` or `europe_pmc`.
    pub name: String,
    /// Papers it held when the run began; none of a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub papers: Option<usize>,
    /// The last day anything was added to it; none of a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_added: Option<String>,
    /// The files it was filled from; empty of a service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled_from: Vec<String>,
    /// Questions it answered.
    pub answered: usize,
    /// Why it was asked no more; none where it answered to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
}

impl PaperSource {
    /// What people call it.
    pub fn title(&self) -> &'static str {
        if self.is_service() {
            "Europe PMC"
        } else {
            "a store of abstracts"
        }
    }

    /// Whether it was asked anything.
    pub fn was_asked(&self) -> bool {
        self.answered > 0 || self.ended.is_some()
    }

    /// Whether what it is asked leaves the machine.
    pub fn is_service(&self) -> bool {
        self.papers.is_none()
    }
}

/// What put papers in order, by how near their texts are to the question; it decides nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaperOrder {
    /// The encoder of sentences.
    pub by: String,
    /// Answers whose papers it put in order.
    pub answers: usize,
    /// Why it ordered no more; none where it did to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
}

/// What was looked up for one hypothesis.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PapersOfHypothesis {
    /// Names a paper had to hold one of.
    pub names: Vec<String>,
    /// Words for the circumstances, which bring a paper to the front.
    pub words: Vec<String>,
    /// What each source gave.
    pub answers: Vec<PaperAnswer>,
    /// Papers looked at, each once.
    pub papers: usize,
    /// Papers with a sentence that states what is claimed.
    pub supporting: usize,
    /// Papers with a sentence that states the opposite.
    pub contradicting: usize,
    /// Papers with a sentence of either kind.
    pub stating: usize,
    /// Papers that name it and state neither.
    pub naming: usize,
    /// Why no sentence of any paper could state it; none where one could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
    /// Sentences for and against, the best papers first.
    pub quotes: Vec<PaperQuote>,
}

/// What a source gave to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaperAnswer {
    /// `store` or `europe_pmc`.
    pub source: String,
    /// Key of the exchange, a file under `literature/`.
    pub exchange: String,
    /// Papers in the answer.
    pub papers: usize,
    /// Papers a service holds for the question in all; none of a store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
}

/// A sentence of a paper, verbatim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaperQuote {
    /// Whether it states what is claimed; else it states the opposite.
    pub supports: bool,
    /// The protein it speaks of.
    pub about: String,
    /// The sentence.
    pub quote: String,
    /// The rule that decided.
    pub because: String,
    /// Identifier of the paper.
    pub paper: String,
    /// Its title.
    pub title: String,
    /// Year of publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Where it can be read about.
    pub address: String,
}
