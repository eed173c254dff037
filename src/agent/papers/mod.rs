//! What papers say of graded hypotheses: asked of a library, read by rules, counted for the scores alignment and novelty.
//!
//! Everything comes after grading and counting, and nothing here changes a grade, a q-value, an effect or the order. A question
//! holds names of what is claimed and words of the study; its answer is on record before it is read, so that a run repeats
//! without the store and the network it asked, and so is the order that a sentence encoder gives to the papers of an answer. A
//! source or an encoder that fails ends for the rest of the run, which goes on.

mod asking;
mod ordering;
mod quoting;

use std::collections::BTreeMap;

use proteus_literature::{Answer, Library, Query, Source};
use proteus_llm::Backend;

use crate::config::Literature;
use crate::dataset::Dataset;
use crate::discovery::{Hypothesis, PaperAnswer, PaperSource, Papers};
use crate::knowledge::IdentifierMap;

use super::error::AgentError;
use super::observer::Observer;
use super::pursuit::Pursuit;
use asking::{Asking, Study};
use ordering::Ordering;
use quoting::Shelf;

/// What papers are looked up with.
pub struct Lookup<'a> {
    /// Who is asked.
    pub library: &'a Library,
    /// How much is asked.
    pub limits: &'a Literature,
    /// The study.
    pub dataset: &'a Dataset,
    /// Its objectives, for the names of the groups compared.
    pub pursuits: &'a [Pursuit],
    /// What genes are called besides their symbols; none where only these are asked for.
    pub synonyms: Option<&'a IdentifierMap>,
    /// What puts papers in order, where the library was opened with an encoder; none where that is on record.
    pub encoder: Option<&'a dyn Backend>,
    /// Asked before every hypothesis whether the run is still wanted.
    pub observer: &'a dyn Observer,
}

impl Lookup<'_> {
    /// Looks up the best of the hypotheses, which stand in rank order.
    ///
    /// # Errors
    /// The record cannot be written or read, or the run is not wanted any more. A source or an encoder that fails is no error.
    pub async fn run(&self, hypotheses: &[Hypothesis]) -> Result<Papers, AgentError> {
        let study = Study::of(self.dataset, &self.limits.about, self.synonyms);
        let mut ordering = Ordering::new(self.library, self.encoder, self.observer);
        let sources = self.library.opening().sources();
        let mut told: BTreeMap<Source, (usize, Option<String>)> =
            sources.iter().map(|s| (*s, (0, None))).collect();
        let mut papers = Papers {
            most_hypotheses: self.limits.hypotheses,
            most_papers: self.limits.papers,
            about: study.about().to_vec(),
            ..Papers::default()
        };
        for (place, hypothesis) in hypotheses.iter().enumerate() {
            if !self.observer.wanted() {
                return Err(AgentError::Cancelled);
            }
            let mut leave = |reason: String| {
                papers.not_looked_up.insert(hypothesis.id.clone(), reason);
            };
            if place >= self.limits.hypotheses {
                leave(format!(
                    "only the first {} are looked up",
                    self.limits.hypotheses
                ));
                continue;
            }
            let pursuit = self
                .pursuits
                .iter()
                .find(|p| p.objective.id == hypothesis.objective);
            let asking = Asking::of(hypothesis, pursuit, &study);
            if asking.names.is_empty() {
                leave("what it is about has no name that papers use".to_owned());
                continue;
            }
            let query = Query {
                names: asking.names.clone(),
                context: asking.words.clone(),
                narrow: false,
                limit: self.limits.papers,
            };
            let mut shelf = Shelf::default();
            let mut answers = Vec::new();
            let mut cosines = BTreeMap::new();
            for source in &sources {
                // Nothing is sent away that could decide nothing.
                if *source == Source::EuropePmc && asking.unreadable.is_some() {
                    continue;
                }
                let (answered, ended) = told.entry(*source).or_default();
                match self.library.find(*source, &query).await? {
                    Answer::Found(exchange) => {
                        *answered += 1;
                        for (id, cosine) in ordering.of(&exchange).await? {
                            // Of a paper that two sources hold, the first one's text is read.
                            cosines.entry(id).or_insert(cosine);
                        }
                        answers.push(PaperAnswer {
                            source: source.name().to_owned(),
                            exchange: exchange.key,
                            papers: exchange.abstracts.len(),
                            hits: exchange.hits,
                        });
                        shelf.put(exchange.abstracts);
                    }
                    Answer::Ended(reason) => *ended = Some(reason),
                }
            }
            if answers.is_empty() {
                leave(match asking.unreadable {
                    Some(reason) => format!("no sentence could state it: {reason}"),
                    None => "nobody was left to ask".to_owned(),
                });
                continue;
            }
            shelf.nearest_first(&cosines);
            let found = shelf.read(asking, answers);
            papers.hypotheses.insert(hypothesis.id.clone(), found);
        }
        papers.sources = told
            .into_iter()
            .map(|(source, (answered, ended))| self.source(source, answered, ended))
            .collect();
        papers.ordered = ordering.told();
        Ok(papers)
    }

    fn source(&self, source: Source, answered: usize, ended: Option<String>) -> PaperSource {
        let store = self.library.opening().store.as_ref();
        let store = store.filter(|_| source == Source::Store);
        PaperSource {
            name: source.name().to_owned(),
            papers: store.map(|s| s.abstracts as usize),
            last_added: store.and_then(|s| s.last_added.clone()),
            filled_from: store.map_or_else(Vec::new, |s| {
                s.sources.iter().map(|(name, _)| name.clone()).collect()
            }),
            answered,
            ended,
        }
    }
}
