//! Is there more than one cluster?

use crate::Matrix;
use crate::clustering::{ClusteringError, k_means};
use crate::descriptive::{mean, standard_deviation};
use rand::SeedableRng;
use rand::distr::{Distribution, Open01};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// How to look for clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExistenceOptions {
    /// Largest number of clusters tried; 2 is the smallest.
    pub largest: usize,
    /// Draws from the null; 999 for p down to 0.001.
    pub simulations: usize,
    /// k-means starts per fit.
    pub starts: usize,
    /// Seed of draws and starts.
    pub seed: u64,
}

/// The answer, with the number of clusters that stands out most.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterExistence {
    /// Number of clusters with the largest `standardised` gain.
    pub clusters: usize,
    /// Their labels, numbered by first appearance.
    pub labels: Vec<usize>,
    /// Within-cluster over total sum of squares, per number of clusters from 2 up.
    pub index: Vec<f64>,
    /// How far the index lies below its null mean in null standard deviations, per number of clusters.
    pub standardised: Vec<f64>,
    /// p-value of the largest standardised gain, the search over numbers of clusters included.
    pub p: f64,
}

/// Tests k-means clusters of `scores` (samples × principal components, so centred and uncorrelated columns) against one
/// Gaussian cluster with the same covariance.
///
/// Of Gaussian samples with any covariance, the left singular vectors of the centred data are uniformly distributed and
/// independent of the singular values. A draw from the null therefore keeps the observed singular values and takes
/// random orthonormal columns: its covariance is the observed one exactly, and the p-value is exact with more features
/// than samples too. The statistic is the largest, over 2..=`largest` clusters, of (null mean − observed) / null standard
/// deviation of the within share of the sum of squares; p = (1 + draws that reach it) / (1 + draws).
/// Skewed scores or an outlying sample are not Gaussian either: look at the sizes of the clusters before believing in them.
/// After SigClust (Liu et al. 2008, doi:10.1198/016214508000000454), which estimates the covariance instead. No package
/// computes this form; the tests check its size and power by simulation.
pub fn cluster_existence(
    scores: &Matrix,
    options: &ExistenceOptions,
) -> Result<ClusterExistence, ClusteringError> {
    let n = scores.rows();
    if options.largest < 2 || options.largest >= n {
        return Err(ClusteringError::BadClusterCount {
            clusters: options.largest,
            samples: n,
        });
    }
    let spreads: Vec<f64> = (0..scores.cols())
        .map(|j| standard_deviation(&scores.column(j)))
        .filter(|&spread| spread > 0.0)
        .take(n - 1)
        .collect();
    let counts = 2..=options.largest;
    let observed = indices(scores, options, options.seed)?;
    let null: Vec<Vec<f64>> = (0..options.simulations)
        .into_par_iter()
        .map(|draw| {
            let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
            rng.set_stream(1 + draw as u64);
            let cloud = random_cloud(n, &spreads, &mut rng);
            indices(&cloud, options, options.seed ^ (1 + draw as u64))
        })
        .collect::<Result<_, _>>()?;
    let scale: Vec<(f64, f64)> = (0..observed.len())
        .map(|k| {
            let column: Vec<f64> = null.iter().map(|row| row[k]).collect();
            (mean(&column), standard_deviation(&column))
        })
        .collect();
    let standardise = |index: &[f64]| -> Vec<f64> {
        let pairs = index.iter().zip(&scale);
        pairs
            .map(|(x, (centre, spread))| (centre - x) / spread)
            .collect()
    };
    let standardised = standardise(&observed);
    let largest = |gains: &[f64]| gains.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let gain = largest(&standardised);
    let reached = null
        .iter()
        .filter(|row| largest(&standardise(row)) >= gain)
        .count();
    let best = standardised.iter().position(|&g| g == gain).unwrap_or(0);
    let clusters = counts.start() + best;
    let labels = k_means(scores, clusters, options.starts, options.seed)?.labels;
    Ok(ClusterExistence {
        clusters,
        labels,
        index: observed,
        standardised,
        p: (1 + reached) as f64 / (1 + options.simulations) as f64,
    })
}

fn indices(
    points: &Matrix,
    options: &ExistenceOptions,
    seed: u64,
) -> Result<Vec<f64>, ClusteringError> {
    let total: f64 = (0..points.cols())
        .map(|j| {
            let column = points.column(j);
            let centre = mean(&column);
            column.iter().map(|v| (v - centre).powi(2)).sum::<f64>()
        })
        .sum();
    (2..=options.largest)
        .map(|k| Ok(k_means(points, k, options.starts, seed)?.total_within() / total))
        .collect()
}

/// n centred points with uncorrelated columns of exactly the given standard deviations, otherwise uniformly random.
fn random_cloud(n: usize, spreads: &[f64], rng: &mut ChaCha8Rng) -> Matrix {
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(spreads.len());
    for _ in spreads {
        let mut column: Vec<f64> = (0..n).map(|_| normal(rng)).collect();
        // Twice: the second pass removes what rounding left of the first.
        for _ in 0..2 {
            let centre = mean(&column);
            column.iter_mut().for_each(|v| *v -= centre);
            for earlier in &columns {
                let along: f64 = column.iter().zip(earlier).map(|(a, b)| a * b).sum();
                for (v, e) in column.iter_mut().zip(earlier) {
                    *v -= along * e;
                }
            }
        }
        let length = column.iter().map(|v| v * v).sum::<f64>().sqrt();
        column.iter_mut().for_each(|v| *v /= length);
        columns.push(column);
    }
    let size = ((n - 1) as f64).sqrt();
    Matrix::from_fn(n, spreads.len(), |i, j| size * spreads[j] * columns[j][i])
}

/// A standard normal draw by Box & Muller.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (Open01.sample(rng), Open01.sample(rng));
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
