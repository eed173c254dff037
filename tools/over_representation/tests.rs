#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::OverRepresentation;
use crate::content::Content;
use crate::dataset::SampleMetadata;
use crate::knowledge::Packs;
use crate::tool::frame::{numbers, texts};
use crate::tool::{AnyTool, Artifact, Shared, TableBuilder, ToolError, ToolInput, ToolOutput};
use crate::tools::fixture::table;

/// Forty genes; the first eight selected up, the ninth down. Set `a` holds genes 0 to 5, `b` 0 to 7, `c` 20 to 29.
fn run(params: Value, with_change: bool) -> Result<ToolOutput, ToolError> {
    let genes: Vec<String> = (0..40).map(|i| format!("G{i}")).collect();
    let p: Vec<f64> = (0..40).map(|i| if i < 9 { 0.001 } else { 0.5 }).collect();
    let change: Vec<f64> = (0..40).map(|i| if i < 8 { 1.0 } else { -1.0 }).collect();
    let mut statistics = TableBuilder::new()
        .text("feature", genes.clone())
        .text("gene", genes.clone())
        .number("P.Value", &p)
        .number("adj.P.Val", &p);
    if with_change {
        statistics = statistics.number("logFC", &change);
    }
    let pairs: Vec<(&str, usize)> = (0..6)
        .map(|g| ("a", g))
        .chain((0..8).map(|g| ("b", g)))
        .chain((20..30).map(|g| ("c", g)))
        .collect();
    let sets = TableBuilder::new()
        .text("set", pairs.iter().map(|p| p.0.to_owned()).collect())
        .text("gene", pairs.iter().map(|p| genes[p.1].clone()).collect());
    let ports = BTreeMap::from([
        (
            "statistics".to_owned(),
            Artifact::Table(Arc::new(statistics.build().unwrap())),
        ),
        (
            "sets".to_owned(),
            Artifact::Table(Arc::new(sets.build().unwrap())),
        ),
    ]);
    let input = ToolInput {
        ports: &ports,
        samples: &SampleMetadata::new(Vec::new()),
        knowledge: &Packs::open(&Content::embedded()).unwrap(),
        shared: &Shared::default(),
        seed: 1,
    };
    OverRepresentation.run_json(&input, &params)
}

#[test]
fn the_better_set_stands_for_the_one_inside_it() {
    let output = run(json!({"direction": "up"}), true).unwrap();
    let found = table(&output, "over_representation");
    // Set `c` has no overlap and is not listed.
    assert_eq!(texts(found, "set").unwrap(), ["b", "a"]);
    assert_eq!(texts(found, "representative").unwrap(), ["b", "b"]);
    // phyper(7, 8, 32, 8, lower.tail = FALSE) in R is 1.300311e-08.
    let p = numbers(found, "P.Value").unwrap()[0];
    assert!((p / 1.300311e-08 - 1.0).abs() < 1e-6, "{p}");
}

#[test]
fn two_directions_cost_a_factor_of_two() {
    let one = run(json!({"direction": "up"}), true).unwrap();
    let both = run(json!({"direction": "both"}), true).unwrap();
    let p =
        |output: &ToolOutput| numbers(table(output, "over_representation"), "P.Value").unwrap()[0];
    assert!((p(&both) / p(&one) - 2.0).abs() < 1e-9);
}

#[test]
fn a_direction_needs_a_change() {
    let error = run(json!({"direction": "up"}), false).unwrap_err();
    assert!(matches!(error, ToolError::InvalidParams { .. }), "{error}");
    assert!(run(json!({"direction": "any"}), false).is_ok());
}

#[test]
fn nothing_selected_is_an_empty_table() {
    let output = run(json!({"alpha": 0.0001}), true).unwrap();
    assert_eq!(table(&output, "over_representation").height(), 0);
    assert_eq!(output.facts["selected"], 0);
}
