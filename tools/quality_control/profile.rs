//! What is measured of each sample.

use proteus_stats::Matrix;
use proteus_stats::correlation::row_correlations;
use proteus_stats::descriptive::{median, median_absolute_deviation, quantile};
use rayon::prelude::*;

use super::Groups;
use crate::tool::Abundance;

/// Correlations are computed on at most this many features, the best observed ones.
const MAX_FEATURES: usize = 2_000;

/// Smallest scale of the outlier score: correlations of clean replicates are so alike that ordinary ones would stand out.
const SMALLEST_SCALE: f64 = 0.01;

/// Numbers per sample (column of the matrix).
pub(super) struct Profile {
    /// Features observed.
    pub identified: Vec<f64>,
    /// Fraction of features not observed.
    pub fraction_missing: Vec<f64>,
    /// Median, log2.
    pub median: Vec<f64>,
    /// Interquartile range, log2.
    pub iqr: Vec<f64>,
    /// Median log2 ratio to the feature medians.
    pub offsets: Vec<f64>,
    /// Median correlation with the other samples of its group (with all others where there are no groups).
    pub own: Vec<f64>,
    /// Median correlation with samples of other groups; NaN without groups.
    pub others: Vec<f64>,
    /// Robust z of `own` among all samples; negative = less like its group than the others are like theirs.
    pub outlier_z: Vec<f64>,
    /// Pearson correlations of log2 values.
    pub correlation: Matrix,
    /// Pearson correlations of log2 ratios to the feature medians: what is left when overall abundance is taken out.
    pub ratio_correlation: Matrix,
}

impl Profile {
    pub fn of(matrix: &Abundance, groups: &Groups) -> Self {
        let y = &matrix.values;
        let (rows, cols) = (y.rows(), y.cols());
        let centres: Vec<f64> = (0..rows)
            .into_par_iter()
            .map(|i| median(y.row(i)))
            .collect();
        let columns: Vec<Vec<f64>> = (0..cols).map(|j| y.column(j)).collect();
        let identified: Vec<f64> = columns
            .iter()
            .map(|c| c.iter().filter(|v| !v.is_nan()).count() as f64)
            .collect();
        let offsets: Vec<f64> = columns
            .iter()
            .map(|c| {
                let ratios: Vec<f64> = c.iter().zip(&centres).map(|(v, m)| v - m).collect();
                median(&ratios)
            })
            .collect();

        let mut best: Vec<usize> = (0..rows).filter(|&i| y.observed_in_row(i) > 1).collect();
        // A stable sort: equally observed features stay in the order of the table.
        best.sort_by_key(|&i| std::cmp::Reverse(y.observed_in_row(i)));
        best.truncate(MAX_FEATURES);
        let by_sample = |ratio: bool| {
            Matrix::from_fn(cols, best.len(), |j, k| {
                let i = best[k];
                columns[j][i] - if ratio { centres[i] } else { 0.0 }
            })
        };
        let correlation = row_correlations(&by_sample(false));
        let own: Vec<f64> = (0..cols)
            .map(|j| typical(&correlation, j, |k| alike(groups, j, k)))
            .collect();
        let others: Vec<f64> = (0..cols)
            .map(|j| typical(&correlation, j, |k| unlike(groups, j, k)))
            .collect();
        Self {
            fraction_missing: identified
                .iter()
                .map(|n| 1.0 - n / rows.max(1) as f64)
                .collect(),
            median: columns.iter().map(|c| median(c)).collect(),
            iqr: columns
                .iter()
                .map(|c| quantile(c, 0.75) - quantile(c, 0.25))
                .collect(),
            outlier_z: robust_z(&own, SMALLEST_SCALE),
            ratio_correlation: row_correlations(&by_sample(true)),
            identified,
            offsets,
            own,
            others,
            correlation,
        }
    }
}

/// Whether sample `k` counts as a companion of sample `j`.
fn alike(groups: &Groups, j: usize, k: usize) -> bool {
    match groups.of_sample[j] {
        Some(group) if groups.members(group).len() > 1 => groups.of_sample[k] == Some(group),
        _ => true,
    }
}

fn unlike(groups: &Groups, j: usize, k: usize) -> bool {
    match (groups.of_sample[j], groups.of_sample[k]) {
        (Some(a), Some(b)) => a != b,
        _ => false,
    }
}

/// Median correlation of sample `j` with the others that `chosen` picks.
pub(super) fn typical(correlation: &Matrix, j: usize, chosen: impl Fn(usize) -> bool) -> f64 {
    let picked: Vec<f64> = (0..correlation.cols())
        .filter(|&k| k != j && chosen(k))
        .map(|k| correlation.get(j, k))
        .collect();
    median(&picked)
}

/// Distance from the median in units of the (normal-consistent) median absolute deviation, not below `smallest`.
pub(super) fn robust_z(values: &[f64], smallest: f64) -> Vec<f64> {
    let centre = median(values);
    let scale = median_absolute_deviation(values).max(smallest);
    values.iter().map(|v| (v - centre) / scale).collect()
}
