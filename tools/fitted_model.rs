//! The linear model that several tools share: which samples enter, what is adjusted for, and variances moderated over features.

use std::sync::Arc;

use proteus_stats::Matrix;
use proteus_stats::block_correlation::{BlockCorrelationError, block_correlation};
use proteus_stats::correlation::spearman;
use proteus_stats::descriptive::median;
use proteus_stats::linear_model::{
    BlockCorrelation, ErrorStructure, LinearFit, LinearModelError, fit, fit_with,
};
use proteus_stats::moderated::{ModeratedFit, ModerationOptions, moderate};
use proteus_stats::variance_prior::{HyperparameterMethod, PriorOptions, VariancePriorError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dataset::{ModelFrame, Pairing, SampleMetadata, Term};
use crate::tool::{Abundance, ToolError, ToolInput, ToolOutput};

/// How the variance prior is estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Prior {
    /// As limma since 3.61, which allows for residual degrees of freedom that differ between features.
    #[default]
    UnequalDf,
    /// As limma up to 3.60.
    Legacy,
}

/// Whether the variance prior follows mean abundance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Where residual variances visibly depend on abundance (rank correlation of at least 0.25 either way).
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct ModelRequest<'a> {
    pub(super) term: &'a Term,
    pub(super) covariates: &'a [String],
    pub(super) blocking: Option<&'a str>,
    pub(super) prior: Prior,
    pub(super) trend: Trend,
}

/// Settings that only some tools offer; the defaults are those of [`fitted_model`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FitOptions {
    /// Whether features of outlying variance are kept from pulling the prior (limma `robust = TRUE`).
    pub(super) robust: bool,
    /// Whether a contrast is fitted on the samples of its two arms alone.
    pub(super) two_arms: bool,
}

/// A model of every feature, tested columns last.
#[derive(Debug)]
pub(super) struct FittedModel {
    /// Samples and columns of the model.
    pub(super) frame: ModelFrame,
    /// The samples of the frame: features × samples.
    pub(super) y: Matrix,
    /// Nuisance columns, then tested columns.
    pub(super) design: Matrix,
    /// Fits with moderated variances.
    pub(super) moderated: ModeratedFit,
    /// Whether the variance prior follows mean abundance.
    pub(super) trended: bool,
    /// Consensus correlation between samples of one block, where labels are constant within blocks.
    pub(super) block_correlation: Option<f64>,
}

impl FittedModel {
    /// Positions of the tested columns in the design.
    pub(super) fn tested(&self) -> Vec<usize> {
        (self.frame.nuisance.cols()..self.design.cols()).collect()
    }
}

/// Fits `request` to every feature of the matrix on port `matrix`, on the samples it is about; one model serves all tools of a
/// world that ask for the same.
pub(super) fn fitted_model(
    input: &ToolInput<'_>,
    request: ModelRequest<'_>,
) -> Result<Arc<FittedModel>, ToolError> {
    shared_model(input, request, FitOptions::default())
}

/// As [`fitted_model`], with settings.
pub(super) fn shared_model(
    input: &ToolInput<'_>,
    request: ModelRequest<'_>,
    options: FitOptions,
) -> Result<Arc<FittedModel>, ToolError> {
    let matrix = input.matrix("matrix")?;
    let name = format!("fitted model {request:?} {options:?}");
    input.shared.once(matrix, &name, || {
        fitted_model_with(matrix, input.samples, request, options)
    })
}

fn fitted_model_with(
    matrix: &Abundance,
    samples: &SampleMetadata,
    request: ModelRequest<'_>,
    options: FitOptions,
) -> Result<FittedModel, ToolError> {
    let frame = model_frame(matrix, samples, request, options.two_arms)?;
    if frame.residual_df() == 0 {
        return Err(ToolError::TooFewObservations {
            what: format!(
                "samples for a model of `{}` with {} coefficients",
                request.term.variable(),
                frame.nuisance.cols() + frame.tested.cols()
            ),
            needed: frame.nuisance.cols() + frame.tested.cols() + 1,
            found: frame.columns.len(),
        });
    }
    let y = matrix.values.select_columns(&frame.columns);
    let design = frame.design();
    let (fit, block_correlation) = match frame.pairing {
        Pairing::None | Pairing::Within => (fit(&y, &design)?, None),
        Pairing::Between => {
            let correlation = consensus_correlation(&y, &design, &frame.units)?;
            let errors = ErrorStructure {
                weights: None,
                blocks: Some(BlockCorrelation {
                    block: &frame.units,
                    correlation,
                }),
            };
            (fit_with(&y, &design, errors)?, Some(correlation))
        }
    };
    let trended = match request.trend {
        Trend::Always => true,
        Trend::Never => false,
        Trend::Auto => variance_follows_abundance(&fit),
    };
    let moderation = ModerationOptions {
        prior: PriorOptions {
            method: match request.prior {
                Prior::UnequalDf => HyperparameterMethod::UnequalDf,
                Prior::Legacy => HyperparameterMethod::Legacy,
            },
            robust: options.robust,
            ..PriorOptions::default()
        },
        trend: trended,
    };
    Ok(FittedModel {
        moderated: moderate(fit, moderation)?,
        frame,
        y,
        design,
        trended,
        block_correlation,
    })
}

