//! What papers say: per hypothesis the sentences for and against with their papers; for the run who was asked, what, and how
//! much was there.

use serde::Serialize;

use super::listing::{Cell, Listing};
use crate::discovery::{Hypothesis, PaperOrder, PaperQuote, PaperSource, Papers};
use crate::report::ReportModel;
use crate::report::text::{NAME, SENTENCE, count, tidy};

/// Names, words and files told at most.
const NAMED: usize = 12;
/// Where a link of a paper may lead; another address is told as text alone.
const PLACES: [&str; 4] = [
    "https://pubmed.ncbi.nlm.nih.gov/",
    "https://pmc.ncbi.nlm.nih.gov/articles/",
    "https://doi.org/10.",
    "https://europepmc.org/article/",
];

/// What papers say of one hypothesis.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct PapersView {
    /// How many were looked at and what they come to.
    pub summary: String,
    /// Sentences for and against.
    pub quotes: Vec<QuoteView>,
}

/// A sentence of a paper.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct QuoteView {
    /// `For` or `Against`.
    pub side: &'static str,
    pub quote: String,
    /// Title, year.
    pub title: String,
    /// Identifier.
    pub paper: String,
    /// Where it can be read about, followed by nobody but the reader; empty for none.
    pub link: String,
}

/// What was asked in the run.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct LookedUp {
    pub lines: Vec<String>,
    pub asked: Listing,
}

/// What papers say of a hypothesis; none in a run that looked none up.
pub(super) fn of_hypothesis(model: &ReportModel, h: &Hypothesis) -> Option<PapersView> {
    let papers = model.papers.as_ref()?;
    Some(PapersView {
        summary: summary(papers, h)?,
        quotes: papers
            .hypotheses
            .get(&h.id)
            .map_or_else(Vec::new, |found| found.quotes.iter().map(quote).collect()),
    })
}

/// What was looked at for a hypothesis and what it comes to, in a sentence; none where the record does not know it.
pub(in crate::report) fn summary(papers: &Papers, h: &Hypothesis) -> Option<String> {
    let Some(found) = papers.hypotheses.get(&h.id) else {
        let reason = papers.not_looked_up.get(&h.id)?;
        return Some(format!("None were looked up: {}.", tidy(reason, SENTENCE)));
    };
    if found.papers == 0 {
        return Some("No paper that names it was found.".to_owned());
    }
    let looked_at = count(found.papers, "paper", "papers");
    let names = match found.naming {
        0 => String::new(),
        n => format!(
            "; {} it and {} neither",
            count(n, "paper names", "papers name"),
            if n == 1 { "states" } else { "state" }
        ),
    };
    Some(match &found.unreadable {
        Some(reason) => format!(
            "{looked_at} looked at, none of which could state it or its opposite: {}{names}.",
            tidy(reason, SENTENCE)
        ),
        None => format!(
            "{looked_at} looked at: {} what is claimed, {} the opposite{names}.",
            count(found.supporting, "states", "state"),
            count(found.contradicting, "states", "state"),
        ),
    })
}

fn quote(quote: &PaperQuote) -> QuoteView {
    let year = quote.year.map_or_else(String::new, |y| format!(", {y}"));
    let usable = PLACES.iter().any(|place| quote.address.starts_with(place));
    QuoteView {
        side: side(quote),
        quote: tidy(&quote.quote, SENTENCE),
        title: format!("{}{year}", tidy(&quote.title, SENTENCE / 2)),
        paper: tidy(&quote.paper, NAME),
        link: if usable {
            quote.address.clone()
        } else {
            String::new()
        },
    }
}

/// On which side of a claim a sentence is.
pub(in crate::report) fn side(quote: &PaperQuote) -> &'static str {
    if quote.supports { "For" } else { "Against" }
}

/// What was asked in the run; none where nothing was looked up.
pub(super) fn looked_up(model: &ReportModel) -> Option<LookedUp> {
    let papers = model.papers.as_ref()?;
    Some(LookedUp {
        lines: lines(papers),
        asked: asked(model, papers),
    })
}

