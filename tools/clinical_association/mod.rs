//! Every protein against one variable of the patients or specimens.

mod effect;

use std::sync::Arc;

use proteus_stats::correlation::spearman;
use proteus_stats::multiplicity::benjamini_hochberg;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::{Term, Variable};
use crate::tool::{
    Abundance, PValues, Subjects, TableBuilder, TablesOfP, Tool, ToolError, ToolInput, ToolOutput,
};
use crate::tools::fitted_model::{FittedModel, ModelRequest, Prior, Trend, fitted_model};
use effect::{Effects, effects, slopes};

/// Tests every feature against a variable of the sample sheet.
pub struct ClinicalAssociation;

/// Parameters of `clinical_association`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The variable: continuous, or categorical with two or more levels.
    pub variable: String,
    /// Variables to adjust for.
    pub covariates: Vec<String>,
    /// Variable that names pairs, subjects or other blocks.
    pub blocking: Option<String>,
    /// How the variance prior is estimated.
    pub prior: Prior,
    /// Whether the variance prior follows mean abundance.
    pub trend: Trend,
}

impl Tool for ClinicalAssociation {
    type Params = Params;
    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        let variable = input.samples.variables.get(&params.variable);
        let term = params.term(input);
        let continuous = matches!(term, Term::Continuous(_));
        let model = fitted_model(input, params.request(&term))?;
        let effects = effects(&model);
        let (rho, levels) = match variable {
            Some(variable) if continuous => (rank_correlations(&model), levels_of(variable, &[])),
            Some(variable) => (Vec::new(), levels_of(variable, &model.frame.tested_names)),
            None => (Vec::new(), Vec::new()),
        };
        let test = match model.frame.tested.cols() {
            1 => "moderated t",
            _ => "moderated F",
        };
        let trended = model.trended;
        let samples = model.frame.columns.len();
        Ok(ToolOutput::new()
            .with_table(TABLE, table(matrix, &model, &effects, &rho, &levels)?)
            .with_fact("test", test)
            .with_fact("samples", samples)
            .with_fact("trend", trended)
            .with_fact("residual_df", model.frame.residual_df()))
    }

    fn p_values(
        &self,
        input: &ToolInput<'_>,
        params: &Params,
        tables: &[&str],
    ) -> Result<Option<TablesOfP>, ToolError> {
        let matrix = input.matrix("matrix")?;
        let term = params.term(input);
        let model = fitted_model(input, params.request(&term))?;
        let (ln_p, effect) = slopes(&model);
        let found = PValues {
            subjects: Subjects::Features(Arc::clone(&matrix.features)),
            p: ln_p.iter().map(|l| l.exp()).collect(),
            effect,
        };
        let asked = |table: &&str| **table == *TABLE;
        Ok(tables
            .iter()
            .all(asked)
            .then(|| TablesOfP::from([(TABLE.to_owned(), found)])))
    }
}

/// The table's name.
const TABLE: &str = "association";

impl Params {
    /// What is tested. A variable that is not there is refused, with the known ones, when the model is built.
    fn term(&self, input: &ToolInput<'_>) -> Term {
        let variable = input.samples.variables.get(&self.variable);
        if variable.is_some_and(|v| !v.is_categorical()) {
            Term::Continuous(self.variable.clone())
        } else {
            Term::Levels(self.variable.clone())
        }
    }

    /// The model of it.
    fn request<'a>(&'a self, term: &'a Term) -> ModelRequest<'a> {
        ModelRequest {
            term,
            covariates: &self.covariates,
            blocking: self.blocking.as_deref(),
            prior: self.prior,
            trend: self.trend,
        }
    }
}

/// Levels in the model, the first of them first; the tested columns are named `variable=level`.
fn levels_of(variable: &Variable, tested: &[String]) -> Vec<String> {
    let name = |level: &String| format!("{}={level}", variable.name);
    let others: Vec<String> = variable
        .levels()
        .iter()
        .filter(|level| tested.contains(&name(level)))
        .cloned()
        .collect();
    let first = variable
        .levels()
        .iter()
        .find(|level| !others.contains(level));
    first.cloned().into_iter().chain(others).collect()
}

/// Spearman's correlation of every feature with the tested column.
fn rank_correlations(model: &FittedModel) -> Vec<f64> {
    let values = model.frame.tested.column(0);
    (0..model.y.rows())
        .into_par_iter()
        .map(|i| spearman(model.y.row(i), &values).map_or(f64::NAN, |c| c.r))
        .collect()
}

fn table(
    matrix: &Abundance,
    model: &FittedModel,
    effects: &Effects,
    rho: &[f64],
    levels: &[String],
) -> Result<polars::prelude::DataFrame, ToolError> {
    let features = model.y.rows();
    let level_name = |code: &Option<usize>| code.and_then(|k| levels.get(k).cloned());
    let p: Vec<f64> = effects.ln_p.iter().map(|l| l.exp()).collect();
    let df: Vec<f64> = (0..features)
        .map(|i| {
            if p[i].is_nan() {
                f64::NAN
            } else {
                model.moderated.fit.df_residual[i]
            }
        })
        .collect();
    let observed: Vec<usize> = (0..features).map(|i| model.y.observed_in_row(i)).collect();
    let rho = if rho.is_empty() {
        vec![f64::NAN; features]
    } else {
        rho.to_vec()
    };
    Ok(TableBuilder::new()
        .features(matrix.features.iter())
        .number("slope", &effects.slope)
        .number("CI.L", &effects.low)
        .number("CI.R", &effects.high)
        .number("AveExpr", &model.moderated.fit.ave_expr)
        .number("statistic", &effects.statistic)
        .number("rho", &rho)
        .number("P.Value", &p)
        .number("adj.P.Val", &benjamini_hochberg(&p))
        .optional_text(
            "highest_level",
            effects.highest.iter().map(level_name).collect(),
        )
        .optional_text(
            "lowest_level",
            effects.lowest.iter().map(level_name).collect(),
        )
        .number("df", &df)
        .count("n", &observed)
        .build()?)
}

#[cfg(test)]
mod tests;
