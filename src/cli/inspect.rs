//! `proteus inspect`: what is read from a dataset, what is inferred and what is doubtful, before anything is computed.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::failure::{Exit, Failure};
use super::input::DatasetArgs;
use super::output;
use super::settings::Settings;
use super::text_table::{TextTable, shortened};
use crate::dataset::{
    self, CellFacts, DesignInspection, ExcludedSample, Inference, Inspection, Removed, Role,
    Severity, VariableProfile,
};

/// Levels shown per variable.
const LEVELS: usize = 6;
/// Variables shown.
const ROWS: usize = 40;
/// Names shown of variables that are not used.
const NAMES: usize = 8;

/// Arguments of `proteus inspect`.
#[derive(Debug, Args)]
#[command(after_help = formats())]
pub(super) struct InspectArgs {
    #[command(flatten)]
    input: Option<DatasetArgs>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write a sample sheet to correct: one row per column of the table, filled in from the given sheet or the names
    #[arg(long, value_name = "FILE")]
    write_sheet: Option<PathBuf>,
    /// Print the JSON Schema of `--json`
    #[arg(long, exclusive = true)]
    schema: bool,
}

/// Writes the sheet that was asked for and says so.
fn write_sheet(input: &DatasetArgs, file: &Path, settings: &Settings) -> Result<(), Failure> {
    let draft = dataset::draft_sheet(&input.path, &input.options())?;
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
    let Some(input) = &args.input else {
        output::text(dataset::inspection_schema())?;
        return Ok(Exit::Done);
    };
    if let Some(file) = &args.write_sheet {
        write_sheet(input, file, settings)?;
    }
    let dataset = input.open(settings)?;
    let seen = Inspection::of(&dataset);
    if args.json {
        output::json(&seen)?;
        return Ok(Exit::Done);
    }
    output::text(&in_words(&seen))?;
    Ok(Exit::Done)
}

