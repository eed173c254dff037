//! Prior by matching the mean and variance of log s² (limma `fitFDist`).

use super::Prior;
use crate::descriptive::median;
use crate::natural_spline::NaturalSpline;
use crate::special::{ln_minus_digamma, trigamma, trigamma_inverse};

/// Variances below this share of the median are raised to it.
const FLOOR: f64 = 1e-5;

/// Fits one scale, or a natural-spline trend of the log scale in `covariate`.
pub(super) fn fit(variance: &[f64], df: &[f64], covariate: Option<&[f64]>) -> Prior {
    let informative: Vec<usize> = (0..variance.len())
        .filter(|&i| {
            df[i].is_finite() && df[i] > 1e-15 && variance[i].is_finite() && variance[i] > -1e-15
        })
        .collect();
    let n = informative.len();
    match informative[..] {
        [] => return Prior::undefined(),
        [only] => {
            return Prior {
                scale: vec![variance[only]],
                df: 0.0,
                shrunk_df: None,
            };
        }
        _ => {}
    }
    let x: Vec<f64> = informative.iter().map(|&i| variance[i].max(0.0)).collect();
    let middle = match median(&x) {
        0.0 => 1.0,
        positive => positive,
    };
    let x: Vec<f64> = x.iter().map(|v| v.max(FLOOR * middle)).collect();
    let half_df = |i: usize| 0.5 * df[i];
    let e: Vec<f64> = x
        .iter()
        .zip(&informative)
        .map(|(v, &i)| v.ln() + ln_minus_digamma(half_df(i)))
        .collect();
    let sampling = informative
        .iter()
        .map(|&i| trigamma(half_df(i)))
        .sum::<f64>()
        / n as f64;
    let trend = covariate.and_then(|c| {
        let at: Vec<f64> = informative.iter().map(|&i| c[i]).collect();
        let spline_df = spline_df(&at);
        (spline_df >= 2).then(|| NaturalSpline::fit(&at, &e, spline_df))
    });
    let (centre, spread) = match (&trend, covariate) {
        (Some(spline), Some(c)) => {
            let centre = c.iter().map(|&x| spline.value(x)).collect();
            (centre, spline.mean_residual_effect)
        }
        _ => {
            let mean = e.iter().sum::<f64>() / n as f64;
            let squares: f64 = e.iter().map(|v| (v - mean) * (v - mean)).sum();
            (vec![mean], squares / (n - 1) as f64)
        }
    };
    let excess = spread - sampling;
    if excess > 0.0 {
        let df = 2.0 * trigamma_inverse(excess);
        let shift = ln_minus_digamma(0.5 * df);
        Prior {
            scale: centre.iter().map(|c| (c - shift).exp()).collect(),
            df,
            shrunk_df: None,
        }
    } else {
        let scale = if trend.is_some() {
            centre.iter().map(|c| c.exp()).collect()
        } else {
            vec![x.iter().sum::<f64>() / n as f64]
        };
        Prior {
            scale,
            df: f64::INFINITY,
            shrunk_df: None,
        }
    }
}

/// Basis functions of the trend: more with more features, at most one per distinct abundance.
fn spline_df(at: &[f64]) -> usize {
    let mut distinct = at.to_vec();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let n = at.len();
    let wanted = 1 + usize::from(n >= 3) + usize::from(n >= 6) + usize::from(n >= 30);
    wanted.min(distinct.len())
}
