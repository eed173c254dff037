//! What a gene's own mutation, copy number or RNA goes with in the abundance of its product.

mod genotype;

use proteus_stats::linear_model::fit_with_own_covariate;
use proteus_stats::moderated::{ModeratedFit, ModerationOptions, moderate};
use proteus_stats::multiplicity::benjamini_hochberg;
use proteus_stats::variance_prior::{HyperparameterMethod, PriorOptions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::nuisance_columns;
use crate::tool::{Abundance, TableBuilder, Tool, ToolError, ToolInput, ToolOutput};
use crate::tools::fitted_model::{Prior, Trend, variance_follows_abundance};
use genotype::Genotypes;

/// Parameters of [`CisEffect`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Variables to adjust for.
    pub covariates: Vec<String>,
    /// Samples that must carry a mutation of the gene, and samples that must not, at least.
    #[schemars(range(min = 2))]
    pub min_carriers: usize,
    /// Whether the number of mutated genes of a sample (log2) is adjusted for, where the partner is present or absent.
    pub adjust_burden: bool,
    /// How the variance prior is estimated.
    pub prior: Prior,
    /// Whether the variance prior follows mean abundance.
    pub trend: Trend,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            covariates: Vec::new(),
            min_carriers: 4,
            adjust_burden: true,
            prior: Prior::default(),
            trend: Trend::default(),
        }
    }
}

/// The tool.
pub struct CisEffect;

impl Tool for CisEffect {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let (matrix, partner) = (input.matrix("matrix")?, input.matrix("partner")?);
        let (columns, nuisance, _) =
            nuisance_columns(input.samples, &matrix.samples, &params.covariates)?;
        let matrix = matrix.select_samples(&columns);
        let genotypes = Genotypes::new(&matrix, partner);
        if genotypes.samples() < 2 * params.min_carriers.max(2) {
            return Err(ToolError::TooFewObservations {
                what: "samples with a value in both assays".to_owned(),
                needed: 2 * params.min_carriers.max(2),
                found: genotypes.samples(),
            });
        }
        let tested = genotypes.testable(params.min_carriers.max(2));
        if tested.is_empty() {
            return Err(ToolError::NotApplicable {
                needs: format!(
                    "genes of both assays that vary, present and absent in {} samples each where they are counted",
                    params.min_carriers.max(2)
                ),
                found: format!("none of {} rows", matrix.features.len()),
            });
        }
        let y = matrix.values.select_rows(&tested);
        let own = genotypes.rows(&tested);
        let design = genotypes.with_burden(&nuisance, params.adjust_burden);
        let fit = fit_with_own_covariate(&y, &design, &own)?;
        let trended = match params.trend {
            Trend::Always => true,
            Trend::Never => false,
            Trend::Auto => variance_follows_abundance(&fit),
        };
        let moderated = moderate(
            fit,
            ModerationOptions {
                prior: PriorOptions {
                    method: match params.prior {
                        Prior::UnequalDf => HyperparameterMethod::UnequalDf,
                        Prior::Legacy => HyperparameterMethod::Legacy,
                    },
                    ..PriorOptions::default()
                },
                trend: trended,
            },
        )?;
        Ok(ToolOutput::new()
            .with_fact("samples", genotypes.samples())
            .with_fact("tested", tested.len())
            .with_fact("partner", genotypes.kind())
            .with_fact("trend", trended)
            .with_fact("adjusted_for_burden", design.cols() > nuisance.cols())
            .with_table("effects", table(&matrix, &genotypes, &tested, &moderated)?))
    }
}

fn table(
    matrix: &Abundance,
    genotypes: &Genotypes,
    tested: &[usize],
    moderated: &ModeratedFit,
) -> Result<polars::prelude::DataFrame, ToolError> {
    let column = moderated.fit.coefficients.cols() - 1;
    let test = moderated.test(column);
    let (low, high): (Vec<f64>, Vec<f64>) = moderated.intervals(column, 0.95).into_iter().unzip();
    let p: Vec<f64> = test.ln_p.iter().map(|l| l.exp()).collect();
    let counts: Vec<(usize, usize)> = tested
        .iter()
        .map(|&i| genotypes.observed(i, matrix.values.row(i)))
        .collect();
    let carriers: Vec<f64> = counts
        .iter()
        .map(|&(_, carriers)| {
            if genotypes.is_binary() {
                carriers as f64
            } else {
                f64::NAN
            }
        })
        .collect();
    Ok(TableBuilder::new()
        .features(tested.iter().map(|&i| &matrix.features[i]))
        .text(
            "partner",
            tested.iter().map(|&i| genotypes.label(i)).collect(),
        )
        .number("effect", &test.effect)
        .number("CI.L", &low)
        .number("CI.R", &high)
        .number("AveExpr", &moderated.fit.ave_expr)
        .number("t", &test.t)
        .number("P.Value", &p)
        .number("adj.P.Val", &benjamini_hochberg(&p))
        .number("df", &moderated.fit.df_residual)
        .count("n", &counts.iter().map(|c| c.0).collect::<Vec<_>>())
        .number("n_carriers", &carriers)
        .build()?)
}

#[cfg(test)]
mod tests;
