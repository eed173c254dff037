//! What keeps the error rate in a plan that a person changed. Decoys are made from the objective (what is compared, adjusted
//! for, blocked by, in which samples) and replay the plan; a step that compared something else, or adjusted for something
//! else, would be given decoys of another question.

use std::collections::BTreeSet;

use serde_json::Value;

use super::writing::is_same;
use crate::agent::error::AgentError;
use crate::agent::planning::measured;
use crate::agent::pursuit::term_of;
use crate::dataset::{Dataset, ModelFrame, Role};
use crate::discovery::{Objective, Question};
use crate::tool::Catalog;
use crate::workflow::plan_text::OF_THE_OBJECTIVE;
use crate::workflow::{Bindings, Plan, PlannedStep, Source};

/// What a changed objective is held against.
pub(super) struct Holding<'a> {
    pub dataset: &'a Dataset,
    pub catalog: &'a Catalog,
    /// The objective as the rules had it.
    pub rules: &'a Objective,
}

/// Something that a step may not do.
pub(super) struct Broken {
    pub step: Option<String>,
    pub rule: String,
    pub fix: String,
}

impl Holding<'_> {
    /// What is wrong with the model of a changed objective, as rule and fix.
    pub(super) fn model(&self, objective: &Objective) -> Result<Vec<(String, String)>, AgentError> {
        let rules = self.rules;
        let same = objective.covariates == rules.covariates
            && objective.blocking == rules.blocking
            && objective.within == rules.within;
        if same {
            return Ok(Vec::new());
        }
        let (term, _) = term_of(objective, self.dataset)?;
        let Some(term) = term else {
            return Ok(vec![(
                "no model with covariates stands behind it".to_owned(),
                "leave `covariates`, `blocking` and `within` as they were".to_owned(),
            )]);
        };
        let mut wrong = Vec::new();
        let mut seen = BTreeSet::new();
        let variables = &self.dataset.samples.variables;
        for name in objective.covariates.iter().chain(&objective.blocking) {
            let known = || {
                let names: Vec<String> = variables.keys().map(|v| format!("`{v}`")).collect();
                format!("the columns are {}", names.join(", "))
            };
            match variables.get(name) {
                None => wrong.push((format!("there is no column `{name}`"), known())),
                Some(_) if name == term.variable() => wrong.push((
                    format!("`{name}` is what is tested and cannot be adjusted for"),
                    "leave it out".to_owned(),
                )),
                Some(v) if matches!(v.role, Role::Derived | Role::Ignored | Role::Identifier) => {
                    wrong.push((
                        format!("`{name}` is {} and cannot be adjusted for", v.role.name()),
                        "leave it out, or read it in another role with `--role`".to_owned(),
                    ));
                }
                Some(_) if !seen.insert(name) => wrong.push((
                    format!("`{name}` stands twice in the model"),
                    "keep it once".to_owned(),
                )),
                Some(_) => {}
            }
        }
        if wrong.is_empty() {
            let built = ModelFrame::build(
                &self.dataset.samples,
                &measured(self.dataset, objective).ids,
                &term,
                &objective.covariates,
                objective.blocking.as_deref(),
            );
            if let Err(error) = built {
                wrong.push((
                    format!("these samples cannot carry the model: {error}"),
                    "adjust for less".to_owned(),
                ));
            }
        }
        Ok(wrong)
    }
}

/// What a checked plan does that its decoys would not follow, or that the menu would count twice. `reference` is the rules'
/// own plan of the same objective.
pub(super) fn held(
    holding: &Holding<'_>,
    objective: &Objective,
    bindings: &Bindings,
    plan: &Plan,
    reference: &Plan,
) -> Vec<Broken> {
    let mut broken = Vec::new();
    for step in &plan.steps {
        let own = reference.step(&step.id).filter(|r| r.tool == step.tool);
        broken.extend(says_what_the_objective_says(step, own, bindings));
        let pack = |step: &PlannedStep| step.params.get("pack").cloned();
        if own.is_some_and(|own| pack(own) != pack(step)) {
            broken.push(Broken {
                step: Some(step.id.clone()),
                rule: format!("step `{}`: `pack` belongs to the question", step.id),
                fix: "leave it; another pack is another objective".to_owned(),
            });
        }
    }
    broken.extend(reads_other_assays(plan, reference));
    broken.extend(asks_twice(holding.catalog, objective, plan, reference));
    for condition in &objective.within {
        let used = plan.steps.iter().any(|s| {
            let within = s.params.get("within").and_then(Value::as_array);
            within.is_some_and(|all| all.iter().any(|c| c.as_str() == Some(condition)))
        });
        if !used {
            broken.push(Broken {
                step: None,
                rule: format!("`within` says `{condition}`, and no step selects these samples"),
                fix: "give a step of `select_samples` the parameter `within: $within`".to_owned(),
            });
        }
    }
    broken
}

