//! A research objective: a typed question over the evidence graph, with what it will be asked of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EntityKind, Relation};

/// Identifier of an objective, readable and unique within a run, for example `condition:Ubi4-Ctrl`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ObjectiveId(pub String);

impl std::fmt::Display for ObjectiveId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// "Which <subjects> are <related> to <object>?"
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Question {
    /// The kind of thing asked about; `protein` stands for the rows of whatever assay the question is asked of.
    pub subject: EntityKind,
    /// The relation asked for.
    pub relation: Relation,
    /// The kind of thing it is related to.
    pub object: EntityKind,
}

/// What of the dataset the objective is asked of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// Two arms of a categorical variable.
    Contrast {
        /// `variable:target-reference`.
        contrast: String,
    },
    /// Three or more levels of a categorical variable.
    Levels {
        /// The variable.
        variable: String,
    },
    /// A continuous variable.
    Continuous {
        /// The variable.
        variable: String,
    },
    /// A series of times.
    Course {
        /// The variable.
        variable: String,
    },
    /// A series of doses.
    Trend {
        /// The variable.
        variable: String,
    },
    /// What the rows of another assay do to those of the same gene: mutations, copy number.
    Partner {
        /// The other assay.
        assay: String,
    },
    /// Structure of the samples themselves against the variables of the sheet.
    Structure,
}

/// What became of an objective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ObjectiveStatus {
    /// Proposed, not yet pursued.
    Proposed,
    /// Its plan ran.
    Answered {
        /// What was seen, in one sentence.
        summary: String,
    },
    /// Given up, with the reason.
    Retired {
        /// Why.
        reason: String,
    },
}

/// A question worth asking of this dataset, why, and how much was expected of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Objective {
    /// Identifier, unique within the run.
    pub id: ObjectiveId,
    /// The question in words.
    pub text: String,
    /// The typed questions it asks.
    pub questions: Vec<Question>,
    /// What it is asked of.
    pub target: Target,
    /// The assay it is asked of; the main one where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assay: Option<String>,
    /// The assay whose change is taken off that of `assay`, row by row; none where the rows are asked about as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<String>,
    /// The assay of genotypes of another kind, which the attacks adjust for; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
    /// The pack of footprints by which its rows are summed up to activities; none where they are asked about themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footprints: Option<String>,
    /// Why it was proposed.
    pub why: String,
    /// Covariates every test of it is adjusted for.
    pub covariates: Vec<String>,
    /// Blocking variable (subject, pair) of its tests.
    pub blocking: Option<String>,
    /// Samples left out of it, as `variable=level` conditions that must hold.
    pub within: Vec<String>,
    /// Rank weight before any result was seen, in [0, 1]: how much there is to learn.
    pub priority: f64,
    /// What was expected of it before results, from knowledge or the design, with a probability that anything is found.
    pub prior: f64,
    /// 0 for those proposed first; children of an objective have its generation + 1.
    pub generation: usize,
    /// The objective that spawned it.
    pub parent: Option<ObjectiveId>,
    /// What became of it.
    pub status: ObjectiveStatus,
}

impl Objective {
    /// The same question asked of another assay.
    pub fn in_assay(self, assay: &str) -> Self {
        Self {
            id: ObjectiveId(format!("{} in {assay}", self.id)),
            assay: Some(assay.to_owned()),
            ..self
        }
    }

    /// The same question of the activities that a pack of footprints gives its rows.
    pub fn by_footprints(self, pack: &str) -> Self {
        Self {
            id: ObjectiveId(format!("{} by {pack}", self.id)),
            footprints: Some(pack.to_owned()),
            ..self
        }
    }

    /// The same question of what the rows of its assay do beyond those of `other`.
    pub fn beyond(self, other: &str) -> Self {
        Self {
            id: ObjectiveId(format!("{} beyond {other}", self.id)),
            beyond: Some(other.to_owned()),
            ..self
        }
    }

    /// The id of the question, whatever the assays it is asked of.
    pub fn question_id(&self) -> &str {
        let without = |id: &'_ str, word: &str, assay: &Option<String>| -> usize {
            assay
                .as_ref()
                .and_then(|a| id.strip_suffix(&format!(" {word} {a}")))
                .map_or(id.len(), str::len)
        };
        let id = &self.id.0[..without(&self.id.0, "by", &self.footprints)];
        let id = &id[..without(id, "beyond", &self.beyond)];
        &id[..without(id, "in", &self.assay)]
    }

    /// An objective of the first generation, as yet without words, covariates or weight.
    pub fn new(id: &str, target: Target, questions: Vec<Question>) -> Self {
        Self {
            id: ObjectiveId(id.to_owned()),
            text: String::new(),
            questions,
            target,
            assay: None,
            beyond: None,
            beside: None,
            footprints: None,
            why: String::new(),
            covariates: Vec::new(),
            blocking: None,
            within: Vec::new(),
            priority: 0.0,
            prior: 0.0,
            generation: 0,
            parent: None,
            status: ObjectiveStatus::Proposed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_the_same_in_every_assay() {
        let asked = |id: &str| Objective::new(id, Target::Structure, Vec::new());
        let question = "arm:in vivo in x-in vitro";
        assert_eq!(asked(question).question_id(), question);
        assert_eq!(asked(question).in_assay("rna").question_id(), question);
        let pair = asked(question).in_assay("sites").beyond("proteins");
        assert_eq!(pair.id.0, format!("{question} in sites beyond proteins"));
        assert_eq!(pair.question_id(), question);
        let active = asked(question).in_assay("rna").by_footprints("progeny");
        assert_eq!(active.question_id(), question);
    }
}
