//! Which features differ between two arms, or over the levels of a variable: linear models with moderated variances.

mod across_groups;
mod two_arms;

use std::sync::Arc;

use proteus_stats::descriptive::median;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dataset::{Contrast, Pairing, Term};
use crate::tool::{PValues, Subjects, TablesOfP, Tool, ToolError, ToolInput, ToolOutput};
use crate::tools::fitted_model::{
    FitOptions, FittedModel, ModelRequest, Prior, Trend, model_frame, shared_model,
};

/// Which samples a contrast is fitted on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Samples {
    /// All samples with a value of the variable: other levels help to estimate the variance.
    #[default]
    AllGroups,
    /// Only the samples of the two arms.
    TwoArms,
}

/// Parameters of [`DifferentialAbundance`].
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The contrast, `variable:target-reference`; a positive log2 fold change is higher in the target. Give this or
    /// `levels`.
    pub contrast: Option<String>,
    /// A categorical variable whose levels are compared all at once (moderated F).
    pub levels: Option<String>,
    /// Variables to adjust for.
    pub covariates: Vec<String>,
    /// The variable that names pairs, subjects or other blocks. Blocks that span the arms are adjusted for; blocks within
    /// an arm are given a common correlation.
    pub blocking: Option<String>,
    /// How the variance prior is estimated.
    pub prior: Prior,
    /// Whether the variance prior follows mean abundance.
    pub trend: Trend,
    /// Whether features of outlying variance are kept from pulling the variance prior.
    pub robust: bool,
    /// Which samples a contrast is fitted on.
    pub fit: Samples,
}

/// The tool.
pub struct DifferentialAbundance;

impl Tool for DifferentialAbundance {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        let term = params.term(input)?;
        let (request, options) = params.request(&term);
        let contrast = matches!(term, Term::Contrast(_));
        if contrast {
            let frame = model_frame(matrix, input.samples, request, options.two_arms)?;
            if frame.residual_df() == 0 {
                return two_arms::descriptive(matrix, &frame);
            }
        }
        let model = shared_model(input, request, options)?;
        let output = with_model_facts(ToolOutput::new(), &model, params);
        if contrast {
            two_arms::tested(output, matrix, &model)
        } else {
            across_groups::tested(output, matrix, &model, input.samples, term.variable())
        }
    }

    fn p_values(
        &self,
        input: &ToolInput<'_>,
        params: &Params,
        tables: &[&str],
    ) -> Result<Option<TablesOfP>, ToolError> {
        let matrix = input.matrix("matrix")?;
        let term = params.term(input)?;
        let (request, options) = params.request(&term);
        let table = match term {
            Term::Contrast(_) => two_arms::TABLE,
            _ => across_groups::TABLE,
        };
        if tables != [table] {
            return Ok(None);
        }
        // Where nothing can be fitted, the tool itself describes what is there or says why not.
        let Ok(model) = shared_model(input, request, options) else {
            return Ok(None);
        };
        let (ln_p, effect) = match model.tested()[..] {
            [column] if table == two_arms::TABLE => (
                model.moderated.ln_p(column),
                model.moderated.fit.coefficients.column(column),
            ),
            ref columns => (
                model.moderated.joint_test(columns).ln_p,
                across_groups::largest_differences(&model, columns),
            ),
        };
        let found = PValues {
            subjects: Subjects::Features(Arc::clone(&matrix.features)),
            p: ln_p.iter().map(|l| l.exp()).collect(),
            effect,
        };
        Ok(Some(TablesOfP::from([(table.to_owned(), found)])))
    }
}

impl Params {
    /// What is tested.
    fn term(&self, input: &ToolInput<'_>) -> Result<Term, ToolError> {
        match (&self.contrast, &self.levels) {
            (Some(spec), None) => Ok(Term::Contrast(Contrast::parse(spec, input.samples)?)),
            (None, Some(variable)) => Ok(Term::Levels(variable.clone())),
            (None, None) => Err(ToolError::InvalidParams {
                reason: "`contrast` or `levels` must be given".to_owned(),
            }),
            (Some(_), Some(_)) => Err(ToolError::InvalidParams {
                reason: "`contrast` and `levels` are two questions: give one of them".to_owned(),
            }),
        }
    }

    /// The model of it.
    fn request<'a>(&'a self, term: &'a Term) -> (ModelRequest<'a>, FitOptions) {
        let request = ModelRequest {
            term,
            covariates: &self.covariates,
            blocking: self.blocking.as_deref(),
            prior: self.prior,
            trend: self.trend,
        };
        let options = FitOptions {
            robust: self.robust,
            two_arms: self.fit == Samples::TwoArms,
        };
        (request, options)
    }
}

/// What was fitted, for the report and for the choice of decoys.
fn with_model_facts(output: ToolOutput, model: &FittedModel, params: &Params) -> ToolOutput {
    let frame = &model.frame;
    let variance = &model.moderated.variance;
    let mut units = frame.units.clone();
    units.sort_unstable();
    units.dedup();
    let within = params
        .blocking
        .as_ref()
        .filter(|_| frame.pairing == Pairing::Within);
    let adjusted: Vec<String> = params.covariates.iter().chain(within).cloned().collect();
    let pairing = match frame.pairing {
        Pairing::None => "none",
        Pairing::Within => "within blocks",
        Pairing::Between => "between blocks",
    };
    output
        .with_fact("samples", frame.columns.len())
        .with_fact("units", units.len())
        .with_fact("pairing", pairing)
        .with_fact(
            "block_correlation",
            model.block_correlation.map_or(Value::Null, Value::from),
        )
        .with_fact(
            "coefficients",
            frame.nuisance_names.len() + frame.tested_names.len(),
        )
        .with_fact("adjusted_for", adjusted)
        .with_fact("residual_df", frame.residual_df())
        .with_fact("prior_df", number(median(&variance.prior_df)))
        .with_fact("prior_variance", number(median(&variance.prior_variance)))
        .with_fact(
            "prior",
            match params.prior {
                Prior::UnequalDf => "as limma since 3.61 (unequal residual df)",
                Prior::Legacy => "as limma up to 3.60",
            },
        )
        .with_fact("trend", model.trended)
        .with_fact("robust", params.robust)
}

/// A number for a fact; JSON has no infinity.
fn number(value: f64) -> Value {
    if value == f64::INFINITY {
        Value::from("infinite")
    } else {
        Value::from(value)
    }
}

/// Row order of a result: smallest p first, then the larger statistic, then the order of the matrix; rows without a
/// p-value last.
fn by_evidence(ln_p: &[f64], statistic: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ln_p.len()).collect();
    let key = |i: usize| {
        if ln_p[i].is_nan() {
            f64::INFINITY
        } else {
            ln_p[i]
        }
    };
    let size = |i: usize| statistic[i].abs().max(0.0);
    order.sort_by(|&a, &b| {
        key(a)
            .total_cmp(&key(b))
            .then(size(b).total_cmp(&size(a)))
            .then(a.cmp(&b))
    });
    order
}

/// `values` in the given order.
fn arranged(values: &[f64], order: &[usize]) -> Vec<f64> {
    order.iter().map(|&i| values[i]).collect()
}

#[cfg(test)]
mod tests;
