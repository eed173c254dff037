#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::AssayDifference;
use crate::content::Content;
use crate::knowledge::Packs;
use crate::tool::frame::numbers;
use crate::tool::{Abundance, AnyTool, Artifact, Shared, ToolError, ToolInput, ToolOutput};
use crate::tools::fixture::{abundance, matrix, sheet, table};

const GAP: f64 = f64::NAN;

fn differences(own: Abundance, base: Abundance, params: Value) -> Result<ToolOutput, ToolError> {
    let knowledge = Packs::open(&Content::embedded()).unwrap();
    let ports = BTreeMap::from([
        ("matrix".to_owned(), Artifact::Matrix(Arc::new(own))),
        ("base".to_owned(), Artifact::Matrix(Arc::new(base))),
    ]);
    let samples = sheet(5, &[]);
    let input = ToolInput {
        ports: &ports,
        samples: &samples,
        knowledge: &knowledge,
        shared: &Shared::default(),
        seed: 1,
    };
    AssayDifference.run_json(&input, &params)
}

#[test]
fn the_difference_is_taken_where_both_are_observed() {
    let own = abundance(&[
        ("A", &[5.0, 6.0, 7.0, 9.0, GAP]),
        ("B", &[1.0, GAP, GAP, 4.0, 5.0]),
        ("C", &[1.0, 2.0, 3.0, 4.0, 5.0]),
    ]);
    let base = abundance(&[
        ("A", &[1.0, 2.0, 3.0, 4.0, 5.0]),
        ("B", &[1.0, 1.0, 1.0, GAP, 1.0]),
    ]);
    let output = differences(own, base, json!({})).unwrap();
    // C has no partner, B is seen together with its partner in two samples only.
    let values = &matrix(&output, "matrix").values;
    assert_eq!(values.rows(), 1);
    assert_eq!(values.row(0)[..4], [4.0, 4.0, 4.0, 5.0]);
    assert!(values.get(0, 4).is_nan());
    assert_eq!(numbers(table(&output, "pairs"), "n_both").unwrap(), [4.0]);
    assert_eq!(output.facts["rows_without_partner"], 1);
}

#[test]
fn the_slope_is_that_of_least_squares_within_its_bounds() {
    let base = abundance(&[
        ("A", &[0.0, 1.0, 2.0, 3.0, 4.0]),
        ("B", &[0.0, 1.0, 2.0, 3.0, 4.0]),
        ("C", &[0.0, 1.0, 2.0, 3.0, 4.0]),
    ]);
    let own = abundance(&[
        ("A", &[0.0, 0.5, 1.0, 1.5, 2.0]),
        ("B", &[0.0, 3.0, 6.0, 9.0, 12.0]),
        ("C", &[4.0, 3.0, 2.0, 1.0, 0.0]),
    ]);
    let output = differences(own, base, json!({"method": "slope"})).unwrap();
    let slopes = numbers(table(&output, "pairs"), "slope").unwrap();
    assert_eq!(slopes, [0.5, 1.0, 0.0]);
    assert!(
        matrix(&output, "matrix")
            .values
            .row(0)
            .iter()
            .all(|v| v.abs() < 1e-12)
    );
}

#[test]
fn assays_without_a_gene_in_common_are_refused() {
    let own = abundance(&[("A", &[1.0, 2.0, 3.0, 4.0, 5.0])]);
    let base = abundance(&[("B", &[1.0, 2.0, 3.0, 4.0, 5.0])]);
    let error = differences(own, base, json!({})).unwrap_err();
    assert!(
        error.to_string().contains("0 of 1 rows with a partner"),
        "{error}"
    );
}
