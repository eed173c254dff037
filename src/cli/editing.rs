//! `proteus plan --edit`: the plans as a file that a person changes, its picture, and the check of both.

use std::env;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::failure::{Exit, Failure};
use super::settings::Settings;
use super::{output, progress};
use crate::agent::AgentError;
use crate::agent::session::{PlansForReview, plans_for_review};
use crate::agent::steering::{Approved, PlanFile, PlanFileError, Writing, document_text};
use crate::agent::{Request, steering::AskedFor};
use crate::config::ConfigFile;
use crate::report::text::count;
use crate::run::atomic;
use crate::workflow::picture;

/// Where plans are written unless told otherwise.
pub(super) const FILE: &str = "plan.yaml";

impl From<PlanFileError> for Failure {
    fn from(error: PlanFileError) -> Self {
        Self::from_error(Exit::BadInput, &error)
    }
}

/// Fills in the settings that a plan was made with.
///
/// # Errors
/// One was set to something else.
pub(super) fn fill(asked: &AskedFor, file: &Path, config: &mut ConfigFile) -> Result<(), Failure> {
    asked.fill(config).map_err(|key| {
        Failure::bad_input(
            format!(
                "the plan `{}` was made with another `{key}`",
                file.display()
            ),
            format!("leave `{key}` out, it comes from the plan; or make the plan again with it"),
        )
    })
}

/// Writes the plans of a request to `file`, or takes up what is there already; lets a person change it, checks it and draws it.
pub(super) fn edit(request: &Request, file: &Path, settings: &Settings) -> Result<Exit, Failure> {
    let resources = settings.resources(request.config.packs)?;
    let watching = progress::watchers(settings).map(|w| w.progress);
    let plans = settings
        .runtime()?
        .block_on(plans_for_review(request, resources, watching))?;
    if file.exists() {
        if !settings.quiet {
            output::note(&format!(
                "`{}` is there already: it is kept and checked",
                file.display()
            ));
        }
    } else {
        let text = document_text(&Writing {
            dataset: &plans.dataset,
            config: &request.config,
            catalog: &plans.resources.catalog,
            prepared: &plans.prepared,
            retired: &plans.retired,
            not_asked: &plans.not_asked,
        });
        atomic::write_bytes(file, text.as_bytes())?;
    }
    let drawn = file.with_extension("svg");
    let by_rules: Vec<_> = plans
        .prepared
        .iter()
        .map(|p| (p.objective.text.as_str(), p.plan.as_ref()))
        .collect();
    atomic::write_bytes(&drawn, picture(&by_rules).as_bytes())?;
    let approved = match editor() {
        Some(editor) => changed_by_hand(&editor, file, &plans)?,
        None => check(file, &plans)?,
    };
    let carried: Vec<_> = approved
        .carried
        .iter()
        .map(|c| (c.objective.text.as_str(), &c.plan))
        .collect();
    atomic::write_bytes(&drawn, picture(&carried).as_bytes())?;
    output::line(&file.display().to_string())?;
    output::line(&drawn.display().to_string())?;
    if !settings.quiet {
        tell(&approved, request, file);
    }
    Ok(Exit::Done)
}

fn tell(approved: &Approved, request: &Request, file: &Path) {
    output::note(&format!(
        "{} planned; every check passed",
        count(approved.carried.len(), "objective", "objectives")
    ));
    for change in &approved.changes {
        output::note(&format!("  changed: {change}"));
    }
    output::note(&format!(
        "carry it out with `proteus run {} --plan {}`, the data read in the same way",
        request.path.display(),
        file.display()
    ));
}

fn check(file: &Path, plans: &PlansForReview) -> Result<Approved, AgentError> {
    plans.approve(&PlanFile::read(file)?)
}

/// The user's editor, where there is a terminal to show it on.
fn editor() -> Option<String> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return None;
    }
    let named = ["VISUAL", "EDITOR"]
        .iter()
        .filter_map(|name| env::var(name).ok());
    named.map(|e| e.trim().to_owned()).find(|e| !e.is_empty())
}

/// Opens the editor until the file passes, or the person gives up: the file stays as they left it either way.
fn changed_by_hand(editor: &str, file: &Path, plans: &PlansForReview) -> Result<Approved, Failure> {
    loop {
        open(editor, file)?;
        let failure = match check(file, plans) {
            Ok(approved) => return Ok(approved),
            Err(AgentError::Plan(error)) => Failure::from(error),
            Err(error) => return Err(error.into()),
        };
        let mut out = io::stderr();
        let _ = write!(out, "{failure}open the editor again? [Y/n] ");
        let _ = out.flush();
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        let again = !answer.trim().to_lowercase().starts_with('n');
        if !matches!(read, Ok(n) if n > 0) || !again {
            return Err(failure);
        }
    }
}

fn open(editor: &str, file: &Path) -> Result<(), Failure> {
    let mut words = editor.split_whitespace();
    let program = PathBuf::from(words.next().unwrap_or_default());
    let refused = |reason: String| {
        Failure::bad_input(
            format!("the editor `{editor}` did not end well: {reason}"),
            format!(
                "`{}` is kept: change it with another editor and run the same command again",
                file.display()
            ),
        )
    };
    match Command::new(program).args(words).arg(file).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(refused(status.to_string())),
        Err(error) => Err(refused(error.to_string())),
    }
}
