//! `proteus plan`: the objectives and the graph of analyses for each, without running them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::failure::{Exit, Failure};
use super::input::DatasetArgs;
use super::run::Asking;
use super::settings::Settings;
use super::{editing, output, run};
use crate::agent::Request;
use crate::agent::planning;
use crate::agent::propose::{NotAsked, Question, Scope, propose_within};
use crate::agent::pursuit::term_of;
use crate::agent::steering::PlanFile;
use crate::config::{Config, ConfigFile};
use crate::discovery::{Asked, Objective};
use crate::workflow::{Plan, Templates};

/// Arguments of `proteus plan`.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    input: DatasetArgs,
    /// Objectives pursued at most [default: 12]
    #[arg(long, value_name = "N")]
    max_objectives: Option<usize>,
    #[command(flatten)]
    asking: Asking,
    /// Write the plans as YAML to change and as a picture, open the editor ($VISUAL, $EDITOR) on a terminal, and check what
    /// is written; `proteus run --plan FILE` carries it out [default: plan.yaml]
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = editing::FILE,
        conflicts_with = "json"
    )]
    edit: Option<PathBuf>,
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

/// What a dataset is asked, and what it is not.
#[derive(Serialize)]
pub(super) struct Plans {
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<Asked>,
    planned: Vec<Planned>,
    not_asked: Vec<NotAsked>,
}

/// Runs the command.
pub(super) fn run(args: &PlanArgs, settings: &Settings) -> Result<Exit, Failure> {
    let contrasts = &args.input.contrasts;
    let mut file = ConfigFile {
        contrasts: (!contrasts.is_empty()).then(|| contrasts.clone()),
        max_objectives: args.max_objectives,
        question: args.asking.question.clone(),
        packs: args.asking.no_packs.then_some(false),
        ..ConfigFile::default()
    };
    if let Some(path) = args.edit.as_ref().filter(|path| path.exists()) {
        let document = PlanFile::read(path)?.document()?;
        editing::fill(&document.asked, path, &mut file)?;
    }
    let request = Request {
        samples: args.input.samples.clone(),
        declared: args.input.declared(),
        ..Request::new(args.input.path.clone(), Config::resolve(file))
    };
    if let Some(path) = &args.edit {
        return editing::edit(&request, path, settings);
    }
    show(&request, args.json, settings)?;
    Ok(Exit::Done)
}

/// Prints the plans for a dataset. A batch that shows in the samples' own structure enters a plan only when it is run.
pub(super) fn show(request: &Request, json: bool, settings: &Settings) -> Result<(), Failure> {
    let plans = plans(request, settings)?;
    if json {
        return output::json(&plans);
    }
    output::text(&in_words(&plans))
}

/// The plans for people.
pub(super) fn in_words(plans: &Plans) -> String {
    let mut text = plans.question.as_ref().map_or_else(String::new, |asked| {
        format!("{}\n", run::understood(asked).trim_start())
    });
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
    text
}

/// The plans for a dataset, without running them.
pub(super) fn plans(request: &Request, settings: &Settings) -> Result<Plans, Failure> {
    let packs = settings.packs_or_none(request.config.packs)?;
    let mut dataset = request.open(&packs)?;
    let mut question = match &request.config.question {
        Some(text) => Some(Question::understand(text, &dataset, &packs)?),
        None => None,
    };
    let scope = Scope {
        question: question.as_mut(),
        packs: !packs.is_empty(),
        blind: request.config.blind,
        fixed: !request.config.contrasts.is_empty(),
    };
    let proposals = propose_within(&mut dataset, request.config.max_objectives, scope)?;
    let left_out = proposals.left_out_by_question;
    let dataset = &dataset;
    let mut catalog = settings.catalog()?;
    if packs.is_empty() {
        catalog = catalog.without_packs();
    }
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
        question: question.map(|q| q.asked(left_out, None)),
        planned,
        not_asked: proposals.not_asked,
    })
}
