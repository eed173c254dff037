//! The examples of every manifest, run on the bundled datasets they name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proteus::content::Content;
use proteus::dataset::{Assay, Dataset, ReadOptions, open};
use proteus::knowledge::Packs;
use proteus::tool::frame::{flags, numbers, texts};
use proteus::tool::{
    Abundance, Artifact, ArtifactKind, Catalog, Example, Shared, TablesOfP, ToolInput, ToolOutput,
    ToolSpec,
};
use serde_json::{Map, Value};

use super::{catalog, none};
use crate::support::root;

#[test]
fn examples_run_and_give_what_is_declared() {
    let catalog = catalog();
    let knowledge = match Packs::open(&Content::embedded()) {
        Ok(packs) => packs,
        Err(error) => panic!("{error}"),
    };
    let mut datasets: BTreeMap<String, Result<Dataset, String>> = BTreeMap::new();
    let mut problems = Vec::new();
    for entry in catalog.iter() {
        let spec = &entry.spec;
        let mut made: BTreeSet<&str> = BTreeSet::new();
        for example in &spec.examples {
            let at = format!("example `{}` of `{}`", example.title, spec.name);
            let dataset = datasets.entry(example.dataset.clone()).or_insert_with(|| {
                let folder = root().join("datasets").join(&example.dataset);
                open(&folder, &ReadOptions::default()).map_err(|error| error.to_string())
            });
            let output = match dataset {
                Ok(dataset) => run(&catalog, &knowledge, dataset, spec, example),
                Err(error) => Err(format!("dataset `{}`: {error}", example.dataset)),
            };
            match output {
                Ok((output, short)) => {
                    problems.extend(
                        differing(spec, &output, &short)
                            .into_iter()
                            .map(|p| format!("{at}: {p}")),
                    );
                    problems.extend(
                        undeclared(spec, &output)
                            .into_iter()
                            .chain(unmet(example, &output))
                            .map(|p| format!("{at}: {p}")),
                    );
                    made.extend(
                        spec.produces
                            .keys()
                            .filter(|port| output.artifacts.contains_key(*port))
                            .map(String::as_str),
                    );
                }
                Err(error) => problems.push(format!("{at}: {error}")),
            }
        }
        for port in spec.produces.keys() {
            if !made.contains(port.as_str()) {
                problems.push(format!(
                    "no example of `{}` makes its output `{port}`",
                    spec.name
                ));
            }
        }
    }
    none(&problems);
}

#[test]
fn only_tools_that_say_so_need_packs() {
    let catalog = catalog();
    let nothing = Packs::none();
    let mut problems = Vec::new();
    for spec in catalog.iter().map(|entry| &entry.spec) {
        for example in &spec.examples {
            let folder = root().join("datasets").join(&example.dataset);
            let ran = open(&folder, &ReadOptions::default())
                .map_err(|error| error.to_string())
                .and_then(|dataset| run(&catalog, &nothing, &dataset, spec, example));
            let told = format!("example `{}` of `{}`", example.title, spec.name);
            match (ran, spec.needs_packs) {
                (Ok(_), true) => {
                    problems.push(format!("{told} runs without packs: take `needs_packs` out"))
                }
                (Err(error), false) => {
                    problems.push(format!("{told} does not run without packs: {error}"))
                }
                _ => {}
            }
        }
    }
    none(&problems);
}

/// p-values that the tool's short way gives otherwise than its table: decoys are counted by the one, the data by the other.
fn differing(spec: &ToolSpec, output: &ToolOutput, short: &TablesOfP) -> Vec<String> {
    let mut problems = Vec::new();
    for (table, found) in short {
        let answers = spec.answers.iter().filter(|a| a.table == *table);
        let Some(Artifact::Table(written)) = output.artifacts.get(table) else {
            problems.push(format!("p-values of `{table}`, which was not made"));
            continue;
        };
        for answer in answers {
            let columns = &answer.columns;
            let read = texts(written, &columns.subject).and_then(|subjects| {
                let (p, effect) = (
                    numbers(written, &columns.p)?,
                    numbers(written, &columns.effect)?,
                );
                Ok((subjects, p.into_iter().zip(effect)))
            });
            let (subjects, numbers) = match read {
                Ok(read) => read,
                Err(error) => return vec![error.to_string()],
            };
            let written: BTreeMap<&str, (f64, f64)> =
                subjects.iter().map(String::as_str).zip(numbers).collect();
            let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
            let mut seen = 0;
            let short = found.p.iter().zip(&found.effect);
            for (id, (&p, &effect)) in found.subjects.ids().zip(short) {
                match written.get(id) {
                    Some(row) if same(row.0, p) && same(row.1, effect) => seen += 1,
                    None if p.is_nan() => {}
                    other => problems.push(format!(
                        "`{table}` of `{id}`: p {p}, effect {effect}, written {other:?}"
                    )),
                }
            }
            if seen != written.len() {
                problems.push(format!(
                    "{} rows of `{table}`, {seen} p-values",
                    written.len()
                ));
            }
        }
    }
    problems.truncate(5);
    problems
}

