//! What the pages say, as plain values for the templates. Nothing here is escaped: the templates do that.

mod agreement;
mod hypothesis;

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::form::{Fields, field};
use super::reply::message_and_hint;
use super::{OpenRun, Room};
use crate::discovery::Hypothesis;
use crate::report::text::{NAME, SENTENCE, count, probability, signed, tidy};
use crate::review::{Axis, Drafts, Review, ReviewError, ReviewStore, Reviewer, reading_order};

pub(super) use agreement::agreement;
pub(super) use hypothesis::hypothesis;

/// What stays as it is in a part of an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The address of these parts.
pub(super) fn href(parts: &[&str]) -> String {
    parts
        .iter()
        .map(|part| format!("/{}", utf8_percent_encode(part, PLAIN)))
        .collect()
}

/// A moment, for people.
pub(super) fn time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A text of a review: its lines, with what cannot be seen made visible.
fn lines(text: &str) -> String {
    let shown: Vec<String> = text.lines().map(|line| tidy(line, usize::MAX)).collect();
    shown.join("\n")
}

fn crumb(href: &str, text: &str) -> Value {
    json!({"href": href, "text": tidy(text, NAME)})
}

/// A reviewer at a run.
pub(super) struct At {
    /// The run.
    pub(super) open: Arc<OpenRun>,
    /// The reviewer.
    pub(super) reviewer: Reviewer,
    /// Whether grades, scores and others are hidden until the reviewer has submitted.
    blinded: bool,
    /// Name of the run's folder.
    folder: String,
    /// The folder of runs.
    runs: std::path::PathBuf,
    /// Places of the hypotheses in the order the reviewer reads them.
    order: Vec<usize>,
}

impl At {
    pub(super) fn find(room: &Room, folder: &str, reviewer: &str) -> Result<Self, ReviewError> {
        let open = room.run(folder)?;
        let reviewer = open.run.store.reviewer(reviewer)?;
        let blinded = room.settings.blinded || reviewer.is_blinded();
        Ok(Self {
            order: reading_order(
                &open.run.hypotheses,
                open.run.view.id(),
                &reviewer.name,
                blinded,
            ),
            runs: room.settings.runs.clone(),
            folder: folder.to_owned(),
            open,
            reviewer,
            blinded,
        })
    }

    /// The address of the list of hypotheses, or of a page below it.
    fn href(&self, below: &[&str]) -> String {
        let mut parts = vec!["runs", self.folder.as_str(), "as", &self.reviewer.file];
        parts.extend(below);
        href(&parts)
    }

    /// The address of a hypothesis.
    pub(super) fn href_of(&self, place: usize) -> String {
        self.href(&["h", &self.open.run.hypotheses[place].id])
    }

    /// Whether what the engine and others think of a hypothesis is hidden.
    fn hides(&self, place: usize) -> bool {
        self.blinded && !self.reviewer.has_submitted(&self.open.run.subjects[place])
    }

    /// Hypotheses about which something is hidden.
    pub(super) fn hidden_left(&self) -> usize {
        (0..self.order.len()).filter(|&p| self.hides(p)).count()
    }

    /// The next hypothesis after `place` in reading order without a standing review, from the start again at the end.
    pub(super) fn next_open(&self, reviewer: &Reviewer, place: usize) -> Option<usize> {
        let from = self.order.iter().position(|&p| p == place)?;
        let (before, after) = self.order.split_at(from + 1);
        let open = |p: &&usize| reviewer.standing(&self.open.run.subjects[**p]).is_none();
        after.iter().chain(before).find(open).copied()
    }

    fn crumbs(&self) -> Vec<Value> {
        vec![
            crumb("/", "Runs"),
            crumb(&href(&["runs", &self.folder]), self.open.run.view.id()),
        ]
    }
}

/// The list of runs.
pub(super) fn runs(room: &Room) -> Result<Value, ReviewError> {
    let mut rows = Vec::new();
    for listed in room.runs()? {
        let store = ReviewStore::of(listed.view.root(), listed.view.id());
        let reviewers = store.reviewers();
        let reviews: usize = reviewers
            .iter()
            .flatten()
            .map(|r| r.all_standing().len())
            .sum();
        rows.push(json!({
            "href": match listed.closed {
                None => href(&["runs", &listed.folder]),
                Some(_) => String::new(),
            },
            "id": tidy(&listed.folder, NAME),
            "dataset": tidy(&listed.view.record().dataset, NAME),
            "closed": listed.closed.clone().unwrap_or_default(),
            "hypotheses": listed.hypotheses,
            "reviewers": reviewers.as_ref().map_or(0, Vec::len),
            "reviews": reviews,
            "damaged": reviewers.err().map_or_else(String::new, |e| message_and_hint(&e).0),
            "chosen": listed.folder == room.settings.chosen,
        }));
    }
    Ok(json!({"title": "Runs to review", "crumbs": [], "runs": rows}))
}

