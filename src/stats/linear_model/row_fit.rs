//! The fit of one row: in the orthonormal basis of the design where that is sound, else by a QR of the row's own samples.

use super::ErrorStructure;
use super::whitening::{whiten, whitened_columns};
use crate::Matrix;
use crate::orthogonal::PivotedQr;

/// Cholesky pivots below this share of the largest diagonal send a row to its own QR.
const ILL_CONDITIONED_BELOW: f64 = 1e-4;

#[derive(Debug, Clone, Copy)]
pub(super) struct RowSummary {
    pub(super) sigma: f64,
    pub(super) df_residual: f64,
    pub(super) mean: f64,
}

impl RowSummary {
    pub(super) const UNOBSERVED: Self = Self {
        sigma: f64::NAN,
        df_residual: 0.0,
        mean: f64::NAN,
    };
}

pub(super) struct Workspace {
    /// Qᵀy over the observed samples, then the solution in the orthonormal basis.
    effects: Vec<f64>,
    /// Gram matrix of the observed rows of Q, then its Cholesky factor, row-major.
    gram: Vec<f64>,
    scratch: Vec<f64>,
    observed: Vec<usize>,
}

impl Workspace {
    pub(super) fn new(p: usize) -> Self {
        Self {
            effects: vec![0.0; p],
            gram: vec![0.0; p * p],
            scratch: vec![0.0; p],
            observed: Vec::new(),
        }
    }
}

pub(super) struct Fitter<'a> {
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
    pub(super) fn new(design: &'a Matrix, errors: ErrorStructure<'a>) -> Self {
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
    pub(super) fn covariance(&self, missing: bool) -> Matrix {
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

    pub(super) fn fit_row(
        &self,
        y: &[f64],
        work: &mut Workspace,
        b: &mut [f64],
        u: &mut [f64],
    ) -> RowSummary {
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
