//! `proteus resume`: a run that was interrupted, continued to the same result.

use clap::Args;

use super::failure::{Exit, Failure};
use super::runs::RunChoice;
use super::settings::Settings;
use super::{output, report, run};
use crate::agent::Session;
use crate::run::{RunKind, RunStatus, RunView};

/// Arguments of `proteus resume`.
#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    #[command(flatten)]
    choice: RunChoice,
}

/// Runs the command.
pub(super) fn run(args: &ResumeArgs, settings: &Settings) -> Result<Exit, Failure> {
    let folder = args.choice.folder()?;
    let view = RunView::open(&folder)?;
    if let RunStatus::Finished { .. } = view.status()? {
        if !settings.quiet {
            output::note(&format!("the run in `{}` is finished", folder.display()));
        }
        // It may have ended before its report was written.
        report::write(&folder, settings)?;
        output::line(&folder.display().to_string())?;
        return Ok(Exit::Done);
    }
    let session = session(&view, settings)?;
    let config = session.config().clone();
    run::carry_out(session, &config, false, settings)
}

/// The session that continues an unfinished run.
pub(super) fn session(view: &RunView, settings: &Settings) -> Result<Session, Failure> {
    let folder = view.root();
    if view.record().kind == RunKind::Replication {
        return Err(Failure::bad_input(
            format!(
                "`{}` is a replication, which is not resumed",
                folder.display()
            ),
            "delete the folder and run `proteus replicate` again",
        ));
    }
    let resources = settings.resources(view.read_packs())?;
    Ok(Session::resume(folder, resources)?)
}