fn lines(papers: &Papers) -> Vec<String> {
    let mut lines = vec![
        "No grade, q-value, effect or place in the order goes by papers: they are counted in the scores alignment and novelty alone. Rules read them, for English sentences of a few plain forms; quotes are verbatim.".to_owned(),
    ];
    lines.extend(papers.sources.iter().map(source));
    lines.extend(papers.ordered.iter().map(ordered));
    lines.push(format!(
        "At most {} were looked up, the best first, with at most {} of each source.",
        count(papers.most_hypotheses, "hypothesis", "hypotheses"),
        count(papers.most_papers, "paper", "papers"),
    ));
    lines.push(if papers.about.is_empty() {
        "No word says what was studied, so that only papers on what both groups are of could state anything; `--literature-about` names one.".to_owned()
    } else {
        format!(
            "What was studied: {}. A paper that names none of it decides nothing.",
            some(&papers.about)
        )
    });
    lines.push("What was not found here may be in the literature all the same: under another name, in a full text, in a paper that was not looked at.".to_owned());
    lines
}

fn source(source: &PaperSource) -> String {
    let answered = count(source.answered, "question", "questions");
    let mut line = match source.papers {
        Some(papers) => format!(
            "A store of {}{}{}: {answered} answered.",
            count(papers, "abstract", "abstracts"),
            source
                .last_added
                .as_ref()
                .map_or_else(String::new, |day| format!(
                    ", the last added on {}",
                    tidy(day, NAME)
                )),
            if source.filled_from.is_empty() {
                String::new()
            } else {
                format!(", from {}", some(&source.filled_from))
            },
        ),
        None if source.was_asked() => format!(
            "Europe PMC: {answered} answered; what went there is in literature/egress.jsonl, word by word."
        ),
        None => "Europe PMC was asked nothing.".to_owned(),
    };
    if let Some(reason) = &source.ended {
        line.push_str(&format!(
            " It gave out and was asked no more: {}.",
            tidy(reason, SENTENCE)
        ));
    }
    line
}

fn ordered(order: &PaperOrder) -> String {
    let mut line = format!(
        "Papers of {} stand by how near an encoder of sentences ({}) finds them to what was asked; it found none of them and decided nothing.",
        count(order.answers, "answer", "answers"),
        tidy(&order.by, NAME)
    );
    if let Some(reason) = &order.ended {
        line.push_str(&format!(
            " It gave out, and the others stand as they were found: {}.",
            tidy(reason, SENTENCE)
        ));
    }
    line
}

fn asked(model: &ReportModel, papers: &Papers) -> Listing {
    let mut listing = Listing::new(
        "What was asked of whom",
        &[
            ("hypothesis", true),
            ("names", false),
            ("words", false),
            ("answers", false),
            ("papers", true),
            ("state it", true),
            ("the opposite", true),
            ("name it only", true),
        ],
    );
    for h in &model.hypotheses {
        let Some(found) = papers.hypotheses.get(&h.id) else {
            continue;
        };
        let answers: Vec<String> = found
            .answers
            .iter()
            .map(|answer| {
                let key: String = answer.exchange.chars().take(12).collect();
                match answer.hits {
                    Some(hits) => format!("{} of {hits} ({key})", answer.papers),
                    None => format!("{} ({key})", answer.papers),
                }
            })
            .collect();
        listing.rows.push(vec![
            Cell::count(h.rank).to(format!("#h-{}", h.rank)),
            Cell::prose(some(&found.names)),
            Cell::prose(some(&found.words)),
            Cell::text(answers.join(", ")),
            Cell::count(found.papers),
            Cell::count(found.supporting),
            Cell::count(found.contradicting),
            Cell::count(found.naming),
        ]);
    }
    listing.note = "Whole answers are in literature/, by the key in brackets.".to_owned();
    listing
}

/// The first of some texts.
fn some(texts: &[String]) -> String {
    let mut shown: Vec<String> = texts.iter().take(NAMED).map(|t| tidy(t, NAME)).collect();
    if texts.len() > NAMED {
        shown.push(format!("… {} in all", texts.len()));
    }
    shown.join(", ")
}

/// Whether questions about papers left the machine.
pub(super) fn were_sent(model: &ReportModel) -> bool {
    let papers = model.papers.iter();
    papers
        .flat_map(|p| &p.sources)
        .any(|source| source.is_service() && source.was_asked())
}

/// Whether an encoder put papers in order.
pub(super) fn were_ordered(model: &ReportModel) -> bool {
    let papers = model.papers.as_ref();
    papers.is_some_and(|p| p.ordered.is_some())
}
