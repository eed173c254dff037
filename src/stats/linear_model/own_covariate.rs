//! A linear model per feature in which every feature has covariates of its own, such as the genotypes of its gene.

use rayon::prelude::*;

use super::{LinearFit, LinearModelError};
use crate::Matrix;
use crate::distributions::student_t_two_sided;
use crate::orthogonal::PivotedQr;

/// Rows handed to a worker at a time.
const ROWS_PER_TASK: usize = 64;
/// Share of a sample's own say in its fitted value above which nothing is left to estimate without it.
const ALL_OF_IT: f64 = 1.0 - 1e-9;

/// Fits row `i` of `y` (log2, features × samples, NaN missing) on `[design | row i of each of own]` by ordinary least squares, over the
/// samples where `y` and all of `own` have a value. The own covariates are the last coefficients; one is NaN where it is a
/// combination of the columns before it on these samples (no carrier, all carriers). Agrees with R `lm` per row to 1e-10
/// relative.
///
/// [`LinearFit::coefficient_covariance`] has no meaning over rows of different designs and is NaN throughout.
///
/// # Errors
/// One of `own` has another shape than `y`, or the design does not describe the columns of `y`.
pub fn fit_with_own_covariates(
    y: &Matrix,
    design: &Matrix,
    own: &[Matrix],
) -> Result<LinearFit, LinearModelError> {
    check(y, design, own)?;
    let (features, p) = (y.rows(), design.cols() + own.len());
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
        .map(|i| Row::fit(i, y, design, own))
        .collect();
    for (i, row) in rows.into_iter().enumerate() {
        let Some(row) = row else { continue };
        for (k, &place) in row.independent.iter().enumerate() {
            fit.coefficients.set(i, place, row.solution[k]);
            fit.stdev_unscaled
                .set(i, place, row.unscaled_variance(k).sqrt());
        }
        if row.df > 0.0 {
            fit.sigma[i] = (row.squares / row.df).sqrt();
        }
        fit.df_residual[i] = row.df;
        fit.ave_expr[i] = row.mean;
    }
    Ok(fit)
}

/// The p-value that the last of the own covariates keeps in every row without the one sample that carries it most: the largest
/// two-sided p over all fits that leave one sample out, 1 where one of them changes its sign or cannot estimate it; NaN where the
/// whole fit cannot. Variances are moderated with the prior of the whole table (`prior_df`, `prior_variance` per row).
///
/// Fits without a sample follow from the whole one (Belsley, Kuh & Welsch 1980, doi:10.1002/0471725153, section 2.1): with leverage h and
/// residual r of the sample, β − (XᵀX)⁻¹x·r/(1 − h), and residual sum of squares less r²/(1 − h).
///
/// # Errors
/// As [`fit_with_own_covariates`].
pub fn p_without_one_sample(
    y: &Matrix,
    design: &Matrix,
    own: &[Matrix],
    prior_df: &[f64],
    prior_variance: &[f64],
) -> Result<Vec<f64>, LinearModelError> {
    check(y, design, own)?;
    let last = design.cols() + own.len() - 1;
    Ok((0..y.rows())
        .into_par_iter()
        .with_min_len(ROWS_PER_TASK)
        .map(|i| {
            let row = Row::fit(i, y, design, own);
            row.and_then(|row| row.weakest_p(last, prior_df[i], prior_variance[i]))
                .unwrap_or(f64::NAN)
        })
        .collect())
}

fn check(y: &Matrix, design: &Matrix, own: &[Matrix]) -> Result<(), LinearModelError> {
    let (features, samples) = (y.rows(), y.cols());
    if design.rows() != samples {
        return Err(LinearModelError::Samples {
            design: design.rows(),
            samples,
        });
    }
    let misfit = |m: &&Matrix| m.rows() != features || m.cols() != samples;
    if let Some(own) = own.iter().find(misfit) {
        return Err(LinearModelError::PerSample {
            what: "values of the own covariate",
            found: own.rows() * own.cols(),
            samples: features * samples,
        });
    }
    if design.cols() == 0 || own.is_empty() || design.values().iter().any(|v| !v.is_finite()) {
        return Err(LinearModelError::Design);
    }
    Ok(())
}

