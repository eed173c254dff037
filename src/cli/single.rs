//! One workflow or one tool on a dataset, outside a run: planned as a run would, executed in memory.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use polars::prelude::DataFrame;
use serde_json::{Map, Value, json};

use super::failure::{Exit, Failure};
use super::output;
use super::settings::Settings;
use super::text_table::TextTable;
use crate::agent::planning::fit_to_design;
use crate::agent::propose::propose;
use crate::agent::pursuit::term_of;
use crate::dataset::Dataset;
use crate::discovery::{Objective, Target};
use crate::report::text::tsv_cell;
use crate::tool::{Artifact, ToolOutput};
use crate::workflow::{Execution, Executor, Plan, PlanError, StepOutcome, TargetKind, Workflow};

/// Objectives looked through for one of the kind that is needed.
const LOOKED_AT: usize = 400;
/// Rows shown of a table.
const ROWS: usize = 20;
/// Widest cell shown.
const CELL: usize = 28;

/// What is tested, and where tables go.
#[derive(Debug, Args)]
pub(super) struct SingleArgs {
    /// Variable to test, where the analysis takes one [default: the first that fits]
    #[arg(long, value_name = "NAME", conflicts_with = "contrasts")]
    pub variable: Option<String>,
    /// Write whole tables as TSV into DIR
    #[arg(long, value_name = "DIR")]
    pub tables: Option<PathBuf>,
    /// Print JSON: facts, checks and whole tables
    #[arg(long)]
    pub json: bool,
}

/// The first objective of this kind that the dataset allows, its covariates and blocks fitted to the design.
pub(super) fn objective(
    dataset: &Dataset,
    kind: TargetKind,
    variable: Option<&str>,
) -> Result<Objective, Failure> {
    let mut found = propose(dataset, LOOKED_AT)
        .objectives
        .into_iter()
        .filter(|o| TargetKind::from(o) == kind);
    let mut objective = match variable {
        None => found.next(),
        Some(wanted) => found.find(|o| match &o.target {
            Target::Contrast { contrast } => contrast.starts_with(&format!("{wanted}:")),
            Target::Levels { variable }
            | Target::Continuous { variable }
            | Target::Course { variable }
            | Target::Trend { variable } => variable == wanted,
            Target::Partner { .. } | Target::Structure => true,
        }),
    }
    .ok_or_else(|| {
        let about = variable.map_or_else(String::new, |v| format!(" of `{v}`"));
        let kind = match kind {
            TargetKind::Contrast => "two groups to compare",
            TargetKind::Levels => "a variable with three or more groups",
            TargetKind::Continuous => "a continuous variable",
            TargetKind::Course => "a series of four or more times",
            TargetKind::Trend => "a series of four or more doses",
            TargetKind::ContrastBeyond => "two groups to compare in two assays of the same genes",
            TargetKind::ContrastPresence => "two groups to compare and a table of mutations",
            TargetKind::ContrastActivity => "two groups to compare in an assay with footprints",
            TargetKind::Partner => "mutations or copy numbers beside an assay of the same genes",
            TargetKind::Structure => "enough samples to look for structure",
        };
        Failure::bad_input(
            format!("`{}` does not offer {kind}{about}", dataset.name),
            "`proteus inspect PATH` shows variables and comparisons; name one with `--contrast` or `--variable`",
        )
    })?;
    if let (Some(term), _) = term_of(&objective, dataset)? {
        fit_to_design(&mut objective, &term, dataset).map_err(|error| {
            Failure::bad_input(error.to_string(), "`proteus inspect PATH` shows the design")
        })?;
    }
    Ok(objective)
}

/// Checks a workflow against a dataset; every fault is a cause of its own.
pub(super) fn check(
    workflow: &Workflow,
    dataset: &Dataset,
    settings: &Settings,
) -> Result<Plan, Failure> {
    let catalog = settings.catalog()?;
    workflow
        .check(&catalog, &dataset.profile())
        .map_err(|errors| refused(&workflow.name, dataset, &errors))
}

fn refused(workflow: &str, dataset: &Dataset, errors: &[PlanError]) -> Failure {
    let faults = if errors.len() == 1 { "fault" } else { "faults" };
    Failure::Told {
        exit: Exit::BadInput,
        message: format!(
            "workflow `{workflow}` cannot run on `{}`: {} {faults}",
            dataset.name,
            errors.len()
        ),
        causes: errors
            .iter()
            .map(|error| error.to_string().replace("\nhint: ", "; "))
            .collect(),
        hint: Some(
            "`proteus tools show NAME` shows inputs, outputs and parameters of a tool".to_owned(),
        ),
    }
}

/// The workflow cut down to the step `id` and what it takes input from.
pub(super) fn only(mut workflow: Workflow, id: &str) -> Workflow {
    let mut needed = BTreeSet::from([id.to_owned()]);
    let mut open = vec![id.to_owned()];
    while let Some(next) = open.pop() {
        let sources = workflow.step(&next).map(|s| s.inputs.values());
        for parent in sources.into_iter().flatten().filter_map(|s| s.step()) {
            if needed.insert(parent.to_owned()) {
                open.push(parent.to_owned());
            }
        }
    }
    workflow.steps.retain(|step| needed.contains(&step.id));
    workflow
}

