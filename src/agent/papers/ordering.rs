//! How near papers are to what they were asked for, by a sentence encoder, where a run has one: it moves the nearest to the
//! front, and decides nothing. What it said is on record before it is used.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use proteus_literature::{AbstractId, Exchange, Library, Ranked, Ranking, ranking};
use proteus_llm::Backend;

use crate::agent::error::AgentError;
use crate::agent::observer::Observer;
use crate::discovery::PaperOrder;

/// Texts that become vectors between two looks at whether the run is still wanted.
const AT_ONCE: usize = 8;

/// The order of papers over a whole run.
pub(super) struct Ordering<'a> {
    library: &'a Library,
    encoder: Option<&'a dyn Backend>,
    observer: &'a dyn Observer,
    /// Vectors of papers by what they say: many are found for several hypotheses.
    vectors: BTreeMap<String, Vec<f32>>,
    told: Option<PaperOrder>,
}

impl<'a> Ordering<'a> {
    /// Papers of this library, put in order where it was opened with an encoder; `encoder` may be missing where all that is
    /// asked is on record.
    pub(super) fn new(
        library: &'a Library,
        encoder: Option<&'a dyn Backend>,
        observer: &'a dyn Observer,
    ) -> Self {
        let told = library.opening().embedder.as_ref().map(|by| PaperOrder {
            by: by.clone(),
            answers: 0,
            ended: None,
        });
        Self {
            library,
            encoder,
            observer,
            vectors: BTreeMap::new(),
            told,
        }
    }

    /// How near the papers of an answer are; empty where nothing orders them.
    ///
    /// # Errors
    /// The record cannot be read or written, or the run is not wanted any more. An encoder that fails is no error.
    pub(super) async fn of(
        &mut self,
        exchange: &Exchange,
    ) -> Result<BTreeMap<AbstractId, f64>, AgentError> {
        let Some(by) = self.told.as_ref().map(|told| told.by.clone()) else {
            return Ok(BTreeMap::new());
        };
        if exchange.abstracts.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ranking = match self.library.ranked(exchange)? {
            Ranked::Kept(ranking) => Ok(ranking),
            Ranked::Ended(reason) => Err(reason),
            Ranked::Open => self.make(exchange, &by).await?,
        };
        let Some(told) = &mut self.told else {
            return Ok(BTreeMap::new());
        };
        match ranking {
            Ok(ranking) => {
                told.answers += 1;
                Ok(ranking
                    .order
                    .into_iter()
                    .map(|n| (n.id, n.cosine))
                    .collect())
            }
            Err(reason) => {
                told.ended = Some(reason);
                Ok(BTreeMap::new())
            }
        }
    }

    /// What is told of it at the end; none where nothing orders papers.
    pub(super) fn told(self) -> Option<PaperOrder> {
        self.told
    }

    /// Makes an order and keeps it, or keeps why none could be made.
    async fn make(
        &mut self,
        exchange: &Exchange,
        by: &str,
    ) -> Result<Result<Ranking, String>, AgentError> {
        let made = match self.vectors(exchange).await? {
            Ok((question, papers)) => Ranking::new(exchange, by, &question, &papers),
            Err(reason) => Err(reason),
        };
        match &made {
            Ok(ranking) => self.library.keep_order(ranking)?,
            Err(reason) => self.library.end_orders(exchange, reason)?,
        }
        Ok(made)
    }

    /// The vector of the question, and one of each paper.
    async fn vectors(
        &mut self,
        exchange: &Exchange,
    ) -> Result<Result<(Vec<f32>, Vec<Vec<f32>>), String>, AgentError> {
        let Some(encoder) = self.encoder else {
            return Ok(Err("it is not open".to_owned()));
        };
        let question = ranking::question(&exchange.query);
        let mut texts = vec![(None, question)];
        for paper in &exchange.abstracts {
            let hash = paper.blake3();
            if !self.vectors.contains_key(&hash) {
                texts.push((Some(hash), ranking::text(paper)));
            }
        }
        let mut of_question = Vec::new();
        for texts in texts.chunks(AT_ONCE) {
            if !self.observer.wanted() {
                return Err(AgentError::Cancelled);
            }
            let asked: Vec<String> = texts.iter().map(|(_, text)| text.clone()).collect();
            let vectors = match encoder.embed(&asked).await {
                Ok(vectors) if vectors.len() == asked.len() => vectors,
                Ok(vectors) => {
                    return Ok(Err(format!(
                        "it gave {} vectors for {} texts",
                        vectors.len(),
                        asked.len()
                    )));
                }
                Err(error) => return Ok(Err(error.to_string())),
            };
            for ((hash, _), vector) in texts.iter().zip(vectors) {
                match hash {
                    None => of_question = vector,
                    Some(hash) => {
                        if let Entry::Vacant(place) = self.vectors.entry(hash.clone()) {
                            place.insert(vector);
                        }
                    }
                }
            }
        }
        let papers = exchange.abstracts.iter();
        let of_papers = papers
            .filter_map(|paper| self.vectors.get(&paper.blake3()).cloned())
            .collect();
        Ok(Ok((of_question, of_papers)))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering as Atomic};

    use proteus_literature::{Abstract, Answer, Query, Source, Sources, Store};
    use proteus_llm::{BackendInfo, LlmError, Place, Reply, Request};

