//! Power: how likely a test of the right kind finds an effect of known size. What an oracle could have found is the
//! yardstick for what a procedure did find.

use crate::distributions::{normal_upper, student_t_two_sided_quantile};
use crate::hypothesis_tests::fisher_exact;
use crate::special::ln_gamma;

/// Intervals of the quadrature over the chi density.
const STEPS: usize = 600;
/// Standard deviations of the chi density to either side of its mean that are integrated over.
const REACH: f64 = 11.0;
/// Rounds in which a threshold settles.
const ROUNDS: usize = 60;

/// P(T > t) for the noncentral t distribution with `df` > 0 degrees of freedom (∞ allowed) and noncentrality `ncp`.
///
/// The normal tail at `t·x/√df − ncp` is integrated over the density of x = √χ²(df) by Simpson's rule. Agrees with SciPy
/// `nct.sf` to 1e-6 for df ≥ 2.
pub fn noncentral_t_upper(t: f64, df: f64, ncp: f64) -> f64 {
    if t.is_nan() || df.is_nan() || ncp.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if df > 1e6 {
        return normal_upper(t - ncp);
    }
    let centre = df.sqrt();
    let spread = (0.5_f64).sqrt();
    let low = (centre - REACH * spread).max(0.0);
    let high = centre + REACH * spread;
    let constant = (1.0 - 0.5 * df) * std::f64::consts::LN_2 - ln_gamma(0.5 * df);
    let at = |x: f64| {
        let ln_power = if df == 1.0 { 0.0 } else { (df - 1.0) * x.ln() };
        let density = (constant + ln_power - 0.5 * x * x).exp();
        density * normal_upper(t * x / centre - ncp)
    };
    let step = (high - low) / STEPS as f64;
    let inner: f64 = (1..STEPS)
        .map(|k| at(low + k as f64 * step) * if k % 2 == 1 { 4.0 } else { 2.0 })
        .sum();
    ((at(low.max(1e-12)) + inner + at(high)) * step / 3.0).clamp(0.0, 1.0)
}

/// Chance that a two-sided t test at `alpha` is significant in the direction of a positive `ncp`.
pub fn t_test_power(ncp: f64, df: f64, alpha: f64) -> f64 {
    noncentral_t_upper(student_t_two_sided_quantile(alpha, df), df, ncp.abs())
}

/// The p-value threshold at which Benjamini–Hochberg at `level` settles, on average, over a menu of `size` tests of which
/// some are true with the given power curves: the largest α with α = level · (Σ power(α) + α · nulls) / size, and at
/// least level / size, which a single finding needs.
pub fn benjamini_hochberg_threshold(
    power: &dyn Fn(f64) -> f64,
    truths: usize,
    size: usize,
    level: f64,
) -> f64 {
    let size = size.max(truths).max(1);
    let nulls = (size - truths) as f64;
    let least = level / size as f64;
    let mut alpha = level;
    for _ in 0..ROUNDS {
        let next = (level * (power(alpha) + alpha * nulls) / size as f64).clamp(least, level);
        if (next - alpha).abs() <= 1e-9 * alpha {
            return next;
        }
        alpha = next;
    }
    alpha
}

/// Chance that Fisher's exact test of `n.0` samples with probability `p.0` against `n.1` with `p.1` gives a two-sided
/// p of at most `alpha`, with the larger share in the second group where `p.1 > p.0` and in the first otherwise.
pub fn fisher_power(n: (u64, u64), p: (f64, f64), alpha: f64) -> f64 {
    let mass = |n: u64, p: f64| -> Vec<f64> {
        (0..=n)
            .map(|k| {
                let (k, n) = (k as f64, n as f64);
                let ln_choose = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
                ln_choose.exp() * p.powf(k) * (1.0 - p).powf(n - k)
            })
            .collect()
    };
    let (first, second) = (mass(n.0, p.0), mass(n.1, p.1));
    let mut power = 0.0;
    for (a, pa) in first.iter().enumerate() {
        for (b, pb) in second.iter().enumerate() {
            let difference = b as f64 / n.1.max(1) as f64 - a as f64 / n.0.max(1) as f64;
            if difference * (p.1 - p.0) <= 0.0 {
                continue;
            }
            let (a, b) = (a as u64, b as u64);
            if fisher_exact([[a, n.0 - a], [b, n.1 - b]]).p <= alpha {
                power += pa * pb;
            }
        }
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Table, assert_close};

    /// Expected values: reference/power/generate.py (SciPy nct.sf).
    #[test]
    fn noncentral_t_agrees_with_scipy() {
        let table = Table::read("power/noncentral_t.tsv");
        let (t, df, ncp) = (
            table.numbers("t"),
            table.numbers("df"),
            table.numbers("ncp"),
        );
        let found: Vec<f64> = (0..t.len())
            .map(|i| noncentral_t_upper(t[i], df[i], ncp[i]))
            .collect();
        assert_close("upper tail", &found, &table.numbers("upper"), 0.0, 1e-6);
    }

    /// Expected values: reference/power/generate.py (enumeration with SciPy fisher_exact).
    #[test]
    fn fisher_power_agrees_with_enumeration() {
        let table = Table::read("power/fisher.tsv");
        let column = |name: &str| table.numbers(name);
        let (a, b, p, q, alpha) = (
            column("n_first"),
            column("n_second"),
            column("p_first"),
            column("p_second"),
            column("alpha"),
        );
        let found: Vec<f64> = (0..a.len())
            .map(|i| fisher_power((a[i] as u64, b[i] as u64), (p[i], q[i]), alpha[i]))
            .collect();
        assert_close("power", &found, &column("power"), 0.0, 1e-9);
    }

    #[test]
    fn the_threshold_lies_between_bonferroni_and_the_level() {
        let strong = |alpha: f64| 10.0 * t_test_power(12.0, 10.0, alpha);
        let alpha = benjamini_hochberg_threshold(&strong, 10, 2000, 0.05);
        assert!((alpha - 0.05 * 10.0 / 2000.0).abs() < 3e-5, "{alpha}");
        let weak = |_: f64| 0.0;
        let least = benjamini_hochberg_threshold(&weak, 1, 2000, 0.05);
        assert!((least - 0.05 / 2000.0).abs() < 1e-9, "{least}");
    }
}
