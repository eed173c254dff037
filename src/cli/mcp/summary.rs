//! A finished run, in few enough words for a model.

use serde::Serialize;

use crate::cli::run::{hypotheses, word};
use crate::discovery::{Direction, Grade, Verdict};
use crate::report::{HypothesisEntry, ReportModel, document};

/// The verdict on the data, and the first hypotheses.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    /// Name of the run.
    run: String,
    dataset: String,
    /// The question in words, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<String>,
    /// Whether proteins, genes and sets go by codes.
    names_hidden: bool,
    /// Worst verdict of the checks of the data.
    audit: Verdict,
    warnings: Vec<String>,
    supported: usize,
    suggestive: usize,
    exploratory: usize,
    /// The first ones, by rank.
    hypotheses: Vec<Short>,
}

/// A hypothesis in short.
#[derive(Debug, Serialize)]
struct Short {
    rank: usize,
    id: String,
    grade: Grade,
    q: f64,
    /// Whether q is as small as the number of decoys can show.
    q_at_floor: bool,
    direction: Direction,
    contrast: Option<String>,
    effect: f64,
    low: Option<f64>,
    high: Option<f64>,
    unit: String,
    /// Samples behind it.
    samples: usize,
    statement: String,
}

impl Summary {
    /// Of a finished run, with at most so many hypotheses.
    pub(super) fn of(run: &str, model: &ReportModel, first: usize) -> Self {
        let whole = document(model);
        let count = |grade| model.hypotheses.iter().filter(|h| h.grade == grade).count();
        Self {
            run: run.to_owned(),
            dataset: whole.dataset.name,
            question: whole.question.map(|asked| asked.text),
            names_hidden: whole.names_hidden,
            audit: whole.audit.verdict,
            warnings: whole.audit.warnings,
            supported: count(Grade::Supported),
            suggestive: count(Grade::Suggestive),
            exploratory: count(Grade::Exploratory),
            hypotheses: whole
                .hypotheses
                .into_iter()
                .take(first)
                .map(Short::from)
                .collect(),
        }
    }

    /// The same for people.
    pub(super) fn in_words(&self, model: &ReportModel, first: usize) -> String {
        let mut text = format!("Run {} of {}\n\n", self.run, self.dataset);
        if model.hypotheses.is_empty() {
            text.push_str("No hypothesis: nothing in these data stands out from chance, or nothing could be compared.\n");
        } else {
            text.push_str(&hypotheses(&model.hypotheses, first));
        }
        text.push_str(&format!("\nAudit of the data: {}\n", word(self.audit)));
        for warning in &self.warnings {
            text.push_str(&format!("  {warning}\n"));
        }
        if self.names_hidden {
            text.push_str("Names are hidden by codes.\n");
        }
        text
    }
}

impl From<HypothesisEntry> for Short {
    fn from(entry: HypothesisEntry) -> Self {
        let HypothesisEntry {
            q,
            q_at_floor,
            record: h,
            ..
        } = entry;
        Self {
            rank: h.rank,
            id: h.id,
            grade: h.grade,
            q,
            q_at_floor,
            direction: h.direction,
            contrast: h.contrast,
            effect: h.effect.value,
            low: h.effect.low,
            high: h.effect.high,
            unit: h.effect.unit,
            samples: h.n.total,
            statement: h.statement,
        }
    }
}
