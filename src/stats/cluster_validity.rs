//! Are the clusters real? Silhouettes, agreement of partitions, stability, and a test for more than one cluster.

mod existence;

pub use existence::{ClusterExistence, ExistenceOptions, cluster_existence};

use crate::Matrix;
use crate::clustering::{ClusteringError, Distances, k_means};
use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// How well one object sits in its cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Silhouette {
    /// The nearest other cluster.
    pub neighbour: usize,
    /// (distance to the neighbour − distance to the own cluster) / the larger of the two, mean distances, from −1 to 1;
    /// 0 for a cluster of one.
    pub width: f64,
}

/// Silhouettes of all objects; none when there are fewer than two clusters (Rousseeuw 1987,
/// doi:10.1016/0377-0427(87)90125-7). R `cluster::silhouette` to 1e-10.
pub fn silhouettes(distances: &Distances, labels: &[usize]) -> Option<Vec<Silhouette>> {
    let k = labels.iter().max().map_or(0, |m| m + 1);
    let mut sizes = vec![0_usize; k];
    for &label in labels {
        sizes[label] += 1;
    }
    if labels.len() != distances.len() || sizes.iter().filter(|&&s| s > 0).count() < 2 {
        return None;
    }
    let silhouette = |i: usize| {
        let mut sums = vec![0.0; k];
        for (j, &label) in labels.iter().enumerate() {
            sums[label] += distances.get(i, j);
        }
        let own = labels[i];
        let (neighbour, between) = (0..k)
            .filter(|&c| c != own && sizes[c] > 0)
            .map(|c| (c, sums[c] / sizes[c] as f64))
            .fold((own, f64::INFINITY), |best, next| {
                if next.1 < best.1 { next } else { best }
            });
        let width = if sizes[own] == 1 {
            0.0
        } else {
            let within = sums[own] / (sizes[own] - 1) as f64;
            (between - within) / between.max(within)
        };
        Silhouette { neighbour, width }
    };
    Some((0..labels.len()).map(silhouette).collect())
}

/// Agreement of two partitions of the same objects, 1 when they are the same and 0 on average by chance (Hubert & Arabie
/// 1985, doi:10.1007/BF01908075); none when lengths differ or there are fewer than two objects.
pub fn adjusted_rand_index(a: &[usize], b: &[usize]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let size = |v: &[usize]| v.iter().max().map_or(0, |m| m + 1);
    let mut table = Matrix::filled(size(a), size(b), 0.0);
    for (&i, &j) in a.iter().zip(b) {
        table.set(i, j, table.get(i, j) + 1.0);
    }
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let both: f64 = table.values().iter().map(|&n| pairs(n)).sum();
    let rows: f64 = (0..table.rows())
        .map(|i| pairs(table.row(i).iter().sum()))
        .sum();
    let columns: f64 = (0..table.cols())
        .map(|j| pairs(table.column(j).iter().sum()))
        .sum();
    let expected = rows * columns / pairs(a.len() as f64);
    let largest = (rows + columns) / 2.0;
    // Both partitions trivial, all in one or all alone: they agree.
    Some(if largest == expected {
        1.0
    } else {
        (both - expected) / (largest - expected)
    })
}

/// How often each pair of observations shares a cluster over `resamples` k-means runs on a random `share` of the
/// observations, among the runs that hold both (Monti et al. 2003, doi:10.1023/A:1023949509487); NaN for a pair never
/// drawn together. Equal seeds give equal results, whatever the number of threads.
pub fn consensus(
    points: &Matrix,
    clusters: usize,
    resamples: usize,
    share: f64,
    seed: u64,
) -> Result<Matrix, ClusteringError> {
    let n = points.rows();
    let drawn = ((share * n as f64).round() as usize).clamp(clusters.min(n), n);
    let runs: Vec<(Vec<usize>, Vec<usize>)> = (0..resamples)
        .into_par_iter()
        .map(|run| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(run as u64);
            let rows = sample(&mut rng, n, drawn).into_vec();
            let found = k_means(&points.select_rows(&rows), clusters, 5, seed ^ run as u64)?;
            Ok((rows, found.labels))
        })
        .collect::<Result<_, ClusteringError>>()?;
    let mut together = Matrix::filled(n, n, 0.0);
    let mut joint = Matrix::filled(n, n, 0.0);
    for (rows, labels) in &runs {
        for (&i, a) in rows.iter().zip(labels) {
            for (&j, b) in rows.iter().zip(labels) {
                joint.set(i, j, joint.get(i, j) + 1.0);
                if a == b {
                    together.set(i, j, together.get(i, j) + 1.0);
                }
            }
        }
    }
    Ok(Matrix::from_fn(n, n, |i, j| {
        together.get(i, j) / joint.get(i, j)
    }))
}

#[cfg(test)]
mod tests;
