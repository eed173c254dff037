//! What a person changed of what the rules proposed, in words.

use serde_json::{Map, Value};

use super::writing::is_same;
use crate::discovery::Objective;
use crate::workflow::{Plan, PlannedStep};

/// Every difference between the rules' objective and plan and those that are carried out.
pub(super) fn told(
    objective: &Objective,
    plan: &Plan,
    carried: &Objective,
    carried_plan: &Plan,
) -> Vec<String> {
    let mut told = Vec::new();
    if objective.why != carried.why {
        told.push("another reason given".to_owned());
    }
    let list = |names: &[String]| match names {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    };
    for (what, before, after) in [
        ("adjusted for", &objective.covariates, &carried.covariates),
        ("restricted to", &objective.within, &carried.within),
    ] {
        if before != after {
            told.push(format!("{what} {} (was {})", list(after), list(before)));
        }
    }
    if objective.blocking != carried.blocking {
        let name = |block: &Option<String>| block.clone().unwrap_or_else(|| "nothing".to_owned());
        told.push(format!(
            "blocked by {} (was {})",
            name(&carried.blocking),
            name(&objective.blocking)
        ));
    }
    for step in &plan.steps {
        match carried_plan.step(&step.id) {
            None => told.push(format!("step `{}` removed", step.id)),
            Some(now) => told.extend(changed_step(step, now)),
        }
    }
    for step in &carried_plan.steps {
        if plan.step(&step.id).is_none() {
            told.push(format!("step `{}` ({}) added", step.id, step.tool));
        }
    }
    told
}

fn changed_step(before: &PlannedStep, now: &PlannedStep) -> Vec<String> {
    let mut told = Vec::new();
    let id = &before.id;
    if before.tool != now.tool {
        told.push(format!(
            "step `{id}` does {} (was {})",
            now.tool, before.tool
        ));
    }
    if before.inputs != now.inputs {
        told.push(format!("step `{id}` takes other inputs"));
    }
    if before.optional != now.optional {
        let word = if now.optional { "may" } else { "must not" };
        told.push(format!("step `{id}` {word} fail"));
    }
    if before.tool == now.tool {
        told.extend(changed_params(id, &before.params, &now.params));
    }
    told
}

/// What follows the objective's covariates, block and samples is told with the objective.
fn changed_params(id: &str, before: &Map<String, Value>, now: &Map<String, Value>) -> Vec<String> {
    let follows = ["covariates", "blocking", "within", "require"];
    let mut names: Vec<&String> = before.keys().collect();
    names.extend(now.keys().filter(|name| !before.contains_key(*name)));
    names
        .into_iter()
        .filter(|name| !follows.contains(&name.as_str()))
        .filter_map(|name| {
            let nothing = Value::Null;
            let (was, is) = (
                before.get(name).unwrap_or(&nothing),
                now.get(name).unwrap_or(&nothing),
            );
            (!is_same(was, is)).then(|| format!("step `{id}`: `{name}` {is} (was {was})"))
        })
        .collect()
}
