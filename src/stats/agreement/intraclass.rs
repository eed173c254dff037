//! Intraclass correlation of a two-way random model with absolute agreement.

use super::{Undefined, enough_raters};
use crate::Matrix;
use crate::distributions::f_quantile;

/// ICC(2,1) and ICC(2,k) with their intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntraclassCorrelation {
    /// ICC(2,1): of a single rater.
    pub single: f64,
    /// Interval of `single`; absent where the raters differ by constants only, which leaves nothing to estimate it from.
    pub single_interval: Option<[f64; 2]>,
    /// ICC(2,k): of the mean over these raters.
    pub average: f64,
    /// Interval of `average`, absent where that of `single` is.
    pub average_interval: Option<[f64; 2]>,
    /// Units that every rater rated.
    pub units: usize,
    /// Raters.
    pub raters: usize,
}

/// The intraclass correlation of units and raters drawn at random, with systematic differences between raters counted as
/// disagreement (Shrout & Fleiss 1979, doi:10.1037/0033-2909.86.2.420; intervals of McGraw & Wong 1996,
/// doi:10.1037/1082-989X.1.1.30). Only units that every rater with a rating has rated enter. Can be negative where raters
/// agree less than chance. Python `pingouin.intraclass_corr` (rows `ICC(A,1)` and `ICC(A,k)`) to 1e-10, intervals to 1e-8.
///
/// # Errors
/// Fewer than two raters, fewer than two complete units, ratings that are all the same, or units whose means differ less than
/// error alone makes them.
pub fn intraclass_correlation(
    ratings: &Matrix,
    level: f64,
) -> Result<IntraclassCorrelation, Undefined> {
    enough_raters(ratings)?;
    let raters: Vec<usize> = (0..ratings.cols())
        .filter(|&j| (0..ratings.rows()).any(|i| !ratings.get(i, j).is_nan()))
        .collect();
    let ratings = ratings.select_columns(&raters);
    let complete: Vec<usize> = (0..ratings.rows())
        .filter(|&i| ratings.observed_in_row(i) == ratings.cols())
        .collect();
    if complete.len() < 2 {
        return Err(Undefined::TooFewUnits {
            ratings: "ratings of all",
            found: complete.len(),
            needed: 2,
        });
    }
    let ratings = ratings.select_rows(&complete);
    let (n, k) = (ratings.rows() as f64, ratings.cols() as f64);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let grand = mean(ratings.values());
    let unit_means: Vec<f64> = (0..ratings.rows()).map(|i| mean(ratings.row(i))).collect();
    let rater_means: Vec<f64> = (0..ratings.cols())
        .map(|j| mean(&ratings.column(j)))
        .collect();
    let squares = |means: &[f64]| means.iter().map(|m| (m - grand).powi(2)).sum::<f64>();
    let between_units = k * squares(&unit_means) / (n - 1.0);
    let between_raters = n * squares(&rater_means) / (k - 1.0);
    let mut left = 0.0;
    for (i, unit) in unit_means.iter().enumerate() {
        for (j, rater) in rater_means.iter().enumerate() {
            left += (ratings.get(i, j) - unit - rater + grand).powi(2);
        }
    }
    // What rounding leaves of scores that fit without error is nothing.
    let total: f64 = ratings.values().iter().map(|v| (v - grand).powi(2)).sum();
    if ratings.values().iter().all(|v| *v == ratings.get(0, 0)) {
        return Err(Undefined::NoVariation);
    }
    let error = if left <= 1e-12 * total {
        0.0
    } else {
        left / ((n - 1.0) * (k - 1.0))
    };
    let excess = between_units - error;
    let spread = between_units + (between_raters - error) / n;
    if spread <= 1e-12 * total {
        return Err(Undefined::UnitsAlike);
    }
    let single = excess / (between_units + (k - 1.0) * error + k * (between_raters - error) / n);
    let average = excess / spread;
    let interval = || {
        let odds = between_raters / error;
        let rest = n * (1.0 + (k - 1.0) * single) - k * single;
        let df = (k - 1.0) * (n - 1.0) * (k * single * odds + rest).powi(2)
            / ((n - 1.0) * (k * single * odds).powi(2) + rest.powi(2));
        let tail = 0.5 + level / 2.0;
        let (above, below) = (f_quantile(tail, n - 1.0, df), f_quantile(tail, df, n - 1.0));
        let base = k * between_raters + (k * n - k - n) * error;
        [
            n * (between_units - above * error) / (above * base + n * between_units),
            n * (below * between_units - error) / (base + n * below * between_units),
        ]
    };
    let single_interval = (error > 0.0)
        .then(interval)
        .filter(|ends| ends.iter().all(|e| e.is_finite()));
    let of_mean = |r: f64| r * k / (1.0 + r * (k - 1.0));
    Ok(IntraclassCorrelation {
        single,
        single_interval,
        average,
        average_interval: single_interval
            .map(|ends| ends.map(of_mean))
            .filter(|ends| ends.iter().all(|e| e.is_finite())),
        units: ratings.rows(),
        raters: ratings.cols(),
    })
}
