//! Prior by matching winsorized moments of log s², with fewer prior degrees of freedom for outliers
//! (limma `fitFDistRobustly`; Phipson et al. 2016, doi:10.1214/16-AOAS920).

use super::{Prior, log_moments, shrink_outliers};
use crate::descriptive::{median, quantile_of_sorted, ranks};
use crate::distributions::{
    f_ln_density, f_quantile, f_quantile_from_ln, ln_chi_squared_upper, ln_f_lower, ln_f_upper,
};
use crate::local_regression::lowess;
use crate::scalar_search::root;

/// Fits with the given (lower, upper) tail shares winsorized.
pub(super) fn fit(
    variance: &[f64],
    df: &[f64],
    covariate: Option<&[f64]>,
    tails: (f64, f64),
) -> Prior {
    let n = variance.len();
    let informative: Vec<usize> = (0..n)
        .filter(|&i| !variance[i].is_nan() && df[i].is_finite() && df[i] > 1e-6)
        .collect();
    let pick = |v: &[f64]| informative.iter().map(|&i| v[i]).collect::<Vec<f64>>();
    let at = covariate.map(pick);
    let prior = fit_informative(&pick(variance), &pick(df), at.as_deref(), tails);
    if informative.len() == n {
        return prior;
    }
    let shrunk_df = prior.shrunk_df.map(|shrunk| {
        let mut all = vec![prior.df; n];
        for (&i, d) in informative.iter().zip(shrunk) {
            all[i] = d;
        }
        all
    });
    let scale = match (covariate, &at) {
        (Some(c), Some(at)) if prior.scale.len() > 1 => {
            let mut scale: Vec<f64> = c
                .iter()
                .map(|&x| interpolated(at, &prior.scale, x))
                .collect();
            for (&i, s) in informative.iter().zip(&prior.scale) {
                scale[i] = *s;
            }
            scale
        }
        _ => prior.scale,
    };
    Prior {
        scale,
        df: prior.df,
        shrunk_df,
    }
}

/// Geometric interpolation of `scale` over `at`, constant beyond the ends; ties are averaged on the log scale.
fn interpolated(at: &[f64], scale: &[f64], x: f64) -> f64 {
    let mean_at = |point: f64| {
        let logs: Vec<f64> = (0..at.len())
            .filter(|&i| at[i] == point)
            .map(|i| scale[i].ln())
            .collect();
        logs.iter().sum::<f64>() / logs.len() as f64
    };
    let below = at
        .iter()
        .copied()
        .filter(|&p| p <= x)
        .fold(f64::NEG_INFINITY, f64::max);
    let above = at
        .iter()
        .copied()
        .filter(|&p| p >= x)
        .fold(f64::INFINITY, f64::min);
    if below == f64::NEG_INFINITY {
        mean_at(above).exp()
    } else if above == f64::INFINITY || below == above {
        mean_at(below).exp()
    } else {
        let share = (x - below) / (above - below);
        ((1.0 - share) * mean_at(below) + share * mean_at(above)).exp()
    }
}

fn fit_informative(
    variance: &[f64],
    df: &[f64],
    covariate: Option<&[f64]>,
    tails: (f64, f64),
) -> Prior {
    let n = variance.len();
    if n < 2 {
        return Prior::undefined();
    }
    if n == 2 {
        return log_moments::fit(variance, df, covariate);
    }
    let middle = median(variance);
    if middle <= 0.0 {
        return Prior::undefined();
    }
    let mut x: Vec<f64> = variance.iter().map(|v| v.max(1e-12 * middle)).collect();
    let plain = log_moments::fit(&x, df, covariate);
    if tails.0 < 1.0 / n as f64 && tails.1 < 1.0 / n as f64 {
        return plain;
    }
    let common_df = df.iter().copied().fold(0.0, f64::max);
    for i in 0..n {
        if df[i] < common_df - 1e-14 {
            let scale = plain.scale_at(i);
            let ratio = x[i] / scale;
            let upper = ln_f_upper(ratio, df[i], plain.df);
            let lower = ln_f_lower(ratio, df[i], plain.df);
            let is_upper = upper < lower;
            x[i] = scale * f_quantile_from_ln(upper.min(lower), is_upper, common_df, plain.df);
        }
    }
    let z: Vec<f64> = x.iter().map(|v| v.ln()).collect();
    let trend = match covariate {
        None => vec![trimmed_mean(&z, tails.1)],
        Some(c) => lowess(c, &z, 0.4, 3),
    };
    let trend_at = |i: usize| trend[if trend.len() == 1 { 0 } else { i }];
    let residuals: Vec<f64> = (0..n).map(|i| z[i] - trend_at(i)).collect();
    let mut sorted = residuals.clone();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (
        quantile_of_sorted(&sorted, tails.0),
        quantile_of_sorted(&sorted, 1.0 - tails.1),
    );
    let winsorized: Vec<f64> = residuals.iter().map(|r| r.clamp(low, high)).collect();
    let mean = winsorized.iter().sum::<f64>() / n as f64;
    let squares: f64 = winsorized.iter().map(|w| (w - mean) * (w - mean)).sum();
    let spread = squares / (n - 1) as f64;
    let theory = Quadrature::new();
    let excess = |d0: f64| (spread / theory.winsorized_moments(common_df, d0, tails).1).ln();
    let at_infinity = excess(f64::INFINITY);
    let corrected = |d0: f64| {
        let expected = theory.winsorized_moments(common_df, d0, tails).0;
        trend
            .iter()
            .map(|t| t + mean - expected)
            .collect::<Vec<f64>>()
    };
    let statistic = |centre: &[f64]| {
        (0..n)
            .map(|i| (z[i] - centre[if centre.len() == 1 { 0 } else { i }]).exp())
            .collect::<Vec<f64>>()
    };
    if at_infinity <= 0.0 {
        let centre = corrected(f64::INFINITY);
        let shrunk = finite_df_for_outliers(&statistic(&centre), common_df);
        return Prior {
            scale: centre.iter().map(|c| c.exp()).collect(),
            df: f64::INFINITY,
            shrunk_df: Some(shrunk),
        };
    }
    if plain.df.is_infinite() {
        return plain;
    }
    let share = plain.df / (1.0 + plain.df);
    let at_plain = excess(plain.df);
    let df0 = if at_plain >= 0.0 {
        plain.df
    } else {
        let found = root((share, at_plain), (1.0, at_infinity), 1e-12, |s| {
            excess(s / (1.0 - s))
        });
        found / (1.0 - found)
    };
    let centre = corrected(df0);
    let statistic = statistic(&centre);
    let ln_tail: Vec<f64> = statistic
        .iter()
        .map(|&f| ln_f_upper(f, common_df, df0))
        .collect();
    let rank = ranks(&statistic);
    let not_outlier: Vec<f64> = (0..n)
        .map(|i| {
            let ln_empirical = ((n as f64 - rank[i] + 0.5) / n as f64).ln();
            (ln_tail[i] - ln_empirical).min(0.0).exp()
        })
        .collect();
    let largest = statistic.iter().copied().fold(0.0, f64::max);
    let shrunk = if not_outlier.iter().any(|&p| p < 1.0) {
        shrink_outliers(&ln_tail, &not_outlier, df0, |d| {
            ln_f_upper(largest, common_df, d)
        })
    } else {
        vec![df0; n]
    };
    Prior {
        scale: centre.iter().map(|c| c.exp()).collect(),
        df: df0,
        shrunk_df: Some(shrunk),
    }
}

