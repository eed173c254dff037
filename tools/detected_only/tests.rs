#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use proptest::prelude::*;
use serde_json::json;

use super::DetectedOnly;
use crate::dataset::{Role, SampleMetadata};
use crate::tool::frame::{flags, numbers, texts};
use crate::tool::{Abundance, ToolError, Verdict};
use crate::tools::fixture::{abundance, run, sheet, table};

const NA: f64 = f64::NAN;

/// Five controls, then five treated.
fn study() -> (Abundance, SampleMetadata) {
    let y = abundance(&[
        ("both", &[8.0; 10]),
        ("gained", &[NA, NA, NA, NA, NA, 5.0, 6.0, 7.0, 6.0, 6.0]),
        ("lost", &[5.0, 5.0, 5.0, 5.0, NA, NA, NA, NA, NA, NA]),
        ("patchy", &[5.0, NA, 5.0, NA, NA, 5.0, 5.0, 5.0, 5.0, 5.0]),
        ("once", &[NA, NA, NA, NA, NA, NA, NA, NA, NA, 9.0]),
        ("never", &[NA; 10]),
    ]);
    let labels = "ctrl ctrl ctrl ctrl ctrl trt trt trt trt trt";
    (y, sheet(10, &[("arm", Role::Condition, labels)]))
}

#[test]
fn switches_come_first_with_their_direction() {
    let (y, samples) = study();
    let output = run(
        &DetectedOnly,
        y,
        &samples,
        json!({"contrast": "arm:trt-ctrl"}),
    )
    .unwrap();
    let found = table(&output, "detection");
    // `both`, `once` and `never` cannot reach a small p-value however their detections fall.
    assert_eq!(texts(found, "feature").unwrap(), ["gained", "lost"]);
    assert_eq!(numbers(found, "effect").unwrap(), [1.0, -0.8]);
    assert_eq!(flags(found, "switch").unwrap(), [true, true]);
    // R: fisher.test(matrix(c(5, 0, 0, 5), 2))$p.value, fisher.test(matrix(c(4, 1, 0, 5), 2))$p.value
    let p = numbers(found, "P.Value").unwrap();
    assert!((p[0] - 0.007_936_507_936_507_936).abs() < 1e-12);
    assert!((p[1] - 0.047_619_047_619_047_616).abs() < 1e-12);
    assert_eq!(numbers(found, "median_present").unwrap(), [6.0, 5.0]);
    assert_eq!(output.facts["tested"], 2);
    assert_eq!(output.facts["untestable"], 4);
    assert!(output.checks.iter().all(|c| c.verdict != Verdict::Fail));
}

#[test]
fn an_uneven_split_that_is_no_switch_has_p_one() {
    let (y, samples) = study();
    let params = json!({"contrast": "arm:trt-ctrl", "max_attainable_p": 0.5});
    let output = run(&DetectedOnly, y, &samples, params).unwrap();
    let found = table(&output, "detection");
    let row = texts(found, "feature")
        .unwrap()
        .iter()
        .position(|f| f == "patchy")
        .unwrap();
    assert!(!flags(found, "switch").unwrap()[row]);
    assert_eq!(numbers(found, "P.Value").unwrap()[row], 1.0);
    assert!(numbers(found, "P.Fisher").unwrap()[row] < 0.2);
}

#[test]
fn one_sample_per_arm_is_too_few_and_parameters_are_checked() {
    let (y, _) = study();
    let samples = sheet(10, &[("arm", Role::Condition, "ctrl trt - - - - - - - -")]);
    let params = json!({"contrast": "arm:trt-ctrl"});
    let error = run(&DetectedOnly, y.clone(), &samples, params).unwrap_err();
    assert!(
        matches!(
            error,
            ToolError::TooFewObservations {
                needed: 2,
                found: 1,
                ..
            }
        ),
        "{error}"
    );
    let (_, samples) = study();
    for (params, needle) in [
        (json!({}), "`contrast` is missing"),
        (
            json!({"contrast": "arm:trt-ctrl", "min_present_fraction": 2.0}),
            "`2`",
        ),
        (
            json!({"contrast": "arm:trt-ctrl", "max_absent_fraction": 0.7}),
            "below",
        ),
        (json!({"contrast": "arm:x-ctrl"}), "`arm`"),
    ] {
        let error = run(&DetectedOnly, y.clone(), &samples, params).unwrap_err();
        assert!(error.to_string().contains(needle), "{error}");
    }
}

#[test]
fn a_shallow_arm_is_reported() {
    let (_, samples) = study();
    let rows: Vec<Vec<f64>> = (0..20)
        .map(|i| {
            (0..10)
                .map(|j| if j < 5 && i < 12 { NA } else { 7.0 })
                .collect()
        })
        .collect();
    let named: Vec<String> = (0..20).map(|i| format!("P{i}")).collect();
    let rows: Vec<(&str, &[f64])> = named
        .iter()
        .map(String::as_str)
        .zip(rows.iter().map(Vec::as_slice))
        .collect();
    let output = run(
        &DetectedOnly,
        abundance(&rows),
        &samples,
        json!({"contrast": "arm:trt-ctrl"}),
    )
    .unwrap();
    assert_eq!(output.checks[0].code, "depth_differs");
    assert_eq!(output.facts["depth_reference"], 8.0);
}

proptest! {
    /// The tested set depends on how often a feature is seen, never on where.
    #[test]
    fn the_tested_features_are_the_same_under_any_labels(
        mask in proptest::collection::vec(any::<bool>(), 80),
        order in Just((0..10).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let rows: Vec<Vec<f64>> = mask
            .chunks(10)
            .map(|row| row.iter().map(|&seen| if seen { 6.0 } else { NA }).collect())
            .collect();
        let names: Vec<String> = (0..8).map(|i| format!("P{i}")).collect();
        let rows: Vec<(&str, &[f64])> = names.iter().map(String::as_str).zip(rows.iter().map(Vec::as_slice)).collect();
        let label = |k: usize| if k < 5 { "ctrl" } else { "trt" };
        let plain = (0..10).map(label).collect::<Vec<_>>().join(" ");
        let moved = order.iter().map(|&k| label(k)).collect::<Vec<_>>().join(" ");
        let tested = |labels: &str| {
            let samples = sheet(10, &[("arm", Role::Condition, labels)]);
            let output = run(&DetectedOnly, abundance(&rows), &samples, json!({"contrast": "arm:trt-ctrl"})).unwrap();
            let mut ids = texts(table(&output, "detection"), "feature").unwrap();
            ids.sort();
            ids
        };
        prop_assert_eq!(tested(&plain), tested(&moved));
    }
}