/// Who reviews a run: the first page of it. `wrong` is a name that was refused.
pub(super) fn people(
    room: &Room,
    folder: &str,
    wrong: Option<(&str, &ReviewError)>,
) -> Result<Value, ReviewError> {
    let open = room.run(folder)?;
    let mut rows = Vec::new();
    for reviewer in open.run.store.reviewers()? {
        let reviewed = open.run.standing(&reviewer).iter().flatten().count();
        rows.push(json!({
            "href": href(&["runs", folder, "as", &reviewer.file]),
            "name": reviewer.name,
            "reviewed": reviewed,
            "blinded": reviewer.is_blinded(),
        }));
    }
    let (error, hint) = wrong.map_or_else(Default::default, |(_, e)| message_and_hint(e));
    Ok(json!({
        "title": format!("Review {}", tidy(open.run.view.id(), NAME)),
        "crumbs": [crumb("/", "Runs")],
        "dataset": tidy(&open.run.view.record().dataset, NAME),
        "hypotheses": count(open.run.hypotheses.len(), "hypothesis", "hypotheses"),
        "people": rows,
        "forced": room.settings.blinded,
        "name": wrong.map_or("", |(name, _)| name),
        "error": error,
        "hint": hint,
        "here": href(&["runs", folder]),
    }))
}

/// Which hypotheses are wanted.
pub(super) struct Asked {
    text: String,
    grade: String,
    show: String,
}

impl Asked {
    pub(super) fn of(fields: &Fields) -> Self {
        let wanted = |name: &str| field(fields, name).trim().to_owned();
        Self {
            text: wanted("text"),
            grade: wanted("grade"),
            show: wanted("show"),
        }
    }

    fn holds(&self, row: &Row<'_>) -> bool {
        let text = self.text.to_lowercase();
        let h = row.hypothesis;
        let in_text = text.is_empty()
            || h.statement.to_lowercase().contains(&text)
            || h.id.to_lowercase().contains(&text)
            || h.entities.iter().any(|e| {
                e.symbol.to_lowercase().contains(&text) || e.id.to_lowercase().contains(&text)
            });
        // A filter by what is hidden would tell it.
        let in_grade = self.grade.is_empty() || (!row.hidden && h.grade.word() == self.grade);
        let shown = match self.show.as_str() {
            "mine" => row.standing.is_some(),
            "open" => row.standing.is_none(),
            "draft" => row.draft,
            "flagged" => row.standing.is_some_and(|r| r.flagged),
            _ => true,
        };
        in_text && in_grade && shown
    }
}

/// A line of the list of hypotheses.
struct Row<'a> {
    hypothesis: &'a Hypothesis,
    hidden: bool,
    standing: Option<&'a Review>,
    draft: bool,
}

/// The hypotheses of a run, as one reviewer sees them.
pub(super) fn hypotheses(at: &At, asked: &Asked) -> Result<Value, ReviewError> {
    let run = &at.open.run;
    let standing = run.standing(&at.reviewer);
    let drafts: Drafts = run.store.drafts(&at.reviewer.file)?;
    let mut rows = Vec::new();
    for &place in &at.order {
        let subject = &run.subjects[place];
        let row = Row {
            hypothesis: &run.hypotheses[place],
            hidden: at.hides(place),
            standing: standing[place],
            draft: drafts
                .get(&subject.id)
                .is_some_and(|d| d.after == at.reviewer.last_about(subject)),
        };
        if asked.holds(&row) {
            rows.push(line(at, place, &row));
        }
    }
    let done = standing.iter().flatten().count();
    let first_open = at.order.iter().find(|&&p| standing[p].is_none());
    let grades = ["supported", "suggestive", "exploratory", "contradicted"];
    let choice = |value: &str, text: &str, chosen: &str| json!({"value": value, "text": text, "chosen": value == chosen});
    let shows = [
        ("", "all"),
        ("open", "not yet reviewed by me"),
        ("mine", "reviewed by me"),
        ("draft", "with a draft of mine"),
        ("flagged", "flagged by me"),
    ];
    Ok(json!({
        "title": format!("Hypotheses of {}", tidy(run.view.id(), NAME)),
        "crumbs": at.crumbs(),
        "reviewer": at.reviewer.name,
        "blinded": at.blinded,
        "can_unblind": at.reviewer.is_blinded(),
        "hidden": at.hidden_left(),
        "done": done,
        "total": run.hypotheses.len(),
        "shown": rows.len(),
        "rows": rows,
        "text": asked.text,
        "grades": grades.iter().map(|g| choice(g, g, &asked.grade)).collect::<Vec<_>>(),
        "shows": shows.iter().map(|(v, t)| choice(v, t, &asked.show)).collect::<Vec<_>>(),
        "next": first_open.map_or_else(String::new, |&p| at.href_of(p)),
        "here": at.href(&[]),
        "agreement": at.href(&["agreement"]),
        "sheet": at.href(&["scores.csv"]),
    }))
}

fn line(at: &At, place: usize, row: &Row<'_>) -> Value {
    let h = row.hypothesis;
    let scores: Vec<Value> = Axis::ALL
        .into_iter()
        .map(|axis| {
            let score = row.standing.and_then(|r| r.score(axis));
            json!({"axis": axis.word(), "score": score.map_or_else(|| "–".to_owned(), |s| s.to_string())})
        })
        .collect();
    json!({
        "href": at.href_of(place),
        "id": tidy(&h.id, NAME),
        "statement": tidy(&h.statement, SENTENCE),
        "grade": if row.hidden { "" } else { h.grade.word() },
        "rank": if row.hidden { 0 } else { h.rank },
        "effect": format!("{} {}", signed(h.effect.value), tidy(&h.effect.unit, NAME)),
        "p": probability(h.error_rate.p.get()),
        "reviewed": row.standing.is_some(),
        "scores": scores,
        "decision": row.standing.and_then(|r| r.decision).map_or("", |d| d.word()),
        "flagged": row.standing.is_some_and(|r| r.flagged),
        "draft": row.draft,
    })
}
