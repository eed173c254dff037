//! `proteus runs`: the runs made so far, one of them, two side by side, and what of the cache none of them needs.

mod showing;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::failure::{Exit, Failure};
use super::settings::Settings;
use super::text_table::TextTable;
use super::{compare, output};
use crate::report::text::count;
use crate::run::{Garbage, RunKind, RunStatus, RunView, list_runs, newest_run};

use showing::Shown;

/// Arguments of `proteus runs`.
#[derive(Debug, Args)]
pub(super) struct RunsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the runs under a parent folder, the newest last
    List {
        #[command(flatten)]
        parent: ParentFolder,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what a run was made from, what was decided in it, and what became of its objectives
    Show {
        #[command(flatten)]
        choice: RunChoice,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set two runs side by side, as `proteus compare` does
    Diff(compare::CompareArgs),
    /// List what of the cache no run under a parent folder refers to; runs are never touched
    Gc {
        #[command(flatten)]
        parent: ParentFolder,
        /// Remove it
        #[arg(long)]
        delete: bool,
    },
}

/// The folder that holds the runs.
#[derive(Debug, Args)]
pub(super) struct ParentFolder {
    /// Parent folder of the runs
    #[arg(long, value_name = "DIR", default_value = "proteus-runs")]
    pub out: PathBuf,
}

/// A run, chosen by folder or as the newest.
#[derive(Debug, Args)]
pub(super) struct RunChoice {
    /// Run folder, or its name under the parent folder [default: the newest]
    #[arg(value_name = "RUN")]
    pub run: Option<PathBuf>,
    #[command(flatten)]
    pub parent: ParentFolder,
}

impl RunChoice {
    /// The run folder.
    pub(super) fn folder(&self) -> Result<PathBuf, Failure> {
        find(self.run.as_deref(), &self.parent.out)
    }
}

/// The folder of the run named `run`, or of the newest run under `parent`.
pub(super) fn find(run: Option<&Path>, parent: &Path) -> Result<PathBuf, Failure> {
    let Some(run) = run else {
        return Ok(newest_run(parent)?.root().to_path_buf());
    };
    let inside = parent.join(run);
    let is_name = run.components().count() == 1;
    Ok(if is_name && !run.exists() && inside.exists() {
        inside
    } else {
        run.to_path_buf()
    })
}

/// A run as it is listed.
#[derive(Serialize)]
pub(super) struct Listed {
    id: String,
    dataset: String,
    state: &'static str,
    detail: String,
    hypotheses: Option<usize>,
    folder: PathBuf,
    proteus: String,
}

/// Runs the command.
pub(super) fn run(args: &RunsArgs, settings: &Settings) -> Result<Exit, Failure> {
    match &args.action {
        Action::List { parent, json } => list(parent, *json),
        Action::Show { choice, json } => show(choice, *json),
        Action::Diff(args) => compare::run(args, settings),
        Action::Gc { parent, delete } => collect(parent, *delete),
    }
}

fn show(choice: &RunChoice, json: bool) -> Result<Exit, Failure> {
    let view = RunView::open(&choice.folder()?)?;
    let listed = listed(&view);
    let shown = Shown::of(&view, listed.state, listed.detail)?;
    if json {
        output::json(&shown)?;
    } else {
        output::text(&shown.text())?;
    }
    Ok(Exit::Done)
}

/// Bytes in a megabyte, as they are told.
const MEGABYTE: f64 = 1e6;

fn collect(parent: &ParentFolder, delete: bool) -> Result<Exit, Failure> {
    let garbage = Garbage::under(&parent.out)?;
    let (found, in_use) = (garbage.entries.len(), garbage.in_use);
    let megabytes = garbage.bytes as f64 / MEGABYTE;
    let word = if delete { "removed" } else { "not needed" };
    let entries = count(found, "entry", "entries");
    if delete {
        garbage.remove()?;
    }
    output::line(&format!(
        "{word}: {entries} of the cache, {megabytes:.1} MB; {in_use} are in use"
    ))?;
    if found > 0 && !delete {
        output::note("hint: `--delete` removes them; runs are never touched");
    }
    Ok(Exit::Done)
}

fn list(parent: &ParentFolder, json: bool) -> Result<Exit, Failure> {
    let runs = under(&parent.out)?;
    if json {
        output::json(&runs)?;
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        let shown = parent.out.display();
        output::note(&format!("no run under `{shown}` yet"));
        return Ok(Exit::Done);
    }
    output::text(&in_words(runs))?;
    Ok(Exit::Done)
}

/// The runs under a parent folder, the newest last.
pub(super) fn under(parent: &Path) -> Result<Vec<Listed>, Failure> {
    Ok(list_runs(parent)?.iter().map(listed).collect())
}

/// One line per run.
pub(super) fn in_words(runs: Vec<Listed>) -> String {
    let mut table = TextTable::new(&[("run", 60), ("dataset", 32), ("state", 12), ("", 160)]);
    for run in runs {
        table.row(vec![run.id, run.dataset, run.state.to_owned(), run.detail]);
    }
    table.render()
}

fn listed(run: &RunView) -> Listed {
    let (state, detail, hypotheses) = match run.status() {
        Ok(RunStatus::Finished { hypotheses }) => (
            "finished",
            match run.record().kind {
                RunKind::Discovery => format!("{hypotheses} hypotheses"),
                RunKind::Replication => format!("replication of {hypotheses} hypotheses"),
            },
            Some(hypotheses),
        ),
        Ok(RunStatus::Stopped { reason }) => ("stopped", reason, None),
        Ok(RunStatus::Unfinished { stage }) => {
            let at = stage.map_or_else(String::new, |stage| format!("at `{stage}`: "));
            let detail = format!(
                "{at}continue with `proteus resume {}`",
                run.root().display()
            );
            ("unfinished", detail, None)
        }
        Err(error) => ("damaged", error.to_string(), None),
    };
    Listed {
        id: run.id().to_owned(),
        dataset: run.record().dataset.clone(),
        state,
        detail,
        hypotheses,
        folder: run.root().to_path_buf(),
        proteus: run.record().proteus.clone(),
    }
}
