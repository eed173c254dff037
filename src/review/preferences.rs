//! Preference pairs for training scorers: which of two texts a person preferred, as `prompt`, `chosen`, `rejected`.
//!
//! One JSON object per line with the columns of the explicit-prompt preference format of TRL, and `margin`, which its reward
//! trainer takes; further columns say where a pair comes from. Pairs are made within one reviewer only, whose scale is then
//! the same on both sides: of two hypotheses the one with the higher mean score over the axes scored in both, else the one
//! with the better decision; and a proposed statement before the one it is to replace. Ties give no pair. Names of reviewers
//! are left out. No grade, rank or score of the engine enters a text.

use serde::Serialize;

use super::comparisons::margin;
use super::record::{Decision, Review};
use super::{ReviewError, ReviewedRun};
use crate::discovery::Hypothesis;
use crate::report::text::{probability, signed};

/// Why one text is preferred to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Scored higher.
    Scores,
    /// Accepted before parked before rejected.
    Decision,
    /// Proposed in place of the other.
    Edit,
}

/// One pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preference {
    /// What was asked for; the same for all pairs of hypotheses of a run.
    pub prompt: String,
    /// The preferred text.
    pub chosen: String,
    /// The other.
    pub rejected: String,
    /// By how much: difference of mean scores, of steps of the decision, or 1 for an edit.
    pub margin: f64,
    /// Why.
    pub reason: Reason,
    /// Whether both reviews were made without sight of grades and scores.
    pub blinded: bool,
    /// Number of the reviewer, from 1.
    pub reviewer: usize,
    /// Id of the hypothesis behind `chosen`.
    pub chosen_id: String,
    /// Id of the hypothesis behind `rejected`.
    pub rejected_id: String,
    /// The run.
    pub run: String,
}

/// Every pair of a run, reviewers and hypotheses in order.
///
/// # Errors
/// A journal cannot be read.
pub fn preferences(run: &ReviewedRun) -> Result<Vec<Preference>, ReviewError> {
    let prompt = prompt(run);
    let mut pairs = Vec::new();
    for (number, reviewer) in run.store.reviewers()?.iter().enumerate() {
        let standing: Vec<_> = run
            .subjects
            .iter()
            .map(|subject| reviewer.standing(subject))
            .collect();
        let pair = |chosen: usize, rejected: usize, margin: f64, reason: Reason, blinded: bool| {
            Preference {
                prompt: prompt.clone(),
                chosen: text(&run.hypotheses[chosen], None),
                rejected: text(&run.hypotheses[rejected], None),
                margin,
                reason,
                blinded,
                reviewer: number + 1,
                chosen_id: run.hypotheses[chosen].id.clone(),
                rejected_id: run.hypotheses[rejected].id.clone(),
                run: run.view.id().to_owned(),
            }
        };
        for i in 0..standing.len() {
            for j in i + 1..standing.len() {
                let (Some(a), Some(b)) = (&standing[i], &standing[j]) else {
                    continue;
                };
                let blinded = a.blinded && b.blinded;
                if let Some((margin, reason)) = preferred(a.review, b.review) {
                    pairs.push(if margin > 0.0 {
                        pair(i, j, margin, reason, blinded)
                    } else {
                        pair(j, i, -margin, reason, blinded)
                    });
                }
            }
        }
        for (i, submission) in standing.iter().enumerate() {
            let Some(submission) = submission else {
                continue;
            };
            let h = &run.hypotheses[i];
            let proposed = submission.review.proposed_statement.as_str();
            if !proposed.is_empty() && proposed != h.statement {
                pairs.push(Preference {
                    prompt: edit_prompt(run, h),
                    chosen: proposed.to_owned(),
                    rejected: h.statement.clone(),
                    ..pair(i, i, 1.0, Reason::Edit, submission.blinded)
                });
            }
        }
    }
    Ok(pairs)
}

/// By how much the first is preferred, and why; none for a tie.
fn preferred(first: &Review, second: &Review) -> Option<(f64, Reason)> {
    if let Some(margin) = margin(first, second).filter(|m| *m != 0.0) {
        return Some((margin, Reason::Scores));
    }
    let step = |decision: Decision| match decision {
        Decision::Accept => 2.0,
        Decision::Park => 1.0,
        Decision::Reject => 0.0,
    };
    let margin = step(first.decision?) - step(second.decision?);
    (margin != 0.0).then_some((margin, Reason::Decision))
}

fn prompt(run: &ReviewedRun) -> String {
    format!(
        "State one hypothesis that the proteomics dataset `{}` bears out, with its effect, what speaks for and against it, the outcome that would refute it and the next experiment.",
        run.view.record().dataset
    )
}

fn edit_prompt(run: &ReviewedRun, h: &Hypothesis) -> String {
    format!(
        "State in one sentence what the following result of the proteomics dataset `{}` says.\n\n{}",
        run.view.record().dataset,
        text(h, Some(""))
    )
}

/// A hypothesis in words, without what the engine thinks of it.
fn text(h: &Hypothesis, statement: Option<&str>) -> String {
    let statement = statement.unwrap_or(&h.statement);
    let mut lines = vec![statement.to_owned()];
    let mut effect = format!("Effect: {} {}", signed(h.effect.value), h.effect.unit);
    if let (Some(low), Some(high)) = (h.effect.low, h.effect.high) {
        effect.push_str(&format!(" ({} to {})", signed(low), signed(high)));
    }
    lines.push(format!(
        "{effect}; p {}; {} samples; chosen from {} tests.",
        probability(h.error_rate.p.get()),
        h.n.total,
        h.tests_considered
    ));
    lines.push(format!("Holds for: {}", h.context));
    if h.robustness.tried > 0 {
        lines.push(format!(
            "Holds in {} of {} variations of the analysis.",
            h.robustness.held, h.robustness.tried
        ));
    }
    lines.extend(h.flags.iter().map(|flag| format!("Caution: {}", flag.text)));
    lines.extend(h.alternatives.iter().map(|a| format!("Could also be: {a}")));
    lines.push(format!("Refuted by: {}", h.refuted_by));
    lines.push(format!("Next experiment: {}", h.next_experiment.text));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}
