//! `proteus resume`: a run that was interrupted, continued to the same result; of a finished run, what its reviewers propose is
//! taken up in runs beside it.

use clap::Args;

use super::failure::{Exit, Failure};
use super::run::ApproveFrom;
use super::runs::RunChoice;
use super::settings::Settings;
use super::{approval, output, report, run, taking_up};
use crate::agent::Session;
use crate::agent::steering::waits_for_approval;
use crate::run::{RunKind, RunStatus, RunView};

/// Arguments of `proteus resume`.
#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    #[command(flatten)]
    choice: RunChoice,
    #[command(flatten)]
    answers: ApproveFrom,
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
        if view.record().kind == RunKind::Discovery {
            taking_up::take_up(&folder, settings)?;
        }
        return Ok(Exit::Done);
    }
    let mut session = session(&view, settings)?;
    if waits_for_approval(&view)? {
        session = session.asking(approval::approver(args.answers.file.as_deref())?);
    }
    let config = session.config().clone();
    run::carry_out(session, &config, false, settings)
}

/// The session that continues an unfinished run, with nobody to approve objectives.
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