    use super::*;
    use crate::agent::observer::Quiet;

    /// An encoder of two values: how often a text says `near`, and 1. It fails after so many texts.
    struct Counting {
        texts: AtomicUsize,
        most: usize,
    }

    impl Backend for Counting {
        fn describe(&self) -> BackendInfo {
            BackendInfo {
                name: "counting".to_owned(),
                kind: "scripted".to_owned(),
                model: "counting".to_owned(),
                place: Place::Here,
                context: None,
            }
        }

        fn complete<'a>(&'a self, _: &'a Request) -> proteus_llm::Answer<'a, Reply> {
            unreachable!("nothing is asked in words")
        }

        fn embed<'a>(&'a self, texts: &'a [String]) -> proteus_llm::Answer<'a, Vec<Vec<f32>>> {
            let before = self.texts.fetch_add(texts.len(), Atomic::SeqCst);
            let vectors = texts
                .iter()
                .map(|text| vec![text.matches("near").count() as f32, 1.0])
                .collect();
            let answer = if before + texts.len() > self.most {
                Err(LlmError::Unavailable {
                    backend: "counting".to_owned(),
                    reason: "it is tired".to_owned(),
                })
            } else {
                Ok(vectors)
            };
            Box::pin(std::future::ready(answer))
        }
    }

    fn library(folder: &Path) -> Library {
        let mut store = Store::open(&folder.join("a.sqlite")).expect("opens");
        let papers = [
            ("PMID:1", "far"),
            ("PMID:2", "near near"),
            ("PMID:3", "near"),
        ]
        .map(|(id, text)| {
            let id = AbstractId::parse(id).expect("an id");
            Abstract::new(id, "", &format!("CA9 CA8 {text}"), "s").expect("an abstract")
        });
        store.add(&papers, "2026-01-02").expect("adds");
        let sources = Sources {
            store: Some(store),
            embedder: Some("counting".to_owned()),
            ..Sources::default()
        };
        Library::live(&folder.join("r"), sources, "2026-01-02").expect("opens")
    }

    async fn found(library: &Library, name: &str) -> Exchange {
        let query = Query {
            names: vec![name.to_owned()],
            context: vec!["near".to_owned()],
            narrow: false,
            limit: 9,
        };
        match library.find(Source::Store, &query).await.expect("answers") {
            Answer::Found(exchange) => *exchange,
            Answer::Ended(reason) => panic!("{reason}"),
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(future)
    }

    #[test]
    fn a_paper_becomes_a_vector_once_and_a_repetition_needs_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let encoder = Counting {
            texts: AtomicUsize::new(0),
            most: usize::MAX,
        };
        let library = library(folder.path());
        run(async {
            let mut ordering = Ordering::new(&library, Some(&encoder), &Quiet);
            let first = ordering
                .of(&found(&library, "CA9").await)
                .await
                .expect("orders");
            let mut order: Vec<(&str, f64)> =
                first.iter().map(|(id, c)| (id.as_str(), *c)).collect();
            order.sort_by(|a, b| b.1.total_cmp(&a.1));
            // The question says `near` once: cosines with (1, 1) of (2, 1), (1, 1) and (0, 1).
            let expected = [
                ("PMID:3", 1.0),
                ("PMID:2", 0.9_f64.sqrt()),
                ("PMID:1", 0.5_f64.sqrt()),
            ];
            for ((id, cosine), (wanted, value)) in order.iter().zip(expected) {
                assert_eq!(*id, wanted);
                assert!((cosine - value).abs() < 1e-12, "{order:?}");
            }
            let second = ordering
                .of(&found(&library, "CA8").await)
                .await
                .expect("orders");
            assert_eq!(second, first);
            assert_eq!(
                encoder.texts.load(Atomic::SeqCst),
                3 + 2,
                "two questions, three papers"
            );
            let told = ordering.told().expect("is told");
            assert_eq!(
                (told.by.as_str(), told.answers, told.ended),
                ("counting", 2, None)
            );
            let record = Library::recorded(&folder.path().join("r")).expect("opens");
            let mut again = Ordering::new(&record, None, &Quiet);
            assert_eq!(
                again.of(&found(&record, "CA9").await).await.expect("reads"),
                first
            );
        });
    }

    #[test]
    fn an_encoder_that_fails_ends_the_order_and_not_the_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let encoder = Counting {
            texts: AtomicUsize::new(0),
            most: 4,
        };
        let library = library(folder.path());
        run(async {
            let mut ordering = Ordering::new(&library, Some(&encoder), &Quiet);
            assert_eq!(
                ordering
                    .of(&found(&library, "CA9").await)
                    .await
                    .expect("orders")
                    .len(),
                3
            );
            for name in ["CA8", "near"] {
                let none = ordering
                    .of(&found(&library, name).await)
                    .await
                    .expect("is no error");
                assert!(none.is_empty());
            }
            assert_eq!(
                encoder.texts.load(Atomic::SeqCst),
                5,
                "it is not asked again"
            );
            let told = ordering.told().expect("is told");
            assert_eq!(told.answers, 1);
            assert!(
                told.ended
                    .is_some_and(|reason| reason.contains("it is tired"))
            );
        });
    }
}