/// One fitted row.
struct Row {
    /// Places of the coefficients that can be estimated, in the order of `solution`.
    independent: Vec<usize>,
    solution: Vec<f64>,
    /// Inverse of R, rank × rank, row by row.
    inverse: Vec<f64>,
    /// The estimable columns of the observed samples, sample by sample.
    x: Vec<f64>,
    residuals: Vec<f64>,
    squares: f64,
    df: f64,
    mean: f64,
}

impl Row {
    fn fit(i: usize, y: &Matrix, design: &Matrix, own: &[Matrix]) -> Option<Self> {
        let y = y.row(i);
        let observed: Vec<usize> = (0..y.len())
            .filter(|&j| !y[j].is_nan() && own.iter().all(|o| !o.get(i, j).is_nan()))
            .collect();
        let n = observed.len();
        if n == 0 {
            return None;
        }
        let width = design.cols() + own.len();
        let cell = |j: usize, k: usize| match k.checked_sub(design.cols()) {
            None => design.get(j, k),
            Some(o) => own[o].get(i, j),
        };
        let mut columns = Vec::with_capacity(n * width);
        for k in 0..width {
            columns.extend(observed.iter().map(|&j| cell(j, k)));
        }
        let qr = PivotedQr::of_columns(columns, n, width);
        let mut effects: Vec<f64> = observed.iter().map(|&j| y[j]).collect();
        let mean = effects.iter().sum::<f64>() / n as f64;
        qr.apply_q_transposed(&mut effects);
        let (rank, solution, inverse) = (qr.rank(), qr.solve(&effects), qr.inverse_r());
        let independent = qr.independent().to_vec();
        let mut x = Vec::with_capacity(n * rank);
        for &j in &observed {
            x.extend(independent.iter().map(|&k| cell(j, k)));
        }
        let fitted = |k: usize| -> f64 {
            let row = x[k * rank..(k + 1) * rank].iter();
            row.zip(&solution).map(|(x, b)| x * b).sum()
        };
        Some(Self {
            residuals: (0..n).map(|k| y[observed[k]] - fitted(k)).collect(),
            squares: effects[rank..].iter().map(|e| e * e).sum(),
            df: (n - rank) as f64,
            independent,
            solution,
            inverse,
            x,
            mean,
        })
    }

    fn rank(&self) -> usize {
        self.independent.len()
    }

    fn unscaled_variance(&self, k: usize) -> f64 {
        let rank = self.rank();
        let row = &self.inverse[k * rank..(k + 1) * rank];
        row.iter().map(|v| v * v).sum()
    }

