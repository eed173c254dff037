//! Whether a number per sample looks computed from the rows of a matrix, as a score, an index or a signature is.
//!
//! Such a number is told by the mean of a few rows in samples that had no part in choosing them, and it carries everything
//! that these rows share: beside it they are no more alike than chance. What merely goes along with rows leaves them what they
//! have in common for other reasons.

use crate::Matrix;
use crate::correlation::{mean_row_correlation, pearson};
use crate::descriptive::{mean, standard_deviation};

/// Folds of the cross-validation.
const FOLDS: usize = 10;
/// Rows averaged; the number that predicts best is kept. A score of few rows is told by few, one of many is told better by more
/// than it has, since some of those chosen are not its own.
const SIZES: [usize; 5] = [10, 20, 30, 60, 100];
/// Rows needed.
const FEWEST_ROWS: usize = 30;
/// Rows whose likeness is measured.
const ALIKE: usize = 10;
/// Values needed.
pub const ENOUGH: usize = 20;

/// How a number per sample relates to the rows that tell it best.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Correlation of the number with its prediction by the mean of standardised rows, cross-validated.
    pub r: f64,
    /// Rows averaged.
    pub size: usize,
    /// The rows that go along with it best over all samples, best first, `size` of them.
    pub rows: Vec<usize>,
    /// Mean correlation of the ten best rows, each turned to go along with the number.
    pub shared: f64,
    /// The same of what is left of them after regression on the number.
    pub shared_beside: f64,
}

/// Predicts `value` (finite, one per column of `y`) from the rows of `y` (log2, NaN missing; rows with a missing value take
/// their mean there). None with fewer than [`ENOUGH`] columns, fewer than thirty rows, or no variation.
///
/// Samples are dealt to ten folds in the order of their values. In each fold rows are chosen and weighted by their
/// correlation with the value in the other folds, so that choosing them is part of what is validated.
pub fn predict(y: &Matrix, value: &[f64]) -> Option<Prediction> {
    let n = value.len();
    if n < ENOUGH || y.cols() != n || y.rows() < FEWEST_ROWS || standard_deviation(value) <= 0.0 {
        return None;
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| value[a].total_cmp(&value[b]).then(a.cmp(&b)));
    let mut fold = vec![0; n];
    for (place, &j) in order.iter().enumerate() {
        fold[j] = place % FOLDS;
    }
    let mut predicted = vec![vec![0.0; n]; SIZES.len()];
    for left_out in 0..FOLDS {
        let kept: Vec<bool> = fold.iter().map(|&f| f != left_out).collect();
        let standard: Vec<Vec<f64>> = (0..y.rows())
            .map(|i| standardised(y.row(i), &kept))
            .collect();
        let of_value = standardised(value, &kept);
        let ranked = ranked(&standard, &of_value, &kept);
        for (k, &size) in SIZES.iter().enumerate() {
            let score = |j: usize| -> f64 {
                let chosen = ranked.iter().take(size);
                chosen.map(|&(i, r)| r * standard[i][j]).sum()
            };
            let scores: Vec<f64> = (0..n).map(score).collect();
            let slope = product(&scores, &of_value, &kept) / product(&scores, &scores, &kept);
            for j in (0..n).filter(|&j| !kept[j]) {
                predicted[k][j] = slope * scores[j];
            }
        }
    }
    // Predictions are on the scale of each fold's own standardised value, which folds dealt by value share nearly.
    let (r, size) = predicted
        .iter()
        .zip(SIZES)
        .filter_map(|(p, size)| Some((pearson(p, value).ok()?.r, size)))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let all = vec![true; n];
    let standard: Vec<Vec<f64>> = (0..y.rows())
        .map(|i| standardised(y.row(i), &all))
        .collect();
    let of_value = standardised(value, &all);
    let best = ranked(&standard, &of_value, &all);
    let turned = |beside: bool| {
        Matrix::from_fn(ALIKE, n, |k, j| {
            let (i, r) = best[k];
            let said = if beside { r * of_value[j] } else { 0.0 };
            (standard[i][j] - said) * r.signum()
        })
    };
    Some(Prediction {
        r,
        size,
        rows: best.iter().take(size).map(|(i, _)| *i).collect(),
        shared: mean_row_correlation(&turned(false)),
        shared_beside: mean_row_correlation(&turned(true)),
    })
}

