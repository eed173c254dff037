//! Whether batches, plexes or run order line up with the groups, or with what is missing.

use std::collections::BTreeMap;

use proteus_stats::hypothesis_tests::{chi_squared, chi_squared_permutation_p};

use super::{Groups, Params, pass, short_p, warn};
use crate::dataset::{Contrast, ModelError, ModelFrame, Role, SampleMetadata, Term, Variable};
use crate::tool::{Abundance, Check, ToolError, Verdict};

/// Share of features that are missing by whole plexes from which it is worth saying.
const BY_PLEX_SHARE: f64 = 0.05;

/// Shuffles behind the p-value of an association with a batch.
const SHUFFLES: usize = 999;

pub(super) fn checks(
    sheet: &SampleMetadata,
    matrix: &Abundance,
    groups: &Groups,
    params: &Params,
    seed: u64,
) -> Result<Vec<Check>, ToolError> {
    let batches = batch_variables(sheet, groups, params)?;
    let mut checks = Vec::new();
    if groups.variable.is_some() {
        for batch in &batches {
            checks.extend(confounding(sheet, matrix, groups, batch, params, seed)?);
        }
    }
    for plex in batches.iter().filter(|v| v.role == Role::Plex) {
        checks.push(missing_by_plex(sheet, matrix, plex));
    }
    Ok(checks)
}

fn batch_variables<'m>(
    sheet: &'m SampleMetadata,
    groups: &Groups,
    params: &Params,
) -> Result<Vec<&'m Variable>, ToolError> {
    if params.batch.is_empty() {
        return Ok(sheet
            .variables
            .values()
            .filter(|v| matches!(v.role, Role::Batch | Role::Plex | Role::RunOrder))
            .filter(|v| Some(&v.name) != groups.variable.as_ref())
            .collect());
    }
    params
        .batch
        .iter()
        .map(|name| {
            sheet
                .variables
                .get(name)
                .ok_or_else(|| ToolError::InvalidParams {
                    reason: format!("`batch` names `{name}`, which the sample sheet does not have"),
                })
        })
        .collect()
}

fn confounding(
    sheet: &SampleMetadata,
    matrix: &Abundance,
    groups: &Groups,
    batch: &Variable,
    params: &Params,
    seed: u64,
) -> Result<Option<Check>, ToolError> {
    let Some(tested) = &groups.variable else {
        return Ok(None);
    };
    let concerns = groups.concerns.clone();
    let term = match &params.contrast {
        Some(spec) => Term::Contrast(Contrast::parse(spec, sheet)?),
        None => Term::Levels(tested.clone()),
    };
    let adjusted = [batch.name.clone()];
    match ModelFrame::build(sheet, &matrix.samples, &term, &adjusted, None) {
        Err(ModelError::Confounded { .. }) => {
            return Ok(Some(Check {
                code: "batch_confounded".to_owned(),
                verdict: Verdict::Fail,
                reason: format!(
                    "`{}` and `{tested}` cannot be told apart: {}",
                    batch.name,
                    layout(sheet, matrix, groups, batch)
                ),
                fix: "measure samples of every group in every batch; no method can separate the two now".to_owned(),
                concerns,
            }));
        }
        // Too few samples with a value of both is the business of other checks.
        Err(_) => return Ok(None),
        Ok(_) => {}
    }
    let Some(codes) = batch.codes() else {
        return Ok(Some(pass(
            "batch_balance",
            format!("`{}` is a number and varies within the groups", batch.name),
            concerns,
        )));
    };
    let compared = groups.compared();
    let (of_group, of_batch): (Vec<usize>, Vec<usize>) = matrix
        .samples
        .iter()
        .enumerate()
        .filter_map(|(j, id)| {
            let group = compared
                .iter()
                .position(|&g| Some(g) == groups.of_sample[j])?;
            let row = sheet.ids.iter().position(|known| known == id)?;
            Some((group, codes[row]?))
        })
        .unzip();
    let mut counts = vec![vec![0_u64; batch.levels().len()]; compared.len()];
    for (&g, &b) in of_group.iter().zip(&of_batch) {
        counts[g][b] += 1;
    }
    // A table with a single group or batch left has nothing to be associated.
    let (Ok(test), Ok(p)) = (
        chi_squared(&counts),
        chi_squared_permutation_p(&of_group, &of_batch, SHUFFLES, seed),
    ) else {
        return Ok(None);
    };
    let strength = test.cramers_v;
    if p < 0.05 {
        Ok(Some(warn(
            "batch_associated",
            format!(
                "`{}` is unevenly spread over the groups of `{tested}` (Cramér's V {strength:.2}, p = {}): {}",
                batch.name,
                short_p(p),
                layout(sheet, matrix, groups, batch)
            ),
            "adjust for it: name it as a covariate",
            concerns,
        )))
    } else {
        Ok(Some(pass(
            "batch_balance",
            format!(
                "`{}` is spread over the groups of `{tested}` (Cramér's V {strength:.2}, p = {})",
                batch.name,
                short_p(p)
            ),
            concerns,
        )))
    }
}

/// Which batches each group was measured in.
fn layout(sheet: &SampleMetadata, matrix: &Abundance, groups: &Groups, batch: &Variable) -> String {
    groups
        .sides()
        .iter()
        .map(|(label, columns)| {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for &j in columns {
                let row = sheet.ids.iter().position(|id| *id == matrix.samples[j]);
                if let Some(level) = row.and_then(|i| batch.group_of(i)) {
                    *counts.entry(level).or_default() += 1;
                }
            }
            let shown = counts
                .iter()
                .take(4)
                .map(|(level, n)| format!("{level} × {n}"))
                .collect::<Vec<_>>()
                .join(", ");
            let more = if counts.len() > 4 { ", …" } else { "" };
            format!("`{label}` in {shown}{more}")
        })
        .collect::<Vec<_>>()
        .join("; ")
}

/// Whether features are absent from whole plexes rather than from single samples.
fn missing_by_plex(sheet: &SampleMetadata, matrix: &Abundance, plex: &Variable) -> Check {
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (j, id) in matrix.samples.iter().enumerate() {
        let row = sheet.ids.iter().position(|known| known == id);
        if let Some(level) = row.and_then(|i| plex.group_of(i)) {
            members.entry(level).or_default().push(j);
        }
    }
    members.retain(|_, columns| columns.len() > 1);
    let by_plex = (0..matrix.values.rows())
        .filter(|&i| {
            let seen = |columns: &Vec<usize>| {
                columns
                    .iter()
                    .filter(|&&j| !matrix.values.get(i, j).is_nan())
                    .count()
            };
            let absent = members.values().filter(|c| seen(c) == 0).count();
            let partial = members
                .values()
                .filter(|c| (1..c.len()).contains(&seen(c)))
                .count();
            absent > 0 && absent < members.len() && partial <= members.len() / 10
        })
        .count();
    let share = by_plex as f64 / matrix.values.rows().max(1) as f64;
    let reason = format!(
        "{by_plex} of {} features ({:.0} %) are missing from whole levels of `{}`",
        matrix.values.rows(),
        100.0 * share,
        plex.name
    );
    if share > BY_PLEX_SHARE && members.len() > 1 {
        warn(
            "missing_by_plex",
            reason,
            "do not read presence or absence of a protein as biology here; detection is a property of the plex",
            None,
        )
    } else {
        pass("missing_by_plex", reason, None)
    }
}
