#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use proteus_stats::Matrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::SampleClustering;
use crate::tool::frame::numbers;
use crate::tool::{Abundance, ToolError};
use crate::tools::fixture::{abundance, feature, run, sheet, table};

/// Sixty features of twenty samples; the last eight samples lie `apart` in half of the features.
fn study(apart: f64) -> Abundance {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut y = abundance(&[("placeholder", &[0.0; 20])]);
    y.features = std::sync::Arc::new((0..60).map(|i| feature(&format!("G{i}"))).collect());
    y.values = Matrix::from_fn(60, 20, |i, j| {
        let noise: f64 = (0..6).map(|_| rng.random::<f64>() - 0.5).sum();
        noise + if i < 30 && j >= 12 { apart } else { 0.0 }
    });
    y
}

#[test]
fn two_groups_are_found_and_numbered_by_size() {
    let output = run(&SampleClustering, study(3.0), &sheet(20, &[]), json!({})).unwrap();
    assert_eq!(output.facts["k"], 2);
    let clusters = numbers(table(&output, "clusters"), "cluster").unwrap();
    assert_eq!(clusters, [[1.0; 12].as_slice(), &[2.0; 8]].concat());
}

#[test]
fn one_population_stays_whole() {
    let output = run(&SampleClustering, study(0.0), &sheet(20, &[]), json!({})).unwrap();
    assert_eq!(output.facts["k"], 1);
    let clusters = table(&output, "clusters");
    assert_eq!(numbers(clusters, "cluster").unwrap(), [1.0; 20]);
    assert!(
        numbers(clusters, "silhouette")
            .unwrap()
            .iter()
            .all(|s| s.is_nan())
    );
}

#[test]
fn little_input_is_refused() {
    let few = study(3.0).select_samples(&[0, 1, 2]);
    let error = run(&SampleClustering, few, &sheet(20, &[]), json!({})).unwrap_err();
    assert!(matches!(
        error,
        ToolError::TooFewObservations {
            needed: 8,
            found: 3,
            ..
        }
    ));
    let mut gaps = study(3.0);
    for i in 0..60 {
        gaps.values.set(i, i % 20, f64::NAN);
    }
    let error = run(&SampleClustering, gaps, &sheet(20, &[]), json!({})).unwrap_err();
    assert!(
        matches!(error, ToolError::TooFewObservations { .. }),
        "{error}"
    );
}
