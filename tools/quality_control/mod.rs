//! Quality control: what is seen of samples, groups and batches before any result is interpreted, as tables and as
//! PASS / WARN / FAIL checks that say what to do.

mod batches;
mod contamination;
mod groups;
mod perturbation;
mod profile;
mod samples;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tool::{Check, TableBuilder, Tool, ToolError, ToolInput, ToolOutput, Verdict};
use groups::Groups;
use profile::Profile;

/// Parameters of [`QualityControl`].
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The contrast that will be tested, `variable:target-reference`; group-wise checks are about its variable and
    /// concern it alone.
    pub contrast: Option<String>,
    /// The variable whose groups are compared, where there is no contrast.
    pub variable: Option<String>,
    /// Variables checked for confounding with the groups; empty means every one with the role batch, plex or run order.
    pub batch: Vec<String>,
}

/// The tool.
pub struct QualityControl;

impl Tool for QualityControl {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        if matrix.samples.is_empty() || matrix.features.is_empty() {
            return Err(ToolError::TooFewObservations {
                what: "features and samples".to_owned(),
                needed: 1,
                found: 0,
            });
        }
        let groups = Groups::of(input.samples, &matrix.samples, params)?;
        let profile = Profile::of(matrix, &groups);
        let panels = contamination::scores(matrix, input.knowledge);

        let mut checks = groups.replicate_checks();
        checks.extend(batches::checks(
            input.samples,
            matrix,
            &groups,
            params,
            input.seed,
        )?);
        checks.extend(samples::checks(matrix, &profile, &groups));
        checks.extend(contamination::checks(&panels, matrix, &groups));
        checks.extend(perturbation::checks(input, matrix, &groups));

        let mut output = ToolOutput::new()
            .with_fact("samples", matrix.samples.len())
            .with_fact("features", matrix.features.len())
            .with_fact("fraction_missing", matrix.values.fraction_missing())
            .with_fact(
                "complete_features",
                (0..matrix.values.rows())
                    .filter(|&i| matrix.values.observed_in_row(i) == matrix.samples.len())
                    .count(),
            )
            .with_fact(
                "median_identified",
                proteus_stats::descriptive::median(&profile.identified),
            )
            .with_table("samples", sample_table(matrix, &profile, &groups, &panels)?)
            .with_table("groups", groups.table(matrix, &profile)?)
            .with_table("panels", contamination::members(&panels, matrix)?);
        output.checks = checks;
        Ok(output)
    }
}

fn sample_table(
    matrix: &crate::tool::Abundance,
    profile: &Profile,
    groups: &Groups,
    panels: &[contamination::PanelScores],
) -> Result<polars::prelude::DataFrame, crate::tool::FrameError> {
    let mut table = TableBuilder::new()
        .text("sample", matrix.samples.to_vec())
        .text(
            "group",
            groups
                .of_sample
                .iter()
                .map(|g| g.map_or_else(String::new, |g| groups.labels[g].clone()))
                .collect(),
        )
        .count(
            "identified",
            &profile
                .identified
                .iter()
                .map(|&n| n as usize)
                .collect::<Vec<_>>(),
        )
        .number("fraction_missing", &profile.fraction_missing)
        .number("median", &profile.median)
        .number("iqr", &profile.iqr)
        .number("correlation_group", &profile.own)
        .number("correlation_others", &profile.others)
        .number("outlier_z", &profile.outlier_z);
    for panel in panels {
        table = table.number(panel.panel.column, &panel.scores);
    }
    table.build()
}

/// A check that found nothing.
fn pass(code: &str, reason: String, concerns: Option<String>) -> Check {
    Check {
        code: code.to_owned(),
        verdict: Verdict::Pass,
        reason,
        fix: String::new(),
        concerns,
    }
}

/// A check that found something worth knowing.
fn warn(code: &str, reason: String, fix: &str, concerns: Option<String>) -> Check {
    Check {
        code: code.to_owned(),
        verdict: Verdict::Warn,
        reason,
        fix: fix.to_owned(),
        concerns,
    }
}

/// A p-value for a sentence: two digits, in powers of ten when small.
pub(super) fn short_p(p: f64) -> String {
    if p < 0.01 {
        format!("{p:.1e}")
    } else {
        format!("{p:.2}")
    }
}

/// Names for a sentence: at most six, then how many more.
fn listed(names: &[&str]) -> String {
    let shown = names
        .iter()
        .take(6)
        .map(|n| format!("`{n}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > 6 {
        format!("{shown} and {} more", names.len() - 6)
    } else {
        shown
    }
}

#[cfg(test)]
mod tests;
