//! `proteus tools`: the analyses, one by one.

use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::failure::{Exit, Failure};
use super::input::DatasetArgs;
use super::output;
use super::settings::Settings;
use super::single::{self, SingleArgs};
use super::text_table::TextTable;
use crate::dataset::Dataset;
use crate::tool::{Catalog, CatalogEntry};
use crate::workflow::{Bindings, Execution, Templates, Workflow, extend_with_answering_tools};

/// Arguments of `proteus tools`.
#[derive(Debug, Args)]
pub(super) struct ToolsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the analyses
    List {
        /// Print JSON: every manifest
        #[arg(long)]
        json: bool,
    },
    /// Show one analysis: method, inputs, outputs, parameters, assumptions, references
    Show {
        /// Name of the analysis
        name: String,
        /// Print JSON: manifest and parameter schema
        #[arg(long)]
        json: bool,
    },
    /// Run one analysis, with the steps before it, outside a run: no decoys, no hypotheses
    Run {
        /// Name of the analysis
        name: String,
        #[command(flatten)]
        input: Box<DatasetArgs>,
        /// Parameters that differ from the defaults, as a JSON object
        #[arg(long, value_name = "JSON")]
        params: Option<String>,
        #[command(flatten)]
        single: SingleArgs,
    },
}

/// Runs the command.
pub(super) fn run(args: &ToolsArgs, settings: &Settings) -> Result<Exit, Failure> {
    let catalog = settings.catalog()?;
    match &args.action {
        Action::List { json } => list(&catalog, *json)?,
        Action::Show { name, json } => show(find(&catalog, name)?, *json)?,
        Action::Run {
            name,
            input,
            params,
            single,
        } => {
            find(&catalog, name)?;
            let params = parse_params(params.as_deref())?;
            run_one(name, input, params, single, settings)?;
        }
    }
    Ok(Exit::Done)
}

/// The tool of this name.
pub(super) fn find<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c CatalogEntry, Failure> {
    catalog.get(name).ok_or_else(|| {
        let names = catalog.names();
        let nearest = names
            .iter()
            .max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)))
            .map_or_else(String::new, |nearest| format!("did you mean `{nearest}`? "));
        Failure::bad_input(
            format!(
                "no tool `{name}` among the {} of the catalogue",
                names.len()
            ),
            format!("{nearest}`proteus tools list` shows them all"),
        )
    })
}

fn list(catalog: &Catalog, json: bool) -> Result<(), Failure> {
    if json {
        let specs: Vec<_> = catalog.iter().map(|entry| &entry.spec).collect();
        return output::json(&specs);
    }
    let mut table = TextTable::new(&[("tool", 32), ("category", 24), ("what it does", 100)]);
    for entry in catalog.iter() {
        let spec = &entry.spec;
        table.row(vec![
            spec.name.clone(),
            spec.category.clone(),
            spec.summary.clone(),
        ]);
    }
    output::text(&table.render())
}

fn show(entry: &CatalogEntry, json: bool) -> Result<(), Failure> {
    if json {
        return output::json(
            &json!({ "manifest": entry.spec, "params_schema": entry.params_schema }),
        );
    }
    let spec = &entry.spec;
    let mut text = format!(
        "{} (version {}, {})\n\n{}\n\n{}\n",
        spec.name,
        spec.version,
        spec.category,
        spec.summary,
        spec.description.trim()
    );
    section(
        &mut text,
        "Inputs",
        spec.consumes.iter().map(|(name, port)| {
            let optional = if port.optional { ", optional" } else { "" };
            format!("{name}{optional}: {}", port.description)
        }),
    );
    for (name, table) in &spec.produces {
        section(
            &mut text,
            &format!("Output `{name}`: {}", table.description),
            table
                .columns
                .iter()
                .map(|c| format!("{}: {}", c.name, c.description)),
        );
    }
    section(&mut text, "Parameters", parameters(entry));
    section(&mut text, "Assumes", spec.assumptions.iter().cloned());
    section(
        &mut text,
        "Unsuitable when",
        spec.unsuitable_when.iter().cloned(),
    );
    section(
        &mut text,
        "Agrees with",
        spec.agrees_with.iter().map(|o| {
            format!(
                "{} {}, {} (within {})",
                o.package, o.version, o.call, o.tolerance
            )
        }),
    );
    section(
        &mut text,
        "References",
        spec.references
            .iter()
            .map(|r| format!("{} https://doi.org/{}", r.cite, r.doi)),
    );
    output::text(&text)
}

