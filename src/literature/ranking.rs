//! The papers of an answer by how near they are in meaning to its question, kept before it is used.
//!
//! Vectors come from whoever asks, by [`question`] and [`text`]; here they become cosines. A [`Ranking`] stands beside its
//! exchange as `<key>.order.json`, so that the same order is had again without what made the vectors. It orders and does nothing
//! else: which papers were found, and what is read out of them, is the same without it.

use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;
use crate::id::AbstractId;
use crate::paper::Abstract;
use crate::query::Query;

/// Version of the files.
pub(crate) const VERSION: u32 = 1;

/// How near the papers of an answer are to its question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// Version of the file.
    pub version: u32,
    /// The exchange whose papers these are.
    pub exchange: String,
    /// BLAKE3 of what its papers say.
    pub blake3: String,
    /// What made the vectors.
    pub embedder: String,
    /// The text that stands for the question.
    pub question: String,
    /// The papers, nearest first; equally near ones in the order of the answer.
    pub order: Vec<Near>,
    /// BLAKE3 of all the above.
    pub hash: String,
}

/// A paper and how near it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// The paper.
    pub id: AbstractId,
    /// Cosine of the angle between its vector and the question's, from -1 to 1.
    pub cosine: f64,
}

/// What is known of the order of an answer's papers.
#[derive(Debug, Clone, PartialEq)]
pub enum Ranked {
    /// It is on record.
    Kept(Ranking),
    /// What made vectors gave out, at this answer or before it, for this reason; the papers stay as they were found.
    Ended(String),
    /// It is to be made.
    Open,
}

impl Ranking {
    /// Orders the papers of an answer by the vector of its question and those of its papers, in their order.
    ///
    /// # Errors
    /// What is wrong with the vectors: their number, their length, a value that is no number, one without direction.
    pub fn new(
        exchange: &Exchange,
        embedder: &str,
        of_question: &[f32],
        of_papers: &[Vec<f32>],
    ) -> Result<Self, String> {
        let papers = &exchange.abstracts;
        if of_papers.len() != papers.len() {
            return Err(format!(
                "{} vectors for {} papers",
                of_papers.len(),
                papers.len()
            ));
        }
        let mut order = Vec::with_capacity(papers.len());
        for (paper, vector) in papers.iter().zip(of_papers) {
            let cosine = cosine(of_question, vector)?;
            order.push(Near {
                id: paper.id.clone(),
                cosine,
            });
        }
        order.sort_by(|a, b| b.cosine.total_cmp(&a.cosine));
        let mut ranking = Self {
            version: VERSION,
            exchange: exchange.key.clone(),
            blake3: exchange.blake3.clone(),
            embedder: embedder.to_owned(),
            question: question(&exchange.query),
            order,
            hash: String::new(),
        };
        ranking.hash = ranking.hashed();
        Ok(ranking)
    }

    fn hashed(&self) -> String {
        let mut hash = blake3::Hasher::new();
        let mut part = |bytes: &[u8]| {
            hash.update(&(bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        for text in [&self.exchange, &self.blake3, &self.embedder, &self.question] {
            part(text.as_bytes());
        }
        for near in &self.order {
            part(near.id.as_str().as_bytes());
            part(&near.cosine.to_le_bytes());
        }
        hash.finalize().to_hex().to_string()
    }

    /// Whether it is as it was made, for just the papers of this answer.
    pub(crate) fn is_of(&self, exchange: &Exchange) -> bool {
        let mut ids: Vec<&AbstractId> = self.order.iter().map(|near| &near.id).collect();
        let mut papers: Vec<&AbstractId> = exchange.abstracts.iter().map(|a| &a.id).collect();
        ids.sort();
        papers.sort();
        self.exchange == exchange.key
            && self.blake3 == exchange.blake3
            && ids == papers
            && self.hash == self.hashed()
    }
}

/// The text that stands for a question: what is looked for, and the circumstances.
pub fn question(query: &Query) -> String {
    let names = query.names.join(", ");
    if query.context.is_empty() {
        names
    } else {
        format!("{names} in {}", query.context.join(", "))
    }
}

/// The text that stands for a paper: its title, then its abstract.
pub fn text(paper: &Abstract) -> String {
    if paper.title.is_empty() {
        paper.text.clone()
    } else {
        format!("{} {}", paper.title, paper.text)
    }
}

/// `a · b / (|a| |b|)`, in double precision.
///
/// # Errors
/// Vectors of different lengths, of none, with a value that is no number, or without direction.
pub fn cosine(a: &[f32], b: &[f32]) -> Result<f64, String> {
    if a.is_empty() || a.len() != b.len() {
        return Err(format!("vectors of {} and {} values", a.len(), b.len()));
    }
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum()
    };
    let cosine = dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt());
    if cosine.is_finite() {
        Ok(cosine.clamp(-1.0, 1.0))
    } else {
        Err("a vector without direction".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange() -> Exchange {
        let papers = ["PMID:1", "PMID:2", "PMID:3"].map(|id| {
            let id = AbstractId::parse(id).expect("an id");
            Abstract::new(id, "", "Text.", "s").expect("an abstract")
        });
        let query = Query {
            names: vec!["CA9".to_owned(), "CAIX".to_owned()],
            context: vec!["kidney".to_owned()],
            narrow: false,
            limit: 5,
        };
        Exchange::new("store", &query, "2026-01-02", papers.to_vec())
    }

    #[test]
    fn papers_stand_by_cosine_and_equal_ones_as_they_were_found() {
        let vectors = [vec![0.0, 3.0], vec![4.0, 4.0], vec![0.0, 0.5]];
        let made = Ranking::new(&exchange(), "e", &[2.0, 0.0], &vectors).expect("orders");
        let order: Vec<(&str, f64)> = made
            .order
            .iter()
            .map(|near| (near.id.as_str(), near.cosine))
            .collect();
        assert_eq!(order[0].0, "PMID:2");
        assert!((order[0].1 - 0.5_f64.sqrt()).abs() < 1e-12, "{order:?}");
        assert_eq!(order[1..], [("PMID:1", 0.0), ("PMID:3", 0.0)]);
        assert_eq!(made.question, "CA9, CAIX in kidney");
        assert!(made.is_of(&exchange()));
        let mut other = exchange();
        other.abstracts.pop();
        assert!(!made.is_of(&other));
        let mut changed = made.clone();
        changed.order[1].id = changed.order[0].id.clone();
        assert!(!changed.is_of(&exchange()));
    }

    #[test]
    fn vectors_that_say_nothing_are_refused() {
        let fine = vec![1.0, 0.0];
        for (question, papers) in [
            (vec![1.0, 0.0], vec![fine.clone(), fine.clone()]),
            (vec![1.0], vec![fine.clone(), fine.clone(), fine.clone()]),
            (
                vec![0.0, 0.0],
                vec![fine.clone(), fine.clone(), fine.clone()],
            ),
            (fine.clone(), vec![fine.clone(), vec![], fine.clone()]),
            (
                fine.clone(),
                vec![fine.clone(), vec![f32::NAN, 1.0], fine.clone()],
            ),
            (
                fine.clone(),
                vec![fine.clone(), vec![f32::INFINITY, 1.0], fine],
            ),
        ] {
            let made = Ranking::new(&exchange(), "e", &question, &papers);
            assert!(made.is_err(), "{question:?}, {papers:?}");
        }
    }
}
