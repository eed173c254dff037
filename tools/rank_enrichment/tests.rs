#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use proteus_stats::Matrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::RankEnrichment;
use crate::dataset::{Role, SampleMetadata};
use crate::tool::frame::{numbers, texts};
use crate::tool::{Abundance, ToolError};
use crate::tools::fixture::{abundance, feature, run, sheet, table};

/// Subunits of the 26S proteasome base and lid, and of the MCM complex.
const PROTEASOME: [&str; 10] = [
    "PSMC1", "PSMC2", "PSMC3", "PSMC4", "PSMC5", "PSMC6", "PSMD1", "PSMD2", "PSMD3", "PSMD4",
];

/// Ten proteasome subunits, raised by 2 in the last four of eight samples, among 200 other genes; the first subunit is
/// there twice, once with gaps.
fn study() -> (Abundance, SampleMetadata) {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut names: Vec<String> = PROTEASOME.iter().map(|n| (*n).to_owned()).collect();
    names.extend((0..200).map(|i| format!("UNKNOWN{i}")));
    names.push("PSMC1".to_owned());
    let last = names.len() - 1;
    let values = Matrix::from_fn(names.len(), 8, |i, j| {
        let raised = i < PROTEASOME.len() && j >= 4;
        let value = 20.0 + rng.random::<f64>() + if raised { 2.0 } else { 0.0 };
        if i == last && j < 2 { f64::NAN } else { value }
    });
    let empty: [f64; 8] = [0.0; 8];
    let mut y = abundance(&[("placeholder", &empty)]);
    y.features = std::sync::Arc::new(
        names
            .iter()
            .enumerate()
            .map(|(i, name)| crate::dataset::Feature {
                id: format!("P{i}"),
                ..feature(name)
            })
            .collect(),
    );
    y.values = values;
    let labels = "ctrl ctrl ctrl ctrl trt trt trt trt";
    (y, sheet(8, &[("arm", Role::Condition, labels)]))
}

#[test]
fn a_raised_complex_is_found_by_name() {
    let (y, samples) = study();
    let output = run(
        &RankEnrichment,
        y,
        &samples,
        json!({"contrast": "arm:trt-ctrl"}),
    )
    .unwrap();
    // The gene that is there twice counts once.
    assert_eq!(output.facts["genes"], 210);
    let complexes = table(&output, "complexes");
    assert!(texts(complexes, "name").unwrap()[0].contains("proteasome"));
    assert!(numbers(complexes, "adj.P.Val").unwrap()[0] < 0.01);
    let effect = numbers(complexes, "effect").unwrap()[0];
    assert!((1.5..2.5).contains(&effect), "{effect}");
    assert!(texts(complexes, "leading").unwrap()[0].contains("PSMC"));
}

#[test]
fn little_input_is_refused_with_numbers() {
    let (y, samples) = study();
    let few = y.select_features(&[0, 1, 2]);
    let error = run(
        &RankEnrichment,
        few,
        &samples,
        json!({"contrast": "arm:trt-ctrl"}),
    )
    .unwrap_err();
    assert!(
        matches!(
            error,
            ToolError::TooFewObservations {
                needed: 20,
                found: 3,
                ..
            }
        ),
        "{error}"
    );
    let two = y.select_samples(&[0, 7]);
    let error = run(
        &RankEnrichment,
        two,
        &samples,
        json!({"contrast": "arm:trt-ctrl"}),
    )
    .unwrap_err();
    assert!(
        matches!(error, ToolError::TooFewObservations { .. }),
        "{error}"
    );
    let error = run(&RankEnrichment, y, &samples, json!({})).unwrap_err();
    assert!(matches!(error, ToolError::InvalidParams { .. }), "{error}");
}

#[test]
fn features_never_observed_change_nothing_else() {
    let (y, samples) = study();
    let mut gaps = y.clone();
    for j in 0..8 {
        gaps.values.set(100, j, f64::NAN);
    }
    let output = run(
        &RankEnrichment,
        gaps,
        &samples,
        json!({"contrast": "arm:trt-ctrl"}),
    )
    .unwrap();
    assert_eq!(output.facts["genes"], 209);
    assert!(numbers(table(&output, "complexes"), "P.Value").unwrap()[0] < 0.01);
}
