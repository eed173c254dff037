//! A linear model per feature: every row of a log2 abundance matrix regressed on the same design, on its own observed samples.
//!
//! The method of limma `lmFit` (Ritchie et al. 2015, doi:10.1093/nar/gkv007). A coefficient that the observed samples cannot
//! estimate is NaN. Agrees with limma to 1e-10 relative in coefficients, unscaled standard errors and sigma.
//!
//! The design is made orthonormal once. A row with missing cells then needs the Cholesky factor of I − Σ q qᵀ over the
//! missing cells, a p × p problem; rows where that is ill-conditioned fall back to a QR of their own.

mod own_covariate;
mod row_fit;
mod whitening;

use crate::Matrix;
pub use own_covariate::{fit_with_own_covariates, p_without_one_sample};
use rayon::prelude::*;
use row_fit::{Fitter, LANES, RowSummary, Workspace};
pub(crate) use whitening::{largest_block, scale_blocks};

/// Rows handed to a worker at a time.
const ROWS_PER_TASK: usize = 64;

/// Fitted models: one row per feature, one column per coefficient. Coefficients are in the units of the data (log2).
#[derive(Debug, Clone, PartialEq)]
pub struct LinearFit {
    /// Estimates, features × coefficients; NaN where not estimable.
    pub coefficients: Matrix,
    /// Standard errors divided by sigma, features × coefficients.
    pub stdev_unscaled: Matrix,
    /// Residual standard deviation; NaN without residual degrees of freedom.
    pub sigma: Vec<f64>,
    /// Observed samples less the rank of the design on them; 0 for a feature never observed.
    pub df_residual: Vec<f64>,
    /// Mean of the observed values; NaN for a feature never observed.
    pub ave_expr: Vec<f64>,
    /// Unscaled covariance of the coefficients on the whole design; NaN for aliased columns.
    pub coefficient_covariance: Matrix,
}

/// A common correlation between samples of the same block, such as the runs of one donor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockCorrelation<'a> {
    /// The block each sample belongs to.
    pub block: &'a [usize],
    /// Correlation of two samples of one block, above −1 / (largest block − 1) and below 1.
    pub correlation: f64,
}

/// What is known about the errors beyond independence and equal variance.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ErrorStructure<'a> {
    /// A weight per sample, inversely proportional to its variance; a weight that is not positive drops the sample.
    pub weights: Option<&'a [f64]>,
    /// Correlated blocks, fitted by generalised least squares.
    pub blocks: Option<BlockCorrelation<'a>>,
}

/// Why a model cannot be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LinearModelError {
    /// The design does not describe the columns of the data.
    #[error("the design has {design} rows for {samples} samples")]
    Samples {
        /// Rows of the design.
        design: usize,
        /// Columns of the data.
        samples: usize,
    },
    /// Weights or blocks do not describe the columns of the data.
    #[error("{found} {what} for {samples} samples")]
    PerSample {
        /// `weights` or `blocks`.
        what: &'static str,
        /// How many were given.
        found: usize,
        /// Columns of the data.
        samples: usize,
    },
    /// The design holds NaN or an infinite value, or has no column.
    #[error("the design must have a column and only finite values")]
    Design,
    /// The block correlation makes the covariance matrix indefinite.
    #[error(
        "a block correlation of `{correlation}` is outside ({low}, 1) for blocks of up to {largest} samples"
    )]
    Correlation {
        /// The value given.
        correlation: f64,
        /// The lower limit.
        low: f64,
        /// Samples in the largest block.
        largest: usize,
    },
    /// Contrasts do not have one row per coefficient.
    #[error("the contrasts have {found} rows for {coefficients} coefficients")]
    Contrasts {
        /// Rows of the contrast matrix.
        found: usize,
        /// Coefficients of the fit.
        coefficients: usize,
    },
}

/// Fits every row of `y` (log2, features × samples, NaN missing) on `design` (samples × coefficients) by ordinary least squares.
pub fn fit(y: &Matrix, design: &Matrix) -> Result<LinearFit, LinearModelError> {
    fit_with(y, design, ErrorStructure::default())
}

/// As [`fit`], by weighted or generalised least squares; limma `lmFit(weights =, block =, correlation =)`.
pub fn fit_with(
    y: &Matrix,
    design: &Matrix,
    errors: ErrorStructure<'_>,
) -> Result<LinearFit, LinearModelError> {
    check(y, design, errors)?;
    let (features, p) = (y.rows(), design.cols());
    let fitter = Fitter::new(design, errors);
    let mut coefficients = Matrix::filled(features, p, f64::NAN);
    let mut stdev_unscaled = Matrix::filled(features, p, f64::NAN);
    let mut rows = vec![RowSummary::UNOBSERVED; features];
    coefficients
        .values_mut()
        .par_chunks_mut(p * ROWS_PER_TASK)
        .zip(
            stdev_unscaled
                .values_mut()
                .par_chunks_mut(p * ROWS_PER_TASK),
        )
        .zip(rows.par_chunks_mut(ROWS_PER_TASK))
        .enumerate()
        .for_each(|(task, ((b, u), summaries))| {
            let mut work = Workspace::new(p);
            for (block, summaries) in summaries.chunks_mut(LANES).enumerate() {
                let first = block * LANES;
                // The last block is filled up with its last row.
                let rows = std::array::from_fn(|lane| {
                    y.row(task * ROWS_PER_TASK + first + lane.min(summaries.len() - 1))
                });
                let cells = first * p..(first + summaries.len()) * p;
                let (b, u) = (&mut b[cells.clone()], &mut u[cells]);
                fitter.fit_rows(rows, &mut work, b, u, summaries);
            }
        });
    let missing = y.values().iter().any(|v| v.is_nan());
    Ok(LinearFit {
        coefficients,
        stdev_unscaled,
        sigma: rows.iter().map(|r| r.sigma).collect(),
        df_residual: rows.iter().map(|r| r.df_residual).collect(),
        ave_expr: rows.iter().map(|r| r.mean).collect(),
        coefficient_covariance: fitter.covariance(missing),
    })
}