/// What leave-one-out refits need to know of the moderation.
pub(super) fn with_prior_facts(output: ToolOutput, model: &FittedModel) -> ToolOutput {
    let fact = |values: &[f64]| match median(values) {
        // JSON has no infinity.
        f64::INFINITY => Value::from("infinite"),
        value => Value::from(value),
    };
    let variance = &model.moderated.variance;
    output
        .with_fact("prior_df", fact(&variance.prior_df))
        .with_fact("prior_variance", fact(&variance.prior_variance))
}

/// Features from which the consensus correlation is estimated; more hardly change a trimmed mean and cost time on every
/// decoy.
const FEATURES_FOR_CORRELATION: usize = 1_000;

fn consensus_correlation(y: &Matrix, design: &Matrix, units: &[usize]) -> Result<f64, ToolError> {
    let step = y.rows().div_ceil(FEATURES_FOR_CORRELATION).max(1);
    let rows: Vec<usize> = (0..y.rows()).step_by(step).collect();
    Ok(block_correlation(&y.select_rows(&rows), design, units)?.consensus)
}

/// The frame of `request` over the columns of `matrix`, or over those of the two arms of its contrast.
pub(super) fn model_frame(
    matrix: &Abundance,
    samples: &SampleMetadata,
    request: ModelRequest<'_>,
    two_arms: bool,
) -> Result<ModelFrame, ToolError> {
    let build = |names: &[String]| {
        ModelFrame::build(
            samples,
            names,
            request.term,
            request.covariates,
            request.blocking,
        )
    };
    let Term::Contrast(contrast) = request.term else {
        return Ok(build(&matrix.samples)?);
    };
    if !two_arms {
        return Ok(build(&matrix.samples)?);
    }
    let (reference, target) = contrast.sample_indices(samples);
    let in_arms: Vec<usize> = (0..matrix.samples.len())
        .filter(|&j| {
            let mut both = reference.iter().chain(&target);
            both.any(|&i| samples.ids[i] == matrix.samples[j])
        })
        .collect();
    let names: Vec<String> = in_arms.iter().map(|&j| matrix.samples[j].clone()).collect();
    let mut frame = build(&names)?;
    for column in &mut frame.columns {
        *column = in_arms[*column];
    }
    Ok(frame)
}

/// Rank correlation of residual variance with mean abundance from which a trend is fitted.
const VISIBLE_TREND: f64 = 0.25;

/// Whether residual variances visibly depend on abundance.
pub(super) fn variance_follows_abundance(fit: &LinearFit) -> bool {
    const FEATURES_FOR_A_TREND: usize = 100;
    let varied = |i: &usize| fit.df_residual[*i] > 0.0 && fit.sigma[*i] > 0.0;
    let rows: Vec<usize> = (0..fit.sigma.len()).filter(varied).collect();
    let sigma: Vec<f64> = rows.iter().map(|&i| fit.sigma[i]).collect();
    let mean: Vec<f64> = rows.iter().map(|&i| fit.ave_expr[i]).collect();
    rows.len() >= FEATURES_FOR_A_TREND
        && spearman(&mean, &sigma).is_ok_and(|c| c.r.abs() >= VISIBLE_TREND)
}

impl From<LinearModelError> for ToolError {
    fn from(error: LinearModelError) -> Self {
        Self::Internal {
            reason: error.to_string(),
        }
    }
}

impl From<VariancePriorError> for ToolError {
    fn from(error: VariancePriorError) -> Self {
        Self::NotApplicable {
            needs: "features with residual variance".to_owned(),
            found: error.to_string(),
        }
    }
}

impl From<BlockCorrelationError> for ToolError {
    fn from(error: BlockCorrelationError) -> Self {
        Self::NotApplicable {
            needs: "blocks with repeated samples".to_owned(),
            found: error.to_string(),
        }
    }
}
