//! What is left of an effect with one more covariate in the model: whether the covariate can stand for it.
//!
//! Rows are fitted by ordinary least squares ([`crate::linear_model`]) on nuisance and tested columns, without and with the
//! covariate. Adjustment shrinks an effect that runs along with the covariate; a covariate that says nothing of the row
//! beyond the tested columns cannot explain it, however far its own uncertainty widens the error of the effect.

use crate::Matrix;
use crate::distributions::f_upper;
use crate::linear_model::{LinearFit, LinearModelError, fit};

/// One row with the covariate in its model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdjustedEffect {
    /// Share of the effect that is left: the tested part of the fit with the covariate, projected on that without. 1 where
    /// nothing changed, 0 where it is gone, negative where it turned round, NaN where it cannot be estimated. For one tested
    /// column this is the ratio of the two coefficients.
    pub left: f64,
    /// p of the tested columns with the covariate in the model; NaN without residual degrees of freedom.
    pub p: f64,
    /// p of the covariate with the tested columns in the model; NaN without residual degrees of freedom.
    pub p_covariate: f64,
}

/// Every row of `y` (log2, features × samples, NaN missing) with `covariate` (one finite value per sample) beside `nuisance`
/// and `tested` (samples × columns).
///
/// # Errors
/// The designs do not describe the columns of `y`, or hold values that are not finite.
pub fn adjusted_effects(
    y: &Matrix,
    nuisance: &Matrix,
    tested: &Matrix,
    covariate: &[f64],
) -> Result<Vec<AdjustedEffect>, LinearModelError> {
    let added = Matrix::from_fn(covariate.len(), 1, |i, _| covariate[i]);
    let plain = fit(y, &beside(nuisance, tested))?;
    let without_tested = fit(y, &beside(nuisance, &added))?;
    let full = fit(y, &beside(&beside(nuisance, &added), tested))?;
    let own = apart(tested, nuisance)?;
    let p = nested_p(&without_tested, &full);
    let p_covariate = nested_p(&plain, &full);
    Ok((0..y.rows())
        .map(|i| AdjustedEffect {
            left: left(
                &own,
                &plain.coefficients.row(i)[nuisance.cols()..],
                &full.coefficients.row(i)[nuisance.cols() + 1..],
            ),
            p: p[i],
            p_covariate: p_covariate[i],
        })
        .collect())
}

/// p of `tested` in every row of `y` beside `nuisance`: the F test of the two nested fits.
///
/// # Errors
/// The designs do not describe the columns of `y`, or hold values that are not finite.
pub fn tested_p(
    y: &Matrix,
    nuisance: &Matrix,
    tested: &Matrix,
) -> Result<Vec<f64>, LinearModelError> {
    let full = fit(y, &beside(nuisance, tested))?;
    Ok(nested_p(&fit(y, nuisance)?, &full))
}

/// F test of what `large` explains beyond `small`, row by row, each on its own observed samples.
fn nested_p(small: &LinearFit, large: &LinearFit) -> Vec<f64> {
    let unexplained = |fit: &LinearFit, i: usize| fit.sigma[i].powi(2) * fit.df_residual[i];
    (0..small.sigma.len())
        .map(|i| {
            let (df, df_large) = (
                small.df_residual[i] - large.df_residual[i],
                large.df_residual[i],
            );
            if df < 1.0 || df_large < 1.0 {
                return f64::NAN;
            }
            let left = unexplained(large, i);
            let gained = (unexplained(small, i) - left).max(0.0);
            f_upper(gained / df / (left / df_large), df, df_large)
        })
        .collect()
}

/// The columns of `tested` less what `nuisance` says of them.
fn apart(tested: &Matrix, nuisance: &Matrix) -> Result<Matrix, LinearModelError> {
    let of_nuisance = fit(&tested.transposed(), nuisance)?.coefficients;
    Ok(Matrix::from_fn(tested.rows(), tested.cols(), |i, j| {
        let said: f64 = (0..nuisance.cols())
            .map(|k| nuisance.get(i, k) * of_nuisance.get(j, k))
            .filter(|x| !x.is_nan())
            .sum();
        tested.get(i, j) - said
    }))
}

