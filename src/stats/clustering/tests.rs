#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use super::*;
use crate::Matrix;
use crate::reference::{Table, assert_close};

fn complete() -> Matrix {
    let table = Table::read("sim1_small/complete.tsv");
    let (_, raw) = table.matrix();
    Matrix::from_fn(raw.rows(), raw.cols(), |i, j| raw.get(i, j).log2())
}

fn of_r(node: Node) -> f64 {
    match node {
        Node::Leaf(leaf) => -(leaf as f64 + 1.0),
        Node::Merged(at) => at as f64 + 1.0,
    }
}

#[test]
fn trees_agree_with_hclust() {
    let y = complete();
    for (measure, name) in [
        (DistanceMeasure::Euclidean, "tree_euclidean"),
        (DistanceMeasure::Correlation, "tree_correlation"),
    ] {
        let distances = sample_distances(&y, measure).unwrap();
        let merges = Table::read(&format!("general/{name}.tsv"));
        let cuts = Table::read(&format!("general/{name}_cut.tsv"));
        for (linkage, r_name) in [
            (Linkage::Complete, "complete"),
            (Linkage::Average, "average"),
            (Linkage::Single, "single"),
            (Linkage::WardD, "ward.D"),
            (Linkage::WardD2, "ward.D2"),
        ] {
            let tree = hierarchical(&distances, linkage);
            let merges = merges.only("linkage", r_name);
            let column = |get: fn(&Merge) -> f64| tree.merges.iter().map(get).collect::<Vec<_>>();
            assert_close(
                "height",
                &column(|m| m.height),
                &merges.numbers("height"),
                1e-10,
                0.0,
            );
            assert_close(
                "first",
                &column(|m| of_r(m.first)),
                &merges.numbers("first"),
                0.0,
                0.0,
            );
            assert_close(
                "second",
                &column(|m| of_r(m.second)),
                &merges.numbers("second"),
                0.0,
                0.0,
            );
            let cuts = cuts.only("linkage", r_name);
            let order = tree.order();
            for (sample, place) in cuts.numbers("order").iter().enumerate() {
                assert_eq!(order[*place as usize - 1], sample);
            }
            for (k, column) in [(3, "k3"), (6, "k6")] {
                let labels: Vec<f64> = tree
                    .cut(k)
                    .unwrap()
                    .iter()
                    .map(|&l| l as f64 + 1.0)
                    .collect();
                assert_close(column, &labels, &cuts.numbers(column), 0.0, 0.0);
            }
        }
    }
}

#[test]
fn k_means_agrees_with_r() {
    let points = complete().transposed();
    let found = k_means_from(&points, &points.select_rows(&[0, 1, 2]), 200).unwrap();
    let expected = Table::read("general/k_means.tsv");
    let labels: Vec<f64> = found.labels.iter().map(|&l| l as f64 + 1.0).collect();
    assert_close("cluster", &labels, &expected.numbers("cluster"), 0.0, 0.0);
    let within: Vec<f64> = found.labels.iter().map(|&l| found.within[l]).collect();
    assert_close("within", &within, &expected.numbers("within"), 1e-10, 0.0);
    let best = k_means(&points, 3, 10, 1).unwrap();
    assert!(best.total_within() <= found.total_within() + 1e-9);
    assert_eq!(best, k_means(&points, 3, 10, 1).unwrap());
    assert_eq!(best.labels[0], 0);
}

#[test]
fn missing_values_scale_distances_up() {
    let nan = f64::NAN;
    let y = Matrix::new(4, 2, vec![0.0, 3.0, 1.0, 1.0, nan, 2.0, 5.0, 1.0]).unwrap();
    let d = sample_distances(&y, DistanceMeasure::Euclidean).unwrap();
    // (9 + 0 + 16) · 4 / 3, as R dist.
    assert_close(
        "distance",
        &[d.get(0, 1)],
        &[(100.0_f64 / 3.0).sqrt()],
        1e-14,
        0.0,
    );
    let apart = Matrix::new(2, 2, vec![1.0, nan, nan, 2.0]).unwrap();
    assert!(matches!(
        sample_distances(&apart, DistanceMeasure::Euclidean),
        Err(ClusteringError::Incomparable {
            first: 0,
            second: 1,
            shared: 0
        })
    ));
    let tree = hierarchical(&d, Linkage::Average);
    assert!(tree.cut(3).is_err() && tree.cut(0).is_err());
    assert!(matches!(
        k_means(&y.transposed(), 1, 1, 0),
        Err(ClusteringError::NotFinite { row: 0 })
    ));
}
