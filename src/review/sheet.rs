//! Reviews as CSV, for people who prefer a sheet: one row per reviewer and hypothesis.
//!
//! Cells that a spreadsheet would run as a formula get an apostrophe in front, which reading takes away again, so that every
//! text comes back as it was. Written with a byte-order mark, as spreadsheets need to read UTF-8; read with or without, and
//! separated by commas, semicolons or tabs.

mod cell;
mod read;

use std::collections::BTreeMap;
use std::path::Path;

use super::order::reading_order;
use super::record::{Axis, Review, Subject, rationale_field};
use super::reviewer::{ReviewerName, file_name};
use super::store::Reviewer;
use super::{ReviewError, ReviewedRun};
use crate::report::text::signed;
use crate::run::RunError;

pub use read::{Imported, import};

/// Columns that say what a row is about; on reading only the first two count.
const KEYS: [&str; 2] = ["hypothesis", "reviewer"];
/// Columns for people, not read back.
const FOR_PEOPLE: [&str; 5] = [
    "statement",
    "effect",
    "claim_hash",
    "submitted_at",
    "blinded",
];

/// Columns of what a reviewer says, in order.
fn said_columns() -> Vec<String> {
    let mut columns = Vec::new();
    for axis in Axis::ALL {
        columns.push(axis.word().to_owned());
        columns.push(rationale_field(axis));
    }
    let rest = [
        "decision",
        "flag",
        "comment",
        "proposed_statement",
        "proposed_question",
    ];
    columns.extend(rest.map(str::to_owned));
    columns
}

/// Every column in the order it is written.
fn columns() -> Vec<String> {
    let mut columns: Vec<String> = KEYS.map(str::to_owned).to_vec();
    columns.extend(said_columns());
    columns.extend(FOR_PEOPLE.map(str::to_owned));
    columns
}

/// The standing reviews of a run as CSV.
///
/// With a name, one row per hypothesis for that person, filled in as far as they have reviewed, in their reading order;
/// without, one row per standing review of anybody. Grades and scores of the engine are not in it.
///
/// # Errors
/// A journal cannot be read.
pub fn export(run: &ReviewedRun, name: Option<&ReviewerName>) -> Result<Vec<u8>, ReviewError> {
    let mut rows: Vec<BTreeMap<&str, String>> = Vec::new();
    match name {
        Some(name) => {
            let file = file_name(name);
            let known = run.store.reviewers()?.into_iter().find(|r| r.file == file);
            let blinded = known.as_ref().is_some_and(Reviewer::is_blinded);
            let order = reading_order(&run.hypotheses, run.view.id(), name.as_str(), blinded);
            for place in order {
                rows.push(row(run, place, name.as_str(), known.as_ref()));
            }
        }
        None => {
            for reviewer in run.store.reviewers()? {
                for (place, subject) in run.subjects.iter().enumerate() {
                    if reviewer.standing(subject).is_some() {
                        rows.push(row(run, place, &reviewer.name, Some(&reviewer)));
                    }
                }
            }
        }
    }
    written(&rows).map_err(|reason| {
        RunError::NotSerialisable {
            path: Path::new("the sheet").to_path_buf(),
            reason,
        }
        .into()
    })
}

fn written(rows: &[BTreeMap<&str, String>]) -> Result<Vec<u8>, String> {
    let columns = columns();
    let mut writer = csv::WriterBuilder::new().from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(&columns).map_err(|e| e.to_string())?;
    for row in rows {
        let cells = columns
            .iter()
            .map(|c| cell::inert(row.get(c.as_str()).map_or("", String::as_str)));
        writer.write_record(cells).map_err(|e| e.to_string())?;
    }
    writer.into_inner().map_err(|e| e.to_string())
}

fn row<'a>(
    run: &ReviewedRun,
    place: usize,
    name: &str,
    reviewer: Option<&Reviewer>,
) -> BTreeMap<&'a str, String> {
    let (h, subject): (_, &Subject) = (&run.hypotheses[place], &run.subjects[place]);
    let mut row = BTreeMap::from([
        ("hypothesis", h.id.clone()),
        ("reviewer", name.to_owned()),
        ("statement", h.statement.clone()),
        (
            "effect",
            format!("{} {}", signed(h.effect.value), h.effect.unit),
        ),
        ("claim_hash", subject.frozen.clone().unwrap_or_default()),
    ]);
    if let Some(standing) = reviewer.and_then(|r| r.standing(subject)) {
        row.insert("submitted_at", standing.at.to_string());
        row.insert("blinded", yes(standing.blinded));
        say(&mut row, standing.review);
    }
    row
}

fn say(row: &mut BTreeMap<&str, String>, review: &Review) {
    for axis in Axis::ALL {
        let score = review
            .score(axis)
            .map_or_else(String::new, |s| s.to_string());
        row.insert(axis.word(), score);
        row.insert(rationale_column(axis), review.rationale(axis).to_owned());
    }
    let decision = review.decision.map_or("", |d| d.word());
    row.insert("decision", decision.to_owned());
    row.insert("flag", yes(review.flagged));
    row.insert("comment", review.comment.clone());
    row.insert("proposed_statement", review.proposed_statement.clone());
    row.insert("proposed_question", review.proposed_question.clone());
}

fn rationale_column(axis: Axis) -> &'static str {
    match axis {
        Axis::Reliability => "reliability_rationale",
        Axis::Coherence => "coherence_rationale",
        Axis::Alignment => "alignment_rationale",
        Axis::Novelty => "novelty_rationale",
        Axis::Evaluability => "evaluability_rationale",
    }
}

fn yes(is: bool) -> String {
    if is { "yes".to_owned() } else { String::new() }
}