fn left(own: &Matrix, before: &[f64], after: &[f64]) -> f64 {
    let part = |b: &[f64], i: usize| -> f64 {
        let of_column = b.iter().enumerate().map(|(j, b)| own.get(i, j) * b);
        of_column.sum()
    };
    let (mut along, mut length) = (0.0, 0.0);
    for i in 0..own.rows() {
        let was = part(before, i);
        along += was * part(after, i);
        length += was * was;
    }
    along / length
}

fn beside(a: &Matrix, b: &Matrix) -> Matrix {
    Matrix::from_fn(a.rows(), a.cols() + b.cols(), |i, j| {
        if j < a.cols() {
            a.get(i, j)
        } else {
            b.get(i, j - a.cols())
        }
    })
}

#[cfg(test)]
mod tests {
    // There is no independent oracle for the share left; the p-values are those of fits that agree with limma.
    use super::*;
    use crate::distributions::student_t_two_sided;
    use crate::random_draws::RandomDraws;

    const SAMPLES: usize = 16;

    fn arms() -> (Matrix, Matrix) {
        let nuisance = Matrix::filled(SAMPLES, 1, 1.0);
        let tested = Matrix::from_fn(SAMPLES, 1, |i, _| f64::from(u8::from(i >= SAMPLES / 2)));
        (nuisance, tested)
    }

    /// A covariate that differs between the arms and within them, a row that follows it and one that has an effect of its own.
    fn study() -> (Vec<f64>, Matrix) {
        let mut draws = RandomDraws::new(7, "covariate");
        let covariate: Vec<f64> = (0..SAMPLES)
            .map(|i| if i >= SAMPLES / 2 { 1.5 } else { 0.0 } + draws.normal())
            .collect();
        let rows = Matrix::from_fn(2, SAMPLES, |i, j| {
            let arm = if j >= SAMPLES / 2 { 2.0 } else { 0.0 };
            let driven = if i == 0 { 1.2 * covariate[j] } else { arm };
            driven + 0.15 * draws.normal()
        });
        (covariate, rows)
    }

    #[test]
    fn what_follows_the_covariate_is_gone_and_what_does_not_stays() {
        let (nuisance, tested) = arms();
        let (covariate, rows) = study();
        let found = adjusted_effects(&rows, &nuisance, &tested, &covariate).unwrap_or_default();
        assert!(
            found[0].left.abs() < 0.2 && found[0].p_covariate < 1e-6,
            "{found:?}"
        );
        assert!(
            (found[1].left - 1.0).abs() < 0.2 && found[1].p < 1e-6,
            "{found:?}"
        );
        assert!(found[1].p_covariate > 0.01, "{found:?}");
    }

    #[test]
    fn for_one_column_it_is_the_t_test_and_the_ratio_of_coefficients() {
        let (nuisance, tested) = arms();
        let (covariate, mut rows) = study();
        rows.set(1, 3, f64::NAN);
        let added = Matrix::from_fn(SAMPLES, 1, |i, _| covariate[i]);
        let plain = fit(&rows, &beside(&nuisance, &tested));
        let full = fit(&rows, &beside(&beside(&nuisance, &added), &tested));
        let (Ok(plain), Ok(full)) = (plain, full) else {
            panic!("fits");
        };
        let found = adjusted_effects(&rows, &nuisance, &tested, &covariate).unwrap_or_default();
        for (i, found) in found.iter().enumerate() {
            let t = |column: usize| {
                full.coefficients.get(i, column)
                    / (full.stdev_unscaled.get(i, column) * full.sigma[i])
            };
            let p = |column| student_t_two_sided(t(column), full.df_residual[i]);
            assert!((found.p / p(2) - 1.0).abs() < 1e-6);
            assert!((found.p_covariate / p(1) - 1.0).abs() < 1e-6);
            let ratio = full.coefficients.get(i, 2) / plain.coefficients.get(i, 1);
            assert!((found.left - ratio).abs() < 1e-9);
        }
    }

    #[test]
    fn without_degrees_of_freedom_nothing_is_said() {
        let nuisance = Matrix::filled(3, 1, 1.0);
        let tested = Matrix::from_fn(3, 1, |i, _| f64::from(u8::from(i > 0)));
        let rows = Matrix::from_fn(1, 3, |_, j| j as f64);
        let found = adjusted_effects(&rows, &nuisance, &tested, &[0.0, 1.0, 3.0]);
        assert!(found.is_ok_and(|f| f[0].p.is_nan() && f[0].p_covariate.is_nan()));
    }
}
