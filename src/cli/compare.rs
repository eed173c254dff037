//! `proteus compare`: two runs side by side, and why they disagree.

use std::path::PathBuf;

use clap::Args;

use super::failure::{Exit, Failure};
use super::output;
use super::runs::{self, ParentFolder};
use super::settings::Settings;
use super::text_table::TextTable;
use crate::report::text::{NAME, SENTENCE, signed, tidy};
use crate::study::compare::{CompareError, Comparison, Concordance, Disagreement, compare};

/// Rows shown of each list.
const SHOWN: usize = 20;

/// Arguments of `proteus compare`.
#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// Run folder, or its name under the parent folder
    #[arg(value_name = "RUN1")]
    first: PathBuf,
    /// Run folder, or its name under the parent folder
    #[arg(value_name = "RUN2")]
    second: PathBuf,
    #[command(flatten)]
    parent: ParentFolder,
    /// Print JSON, with every row
    #[arg(long)]
    json: bool,
}

impl From<CompareError> for Failure {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Retrace(error) => error.into(),
            error => Self::from_error(Exit::BadInput, &error),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &CompareArgs, settings: &Settings) -> Result<Exit, Failure> {
    let first = runs::find(Some(&args.first), &args.parent.out)?;
    let second = runs::find(Some(&args.second), &args.parent.out)?;
    let found = compare(&first, &second, &settings.catalog()?, &settings.packs()?)?;
    if args.json {
        output::json(&found)?;
    } else {
        output::text(&text(&found))?;
    }
    Ok(Exit::Done)
}

fn text(found: &Comparison) -> String {
    let mut out = String::new();
    for (k, run) in found.runs.iter().enumerate() {
        let [supported, suggestive, exploratory, _] = run.hypotheses;
        out.push_str(&format!(
            "{}  {}: {}, {} samples, {} features; {supported} supported, {suggestive} suggestive, {exploratory} exploratory\n",
            k + 1,
            tidy(&run.id, NAME),
            tidy(&run.dataset, NAME),
            run.samples,
            run.features,
        ));
    }
    inputs(&mut out, found);
    if found.settings.is_empty() {
        out.push_str("settings: the same\n");
    } else {
        let mut table = TextTable::new(&[("setting", 40), ("1", 50), ("2", 50)]);
        for difference in found.settings.iter().take(SHOWN) {
            let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
            table.row(vec![
                difference.key.clone(),
                shown(&difference.first),
                shown(&difference.second),
            ]);
        }
        out.push('\n');
        out.push_str(&table.render());
        more(&mut out, found.settings.len());
    }
    let overlap = &found.overlap;
    out.push_str(&format!(
        "\nhypotheses: {} the same to the letter, {} more about the same subjects, {} only in 1, {} only in 2\n",
        overlap.same_frozen, overlap.same_subject, overlap.only_first, overlap.only_second
    ));
    for matched in overlap
        .matches
        .iter()
        .filter(|m| m.grades[0] != m.grades[1])
        .take(SHOWN)
    {
        out.push_str(&format!(
            "  H{} {} → H{} {}: {}\n",
            matched.ranks[0],
            matched.grades[0].word(),
            matched.ranks[1],
            matched.grades[1].word(),
            tidy(&matched.statement, SENTENCE)
        ));
    }
    effects(&mut out, &found.effects);
    disagreements(&mut out, &found.disagreements);
    out
}

fn more(out: &mut String, all: usize) {
    if all > SHOWN {
        out.push_str(&format!("  and {} more, with --json\n", all - SHOWN));
    }
}

fn inputs(out: &mut String, found: &Comparison) {
    let inputs = &found.inputs;
    if inputs.same_content {
        out.push_str("input: the same, byte for byte\n");
    } else {
        out.push_str(&format!(
            "input: {} files the same, {} only in 1, {} only in 2; {} sample names in both; {} features of 1 found in 2\n",
            inputs.same_files.len(),
            inputs.only_first.len(),
            inputs.only_second.len(),
            inputs.shared_samples,
            inputs.shared_features,
        ));
    }
    for (which, names) in [
        (1, &inputs.objectives_only_first),
        (2, &inputs.objectives_only_second),
    ] {
        if !names.is_empty() {
            let shown: Vec<String> = names.iter().take(6).map(|n| tidy(n, NAME)).collect();
            out.push_str(&format!(
                "asked only in {which}: {}{}\n",
                shown.join(", "),
                if names.len() > 6 { ", …" } else { "" }
            ));
        }
    }
}

fn effects(out: &mut String, all: &[Concordance]) {
    if all.is_empty() {
        out.push_str("\neffects: no comparison was made in both runs\n");
        return;
    }
    let mut table = TextTable::new(&[
        ("comparison", 44),
        ("kind", 24),
        ("n", 7),
        ("r", 6),
        ("same sign", 10),
        ("of significant", 15),
        ("2 − 1, limits of agreement", 30),
    ]);
    for one in all.iter().take(SHOWN) {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        table.row(vec![
            one.objectives[0].clone(),
            serde_json::to_value(one.archetype)
                .ok()
                .and_then(|v| v.as_str().map(|s| s.replace('_', " ")))
                .unwrap_or_default(),
            one.n.to_string(),
            one.r.map_or_else(|| "–".to_owned(), |r| format!("{r:.2}")),
            percent(one.same_sign),
            one.same_sign_significant.map_or_else(
                || "–".to_owned(),
                |share| format!("{} of {}", percent(share), one.significant),
            ),
            format!(
                "{} ({} to {})",
                signed(one.mean_difference),
                signed(one.limits[0]),
                signed(one.limits[1])
            ),
        ]);
    }
    out.push('\n');
    out.push_str(&table.render());
    more(out, all.len());
}

fn disagreements(out: &mut String, all: &[Disagreement]) {
    if all.is_empty() {
        out.push_str("\nno claim of either run is missing in the other\n");
        return;
    }
    for which in [1, 2] {
        let these: Vec<&Disagreement> = all.iter().filter(|d| d.found_in == which).collect();
        if these.is_empty() {
            continue;
        }
        out.push_str(&format!("\nonly in {which}\n"));
        for d in these.iter().take(SHOWN) {
            let effects = match d.other_effect {
                Some(other) => format!("{} v {}", signed(d.effect), signed(other)),
                None => signed(d.effect),
            };
            out.push_str(&format!(
                "  H{} {} ({}, {effects}): {}\n",
                d.rank,
                tidy(&d.subject, NAME),
                tidy(&d.objective, NAME),
                tidy(&d.words, SENTENCE)
            ));
        }
        more(out, these.len());
    }
}
