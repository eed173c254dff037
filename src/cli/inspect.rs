//! `proteus inspect`: what is read from a dataset, what is inferred and what is doubtful, before anything is computed.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::failure::{Exit, Failure};
use super::input::DatasetArgs;
use super::output;
use super::settings::Settings;
use super::text_table::{TextTable, shortened};
use crate::dataset::{self, Dataset, DatasetProfile, Role, Severity};

/// Levels shown per variable.
const LEVELS: usize = 6;

/// Arguments of `proteus inspect`.
#[derive(Debug, Args)]
#[command(after_help = formats())]
pub(super) struct InspectArgs {
    #[command(flatten)]
    input: DatasetArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write a sample sheet to correct: one row per column of the table, filled in from the given sheet or the names
    #[arg(long, value_name = "FILE")]
    write_sheet: Option<PathBuf>,
}

/// Writes the sheet that was asked for and says so.
fn write_sheet(args: &InspectArgs, file: &Path, settings: &Settings) -> Result<(), Failure> {
    let draft = dataset::draft_sheet(&args.input.path, &args.input.options())?;
    draft.write(file)?;
    if !settings.quiet {
        output::note(&format!(
            "wrote `{}`: {} samples, columns {}",
            file.display(),
            draft.rows.len(),
            draft.header.join(", ")
        ));
        if !draft.without_column.is_empty() {
            let rows = draft.without_column.join(", ");
            output::note(&format!("rows of the given sheet without a column: {rows}"));
        }
    }
    Ok(())
}

/// The formats that are recognised, for the help text.
fn formats() -> String {
    let mut text =
        "Formats, recognised by their header (packed with gzip or zstd, or not):\n".to_owned();
    for format in crate::dataset::input_formats() {
        text.push_str(&format!("  {}\n", format.title));
    }
    text
}

/// Runs the command.
pub(super) fn run(args: &InspectArgs, settings: &Settings) -> Result<Exit, Failure> {
    if let Some(file) = &args.write_sheet {
        write_sheet(args, file, settings)?;
    }
    let dataset = args.input.open(settings)?;
    let profile = dataset.profile();
    if args.json {
        output::json(&json!({
            "profile": profile,
            "source": dataset.source,
            "checks": dataset.design.checks,
            "excluded": dataset.samples.excluded,
            "content_hash": dataset.content_hash,
        }))?;
        return Ok(Exit::Done);
    }
    let mut text = head(&dataset, &profile);
    variables(&mut text, &profile);
    contrasts(&mut text, &dataset, &profile);
    inferences(&mut text, &profile);
    doubts(&mut text, &dataset);
    output::text(&text)?;
    Ok(Exit::Done)
}

/// How a value is written in JSON, as a word for people.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text.replace('_', " "),
        Ok(serde_json::Value::Object(map)) => {
            let words: Vec<String> = map.iter().map(|(k, v)| format!("{k} {v}")).collect();
            words.join(", ")
        }
        Ok(other) => other.to_string(),
        Err(_) => "?".to_owned(),
    }
}

fn head(dataset: &Dataset, profile: &DatasetProfile) -> String {
    let mut text = dataset.name.clone();
    if let Some(title) = &dataset.source.title {
        text.push_str(&format!(": {title}"));
    }
    text.push('\n');
    let organism = profile.organism.as_deref().unwrap_or("organism unknown");
    text.push_str(&format!(
        "{} samples, {organism}\n\nFiles\n",
        profile.samples
    ));
    for file in &dataset.source.files {
        text.push_str(&format!(
            "  {} read as {}, {} bytes, {}\n",
            file.name,
            file.read_as,
            file.bytes,
            shortened(&file.hash, 13)
        ));
    }
    text.push_str("\nAssays\n");
    for (assay, known) in profile.assays.iter().zip(dataset.assays.values()) {
        text.push_str(&format!(
            "  {}: {} × {}, {} {}, {} scale, {:.0} % missing, {} complete\n",
            assay.name,
            assay.features,
            assay.samples,
            word(&assay.level),
            word(&assay.quantity),
            word(&assay.scale),
            assay.fraction_missing * 100.0,
            assay.complete_features,
        ));
        let removed = word(&known.removed);
        text.push_str(&format!("    rows left out: {removed}\n"));
    }
    text
}

