//! A linear model per feature: every row of a log2 abundance matrix regressed on the same design, on its own observed samples.
//!
//! The method of limma `lmFit` (Ritchie et al. 2015, doi:10.1093/nar/gkv007). A coefficient that the observed samples cannot
//! estimate is NaN. Agrees with limma to 1e-10 relative in coefficients, unscaled standard errors and sigma.
//!
//! The design is made orthonormal once. A row with missing cells then needs the Cholesky factor of I − Σ q qᵀ over the
//! missing cells, a p × p problem; rows where that is ill-conditioned fall back to a QR of their own.

use crate::Matrix;
use crate::orthogonal::PivotedQr;
use rayon::prelude::*;

/// Cholesky pivots below this share of the largest diagonal send a row to its own QR.
const ILL_CONDITIONED_BELOW: f64 = 1e-4;
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
            for (k, summary) in summaries.iter_mut().enumerate() {
                let cells = k * p..(k + 1) * p;
                let row = y.row(task * ROWS_PER_TASK + k);
                *summary = fitter.fit_row(row, &mut work, &mut b[cells.clone()], &mut u[cells]);
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

/// Samples in the largest block; 0 without samples.
pub(crate) fn largest_block(block: &[usize]) -> usize {
    let mut sorted = block.to_vec();
    sorted.sort_unstable();
    sorted
        .chunk_by(|a, b| a == b)
        .map(<[usize]>::len)
        .max()
        .unwrap_or(0)
}

#[derive(Debug, Clone, Copy)]
struct RowSummary {
    sigma: f64,
    df_residual: f64,
    mean: f64,
}

impl RowSummary {
    const UNOBSERVED: Self = Self {
        sigma: f64::NAN,
        df_residual: 0.0,
        mean: f64::NAN,
    };
}

struct Workspace {
    /// Qᵀy over the observed samples, then the solution in the orthonormal basis.
    effects: Vec<f64>,
    /// Gram matrix of the observed rows of Q, then its Cholesky factor, row-major.
    gram: Vec<f64>,
    scratch: Vec<f64>,
    observed: Vec<usize>,
}

impl Workspace {
    fn new(p: usize) -> Self {
        Self {
            effects: vec![0.0; p],
            gram: vec![0.0; p * p],
            scratch: vec![0.0; p],
            observed: Vec::new(),
        }
    }
}

struct Fitter<'a> {
    design: &'a Matrix,
    errors: ErrorStructure<'a>,
    whole: PivotedQr,
    /// The design made orthonormal, row-major; empty where every row needs its own QR.
    basis: Vec<f64>,
    /// Inverse of the triangle that turns the basis back into the design.
    inverse_r: Vec<f64>,
    /// Row lengths of `inverse_r`: the unscaled standard errors of complete rows.
    complete_stdev: Vec<f64>,
}

impl<'a> Fitter<'a> {
    fn new(design: &'a Matrix, errors: ErrorStructure<'a>) -> Self {
        let (n, p) = (design.rows(), design.cols());
        let plain = errors == ErrorStructure::default();
        let whole = PivotedQr::of_matrix(design);
        let mut basis = Vec::new();
        if plain && whole.rank() == p {
            basis.resize(n * p, 0.0);
            for k in 0..p {
                for (i, value) in whole.q_column(k).into_iter().enumerate() {
                    basis[i * p + k] = value;
                }
            }
        }
        let inverse_r = whole.inverse_r();
        let rank = whole.rank();
        let complete_stdev = (0..rank)
            .map(|i| length(&inverse_r[i * rank..(i + 1) * rank]))
            .collect();
        Self {
            design,
            errors,
            whole,
            basis,
            inverse_r,
            complete_stdev,
        }
    }

