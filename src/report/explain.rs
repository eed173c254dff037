//! The chain behind one hypothesis: claim → finding → step → table row → measured cells → input file.

use std::fmt::Write as _;

use super::page::{papers_in_words, side};
use super::text::{NAME, SENTENCE, decimal, probability, q_value, signed, tidy};
use super::{FeatureValues, ReportError, ReportModel};
use crate::discovery::{Finding, Hypothesis};

/// Findings explained at most, the leading one first.
const MOST_FINDINGS: usize = 6;
/// Samples whose cells are listed at most.
const MOST_SAMPLES: usize = 200;
/// Peptides of a protein whose cells are listed at most.
const MOST_PEPTIDES: usize = 50;
/// Numbers in one line.
const IN_A_LINE: usize = 8;
/// Columns of the right-aligned numbers.
const WIDTH: usize = 10;

/// The chain of the hypothesis with this id or rank, as plain text.
///
/// # Errors
/// There is no such hypothesis.
pub fn explain(model: &ReportModel, hypothesis: &str) -> Result<String, ReportError> {
    let h = model.hypothesis(hypothesis)?;
    let mut out = String::new();
    head(&mut out, h);
    papers(&mut out, model, h);
    chain(&mut out, model, h);
    Ok(shown(model, &out))
}

/// As [`explain`], without what the engine concluded: from the claims on.
///
/// # Errors
/// There is no such hypothesis.
pub fn explain_evidence(model: &ReportModel, hypothesis: &str) -> Result<String, ReportError> {
    let h = model.hypothesis(hypothesis)?;
    let mut out = String::new();
    claims(&mut out, h);
    chain(&mut out, model, h);
    Ok(shown(model, &out))
}

/// The text with names in place of codes, where they are shown again.
fn shown(model: &ReportModel, text: &str) -> String {
    model.shown(text, |name| tidy(name, NAME)).into_owned()
}

fn chain(out: &mut String, model: &ReportModel, h: &Hypothesis) {
    for (k, id) in h.findings.iter().take(MOST_FINDINGS).enumerate() {
        match model.findings.get(&id.0) {
            Some(finding) => explain_finding(out, model, finding, k == 0),
            None => line(out, 0, &format!("finding {id}: not in findings.jsonl")),
        }
    }
    if h.findings.len() > MOST_FINDINGS {
        let more = h.findings.len() - MOST_FINDINGS;
        line(out, 0, &format!("… and {more} further findings"));
    }
}

fn line(out: &mut String, depth: usize, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}{}", "  ".repeat(depth), tidy(text, 2 * SENTENCE));
}

fn head(out: &mut String, h: &Hypothesis) {
    let error = &h.error_rate;
    line(out, 0, &format!("hypothesis {} (rank {})", h.id, h.rank));
    line(out, 1, &h.statement);
    line(
        out,
        1,
        &format!(
            "{}: q {}, p {}, stratum `{}` of {} tests, {} decoys",
            h.grade.word(),
            q_value(error.q.get(), error.floor),
            probability(error.p.get()),
            error.stratum,
            error.stratum_size,
            error.n_decoys
        ),
    );
    line(out, 1, &format!("null: {}", error.null));
    if let Some(frozen) = &h.frozen {
        line(out, 1, &format!("frozen as {}", frozen.hash));
    }
    for reason in &h.grade_reasons {
        line(out, 1, &format!("because {reason}"));
    }
    claims(out, h);
}

fn claims(out: &mut String, h: &Hypothesis) {
    for claim in &h.claims {
        line(
            out,
            0,
            &format!(
                "claim: {} {} {}, {} {} ← finding {}",
                claim.subject.symbol,
                claim.relation.phrase(),
                claim.object.symbol,
                signed(claim.value),
                claim.unit,
                claim.finding
            ),
        );
    }
}

/// What papers say of it, sentence by sentence.
fn papers(out: &mut String, model: &ReportModel, h: &Hypothesis) {
    let Some(papers) = &model.papers else {
        return;
    };
    let Some(summary) = papers_in_words(papers, h) else {
        return;
    };
    line(out, 0, &format!("in papers: {summary}"));
    let found = papers.hypotheses.get(&h.id);
    for quote in found.into_iter().flat_map(|found| &found.quotes) {
        let year = quote.year.map_or_else(String::new, |y| format!(", {y}"));
        line(
            out,
            1,
            &format!("{}: “{}”", side(quote).to_lowercase(), quote.quote),
        );
        line(
            out,
            2,
            &format!("{}{year}: {}", quote.paper, tidy(&quote.title, SENTENCE)),
        );
        line(
            out,
            2,
            &format!("read as {}", tidy(&quote.because, SENTENCE)),
        );
    }
}

