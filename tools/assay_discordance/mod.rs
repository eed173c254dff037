//! Whether a row changes between two arms beyond what the row of the same gene does in another assay.

use std::sync::Arc;

use proteus_stats::multiplicity::benjamini_hochberg;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::{Contrast, Term};
use crate::tool::{
    Abundance, PValues, Subjects, TableBuilder, TablesOfP, Tool, ToolError, ToolInput, ToolOutput,
};
use crate::tools::fitted_model::{
    FittedModel, ModelRequest, Prior, Trend, fitted_model, with_prior_facts,
};

/// Parameters of [`AssayDiscordance`].
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The contrast, `variable:target-reference`; a positive effect is a larger rise in the target than the partner's.
    pub contrast: String,
    /// Variables to adjust for.
    pub covariates: Vec<String>,
    /// The variable that names pairs, subjects or other blocks.
    pub blocking: Option<String>,
    /// How the variance prior is estimated.
    pub prior: Prior,
    /// Whether the variance prior follows the mean difference.
    pub trend: Trend,
}

/// The table's name.
const TABLE: &str = "discordance";

/// The tool.
pub struct AssayDiscordance;

impl Tool for AssayDiscordance {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        let model = params.fitted(input)?;
        Ok(with_prior_facts(ToolOutput::new(), &model)
            .with_fact("samples", model.frame.columns.len())
            .with_fact("residual_df", model.frame.residual_df())
            .with_table(TABLE, table(matrix, &model)?))
    }

    fn p_values(
        &self,
        input: &ToolInput<'_>,
        params: &Params,
        tables: &[&str],
    ) -> Result<Option<TablesOfP>, ToolError> {
        if tables != [TABLE] {
            return Ok(None);
        }
        let matrix = input.matrix("matrix")?;
        let model = params.fitted(input)?;
        let column = model.design.cols() - 1;
        let ln_p = model.moderated.ln_p(column);
        let found = PValues {
            subjects: Subjects::Features(Arc::clone(&matrix.features)),
            p: ln_p.iter().map(|l| l.exp()).collect(),
            effect: model.moderated.fit.coefficients.column(column),
        };
        Ok(Some(TablesOfP::from([(TABLE.to_owned(), found)])))
    }
}

impl Params {
    /// The model of the contrast, over the differences of the two assays.
    fn fitted(&self, input: &ToolInput<'_>) -> Result<Arc<FittedModel>, ToolError> {
        let term = Term::Contrast(Contrast::parse(&self.contrast, input.samples)?);
        let request = ModelRequest {
            term: &term,
            covariates: &self.covariates,
            blocking: self.blocking.as_deref(),
            prior: self.prior,
            trend: self.trend,
        };
        fitted_model(input, request)
    }
}

fn table(matrix: &Abundance, model: &FittedModel) -> Result<polars::prelude::DataFrame, ToolError> {
    let column = model.design.cols() - 1;
    let test = model.moderated.test(column);
    let (low, high): (Vec<f64>, Vec<f64>) =
        model.moderated.intervals(column, 0.95).into_iter().unzip();
    let p: Vec<f64> = test.ln_p.iter().map(|l| l.exp()).collect();
    let (reference, target) = model.frame.arm_positions();
    let seen = |arm: &[usize]| -> Vec<usize> {
        (0..model.y.rows())
            .map(|i| arm.iter().filter(|&&j| !model.y.get(i, j).is_nan()).count())
            .collect()
    };
    Ok(TableBuilder::new()
        .features(matrix.features.iter())
        .number("difference", &test.effect)
        .number("CI.L", &low)
        .number("CI.R", &high)
        .number("t", &test.t)
        .number("P.Value", &p)
        .number("adj.P.Val", &benjamini_hochberg(&p))
        .number("se", &test.standard_error)
        .number("df", &model.moderated.fit.df_residual)
        .count("n_reference", &seen(&reference))
        .count("n_target", &seen(&target))
        .build()?)
}

#[cfg(test)]
mod tests;