fn says_what_the_objective_says(
    step: &PlannedStep,
    own: Option<&PlannedStep>,
    bindings: &Bindings,
) -> Vec<Broken> {
    let mut broken = Vec::new();
    for param in OF_THE_OBJECTIVE {
        let (Some(value), Some((placeholder, bound))) =
            (step.params.get(param), bindings.of_parameter(param))
        else {
            continue;
        };
        let expected = match own {
            Some(own) => own.params.get(param).cloned().unwrap_or(Value::Null),
            None => bound,
        };
        if !is_same(value, &expected) {
            let fix = match param {
                "covariates" | "blocking" | "within" => {
                    format!("write `{placeholder}` and change `{param}` of the objective")
                }
                _ => format!(
                    "write `{placeholder}`; another comparison is another objective: ask for it with `--contrast` or `--question`"
                ),
            };
            broken.push(Broken {
                step: Some(step.id.clone()),
                rule: format!(
                    "step `{}`: `{param}` is {value}, and its decoys are made for {expected}",
                    step.id
                ),
                fix,
            });
        }
    }
    broken
}

/// Findings are told of the assays an objective is asked of.
fn reads_other_assays(plan: &Plan, reference: &Plan) -> Vec<Broken> {
    let of = |plan: &Plan| -> BTreeSet<Source> {
        let sources = plan.steps.iter().flat_map(|s| s.inputs.values());
        let of_dataset = |s: &&Source| s.step().is_none();
        sources.filter(of_dataset).cloned().collect()
    };
    let allowed = of(reference);
    let names: Vec<String> = allowed.iter().map(|s| format!("`{s}`")).collect();
    let mut broken = Vec::new();
    for step in &plan.steps {
        for source in step.inputs.values() {
            if source.step().is_none() && !allowed.contains(source) {
                broken.push(Broken {
                    step: Some(step.id.clone()),
                    rule: format!(
                        "step `{}` reads `{source}`, and this objective is asked of {}",
                        step.id,
                        names.join(", ")
                    ),
                    fix: "read the assay that the objective names".to_owned(),
                });
            }
        }
    }
    broken
}

/// One test per question: of two, the better one would be taken and the menu would have charged for each apart.
fn asks_twice(
    catalog: &Catalog,
    objective: &Objective,
    plan: &Plan,
    reference: &Plan,
) -> Vec<Broken> {
    let answering = |plan: &Plan, question: &Question| -> Vec<String> {
        let answers = |step: &&PlannedStep| {
            catalog.get(&step.tool).is_some_and(|entry| {
                let mut answers = entry.spec.answers.iter();
                answers.any(|a| a.question() == *question)
            })
        };
        let steps = plan.steps.iter().filter(answers);
        steps.map(|s| s.id.clone()).collect()
    };
    let mut broken: Vec<Broken> = Vec::new();
    let mut answered = false;
    for question in &objective.questions {
        let steps = answering(plan, question);
        answered |= !steps.is_empty();
        let named: Vec<String> = steps.iter().map(|s| format!("`{s}`")).collect();
        let rule = format!("the steps {} answer the same question", named.join(" and "));
        let too_many = steps.len() > answering(reference, question).len().max(1);
        if too_many && !broken.iter().any(|b| b.rule == rule) {
            broken.push(Broken {
                step: steps.last().cloned(),
                rule,
                fix: "keep one; variations of an analysis are tried on every hypothesis anyway"
                    .to_owned(),
            });
        }
    }
    if !answered {
        broken.push(Broken {
            step: None,
            rule: "no step answers what it asks".to_owned(),
            fix: "put one back, or delete the objective".to_owned(),
        });
    }
    broken
}
