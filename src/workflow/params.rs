//! The check of a step's parameters: against the tool's schema, and against the samples they name.

use std::collections::BTreeSet;

use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use super::bindings::{Bindings, is_placeholder};
use super::check::Step;
use super::plan_error::{PlanError, nearest};
use crate::dataset::{
    Contrast, DatasetError, DatasetProfile, SampleMetadata, Variable, VariableProfile,
};
use crate::tool::CatalogEntry;

/// Parameters that name variables of the sample sheet, whichever tool they belong to.
const VARIABLE_PARAMS: [&str; 6] = [
    "variable",
    "levels",
    "series",
    "covariates",
    "blocking",
    "require",
];

/// Checks the parameters of a step and gives them with the tool's defaults filled in.
pub(super) fn check_params(
    step: &Step,
    entry: &CatalogEntry,
    dataset: &DatasetProfile,
    errors: &mut Vec<PlanError>,
) -> Map<String, Value> {
    let mut unresolved = Vec::new();
    for (name, value) in &step.params {
        find_placeholders(step, name, value, &mut unresolved);
    }
    if unresolved.is_empty() {
        check_schema(step, entry, errors);
        check_names(step, dataset, errors);
    } else {
        // A placeholder is of no type, so nothing more can be said of the values.
        errors.append(&mut unresolved);
    }
    let mut params = match entry.tool.default_params() {
        Value::Object(defaults) => defaults,
        _ => Map::new(),
    };
    for (name, value) in &step.params {
        params.insert(name.clone(), value.clone());
    }
    params
}

fn find_placeholders(step: &Step, param: &str, value: &Value, found: &mut Vec<PlanError>) {
    match value {
        Value::String(text) if is_placeholder(text) => {
            found.push(PlanError::UnresolvedPlaceholder {
                step: step.id.clone(),
                param: param.to_owned(),
                placeholder: text.clone(),
                known: Bindings::NAMES.iter().map(|n| (*n).to_owned()).collect(),
            });
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| find_placeholders(step, param, item, found)),
        Value::Object(map) => map
            .values()
            .for_each(|item| find_placeholders(step, param, item, found)),
        _ => {}
    }
}

fn check_schema(step: &Step, entry: &CatalogEntry, errors: &mut Vec<PlanError>) {
    let invalid = |param: String, reason: String| PlanError::InvalidParam {
        step: step.id.clone(),
        tool: step.tool.clone(),
        param,
        reason,
    };
    let known = property_names(&entry.params_schema, &entry.params_schema);
    let mut accepted = step.params.clone();
    for name in step.params.keys() {
        if !known.contains(name.as_str()) {
            accepted.shift_remove(name);
            errors.push(PlanError::UnknownParam {
                step: step.id.clone(),
                tool: step.tool.clone(),
                param: name.clone(),
                nearest: nearest(name, known.iter().copied()),
            });
        }
    }
    match jsonschema::validator_for(&entry.params_schema) {
        Err(error) => errors.push(invalid("schema".to_owned(), error.to_string())),
        Ok(validator) => {
            let accepted = Value::Object(accepted);
            for error in validator.iter_errors(&accepted) {
                // Defaults fill what is not given.
                if matches!(error.kind(), ValidationErrorKind::Required { .. })
                    && error.instance_path().as_str().is_empty()
                {
                    continue;
                }
                let path = error.instance_path().as_str().trim_start_matches('/');
                let param = if path.is_empty() { "params" } else { path };
                errors.push(invalid(param.replace('/', "."), error.to_string()));
            }
        }
    }
}

/// The names of all properties an object of this schema may have, those of its alternatives included.
pub(super) fn property_names<'s>(schema: &'s Value, root: &'s Value) -> BTreeSet<&'s str> {
    let mut names = BTreeSet::new();
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        names.extend(properties.keys().map(String::as_str));
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let pointer = target.trim_start_matches('#');
        if let Some(definition) = root.pointer(pointer) {
            names.extend(property_names(definition, root));
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let branches = schema.get(keyword).and_then(Value::as_array);
        for branch in branches.into_iter().flatten() {
            names.extend(property_names(branch, root));
        }
    }
    names
}

fn check_names(step: &Step, dataset: &DatasetProfile, errors: &mut Vec<PlanError>) {
    for param in VARIABLE_PARAMS {
        for name in texts(step.params.get(param)) {
            if variable(dataset, name).is_none() {
                errors.push(unknown_variable(step, param, name, dataset));
            }
        }
    }
    for condition in texts(step.params.get("within")) {
        errors.extend(check_condition(step, condition, dataset));
    }
    for contrast in texts(step.params.get("contrast")) {
        if let Err(error) = Contrast::parse(contrast, &stand_in(dataset)) {
            errors.push(unknown_contrast(step, &error));
        }
    }
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn variable<'d>(dataset: &'d DatasetProfile, name: &str) -> Option<&'d VariableProfile> {
    dataset.variables.iter().find(|v| v.name == name)
}

fn unknown_variable(step: &Step, param: &str, name: &str, dataset: &DatasetProfile) -> PlanError {
    PlanError::UnknownVariable {
        step: step.id.clone(),
        param: param.to_owned(),
        variable: name.to_owned(),
        nearest: nearest(name, dataset.variables.iter().map(|v| v.name.as_str())),
    }
}

fn unknown_contrast(step: &Step, error: &DatasetError) -> PlanError {
    PlanError::UnknownContrast {
        step: step.id.clone(),
        param: "contrast".to_owned(),
        reason: error.to_string(),
        hint: error.hint(),
    }
}

/// `variable=level` or `variable=level|level`; a variable's name may itself hold `=`.
fn check_condition(step: &Step, condition: &str, dataset: &DatasetProfile) -> Option<PlanError> {
    let found = condition.match_indices('=').find_map(|(at, _)| {
        let variable = variable(dataset, condition[..at].trim())?;
        Some((variable, condition[at + 1..].trim()))
    });
    let Some((variable, levels)) = found else {
        let name = condition.split('=').next().unwrap_or(condition).trim();
        return Some(unknown_variable(step, "within", name, dataset));
    };
    let known = |label: &str| variable.levels.iter().any(|(level, _)| level == label);
    if !variable.categorical || variable.levels.is_empty() || known(levels) {
        return None;
    }
    let unknown = levels.split('|').map(str::trim).find(|l| !known(l))?;
    Some(PlanError::UnknownLevel {
        step: step.id.clone(),
        param: "within".to_owned(),
        variable: variable.name.clone(),
        level: unknown.to_owned(),
        known: variable.levels.iter().map(|(l, _)| l.clone()).collect(),
    })
}

/// Samples with the profile's variables and level counts: all that reading a contrast needs.
fn stand_in(dataset: &DatasetProfile) -> SampleMetadata {
    let mut samples = SampleMetadata::default();
    for variable in dataset.variables.iter().filter(|v| v.categorical) {
        let labels: Vec<Option<String>> = variable
            .levels
            .iter()
            .flat_map(|(level, count)| std::iter::repeat_n(Some(level.clone()), (*count).max(1)))
            .collect();
        samples.insert(Variable::categorical(
            variable.name.clone(),
            &labels,
            variable.role,
        ));
    }
    samples
}
