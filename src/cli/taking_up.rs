//! What reviewers of a finished run proposed, taken up: each question as a run of its own beside it, each wording beside ours.

use std::path::Path;

use super::failure::Failure;
use super::settings::Settings;
use super::{output, papers, report, run};
use crate::agent::propose::QuestionError;
use crate::agent::steering::FollowUp;
use crate::agent::{AgentError, Request, Session, Steering};
use crate::report::text::{NAME, SENTENCE, tidy};
use crate::review::{Outcome, Proposal, ProposalKind, ReviewedRun, TakenUp, proposals};
use crate::run::{RunStatus, RunView, list_runs};

/// Takes up what was proposed about the finished run at `folder`; does again only what was not done before. The run itself
/// stays as it is, but for the wordings in its report: its menu was frozen before its results were seen.
pub(super) fn take_up(folder: &Path, settings: &Settings) -> Result<(), Failure> {
    let reviewed = ReviewedRun::open(folder)?;
    let proposed = proposals(&reviewed)?;
    if proposed.is_empty() {
        return Ok(());
    }
    let before = reviewed.store.taken_up()?;
    let mut done: Vec<TakenUp> = Vec::with_capacity(proposed.len());
    for proposal in proposed.clone() {
        let asked = done.iter().find(|d| asks_the_same(d, &proposal));
        let outcome = match (proposal.void, proposal.kind, asked) {
            (Some(reason), ..) => Outcome::NotTakenUp {
                reason: reason.to_owned(),
            },
            (None, ProposalKind::Wording, _) => Outcome::BesideOurs,
            (None, ProposalKind::Question, Some(asked)) => asked.outcome.clone(),
            (None, ProposalKind::Question, None) => {
                let by = askers(&proposed, &proposal);
                follow_up(&reviewed.view, &proposal.text, by, settings)?
            }
        };
        done.push(proposal.with(outcome));
        // Kept as it comes: what was done before a failure is on record.
        reviewed.store.keep_taken_up(&done)?;
    }
    if done != before {
        report::write(folder, settings)?;
    }
    if !settings.quiet {
        output::text(&told(&done, &reviewed))?;
    }
    Ok(())
}

fn same_words(a: &str, b: &str) -> bool {
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_lowercase).collect() };
    words(a) == words(b)
}

fn asks_the_same(done: &TakenUp, proposal: &Proposal) -> bool {
    let void = matches!(&done.outcome, Outcome::NotTakenUp { .. }) && proposal.void.is_none();
    done.kind == proposal.kind && !void && same_words(&done.proposed, &proposal.text)
}

/// Everybody whose standing review asks this.
fn askers(all: &[Proposal], proposal: &Proposal) -> Vec<String> {
    let mut names: Vec<String> = all
        .iter()
        .filter(|p| p.kind == ProposalKind::Question && p.void.is_none())
        .filter(|p| same_words(&p.text, &proposal.text))
        .map(|p| p.reviewer.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Asks a question in a run beside its parent, or finds or finishes the run that asks it already.
fn follow_up(
    parent: &RunView,
    question: &str,
    proposed_by: Vec<String>,
    settings: &Settings,
) -> Result<Outcome, Failure> {
    let runs = parent.root().parent().unwrap_or_else(|| Path::new("."));
    if let Some(known) = asked_before(parent, question, runs)? {
        if !matches!(known.status()?, RunStatus::Finished { .. }) {
            let resources = settings.resources(known.read_packs())?;
            let session = Session::resume(known.root(), resources)?;
            let config = session.config().clone();
            run::carry_out(session, &config, false, settings)?;
        }
        return Ok(Outcome::FollowUp {
            run: known.id().to_owned(),
        });
    }
    let mut request: Request = serde_json::from_value(parent.record().config.clone())?;
    request.steering = Steering {
        follow_up: Some(FollowUp {
            parent: parent.id().to_owned(),
            content_hash: parent.record().content_hash.clone(),
            proposed_by,
        }),
        ..Steering::default()
    };
    request.config.question = Some(question.to_owned());
    // The comparisons the first run was limited to do not limit a new question.
    request.config.contrasts.clear();
    let config = request.config.clone();
    papers::check(&config)?;
    let resources = settings.resources(config.packs)?;
    let session = match Session::start(request, resources, runs) {
        Ok(session) => session,
        Err(AgentError::Question(error)) => {
            return Ok(Outcome::NotTakenUp {
                reason: refusal(&error),
            });
        }
        Err(error) => return Err(error.into()),
    };
    let id = RunView::open(&session.folder())?.id().to_owned();
    run::carry_out(session, &config, false, settings)?;
    Ok(Outcome::FollowUp { run: id })
}

fn refusal(error: &QuestionError) -> String {
    error.to_string().replace("\nhint: ", "; ")
}

fn asked_before(parent: &RunView, question: &str, runs: &Path) -> Result<Option<RunView>, Failure> {
    let asks = |view: &RunView| {
        let of_parent = FollowUp::of(view).is_some_and(|f| f.parent == parent.id());
        let asked = view.setting("question").and_then(|q| q.as_str());
        of_parent && asked.is_some_and(|asked| same_words(asked, question))
    };
    Ok(list_runs(runs)?.into_iter().find(asks))
}

fn told(done: &[TakenUp], reviewed: &ReviewedRun) -> String {
    let mut text = String::from("\nProposed by reviewers\n");
    for one in done {
        let what = match one.kind {
            ProposalKind::Question => "a question",
            ProposalKind::Wording => "a wording",
        };
        text.push_str(&format!(
            "  {} proposes {what}: {}\n    ",
            tidy(&one.reviewer, NAME),
            tidy(&one.proposed, SENTENCE)
        ));
        text.push_str(&match &one.outcome {
            Outcome::FollowUp { run } => {
                format!("asked in run {run}, as a lead: everything in it is exploratory\n")
            }
            Outcome::BesideOurs => format!(
                "kept beside ours: {}\n",
                tidy(&one.hypothesis.statement, SENTENCE)
            ),
            Outcome::NotTakenUp { reason } => format!("not taken up: {}\n", tidy(reason, SENTENCE)),
        });
    }
    text.push_str(&format!(
        "On record in {}\n",
        reviewed.store.taken_up_file().display()
    ));
    text
}
