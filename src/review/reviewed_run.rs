//! A run whose hypotheses people review.

use std::path::Path;

use super::record::{Review, Subject};
use super::store::{ReviewStore, Reviewer};
use super::{Axis, ReviewError};
use crate::discovery::Hypothesis;
use crate::report::ReportError;
use crate::report::text::{NAME, tidy};
use crate::run::{RunKind, RunStatus, RunView};

/// A finished run with its hypotheses and reviews.
#[derive(Debug)]
pub struct ReviewedRun {
    /// The run, for reading.
    pub view: RunView,
    /// The hypotheses in rank order.
    pub hypotheses: Vec<Hypothesis>,
    /// What reviews call them, in the same order.
    pub subjects: Vec<Subject>,
    /// The reviews.
    pub store: ReviewStore,
}

impl ReviewedRun {
    /// Opens the run folder `root`.
    ///
    /// # Errors
    /// It is no run, the run has not ended, or it is a replication, whose hypotheses are those of another run.
    pub fn open(root: &Path) -> Result<Self, ReviewError> {
        let view = RunView::open(root)?;
        if view.record().kind != RunKind::Discovery {
            return Err(ReviewError::NotReviewable {
                run: tidy(view.id(), NAME),
                reason:
                    "it is a replication\nhint: review the run whose hypotheses it tested instead"
                        .to_owned(),
            });
        }
        if let RunStatus::Unfinished { stage } = view.status()? {
            let path = root.to_path_buf();
            return Err(ReportError::Unfinished { path, stage }.into());
        }
        let mut hypotheses = view.hypotheses()?;
        hypotheses.sort_by(|a, b| (a.rank, &a.id).cmp(&(b.rank, &b.id)));
        Ok(Self {
            subjects: hypotheses.iter().map(Subject::of).collect(),
            store: ReviewStore::of(root, view.id()),
            hypotheses,
            view,
        })
    }

    /// The place of the hypothesis with this id.
    ///
    /// # Errors
    /// There is none.
    pub fn place(&self, id: &str) -> Result<usize, ReviewError> {
        let place = self.hypotheses.iter().position(|h| h.id == id);
        place.ok_or_else(|| ReviewError::UnknownHypothesis {
            wanted: tidy(id, NAME),
            found: self.hypotheses.len(),
        })
    }

    /// What a reviewer's standing reviews say of each hypothesis.
    pub fn standing<'a>(&self, reviewer: &'a Reviewer) -> Vec<Option<&'a Review>> {
        let standing = reviewer.all_standing();
        let about = |subject: &Subject| {
            let found = standing
                .iter()
                .rev()
                .find(|s| s.subject.is_same_claim(subject));
            found.map(|s| s.review)
        };
        self.subjects.iter().map(about).collect()
    }

    /// Mean of the engine's own scores of a hypothesis; none where it assessed no axis.
    pub fn rule_mean(hypothesis: &Hypothesis) -> Option<f64> {
        let scores: Vec<f64> = Axis::ALL
            .iter()
            .filter_map(|axis| axis.rule(&hypothesis.scores).rule.map(f64::from))
            .collect();
        (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
    }
}
