//! What a gene's own mutation, copy number or RNA goes with in the abundance of its product.

mod genotype;

use proteus_stats::Matrix;
use proteus_stats::linear_model::{fit_with_own_covariates, p_without_one_sample};
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
    /// Whether what the genotypes say of how much of a sample's genome is changed is adjusted for.
    pub adjust_burden: bool,
    /// Whether the gene's genotype on `beside` is adjusted for.
    pub adjust_beside: bool,
    /// How the variance prior is estimated.
    pub prior: Prior,
    /// Whether the variance prior follows mean abundance.
    pub trend: Trend,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            covariates: Vec::new(),
            adjust_burden: true,
            adjust_beside: false,
            prior: Prior::default(),
            trend: Trend::default(),
        }
    }
}

/// Fewest samples with a genotype.
const SAMPLES: usize = 6;

/// The tool.
pub struct CisEffect;

/// One model per row: abundances, genotypes beside, own genotypes, and the design that all rows share.
struct Rows {
    y: Matrix,
    design: Matrix,
    own: Vec<Matrix>,
}

impl Tool for CisEffect {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let (matrix, genotype) = (input.matrix("matrix")?, input.matrix("genotype")?);
        let (columns, nuisance, _) =
            nuisance_columns(input.samples, &matrix.samples, &params.covariates)?;
        let genotypes = Genotypes::of(matrix, &columns, genotype);
        if genotypes.samples() < SAMPLES {
            return Err(ToolError::TooFewObservations {
                what: "samples with a value in both assays".to_owned(),
                needed: SAMPLES,
                found: genotypes.samples(),
            });
        }
        let tested = genotypes.rows();
        let mut own = Vec::new();
        if params.adjust_beside
            && let Ok(beside) = input.matrix("beside")
        {
            own.push(Genotypes::of(matrix, &columns, beside).beside(tested));
        }
        own.push(genotypes.values().clone());
        let rows = Rows {
            y: Matrix::from_fn(tested.len(), columns.len(), |i, k| {
                matrix.values.get(tested[i], columns[k])
            }),
            design: genotypes.with_burden(&nuisance, params.adjust_burden),
            own,
        };
        let fit = fit_with_own_covariates(&rows.y, &rows.design, &rows.own)?;
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
            .with_fact("adjusted_for_burden", rows.design.cols() > nuisance.cols())
            .with_table("effects", rows.table(matrix, &genotypes, &moderated)?))
    }
}

impl Rows {
    /// Samples with a value of row `i` and all its genotypes, and how many of them carry the one tested.
    fn observed(&self, i: usize) -> (usize, usize) {
        let known = |k: &usize| {
            let genotypes = self.own.iter().all(|own| !own.get(i, *k).is_nan());
            genotypes && !self.y.get(i, *k).is_nan()
        };
        let used: Vec<usize> = (0..self.y.cols()).filter(known).collect();
        let tested = self.own.last();
        let carries = |k: &&usize| tested.is_some_and(|own| own.get(i, **k) > 0.5);
        (used.len(), used.iter().filter(carries).count())
    }

    fn table(
        &self,
        matrix: &Abundance,
        genotypes: &Genotypes,
        moderated: &ModeratedFit,
    ) -> Result<polars::prelude::DataFrame, ToolError> {
        let column = moderated.fit.coefficients.cols() - 1;
        let test = moderated.test(column);
        let (low, high): (Vec<f64>, Vec<f64>) =
            moderated.intervals(column, 0.95).into_iter().unzip();
        let p: Vec<f64> = test.ln_p.iter().map(|l| l.exp()).collect();
        let prior = &moderated.variance;
        let without_one = p_without_one_sample(
            &self.y,
            &self.design,
            &self.own,
            &prior.prior_df,
            &prior.prior_variance,
        )?;
        let tested = genotypes.rows();
        let counts: Vec<(usize, usize)> = (0..tested.len()).map(|i| self.observed(i)).collect();
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
        let of_gene = |&i: &usize| format!("{} {}", matrix.features[i].label(), genotypes.kind());
        Ok(TableBuilder::new()
            .features(tested.iter().map(|&i| &matrix.features[i]))
            .text("partner", tested.iter().map(of_gene).collect())
            .number("effect", &test.effect)
            .number("CI.L", &low)
            .number("CI.R", &high)
            .number("AveExpr", &moderated.fit.ave_expr)
            .number("t", &test.t)
            .number("P.Value", &p)
            .number("adj.P.Val", &benjamini_hochberg(&p))
            .number("P.without_one", &without_one)
            .number("df", &moderated.fit.df_residual)
            .count("n", &counts.iter().map(|c| c.0).collect::<Vec<_>>())
            .number("n_carriers", &carriers)
            .build()?)
    }
}

#[cfg(test)]
mod tests;
