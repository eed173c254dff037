//! Moderated t and F statistics: linear fits whose variances are squeezed towards a common prior (limma `eBayes`).
//!
//! Smyth 2004 (doi:10.2202/1544-6115.1027). Effects are differences on the log2 scale of the data. A coefficient a feature cannot
//! estimate is NaN throughout. A feature without residual degrees of freedom still gets a p-value from the prior. Agrees with limma,
//! legacy hyperparameters: t 1e-9 relative, log10 p 1e-8, log-odds 1e-6; robust 1e-6; unequal-df 1e-5 in the prior.

use crate::Matrix;
use crate::distributions::{
    ln_f_upper, ln_student_t_two_sided, ln_student_t_upper, student_t_quantile,
    student_t_two_sided_quantile, student_t_two_sided_quantile_from_ln,
};
use crate::linear_model::LinearFit;
use crate::symmetric_eigen::symmetric_eigen;
use crate::variance_prior::{PriorOptions, SqueezedVariance, VariancePriorError, squeeze_variance};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Rows handed to a worker at a time.
const ROWS_PER_TASK: usize = 256;

/// Settings of the moderation; the defaults are limma's.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ModerationOptions {
    /// How the variance prior is estimated.
    pub prior: PriorOptions,
    /// Whether the prior variance follows mean abundance. Features never observed then get no statistic.
    pub trend: bool,
}

/// Assumptions behind the log-odds of differential abundance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogOddsOptions {
    /// Share of features assumed to change.
    pub proportion: f64,
    /// Limits (low, high) of the standard deviation of the true log2 changes.
    pub stdev_coef_lim: (f64, f64),
}

impl Default for LogOddsOptions {
    fn default() -> Self {
        Self {
            proportion: 0.01,
            stdev_coef_lim: (0.1, 4.0),
        }
    }
}

/// Linear fits with squeezed variances.
#[derive(Debug, Clone, PartialEq)]
pub struct ModeratedFit {
    /// The fits.
    pub fit: LinearFit,
    /// Prior and posterior variances per feature.
    pub variance: SqueezedVariance,
    /// Residual plus prior degrees of freedom, at most the sum of all residual ones.
    pub df_total: Vec<f64>,
    /// Features left out of a trended prior because they were never observed.
    pub left_out: Vec<usize>,
}

/// The test of one coefficient in every feature.
#[derive(Debug, Clone, PartialEq)]
pub struct CoefficientTest {
    /// The estimates, log2 scale.
    pub effect: Vec<f64>,
    /// Standard errors from the posterior variance.
    pub standard_error: Vec<f64>,
    /// Moderated t.
    pub t: Vec<f64>,
    /// Degrees of freedom of t.
    pub df: Vec<f64>,
    /// Natural logarithm of the two-sided p-value.
    pub ln_p: Vec<f64>,
}

/// The joint test of several coefficients in every feature.
#[derive(Debug, Clone, PartialEq)]
pub struct JointTest {
    /// Moderated F; NaN where a coefficient cannot be estimated.
    pub f: Vec<f64>,
    /// Numerator degrees of freedom: the number of independent coefficients.
    pub df1: f64,
    /// Denominator degrees of freedom.
    pub df2: Vec<f64>,
    /// Natural logarithm of the p-value.
    pub ln_p: Vec<f64>,
}

/// Moderates every feature's variance and degrees of freedom.
pub fn moderate(
    fit: LinearFit,
    options: ModerationOptions,
) -> Result<ModeratedFit, VariancePriorError> {
    let features = fit.sigma.len();
    let seen = |i: &usize| !options.trend || fit.ave_expr[*i].is_finite();
    let (kept, left_out): (Vec<usize>, Vec<usize>) = (0..features).partition(seen);
    let pick = |v: &[f64]| kept.iter().map(|&i| v[i]).collect::<Vec<f64>>();
    let variances: Vec<f64> = pick(&fit.sigma).iter().map(|s| s * s).collect();
    let df = pick(&fit.df_residual);
    let ave = options.trend.then(|| pick(&fit.ave_expr));
    let mut variance = squeeze_variance(&variances, &df, ave.as_deref(), options.prior)?;
    if !left_out.is_empty() {
        let spread = |values: &[f64]| {
            let mut all = vec![f64::NAN; features];
            for (&i, v) in kept.iter().zip(values) {
                all[i] = *v;
            }
            all
        };
        variance.prior_variance = spread(&variance.prior_variance);
        variance.prior_df = spread(&variance.prior_df);
        variance.posterior_variance = spread(&variance.posterior_variance);
    }
    let pooled: f64 = fit.df_residual.iter().sum();
    let df_total = fit
        .df_residual
        .iter()
        .zip(&variance.prior_df)
        .map(|(r, p)| {
            if p.is_nan() {
                f64::NAN
            } else {
                (r + p).min(pooled)
            }
        })
        .collect();
    Ok(ModeratedFit {
        fit,
        variance,
        df_total,
        left_out,
    })
}

