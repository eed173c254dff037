#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use serde_json::json;

use super::PrincipalComponentsTool;
use crate::tool::ToolError;
use crate::tool::frame::{numbers, texts};
use crate::tools::fixture::{abundance, run, sheet, table};

const NA: f64 = f64::NAN;

#[test]
fn gaps_are_filled_only_where_complete_features_are_few() {
    let y = abundance(&[
        ("a", &[1.0, 2.0, 3.0, 4.0]),
        ("b", &[4.0, 1.0, 3.0, 2.0]),
        ("c", &[1.0, 2.0, 3.0, NA]),
        ("never", &[NA; 4]),
    ]);
    let output = run(
        &PrincipalComponentsTool,
        y.clone(),
        &sheet(4, &[]),
        json!({"n": 2}),
    )
    .unwrap();
    assert_eq!(
        (&output.facts["features"], &output.facts["mean_filled"]),
        (&json!(3), &json!(true))
    );
    let output = run(
        &PrincipalComponentsTool,
        y,
        &sheet(4, &[]),
        json!({"n": 2, "min_complete": 2}),
    )
    .unwrap();
    assert_eq!(
        (&output.facts["features"], &output.facts["mean_filled"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(table(&output, "scores").height(), 4);
    assert_eq!(
        texts(table(&output, "loadings"), "component").unwrap(),
        ["PC1", "PC1", "PC2", "PC2"]
    );
    let share = numbers(table(&output, "variance"), "fraction").unwrap();
    assert!((share.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn nothing_to_decompose_is_refused() {
    let y = abundance(&[("never", &[NA; 4])]);
    let error = run(&PrincipalComponentsTool, y, &sheet(4, &[]), json!({})).unwrap_err();
    assert!(
        matches!(error, ToolError::TooFewObservations { .. }),
        "{error}"
    );
}
