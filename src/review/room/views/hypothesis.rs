//! The page of one hypothesis: what it says, what it rests on, and the form.

use serde_json::{Value, json};

use super::super::form;
use super::super::guard::secret;
use super::super::reply::message_and_hint;
use super::{At, href, lines, time};
use crate::report::text::{NAME, SENTENCE, tidy, tidy_all};
use crate::report::{HypothesisPage, explain, explain_evidence};
use crate::review::{Axis, Review, ReviewError, ReviewStore, Subject, Submission, Via};
use crate::run::list_runs;

/// The page. `typed` is what could not be kept and why; `kept` says what has just been done.
pub(in crate::review::room) fn hypothesis(
    at: &At,
    place: usize,
    typed: Option<(&Review, &ReviewError)>,
    kept: &str,
) -> Result<Value, ReviewError> {
    let (run, model) = (&at.open.run, &at.open.model);
    let (h, subject) = (&run.hypotheses[place], &run.subjects[place]);
    let hidden = at.hides(place);
    let (shown, chain) = if hidden {
        (
            HypothesisPage::blinded(model, &h.id)?,
            explain_evidence(model, &h.id)?,
        )
    } else {
        (HypothesisPage::of(model, &h.id)?, explain(model, &h.id)?)
    };
    let figure = shown.figure().unwrap_or_default().to_owned();
    let mut shown = shown.to_value()?;
    tidy_all(&mut shown, SENTENCE);
    let standing = at.reviewer.standing(subject);
    let draft = run.store.draft_about(&at.reviewer, subject)?;
    let (review, error) = match (typed, &draft, &standing) {
        (Some((review, error)), _, _) => (review.clone(), Some(error)),
        (None, Some(draft), _) => (draft.review.clone(), None),
        (None, None, Some(standing)) => (standing.review.clone(), None),
        (None, None, None) => (Review::default(), None),
    };
    let (error, hint) = error.map_or_else(Default::default, message_and_hint);
    let seat = at.order.iter().position(|&p| p == place).unwrap_or(0);
    let beside = |seat: Option<usize>| {
        let place = seat.and_then(|s| at.order.get(s));
        place.map_or_else(String::new, |&p| at.href_of(p))
    };
    let next_open = at
        .next_open(&at.reviewer, place)
        .filter(|&p| p != place)
        .map_or_else(String::new, |p| at.href_of(p));
    let mut crumbs = at.crumbs();
    crumbs.push(super::crumb(&at.href(&[]), "Hypotheses"));
    Ok(json!({
        "title": tidy(&h.statement, NAME),
        "crumbs": crumbs,
        "reviewer": at.reviewer.name,
        "blinded": at.blinded,
        "hidden": hidden,
        "id": tidy(&h.id, NAME),
        "seat": seat + 1,
        "total": at.order.len(),
        "card": shown["card"],
        "evidence": shown["evidence"],
        "figure": figure,
        "chain": chain,
        "form": form::view(&review),
        "key": secret()?,
        "here": at.href_of(place),
        "list": at.href(&[]),
        "previous": beside(seat.checked_sub(1)),
        "following": beside(Some(seat + 1)),
        "next_open": next_open,
        "draft_at": draft.filter(|_| typed.is_none()).map_or_else(String::new, |d| time(d.at)),
        "standing": standing.as_ref().map(|s| json!({"seq": s.seq, "at": time(s.at)})),
        "history": at.reviewer.submissions_about(subject).iter().rev().map(submission).collect::<Vec<_>>(),
        "others": if hidden { Vec::new() } else { others(at, subject)? },
        "elsewhere": if hidden { Vec::new() } else { elsewhere(at, subject)? },
        "kept": kept,
        "error": error,
        "hint": hint,
    }))
}

/// A submission as a list of what it says.
fn submission(s: &Submission<'_>) -> Value {
    json!({
        "at": time(s.at),
        "blinded": s.blinded,
        "via": match s.via {
            Via::Room => "",
            Via::Terminal => "in a terminal",
            Via::Sheet => "from a sheet",
        },
        "withdrawn": s.withdrawn.map_or_else(String::new, time),
        "said": said(s.review),
    })
}

fn said(review: &Review) -> Value {
    let axes: Vec<Value> = Axis::ALL
        .into_iter()
        .filter(|axis| review.axes.contains_key(axis))
        .map(|axis| {
            json!({
                "name": axis.word(),
                "score": review.score(axis),
                "rationale": lines(review.rationale(axis)),
            })
        })
        .collect();
    json!({
        "axes": axes,
        "decision": review.decision.map_or("", |d| d.word()),
        "flagged": review.flagged,
        "comment": lines(&review.comment),
        "proposed_statement": lines(&review.proposed_statement),
        "proposed_question": lines(&review.proposed_question),
    })
}

/// What the other reviewers of the run say.
fn others(at: &At, subject: &Subject) -> Result<Vec<Value>, ReviewError> {
    let mut rows = Vec::new();
    for reviewer in at.open.run.store.reviewers()? {
        if reviewer.file == at.reviewer.file {
            continue;
        }
        if let Some(standing) = reviewer.standing(subject) {
            rows.push(json!({"name": reviewer.name, "review": submission(&standing)}));
        }
    }
    Ok(rows)
}

/// What was said of the same claim in other runs of the folder; journals that cannot be read say nothing.
fn elsewhere(at: &At, subject: &Subject) -> Result<Vec<Value>, ReviewError> {
    let mut rows = Vec::new();
    if subject.frozen.is_none() {
        return Ok(rows);
    }
    for view in list_runs(&at.runs)? {
        if view.root() == at.open.run.view.root() || !view.path("reviews").is_dir() {
            continue;
        }
        let store = ReviewStore::of(view.root(), view.id());
        for reviewer in store.reviewers().unwrap_or_default() {
            let standing = reviewer
                .standing(subject)
                .filter(|s| s.subject.frozen == subject.frozen);
            if let Some(standing) = standing {
                rows.push(json!({
                    "run": tidy(view.id(), NAME),
                    "href": href(&["runs", &super::super::folder_name(view.root())]),
                    "name": reviewer.name,
                    "review": submission(&standing),
                }));
            }
        }
    }
    Ok(rows)
}