impl ModeratedFit {
    fn features(&self) -> usize {
        self.df_total.len()
    }

    fn standard_error(&self, feature: usize, column: usize) -> f64 {
        self.fit.stdev_unscaled.get(feature, column)
            * self.variance.posterior_variance[feature].sqrt()
    }

    /// The moderated t of one coefficient in one feature.
    pub fn t(&self, feature: usize, column: usize) -> f64 {
        self.fit.coefficients.get(feature, column) / self.standard_error(feature, column)
    }

    /// Natural logarithm of the two-sided p-value that coefficient `column` is 0, per feature.
    pub fn ln_p(&self, column: usize) -> Vec<f64> {
        (0..self.features())
            .into_par_iter()
            .with_min_len(ROWS_PER_TASK)
            .map(|i| ln_student_t_two_sided(self.t(i, column), self.df_total[i]))
            .collect()
    }

    /// Tests that coefficient `column` is 0 in every feature.
    pub fn test(&self, column: usize) -> CoefficientTest {
        let rows = 0..self.features();
        let t: Vec<f64> = rows.clone().map(|i| self.t(i, column)).collect();
        CoefficientTest {
            effect: self.fit.coefficients.column(column),
            standard_error: rows.map(|i| self.standard_error(i, column)).collect(),
            t,
            df: self.df_total.clone(),
            ln_p: self.ln_p(column),
        }
    }

    /// Intervals that hold the true coefficient with probability `level`, per feature (low, high); limma `topTable(confint =)`.
    pub fn intervals(&self, column: usize, level: f64) -> Vec<(f64, f64)> {
        let mut widths: BTreeMap<u64, f64> = BTreeMap::new();
        (0..self.features())
            .map(|i| {
                let df = self.df_total[i];
                let width = *widths
                    .entry(df.to_bits())
                    .or_insert_with(|| student_t_two_sided_quantile(1.0 - level, df));
                let margin = width * self.standard_error(i, column);
                let effect = self.fit.coefficients.get(i, column);
                (effect - margin, effect + margin)
            })
            .collect()
    }

    /// Tests that all of `columns` are 0, with the correlation of coefficients on the whole design; limma `classifyTestsF`.
    ///
    /// F is tᵀ C⁻ t / r with C that correlation and r its rank.
    pub fn joint_test(&self, columns: &[usize]) -> JointTest {
        let root = correlation_root(&self.fit.coefficient_covariance, columns);
        let df1 = root.len() as f64;
        let f: Vec<f64> = (0..self.features())
            .map(|i| {
                let t: Vec<f64> = columns.iter().map(|&j| self.t(i, j)).collect();
                let squares = root.iter().map(|axis| {
                    let sum: f64 = axis.iter().zip(&t).map(|(a, t)| a * t).sum();
                    sum * sum
                });
                squares.sum::<f64>() / df1
            })
            .collect();
        let ln_p = f
            .iter()
            .zip(&self.df_total)
            .map(|(&f, &df2)| ln_f_upper(f, df1, df2))
            .collect();
        JointTest {
            f,
            df1,
            df2: self.df_total.clone(),
            ln_p,
        }
    }

    /// Tests that coefficient `column` exceeds `log2_change` ≥ 0 in size; limma `treat` (McCarthy & Smyth 2009,
    /// doi:10.1093/bioinformatics/btp053). The t is 0 where the estimate is smaller.
    pub fn test_beyond(&self, column: usize, log2_change: f64) -> CoefficientTest {
        let mut test = self.test(column);
        for i in 0..self.features() {
            let (effect, se, df) = (test.effect[i], test.standard_error[i], test.df[i]);
            let nearer = (effect.abs() - log2_change) / se;
            let farther = (effect.abs() + log2_change) / se;
            let near_tail = ln_student_t_upper(nearer, df);
            let far_tail = ln_student_t_upper(farther, df);
            test.ln_p[i] = near_tail + (far_tail - near_tail).exp().ln_1p();
            test.t[i] = if effect.is_nan() {
                f64::NAN
            } else {
                nearer.max(0.0).copysign(effect)
            };
        }
        test
    }