fn explain_finding(out: &mut String, model: &ReportModel, finding: &Finding, leading: bool) {
    let evidence = &finding.evidence;
    out.push('\n');
    line(
        out,
        0,
        &format!(
            "finding {}: {} {} {}",
            finding.id,
            finding.subject.symbol,
            finding.relation.phrase(),
            finding.object.symbol
        ),
    );
    let interval = match (finding.effect.low, finding.effect.high) {
        (Some(low), Some(high)) => format!(" ({} to {})", signed(low), signed(high)),
        _ => String::new(),
    };
    line(
        out,
        1,
        &format!(
            "effect {} {}{interval}, statistic {}, p {}, adjusted p {} over {} tests, {} samples",
            signed(finding.effect.value),
            finding.effect.unit,
            decimal(finding.statistic),
            probability(finding.p.get()),
            probability(finding.q.get()),
            finding.family_size,
            finding.n.total
        ),
    );
    match model.steps.get(&evidence.step) {
        Some(step) => {
            line(
                out,
                0,
                &format!("step {}: {} v{}", evidence.step, step.tool, step.version),
            );
            line(out, 1, &format!("why: {}", step.why));
            line(out, 1, &format!("parameters: {}", step.params));
            for (port, input) in &step.inputs {
                line(out, 1, &format!("input {port} ← {}", input.from));
            }
        }
        None => line(out, 0, &format!("step {}: not in this run", evidence.step)),
    }
    line(
        out,
        0,
        &format!(
            "row of steps/{}/{}.parquet where {} = {}",
            evidence.step, evidence.table, evidence.key_column, evidence.key
        ),
    );
    let row = model.evidence_row(finding);
    let cells = row.map(|(table, row)| table.row(row)).unwrap_or_default();
    if cells.is_empty() {
        line(out, 1, "no such row");
    }
    for (column, cell) in &cells {
        line(out, 1, &format!("{column} = {}", tidy(cell, 2 * NAME)));
    }
    if leading {
        measured(out, model, finding, &cells);
    }
}

/// The cells of the feature a finding is about; for a set, those of its strongest member.
fn measured(out: &mut String, model: &ReportModel, finding: &Finding, cells: &[(String, String)]) {
    let step = &finding.evidence.step;
    let mut feature = finding.evidence.key.clone();
    let mut chain = model.values_behind(step, &feature);
    if chain.is_empty() {
        let leading = cells
            .iter()
            .find(|(column, _)| column == "leading" || column == "genes");
        let first = leading.and_then(|(_, genes)| genes.split(';').next());
        let member = first.and_then(|gene| model.feature_of_gene(gene.trim()));
        let Some(member) = member else {
            return;
        };
        line(
            out,
            0,
            &format!("measured cells of its strongest member, {member}"),
        );
        chain = model.values_behind(step, &member);
        feature = member;
    }
    for values in &chain {
        let rolled_up = model
            .dataset
            .named(&values.port)
            .and_then(|a| a.rolled_up.as_ref());
        let from = if values.step == "dataset" {
            match rolled_up {
                Some(made) => format!(
                    "rolled up by {} from assay {}",
                    made.method.title(),
                    made.from
                ),
                None => format!("as read, assay {}", values.port),
            }
        } else {
            format!("after step {} (port {})", values.step, values.port)
        };
        line(
            out,
            0,
            &format!(
                "{} values of {feature} {from}",
                model.measure(model.objective_of_step(step)).scale
            ),
        );
        if values.step == "dataset" {
            input_cells(out, model, &feature, values);
        } else {
            for (sample, value) in values.samples.iter().zip(&values.values).take(MOST_SAMPLES) {
                line(out, 1, &format!("{:>WIDTH$}  {sample}", number(*value)));
            }
        }
    }
}

fn input_cells(out: &mut String, model: &ReportModel, feature: &str, values: &FeatureValues) {
    let Some(assay) = model.dataset.assay(&values.port) else {
        return;
    };
    let files = &model.dataset.source.files;
    let hash = files
        .iter()
        .find(|f| f.name == assay.file)
        .map(|f| f.hash.as_str());
    line(
        out,
        1,
        &format!(
            "file {}, BLAKE3 {}",
            assay.file,
            hash.unwrap_or("not recorded")
        ),
    );
    if let Some(row) = model.input_line(feature, &values.port) {
        line(out, 1, &format!("line {row} (the header is line 1)"));
    }
    let ids = &model.dataset.samples.ids;
    for (sample, value) in values.samples.iter().zip(&values.values).take(MOST_SAMPLES) {
        let column = ids.iter().position(|id| id == sample);
        let column = column.and_then(|at| assay.columns.get(at));
        line(
            out,
            1,
            &format!(
                "{:>WIDTH$}  {sample}  ← column `{}`",
                number(*value),
                column.map_or("?", String::as_str)
            ),
        );
    }
    peptide_cells(out, model, feature, &values.port);
}

/// The cells of the peptides a protein was rolled up from, in the order of the samples above.
fn peptide_cells(out: &mut String, model: &ReportModel, feature: &str, assay: &str) {
    let peptides = model.peptides_of(feature, assay);
    if peptides.is_empty() {
        return;
    }
    line(
        out,
        1,
        &format!(
            "log2 values as read of its {} peptides, in the order of the samples above",
            peptides.len()
        ),
    );
    for (peptide, at, values) in peptides.iter().take(MOST_PEPTIDES) {
        let place = at.map_or("line not recorded".to_owned(), |at| format!("line {at}"));
        line(out, 2, &format!("{place}: {peptide}"));
        for some in values[..values.len().min(MOST_SAMPLES)].chunks(IN_A_LINE) {
            let some: Vec<String> = some
                .iter()
                .map(|v| format!("{:>WIDTH$}", number(*v)))
                .collect();
            line(out, 3, &some.join(" "));
        }
    }
    if peptides.len() > MOST_PEPTIDES {
        let more = peptides.len() - MOST_PEPTIDES;
        line(out, 2, &format!("… and {more} further peptides"));
    }
}

fn number(value: f64) -> String {
    if value.is_nan() {
        "missing".to_owned()
    } else {
        format!("{value:.4}")
    }
}
