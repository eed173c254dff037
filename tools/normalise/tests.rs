#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use proteus_stats::descriptive::median;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::Normalise;
use crate::dataset::SampleMetadata;
use crate::tool::frame::numbers;
use crate::tool::{Abundance, ToolError};
use crate::tools::fixture::{abundance, matrix, run, table};

/// 1,000 features in four samples that differ by a constant, with a little noise.
fn shifted() -> Abundance {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let rows: Vec<(String, Vec<f64>)> = (0..1000)
        .map(|i| {
            let level = rng.random_range(18.0..28.0);
            let values = [0.0, 1.0, -0.5, 0.25]
                .iter()
                .map(|shift| {
                    level + shift + rng.random_range(-0.2..0.2) + rng.random_range(-0.2..0.2)
                })
                .collect();
            (format!("P{i}"), values)
        })
        .collect();
    let borrowed: Vec<(&str, &[f64])> = rows
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_slice()))
        .collect();
    abundance(&borrowed)
}

#[test]
fn median_ratios_are_chosen_for_shifted_samples_and_bring_them_together() {
    let output = run(&Normalise, shifted(), &SampleMetadata::default(), json!({})).unwrap();
    assert_eq!(output.facts["method"], "median_ratio");
    assert_eq!(output.facts["asymmetric_change"], false);
    let y = matrix(&output, "matrix");
    let medians: Vec<f64> = (0..4).map(|j| median(&y.values.column(j))).collect();
    assert!(medians.iter().all(|m| (m - medians[0]).abs() < 0.2));
    let factors = table(&output, "factors");
    let after = numbers(factors, "median_after").unwrap();
    let moved: Vec<f64> = numbers(factors, "median_before")
        .unwrap()
        .iter()
        .zip(numbers(factors, "shift").unwrap())
        .map(|(before, shift)| before + shift)
        .collect();
    assert!(moved.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-9));
}

#[test]
fn none_changes_nothing_and_every_method_keeps_missing_values_missing() {
    let mut y = shifted();
    let mut values = y.values.clone();
    values.set(3, 1, f64::NAN);
    y = y.with_values(values);
    for method in ["none", "median", "median_ratio", "mode", "quantile"] {
        let output = run(
            &Normalise,
            y.clone(),
            &SampleMetadata::default(),
            json!({"method": method}),
        )
        .unwrap();
        let found = &matrix(&output, "matrix").values;
        assert!(found.get(3, 1).is_nan());
        assert_eq!(
            found.values().iter().filter(|v| v.is_nan()).count(),
            1,
            "{method}"
        );
        if method == "none" {
            assert_eq!(found.get(0, 0), y.values.get(0, 0));
        }
    }
}

#[test]
fn an_empty_sample_is_named() {
    let y = abundance(&[("A", &[1.0, f64::NAN]), ("B", &[2.0, f64::NAN])]);
    let error = run(&Normalise, y, &SampleMetadata::default(), json!({})).unwrap_err();
    assert!(matches!(error, ToolError::TooFewObservations { .. }));
    assert!(error.to_string().contains("`s2`"), "{error}");
}

#[test]
fn an_unknown_method_is_refused() {
    let error = run(
        &Normalise,
        shifted(),
        &SampleMetadata::default(),
        json!({"method": "vsn"}),
    )
    .unwrap_err();
    assert!(error.to_string().contains("vsn"), "{error}");
}
