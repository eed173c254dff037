//! `proteus report`: the report of a run, again and in other forms.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::failure::{Exit, Failure};
use super::output;
use super::runs::RunChoice;
use super::settings::Settings;
use crate::report::{self, Citation, MethodNote, ReportError, ReportModel, text};
use crate::review::{self, ReviewStore};
use crate::run::{RunKind, RunView};

/// What the folder of a report with names is called after, apart from the one that hides them.
const UNBLINDED: &str = "-unblinded";
/// What the folder of a report without values of single samples is called after.
const WITHOUT_VALUES: &str = "-without-values";

/// Arguments of `proteus report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// Print one form of the report [default: write all of them into the run folder]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write to FILE in place of standard output
    #[arg(long, value_name = "FILE", requires = "format")]
    output: Option<PathBuf>,
    /// Show the names of a blind run again [default: into the folder report-unblinded of the run]
    #[arg(long)]
    unblind: bool,
    /// Leave values and names of single samples out, for handing on [default: into the folder report-without-values of the run]
    #[arg(long)]
    without_values: bool,
    /// Write the run as one ZIP file to hand on: report, record, checksums, RO-Crate, a script that repeats it; with
    /// --without-values the report alone
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "unblind"])]
    bundle: Option<PathBuf>,
    /// Print the JSON Schema of `--format json`
    #[arg(long, conflicts_with_all = ["format", "output", "bundle", "run"])]
    schema: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// One self-contained page
    Html,
    /// Markdown
    Md,
    /// One object with audit and hypotheses
    Json,
    /// One row per hypothesis
    Tsv,
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Run(error) => error.into(),
            ReportError::Content(error) => error.into(),
            ReportError::Json(error) => Self::from_error(Exit::Bug, &error),
            error => Self::from_error(Exit::BadInput, &error),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &ReportArgs, settings: &Settings) -> Result<Exit, Failure> {
    if args.schema {
        output::text(report::json_schema())?;
        return Ok(Exit::Done);
    }
    let folder = args.choice.folder()?;
    if let Some(target) = &args.bundle {
        if !args.without_values {
            write(&folder, settings)?;
        }
        let model = args.chosen(&folder, settings)?;
        let files = report::write_bundle(&model, &settings.content, target)?;
        if !settings.quiet {
            output::note(&format!("{files} files"));
        }
        output::line(&target.display().to_string())?;
        return Ok(Exit::Done);
    }
    let Some(format) = args.format else {
        let page = match args.folder_name() {
            None => write(&folder, settings)?,
            Some(name) => {
                let target = folder.join(name);
                let model = args.chosen(&folder, settings)?;
                report::write(&model, &settings.content, &target)?;
                target.join("index.html")
            }
        };
        output::line(&page.display().to_string())?;
        return Ok(Exit::Done);
    };
    let model = args.chosen(&folder, settings)?;
    let text = match format {
        Format::Html => report::html(&model, &settings.content)?,
        Format::Md => report::markdown(&model, &settings.content)?,
        Format::Json => report::json(&model)?,
        Format::Tsv => table(&model),
    };
    match &args.output {
        Some(path) => fs::write(path, text).map_err(|error| {
            Failure::bad_input(
                format!("cannot write `{}`: {error}", path.display()),
                "name a file in a folder that exists and that you may write to",
            )
        })?,
        None => output::text(&text)?,
    }
    Ok(Exit::Done)
}

impl ReportArgs {
    /// The finished run as it is to be shown.
    fn chosen(&self, folder: &Path, settings: &Settings) -> Result<ReportModel, Failure> {
        if self.without_values && RunView::open(folder)?.record().kind == RunKind::Replication {
            return Err(Failure::bad_input(
                format!("`{}` is a replication", folder.display()),
                "leave out `--without-values`: its report holds nothing of single samples",
            ));
        }
        let mut model = load(folder, settings)?;
        if self.unblind {
            model = model.unblinded()?;
        }
        if self.without_values {
            model = model.without_values()?;
        }
        Ok(model)
    }

    /// The folder of the run that a report shown otherwise goes to; none for the report as it is.
    fn folder_name(&self) -> Option<String> {
        let mut name = "report".to_owned();
        for (chosen, part) in [
            (self.unblind, UNBLINDED),
            (self.without_values, WITHOUT_VALUES),
        ] {
            if chosen {
                name.push_str(part);
            }
        }
        (name != "report").then_some(name)
    }
}

/// Writes every form of the report into the run folder; gives the page.
pub(super) fn write(folder: &Path, settings: &Settings) -> Result<PathBuf, Failure> {
    write_reviewed(folder, folder, settings)
}

/// The same, with what reviewers say of the run in another folder.
pub(super) fn write_reviewed(
    folder: &Path,
    reviewed: &Path,
    settings: &Settings,
) -> Result<PathBuf, Failure> {
    let target = folder.join("report");
    if let Some(replication) = RunView::open(folder)?.replication()? {
        report::write_replication(&replication, &settings.content, &target)?;
        return Ok(target.join("index.html"));
    }
    let model = load_reviewed(folder, reviewed, settings)?;
    report::write(&model, &settings.content, &target)?;
    Ok(target.join("index.html"))
}

/// A finished run with what the manifests say of its methods and how its reviewers word its hypotheses.
pub(super) fn load(folder: &Path, settings: &Settings) -> Result<ReportModel, Failure> {
    load_reviewed(folder, folder, settings)
}

fn load_reviewed(
    folder: &Path,
    reviewed: &Path,
    settings: &Settings,
) -> Result<ReportModel, Failure> {
    let catalog = settings.catalog()?;
    let notes = catalog.iter().map(|entry| MethodNote {
        tool: entry.spec.name.clone(),
        summary: entry.spec.summary.clone(),
        references: entry
            .spec
            .references
            .iter()
            .map(|reference| Citation {
                cite: reference.cite.clone(),
                doi: reference.doi.clone(),
            })
            .collect(),
    });
    let model = ReportModel::load(folder)?.with_methods(notes.collect());
    let store = ReviewStore::of(reviewed, model.run().id());
    let wordings = review::wordings(&store, &model.hypotheses)?;
    Ok(model.with_wordings(wordings))
}

/// One row per hypothesis; texts that a spreadsheet would run as a formula are defused.
fn table(model: &ReportModel) -> String {
    let mut out = String::from(
        "rank\tid\tgrade\tq\tevidence_score\tdirection\tcontrast\tentities\teffect\tlow\thigh\tunit\tn\tstatement\n",
    );
    for h in &model.hypotheses {
        let entities: Vec<&str> = h.entities.iter().map(|e| e.symbol.as_str()).collect();
        let direction = serde_json::to_value(h.direction).unwrap_or_default();
        let cells = [
            h.rank.to_string(),
            h.id.clone(),
            h.grade.word().to_owned(),
            h.error_rate.q.get().to_string(),
            h.evidence_score.to_string(),
            direction.as_str().unwrap_or_default().to_owned(),
            h.contrast.clone().unwrap_or_default(),
            entities.join(";"),
            h.effect.value.to_string(),
            h.effect.low.map_or_else(String::new, |v| v.to_string()),
            h.effect.high.map_or_else(String::new, |v| v.to_string()),
            h.effect.unit.clone(),
            h.n.total.to_string(),
            h.statement.clone(),
        ];
        let shown = |cell: &String| text::tsv_cell(&model.shown(cell, str::to_owned));
        let cells: Vec<String> = cells.iter().map(shown).collect();
        out.push_str(&cells.join("\t"));
        out.push('\n');
    }
    out
}
