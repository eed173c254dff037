//! `proteus workflow`: the reusable graphs of analyses, bundled or your own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::failure::{Exit, Failure};
use super::input::DatasetArgs;
use super::output;
use super::settings::Settings;
use super::single::{self, SingleArgs};
use super::text_table::TextTable;
use crate::dataset::Dataset;
use crate::workflow::{Bindings, TemplateError, Templates, Workflow, WorkflowTemplate};

/// Arguments of `proteus workflow`.
#[derive(Debug, Args)]
pub(super) struct WorkflowArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the workflows
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a workflow as YAML
    Show {
        /// Name of a bundled workflow
        name: String,
    },
    /// Check a workflow against a dataset: every fault at once, nothing is run
    Check {
        /// YAML file, or the name of a bundled workflow
        workflow: String,
        #[command(flatten)]
        input: DatasetArgs,
        /// Variable to test, where the workflow takes one [default: the first that fits]
        #[arg(long, value_name = "NAME", conflicts_with = "contrasts")]
        variable: Option<String>,
        /// Print the plan as JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a workflow on a dataset, outside a run: no decoys, no hypotheses
    Run {
        /// YAML file, or the name of a bundled workflow
        workflow: String,
        #[command(flatten)]
        input: DatasetArgs,
        #[command(flatten)]
        single: SingleArgs,
    },
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::Content(error) => error.into(),
            error => Self::from_error(Exit::BadInput, &error),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &WorkflowArgs, settings: &Settings) -> Result<Exit, Failure> {
    match &args.action {
        Action::List { json } => list(*json, settings)?,
        Action::Show { name } => {
            let text = settings.content.text(&format!("workflows/{name}.yaml"))?;
            output::text(&text)?;
        }
        Action::Check {
            workflow,
            input,
            variable,
            json,
        } => {
            let template = template(workflow, settings)?;
            let dataset = input.open(settings)?;
            let bound = bind(&template, &dataset, variable.as_deref(), settings)?;
            let plan = single::check(&bound, &dataset, settings)?;
            if *json {
                output::json(&plan)?;
            } else {
                output::text(&plan.to_string())?;
            }
        }
        Action::Run {
            workflow,
            input,
            single: shown,
        } => {
            let template = template(workflow, settings)?;
            let dataset = input.open(settings)?;
            let bound = bind(&template, &dataset, shown.variable.as_deref(), settings)?;
            let plan = Arc::new(single::check(&bound, &dataset, settings)?);
            let steps: Vec<String> = plan.steps.iter().map(|step| step.id.clone()).collect();
            let execution = single::execute(&plan, dataset, settings)?;
            single::show(&execution, &steps, shown)?;
        }
    }
    Ok(Exit::Done)
}

fn list(json: bool, settings: &Settings) -> Result<(), Failure> {
    let templates = Templates::load(&settings.content)?;
    if json {
        let all: Vec<_> = templates.iter().collect();
        return output::json(&all);
    }
    let mut table = TextTable::new(&[("workflow", 32), ("steps", 6), ("what it is for", 120)]);
    for template in templates.iter() {
        table.row(vec![
            template.name.clone(),
            template.steps.len().to_string(),
            template.summary.clone(),
        ]);
    }
    output::text(&table.render())
}

/// The workflow in a file, or the bundled one of this name.
fn template(named: &str, settings: &Settings) -> Result<WorkflowTemplate, Failure> {
    let path = PathBuf::from(named);
    if !is_file_name(&path)
        && let Some(template) = Templates::load(&settings.content)?.get(named)
    {
        return Ok(template.clone());
    }
    let text = fs::read_to_string(&path).map_err(|error| Failure::unreadable(&path, &error))?;
    Ok(WorkflowTemplate::parse(named, &text)?)
}

fn is_file_name(path: &Path) -> bool {
    path.components().count() > 1 || path.extension().is_some()
}

/// The template with its placeholders filled for the first objective of its kind.
fn bind(
    template: &WorkflowTemplate,
    dataset: &Dataset,
    variable: Option<&str>,
    settings: &Settings,
) -> Result<Workflow, Failure> {
    let objective = single::objective(dataset, template.when.target, variable)?;
    let bindings = Bindings::of(&objective, &dataset.samples);
    Ok(template
        .instantiate(&objective.id, template.name.clone(), &bindings)
        .fitted_to(&settings.catalog()?, &dataset.profile()))
}
