#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use super::*;
use crate::clustering::{DistanceMeasure, sample_distances};
use crate::principal_components::{MissingFeatures, PcaOptions, principal_components};
use crate::reference::{Table, assert_close};
use rand::Rng;

#[test]
fn silhouettes_agree_with_cluster() {
    let table = Table::read("sim1_small/complete.tsv");
    let (_, raw) = table.matrix();
    let y = Matrix::from_fn(raw.rows(), raw.cols(), |i, j| raw.get(i, j).log2());
    let expected = Table::read("general/k_means.tsv");
    let labels: Vec<usize> = expected
        .numbers("cluster")
        .iter()
        .map(|&c| c as usize - 1)
        .collect();
    let distances = sample_distances(&y, DistanceMeasure::Euclidean).unwrap();
    let found = silhouettes(&distances, &labels).unwrap();
    let widths: Vec<f64> = found.iter().map(|s| s.width).collect();
    assert_close("width", &widths, &expected.numbers("width"), 1e-10, 0.0);
    let neighbours: Vec<f64> = found.iter().map(|s| s.neighbour as f64 + 1.0).collect();
    assert_close(
        "neighbour",
        &neighbours,
        &expected.numbers("neighbour"),
        0.0,
        0.0,
    );
    assert!(silhouettes(&distances, &[0; 12]).is_none());
}

#[test]
fn rand_index_by_hand() {
    // Hubert & Arabie: table [[2, 0], [1, 2]] gives 2 joint pairs, rows 1 + 3, columns 3 + 1, of 10.
    let ari = adjusted_rand_index(&[0, 0, 1, 1, 1], &[0, 0, 0, 1, 1]).unwrap();
    assert_close("ari", &[ari], &[(2.0 - 1.6) / (4.0 - 1.6)], 1e-14, 0.0);
    assert_eq!(adjusted_rand_index(&[0, 0, 1], &[5, 5, 2]), Some(1.0));
    assert_eq!(adjusted_rand_index(&[0, 0], &[1, 1]), Some(1.0));
    assert_eq!(adjusted_rand_index(&[0], &[0]), None);
}

/// Scores of `n` samples with six features; the second half is moved by `gap` along the first feature.
fn cloud(n: usize, gap: f64, seed: u64) -> Matrix {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    let points = Matrix::from_fn(n, 6, |i, j| {
        let spread = 3.0 / (j + 1) as f64;
        spread * draw() + if j == 0 && i >= n / 2 { gap } else { 0.0 }
    });
    let options = PcaOptions {
        scale: false,
        missing: MissingFeatures::Drop,
        components: 6,
    };
    principal_components(&points.transposed(), &options)
        .unwrap()
        .scores
}

#[test]
fn one_cluster_is_not_called_two_and_two_are() {
    let options = ExistenceOptions {
        largest: 4,
        simulations: 59,
        starts: 3,
        seed: 5,
    };
    let called = |gap: f64| {
        let p = |seed| {
            cluster_existence(&cloud(40, gap, seed), &options)
                .unwrap()
                .p
        };
        (0..30).filter(|&seed| p(seed) <= 0.05).count()
    };
    // Size 5 %: at most five of 30 with probability 0.997.
    let false_calls = called(0.0);
    assert!(false_calls <= 5, "{false_calls} of 30");
    let true_calls = called(15.0);
    assert!(true_calls >= 27, "{true_calls} of 30");
    let found = cluster_existence(&cloud(40, 15.0, 3), &options).unwrap();
    assert_eq!(found.clusters, 2);
    let truth: Vec<usize> = (0..40).map(|i| i / 20).collect();
    assert_eq!(adjusted_rand_index(&found.labels, &truth), Some(1.0));
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let alone = pool.install(|| cluster_existence(&cloud(40, 15.0, 3), &options).unwrap());
    assert_eq!(alone, found);
}

#[test]
fn consensus_is_high_within_separate_clusters() {
    let agreement = consensus(&cloud(20, 30.0, 1), 2, 50, 0.8, 9).unwrap();
    assert!((0..10).all(|i| (0..10).all(|j| agreement.get(i, j) == 1.0)));
    assert!((0..10).all(|i| (10..20).all(|j| agreement.get(i, j) == 0.0)));
}
