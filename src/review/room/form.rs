//! The form of a review: from fields to a review, and from a review to fields.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::review::record::rationale_field;
use crate::review::{Axis, AxisReview, Decision, Fault, MOST_CHARACTERS, Review, ReviewError};

/// Fields by name, as a browser sends them.
pub(super) type Fields = BTreeMap<String, String>;

/// The text of a field; empty where it was not sent.
pub(super) fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

/// The review in the fields.
///
/// # Errors
/// A score or decision that the form does not offer.
pub(super) fn review_of(fields: &Fields) -> Result<Review, ReviewError> {
    let mut faults = Vec::new();
    let mut review = Review {
        flagged: !field(fields, "flag").is_empty(),
        comment: field(fields, "comment").to_owned(),
        proposed_statement: field(fields, "proposed_statement").to_owned(),
        proposed_question: field(fields, "proposed_question").to_owned(),
        ..Review::default()
    };
    for axis in Axis::ALL {
        let score = match field(fields, axis.word()) {
            "" => None,
            text => match text.parse::<u8>() {
                Ok(score) => Some(score),
                Err(_) => {
                    faults.push(Fault {
                        field: axis.word().to_owned(),
                        rule: "a score is 1, 2, 3, 4 or 5".to_owned(),
                    });
                    None
                }
            },
        };
        let rationale = field(fields, &rationale_field(axis)).to_owned();
        review.axes.insert(axis, AxisReview { score, rationale });
    }
    let decision = field(fields, "decision");
    if !decision.is_empty() {
        review.decision = Decision::of(decision);
        if review.decision.is_none() {
            faults.push(Fault {
                field: "decision".to_owned(),
                rule: "a decision is accept, park or reject".to_owned(),
            });
        }
    }
    if faults.is_empty() {
        Ok(review.tidied())
    } else {
        Err(ReviewError::Faults { faults })
    }
}

/// The fields a form shows for a review.
pub(super) fn view(review: &Review) -> Value {
    let axes: Vec<Value> = Axis::ALL
        .into_iter()
        .map(|axis| {
            let [lowest, highest] = axis.ends();
            let score = review.score(axis);
            let scores: Vec<Value> = (1..=5_u8)
                .map(|value| json!({"value": value, "chosen": score == Some(value)}))
                .collect();
            json!({
                "name": axis.word(),
                "question": axis.question(),
                "lowest": lowest,
                "highest": highest,
                "scores": scores,
                "open": score.is_none(),
                "rationale_name": rationale_field(axis),
                "rationale": review.rationale(axis),
            })
        })
        .collect();
    let decisions: Vec<Value> = Decision::ALL
        .into_iter()
        .map(|d| json!({"value": d.word(), "chosen": review.decision == Some(d)}))
        .collect();
    json!({
        "axes": axes,
        "decisions": decisions,
        "undecided": review.decision.is_none(),
        "flagged": review.flagged,
        "comment": review.comment,
        "proposed_statement": review.proposed_statement,
        "proposed_question": review.proposed_question,
        "most_characters": MOST_CHARACTERS,
    })
}