/// Values less the mean of the kept ones, over their standard deviation; 0 where missing or where nothing varies.
fn standardised(values: &[f64], kept: &[bool]) -> Vec<f64> {
    let of_kept: Vec<f64> = values
        .iter()
        .zip(kept)
        .filter(|(v, kept)| **kept && !v.is_nan())
        .map(|(v, _)| *v)
        .collect();
    let (centre, spread) = (mean(&of_kept), standard_deviation(&of_kept));
    values
        .iter()
        .map(|v| {
            let z = (v - centre) / spread;
            if z.is_finite() { z } else { 0.0 }
        })
        .collect()
}

fn product(a: &[f64], b: &[f64], kept: &[bool]) -> f64 {
    let of_kept = a.iter().zip(b).zip(kept).filter(|(_, kept)| **kept);
    of_kept.map(|((a, b), _)| a * b).sum()
}

/// Rows with their correlation with the value over the kept samples, the strongest first.
fn ranked(rows: &[Vec<f64>], value: &[f64], kept: &[bool]) -> Vec<(usize, f64)> {
    let length = |x: &[f64]| product(x, x, kept).sqrt();
    let of_value = length(value);
    let mut found: Vec<(usize, f64)> = rows
        .iter()
        .enumerate()
        .map(|(i, row)| (i, product(row, value, kept) / (length(row) * of_value)))
        .map(|(i, r)| (i, if r.is_finite() { r } else { 0.0 }))
        .collect();
    found.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
    found
}

#[cfg(test)]
mod tests {
    // A procedure of ours: there is no independent oracle, so data with a known answer stand in for one.
    use super::*;
    use crate::random_draws::RandomDraws;

    const ROWS: usize = 400;
    const SAMPLES: usize = 40;

    /// Twenty modules of twenty rows, each row half its module's doing.
    fn rows(draws: &mut RandomDraws) -> Matrix {
        let modules: Vec<Vec<f64>> = (0..ROWS / 20)
            .map(|_| (0..SAMPLES).map(|_| draws.normal()).collect())
            .collect();
        let half = (0.5_f64).sqrt();
        Matrix::from_fn(ROWS, SAMPLES, |i, j| {
            half * (modules[i / 20][j] + draws.normal())
        })
    }

    #[test]
    fn a_mean_of_rows_is_told_from_a_variable_that_rows_follow() {
        let mut draws = RandomDraws::new(11, "predicted");
        let mut y = rows(&mut draws);
        y.set(3, 5, f64::NAN);
        let index: Vec<f64> = (0..SAMPLES)
            .map(|j| (20..40).map(|i| y.get(i, j)).sum::<f64>() / 20.0 + 0.02 * draws.normal())
            .collect();
        let found = predict(&y, &index);
        assert!(
            found
                .as_ref()
                .is_some_and(|f| f.r > 0.9 && f.shared > 0.3 && f.shared_beside < 0.1),
            "{found:?}"
        );
        assert!(found.is_some_and(|f| f.rows[..10].iter().all(|i| (20..40).contains(i))));

        let driver: Vec<f64> = (0..SAMPLES).map(|_| draws.normal()).collect();
        for i in 60..80 {
            for (j, driver) in driver.iter().enumerate() {
                y.set(i, j, y.get(i, j) + driver);
            }
        }
        let found = predict(&y, &driver);
        assert!(
            found.as_ref().is_some_and(|f| f.shared_beside > 0.2),
            "{found:?}"
        );
    }

    #[test]
    fn noise_is_not_predicted_and_few_samples_say_nothing() {
        let mut draws = RandomDraws::new(12, "predicted");
        let y = rows(&mut draws);
        let noise: Vec<f64> = (0..SAMPLES).map(|_| draws.normal()).collect();
        assert!(predict(&y, &noise).is_some_and(|f| f.r < 0.5));
        let few: Vec<usize> = (0..ENOUGH - 1).collect();
        assert_eq!(predict(&y.select_columns(&few), &noise[..ENOUGH - 1]), None);
        assert_eq!(predict(&y, &[1.0; SAMPLES]), None);
    }
}