fn variables(text: &mut String, profile: &DatasetProfile) {
    let mut table = TextTable::new(&[
        ("variable", 36),
        ("role", 12),
        ("values", 64),
        ("because", 60),
    ]);
    let mut left_out = 0;
    for variable in &profile.variables {
        if matches!(variable.role, Role::Ignored | Role::Identifier) {
            left_out += 1;
            continue;
        }
        let values = if variable.levels.is_empty() {
            format!("{} values", variable.observed)
        } else {
            let shown = variable.levels.iter().take(LEVELS);
            let mut shown: Vec<String> = shown.map(|(l, n)| format!("{l} ({n})")).collect();
            if variable.levels.len() > LEVELS {
                shown.push(format!("and {} more", variable.levels.len() - LEVELS));
            }
            shown.join(", ")
        };
        table.row(vec![
            variable.name.clone(),
            word(&variable.role),
            values,
            variable.reason.clone(),
        ]);
    }
    text.push_str("\nVariables of the samples\n");
    text.push_str(&table.render());
    if left_out > 0 {
        text.push_str(&format!("and {left_out} identifiers or ignored columns\n"));
    }
}

fn contrasts(text: &mut String, dataset: &Dataset, profile: &DatasetProfile) {
    text.push_str("\nComparisons (target − reference)\n");
    if profile.contrasts.is_empty() {
        text.push_str("  none\n");
    } else if profile.contrasts.iter().all(|c| !c.requested) {
        text.push_str("  proposed, best first; `proteus plan PATH` shows which a run asks about\n");
    }
    for contrast in &profile.contrasts {
        let (reference, target) = contrast.sample_indices(&dataset.samples);
        let blocks = if contrast.blocking.is_empty() {
            String::new()
        } else {
            format!(", blocks: {}", contrast.blocking.join(", "))
        };
        text.push_str(&format!(
            "  {} ({} v {} samples{blocks})\n",
            contrast.title(),
            target.len(),
            reference.len()
        ));
    }
}

fn inferences(text: &mut String, profile: &DatasetProfile) {
    text.push_str("\nInferred\n");
    for inference in &profile.inferences {
        text.push_str(&format!(
            "  {}: {}\n    because {}; otherwise: {}\n",
            inference.what,
            shortened(&inference.value, 200),
            shortened(&inference.because, 300),
            inference.override_with
        ));
    }
}

fn doubts(text: &mut String, dataset: &Dataset) {
    let mut lines = Vec::new();
    for check in &dataset.design.checks {
        let about = check.contrast.as_deref().unwrap_or("all comparisons");
        lines.push((
            check.severity,
            format!("{about}: {}; {}", check.message, check.fix),
        ));
    }
    for problem in &dataset.problems {
        let mut place = problem.file.clone().unwrap_or_default();
        if let Some(column) = &problem.column {
            place.push_str(&format!(", column `{column}`"));
        }
        if let Some(row) = problem.row {
            place.push_str(&format!(", row {row}"));
        }
        let place = if place.is_empty() {
            place
        } else {
            format!("{place}: ")
        };
        lines.push((
            problem.severity,
            format!("{place}{}; {}", problem.message, problem.fix),
        ));
    }
    lines.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    text.push_str("\nDoubtful\n");
    if lines.is_empty() {
        text.push_str("  nothing\n");
    }
    for (severity, line) in lines {
        let mark = match severity {
            Severity::Fail => "FAIL",
            Severity::Warn => "WARN",
            Severity::Note => "note",
        };
        text.push_str(&format!("  {mark}  {}\n", shortened(&line, 400)));
    }
}