    /// Natural log-odds that coefficient `column` is not 0 (limma `B`), given the assumed share of changing features.
    pub fn log_odds(&self, column: usize, options: LogOddsOptions) -> Vec<f64> {
        let test = self.test(column);
        let prior_variances: Vec<f64> = self.variance.prior_variance.clone();
        let typical = crate::descriptive::median(&prior_variances);
        let (low, high) = options.stdev_coef_lim;
        let limits = (low * low / typical, high * high / typical);
        let spread = self
            .effect_variance(&test, column, options.proportion, limits)
            .unwrap_or(1.0 / typical);
        let prior_odds = (options.proportion / (1.0 - options.proportion)).ln();
        (0..self.features())
            .map(|i| {
                let unscaled = self.fit.stdev_unscaled.get(i, column).powi(2);
                let ratio = (unscaled + spread) / unscaled;
                let (t2, df) = (test.t[i] * test.t[i], test.df[i]);
                let kernel = if self.variance.prior_df[i] > 1e6 {
                    0.5 * t2 * (1.0 - 1.0 / ratio)
                } else {
                    0.5 * (1.0 + df) * ((t2 + df) / (t2 / ratio + df)).ln()
                };
                prior_odds - 0.5 * ratio.ln() + kernel
            })
            .collect()
    }

    /// Variance of the true effects over the residual variance, from the most extreme t; `None` when nothing is testable.
    fn effect_variance(
        &self,
        test: &CoefficientTest,
        column: usize,
        proportion: f64,
        limits: (f64, f64),
    ) -> Option<f64> {
        let mut order: Vec<usize> = (0..test.t.len())
            .filter(|&i| !test.ln_p[i].is_nan())
            .collect();
        let count = order.len() as f64;
        let targets = (0.5 * proportion * count).ceil();
        if targets < 1.0 {
            return None;
        }
        let share = proportion.max(targets / count);
        let largest_df = order.iter().map(|&i| test.df[i]).fold(0.0, f64::max);
        order.sort_by(|&a, &b| test.ln_p[a].total_cmp(&test.ln_p[b]));
        let total: f64 = order
            .iter()
            .take(targets as usize)
            .enumerate()
            .map(|(rank, &i)| {
                let null = test.ln_p[i].exp();
                let wanted = ((rank as f64 + 0.5) / count - (1.0 - share) * null) / share;
                let unscaled = self.fit.stdev_unscaled.get(i, column).powi(2);
                let variance = if wanted > null {
                    let t = if test.df[i] < largest_df {
                        student_t_two_sided_quantile_from_ln(test.ln_p[i], largest_df)
                    } else {
                        test.t[i].abs()
                    };
                    let expected = student_t_quantile(1.0 - 0.5 * wanted, largest_df);
                    unscaled * ((t / expected).powi(2) - 1.0)
                } else {
                    0.0
                };
                variance.clamp(limits.0, limits.1)
            })
            .sum();
        Some(total / targets)
    }
}

/// Rows a_k with Σ a_k a_kᵀ the pseudo-inverse of the correlation matrix of `columns`.
fn correlation_root(covariance: &Matrix, columns: &[usize]) -> Vec<Vec<f64>> {
    const NEGLIGIBLE: f64 = 1e-8;
    let correlation = Matrix::from_fn(columns.len(), columns.len(), |i, j| {
        let (a, b) = (columns[i], columns[j]);
        if i == j {
            1.0
        } else {
            covariance.get(a, b) / (covariance.get(a, a) * covariance.get(b, b)).sqrt()
        }
    });
    let Some(eigen) = symmetric_eigen(&correlation) else {
        return Vec::new();
    };
    let largest = eigen.values.iter().copied().fold(0.0, f64::max);
    (0..columns.len())
        .filter(|&k| eigen.values[k] > NEGLIGIBLE * largest)
        .map(|k| {
            let scale = eigen.values[k].sqrt();
            (0..columns.len())
                .map(|i| eigen.vectors.get(i, k) / scale)
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests;
