//! k-means by Lloyd's iteration (doi:10.1109/TIT.1982.1056489).

use super::ClusteringError;
use crate::Matrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A partition into k clusters about their means.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans {
    /// Cluster of each observation, from 0.
    pub labels: Vec<usize>,
    /// Clusters × variables.
    pub centres: Matrix,
    /// Sum of squared distances to the centre, per cluster.
    pub within: Vec<f64>,
}

impl KMeans {
    /// Sum of squared distances to the centres over all clusters.
    pub fn total_within(&self) -> f64 {
        self.within.iter().sum()
    }
}

/// Lloyd's iteration from the given `centres` (clusters × variables) on `points` (observations × variables), until no
/// label changes or `iterations` are over. A cluster that loses all its members keeps its centre.
/// R `kmeans(algorithm = "Lloyd")`: same labels, sums of squares 1e-10.
pub fn k_means_from(
    points: &Matrix,
    centres: &Matrix,
    iterations: usize,
) -> Result<KMeans, ClusteringError> {
    check(points, centres.rows())?;
    Ok(lloyd(points, centres.clone(), iterations))
}

/// The best of `starts` runs of Lloyd's iteration from k-means++ centres (Arthur & Vassilvitskii 2007), drawn with `seed`;
/// equal seeds give equal labels. Clusters are numbered by first appearance.
pub fn k_means(
    points: &Matrix,
    clusters: usize,
    starts: usize,
    seed: u64,
) -> Result<KMeans, ClusteringError> {
    check(points, clusters)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut best: Option<KMeans> = None;
    for _ in 0..starts.max(1) {
        let found = lloyd(points, spread_centres(points, clusters, &mut rng), 100);
        let better = best
            .as_ref()
            .is_none_or(|b| found.total_within() < b.total_within());
        if better {
            best = Some(found);
        }
    }
    best.map(numbered_by_appearance)
        .ok_or(ClusteringError::BadClusterCount {
            clusters,
            samples: points.rows(),
        })
}

fn check(points: &Matrix, clusters: usize) -> Result<(), ClusteringError> {
    if clusters == 0 || clusters > points.rows() {
        return Err(ClusteringError::BadClusterCount {
            clusters,
            samples: points.rows(),
        });
    }
    let finite = |row: usize| points.row(row).iter().all(|v| v.is_finite());
    match (0..points.rows()).find(|&row| !finite(row)) {
        Some(row) => Err(ClusteringError::NotFinite { row }),
        None => Ok(()),
    }
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum()
}

/// First centre at random, each next one with probability proportional to its squared distance from the nearest so far.
fn spread_centres(points: &Matrix, clusters: usize, rng: &mut ChaCha8Rng) -> Matrix {
    let n = points.rows();
    let mut chosen = vec![rng.random_range(0..n)];
    let mut distance = vec![f64::INFINITY; n];
    while chosen.len() < clusters {
        let newest = points.row(chosen[chosen.len() - 1]);
        for (i, d) in distance.iter_mut().enumerate() {
            *d = d.min(squared_distance(points.row(i), newest));
        }
        let total: f64 = distance.iter().sum();
        let mut left = rng.random::<f64>() * total;
        let drawn = distance.iter().position(|&d| {
            left -= d;
            left < 0.0
        });
        chosen.push(drawn.unwrap_or(n - 1));
    }
    points.select_rows(&chosen)
}

fn lloyd(points: &Matrix, mut centres: Matrix, iterations: usize) -> KMeans {
    let (n, k) = (points.rows(), centres.rows());
    let mut labels = vec![usize::MAX; n];
    for _ in 0..iterations.max(1) {
        let mut changed = false;
        for (i, label) in labels.iter_mut().enumerate() {
            let mut nearest = (f64::INFINITY, 0);
            for c in 0..k {
                let d = squared_distance(points.row(i), centres.row(c));
                if d < nearest.0 {
                    nearest = (d, c);
                }
            }
            changed |= *label != nearest.1;
            *label = nearest.1;
        }
        if !changed {
            break;
        }
        let mut sums = Matrix::filled(k, points.cols(), 0.0);
        let mut sizes = vec![0.0; k];
        for (i, &label) in labels.iter().enumerate() {
            sizes[label] += 1.0;
            for (sum, v) in sums.row_mut(label).iter_mut().zip(points.row(i)) {
                *sum += v;
            }
        }
        for (c, &size) in sizes.iter().enumerate().filter(|(_, s)| **s > 0.0) {
            let means = sums.row(c).iter().map(|s| s / size);
            for (centre, mean) in centres.row_mut(c).iter_mut().zip(means) {
                *centre = mean;
            }
        }
    }
    let mut within = vec![0.0; k];
    for (i, &label) in labels.iter().enumerate() {
        within[label] += squared_distance(points.row(i), centres.row(label));
    }
    KMeans {
        labels,
        centres,
        within,
    }
}

fn numbered_by_appearance(found: KMeans) -> KMeans {
    let mut order: Vec<usize> = Vec::new();
    for &label in &found.labels {
        if !order.contains(&label) {
            order.push(label);
        }
    }
    order.extend((0..found.within.len()).filter(|c| !found.labels.contains(c)));
    let mut new_label = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        new_label[old] = new;
    }
    KMeans {
        labels: found.labels.iter().map(|&l| new_label[l]).collect(),
        centres: found.centres.select_rows(&order),
        within: order.iter().map(|&c| found.within[c]).collect(),
    }
}
