#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::TimeCourse;
use crate::dataset::{Role, SampleMetadata};
use crate::tool::frame::{numbers, texts};
use crate::tool::{Abundance, ToolError};
use crate::tools::fixture::{abundance, run, sheet, table};

/// Five points with three samples each; `UP` rises, `BUMP` rises in the middle and returns, the others do neither.
fn study() -> (Abundance, SampleMetadata) {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let course = |name: &str, point: usize| match name {
        "UP" => 0.5 * point as f64,
        "BUMP" => [0.0, 1.2, 2.0, 1.2, 0.0][point],
        _ => 0.0,
    };
    let names: Vec<String> = ["UP", "BUMP"]
        .into_iter()
        .map(str::to_owned)
        .chain((0..60).map(|i| format!("F{i}")))
        .collect();
    let rows: Vec<(String, Vec<f64>)> = names
        .into_iter()
        .map(|name| {
            let values = (0..15).map(|j| {
                let noise: f64 = rng.random_range(-0.3..0.3);
                20.0 + course(&name, j / 3) + noise
            });
            let values = values.collect();
            (name, values)
        })
        .collect();
    let rows: Vec<(&str, &[f64])> = rows
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_slice()))
        .collect();
    let samples = sheet(
        15,
        &[(
            "condition",
            Role::Condition,
            "0s 0s 0s 30s 30s 30s 1m 1m 1m 5m 5m 5m 10m 10m 10m",
        )],
    );
    (abundance(&rows), samples)
}

#[test]
fn a_rise_and_a_passing_rise_are_found_and_told_apart() {
    let (y, samples) = study();
    let output = run(&TimeCourse, y, &samples, json!({"series": "condition"})).unwrap();
    let found = table(&output, "course");
    let p = numbers(found, "P.Value").unwrap();
    assert!(p[0] < 1e-6 && p[1] < 1e-6, "{:?}", &p[..2]);
    assert!(p[2..].iter().filter(|p| **p < 0.01).count() <= 3);
    let shape = texts(found, "shape").unwrap();
    assert_eq!(shape[..2], ["rises", "rises and returns"]);
    let at = texts(found, "at").unwrap();
    assert_eq!(at[0], "10m");
    assert_eq!(at[1], "1m");
    let change = numbers(found, "change").unwrap();
    assert!(
        (change[0] - 2.0).abs() < 0.4 && (change[1] - 2.0).abs() < 0.5,
        "{change:?}"
    );
}

#[test]
fn a_line_misses_what_returns() {
    let (y, samples) = study();
    let params = json!({"series": "condition", "course": "line"});
    let output = run(&TimeCourse, y, &samples, params).unwrap();
    let p = numbers(table(&output, "trend"), "P.Value").unwrap();
    assert!(p[0] < 1e-6 && p[1] > 1e-3, "{:?}", &p[..2]);
}

#[test]
fn levels_that_are_no_series_are_refused() {
    let (y, _) = study();
    let samples = sheet(
        15,
        &[("arm", Role::Condition, "a b c d e a b c d e a b c d e")],
    );
    let error = run(&TimeCourse, y, &samples, json!({"series": "arm"})).unwrap_err();
    assert!(matches!(error, ToolError::InvalidParams { .. }), "{error}");
    assert!(
        error.to_string().contains("four or more times or doses"),
        "{error}"
    );
}
