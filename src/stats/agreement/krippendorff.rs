//! Krippendorff's alpha, which takes any number of raters and missing ratings.

use super::{Undefined, enough_raters};
use crate::Matrix;

/// How far apart two ratings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// By how many ratings lie between them: only the order of the scale counts.
    Ordinal,
    /// By their squared difference: the steps of the scale are taken as equal.
    Interval,
}

/// Krippendorff's alpha: one minus the observed disagreement within units over that expected from all ratings together
/// (Hayes & Krippendorff 2007, doi:10.1080/19312450709336664). 1 is perfect agreement, 0 what chance gives. Units with
/// fewer than two ratings carry nothing and are left out. Python `krippendorff.alpha` to 1e-12.
///
/// # Errors
/// Fewer than two raters, fewer than two units with two ratings, or ratings that are all the same.
pub fn krippendorff_alpha(ratings: &Matrix, metric: Metric) -> Result<f64, Undefined> {
    enough_raters(ratings)?;
    let units: Vec<Vec<f64>> = (0..ratings.rows())
        .map(|i| crate::descriptive::observed(ratings.row(i)))
        .filter(|unit| unit.len() >= 2)
        .collect();
    // One unit is all there is to expect, so that its alpha is 0 whatever the ratings.
    if units.len() < 2 {
        return Err(Undefined::TooFewUnits {
            ratings: "two or more ratings",
            found: units.len(),
            needed: 2,
        });
    }
    let mut scale: Vec<f64> = units.iter().flatten().copied().collect();
    let n = scale.len() as f64;
    scale.sort_unstable_by(f64::total_cmp);
    scale.dedup();
    let place = |rating: f64| scale.partition_point(|s| *s < rating);
    let mut counts = vec![0.0; scale.len()];
    for rating in units.iter().flatten() {
        counts[place(*rating)] += 1.0;
    }
    let distance = |a: usize, b: usize| match metric {
        Metric::Interval => (scale[a] - scale[b]).powi(2),
        Metric::Ordinal => {
            let (low, high) = (a.min(b), a.max(b));
            let between: f64 = counts[low..=high].iter().sum();
            (between - (counts[low] + counts[high]) / 2.0).powi(2)
        }
    };
    let mut observed = 0.0;
    for unit in &units {
        let places: Vec<usize> = unit.iter().map(|r| place(*r)).collect();
        let mut within = 0.0;
        for (k, &a) in places.iter().enumerate() {
            for &b in &places[..k] {
                within += 2.0 * distance(a, b);
            }
        }
        observed += within / (unit.len() - 1) as f64;
    }
    let mut expected = 0.0;
    for a in 0..scale.len() {
        for b in 0..a {
            expected += 2.0 * counts[a] * counts[b] * distance(a, b);
        }
    }
    expected /= n - 1.0;
    if expected == 0.0 {
        return Err(Undefined::NoVariation);
    }
    Ok(1.0 - observed / expected)
}
