//! How far raters agree who scored the same units, and the order that their scores give.
//!
//! Ratings are a [`Matrix`] with units in rows and raters in columns, on one ordered scale (such as 1 to 5), NaN where a
//! rater gave none. A measure that is not defined for the ratings at hand is an [`Undefined`] that says why, never NaN.

mod intraclass;
mod krippendorff;
mod paired_comparison;

pub use intraclass::{IntraclassCorrelation, intraclass_correlation};
pub use krippendorff::{Metric, krippendorff_alpha};
pub use paired_comparison::bradley_terry;

use crate::Matrix;

/// Why a measure of agreement has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// Agreement is between raters, and there are too few.
    #[error("{found} rater(s) with ratings, at least 2 are needed")]
    TooFewRaters {
        /// Raters with a rating.
        found: usize,
    },
    /// Too few units have the ratings that the measure needs.
    #[error("{found} unit(s) with {ratings}, at least {needed} are needed")]
    TooFewUnits {
        /// Which ratings count.
        ratings: &'static str,
        /// Such units.
        found: usize,
        /// Units needed.
        needed: usize,
    },
    /// All ratings are the same, so that chance alone would agree as well.
    #[error("all ratings are the same, so that agreement cannot be told from chance")]
    NoVariation,
    /// The units cannot be told apart: their means differ less than error alone makes them.
    #[error("the mean ratings of the units differ less than error alone makes them")]
    UnitsAlike,
    /// Nothing was compared.
    #[error("nothing was compared with anything else")]
    NoComparison,
    /// The iteration did not settle.
    #[error("the iteration did not settle in {steps} steps")]
    NotSettled {
        /// Steps made.
        steps: usize,
    },
}

/// Cohen's kappa of two raters with quadratic weights (Cohen 1968, doi:10.1037/h0026256): one minus the mean squared
/// difference of the paired ratings over that of all pairs of one rater's ratings with the other's. From −1 to 1; 0 is what
/// chance gives. Pairs with a missing rating (NaN) are left out. scikit-learn
/// `cohen_kappa_score(weights = "quadratic")` to 1e-12.
///
/// # Errors
/// Fewer than two pairs, or ratings that are all the same.
///
/// # Panics
/// The slices differ in length.
pub fn quadratic_kappa(first: &[f64], second: &[f64]) -> Result<f64, Undefined> {
    assert_eq!(first.len(), second.len(), "one rating of each per unit");
    let both = first
        .iter()
        .zip(second)
        .filter(|(a, b)| !(a.is_nan() || b.is_nan()));
    let pairs: Vec<(f64, f64)> = both.map(|(a, b)| (*a, *b)).collect();
    if pairs.len() < 2 {
        return Err(Undefined::TooFewUnits {
            ratings: "ratings of both",
            found: pairs.len(),
            needed: 2,
        });
    }
    let n = pairs.len() as f64;
    let observed: f64 = pairs.iter().map(|(a, b)| (a - b).powi(2)).sum::<f64>() / n;
    let mut expected = 0.0;
    for (a, _) in &pairs {
        for (_, b) in &pairs {
            expected += (a - b).powi(2);
        }
    }
    expected /= n * n;
    if expected == 0.0 {
        return Err(Undefined::NoVariation);
    }
    Ok(1.0 - observed / expected)
}

/// Raters with at least one rating.
fn active_raters(ratings: &Matrix) -> usize {
    (0..ratings.cols())
        .filter(|&j| (0..ratings.rows()).any(|i| !ratings.get(i, j).is_nan()))
        .count()
}

fn enough_raters(ratings: &Matrix) -> Result<(), Undefined> {
    match active_raters(ratings) {
        found @ (0 | 1) => Err(Undefined::TooFewRaters { found }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
