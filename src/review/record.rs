//! What one person says of one hypothesis.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::discovery::{AxisScore, FiveAxes, Hypothesis};

/// Characters that one text of a review may have.
pub const MOST_CHARACTERS: usize = 10_000;

/// The axes on which a hypothesis is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// How far the numbers can be relied on.
    Reliability,
    /// Whether its parts hang together.
    Coherence,
    /// Whether it agrees with what is known.
    Alignment,
    /// How little of it is known already.
    Novelty,
    /// How directly it can be tested.
    Evaluability,
}

impl Axis {
    /// Every axis, in the order it is shown.
    pub const ALL: [Self; 5] = [
        Self::Reliability,
        Self::Coherence,
        Self::Alignment,
        Self::Novelty,
        Self::Evaluability,
    ];

    /// The word used in forms, files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reliability => "reliability",
            Self::Coherence => "coherence",
            Self::Alignment => "alignment",
            Self::Novelty => "novelty",
            Self::Evaluability => "evaluability",
        }
    }

    /// The question a reviewer answers.
    pub fn question(self) -> &'static str {
        match self {
            Self::Reliability => "Can the numbers be relied on?",
            Self::Coherence => "Do its parts hang together?",
            Self::Alignment => "Does it agree with what is known?",
            Self::Novelty => "Is it new?",
            Self::Evaluability => "Can it be tested directly?",
        }
    }

    /// What the lowest and the highest score mean.
    pub fn ends(self) -> [&'static str; 2] {
        match self {
            Self::Reliability => ["not at all", "fully"],
            Self::Coherence => ["contradicts itself", "follows step by step"],
            Self::Alignment => ["contradicts it", "fits all of it"],
            Self::Novelty => ["textbook", "nobody has seen it"],
            Self::Evaluability => ["no idea how", "next week"],
        }
    }

    /// The engine's own score on this axis.
    pub fn rule(self, scores: &FiveAxes) -> &AxisScore {
        match self {
            Self::Reliability => &scores.reliability,
            Self::Coherence => &scores.coherence,
            Self::Alignment => &scores.alignment,
            Self::Novelty => &scores.novelty,
            Self::Evaluability => &scores.evaluability,
        }
    }
}

/// The score on one axis and the reason for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AxisReview {
    /// 1 (worst) to 5 (best); absent where the reviewer gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rationale: String,
}

/// What should become of a hypothesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Worth following up.
    Accept,
    /// Not now.
    Park,
    /// Not worth following up.
    Reject,
}

impl Decision {
    /// Every decision, in the order it is shown.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Park, Self::Reject];

    /// The word used in forms and files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Park => "park",
            Self::Reject => "reject",
        }
    }

    /// The decision with this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.word() == word)
    }
}

/// What one person says of one hypothesis. Everything may be left out, but not all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Scores and reasons; an axis without either is absent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub axes: BTreeMap<Axis, AxisReview>,
    /// What should become of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Something about it needs attention.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flagged: bool,
    /// Anything else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// How the statement should read instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proposed_statement: String,
    /// A question that should be asked of the data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proposed_question: String,
}

/// What is wrong with a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, as forms and files call it.
    pub field: String,
    /// What is wrong and how to put it right.
    pub rule: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.field, self.rule)
    }
}

impl Review {
    /// The score on an axis.
    pub fn score(&self, axis: Axis) -> Option<u8> {
        self.axes.get(&axis).and_then(|a| a.score)
    }

    /// The reason for the score on an axis; empty where none was given.
    pub fn rationale(&self, axis: Axis) -> &str {
        self.axes.get(&axis).map_or("", |a| a.rationale.as_str())
    }

