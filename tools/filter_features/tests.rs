#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use serde_json::json;

use super::{FilterFeatures, Params, required};
use crate::dataset::SampleMetadata;
use crate::tool::frame::texts;
use crate::tool::{Abundance, ToolError};
use crate::tools::fixture::{abundance, matrix, run, table};

const NA: f64 = f64::NAN;

fn kept(y: &Abundance, params: serde_json::Value) -> Vec<String> {
    let output = run(
        &FilterFeatures,
        y.clone(),
        &SampleMetadata::default(),
        params,
    )
    .unwrap();
    matrix(&output, "matrix")
        .features
        .iter()
        .map(|f| f.id.clone())
        .collect()
}

fn pull_down() -> Abundance {
    abundance(&[
        ("everywhere", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ("one_group", &[NA, NA, NA, 4.0, 5.0, 6.0]),
        ("twice", &[1.0, NA, NA, 4.0, NA, NA]),
        ("once", &[1.0, NA, NA, NA, NA, NA]),
        ("never", &[NA, NA, NA, NA, NA, NA]),
    ])
}

#[test]
fn a_feature_of_one_group_survives() {
    let y = pull_down();
    assert_eq!(
        kept(&y, json!({"smallest_group": 3})),
        ["everywhere", "one_group"]
    );
    assert_eq!(kept(&y, json!({})), ["everywhere"]);
    assert_eq!(
        kept(&y, json!({"min_fraction": 0.0})),
        ["everywhere", "one_group", "twice"]
    );
    assert_eq!(
        kept(&y, json!({"min_fraction": 0.0, "min_observed": 0})),
        ["everywhere", "one_group", "twice", "once"]
    );
}

#[test]
fn dropped_features_carry_their_reason() {
    let output = run(
        &FilterFeatures,
        pull_down(),
        &SampleMetadata::default(),
        json!({"smallest_group": 3}),
    )
    .unwrap();
    let reasons = texts(table(&output, "dropped"), "reason").unwrap();
    assert_eq!(
        reasons,
        [
            "observed in 2 of 6 samples, 3 needed",
            "observed in 1 of 6 samples, 3 needed",
            "never observed"
        ]
    );
    assert_eq!(output.facts["features_kept"], 2);
}

#[test]
fn the_fraction_is_rounded_up_but_not_past_itself() {
    let needed = |fraction, base| {
        required(
            &Params {
                min_fraction: fraction,
                min_observed: 1,
                ..Params::default()
            },
            base,
        )
    };
    assert_eq!(needed(0.7, 10), 7);
    assert_eq!(needed(0.7, 30), 21);
    assert_eq!(needed(0.7, 3), 3);
    assert_eq!(needed(0.5, 5), 3);
    assert_eq!(needed(0.0, 5), 1);
}

#[test]
fn few_peptides_can_be_left_out() {
    let mut y = abundance(&[
        ("one", &[1.0, 2.0]),
        ("many", &[1.0, 2.0]),
        ("unknown", &[1.0, 2.0]),
    ]);
    let mut features = y.features.to_vec();
    features[0].peptides = Some(1);
    features[1].peptides = Some(5);
    y.features = std::sync::Arc::new(features);
    assert_eq!(kept(&y, json!({"min_peptides": 2})), ["many", "unknown"]);
}

#[test]
fn nothing_left_is_an_error_and_so_is_a_wrong_fraction() {
    let y = abundance(&[("never", &[NA, NA])]);
    let error = run(
        &FilterFeatures,
        y.clone(),
        &SampleMetadata::default(),
        json!({}),
    )
    .unwrap_err();
    assert!(matches!(
        error,
        ToolError::TooFewObservations { found: 0, .. }
    ));
    let error = run(
        &FilterFeatures,
        y,
        &SampleMetadata::default(),
        json!({"min_fraction": 1.5}),
    )
    .unwrap_err();
    assert!(error.to_string().contains("`1.5`"), "{error}");
}
