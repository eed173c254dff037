//! Principal components of the samples.

use proteus_stats::principal_components::{
    MissingFeatures, PcaError, PcaOptions, PrincipalComponents, principal_components,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tool::{Abundance, TableBuilder, Tool, ToolError, ToolInput, ToolOutput};

/// Finds the principal components of the samples.
pub struct PrincipalComponentsTool;

/// Parameters of `principal_components`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Components to give.
    pub n: usize,
    /// Give every feature the same variance first.
    pub scale: bool,
    /// Complete features from which only complete ones are used.
    pub min_complete: usize,
    /// Share of the samples in which a feature must be observed where complete features are fewer.
    pub min_observed: f64,
    /// Features to list per component.
    pub top: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            n: 10,
            scale: false,
            min_complete: 500,
            min_observed: 0.7,
            top: 30,
        }
    }
}

impl From<PcaError> for ToolError {
    fn from(error: PcaError) -> Self {
        match error {
            PcaError::TooFewSamples { found } => Self::TooFewObservations {
                what: "samples".to_owned(),
                needed: 2,
                found,
            },
            PcaError::TooFewFeatures { found, .. } => Self::TooFewObservations {
                what: "features observed in enough samples".to_owned(),
                needed: 2,
                found,
            },
            PcaError::NotFinite => Self::NotApplicable {
                needs: "finite log2 values".to_owned(),
                found: error.to_string(),
            },
        }
    }
}

impl Tool for PrincipalComponentsTool {
    type Params = Params;
    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        if params.n == 0 || !(0.0..=1.0).contains(&params.min_observed) {
            return Err(ToolError::InvalidParams {
                reason: format!(
                    "`n` is {} (at least 1) and `min_observed` {} (from 0 to 1)",
                    params.n, params.min_observed
                ),
            });
        }
        let matrix = input.matrix("matrix")?;
        let samples = matrix.samples.len();
        let complete = (0..matrix.features.len())
            .filter(|&i| matrix.values.observed_in_row(i) == samples)
            .count();
        let missing = if complete >= params.min_complete || complete == matrix.features.len() {
            MissingFeatures::Drop
        } else {
            MissingFeatures::FillMean {
                observed: params.min_observed,
            }
        };
        let options = PcaOptions {
            scale: params.scale,
            missing,
            components: params.n.min(samples.saturating_sub(1)).max(1),
        };
        let fit = principal_components(&matrix.values, &options)?;
        let filled = matches!(missing, MissingFeatures::FillMean { .. });
        Ok(ToolOutput::new()
            .with_fact("features", fit.features.len())
            .with_fact("mean_filled", filled)
            .with_fact(
                "variance_of_first",
                fit.share.first().copied().unwrap_or(0.0),
            )
            .with_table("scores", scores(matrix, &fit)?)
            .with_table("variance", variance(&fit)?)
            .with_table("loadings", loadings(matrix, &fit, params.top)?))
    }
}

fn name(component: usize) -> String {
    format!("PC{}", component + 1)
}

fn scores(
    matrix: &Abundance,
    fit: &PrincipalComponents,
) -> Result<polars::prelude::DataFrame, ToolError> {
    let mut table = TableBuilder::new().text("sample", matrix.samples.to_vec());
    for k in 0..fit.scores.cols() {
        table = table.number(&name(k), &fit.scores.column(k));
    }
    Ok(table.build()?)
}

fn variance(fit: &PrincipalComponents) -> Result<polars::prelude::DataFrame, ToolError> {
    let mut explained = 0.0;
    let cumulative: Vec<f64> = fit
        .share
        .iter()
        .map(|share| {
            explained += share;
            explained
        })
        .collect();
    Ok(TableBuilder::new()
        .text("component", (0..fit.variance.len()).map(name).collect())
        .number("variance", &fit.variance)
        .number("fraction", &fit.share)
        .number("cumulative", &cumulative)
        .build()?)
}

fn loadings(
    matrix: &Abundance,
    fit: &PrincipalComponents,
    top: usize,
) -> Result<polars::prelude::DataFrame, ToolError> {
    let (mut components, mut ranks, mut ids, mut genes, mut values) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for k in 0..fit.loadings.cols() {
        let column = fit.loadings.column(k);
        let mut order: Vec<usize> = (0..column.len()).collect();
        // A stable sort: equal loadings keep the order of the matrix.
        order.sort_by(|&a, &b| column[b].abs().total_cmp(&column[a].abs()));
        for (rank, &at) in order.iter().take(top).enumerate() {
            let feature = &matrix.features[fit.features[at]];
            components.push(name(k));
            ranks.push(rank + 1);
            ids.push(feature.id.clone());
            genes.push(feature.label().into_owned());
            values.push(column[at]);
        }
    }
    Ok(TableBuilder::new()
        .text("component", components)
        .count("rank", &ranks)
        .text("feature", ids)
        .text("gene", genes)
        .number("loading", &values)
        .build()?)
}

#[cfg(test)]
mod tests;