    /// Unscaled covariance of the coefficients. Like limma, weights count only when no cell is missing.
    fn covariance(&self, missing: bool) -> Matrix {
        let p = self.design.cols();
        let mut covariance = Matrix::filled(p, p, f64::NAN);
        let reweighted;
        let qr = if self.errors.blocks.is_some() || (self.errors.weights.is_some() && !missing) {
            let weights = self.errors.weights.filter(|_| !missing);
            let observed: Vec<usize> = (0..self.design.rows())
                .filter(|&i| weights.is_none_or(|w| w[i] > 0.0))
                .collect();
            let errors = ErrorStructure {
                weights,
                blocks: self.errors.blocks,
            };
            let columns = whitened_columns(self.design, &observed, errors);
            reweighted = PivotedQr::of_columns(columns, observed.len(), p);
            &reweighted
        } else {
            &self.whole
        };
        let (rank, inverse) = (qr.rank(), qr.inverse_r());
        for (i, &a) in qr.independent().iter().enumerate() {
            for (j, &b) in qr.independent().iter().enumerate() {
                let sum: f64 = (0..rank)
                    .map(|k| inverse[i * rank + k] * inverse[j * rank + k])
                    .sum();
                covariance.set(a, b, sum);
            }
        }
        covariance
    }

    fn fit_row(&self, y: &[f64], work: &mut Workspace, b: &mut [f64], u: &mut [f64]) -> RowSummary {
        let (count, sum) = y
            .iter()
            .filter(|v| !v.is_nan())
            .fold((0usize, 0.0), |(count, sum), v| (count + 1, sum + v));
        if count == 0 {
            return RowSummary::UNOBSERVED;
        }
        let mean = sum / count as f64;
        if !self.basis.is_empty()
            && let Some((sigma, df_residual)) = self.fit_in_basis(y, count, work, b, u)
        {
            return RowSummary {
                sigma,
                df_residual,
                mean,
            };
        }
        let (sigma, df_residual) = self.fit_by_qr(y, &mut work.observed, b, u);
        RowSummary {
            sigma,
            df_residual,
            mean,
        }
    }

    /// Normal equations in the orthonormal basis; `None` where they are too ill-conditioned to trust.
    fn fit_in_basis(
        &self,
        y: &[f64],
        count: usize,
        work: &mut Workspace,
        b: &mut [f64],
        u: &mut [f64],
    ) -> Option<(f64, f64)> {
        let p = b.len();
        if count <= p {
            return None;
        }
        let complete = count == y.len();
        work.effects.fill(0.0);
        work.gram.fill(0.0);
        for k in 0..p {
            work.gram[k * p + k] = 1.0;
        }
        for (value, q) in y.iter().zip(self.basis.chunks_exact(p)) {
            if value.is_nan() {
                for (i, qi) in q.iter().enumerate() {
                    for (g, qj) in work.gram[i * p..=i * p + i].iter_mut().zip(q) {
                        *g -= qi * qj;
                    }
                }
            } else {
                for (effect, qk) in work.effects.iter_mut().zip(q) {
                    *effect += qk * value;
                }
            }
        }
        if !complete {
            if !cholesky(&mut work.gram, p) {
                return None;
            }
            solve_lower(&work.gram, p, &mut work.effects);
            solve_lower_transposed(&work.gram, p, &mut work.effects);
        }
        let mut squares = 0.0;
        for (value, q) in y.iter().zip(self.basis.chunks_exact(p)) {
            if !value.is_nan() {
                let fitted: f64 = q.iter().zip(&work.effects).map(|(q, e)| q * e).sum();
                squares += (value - fitted) * (value - fitted);
            }
        }
        for (i, row) in self.inverse_r.chunks_exact(p).enumerate() {
            b[i] = (i..p).map(|k| row[k] * work.effects[k]).sum();
            u[i] = if complete {
                self.complete_stdev[i]
            } else {
                work.scratch.copy_from_slice(row);
                solve_lower(&work.gram, p, &mut work.scratch);
                length(&work.scratch)
            };
        }
        let df = (count - p) as f64;
        Some(((squares / df).sqrt(), df))
    }

