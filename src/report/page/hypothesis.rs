//! One hypothesis by itself, for a person who is to judge it: its card, its figure and the rows it rests on.

use serde::Serialize;

use super::FigureShelf;
use super::card::{Card, card};
use super::evidence::{EvidenceEntry, EvidenceIndex};
use crate::report::text::{SENTENCE, sentence, tidy};
use crate::report::{ReportError, ReportModel};

/// A hypothesis as a template shows it. Nothing in it is escaped: the template does that.
#[derive(Debug, Clone, Serialize)]
pub struct HypothesisPage {
    card: Card,
    evidence: Vec<EvidenceEntry>,
    #[serde(skip)]
    figure: Option<String>,
}

impl HypothesisPage {
    /// The hypothesis with this id or rank.
    ///
    /// # Errors
    /// There is no such hypothesis.
    pub fn of(model: &ReportModel, wanted: &str) -> Result<Self, ReportError> {
        let h = model.hypothesis(wanted)?;
        let index = EvidenceIndex::of_hypotheses(model, std::slice::from_ref(h));
        let mut figures = FigureShelf::default();
        let mut card = card(model, &index, &mut figures, h, true);
        // The sections of a whole report are not on this page.
        for number in &mut card.numbers {
            if number.href.starts_with("#stratum") {
                number.href.clear();
            }
        }
        let drawn = card.figure.clone();
        Ok(Self {
            card,
            evidence: index.into_entries(),
            figure: drawn.and_then(|name| figures.into_figures().swap_remove(&name)),
        })
    }

    /// The figure as SVG; none where there is nothing to draw.
    pub fn figure(&self) -> Option<&str> {
        self.figure.as_deref()
    }

    /// Card and evidence as a value for a template: `card`, and `evidence` with one entry per finding.
    ///
    /// # Errors
    /// A value cannot be written as JSON.
    pub fn to_value(&self) -> Result<serde_json::Value, ReportError> {
        Ok(serde_json::to_value(self)?)
    }

    /// The same without what the engine thinks of it: grade and its reasons, q, rank, scores, and which attack or flag
    /// lowered the grade. The measured numbers and the outcomes of the attacks stay.
    ///
    /// # Errors
    /// There is no such hypothesis.
    pub fn blinded(model: &ReportModel, wanted: &str) -> Result<Self, ReportError> {
        let mut page = Self::of(model, wanted)?;
        let h = model.hypothesis(wanted)?;
        let card = &mut page.card;
        card.grade = "";
        card.rank = 0;
        card.anchor.clear();
        card.reasons.clear();
        card.axes.clear();
        card.reading = None;
        card.wordings.clear();
        card.numbers.retain(|number| number.label != "q");
        card.flags = h
            .flags
            .iter()
            .map(|flag| sentence(&tidy(&flag.text, SENTENCE)))
            .collect();
        if let Some(attacks) = &mut card.attacks {
            attacks.caption = "Attacks on it".to_owned();
            attacks.columns.truncate(2);
            attacks.rows.iter_mut().for_each(|row| row.truncate(2));
        }
        if let Some(variations) = &mut card.variations {
            variations.caption = "Variations of it".to_owned();
        }
        Ok(page)
    }
}
