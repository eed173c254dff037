//! The plan of a first study's objective, made to run on the second: the same steps, tools and parameters, with only what
//! names samples replaced.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::dataset::SampleMetadata;
use crate::discovery::{Objective, ObjectiveId, Target};
use crate::run::unique_slug;
use crate::tool::Catalog;
use crate::workflow::{Bindings, Plan};

/// The plan over the second study, and what had to change in it.
pub(super) fn carried_over(
    plan: &Plan,
    objective: &Objective,
    samples: &SampleMetadata,
    catalog: &Catalog,
    taken: &mut BTreeSet<String>,
) -> (Plan, Vec<String>) {
    let bindings = Bindings::of(objective, samples);
    let mut changes = Vec::new();
    let name = match &objective.target {
        Target::Contrast { contrast } => contrast.as_str(),
        Target::Levels { variable }
        | Target::Continuous { variable }
        | Target::Course { variable }
        | Target::Trend { variable } => variable.as_str(),
        Target::Partner { assay } => assay.as_str(),
        Target::Structure => "structure",
    };
    let mut carried = Plan {
        objective: ObjectiveId(objective.id.0.clone()),
        scope: unique_slug(name, taken),
        ..plan.clone()
    };
    for step in &mut carried.steps {
        rebind(&mut step.params, &bindings);
        if let Some(entry) = catalog.get(&step.tool)
            && entry.spec.version != step.version
        {
            changes.push(format!(
                "`{}` was version {} in the first run and is version {} now",
                step.tool, step.version, entry.spec.version
            ));
            step.version = entry.spec.version;
        }
    }
    (carried, changes)
}

/// Replaces the parameters that name samples. Tools share these names with the placeholders of the templates; a parameter
/// that a tool does not have is not added.
fn rebind(params: &mut Map<String, Value>, bindings: &Bindings) {
    let model_variables: Vec<String> = bindings
        .covariates
        .iter()
        .chain(&bindings.blocking)
        .cloned()
        .collect();
    let text = |value: &Option<String>| value.clone().map_or(Value::Null, Value::from);
    for (key, value) in params.iter_mut() {
        let was_set = !value.is_null();
        match key.as_str() {
            "contrast" if was_set => *value = text(&bindings.contrast),
            "levels" if was_set => *value = text(&bindings.levels),
            "variable" if was_set => *value = text(&bindings.variable),
            "smallest_group" if was_set => {
                *value = bindings.smallest_group.map_or(Value::Null, Value::from);
            }
            "covariates" => *value = Value::from(bindings.covariates.clone()),
            "blocking" => *value = text(&bindings.blocking),
            "within" => *value = Value::from(bindings.within.clone()),
            "require" => *value = Value::from(model_variables.clone()),
            _ => {}
        }
    }
}
