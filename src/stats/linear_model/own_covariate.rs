//! A linear model per feature in which every feature has a covariate of its own, such as the genotype of its gene.

use rayon::prelude::*;

use super::{LinearFit, LinearModelError};
use crate::Matrix;
use crate::orthogonal::PivotedQr;

/// Rows handed to a worker at a time.
const ROWS_PER_TASK: usize = 64;

/// Fits row `i` of `y` (log2, features × samples, NaN missing) on `[design | row i of own]` by ordinary least squares, over the
/// samples where both `y` and `own` have a value. The own covariate is the last coefficient; it is NaN where it is a
/// combination of the design's columns on these samples (no carrier, all carriers). Agrees with R `lm` per row to 1e-10
/// relative.
///
/// [`LinearFit::coefficient_covariance`] has no meaning over rows of different designs and is NaN throughout.
///
/// # Errors
/// `own` has another shape than `y`, or the design does not describe the columns of `y`.
pub fn fit_with_own_covariate(
    y: &Matrix,
    design: &Matrix,
    own: &Matrix,
) -> Result<LinearFit, LinearModelError> {
    let (features, samples, p) = (y.rows(), y.cols(), design.cols() + 1);
    if design.rows() != samples {
        return Err(LinearModelError::Samples {
            design: design.rows(),
            samples,
        });
    }
    if own.rows() != features || own.cols() != samples {
        return Err(LinearModelError::PerSample {
            what: "values of the own covariate",
            found: own.rows() * own.cols(),
            samples: features * samples,
        });
    }
    if design.cols() == 0 || design.values().iter().any(|v| !v.is_finite()) {
        return Err(LinearModelError::Design);
    }
    let mut fit = LinearFit {
        coefficients: Matrix::filled(features, p, f64::NAN),
        stdev_unscaled: Matrix::filled(features, p, f64::NAN),
        sigma: vec![f64::NAN; features],
        df_residual: vec![0.0; features],
        ave_expr: vec![f64::NAN; features],
        coefficient_covariance: Matrix::filled(p, p, f64::NAN),
    };
    let rows: Vec<Option<Row>> = (0..features)
        .into_par_iter()
        .with_min_len(ROWS_PER_TASK)
        .map(|i| Row::fit(y.row(i), design, own.row(i)))
        .collect();
    for (i, row) in rows.into_iter().enumerate() {
        let Some(row) = row else { continue };
        for (k, (b, u)) in row.estimates {
            fit.coefficients.set(i, k, b);
            fit.stdev_unscaled.set(i, k, u);
        }
        fit.sigma[i] = row.sigma;
        fit.df_residual[i] = row.df;
        fit.ave_expr[i] = row.mean;
    }
    Ok(fit)
}

/// One fitted row: per estimable coefficient its place, estimate and unscaled standard error.
struct Row {
    estimates: Vec<(usize, (f64, f64))>,
    sigma: f64,
    df: f64,
    mean: f64,
}

impl Row {
    fn fit(y: &[f64], design: &Matrix, own: &[f64]) -> Option<Self> {
        let observed: Vec<usize> = (0..y.len())
            .filter(|&j| !y[j].is_nan() && !own[j].is_nan())
            .collect();
        let n = observed.len();
        if n == 0 {
            return None;
        }
        let mut columns = Vec::with_capacity(n * (design.cols() + 1));
        for k in 0..design.cols() {
            columns.extend(observed.iter().map(|&j| design.get(j, k)));
        }
        columns.extend(observed.iter().map(|&j| own[j]));
        let qr = PivotedQr::of_columns(columns, n, design.cols() + 1);
        let mut effects: Vec<f64> = observed.iter().map(|&j| y[j]).collect();
        let mean = effects.iter().sum::<f64>() / n as f64;
        qr.apply_q_transposed(&mut effects);
        let (rank, solution, inverse) = (qr.rank(), qr.solve(&effects), qr.inverse_r());
        let length = |i: usize| -> f64 {
            inverse[i * rank..(i + 1) * rank]
                .iter()
                .map(|v| v * v)
                .sum()
        };
        let df = (n - rank) as f64;
        let squares: f64 = effects[rank..].iter().map(|e| e * e).sum();
        Some(Self {
            estimates: qr
                .independent()
                .iter()
                .enumerate()
                .map(|(i, &k)| (k, (solution[i], length(i).sqrt())))
                .collect(),
            sigma: if df > 0.0 {
                (squares / df).sqrt()
            } else {
                f64::NAN
            },
            df,
            mean,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::linear_model::fit;

    #[test]
    fn one_covariate_for_all_rows_is_the_ordinary_fit() {
        let (rows, samples) = (7, 11);
        let wave = |i: usize, j: usize| ((3 * i + 1) as f64 * (j as f64 + 0.3)).sin();
        let y = Matrix::from_fn(rows, samples, |i, j| {
            if (i + 2 * j) % 9 == 0 {
                f64::NAN
            } else {
                wave(i, j)
            }
        });
        let design = Matrix::from_fn(samples, 2, |j, k| if k == 0 { 1.0 } else { (j % 3) as f64 });
        let covariate: Vec<f64> = (0..samples).map(|j| wave(9, j)).collect();
        let whole = Matrix::from_fn(samples, 3, |j, k| {
            if k < 2 {
                design.get(j, k)
            } else {
                covariate[j]
            }
        });
        let own = Matrix::from_fn(rows, samples, |_, j| covariate[j]);
        let (ours, theirs) = (
            fit_with_own_covariate(&y, &design, &own).unwrap(),
            fit(&y, &whole).unwrap(),
        );
        for i in 0..rows {
            for k in 0..3 {
                let close = |a: f64, b: f64| (a - b).abs() < 1e-10;
                assert!(close(
                    ours.coefficients.get(i, k),
                    theirs.coefficients.get(i, k)
                ));
                assert!(close(
                    ours.stdev_unscaled.get(i, k),
                    theirs.stdev_unscaled.get(i, k)
                ));
            }
            assert!((ours.sigma[i] - theirs.sigma[i]).abs() < 1e-10);
            assert_eq!(ours.df_residual[i], theirs.df_residual[i]);
        }
    }

    #[test]
    fn a_covariate_that_does_not_vary_cannot_be_estimated() {
        let y = Matrix::new(1, 4, vec![1.0, 2.0, 4.0, 3.0]).unwrap();
        let design = Matrix::filled(4, 1, 1.0);
        let own = Matrix::new(1, 4, vec![1.0, 1.0, 1.0, f64::NAN]).unwrap();
        let fit = fit_with_own_covariate(&y, &design, &own).unwrap();
        assert!(fit.coefficients.get(0, 1).is_nan());
        assert_eq!(fit.df_residual[0], 2.0);
    }
}
