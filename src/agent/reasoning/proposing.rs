//! The proposer: which of the possible questions are asked, what is expected of them, and which comparisons are missing.

use std::collections::BTreeSet;

use proteus_llm::{LlmError, Role};
use serde::{Deserialize, Serialize};

use super::asking::{How, Reasoner};
use crate::agent::AgentError;
use crate::agent::propose::{NotAsked, Proposals, compared};
use crate::dataset::{Dataset, DatasetProfile, Role as VariableRole};
use crate::discovery::{Expectation, Objective, ObjectiveId};
use crate::prompt::{Rendered, inert};

/// Levels of a variable shown at most; one with more is no grouping.
const LEVELS: usize = 12;
/// Samples that a group of a further comparison must have.
const SMALLEST_GROUP: usize = 2;
const NAME: usize = 80;
const SENTENCE: usize = 300;

#[derive(Serialize)]
struct Facts {
    samples: usize,
    organism: Option<String>,
    assays: Vec<AssayFacts>,
    variables: Vec<VariableFacts>,
    questions: Vec<QuestionFacts>,
    groups: Vec<GroupFacts>,
    keep: usize,
}

#[derive(Serialize, Clone)]
struct AssayFacts {
    name: String,
    rows: String,
    features: usize,
}

#[derive(Serialize, Clone)]
struct VariableFacts {
    name: String,
    role: String,
    levels: Vec<LevelFacts>,
    observed: usize,
}

#[derive(Serialize, Clone)]
struct LevelFacts {
    name: String,
    samples: usize,
}

#[derive(Serialize, Clone)]
struct QuestionFacts {
    number: usize,
    text: String,
    why: String,
}

/// A variable whose groups may be compared; names as JSON strings, for the schema.
#[derive(Serialize, Clone)]
struct GroupFacts {
    json_name: String,
    json_levels: String,
}

#[derive(Deserialize)]
struct Proposed {
    order: Vec<usize>,
    expectations: Vec<Expected>,
    #[serde(default)]
    comparisons: Vec<Comparison>,
}

#[derive(Deserialize)]
struct Expected {
    question: usize,
    percent: u32,
}

#[derive(Deserialize)]
struct Comparison {
    variable: String,
    target: String,
    reference: String,
}

