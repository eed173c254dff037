//! How far samples are from one another.

use super::ClusteringError;
use crate::Matrix;
use crate::correlation::row_correlations;

/// The distance between two samples over the features observed in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DistanceMeasure {
    /// Root of the sum of squared differences, scaled up to the number of features when some are missing (R `dist`).
    Euclidean,
    /// 1 − Pearson correlation.
    Correlation,
}

/// Distances between all pairs of `n` objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Distances {
    square: Matrix,
}

impl Distances {
    /// Distances given by `distance(i, j)` for i > j.
    pub fn from_fn(n: usize, mut distance: impl FnMut(usize, usize) -> f64) -> Self {
        let mut square = Matrix::filled(n, n, 0.0);
        for i in 0..n {
            for j in 0..i {
                let d = distance(i, j);
                square.set(i, j, d);
                square.set(j, i, d);
            }
        }
        Self { square }
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.square.rows()
    }

    /// Whether there is no object.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Distance of objects `i` and `j`.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.square.get(i, j)
    }
}

/// Distances between the samples (columns) of log2 abundances `y` (features × samples, NaN missing).
/// R `dist(t(y))` and `1 - cor(y, use = "pairwise.complete.obs")` to 1e-12.
pub fn sample_distances(
    y: &Matrix,
    measure: DistanceMeasure,
) -> Result<Distances, ClusteringError> {
    let samples = y.transposed();
    let distances = match measure {
        DistanceMeasure::Euclidean => Distances::from_fn(samples.rows(), |i, j| {
            let (squares, shared) = samples
                .row(i)
                .iter()
                .zip(samples.row(j))
                .map(|(a, b)| (a - b).powi(2))
                .filter(|d| !d.is_nan())
                .fold((0.0, 0_usize), |(s, n), d| (s + d, n + 1));
            (squares * samples.cols() as f64 / shared as f64).sqrt()
        }),
        DistanceMeasure::Correlation => {
            let r = row_correlations(&samples);
            Distances::from_fn(samples.rows(), |i, j| 1.0 - r.get(i, j))
        }
    };
    for first in 0..samples.rows() {
        for second in 0..first {
            if !distances.get(first, second).is_finite() {
                let both = samples.row(first).iter().zip(samples.row(second));
                let shared = both.filter(|(a, b)| !a.is_nan() && !b.is_nan()).count();
                return Err(ClusteringError::Incomparable {
                    first: second,
                    second: first,
                    shared,
                });
            }
        }
    }
    Ok(distances)
}
