//! Tests of independence in tables of counts.

use super::TestError;
use crate::distributions::chi_squared_upper;
use crate::hypergeometric::{Hypergeometric, ln_sum_exp};

/// Fisher's exact test of a 2 × 2 table.
#[derive(Debug, Clone)]
pub struct FisherTest {
    /// Two-sided p-value: the probability of all tables with these margins that are no more likely than this one.
    pub p: f64,
    /// p-value against an odds ratio above 1.
    pub p_greater: f64,
    /// p-value against an odds ratio below 1.
    pub p_less: f64,
    /// Conditional maximum-likelihood odds ratio; 0 or infinite at the ends of the possible counts.
    pub odds_ratio: f64,
    null: Hypergeometric,
    count: u64,
}

/// Fisher's exact test of [[a, b], [c, d]] (doi:10.2307/2340521). R `fisher.test`: p to 1e-10 in log10; odds ratio and
/// interval as closely as R solves for them, 1.5e-4 in the odds or their reciprocal (ours are solved to rounding). An empty margin gives p = 1, odds ratio 0.
pub fn fisher_exact(table: [[u64; 2]; 2]) -> FisherTest {
    let [[a, b], [c, d]] = table;
    let null = Hypergeometric::new(a + b + c + d, a + c, a + b);
    let at = null.ln_mass(a);
    // R's allowance for tables that are equally likely up to rounding.
    let bound = at + (1.0_f64 + 1e-7).ln();
    let no_likelier: Vec<f64> = null
        .ln_masses()
        .iter()
        .copied()
        .filter(|&l| l <= bound)
        .collect();
    let mut test = FisherTest {
        p: ln_sum_exp(&no_likelier).exp().min(1.0),
        p_greater: null.ln_upper_tail(a).exp(),
        p_less: null.ln_lower_tail(a).exp(),
        odds_ratio: 0.0,
        null,
        count: a,
    };
    test.odds_ratio = test.estimate();
    test
}

impl FisherTest {
    /// Probabilities of each count when the odds ratio is exp(`ln_odds`).
    fn tilted(&self, ln_odds: f64) -> Vec<f64> {
        let logs: Vec<f64> = self
            .null
            .ln_masses()
            .iter()
            .enumerate()
            .map(|(i, l)| l + ln_odds * i as f64)
            .collect();
        let total = ln_sum_exp(&logs);
        logs.iter().map(|l| (l - total).exp()).collect()
    }

    fn place(&self) -> usize {
        (self.count - self.null.low()) as usize
    }

    fn estimate(&self) -> f64 {
        if self.count == self.null.low() {
            return 0.0;
        }
        if self.count == self.null.high() {
            return f64::INFINITY;
        }
        let mean = |ln_odds: f64| -> f64 {
            let masses = self.tilted(ln_odds);
            masses.iter().enumerate().map(|(i, p)| i as f64 * p).sum()
        };
        rising_root(mean, self.place() as f64).exp()
    }

    /// Confidence interval of the odds ratio at `level`, from the two one-sided exact tests.
    pub fn interval(&self, level: f64) -> [f64; 2] {
        let tail = (1.0 - level) / 2.0;
        let place = self.place();
        let low = if self.count == self.null.low() {
            0.0
        } else {
            rising_root(|o| self.tilted(o)[place..].iter().sum(), tail).exp()
        };
        let high = if self.count == self.null.high() {
            f64::INFINITY
        } else {
            rising_root(|o| -self.tilted(o)[..=place].iter().sum::<f64>(), -tail).exp()
        };
        [low, high]
    }
}

/// Where a rising function takes the value `target`, by bisection between −700 and 700 (a log odds ratio).
fn rising_root(function: impl Fn(f64) -> f64, target: f64) -> f64 {
    let (mut low, mut high) = (-700.0, 700.0);
    for _ in 0..120 {
        let middle = 0.5 * (low + high);
        if function(middle) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Pearson's chi-squared test of independence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquaredTest {
    /// Σ (observed − expected)² / expected.
    pub chi_squared: f64,
    /// (rows − 1)·(columns − 1) over rows and columns that hold any count.
    pub df: f64,
    /// Upper tail p-value of the chi-squared limit; trust it when `smallest_expected` is 5 or more, and otherwise use
    /// [`super::chi_squared_permutation_p`].
    pub p: f64,
    /// The smallest expected count.
    pub smallest_expected: f64,
    /// Cramér's V, from 0 (independent) to 1.
    pub cramers_v: f64,
}

/// Chi-squared test of a table of counts, rows of equal length, without continuity correction; empty rows and columns
/// are left out. R `chisq.test(correct = FALSE)` to 1e-12.
pub fn chi_squared(counts: &[Vec<u64>]) -> Result<ChiSquaredTest, TestError> {
    let width = counts.first().map_or(0, Vec::len);
    if let Some(row) = counts.iter().find(|r| r.len() != width) {
        return Err(TestError::LengthMismatch {
            first: width,
            second: row.len(),
        });
    }
    let rows: Vec<f64> = counts
        .iter()
        .map(|r| r.iter().sum::<u64>() as f64)
        .collect();
    let columns: Vec<f64> = (0..width)
        .map(|j| counts.iter().map(|r| r[j]).sum::<u64>() as f64)
        .collect();
    let present = |margin: &[f64]| margin.iter().filter(|&&m| m > 0.0).count();
    let (r, c) = (present(&rows), present(&columns));
    if r < 2 || c < 2 {
        return Err(TestError::TableTooSmall {
            rows: r,
            columns: c,
        });
    }
    let n: f64 = rows.iter().sum();
    let mut chi_squared = 0.0;
    let mut smallest_expected = f64::INFINITY;
    for (row, &row_sum) in counts.iter().zip(&rows).filter(|(_, s)| **s > 0.0) {
        for (&observed, &column_sum) in row.iter().zip(&columns).filter(|(_, s)| **s > 0.0) {
            let expected = row_sum * column_sum / n;
            smallest_expected = smallest_expected.min(expected);
            chi_squared += (observed as f64 - expected).powi(2) / expected;
        }
    }
    let df = ((r - 1) * (c - 1)) as f64;
    Ok(ChiSquaredTest {
        chi_squared,
        df,
        p: chi_squared_upper(chi_squared, df),
        smallest_expected,
        cramers_v: (chi_squared / (n * (r.min(c) - 1) as f64)).sqrt(),
    })
}
