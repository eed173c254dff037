//! Prior by maximum likelihood in d0, for residual degrees of freedom that differ between features (limma ≥ 3.61).

use super::{Prior, shrink_outliers};
use crate::descriptive::{median, quantile, ranks};
use crate::distributions::{ln_f_lower, ln_f_upper};
use crate::local_regression::{lowess, weighted_lowess};
use crate::multiplicity::benjamini_hochberg;
use crate::scalar_search::minimum;
use crate::special::{ln_gamma, ln_minus_digamma, trigamma};

/// Fewer degrees of freedom than this carry no information.
const SMALLEST_DF: f64 = 0.01;
/// Search range of d/(1 + d) with d = d0/2, and the tolerance of R `optimize`.
const SEARCH: (f64, f64) = (0.5, 0.9998);

/// Fits one scale, or a local-regression trend of the log scale in `covariate`; robust by weighting with two-sided FDR.
pub(super) fn fit(variance: &[f64], df: &[f64], covariate: Option<&[f64]>, robust: bool) -> Prior {
    let idle = |i: usize| df[i] < SMALLEST_DF || variance[i].is_nan();
    let x: Vec<f64> = variance
        .iter()
        .map(|v| if v.is_nan() { 0.0 } else { *v })
        .collect();
    let d: Vec<f64> = df
        .iter()
        .map(|&d| if d < SMALLEST_DF { 1.0 } else { d })
        .collect();
    let n = x.len();
    let weights = (0..n)
        .any(idle)
        .then(|| (0..n).map(|i| f64::from(!idle(i))).collect::<Vec<f64>>());
    let (first, informative) = fit_weighted(&x, &d, covariate, weights.as_deref());
    if !robust || informative <= 2 || first.df.is_nan() {
        return first;
    }
    let statistic: Vec<f64> = (0..n).map(|i| x[i] / first.scale_at(i)).collect();
    let ln_right: Vec<f64> = (0..n)
        .map(|i| ln_f_upper(statistic[i], d[i], first.df))
        .collect();
    let two_sided: Vec<f64> = (0..n)
        .map(|i| {
            let left = ln_f_lower(statistic[i], d[i], first.df).exp();
            2.0 * left.min(ln_right[i].exp())
        })
        .collect();
    let trust: Vec<f64> = benjamini_hochberg(&two_sided)
        .iter()
        .map(|&q| if q > 0.3 { 1.0 } else { q })
        .collect();
    if trust.iter().all(|&q| q == 1.0) {
        return first;
    }
    let (second, _) = fit_weighted(&x, &d, covariate, Some(&trust));
    if second.df.is_nan() {
        return first;
    }
    let rank = ranks(&statistic);
    let not_outlier: Vec<f64> = (0..n)
        .map(|i| {
            let uniform = (n as f64 - rank[i] + 0.5) / n as f64;
            (ln_right[i].exp() / uniform).min(1.0)
        })
        .collect();
    if not_outlier.iter().all(|&p| p == 1.0) {
        return second;
    }
    let extreme = (0..n).fold(0, |best, i| {
        if ln_right[i] < ln_right[best] {
            i
        } else {
            best
        }
    });
    let shrunk = shrink_outliers(&ln_right, &not_outlier, second.df, |df0| {
        ln_f_upper(statistic[extreme], d[extreme], df0)
    });
    Prior {
        shrunk_df: Some(shrunk),
        ..second
    }
}

/// The fit with prior weights, and how many variances informed it.
fn fit_weighted(
    x: &[f64],
    df: &[f64],
    covariate: Option<&[f64]>,
    weights: Option<&[f64]>,
) -> (Prior, usize) {
    let n = x.len();
    let informative: Vec<f64> = (0..n)
        .filter(|&i| x[i] > 0.0 && weights.is_none_or(|w| w[i] != 0.0))
        .map(|i| x[i])
        .collect();
    if informative.len() < 2 {
        return (Prior::undefined(), informative.len());
    }
    let (covariate, weights) = if informative.len() == 2 {
        (None, None)
    } else {
        (covariate, weights)
    };
    let floor = 1e-12 * median(&informative);
    let x: Vec<f64> = x.iter().map(|v| v.max(floor)).collect();
    let levels = DfLevels::of(df);
    let level_bias: Vec<f64> = levels.half.iter().map(|&h| ln_minus_digamma(h)).collect();
    let level_precision: Vec<f64> = levels.half.iter().map(|&h| 1.0 / trigamma(h)).collect();
    let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
    let e: Vec<f64> = (0..n)
        .map(|i| x[i].ln() + level_bias[levels.index[i]])
        .collect();
    let w: Vec<f64> = (0..n)
        .map(|i| level_precision[levels.index[i]] * weight(i))
        .collect();
    let centre = match covariate {
        None => {
            let sum: f64 = e.iter().zip(&w).map(|(e, w)| e * w).sum();
            vec![sum / w.iter().sum::<f64>()]
        }
        Some(c) => trend(c, &e, &w),
    };
    let objective = |share: f64| {
        let d2 = share / (1.0 - share);
        let shift = ln_minus_digamma(d2);
        let ln_gamma_d2 = ln_gamma(d2);
        let level_gamma: Vec<f64> = levels
            .half
            .iter()
            .map(|h| ln_gamma(h + d2) - ln_gamma_d2)
            .collect();
        let of_centre = |centre: f64| {
            let ln_scale = d2.ln() + centre - shift;
            (ln_scale, ln_scale.exp())
        };
        let common = of_centre(centre[0]);
        let mut total = 0.0;
        for i in 0..n {
            let d1 = levels.half[levels.index[i]];
            let (ln_scale, scale) = if centre.len() == 1 {
                common
            } else {
                of_centre(centre[i])
            };
            let ratio = d1 * x[i] / scale;
            let ln_density =
                -(d1 + d2) * ratio.ln_1p() - d1 * ln_scale + level_gamma[levels.index[i]];
            total += weight(i) * ln_density;
        }
        -2.0 * total
    };
    let share = minimum(SEARCH.0, SEARCH.1, f64::EPSILON.powf(0.25), objective);
    let d2 = share / (1.0 - share);
    let shift = ln_minus_digamma(d2);
    let prior = Prior {
        scale: centre.iter().map(|c| (c - shift).exp()).collect(),
        df: 2.0 * d2,
        shrunk_df: None,
    };
    (prior, informative.len())
}

/// Local regression of the log variances on the covariate, weighted by their precision.
fn trend(covariate: &[f64], e: &[f64], w: &[f64]) -> Vec<f64> {
    let span = (0.3 + 0.7 * (500.0 / e.len() as f64).cbrt()).min(1.0);
    let unit = quantile(w, 0.75);
    let w: Vec<f64> = w.iter().map(|w| (w / unit).clamp(1e-8, 100.0)).collect();
    if w.iter().all(|v| (v - w[0]).abs() < 1e-15) {
        return lowess(covariate, e, span, 0);
    }
    weighted_lowess(covariate, e, &w, span)
}

/// The distinct half degrees of freedom and which of them each feature has; gamma functions are needed once per level.
struct DfLevels {
    half: Vec<f64>,
    index: Vec<usize>,
}

impl DfLevels {
    fn of(df: &[f64]) -> Self {
        let mut levels = df.to_vec();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let index = df
            .iter()
            .map(|d| levels.partition_point(|l| l < d))
            .collect();
        let half = levels.iter().map(|d| 0.5 * d).collect();
        Self { half, index }
    }
}