    /// The largest p of the coefficient at `place` over the fits without one sample.
    fn weakest_p(&self, place: usize, prior_df: f64, prior_variance: f64) -> Option<f64> {
        let rank = self.rank();
        let k = self.independent.iter().position(|&p| p == place)?;
        if self.df < 2.0 {
            return Some(1.0);
        }
        let (effect, unscaled) = (self.solution[k], self.unscaled_variance(k));
        let mut weakest = f64::INFINITY;
        for (x, &residual) in self.x.chunks_exact(rank).zip(&self.residuals) {
            let q = |c: usize| -> f64 { (0..=c).map(|r| x[r] * self.inverse[r * rank + c]).sum() };
            let (mut leverage, mut pull) = (0.0, 0.0);
            for c in 0..rank {
                let q = q(c);
                leverage += q * q;
                pull += self.inverse[k * rank + c] * q;
            }
            if leverage >= ALL_OF_IT {
                // Without the sample its own column is gone; that is the tested one only where it pulls.
                if pull.abs() > 1e-9 {
                    return Some(1.0);
                }
                continue;
            }
            let left = effect - pull * residual / (1.0 - leverage);
            if left * effect <= 0.0 {
                return Some(1.0);
            }
            let squares = (self.squares - residual * residual / (1.0 - leverage)).max(0.0);
            let variance = if prior_df.is_infinite() {
                prior_variance
            } else {
                (prior_df * prior_variance + squares) / (prior_df + self.df - 1.0)
            };
            let error = ((unscaled + pull * pull / (1.0 - leverage)) * variance).sqrt();
            weakest = weakest.min(left.abs() / error);
        }
        let df = prior_df + self.df - 1.0;
        Some(student_t_two_sided(weakest, df))
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
        let own = [Matrix::from_fn(rows, samples, |_, j| covariate[j])];
        let (ours, theirs) = (
            fit_with_own_covariates(&y, &design, &own).unwrap(),
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
        let own = [Matrix::new(1, 4, vec![1.0, 1.0, 1.0, f64::NAN]).unwrap()];
        let fit = fit_with_own_covariates(&y, &design, &own).unwrap();
        assert!(fit.coefficients.get(0, 1).is_nan());
        assert_eq!(fit.df_residual[0], 2.0);
    }

    /// p of the last coefficient of a fit over the samples kept, moderated with the prior.
    fn refitted(y: &[f64], design: &Matrix, own: &[Matrix], out: usize, prior: (f64, f64)) -> f64 {
        let kept: Vec<usize> = (0..y.len()).filter(|&j| j != out).collect();
        let whole = Matrix::from_fn(kept.len(), design.cols() + own.len(), |k, c| {
            match c.checked_sub(design.cols()) {
                None => design.get(kept[k], c),
                Some(o) => own[o].get(0, kept[k]),
            }
        });
        let y = Matrix::from_fn(1, kept.len(), |_, k| y[kept[k]]);
        let fit = fit(&y, &whole).unwrap();
        let last = whole.cols() - 1;
        let (df, squares) = (
            fit.df_residual[0],
            fit.sigma[0].powi(2) * fit.df_residual[0],
        );
        let variance = (prior.0 * prior.1 + squares) / (prior.0 + df);
        let error = fit.stdev_unscaled.get(0, last) * variance.sqrt();
        student_t_two_sided(fit.coefficients.get(0, last) / error, prior.0 + df)
    }

    #[test]
    fn fits_without_a_sample_are_those_that_refitting_gives() {
        let samples = 14;
        let wave = |i: usize, j: usize| ((5 * i + 2) as f64 * (j as f64 + 0.7)).sin();
        let own = [
            Matrix::from_fn(1, samples, |_, j| wave(3, j)),
            Matrix::from_fn(1, samples, |_, j| f64::from(u8::from(j % 3 == 0))),
        ];
        let y: Vec<f64> = (0..samples)
            .map(|j| 2.0 * own[1].get(0, j) + 0.5 * wave(8, j))
            .collect();
        let design = Matrix::from_fn(samples, 2, |j, k| if k == 0 { 1.0 } else { wave(1, j) });
        let prior = (3.0, 0.2);
        let expected = (0..samples)
            .map(|out| refitted(&y, &design, &own, out, prior))
            .fold(0.0, f64::max);
        let row = Matrix::new(1, samples, y).unwrap();
        let found = p_without_one_sample(&row, &design, &own, &[prior.0], &[prior.1]).unwrap();
        assert!(
            (found[0] / expected - 1.0).abs() < 1e-9,
            "{found:?} {expected}"
        );
    }

    #[test]
    fn what_one_sample_carries_is_gone_without_it() {
        let y = Matrix::new(1, 6, vec![0.1, 0.0, -0.1, 0.05, 0.0, 9.0]).unwrap();
        let design = Matrix::filled(6, 1, 1.0);
        let carriers = |list: [f64; 6]| [Matrix::new(1, 6, list.to_vec()).unwrap()];
        let alone = carriers([0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        let p =
            |own: &[Matrix]| p_without_one_sample(&y, &design, own, &[4.0], &[0.01]).unwrap()[0];
        assert_eq!(p(&alone), 1.0);
        assert!(p(&carriers([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])) > 0.05);
        let flat = carriers([1.0; 6]);
        assert!(p(&flat).is_nan());
    }
}
