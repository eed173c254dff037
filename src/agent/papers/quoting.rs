//! The papers found for a hypothesis, each once, and what their sentences say of its claims.

use std::collections::{BTreeMap, BTreeSet};

use proteus_literature::reading::{self, mentions};
use proteus_literature::{Abstract, AbstractId, Stance};

use crate::discovery::{PaperAnswer, PaperQuote, PapersOfHypothesis};

use super::asking::Asking;

/// Quotes kept for each side.
const QUOTES: usize = 6;
/// Titles shorter than this are shared by papers that have nothing else in common, such as "Editorial".
const TITLE: usize = 20;

/// Papers found for one hypothesis, in the order of the sources and of their answers.
#[derive(Default)]
pub(super) struct Shelf {
    papers: Vec<Abstract>,
    ids: BTreeSet<String>,
    titles: BTreeSet<String>,
}

impl Shelf {
    /// Adds what a source gave, less what stands here already, by identifier or by title.
    pub(super) fn put(&mut self, papers: Vec<Abstract>) {
        for paper in papers {
            let title: String = paper
                .title
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect();
            let told = title.chars().count() >= TITLE && !self.titles.insert(title);
            if self.ids.insert(paper.id.as_str().to_owned()) && !told {
                self.papers.push(paper);
            }
        }
    }

    /// Puts the nearest papers first; of equal ones, and of those that nobody measured, the order stays.
    pub(super) fn nearest_first(&mut self, cosines: &BTreeMap<AbstractId, f64>) {
        let near = |paper: &Abstract| cosines.get(&paper.id).copied().unwrap_or(f64::MIN);
        self.papers.sort_by(|a, b| near(b).total_cmp(&near(a)));
    }

    /// What the papers say.
    pub(super) fn read(&self, asking: Asking, answers: Vec<PaperAnswer>) -> PapersOfHypothesis {
        let mut found = PapersOfHypothesis {
            answers,
            papers: self.papers.len(),
            unreadable: asking.unreadable.map(str::to_owned),
            ..PapersOfHypothesis::default()
        };
        let mut kept = [0_usize; 2];
        for paper in &self.papers {
            let (mut supports, mut contradicts) = (false, false);
            for (about, claim) in &asking.claims {
                for passage in reading::read(paper, claim) {
                    let side = match passage.stance {
                        Stance::Aligned => true,
                        Stance::Contradicted => false,
                        Stance::Mentioned => continue,
                    };
                    // What does not stand in the paper letter by letter is no quote.
                    if !passage.is_verbatim(paper) {
                        continue;
                    }
                    supports |= side;
                    contradicts |= !side;
                    if kept[usize::from(side)] < QUOTES {
                        kept[usize::from(side)] += 1;
                        found.quotes.push(PaperQuote {
                            supports: side,
                            about: about.clone(),
                            quote: passage.quote,
                            because: passage.because,
                            paper: paper.id.to_string(),
                            title: paper.title.clone(),
                            year: paper.year,
                            address: paper.id.address(),
                        });
                    }
                }
            }
            found.supporting += usize::from(supports);
            found.contradicting += usize::from(contradicts);
            if supports || contradicts {
                found.stating += 1;
            } else {
                let named = [&paper.title, &paper.text]
                    .iter()
                    .any(|text| !mentions(text, &asking.names).is_empty());
                found.naming += usize::from(named);
            }
        }
        // Stable: within a side the best paper stays first.
        found.quotes.sort_by_key(|quote| !quote.supports);
        found.names = asking.names;
        found.words = asking.words;
        found
    }
}

#[cfg(test)]
mod tests {
    use proteus_literature::{AbstractId, Claim, Direction};

    use super::*;

    fn paper(id: &str, title: &str, text: &str) -> Abstract {
        let id = AbstractId::parse(id).expect("an id");
        Abstract::new(id, title, text, "test").expect("an abstract")
    }

    fn asking() -> Asking {
        let owned = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let claim = Claim {
            names: owned(&["CA9"]),
            direction: Some(Direction::Higher),
            target: owned(&["tumor"]),
            reference: owned(&["normal"]),
            context: owned(&["kidney"]),
        };
        Asking {
            names: owned(&["CA9"]),
            words: owned(&["kidney", "tumor", "normal"]),
            claims: vec![("CA9".to_owned(), claim)],
            unreadable: None,
        }
    }

    const UP: &str = "CA9 was increased in kidney tumors compared with normal kidney.";
    const DOWN: &str = "CA9 was decreased in kidney tumors compared with normal kidney.";

    #[test]
    fn papers_are_counted_once_by_what_they_state_and_mentions_decide_nothing() {
        let mut shelf = Shelf::default();
        let long = "A title of a paper that two sources hold";
        shelf.put(vec![
            paper("PMID:1", long, &format!("{UP} {UP}")),
            paper("PMID:2", "Editorial", DOWN),
            paper("PMID:3", "Editorial", "CA9 is known in the kidney."),
            paper("PMID:4", "Other", "Nothing of it."),
        ]);
        shelf.put(vec![
            paper("PMID:1", "Another", DOWN),
            paper("DOI:10.1000/x", &long.to_uppercase(), DOWN),
            paper("PMID:5", "Both", &format!("{UP} {DOWN}")),
        ]);
        let found = shelf.read(asking(), Vec::new());
        assert_eq!(
            found.papers, 5,
            "the same id and the same title are left out"
        );
        assert_eq!(
            (
                found.supporting,
                found.contradicting,
                found.stating,
                found.naming
            ),
            (2, 2, 3, 1)
        );
        let sides: Vec<bool> = found.quotes.iter().map(|q| q.supports).collect();
        assert_eq!(sides, [true, true, true, false, false]);
        assert_eq!(
            (
                found.quotes[0].quote.as_str(),
                found.quotes[0].paper.as_str()
            ),
            (UP, "PMID:1")
        );
    }

    #[test]
    fn nearness_moves_papers_and_changes_no_count() {
        let texts = [UP, DOWN, UP, "CA9 is known in the kidney."];
        let shelf = || {
            let mut shelf = Shelf::default();
            let papers = (1..).zip(texts);
            shelf.put(
                papers
                    .map(|(k, text)| paper(&format!("PMID:{k}"), "T", text))
                    .collect(),
            );
            shelf
        };
        let as_found = shelf().read(asking(), Vec::new());
        let mut moved = shelf();
        let cosines = [("PMID:3", 0.9), ("PMID:4", 0.4), ("PMID:1", 0.4)];
        let cosines = cosines.map(|(id, cosine)| (AbstractId::parse(id).expect("an id"), cosine));
        moved.nearest_first(&BTreeMap::from(cosines));
        let order: Vec<&str> = moved.papers.iter().map(|p| p.id.as_str()).collect();
        assert_eq!(order, ["PMID:3", "PMID:1", "PMID:4", "PMID:2"]);
        let mut found = moved.read(asking(), Vec::new());
        let first: Vec<&str> = found.quotes.iter().map(|q| q.paper.as_str()).collect();
        assert_eq!(first, ["PMID:3", "PMID:1", "PMID:2"]);
        found.quotes.swap(0, 1);
        assert_eq!(found, as_found);
    }

    #[test]
    fn quotes_are_few_and_counts_are_whole() {
        let mut shelf = Shelf::default();
        shelf.put(
            (1..30)
                .map(|k| paper(&format!("PMID:{k}"), "T", UP))
                .collect(),
        );
        let found = shelf.read(asking(), Vec::new());
        assert_eq!((found.supporting, found.quotes.len()), (29, QUOTES));
    }
}