/// Executes a plan in memory.
pub(super) fn execute(
    plan: &Arc<Plan>,
    dataset: Dataset,
    settings: &Settings,
) -> Result<Execution, Failure> {
    let resources = settings.resources(true)?;
    let seed = crate::config::Config::default().seed;
    let mut executor = Executor::new(resources.catalog, Arc::new(dataset), resources.packs, seed);
    if let Some(threads) = settings.threads {
        executor = executor.with_parallel(threads);
    }
    if let Some(watchers) = super::progress::watchers(settings) {
        executor = executor.with_progress(watchers.progress);
    }
    Ok(settings.runtime()?.block_on(executor.execute(plan))?)
}

/// Shows what the given steps gave; a step that gave nothing is an error after the others were shown.
pub(super) fn show(
    execution: &Execution,
    steps: &[String],
    args: &SingleArgs,
) -> Result<(), Failure> {
    let mut shown = Map::new();
    let mut failed = None;
    for step in steps {
        match execution.outcomes.get(step) {
            Some(StepOutcome::Done { output, .. }) => {
                for (port, artifact) in &output.artifacts {
                    if let (Artifact::Table(table), Some(folder)) = (artifact, &args.tables) {
                        write_table(folder, &format!("{step}.{port}"), table)?;
                    }
                }
                if args.json {
                    shown.insert(step.clone(), value(output, usize::MAX));
                } else {
                    output::text(&in_words(step, output, ROWS))?;
                }
            }
            Some(StepOutcome::Failed { error }) => failed = Some(Failure::from(error.clone())),
            Some(StepOutcome::Skipped { because }) => output::note(&format!(
                "{step}: not run, because `{because}` gave nothing"
            )),
            None => {}
        }
    }
    if args.json {
        output::json(&shown)?;
    }
    failed.map_or(Ok(()), Err)
}

/// Facts, checks and at most so many rows of every table.
pub(super) fn value(output: &ToolOutput, most: usize) -> Value {
    let mut tables = Map::new();
    for (port, artifact) in &output.artifacts {
        if let Artifact::Table(table) = artifact {
            tables.insert(port.clone(), rows(table, most));
        }
    }
    json!({ "facts": output.facts, "checks": output.checks, "tables": tables })
}

/// The same for people.
pub(super) fn in_words(step: &str, output: &ToolOutput, most: usize) -> String {
    let mut text = format!("{step}\n");
    for (name, value) in &output.facts {
        text.push_str(&format!("  {name}: {value}\n"));
    }
    for check in &output.checks {
        text.push_str(&format!("  {:?} {}\n", check.verdict, check.reason));
    }
    for (port, artifact) in &output.artifacts {
        match artifact {
            Artifact::Matrix(matrix) => text.push_str(&format!(
                "\n{port}: matrix of {} features × {} samples\n",
                matrix.features.len(),
                matrix.samples.len()
            )),
            Artifact::Table(table) => {
                text.push_str(&format!("\n{port}: {} rows\n", table.height()));
                text.push_str(&head(table, most));
            }
        }
    }
    text.push('\n');
    text
}

/// The first rows of a table.
fn head(table: &DataFrame, most: usize) -> String {
    let names = table.get_column_names();
    let columns: Vec<(&str, usize)> = names.iter().map(|n| (n.as_str(), CELL)).collect();
    let mut shown = TextTable::new(&columns);
    for row in 0..table.height().min(most) {
        shown.row(cells(table, row, true));
    }
    let mut text = shown.render();
    if table.height() > most {
        text.push_str(&format!(
            "… and {} more; `--tables DIR` writes all\n",
            table.height() - most
        ));
    }
    text
}

/// A row as text; numbers in full, or short enough to be read.
fn cells(table: &DataFrame, row: usize, short: bool) -> Vec<String> {
    let columns = table.columns().iter();
    columns
        .map(|column| match column.get(row) {
            Ok(value) if value.is_null() => String::new(),
            Ok(value) => match value.extract::<f64>() {
                Some(number) if short && value.dtype().is_float() => brief(number),
                _ => value.str_value().into_owned(),
            },
            Err(_) => String::new(),
        })
        .collect()
}

/// Four significant digits.
fn brief(number: f64) -> String {
    if number == 0.0 || (1e-3..1e6).contains(&number.abs()) {
        format!("{number:.4}")
    } else {
        format!("{number:.2e}")
    }
}

fn rows(table: &DataFrame, most: usize) -> Value {
    let names = table.get_column_names();
    let rows = (0..table.height().min(most)).map(|row| {
        let columns = table.columns().iter();
        let cells = columns.map(|column| match column.get(row) {
            Ok(value) if value.is_null() => Value::Null,
            Ok(value) if value.dtype().is_primitive_numeric() => {
                value.extract::<f64>().map_or(Value::Null, Value::from)
            }
            Ok(value) if value.dtype().is_bool() => Value::from(value.str_value() == "true"),
            Ok(value) => Value::from(value.str_value().into_owned()),
            Err(_) => Value::Null,
        });
        let named = names.iter().map(|name| name.to_string()).zip(cells);
        Value::Object(named.collect())
    });
    Value::Array(rows.collect())
}

fn write_table(folder: &Path, name: &str, table: &DataFrame) -> Result<(), Failure> {
    let path = folder.join(format!("{name}.tsv"));
    let names: Vec<String> = table
        .get_column_names()
        .iter()
        .map(|name| tsv_cell(name))
        .collect();
    let mut text = names.join("\t") + "\n";
    for row in 0..table.height() {
        let cells: Vec<String> = cells(table, row, false)
            .iter()
            .map(|c| tsv_cell(c))
            .collect();
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, text))
        .map_err(|error| {
            Failure::bad_input(
                format!("cannot write `{}`: {error}", path.display()),
                "name a folder that you may write to with `--tables DIR`",
            )
        })
}
