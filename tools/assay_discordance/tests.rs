#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use serde_json::json;

use super::AssayDiscordance;
use crate::dataset::Role;
use crate::tool::ToolError;
use crate::tool::frame::numbers;
use crate::tools::fixture::{abundance, run, sheet, table};

#[test]
fn the_effect_is_target_less_reference_of_the_differences() {
    let y = abundance(&[
        ("A S1", &[0.0, 0.1, -0.1, 1.0, 1.1, 0.9]),
        ("B S2", &[0.2, 0.0, f64::NAN, 0.1, f64::NAN, f64::NAN]),
        ("C S3", &[f64::NAN, f64::NAN, f64::NAN, 1.0, 1.2, 1.1]),
    ]);
    let samples = sheet(6, &[("arm", Role::Condition, "c c c t t t")]);
    let output = run(
        &AssayDiscordance,
        y,
        &samples,
        json!({"contrast": "arm:t-c"}),
    )
    .unwrap();
    let found = table(&output, "discordance");
    let effect = numbers(found, "difference").unwrap();
    assert!((effect[0] - 1.0).abs() < 1e-12);
    assert!(effect[2].is_nan());
    assert_eq!(numbers(found, "n_target").unwrap(), [3.0, 1.0, 3.0]);
    assert!(numbers(found, "P.Value").unwrap()[2].is_nan());
}

#[test]
fn a_contrast_is_needed() {
    let y = abundance(&[("A", &[0.0, 1.0])]);
    let samples = sheet(2, &[("arm", Role::Condition, "c t")]);
    let error = run(&AssayDiscordance, y, &samples, json!({})).unwrap_err();
    assert!(matches!(error, ToolError::InvalidParams { .. }), "{error}");
}