fn check(y: &Matrix, design: &Matrix, errors: ErrorStructure<'_>) -> Result<(), LinearModelError> {
    let samples = y.cols();
    if design.rows() != samples {
        return Err(LinearModelError::Samples {
            design: design.rows(),
            samples,
        });
    }
    if design.cols() == 0 || design.values().iter().any(|v| !v.is_finite()) {
        return Err(LinearModelError::Design);
    }
    let lengths = [
        ("weights", errors.weights.map(<[f64]>::len)),
        ("blocks", errors.blocks.map(|b| b.block.len())),
    ];
    for (what, found) in lengths {
        if let Some(found) = found.filter(|&n| n != samples) {
            return Err(LinearModelError::PerSample {
                what,
                found,
                samples,
            });
        }
    }
    if let Some(BlockCorrelation { block, correlation }) = errors.blocks {
        let largest = largest_block(block);
        let low = -1.0 / (largest.max(2) - 1) as f64;
        if !(correlation > low && correlation < 1.0) {
            return Err(LinearModelError::Correlation {
                correlation,
                low,
                largest,
            });
        }
    }
    Ok(())
}

/// Turns coefficients into contrasts (coefficients × contrasts matrix); limma `contrasts.fit`.
///
/// Standard errors use the correlation of coefficients on the whole design, which is exact for complete rows and
/// approximate for rows with missing cells unless the design is orthogonal: limma's convention.
pub fn contrasts_fit(fit: &LinearFit, contrasts: &Matrix) -> Result<LinearFit, LinearModelError> {
    let p = fit.coefficients.cols();
    if contrasts.rows() != p {
        return Err(LinearModelError::Contrasts {
            found: contrasts.rows(),
            coefficients: p,
        });
    }
    let covariance = &fit.coefficient_covariance;
    let correlation = |a: usize, b: usize| {
        let scale = (covariance.get(a, a) * covariance.get(b, b)).sqrt();
        covariance.get(a, b) / scale
    };
    let features = fit.coefficients.rows();
    let columns = contrasts.cols();
    let mut coefficients = Matrix::filled(features, columns, 0.0);
    let mut stdev_unscaled = Matrix::filled(features, columns, 0.0);
    let mut new_covariance = Matrix::filled(columns, columns, 0.0);
    let used: Vec<Vec<usize>> = (0..columns)
        .map(|c| (0..p).filter(|&k| contrasts.get(k, c) != 0.0).collect())
        .collect();
    for c in 0..columns {
        for d in 0..columns {
            let sum: f64 = used[c]
                .iter()
                .flat_map(|&a| used[d].iter().map(move |&b| (a, b)))
                .map(|(a, b)| contrasts.get(a, c) * covariance.get(a, b) * contrasts.get(b, d))
                .sum();
            new_covariance.set(c, d, sum);
        }
        for i in 0..features {
            let estimate = used[c]
                .iter()
                .map(|&k| contrasts.get(k, c) * fit.coefficients.get(i, k))
                .sum();
            let term = |k: usize| contrasts.get(k, c) * fit.stdev_unscaled.get(i, k);
            let mut variance = 0.0;
            for (at, &a) in used[c].iter().enumerate() {
                variance += term(a) * term(a);
                for &b in &used[c][at + 1..] {
                    variance += 2.0 * term(a) * term(b) * correlation(a, b);
                }
            }
            coefficients.set(i, c, estimate);
            stdev_unscaled.set(i, c, variance.sqrt());
        }
    }
    Ok(LinearFit {
        coefficients,
        stdev_unscaled,
        coefficient_covariance: new_covariance,
        ..fit.clone()
    })
}

/// Fitted values, features × samples, also at missing cells; a coefficient that is NaN counts as 0. NaN for a feature never observed.
pub fn fitted_values(fit: &LinearFit, design: &Matrix) -> Matrix {
    Matrix::from_fn(fit.coefficients.rows(), design.rows(), |i, j| {
        if fit.ave_expr[i].is_nan() {
            return f64::NAN;
        }
        let terms = fit.coefficients.row(i).iter().zip(design.row(j));
        terms.filter(|(b, _)| !b.is_nan()).map(|(b, x)| b * x).sum()
    })
}

/// Residuals from [`fit`] on the same `design`, features × samples; NaN where `y` is missing.
pub fn residuals(y: &Matrix, design: &Matrix, fit: &LinearFit) -> Matrix {
    let mut residuals = fitted_values(fit, design);
    for (fitted, value) in residuals.values_mut().iter_mut().zip(y.values()) {
        *fitted = value - *fitted;
    }
    residuals
}

#[cfg(test)]
pub(crate) mod tests;
