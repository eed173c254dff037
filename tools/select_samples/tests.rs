#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use serde_json::json;

use super::SelectSamples;
use crate::dataset::{Role, SampleMetadata};
use crate::tool::frame::{flags, texts};
use crate::tool::{Abundance, ToolError};
use crate::tools::fixture::{abundance, matrix, run, sheet, table};

fn cohort() -> (Abundance, SampleMetadata) {
    let samples = sheet(
        5,
        &[
            ("tissue", Role::Condition, "T T N T N"),
            ("msi", Role::Clinical, "H L - - H"),
        ],
    );
    (abundance(&[("A", &[1.0, 2.0, 3.0, 4.0, 5.0])]), samples)
}

#[test]
fn keeps_complete_cases_that_fulfil_the_conditions() {
    let (y, samples) = cohort();
    let params = json!({"within": ["tissue=T"], "variable": "msi"});
    let output = run(&SelectSamples, y, &samples, params).unwrap();
    assert_eq!(*matrix(&output, "matrix").samples, ["s1", "s2"]);
    let selection = table(&output, "selection");
    assert_eq!(
        flags(selection, "kept").unwrap(),
        [true, true, false, false, false]
    );
    let reasons = texts(selection, "reason").unwrap();
    assert_eq!(reasons[2], "not `tissue=T`");
    assert_eq!(reasons[3], "no value of `msi`");
}

#[test]
fn the_choice_does_not_depend_on_the_labels_of_the_tested_variable() {
    let (y, samples) = cohort();
    let exchanged = sheet(
        5,
        &[
            ("tissue", Role::Condition, "T T N T N"),
            ("msi", Role::Clinical, "L H - - L"),
        ],
    );
    let params = json!({"contrast": "msi:H-L"});
    let kept = |samples| {
        let output = run(&SelectSamples, y.clone(), samples, params.clone()).unwrap();
        matrix(&output, "matrix").samples.to_vec()
    };
    assert_eq!(kept(&samples), kept(&exchanged));
}

#[test]
fn several_levels_may_be_allowed_and_unknown_samples_are_left_out() {
    let (mut y, samples) = cohort();
    y.samples = std::sync::Arc::new(
        ["s1", "s2", "s3", "s4", "elsewhere"]
            .map(String::from)
            .to_vec(),
    );
    let output = run(
        &SelectSamples,
        y,
        &samples,
        json!({"within": ["tissue=T|N"]}),
    )
    .unwrap();
    assert_eq!(matrix(&output, "matrix").samples.len(), 4);
    assert_eq!(
        texts(table(&output, "selection"), "reason").unwrap()[4],
        "not in the sample sheet"
    );
}

#[test]
fn bad_conditions_say_what_there_is() {
    let (y, samples) = cohort();
    for (params, needle) in [
        (json!({"within": ["tissue=X"]}), "no level `X`"),
        (json!({"within": ["organ=T"]}), "`tissue`, `msi`"),
        (json!({"require": ["stage"]}), "no variable `stage`"),
        (json!({"variable": "msi", "within": ["msi=H"]}), "two_arms"),
        (
            json!({"variable": "tissue", "contrast": "msi:H-L"}),
            "give one of them",
        ),
        (json!({"contrast": "msi:H-Q"}), "`msi`"),
    ] {
        let error = run(&SelectSamples, y.clone(), &samples, params).unwrap_err();
        assert!(matches!(error, ToolError::InvalidParams { .. }), "{error}");
        assert!(error.to_string().contains(needle), "{error}");
    }
}

#[test]
fn nothing_left_is_too_few() {
    let (y, samples) = cohort();
    let y = y.select_samples(&[2]);
    let error = run(&SelectSamples, y, &samples, json!({"within": ["tissue=T"]})).unwrap_err();
    assert!(
        matches!(error, ToolError::TooFewObservations { found: 0, .. }),
        "{error}"
    );
}
