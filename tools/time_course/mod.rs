//! Whether features change over a series of times, or follow a series of doses.

mod shape;

use std::sync::Arc;

use proteus_stats::multiplicity::benjamini_hochberg;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::{Series, Term};
use crate::tool::{
    Abundance, PValues, Subjects, TableBuilder, TablesOfP, Tool, ToolError, ToolInput, ToolOutput,
};
use crate::tools::fitted_model::{
    FittedModel, ModelRequest, Prior, Trend, fitted_model, with_prior_facts,
};
use shape::Shape;

/// What is fitted over the series.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// A natural spline with three degrees of freedom: a course of any smooth shape.
    #[default]
    Spline,
    /// A straight line over the logarithm: a trend.
    Line,
}

/// Parameters of [`TimeCourse`].
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The variable whose levels or numbers are times or doses, at least four of them.
    pub series: String,
    /// What is fitted over it.
    pub course: Course,
    /// Variables to adjust for.
    pub covariates: Vec<String>,
    /// The variable that names subjects or other blocks.
    pub blocking: Option<String>,
    /// How the variance prior is estimated.
    pub prior: Prior,
    /// Whether the variance prior follows mean abundance.
    pub trend: Trend,
}

/// The tool.
pub struct TimeCourse;

impl Tool for TimeCourse {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        let (model, series) = (params.fitted(input)?, params.series(input)?);
        let points: Vec<String> = series.points.iter().map(|p| p.1.clone()).collect();
        let output = with_prior_facts(ToolOutput::new(), &model)
            .with_fact("points", points)
            .with_fact("samples", model.frame.columns.len())
            .with_fact("residual_df", model.frame.residual_df())
            .with_fact("trend", model.trended);
        Ok(match params.course {
            Course::Spline => {
                let shapes = shape::shapes(&model, input.samples, &matrix.samples, &series);
                output.with_table(params.table(), course(matrix, &model, &shapes)?)
            }
            Course::Line => output.with_table(params.table(), line(matrix, &model)?),
        })
    }

    fn p_values(
        &self,
        input: &ToolInput<'_>,
        params: &Params,
        tables: &[&str],
    ) -> Result<Option<TablesOfP>, ToolError> {
        if tables != [params.table()] {
            return Ok(None);
        }
        let matrix = input.matrix("matrix")?;
        let model = params.fitted(input)?;
        let (ln_p, effect) = match params.course {
            Course::Spline => {
                let series = params.series(input)?;
                let shapes = shape::shapes(&model, input.samples, &matrix.samples, &series);
                let test = model.moderated.joint_test(&model.tested());
                (test.ln_p, shapes.iter().map(|s| s.change).collect())
            }
            Course::Line => {
                let column = model.design.cols() - 1;
                let slopes = model.moderated.fit.coefficients.column(column);
                (model.moderated.ln_p(column), slopes)
            }
        };
        let found = PValues {
            subjects: Subjects::Features(Arc::clone(&matrix.features)),
            p: ln_p.iter().map(|l| l.exp()).collect(),
            effect,
        };
        Ok(Some(TablesOfP::from([(params.table().to_owned(), found)])))
    }
}

impl Params {
    /// The table that is made.
    fn table(&self) -> &'static str {
        match self.course {
            Course::Spline => "course",
            Course::Line => "trend",
        }
    }

    /// The model over the series.
    fn fitted(&self, input: &ToolInput<'_>) -> Result<Arc<FittedModel>, ToolError> {
        let term = match self.course {
            Course::Spline => Term::Course(self.series.clone()),
            Course::Line => Term::Trend(self.series.clone()),
        };
        let request = ModelRequest {
            term: &term,
            covariates: &self.covariates,
            blocking: self.blocking.as_deref(),
            prior: self.prior,
            trend: self.trend,
        };
        fitted_model(input, request)
    }

    /// The places of the samples on the series; once the model is built, there is one.
    fn series(&self, input: &ToolInput<'_>) -> Result<Series, ToolError> {
        Series::in_sheet(input.samples, &self.series).ok_or_else(|| ToolError::Internal {
            reason: format!("`{}` is no series", self.series),
        })
    }
}

fn course(
    matrix: &Abundance,
    model: &FittedModel,
    shapes: &[Shape],
) -> Result<polars::prelude::DataFrame, ToolError> {
    let test = model.moderated.joint_test(&model.tested());
    let p: Vec<f64> = test.ln_p.iter().map(|l| l.exp()).collect();
    let number = |get: fn(&Shape) -> f64| -> Vec<f64> { shapes.iter().map(get).collect() };
    Ok(TableBuilder::new()
        .features(matrix.features.iter())
        .number("change", &number(|s| s.change))
        .optional_text("at", shapes.iter().map(|s| s.at.clone()).collect())
        .number("change_at_end", &number(|s| s.at_end))
        .text("shape", shapes.iter().map(|s| s.word.to_owned()).collect())
        .number("AveExpr", &model.moderated.fit.ave_expr)
        .number("F", &test.f)
        .number("P.Value", &p)
        .number("adj.P.Val", &benjamini_hochberg(&p))
        .number("df", &model.moderated.fit.df_residual)
        .count("n", &observed(model))
        .build()?)
}

fn line(matrix: &Abundance, model: &FittedModel) -> Result<polars::prelude::DataFrame, ToolError> {
    let column = model.design.cols() - 1;
    let test = model.moderated.test(column);
    let (low, high): (Vec<f64>, Vec<f64>) =
        model.moderated.intervals(column, 0.95).into_iter().unzip();
    let p: Vec<f64> = test.ln_p.iter().map(|l| l.exp()).collect();
    Ok(TableBuilder::new()
        .features(matrix.features.iter())
        .number("slope", &test.effect)
        .number("CI.L", &low)
        .number("CI.R", &high)
        .number("AveExpr", &model.moderated.fit.ave_expr)
        .number("t", &test.t)
        .number("P.Value", &p)
        .number("adj.P.Val", &benjamini_hochberg(&p))
        .number("df", &model.moderated.fit.df_residual)
        .count("n", &observed(model))
        .build()?)
}

fn observed(model: &FittedModel) -> Vec<usize> {
    (0..model.y.rows())
        .map(|i| model.y.observed_in_row(i))
        .collect()
}

#[cfg(test)]
mod tests;
