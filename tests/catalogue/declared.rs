//! What a manifest and a parameter type must say.

use std::collections::BTreeSet;
use std::fs;

use proteus::tool::{Answer, ArtifactKind, NullScheme, ToolSpec};
use serde_json::Value;

use super::{catalog, folder, none};
use crate::support::folders_in;

#[test]
fn every_folder_is_in_the_catalogue() {
    let listed: BTreeSet<String> = catalog().names().into_iter().map(str::to_owned).collect();
    let found: BTreeSet<String> = folders_in("tools").into_iter().collect();
    let mut problems: Vec<String> = found
        .difference(&listed)
        .map(|name| format!("tools/{name}/ is not in `CATALOG` of tools/mod.rs"))
        .collect();
    problems.extend(
        listed
            .difference(&found)
            .map(|name| format!("`{name}` is in `CATALOG`, but there is no folder tools/{name}/")),
    );
    none(&problems);
}

#[test]
fn manifests_are_those_of_their_folder_and_complete() {
    let mut problems = Vec::new();
    for entry in catalog().iter() {
        let spec = &entry.spec;
        let mut problem =
            |text: String| problems.push(format!("tools/{}/tool.yaml: {text}", spec.name));
        match fs::read_to_string(folder().join(&spec.name).join("tool.yaml")) {
            Ok(text) if text == entry.tool.manifest() => {}
            Ok(_) => {
                problem("the code embeds another file: use include_str!(\"tool.yaml\")".to_owned())
            }
            Err(error) => problem(format!("cannot be read: {error}")),
        }
        for (what, text) in [
            ("summary", &spec.summary),
            ("description", &spec.description),
            ("category", &spec.category),
        ] {
            if text.trim().is_empty() {
                problem(format!("`{what}` is empty"));
            }
        }
        if spec.references.is_empty() {
            problem("`references` is empty: say where the method is described".to_owned());
        }
        for reference in &spec.references {
            let doi = &reference.doi;
            if !doi.starts_with("10.") || !doi.contains('/') || doi.contains("doi.org") {
                problem(format!(
                    "`{doi}` is not a bare DOI such as 10.1093/nar/gkv007"
                ));
            }
        }
        if spec.examples.is_empty() {
            problem("`examples` is empty: show it on a bundled dataset".to_owned());
        }
        if spec.assumptions.is_empty() || spec.unsuitable_when.is_empty() {
            problem(
                "`assumptions` and `unsuitable_when` must each name at least one thing".to_owned(),
            );
        }
        for (port, table) in &spec.produces {
            let columns = table.kind == ArtifactKind::Table;
            if columns && table.columns.is_empty() {
                problem(format!(
                    "output `{port}` is a table without documented columns"
                ));
            }
            let mut seen = BTreeSet::new();
            for column in &table.columns {
                if !seen.insert(&column.name) {
                    problem(format!(
                        "output `{port}` names column `{}` twice",
                        column.name
                    ));
                }
                if column.description.trim().is_empty() {
                    problem(format!(
                        "column `{}` of `{port}` has no description",
                        column.name
                    ));
                }
            }
        }
        for answer in &spec.answers {
            answer_problems(spec, answer)
                .into_iter()
                .for_each(&mut problem);
        }
    }
    none(&problems);
}

fn answer_problems(spec: &ToolSpec, answer: &Answer) -> Vec<String> {
    let Some(table) = spec.produces.get(&answer.table) else {
        return vec![format!(
            "an answer stands in `{}`, which is not produced",
            answer.table
        )];
    };
    let columns = &answer.columns;
    let mut named = vec![
        &columns.subject,
        &columns.label,
        &columns.effect,
        &columns.statistic,
        &columns.p,
        &columns.q,
    ];
    named.extend(
        [
            &columns.object,
            &columns.low,
            &columns.high,
            &columns.n_reference,
            &columns.n_target,
            &columns.n,
            &columns.df,
        ]
        .into_iter()
        .flatten(),
    );
    let mut problems: Vec<String> = named
        .into_iter()
        .filter(|name| table.columns.iter().all(|c| c.name != **name))
        .map(|name| {
            format!(
                "an answer reads column `{name}`, which `{}` does not document",
                answer.table
            )
        })
        .collect();
    let graded = answer.null != NullScheme::Descriptive;
    if graded && columns.n.is_none() && columns.n_target.is_none() {
        problems.push(format!(
            "the answer in `{}` does not say how many samples it rests on",
            answer.table
        ));
    }
    if graded
        && !["{subject}", "{object}"]
            .iter()
            .any(|name| answer.null_words.contains(name))
    {
        problems.push(format!(
            "the null of the answer in `{}` names neither {{subject}} nor {{object}}",
            answer.table
        ));
    }
    problems
}

#[test]
fn parameters_are_documented_and_have_defaults() {
    let mut problems = Vec::new();
    for entry in catalog().iter() {
        let name = &entry.spec.name;
        let mut problem = |text: String| problems.push(format!("parameters of `{name}`: {text}"));
        if entry.params_schema["additionalProperties"] != Value::Bool(false) {
            problem("unknown keys are not refused: add #[serde(deny_unknown_fields)]".to_owned());
        }
        let Some(properties) = entry.params_schema["properties"].as_object() else {
            continue;
        };
        let defaults = entry.tool.default_params();
        for (key, schema) in properties {
            let described = schema["description"]
                .as_str()
                .is_some_and(|text| !text.trim().is_empty());
            if !described {
                problem(format!("`{key}` has no description"));
            }
            if schema.get("default").is_none() {
                problem(format!(
                    "`{key}` has no default: add #[serde(default)] to the type"
                ));
            }
            if defaults.get(key).is_none() {
                problem(format!("`{key}` is not in the default parameters"));
            }
        }
    }
    none(&problems);
}
