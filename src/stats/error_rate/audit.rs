//! The audit of the whole loop on global decoys, and the level of the intervals that are shown.

use super::SUPPORTED_LEVEL;

/// What the audit of the whole live loop says.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AuditVerdict {
    /// Global decoys on which the whole loop was run.
    pub runs: usize,
    /// Runs that held at least one supported hypothesis.
    pub runs_with_supported: usize,
    /// Chance of at least so many if each run had one with probability 0.05.
    pub p: f64,
    /// Whether every grade is lowered one step: `p` below 0.02, which is four or more of 20 runs.
    pub lower_a_step: bool,
}

/// Judges the audit from the number of supported hypotheses in each global-decoy run.
pub fn audit_verdict(supported_per_run: &[usize]) -> AuditVerdict {
    let runs = supported_per_run.len();
    let runs_with_supported = supported_per_run.iter().filter(|&&n| n > 0).count();
    let p = binomial_upper_tail(runs_with_supported, runs, SUPPORTED_LEVEL);
    AuditVerdict {
        runs,
        runs_with_supported,
        p,
        lower_a_step: p < 0.02,
    }
}

/// P(X ≥ `successes`) for X binomial over `trials` with the given probability, summed term by term.
fn binomial_upper_tail(successes: usize, trials: usize, probability: f64) -> f64 {
    if successes == 0 {
        return 1.0;
    }
    let odds = probability / (1.0 - probability);
    let mut term = (1.0 - probability).powi(i32::try_from(trials).unwrap_or(i32::MAX));
    let mut below = 0.0;
    for k in 0..successes {
        below += term;
        term *= odds * (trials - k) as f64 / (k + 1) as f64;
    }
    let mut upper = 0.0;
    for k in successes..=trials {
        upper += term;
        term *= odds * (trials - k) as f64 / (k + 1) as f64;
    }
    // Rounding can leave the two parts a hair off 1; the upper part is the accurate one.
    upper / (upper + below)
}

/// Confidence level of the intervals shown for `reported` claims out of a menu of `menu_size`, so that on average at
/// most 5 % of the intervals shown miss: 1 − 0.05·R/m (false coverage rate, Benjamini & Yekutieli 2005).
pub fn interval_level(reported: usize, menu_size: usize) -> f64 {
    if menu_size == 0 {
        return 1.0 - SUPPORTED_LEVEL;
    }
    1.0 - SUPPORTED_LEVEL * (reported as f64 / menu_size as f64).min(1.0)
}
