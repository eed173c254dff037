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

/// Rows fitted side by side. Sums over samples wait for each other within a row but not between rows.
pub(super) const LANES: usize = 4;

pub(super) struct Workspace {
    /// Qᵀy over the observed samples, then the solution in the orthonormal basis; one lane per row.
    effects: Vec<[f64; LANES]>,
    /// Gram matrix of the observed rows of Q, row-major, lower triangle.
    gram: Vec<[f64; LANES]>,
    /// Its Cholesky factor, per row with missing cells.
    factors: [Vec<f64>; LANES],
    scratch: Vec<f64>,
    observed: Vec<usize>,
}

/// Observed samples of each row and the total of their values.
struct Sums {
    count: [usize; LANES],
    total: [f64; LANES],
}

/// The values of the rows at one sample, 0 where missing, and whether they are there.
fn at_sample(rows: &[&[f64]; LANES], sample: usize) -> ([f64; LANES], [bool; LANES]) {
    let found = rows.map(|row| row[sample]);
    let seen = found.map(|value| !value.is_nan());
    let values = found.map(|value| if value.is_nan() { 0.0 } else { value });
    (values, seen)
}

impl Workspace {
    pub(super) fn new(p: usize) -> Self {
        Self {
            effects: vec![[0.0; LANES]; p],
            gram: vec![[0.0; LANES]; p * p],
            factors: std::array::from_fn(|_| vec![0.0; p * p]),
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

    /// Fits the first rows, as many as there are `summaries`; `b` and `u` take the coefficients and unscaled standard errors of one
    /// row after the other.
    pub(super) fn fit_rows(
        &self,
        rows: [&[f64]; LANES],
        work: &mut Workspace,
        b: &mut [f64],
        u: &mut [f64],
        summaries: &mut [RowSummary],
    ) {
        let p = self.design.cols();
        let rows = rows.map(|row| &row[..self.design.rows()]);
        let sums = self.sums(&rows, work);
        let mut in_basis = [false; LANES];
        for (lane, (solved, &count)) in in_basis.iter_mut().zip(&sums.count).enumerate() {
            *solved = !self.basis.is_empty() && count > p && self.solve(lane, count, work);
        }
        let squares = self.residual_squares(&rows, work);
        for (lane, summary) in summaries.iter_mut().enumerate() {
            let count = sums.count[lane];
            if count == 0 {
                *summary = RowSummary::UNOBSERVED;
                continue;
            }
            let cells = lane * p..(lane + 1) * p;
            let (b, u) = (&mut b[cells.clone()], &mut u[cells]);
            let (sigma, df_residual) = if in_basis[lane] {
                self.coefficients(lane, count, work, b, u);
                let df = (count - p) as f64;
                ((squares[lane] / df).sqrt(), df)
            } else {
                self.fit_by_qr(rows[lane], &mut work.observed, b, u)
            };
            *summary = RowSummary {
                sigma,
                df_residual,
                mean: sums.total[lane] / count as f64,
            };
        }
    }

    /// Counts and totals of the rows, and with a basis their effects and Gram matrices in `work`. The lanes do not mix: each
    /// adds in the order of the samples, what is missing adding nothing, so that a row has one result whoever its neighbours are.
    fn sums(&self, rows: &[&[f64]; LANES], work: &mut Workspace) -> Sums {
        let p = self.design.cols();
        let mut sums = Sums {
            count: [0; LANES],
            total: [0.0; LANES],
        };
        work.effects.fill([0.0; LANES]);
        work.gram.fill([0.0; LANES]);
        for k in 0..p {
            work.gram[k * p + k] = [1.0; LANES];
        }
        for sample in 0..self.design.rows() {
            let (values, seen) = at_sample(rows, sample);
            for (count, seen) in sums.count.iter_mut().zip(seen) {
                *count += usize::from(seen);
            }
            for (total, value) in sums.total.iter_mut().zip(values) {
                *total += value;
            }
            let Some(q) = self.basis.get(sample * p..(sample + 1) * p) else {
                continue;
            };
            for (effect, qk) in work.effects.iter_mut().zip(q) {
                for (sum, value) in effect.iter_mut().zip(values) {
                    *sum += qk * value;
                }
            }
            if seen != [true; LANES] {
                let gone = seen.map(|s| if s { 0.0 } else { 1.0 });
                for (i, qi) in q.iter().enumerate() {
                    for (g, qj) in work.gram[i * p..=i * p + i].iter_mut().zip(q) {
                        let product = qi * qj;
                        for (sum, gone) in g.iter_mut().zip(gone) {
                            *sum -= product * gone;
                        }
                    }
                }
            }
        }
        sums
    }

    /// Normal equations of one row in the orthonormal basis; false where they are too ill-conditioned to trust.
    fn solve(&self, lane: usize, count: usize, work: &mut Workspace) -> bool {
        let p = self.design.cols();
        if count == self.design.rows() {
            return true;
        }
        let factor = &mut work.factors[lane];
        for (cell, lanes) in factor.iter_mut().zip(&work.gram) {
            *cell = lanes[lane];
        }
        if !cholesky(factor, p) {
            return false;
        }
        for (x, effect) in work.scratch.iter_mut().zip(&work.effects) {
            *x = effect[lane];
        }
        solve_lower(factor, p, &mut work.scratch);
        solve_lower_transposed(factor, p, &mut work.scratch);
        for (x, effect) in work.scratch.iter().zip(&mut work.effects) {
            effect[lane] = *x;
        }
        true
    }

    /// Residual sums of squares from the solutions in `work`.
    fn residual_squares(&self, rows: &[&[f64]; LANES], work: &Workspace) -> [f64; LANES] {
        let p = self.design.cols();
        let mut squares = [0.0; LANES];
        for (sample, q) in self.basis.chunks_exact(p).enumerate() {
            let (values, seen) = at_sample(rows, sample);
            let mut fitted = [-0.0; LANES];
            for (effect, qk) in work.effects.iter().zip(q) {
                for (fitted, e) in fitted.iter_mut().zip(effect) {
                    *fitted += qk * e;
                }
            }
            let found = values.iter().zip(fitted).zip(seen);
            for (sum, ((value, fitted), seen)) in squares.iter_mut().zip(found) {
                let residual = value - fitted;
                *sum += if seen { residual * residual } else { 0.0 };
            }
        }
        squares
    }

    /// Coefficients and unscaled standard errors of one row from its solution.
    fn coefficients(
        &self,
        lane: usize,
        count: usize,
        work: &mut Workspace,
        b: &mut [f64],
        u: &mut [f64],
    ) {
        let p = self.design.cols();
        let complete = count == self.design.rows();
        for (i, row) in self.inverse_r.chunks_exact(p).enumerate() {
            b[i] = (i..p).map(|k| row[k] * work.effects[k][lane]).sum();
            u[i] = if complete {
                self.complete_stdev[i]
            } else {
                work.scratch.copy_from_slice(row);
                solve_lower(&work.factors[lane], p, &mut work.scratch);
                length(&work.scratch)
            };
        }
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