/// What was read, inferred and found doubtful, for people.
pub(super) fn in_words(seen: &Inspection) -> String {
    let mut text = head(seen);
    variables(&mut text, &seen.variables);
    contrasts(&mut text, &seen.design);
    inferences(&mut text, &seen.inferences);
    doubts(&mut text, seen);
    text
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

fn head(seen: &Inspection) -> String {
    let mut text = seen.name.clone();
    if let Some(title) = &seen.title {
        text.push_str(&format!(": {title}"));
    }
    text.push('\n');
    let organism = seen.organism.as_deref().unwrap_or("organism unknown");
    text.push_str(&format!("{} samples, {organism}\n", seen.samples.count));
    left_out(&mut text, &seen.samples.excluded);
    text.push_str("\nFiles\n");
    for file in &seen.source.files {
        text.push_str(&format!(
            "  {} read as {}, {} bytes, {}\n",
            file.name,
            file.read_as,
            file.bytes,
            shortened(&file.hash, 13)
        ));
    }
    text.push_str("\nAssays\n");
    for assay in &seen.assays {
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
        if let Some(removed) = removed(&assay.removed) {
            text.push_str(&format!("    rows left out: {removed}\n"));
        }
    }
    if let Some(of) = &seen.cells {
        cells(&mut text, of);
    }
    text
}

/// What was left out of a table, in words; none where nothing was.
fn removed(removed: &Removed) -> Option<String> {
    let Ok(serde_json::Value::Object(kinds)) = serde_json::to_value(removed) else {
        return None;
    };
    let parts: Vec<String> = kinds
        .iter()
        .filter(|(kind, n)| *kind != "zeros" && n.as_u64() != Some(0))
        .map(|(kind, n)| format!("{n} {}", kind.replace('_', " ")))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The cells behind the assays: how many, what they are, and how much was seen in each.
fn cells(text: &mut String, cells: &CellFacts) {
    text.push_str(&format!(
        "\nCells\n  {} in {} samples; markers that tell types: {}\n",
        cells.cells,
        cells.samples.len(),
        shortened(&cells.type_markers.join(", "), 100)
    ));
    let mut populations = TextTable::new(&[("population", 48), ("cells", 10), ("share", 8)]);
    for population in &cells.populations {
        populations.row(vec![
            population.name.clone(),
            population.cells.to_string(),
            format!("{:.1} %", 100.0 * population.share),
        ]);
    }
    text.push_str(&populations.render());
    let mut samples = TextTable::new(&[
        ("sample", 36),
        ("cells", 10),
        ("markers above 0", 16),
        ("signal per cell", 16),
    ]);
    for sample in &cells.samples {
        samples.row(vec![
            sample.sample.clone(),
            sample.cells.to_string(),
            format!("{:.0}", sample.markers_detected),
            format!("{:.0}", sample.total_signal),
        ]);
    }
    text.push_str(&samples.render());
    for channel in &cells.set_apart {
        text.push_str(&format!(
            "  `{}` set apart: {}\n",
            channel.name, channel.reason
        ));
    }
}

/// The samples that were left out, by reason, the commonest first.
fn left_out(text: &mut String, excluded: &[ExcludedSample]) {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for sample in excluded {
        match by_reason.iter_mut().find(|(r, _)| *r == sample.reason) {
            Some((_, ids)) => ids.push(&sample.id),
            None => by_reason.push((&sample.reason, vec![&sample.id])),
        }
    }
    by_reason.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
    for (reason, ids) in by_reason {
        let shown = shortened(&ids.join(", "), 80);
        text.push_str(&format!("  {} left out, {reason}: {shown}\n", ids.len()));
    }
}

fn variables(text: &mut String, variables: &[VariableProfile]) {
    let mut table = TextTable::new(&[
        ("variable", 36),
        ("role", 12),
        ("values", 64),
        ("because", 60),
    ]);
    let shown =
        |v: &&VariableProfile| !matches!(v.role, Role::Ignored | Role::Identifier | Role::Derived);
    for variable in variables.iter().filter(shown).take(ROWS) {
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
    if variables.is_empty() {
        text.push_str("  none; give a sample sheet with `--samples`\n");
        return;
    }
    text.push_str(&table.render());
    let more = variables.iter().filter(shown).count().saturating_sub(ROWS);
    if more > 0 {
        text.push_str(&format!("and {more} more; `--json` lists all\n"));
    }
    for (what, roles) in [
        (
            "computed from an assay, so tested against none",
            &[Role::Derived][..],
        ),
        ("not used", &[Role::Ignored, Role::Identifier][..]),
    ] {
        let names: Vec<&str> = (variables.iter())
            .filter(|v| roles.contains(&v.role))
            .map(|v| v.name.as_str())
            .collect();
        if !names.is_empty() {
            let some = names
                .iter()
                .take(NAMES)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            let rest = names.len().saturating_sub(NAMES);
            let rest = if rest > 0 {
                format!(" and {rest} more")
            } else {
                String::new()
            };
            text.push_str(&format!("{what}: {some}{rest}\n"));
        }
    }
    text.push_str(
        "another role: `--role COLUMN=ROLE`, `--ignore COLUMN`, or `roles:` in `dataset.yaml`\n",
    );
}

fn contrasts(text: &mut String, design: &DesignInspection) {
    text.push_str("\nComparisons (target − reference)\n");
    if design.contrasts.is_empty() {
        text.push_str("  none\n");
    } else if design.contrasts.iter().all(|c| !c.requested) {
        text.push_str("  proposed, best first; `proteus plan PATH` shows which a run asks about\n");
    }
    for contrast in &design.contrasts {
        let mut notes = format!(
            "{} v {} samples",
            contrast.target.samples, contrast.reference.samples
        );
        for block in &contrast.blocks {
            notes.push_str(&format!(
                ", {} of {} blocks of `{}` in both",
                block.in_both_arms, block.blocks, block.variable
            ));
        }
        let title = match &contrast.name {
            Some(name) => format!("{name} ({})", contrast.id),
            None => contrast.id.clone(),
        };
        text.push_str(&format!("  {title} ({notes})\n"));
    }
}

/// What was inferred, together with all that is overruled in the same way. Roles of variables stand in their table.
fn inferences(text: &mut String, inferences: &[Inference]) {
    text.push_str("\nInferred\n");
    let mut groups: Vec<(&str, Vec<&Inference>)> = Vec::new();
    for inference in inferences
        .iter()
        .filter(|i| !i.what.starts_with("variables used as"))
    {
        let how = inference.override_with.as_str();
        match groups.iter_mut().find(|(known, _)| *known == how) {
            Some((_, members)) => members.push(inference),
            None => groups.push((how, vec![inference])),
        }
    }
    for (how, members) in groups {
        for inference in members {
            text.push_str(&format!(
                "  {}: {}\n      because {}\n",
                inference.what,
                shortened(&inference.value, 200),
                shortened(&inference.because, 300),
            ));
        }
        text.push_str(&format!("      otherwise: {how}\n"));
    }
}

fn doubts(text: &mut String, seen: &Inspection) {
    let mut lines = Vec::new();
    for check in &seen.design.checks {
        let about = check.contrast.as_deref().unwrap_or("all comparisons");
        lines.push((
            check.severity,
            format!("{about}: {}; {}", check.message, check.fix),
        ));
    }
    for problem in &seen.problems {
        lines.push((problem.severity, problem.line()));
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
