//! `proteus replay`: a finished run done again from its record, with no network, no model and no store of papers, and compared
//! byte by byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use proteus_llm::Mode;

use super::failure::{Exit, Failure};
use super::runs::RunChoice;
use super::settings::Settings;
use super::{models, output, papers, progress, report};
use crate::agent::steering::Decided;
use crate::agent::{Request, Session};
use crate::run::{RunKind, RunStatus, RunView};

/// What must be the same.
const COMPARED: [&str; 6] = [
    "findings.jsonl",
    "hypotheses.yaml",
    "calibration.yaml",
    "report/report.json",
    "report/report.md",
    "report/index.html",
];

/// Arguments of `proteus replay`.
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// Where the input is now [default: where it was]
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Keep the repeated run in this folder [default: it is removed]
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &ReplayArgs, settings: &Settings) -> Result<Exit, Failure> {
    let folder = args.choice.folder()?;
    let view = RunView::open(&folder)?;
    let finished = matches!(view.status()?, RunStatus::Finished { .. });
    if !finished || view.record().kind != RunKind::Discovery {
        return Err(Failure::bad_input(
            format!("`{}` is not a finished run", folder.display()),
            "finish it with `proteus resume` first",
        ));
    }
    let mut request: Request = serde_json::from_value(view.record().config.clone())
        .map_err(|error| Failure::from_error(Exit::BadInput, &error))?;
    if let Some(data) = &args.data {
        request.samples = request
            .samples
            .map(|sheet| moved(&sheet, &request.path, data));
        request.path.clone_from(data);
    }
    let scratch = Scratch::new(&folder, args.keep.as_deref())?;
    let resources = settings.resources(request.config.packs)?;
    let config = request.config.clone();
    let session = Session::start(request, resources, &scratch.parent)?;
    let again = session.folder();
    if RunView::open(&again)?.record().content_hash != view.record().content_hash {
        return Err(Failure::bad_input(
            format!("the input of `{}` has changed since", folder.display()),
            "put the input back as it was",
        ));
    }
    let session = session.asking(Arc::new(Decided::of(&view)?));
    let session = match models::reasoner(&config, &folder, Mode::Replay, false, None, settings)? {
        Some(reasoner) => session.reasoned(reasoner),
        None => session,
    };
    let session = match papers::recorded(&config, &folder)? {
        Some(consulted) => consulted.by(session),
        None => session,
    };
    let session = match progress::watchers(settings) {
        Some(watchers) => session.observed(watchers.observer, watchers.progress),
        None => session,
    };
    settings.runtime()?.block_on(session.run())?;
    // Reviews are of the first run; the report shows what stands in them.
    report::write_reviewed(&again, &folder, settings)?;
    let differ: Vec<&str> = COMPARED
        .into_iter()
        .filter(|file| fs::read(folder.join(file)).ok() != fs::read(again.join(file)).ok())
        .collect();
    if differ.is_empty() {
        output::text(&format!(
            "{}: the same bytes again in {}\n",
            folder.display(),
            COMPARED.join(", ")
        ))?;
        return Ok(Exit::Done);
    }
    Err(Failure::bad_input(
        format!(
            "`{}` is not what its record gives now: {} differ",
            folder.display(),
            differ.join(", ")
        ),
        "a report written by another version differs; `proteus report` writes it again. Otherwise files of the run were changed",
    ))
}

/// The place of a sheet that lay beside or below the input, now that the input lies elsewhere.
fn moved(sheet: &Path, input: &Path, data: &Path) -> PathBuf {
    let (from, to) = if data.is_dir() {
        (Some(input), Some(data))
    } else {
        (input.parent(), data.parent())
    };
    let inside = from.and_then(|from| sheet.strip_prefix(from).ok());
    match (inside, to) {
        (Some(inside), Some(to)) if to.join(inside).exists() => to.join(inside),
        _ => sheet.to_path_buf(),
    }
}

/// Where the run is repeated; removed at the end unless it is to be kept.
struct Scratch {
    parent: PathBuf,
    keep: bool,
}

impl Scratch {
    fn new(run: &Path, keep: Option<&Path>) -> Result<Self, Failure> {
        let (parent, keep) = match keep {
            Some(folder) => (folder.to_path_buf(), true),
            None => {
                let name = format!(".replay-{}", std::process::id());
                (run.parent().unwrap_or(run).join(name), false)
            }
        };
        fs::create_dir_all(&parent).map_err(|error| Failure::unreadable(&parent, &error))?;
        Ok(Self { parent, keep })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.keep {
            // What cannot be removed is left; the comparison is what counts.
            let _ = fs::remove_dir_all(&self.parent);
        }
    }
}
