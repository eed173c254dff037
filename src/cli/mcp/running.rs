//! Runs: made and continued, with progress told and cancellation heeded.

use std::path::Path;
use std::sync::Arc;

use super::answer::Answer;
use super::arguments::{FIRST, ResumeArguments, RunArguments};
use super::calls::{Engine, named};
use super::summary::Summary;
use super::watched::Watched;
use crate::agent::{AgentError, Observer, Request, Session};
use crate::cli::failure::{Exit, Failure};
use crate::cli::{report, resume, run};
use crate::config::DecoyBudget;
use crate::run::{RunStatus, RunView};
use crate::workflow::Silent;

/// Makes a run.
///
/// # Errors
/// As `proteus run`; and it was cancelled.
pub(super) fn start(
    engine: &Engine,
    arguments: RunArguments,
    watched: &Arc<Watched>,
) -> Result<Answer, Failure> {
    if arguments.decoys == Some(DecoyBudget::Exactly(0)) {
        return Err(Failure::bad_input(
            "no decoys: `decoys` is 0",
            "give `adaptive`, `full` or a number from 1",
        ));
    }
    let mut request = engine.request(&arguments.asking)?;
    let config = &mut request.config;
    config.decoys = arguments.decoys.unwrap_or(config.decoys);
    config.seed = arguments.seed.unwrap_or(config.seed);
    config.blind = arguments.blind.unwrap_or(config.blind);
    let resources = engine.settings.resources(request.config.packs)?;
    let session = Session::start(request, resources, engine.fence.out())?;
    carry_out(engine, session, watched)
}

/// Continues a run.
///
/// # Errors
/// As `proteus resume`; its input lies outside the served folder, it asks models or looks papers up, or it was cancelled.
pub(super) fn resume(
    engine: &Engine,
    arguments: ResumeArguments,
    watched: &Arc<Watched>,
) -> Result<Answer, Failure> {
    let folder = engine.fence.run(arguments.choice.run.as_deref())?;
    let view = RunView::open(&folder)?;
    if let RunStatus::Finished { .. } = view.status()? {
        // It may have ended before its report was written.
        report::write(&folder, &engine.settings)?;
        return told(engine, &folder, "The run was finished before.\n");
    }
    let request: Request = serde_json::from_value(view.record().config.clone())?;
    if request.config.models.is_some() {
        return Err(Failure::bad_input(
            format!(
                "`{}` asks language models, which this server never does",
                view.id()
            ),
            format!("continue it with `proteus resume {}`", folder.display()),
        ));
    }
    if request.config.literature.is_some() {
        return Err(Failure::bad_input(
            format!(
                "`{}` looks papers up, which this server never does",
                view.id()
            ),
            format!("continue it with `proteus resume {}`", folder.display()),
        ));
    }
    // Its record may name a file that this server may not read.
    let path =
        std::path::absolute(&request.path).map_err(|e| Failure::unreadable(&request.path, &e))?;
    engine.fence.dataset(&path)?;
    if let Some(samples) = &request.samples {
        let samples = std::path::absolute(samples).map_err(|e| Failure::unreadable(samples, &e))?;
        engine.fence.file(&samples)?;
    }
    let session = resume::session(&view, &engine.settings)?;
    carry_out(engine, session, watched)
}

/// Runs a session to its end, writes its report and sums it up.
fn carry_out(engine: &Engine, session: Session, watched: &Arc<Watched>) -> Result<Answer, Failure> {
    let folder = session.folder();
    let understood = session.asked().map_or_else(String::new, run::understood);
    let observer: Arc<dyn Observer> = Arc::<Watched>::clone(watched);
    let session = session.observed(observer, Arc::new(Silent));
    let runtime = engine.settings.runtime()?;
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = session.run() => ended,
            () = watched.cancellation() => Err(AgentError::Cancelled),
        }
    });
    // Steps at work hold the run's lock: wait for them, so that the run can be resumed at once.
    drop(runtime);
    match ended {
        Ok(_) => {}
        Err(AgentError::Cancelled) => return Err(cancelled(engine, &folder)),
        Err(error) => return Err(error.into()),
    }
    report::write(&folder, &engine.settings)?;
    told(engine, &folder, &understood)
}

/// The summary of a finished run.
fn told(engine: &Engine, folder: &Path, before: &str) -> Result<Answer, Failure> {
    let model = report::load(folder, &engine.settings)?;
    let summary = Summary::of(&named(folder), &model, FIRST);
    Answer::new(
        &summary,
        &format!("{before}{}", summary.in_words(&model, FIRST)),
    )
}

/// What is left of a cancelled run. The client has withdrawn its request and may never see an answer, so that it is told to
/// whoever started the server as well; `runs` lists the run as unfinished.
fn cancelled(engine: &Engine, folder: &Path) -> Failure {
    let failure = Failure::Told {
        exit: Exit::Stopped,
        message: format!(
            "cancelled: what was finished of the run `{}` is kept",
            named(folder)
        ),
        causes: Vec::new(),
        hint: Some(format!(
            "continue with the tool `resume`, or with `proteus resume {}`",
            folder.display()
        )),
    };
    engine.note(failure.to_string().trim_end());
    failure
}