/// With an infinite common prior, outliers keep a share of the pooled degrees of freedom.
fn finite_df_for_outliers(statistic: &[f64], df: f64) -> Vec<f64> {
    let n = statistic.len() as f64;
    let rank = ranks(statistic);
    let ln_tail: Vec<f64> = statistic
        .iter()
        .map(|f| ln_chi_squared_upper(f * df, df))
        .collect();
    let mut order: Vec<usize> = (0..statistic.len()).collect();
    order.sort_by(|&a, &b| ln_tail[a].total_cmp(&ln_tail[b]));
    let mut highest = 0.0f64;
    let mut shrunk = vec![f64::INFINITY; statistic.len()];
    for i in order {
        let not_outlier = ln_tail[i].exp() / ((n - rank[i] + 0.5) / n);
        let own = if not_outlier < 1.0 {
            not_outlier * n * df
        } else {
            f64::INFINITY
        };
        highest = highest.max(own);
        shrunk[i] = highest;
    }
    shrunk
}

fn trimmed_mean(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let cut = (sorted.len() as f64 * share).floor() as usize;
    let kept = &sorted[cut..sorted.len() - cut];
    kept.iter().sum::<f64>() / kept.len() as f64
}

/// 128-point Gauss–Legendre quadrature on (0, 1).
struct Quadrature {
    nodes: Vec<f64>,
    weights: Vec<f64>,
}

impl Quadrature {
    fn new() -> Self {
        const POINTS: usize = 128;
        let n = POINTS as f64;
        let (mut nodes, mut weights) = (Vec::new(), Vec::new());
        for k in 0..POINTS {
            let mut x = (std::f64::consts::PI * (k as f64 + 0.75) / (n + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut previous, mut current) = (1.0, x);
                for j in 2..=POINTS {
                    let j = j as f64;
                    let next = ((2.0 * j - 1.0) * x * current - (j - 1.0) * previous) / j;
                    (previous, current) = (current, next);
                }
                slope = n * (x * current - previous) / (x * x - 1.0);
                let step = current / slope;
                x -= step;
                if step.abs() < 1e-15 {
                    break;
                }
            }
            nodes.push(0.5 * (1.0 - x));
            weights.push(1.0 / ((1.0 - x * x) * slope * slope));
        }
        Self { nodes, weights }
    }

    /// Mean and variance of log F(df1, df2) with its tails winsorized, by quadrature over F / (1 + F).
    fn winsorized_moments(&self, df1: f64, df2: f64, tails: (f64, f64)) -> (f64, f64) {
        let limits = [
            f_quantile(tails.0, df1, df2),
            f_quantile(1.0 - tails.1, df1, df2),
        ];
        let shares = limits.map(|f| f / (1.0 + f));
        let logs = limits.map(f64::ln);
        let width = shares[1] - shares[0];
        let points: Vec<(f64, f64)> = self
            .nodes
            .iter()
            .zip(&self.weights)
            .map(|(node, weight)| {
                let share = shares[0] + width * node;
                let f = share / (1.0 - share);
                let density = f_ln_density(f, df1, df2).exp() / ((1.0 - share) * (1.0 - share));
                (f.ln(), width * weight * density)
            })
            .collect();
        let ends = [(logs[0], tails.0), (logs[1], tails.1)];
        let all = || points.iter().chain(&ends);
        let mean: f64 = all().map(|(z, w)| z * w).sum();
        let variance = all().map(|(z, w)| (z - mean) * (z - mean) * w).sum();
        (mean, variance)
    }
}
