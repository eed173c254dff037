//! `proteus plan`: the objectives and the graph of analyses for each, without running them.

use std::collections::BTreeSet;

use clap::Args;
use serde::Serialize;

use super::failure::{Exit, Failure};
use super::input::DatasetArgs;
use super::output;
use super::settings::Settings;
use crate::agent::planning;
use crate::agent::propose::{NotAsked, propose};
use crate::agent::pursuit::term_of;
use crate::config::Config;
use crate::dataset::Dataset;
use crate::discovery::Objective;
use crate::workflow::{Plan, Templates};

/// Arguments of `proteus plan`.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    input: DatasetArgs,
    /// Objectives pursued at most [default: 12]
    #[arg(long, value_name = "N")]
    max_objectives: Option<usize>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// An objective with its plan, or with the reason why it has none.
#[derive(Serialize)]
struct Planned {
    objective: Objective,
    plan: Option<Plan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_planned: Option<String>,
}

#[derive(Serialize)]
struct Plans {
    planned: Vec<Planned>,
    not_asked: Vec<NotAsked>,
}

/// Runs the command.
pub(super) fn run(args: &PlanArgs, settings: &Settings) -> Result<Exit, Failure> {
    let defaults = Config::default();
    let limit = args.max_objectives.unwrap_or(defaults.max_objectives);
    show(&args.input.open(settings)?, limit, args.json, settings)?;
    Ok(Exit::Done)
}

/// Prints the plans for a dataset. A batch that shows in the samples' own structure enters a plan only when it is run.
pub(super) fn show(
    dataset: &Dataset,
    max_objectives: usize,
    json: bool,
    settings: &Settings,
) -> Result<(), Failure> {
    let plans = plans(dataset, max_objectives, settings)?;
    if json {
        return output::json(&plans);
    }
    let mut text = String::new();
    for planned in &plans.planned {
        let objective = &planned.objective;
        text.push_str(&format!("{}: {}\n", objective.id, objective.text));
        text.push_str(&format!("  why: {}\n", objective.why));
        match (&planned.plan, &planned.not_planned) {
            (Some(plan), _) => {
                for line in plan.to_string().lines() {
                    text.push_str(&format!("  {line}\n"));
                }
            }
            (None, reason) => {
                let reason = reason.as_deref().unwrap_or("no plan");
                text.push_str(&format!("  not planned: {reason}\n"));
            }
        }
        text.push('\n');
    }
    if !plans.not_asked.is_empty() {
        text.push_str("Not asked\n");
    }
    for not_asked in &plans.not_asked {
        text.push_str(&format!("  {}: {}\n", not_asked.what, not_asked.reason));
    }
    if plans.planned.is_empty() {
        text.push_str("nothing can be asked of this dataset\n");
    }
    output::text(&text)
}

fn plans(dataset: &Dataset, limit: usize, settings: &Settings) -> Result<Plans, Failure> {
    let proposals = propose(dataset, limit);
    let catalog = settings.catalog()?;
    let templates = Templates::load(&settings.content)?;
    let profile = dataset.profile();
    let mut taken = BTreeSet::new();
    let mut planned = Vec::new();
    for mut objective in proposals.objectives {
        let (term, _) = term_of(&objective, dataset)?;
        let fitted = match &term {
            Some(term) => planning::fit_to_design(&mut objective, term, dataset)
                .map(drop)
                .map_err(|error| error.to_string()),
            None => Ok(()),
        };
        let plan = fitted.and_then(|()| {
            planning::plan(
                &objective, dataset, &profile, &templates, &catalog, &mut taken,
            )
        });
        let (plan, not_planned) = match plan {
            Ok(plan) => (Some(plan), None),
            Err(reason) => (None, Some(reason)),
        };
        planned.push(Planned {
            objective,
            plan,
            not_planned,
        });
    }
    Ok(Plans {
        planned,
        not_asked: proposals.not_asked,
    })
}
