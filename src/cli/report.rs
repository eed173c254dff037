//! `proteus report`: the report of a run, again and in other forms.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::failure::{Exit, Failure};
use super::output;
use super::runs::RunChoice;
use super::settings::Settings;
use crate::report::{self, Citation, MethodNote, ReportError, ReportModel, text};
use crate::run::RunView;

/// Folder of a run that holds the report with names, apart from the one that hides them.
const UNBLINDED: &str = "report-unblinded";

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
    /// Write the run as one ZIP file to hand on: report, record, checksums, RO-Crate, a script that repeats it
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
        write(&folder, settings)?;
        let files = report::write_bundle(&load(&folder, settings)?, target)?;
        if !settings.quiet {
            output::note(&format!("{files} files"));
        }
        output::line(&target.display().to_string())?;
        return Ok(Exit::Done);
    }
    let Some(format) = args.format else {
        let page = if args.unblind {
            let target = folder.join(UNBLINDED);
            let model = load(&folder, settings)?.unblinded()?;
            report::write(&model, &settings.content, &target)?;
            target.join("index.html")
        } else {
            write(&folder, settings)?
        };
        output::line(&page.display().to_string())?;
        return Ok(Exit::Done);
    };
    let mut model = load(&folder, settings)?;
    if args.unblind {
        model = model.unblinded()?;
    }
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

/// Writes every form of the report into the run folder; gives the page.
pub(super) fn write(folder: &Path, settings: &Settings) -> Result<PathBuf, Failure> {
    let target = folder.join("report");
    if let Some(replication) = RunView::open(folder)?.replication()? {
        report::write_replication(&replication, &settings.content, &target)?;
        return Ok(target.join("index.html"));
    }
    let model = load(folder, settings)?;
    report::write(&model, &settings.content, &target)?;
    Ok(target.join("index.html"))
}

/// A finished run with what the manifests say of its methods.
pub(super) fn load(folder: &Path, settings: &Settings) -> Result<ReportModel, Failure> {
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
    Ok(ReportModel::load(folder)?.with_methods(notes.collect()))
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