/// Lets the proposer choose `limit` of what the rules propose and of `wider`, which is what they would have proposed had
/// there been more room. What it leaves out is told; where no model answers, the rules' own list stands.
///
/// # Errors
/// A backend failed and the role does not fall back on rules.
pub async fn propose(
    reasoner: &Reasoner,
    dataset: &Dataset,
    profile: &DatasetProfile,
    proposals: &mut Proposals,
    wider: &[Objective],
    limit: usize,
) -> Result<Vec<Expectation>, AgentError> {
    let own = proposals.objectives.len();
    let pool = pool(proposals, wider);
    let mut known: BTreeSet<ObjectiveId> = pool.iter().map(|o| o.id.clone()).collect();
    let Some((prompt, shown)) = question(reasoner, profile, &pool, limit)? else {
        return Ok(Vec::new());
    };
    let asked = reasoner.ask::<Proposed>(Role::Proposer, &prompt, &[], How::default());
    let told = match asked.await {
        Ok(told) => told,
        Err(error) if left_to_rules(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut order: Vec<usize> = Vec::new();
    for number in &told.value.order {
        let place = number.wrapping_sub(1);
        if place < shown && !order.contains(&place) && order.len() < limit {
            order.push(place);
        }
    }
    // What it says nothing of keeps the rules' order, so that a short answer takes no question away.
    let rest: Vec<usize> = (0..own).filter(|place| !order.contains(place)).collect();
    let room = limit.max(own).saturating_sub(order.len());
    order.extend(rest.into_iter().take(room));
    let mut objectives: Vec<Objective> = order.iter().map(|&place| pool[place].clone()).collect();
    for comparison in &told.value.comparisons {
        match further(dataset, comparison, &known) {
            Ok(objective) => {
                known.insert(objective.id.clone());
                objectives.push(objective);
            }
            Err(reason) => proposals.not_asked.push(NotAsked {
                what: format!(
                    "{}:{}-{}",
                    comparison.variable, comparison.target, comparison.reference
                ),
                reason: format!("proposed by a model; {reason}"),
            }),
        }
    }
    let kept: BTreeSet<&ObjectiveId> = objectives.iter().map(|o| &o.id).collect();
    let left = proposals
        .objectives
        .iter()
        .filter(|o| !kept.contains(&o.id));
    proposals.not_asked.extend(left.map(|o| NotAsked {
        what: o.id.0.clone(),
        reason: "the proposer (a model) preferred other questions".to_owned(),
    }));
    let in_list: BTreeSet<&str> = objectives.iter().map(|o| o.id.0.as_str()).collect();
    proposals
        .not_asked
        .retain(|n| !in_list.contains(n.what.as_str()));
    let mut seen = BTreeSet::new();
    let expectations = told.value.expectations.iter().filter_map(|expected| {
        let objective = pool.get(expected.question.checked_sub(1)?)?;
        (in_list.contains(objective.id.0.as_str()) && seen.insert(objective.id.clone())).then(
            || Expectation {
                objective: objective.id.clone(),
                probability: f64::from(expected.percent.min(100)) / 100.0,
                rules: objective.prior,
                model: told.model.clone(),
            },
        )
    });
    let expectations = expectations.collect();
    proposals.objectives = objectives;
    Ok(expectations)
}

/// The questions that the proposer may choose among: the rules' own first.
pub(super) fn pool(proposals: &Proposals, wider: &[Objective]) -> Vec<Objective> {
    let mut known: BTreeSet<&ObjectiveId> = BTreeSet::new();
    let all = proposals.objectives.iter().chain(wider);
    all.filter(|o| known.insert(&o.id)).cloned().collect()
}

/// What the proposer is asked, and how many of the questions are shown; none where not one fits.
pub(super) fn question(
    reasoner: &Reasoner,
    profile: &DatasetProfile,
    pool: &[Objective],
    limit: usize,
) -> Result<Option<(Rendered, usize)>, AgentError> {
    let shape = Shape::of(profile);
    let prompts = reasoner.prompts();
    let rendered = prompts.render_fitting("proposer/objectives", pool, |questions| {
        shape.facts(questions, limit)
    })?;
    Ok(rendered)
}

/// Whether an error means that the rules decide.
pub(super) fn left_to_rules(error: &LlmError) -> bool {
    error.leaves_it_to_rules() || matches!(error, LlmError::Budget { .. })
}

/// The objective of a comparison that a model added; why it is none.
fn further(
    dataset: &Dataset,
    comparison: &Comparison,
    known: &BTreeSet<ObjectiveId>,
) -> Result<Objective, String> {
    let Comparison {
        variable,
        target,
        reference,
    } = comparison;
    if target == reference {
        return Err("the two groups are one".to_owned());
    }
    let objective = compared(dataset, variable, target, reference, SMALLEST_GROUP)?;
    let turned = ObjectiveId(format!("{variable}:{reference}-{target}"));
    if known.contains(&objective.id) || known.contains(&turned) {
        return Err("it was among the questions".to_owned());
    }
    Ok(objective)
}

/// What does not depend on how many questions are shown.
struct Shape {
    samples: usize,
    organism: Option<String>,
    assays: Vec<AssayFacts>,
    variables: Vec<VariableFacts>,
    groups: Vec<GroupFacts>,
}

impl Shape {
    fn of(profile: &DatasetProfile) -> Self {
        let levels = |all: &[(String, usize)]| -> Vec<LevelFacts> {
            let shown = all.iter().take(LEVELS);
            shown
                .map(|(name, samples)| LevelFacts {
                    name: inert(name, NAME),
                    samples: *samples,
                })
                .collect()
        };
        let told = |role: VariableRole| {
            !matches!(
                role,
                VariableRole::Subject
                    | VariableRole::Replicate
                    | VariableRole::TechnicalReplicate
                    | VariableRole::Identifier
                    | VariableRole::Ignored
            )
        };
        let variables: Vec<VariableFacts> = profile
            .variables
            .iter()
            .filter(|v| told(v.role))
            .map(|v| VariableFacts {
                name: inert(&v.name, NAME),
                role: v.role.name().to_owned(),
                levels: levels(&v.levels),
                observed: v.observed,
            })
            .collect();
        let groups = profile.variables.iter().filter(|v| {
            v.categorical
                && v.derived_from.is_none()
                && matches!(v.role, VariableRole::Condition | VariableRole::Clinical)
                && (3..=LEVELS).contains(&v.levels.len())
        });
        Self {
            samples: profile.samples,
            organism: profile.organism.clone(),
            assays: profile
                .assays
                .iter()
                .map(|a| AssayFacts {
                    name: inert(&a.name, NAME),
                    rows: a.molecule.plural().to_owned(),
                    features: a.features,
                })
                .collect(),
            groups: groups
                .map(|v| {
                    let levels: Vec<&String> = v.levels.iter().map(|(name, _)| name).collect();
                    GroupFacts {
                        json_name: json(&v.name),
                        json_levels: json(&levels),
                    }
                })
                .collect(),
            variables,
        }
    }

    fn facts(&self, questions: &[Objective], limit: usize) -> Facts {
        Facts {
            samples: self.samples,
            organism: self.organism.clone(),
            assays: self.assays.clone(),
            variables: self.variables.clone(),
            groups: self.groups.clone(),
            questions: questions
                .iter()
                .enumerate()
                .map(|(place, objective)| QuestionFacts {
                    number: place + 1,
                    text: inert(&objective.text, SENTENCE),
                    why: inert(&objective.why, SENTENCE),
                })
                .collect(),
            keep: limit.min(questions.len()).max(1),
        }
    }
}

/// A value as JSON; names are strings and lists of strings, which always have a form.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