    fn fit_by_qr(
        &self,
        y: &[f64],
        observed: &mut Vec<usize>,
        b: &mut [f64],
        u: &mut [f64],
    ) -> (f64, f64) {
        let kept = |i: &usize| {
            let weighed = self
                .errors
                .weights
                .is_none_or(|w| w[*i] > 0.0 && w[*i].is_finite());
            !y[*i].is_nan() && weighed
        };
        observed.clear();
        observed.extend((0..y.len()).filter(kept));
        let n = observed.len();
        let columns = whitened_columns(self.design, observed, self.errors);
        let qr = PivotedQr::of_columns(columns, n, b.len());
        let mut effects: Vec<f64> = observed.iter().map(|&i| y[i]).collect();
        whiten(&mut effects, observed, self.errors);
        qr.apply_q_transposed(&mut effects);
        let (rank, solution, inverse) = (qr.rank(), qr.solve(&effects), qr.inverse_r());
        for (i, &column) in qr.independent().iter().enumerate() {
            b[column] = solution[i];
            u[column] = length(&inverse[i * rank..(i + 1) * rank]);
        }
        let df = (n - rank) as f64;
        let squares: f64 = effects[rank..].iter().map(|e| e * e).sum();
        let sigma = if df > 0.0 {
            (squares / df).sqrt()
        } else {
            f64::NAN
        };
        (sigma, df)
    }
}

fn length(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum::<f64>().sqrt()
}

/// In-place Cholesky of the lower triangle; false when a pivot is too small to trust.
fn cholesky(matrix: &mut [f64], p: usize) -> bool {
    let largest = (0..p).map(|k| matrix[k * p + k]).fold(0.0, f64::max);
    for j in 0..p {
        for i in j..p {
            let known: f64 = (0..j).map(|k| matrix[i * p + k] * matrix[j * p + k]).sum();
            let left = matrix[i * p + j] - known;
            if i == j {
                if left <= ILL_CONDITIONED_BELOW * largest {
                    return false;
                }
                matrix[j * p + j] = left.sqrt();
            } else {
                matrix[i * p + j] = left / matrix[j * p + j];
            }
        }
    }
    true
}

fn solve_lower(factor: &[f64], p: usize, x: &mut [f64]) {
    for i in 0..p {
        let known: f64 = (0..i).map(|k| factor[i * p + k] * x[k]).sum();
        x[i] = (x[i] - known) / factor[i * p + i];
    }
}

fn solve_lower_transposed(factor: &[f64], p: usize, x: &mut [f64]) {
    for i in (0..p).rev() {
        let known: f64 = (i + 1..p).map(|k| factor[k * p + i] * x[k]).sum();
        x[i] = (x[i] - known) / factor[i * p + i];
    }
}

/// The observed rows of the design, whitened, column-major.
fn whitened_columns(design: &Matrix, observed: &[usize], errors: ErrorStructure<'_>) -> Vec<f64> {
    let mut columns = Vec::with_capacity(observed.len() * design.cols());
    for j in 0..design.cols() {
        let start = columns.len();
        columns.extend(observed.iter().map(|&i| design.get(i, j)));
        whiten(&mut columns[start..], observed, errors);
    }
    columns
}

/// Multiplies values at the `observed` samples by the inverse square root of their covariance matrix.
pub(crate) fn whiten(values: &mut [f64], observed: &[usize], errors: ErrorStructure<'_>) {
    if let Some(weights) = errors.weights {
        for (value, &i) in values.iter_mut().zip(observed) {
            *value *= weights[i].sqrt();
        }
    }
    if let Some(BlockCorrelation { block, correlation }) = errors.blocks {
        // A block of m samples has eigenvalue 1 + (m − 1)ρ along its mean and 1 − ρ across it.
        scale_blocks(values, observed, block, |m| {
            let along = 1.0 + (m - 1.0) * correlation;
            (along.powf(-0.5), (1.0 - correlation).powf(-0.5))
        });
    }
}

/// Within each block, scales the mean by the first factor and deviations from it by the second; factors depend on the block's size.
pub(crate) fn scale_blocks(
    values: &mut [f64],
    observed: &[usize],
    block: &[usize],
    factors: impl Fn(f64) -> (f64, f64),
) {
    let blocks = block.iter().max().map_or(0, |b| b + 1);
    let mut totals = vec![(0.0, 0.0); blocks];
    for (value, &i) in values.iter().zip(observed) {
        let (sum, count) = &mut totals[block[i]];
        *sum += value;
        *count += 1.0;
    }
    for (value, &i) in values.iter_mut().zip(observed) {
        let (sum, count) = totals[block[i]];
        let mean = sum / count;
        let (along, across) = factors(count);
        *value = mean * along + (*value - mean) * across;
    }
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

#[cfg(test)]
pub(crate) mod tests;
