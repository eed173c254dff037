//! `proteus recurrence`: which hypotheses come back over several runs on the same input.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::failure::{Exit, Failure};
use super::runs::{self, ParentFolder};
use super::settings::Settings;
use super::text_table::TextTable;
use super::{output, progress, report, resume};
use crate::agent::steering::Decided;
use crate::agent::{Request, Session};
use crate::report::text::{NAME, SENTENCE, count, probability, tidy};
use crate::run::{RunKind, RunStatus, RunView, list_runs};
use crate::study::recurrence::{Recurrence, RecurrenceError, Recurring, Standing, recurrence};

/// Hypotheses shown; the rest is in the JSON form.
const SHOWN: usize = 40;

/// Arguments of `proteus recurrence`.
#[derive(Debug, Args)]
pub(super) struct RecurrenceArgs {
    /// Run folders, or their names under the parent folder [default: the newest]
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Repeat the first run with this many other seeds, beside it; repeats that are there already are taken
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1_000))]
    seeds: u64,
    #[command(flatten)]
    parent: ParentFolder,
    /// Print JSON, with every hypothesis
    #[arg(long)]
    json: bool,
}

impl From<RecurrenceError> for Failure {
    fn from(error: RecurrenceError) -> Self {
        match error {
            RecurrenceError::Retrace(error) => error.into(),
            error => Self::from_error(Exit::BadInput, &error),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &RecurrenceArgs, settings: &Settings) -> Result<Exit, Failure> {
    let mut folders = args
        .runs
        .iter()
        .map(|run| runs::find(Some(run), &args.parent.out))
        .collect::<Result<Vec<_>, _>>()?;
    if folders.is_empty() {
        folders.push(runs::find(None, &args.parent.out)?);
    }
    if args.seeds > 0 {
        let first = RunView::open(&folders[0])?;
        folders.extend(repeats(&first, args.seeds, settings)?);
    }
    let found = recurrence(&folders)?;
    if args.json {
        output::json(&found)?;
    } else {
        output::text(&text(&found))?;
    }
    Ok(Exit::Done)
}

/// Repeats of a run with the seeds that follow its own, each found, finished or made beside it.
fn repeats(first: &RunView, seeds: u64, settings: &Settings) -> Result<Vec<PathBuf>, Failure> {
    if first.record().kind != RunKind::Discovery {
        return Err(Failure::bad_input(
            format!("`{}` is a replication, which has no seeds", first.id()),
            "name the run whose hypotheses it tests",
        ));
    }
    if !matches!(first.status()?, RunStatus::Finished { .. }) {
        return Err(Failure::bad_input(
            format!("`{}` is not a finished run", first.root().display()),
            "finish it with `proteus resume` first",
        ));
    }
    let request: Request = serde_json::from_value(first.record().config.clone())?;
    if request.config.models.is_some() {
        return Err(Failure::bad_input(
            format!(
                "`{}` asked language models, which would be asked again",
                first.id()
            ),
            "make the other runs with `proteus run … --seed N` yourself, and name them all: `proteus recurrence RUN1 RUN2`",
        ));
    }
    if first.is_blind() {
        return Err(RecurrenceError::Blind {
            run: first.id().to_owned(),
        }
        .into());
    }
    let parent = first.root().parent().unwrap_or_else(|| Path::new("."));
    let decided = Arc::new(Decided::of(first)?);
    (1..=seeds)
        .map(|further| {
            let mut request = request.clone();
            request.config.seed = request.config.seed.wrapping_add(further);
            // Papers change neither grades nor ranks.
            request.config.literature = None;
            repeat(first, request, parent, &decided, settings)
        })
        .collect()
}

fn repeat(
    first: &RunView,
    request: Request,
    parent: &Path,
    decided: &Arc<Decided>,
    settings: &Settings,
) -> Result<PathBuf, Failure> {
    let seed = request.config.seed;
    let wanted = serde_json::to_value(&request)?;
    let same = |view: &RunView| {
        view.record().config == wanted && view.record().content_hash == first.record().content_hash
    };
    let known = list_runs(parent)?.into_iter().find(same);
    let session = match &known {
        Some(view) if matches!(view.status()?, RunStatus::Finished { .. }) => {
            return Ok(view.root().to_path_buf());
        }
        Some(view) => resume::session(view, settings)?,
        None => Session::start(request, settings.resources(first.read_packs())?, parent)?,
    };
    let session = session.asking(Arc::clone(decided) as _);
    if !settings.quiet {
        output::note(&format!("seed {seed}"));
    }
    let session = match progress::watchers(settings) {
        Some(watchers) => session.observed(watchers.observer, watchers.progress),
        None => session,
    };
    let folder = session.folder();
    settings.runtime()?.block_on(session.run())?;
    report::write(&folder, settings)?;
    Ok(folder)
}

fn text(found: &Recurrence) -> String {
    let n = found.runs.len();
    let mut out = String::new();
    for run in &found.runs {
        out.push_str(&format!(
            "{} (seed {}): {}, {} supported\n",
            tidy(&run.id, NAME),
            run.seed,
            count(run.hypotheses, "hypothesis", "hypotheses"),
            run.supported
        ));
    }
    out.push('\n');
    let mut table = TextTable::new(&[
        ("supported", 9),
        ("listed", 9),
        ("rank", 9),
        ("q", 22),
        ("hypothesis", SENTENCE),
    ]);
    for one in found.hypotheses.iter().take(SHOWN) {
        table.row(vec![
            format!("{} of {n}", one.supported),
            format!("{} of {n}", one.listed),
            range(one, |s| s.rank, |rank| rank.to_string()),
            range(one, |s| s.q, probability),
            tidy(&one.statement, SENTENCE),
        ]);
    }
    out.push_str(&table.render());
    if found.hypotheses.len() > SHOWN {
        out.push_str(&format!(
            "  and {} more, with --json\n",
            found.hypotheses.len() - SHOWN
        ));
    }
    match found.supported_in_all {
        Some(share) => {
            let any = found.hypotheses.iter().filter(|h| h.supported > 0).count();
            let all = found.hypotheses.iter().filter(|h| h.supported == n).count();
            out.push_str(&format!(
                "\n{all} of {any} that any run supports are supported in all {n} ({:.0} %).\n",
                100.0 * share
            ));
        }
        None => out.push_str("\nNo run supports any hypothesis.\n"),
    }
    out.push_str(
        "What comes back is stable against the draw of decoys or the choice of models; all runs read the same data, so it is no replication.\n",
    );
    out
}

/// The least and the greatest of a hypothesis over the runs that list it.
fn range<T: PartialOrd + Copy>(
    one: &Recurring,
    of: impl Fn(&Standing) -> T,
    shown: impl Fn(T) -> String,
) -> String {
    let mut values = one.by_run.iter().flatten().map(of);
    let Some(first) = values.next() else {
        return "–".to_owned();
    };
    let (least, greatest) = values.fold((first, first), |(least, greatest), v| {
        (
            if v < least { v } else { least },
            if v > greatest { v } else { greatest },
        )
    });
    let (least, greatest) = (shown(least), shown(greatest));
    if least == greatest {
        least
    } else {
        format!("{least}–{greatest}")
    }
}