fn section(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() && !title.starts_with("Output") {
        return;
    }
    text.push_str(&format!("\n{title}\n"));
    for line in lines {
        text.push_str(&format!("  {}\n", line.trim().replace('\n', "\n  ")));
    }
}

/// Name, default and meaning of every parameter, from its schema.
fn parameters(entry: &CatalogEntry) -> impl Iterator<Item = String> {
    let defaults = entry.tool.default_params();
    let properties = entry
        .params_schema
        .get("properties")
        .and_then(Value::as_object);
    let lines: Vec<String> = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let meaning = schema
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let default = match defaults.get(name) {
                None | Some(Value::Null) => String::new(),
                Some(value) => format!(" [default: {value}]"),
            };
            format!("{name}{default}: {}", meaning.replace('\n', " "))
        })
        .collect();
    lines.into_iter()
}

fn parse_params(text: Option<&str>) -> Result<Map<String, Value>, Failure> {
    let Some(text) = text else {
        return Ok(Map::new());
    };
    serde_json::from_str(text).map_err(|error| {
        Failure::bad_input(
            format!("`--params {text}` is no JSON object: {error}"),
            "write for example `--params '{\"alpha\": 0.01}'`; `proteus tools show NAME` lists the parameters",
        )
    })
}

/// Runs a tool and shows what it gave.
fn run_one(
    name: &str,
    input: &DatasetArgs,
    params: Map<String, Value>,
    args: &SingleArgs,
    settings: &Settings,
) -> Result<(), Failure> {
    let (execution, step) = executed(name, input, params, args.variable.as_deref(), settings)?;
    for (earlier, error) in execution.failures() {
        if earlier != step {
            output::note(&format!("{earlier}: {error}"));
        }
    }
    single::show(&execution, &[step], args)
}

/// Executes a tool where the first workflow that holds it puts it; gives what came of every step, and the tool's own step.
pub(super) fn executed(
    name: &str,
    input: &DatasetArgs,
    params: Map<String, Value>,
    variable: Option<&str>,
    settings: &Settings,
) -> Result<(Execution, String), Failure> {
    let dataset = input.open(settings)?;
    let (mut workflow, step) = placed(name, &dataset, variable, settings)?;
    if let Some(found) = workflow.steps.iter_mut().find(|s| s.id == step) {
        found.params.extend(params);
    }
    let plan = Arc::new(single::check(&workflow, &dataset, settings)?);
    Ok((single::execute(&plan, dataset, settings)?, step))
}

/// The part of a workflow that ends in this tool, and the step it is there.
fn placed(
    name: &str,
    dataset: &Dataset,
    variable: Option<&str>,
    settings: &Settings,
) -> Result<(Workflow, String), Failure> {
    let catalog = settings.catalog()?;
    let profile = dataset.profile();
    let mut refused = None;
    for template in Templates::load(&settings.content)?.iter() {
        let objective = match single::objective(dataset, template.when.target, variable) {
            Ok(objective) => objective,
            Err(failure) => {
                refused = Some(failure);
                continue;
            }
        };
        let bindings = Bindings::of(&objective, &dataset.samples);
        let workflow = template.instantiate(&objective.id, template.name.clone(), &bindings);
        let questions = &objective.questions;
        let workflow =
            extend_with_answering_tools(&workflow, questions, &bindings, &catalog, &profile);
        let step = workflow.steps.iter().find(|s| s.tool == name);
        if let Some(step) = step.map(|step| step.id.clone()) {
            return Ok((single::only(workflow, &step), step));
        }
    }
    Err(refused.unwrap_or_else(|| {
        Failure::bad_input(
            format!("no workflow holds the tool `{name}`"),
            "write a workflow of your own and run it with `proteus workflow run FILE PATH`",
        )
    }))
}