/// Runs the steps before the example and the example itself, which also takes its short way to p-values.
fn run(
    catalog: &Catalog,
    knowledge: &Packs,
    dataset: &Dataset,
    spec: &ToolSpec,
    example: &Example,
) -> Result<(ToolOutput, TablesOfP), String> {
    let mut results = BTreeMap::from([("dataset".to_owned(), matrix_of(dataset.assay(), dataset))]);
    for (name, assay) in &dataset.assays {
        results.insert(format!("dataset.{name}"), matrix_of(assay, dataset));
    }
    let step = |tool: &str,
                inputs: &Map<String, Value>,
                params: Value,
                from: &BTreeMap<String, Artifact>,
                tables: &[&str]| {
        let entry = catalog
            .get(tool)
            .ok_or_else(|| format!("there is no tool `{tool}`"))?;
        let mut ports = BTreeMap::new();
        for (port, source) in inputs {
            let source = source.as_str().unwrap_or_default();
            let artifact = from.get(source).ok_or_else(|| {
                format!("`{tool}` reads `{source}`, which no step before it makes")
            })?;
            ports.insert(port.clone(), artifact.clone());
        }
        let input = ToolInput {
            ports: &ports,
            samples: &dataset.samples,
            knowledge,
            shared: &Shared::default(),
            seed: 1,
        };
        let said = |error: proteus::tool::ToolError| format!("`{tool}`: {error}");
        let output = entry.tool.run_json(&input, &params).map_err(said)?;
        let short = match tables {
            [] => None,
            some => entry
                .tool
                .p_values_json(&input, &params, some)
                .map_err(said)?,
        };
        Ok::<_, String>((output, short.unwrap_or_default()))
    };
    for before in &example.before {
        let text = |key: &str| before[key].as_str().unwrap_or_default().to_owned();
        let inputs = before["inputs"].as_object().cloned().unwrap_or_default();
        let params = match &before["params"] {
            Value::Null => Value::Object(Map::new()),
            given => given.clone(),
        };
        let (output, _) = step(&text("tool"), &inputs, params, &results, &[])?;
        for (port, artifact) in output.artifacts {
            results.insert(format!("{}.{port}", text("id")), artifact);
        }
    }
    let inputs = example
        .inputs
        .iter()
        .map(|(port, source)| (port.clone(), Value::from(source.clone())))
        .collect();
    let once = |tables: &[&str]| {
        let params = Value::Object(example.params.clone());
        step(&spec.name, &inputs, params, &results, tables)
    };
    let mut tables: Vec<&str> = spec.answers.iter().map(|a| a.table.as_str()).collect();
    tables.dedup();
    let (output, mut short) = once(&tables)?;
    for table in tables {
        // One alone, for tools that make one or the other.
        short.extend(once(&[table])?.1);
    }
    Ok((output, short))
}

fn matrix_of(assay: &Assay, dataset: &Dataset) -> Artifact {
    Artifact::Matrix(Arc::new(Abundance {
        level: assay.level,
        quantity: assay.quantity,
        features: Arc::new(assay.features.clone()),
        samples: Arc::new(dataset.samples.ids.clone()),
        values: assay.values.clone(),
    }))
}

/// Outputs that the manifest does not declare as they are.
pub(super) fn undeclared(spec: &ToolSpec, output: &ToolOutput) -> Vec<String> {
    let mut problems = Vec::new();
    for (port, artifact) in &output.artifacts {
        let Some(declared) = spec.produces.get(port) else {
            problems.push(format!("output `{port}` is not in `produces`"));
            continue;
        };
        if declared.kind != artifact.kind() {
            problems.push(format!("output `{port}` is not of the declared kind"));
        }
        if let (ArtifactKind::Table, Artifact::Table(table)) = (declared.kind, artifact) {
            let named: Vec<&str> = declared.columns.iter().map(|c| c.name.as_str()).collect();
            let found: Vec<&str> = table
                .get_column_names()
                .into_iter()
                .map(|name| name.as_str())
                .filter(|name| !continues(name, &named))
                .collect();
            if found != named {
                problems.push(format!(
                    "columns of `{port}` are {found:?}, declared are {named:?}"
                ));
            }
        }
    }
    problems
}

/// Whether `column` goes on with a numbered series of which the first is declared: `PC2` after `PC1`.
fn continues(column: &str, declared: &[&str]) -> bool {
    let stem = column.trim_end_matches(|c: char| c.is_ascii_digit());
    stem != column && !declared.contains(&column) && declared.contains(&format!("{stem}1").as_str())
}

/// Expected rows that are not there.
fn unmet(example: &Example, output: &ToolOutput) -> Vec<String> {
    let mut problems = Vec::new();
    for (port, rows) in &example.expect {
        let Some(Artifact::Table(table)) = output.artifacts.get(port) else {
            problems.push(format!(
                "expects rows of table `{port}`, which was not made"
            ));
            continue;
        };
        for row in rows {
            let mut fitting: Vec<bool> = vec![true; table.height()];
            for (column, wanted) in row {
                match matches(table, column, wanted) {
                    Ok(found) => fitting
                        .iter_mut()
                        .zip(found)
                        .for_each(|(all, one)| *all &= one),
                    Err(error) => problems.push(error),
                }
            }
            if !fitting.contains(&true) {
                problems.push(format!(
                    "no row of `{port}` is {}",
                    Value::Object(row.clone())
                ));
            }
        }
    }
    problems
}

/// For each row, whether `column` holds `wanted`; numbers within 1 %.
fn matches(
    table: &polars::prelude::DataFrame,
    column: &str,
    wanted: &Value,
) -> Result<Vec<bool>, String> {
    let fail = |error: proteus::tool::FrameError| error.to_string();
    match wanted {
        Value::Number(number) => {
            let wanted = number.as_f64().unwrap_or(f64::NAN);
            let close = |v: &f64| (v - wanted).abs() <= 0.01 * wanted.abs();
            Ok(numbers(table, column)
                .map_err(fail)?
                .iter()
                .map(close)
                .collect())
        }
        Value::Bool(wanted) => Ok(flags(table, column)
            .map_err(fail)?
            .iter()
            .map(|v| v == wanted)
            .collect()),
        other => {
            let wanted = other.as_str().unwrap_or_default();
            Ok(texts(table, column)
                .map_err(fail)?
                .iter()
                .map(|v| v == wanted)
                .collect())
        }
    }
}
