//! Intervals for a proportion.

use crate::distributions::beta_quantile;

/// Exact interval for the proportion behind `successes` of `trials`, at `level` (0.95 for 95 %), from beta quantiles
/// (Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404). R `binom.test` to 1e-10; [0, 1] without trials.
pub fn clopper_pearson(successes: u64, trials: u64, level: f64) -> [f64; 2] {
    let successes = successes.min(trials);
    let (k, n) = (successes as f64, trials as f64);
    let tail = (1.0 - level) / 2.0;
    let low = if successes == 0 {
        0.0
    } else {
        beta_quantile(tail, k, n - k + 1.0)
    };
    let high = if successes == trials {
        1.0
    } else {
        beta_quantile(1.0 - tail, k + 1.0, n - k)
    };
    [low, high]
}