    /// Mean of the scores given; none where there are none.
    pub fn mean(&self) -> Option<f64> {
        let scores: Vec<f64> = Axis::ALL
            .iter()
            .filter_map(|a| self.score(*a).map(f64::from))
            .collect();
        (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same with line ends as LF, no white space around texts, and axes without score or reason left out: equal reviews
    /// are then equal, whichever way they came.
    pub fn tidied(mut self) -> Self {
        let tidy = |text: &mut String| {
            let lines = text.replace("\r\n", "\n").replace('\r', "\n");
            lines.trim().clone_into(text);
        };
        self.axes.values_mut().for_each(|a| tidy(&mut a.rationale));
        self.axes
            .retain(|_, a| a.score.is_some() || !a.rationale.is_empty());
        for text in [
            &mut self.comment,
            &mut self.proposed_statement,
            &mut self.proposed_question,
        ] {
            tidy(text);
        }
        self
    }

    /// Everything that is wrong with it; a review without faults may be kept.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |field: String, rule: String| faults.push(Fault { field, rule });
        for (axis, review) in &self.axes {
            if review.score.is_some_and(|s| !(1..=5).contains(&s)) {
                fault(
                    axis.word().to_owned(),
                    "a score is 1, 2, 3, 4 or 5".to_owned(),
                );
            }
        }
        let rationales = self
            .axes
            .iter()
            .map(|(axis, a)| (rationale_field(*axis), a.rationale.as_str()));
        let texts = [
            ("comment".to_owned(), self.comment.as_str()),
            ("proposed_statement".to_owned(), &self.proposed_statement),
            ("proposed_question".to_owned(), &self.proposed_question),
        ];
        for (field, text) in rationales.chain(texts) {
            let length = text.chars().count();
            if length > MOST_CHARACTERS {
                fault(
                    field,
                    format!(
                        "the text has {length} characters, at most {MOST_CHARACTERS} are kept: shorten it"
                    ),
                );
            }
        }
        faults
    }
}

/// The field that holds the reason for a score.
pub(super) fn rationale_field(axis: Axis) -> String {
    format!("{}_rationale", axis.word())
}

/// The hypothesis a review is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its id.
    pub id: String,
    /// The hash over its claims; absent in runs of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<String>,
    /// The sentence that was reviewed.
    pub statement: String,
}

impl Subject {
    /// The subject that a hypothesis is.
    pub fn of(hypothesis: &Hypothesis) -> Self {
        Self {
            id: hypothesis.id.clone(),
            frozen: hypothesis.frozen.as_ref().map(|f| f.hash.clone()),
            statement: hypothesis.statement.clone(),
        }
    }

    /// Whether both make the same claims: by the hash over them, by id where one has none.
    pub fn is_same_claim(&self, other: &Self) -> bool {
        match (&self.frozen, &other.frozen) {
            (Some(a), Some(b)) => a == b,
            _ => self.id == other.id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_left_out_and_what_is_wrong_is_named() {
        let mut review = Review::default();
        review.axes.insert(Axis::Novelty, AxisReview::default());
        review.comment = " \r\n".to_owned();
        assert!(review.clone().tidied().is_empty());
        review.axes.insert(
            Axis::Coherence,
            AxisReview {
                score: Some(6),
                rationale: "x".repeat(MOST_CHARACTERS + 1),
            },
        );
        let faults: Vec<String> = review.faults().iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(
            faults[0].starts_with("`coherence`: a score is 1"),
            "{faults:?}"
        );
        assert!(
            faults[1].contains("`coherence_rationale`: the text has 10001"),
            "{faults:?}"
        );
    }

    #[test]
    fn claims_are_told_by_their_hash_before_their_id() {
        let subject = |id: &str, frozen: Option<&str>| Subject {
            id: id.to_owned(),
            frozen: frozen.map(str::to_owned),
            statement: String::new(),
        };
        assert!(subject("a", Some("1")).is_same_claim(&subject("b", Some("1"))));
        assert!(!subject("a", Some("1")).is_same_claim(&subject("a", Some("2"))));
        assert!(subject("a", None).is_same_claim(&subject("a", Some("2"))));
    }
}
