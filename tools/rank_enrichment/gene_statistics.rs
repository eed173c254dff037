//! Moderated statistics of the contrast, one per gene.

use std::sync::Arc;

use proteus_stats::Matrix;
use proteus_stats::descriptive::mean;
use proteus_stats::enrichment::{StandardisedResiduals, hill_z};

use super::Params;
use crate::dataset::{Contrast, Term};
use crate::tool::{ToolError, ToolInput};
use crate::tools::fitted_model::{ModelRequest, fitted_model};
use crate::tools::gene_level::{kept_symbols, one_row_per_gene};

/// What the set tests need of the genes.
pub(super) struct GeneStatistics {
    /// Gene symbols, distinct.
    pub(super) genes: Vec<String>,
    /// Normal deviate of the moderated t; NaN where the contrast cannot be estimated.
    pub(super) z: Vec<f64>,
    /// Target minus reference; NaN where it cannot be estimated.
    pub(super) log2_fold_change: Vec<f64>,
    /// Residuals of the model.
    pub(super) residuals: StandardisedResiduals,
    /// Residual degrees of freedom of a complete feature.
    pub(super) residual_df: usize,
    /// Samples of the reference arm.
    pub(super) n_reference: usize,
    /// Samples of the target arm.
    pub(super) n_target: usize,
    /// Whether only complete features were used.
    pub(super) complete_only: bool,
}

/// Residual degrees of freedom below which only complete features are used by default.
const FEW_DF: usize = 20;
/// Complete features that must remain for that.
const ENOUGH_COMPLETE: usize = 500;
/// Genes below which "all other genes" is no background.
const FEWEST_GENES: usize = 20;

/// Fits the model to all features and keeps the best observed feature of each gene (of equally observed ones the most
/// abundant), chosen without looking at labels.
pub(super) fn gene_statistics(
    input: &ToolInput<'_>,
    params: &Params,
    known: bool,
) -> Result<GeneStatistics, ToolError> {
    let matrix = input.matrix("matrix")?;
    let term = Term::Contrast(Contrast::parse(&params.contrast, input.samples)?);
    let request = ModelRequest {
        term: &term,
        covariates: &params.covariates,
        blocking: params.blocking.as_deref(),
        prior: params.prior,
        trend: params.trend,
    };
    let model = fitted_model(input, request)?;
    let residual_df = model.frame.residual_df();

    let labels: Vec<String> = matrix
        .features
        .iter()
        .map(|f| f.label().into_owned())
        .collect();
    let genes = if known {
        kept_symbols(&labels, input.knowledge)?
    } else {
        Arc::new(labels)
    };
    let samples = model.y.cols();
    let observed: Vec<usize> = (0..genes.len())
        .map(|i| model.y.observed_in_row(i))
        .collect();
    let complete = observed.iter().filter(|&&n| n == samples).count();
    let complete_only = params
        .complete_only
        .unwrap_or(residual_df < FEW_DF && complete >= ENOUGH_COMPLETE);
    let preference: Vec<Option<(f64, f64)>> = observed
        .iter()
        .enumerate()
        .map(|(i, &n)| {
            let usable = if complete_only { n == samples } else { n > 0 };
            usable.then(|| (-(n as f64), -mean(model.y.row(i))))
        })
        .collect();
    let level = one_row_per_gene(&genes, &preference);
    if level.rows.len() < FEWEST_GENES {
        return Err(ToolError::TooFewObservations {
            what: "measured genes".to_owned(),
            needed: FEWEST_GENES,
            found: level.rows.len(),
        });
    }

    let moderated = &model.moderated;
    let column = model.design.cols() - 1;
    let z = level
        .rows
        .iter()
        .map(|&i| hill_z(moderated.t(i, column), moderated.df_total[i]))
        .collect();
    let coefficients = &moderated.fit.coefficients;
    let mut residuals = Matrix::filled(level.rows.len(), samples, f64::NAN);
    for (gene, &i) in level.rows.iter().enumerate() {
        let estimates = coefficients.row(i);
        let all_estimated = estimates.iter().all(|b| !b.is_nan());
        let cells = residuals.row_mut(gene).iter_mut().zip(model.y.row(i));
        for (sample, (residual, value)) in cells.enumerate() {
            let terms = estimates.iter().zip(model.design.row(sample));
            let fitted: f64 = if all_estimated {
                terms.map(|(b, x)| b * x).sum()
            } else {
                terms.filter(|(b, _)| !b.is_nan()).map(|(b, x)| b * x).sum()
            };
            *residual = value - fitted;
        }
    }
    let (reference, target) = model.frame.arm_positions();
    Ok(GeneStatistics {
        genes: level.genes,
        z,
        log2_fold_change: level
            .rows
            .iter()
            .map(|&i| coefficients.get(i, column))
            .collect(),
        residuals: StandardisedResiduals::new(residuals, residual_df as f64),
        residual_df,
        n_reference: reference.len(),
        n_target: target.len(),
        complete_only,
    })
}
