#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::DifferentialAbundance;
use crate::dataset::{Role, SampleMetadata};
use crate::tool::frame::{numbers, texts};
use crate::tool::{Abundance, ToolError, Verdict};
use crate::tools::fixture::{abundance, run, sheet, table};

/// 200 features in nine samples of three groups; `P0` is 3 higher in the second group, `P1` lacks the first group,
/// `P2` is never observed.
fn study() -> (Abundance, SampleMetadata) {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let rows: Vec<(String, Vec<f64>)> = (0..200)
        .map(|i| {
            let level: f64 = rng.random_range(18.0..30.0);
            let values = (0..9)
                .map(|j| {
                    let value = level + rng.random_range(-0.4..0.4);
                    match (i, j) {
                        (0, 3..6) => value + 3.0,
                        (1, 0..3) | (2, _) => f64::NAN,
                        _ => value,
                    }
                })
                .collect();
            (format!("P{i}"), values)
        })
        .collect();
    let rows: Vec<(&str, &[f64])> = rows
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_slice()))
        .collect();
    let samples = sheet(
        9,
        &[
            ("arm", Role::Condition, "c c c t t t o o o"),
            ("pair", Role::Subject, "1 2 3 1 2 3 1 2 3"),
            ("donor", Role::Subject, "1 1 2 3 3 4 5 5 6"),
            ("batch", Role::Batch, "x x x y y y y y y"),
        ],
    );
    (abundance(&rows), samples)
}

#[test]
fn the_planted_protein_comes_first_with_its_sign() {
    let (y, samples) = study();
    for (contrast, sign) in [("arm:t-c", 1.0), ("arm:c-t", -1.0)] {
        let output = run(
            &DifferentialAbundance,
            y.clone(),
            &samples,
            json!({"contrast": contrast}),
        )
        .unwrap();
        let found = table(&output, "differential");
        assert_eq!(texts(found, "gene").unwrap()[0], "P0");
        let effect = numbers(found, "logFC").unwrap()[0];
        assert!((effect * sign - 3.0).abs() < 0.5, "{effect}");
        let low = numbers(found, "CI.L").unwrap()[0];
        let high = numbers(found, "CI.R").unwrap()[0];
        assert!(low < effect && effect < high);
        assert_eq!(numbers(found, "df").unwrap()[0], 6.0);
        assert_eq!(output.facts["samples"], 9);
        assert_eq!(output.facts["tested"], 198);
    }
}

#[test]
fn what_cannot_be_estimated_has_no_p_value_and_stands_last() {
    let (y, samples) = study();
    let output = run(
        &DifferentialAbundance,
        y,
        &samples,
        json!({"contrast": "arm:t-c"}),
    )
    .unwrap();
    let found = table(&output, "differential");
    let features = texts(found, "feature").unwrap();
    assert_eq!(features[198..], ["P1", "P2"]);
    let p = numbers(found, "P.Value").unwrap();
    assert!(p[..198].iter().all(|p| (0.0..=1.0).contains(p)));
    assert!(p[198].is_nan() && p[199].is_nan());
    assert_eq!(numbers(found, "n_reference").unwrap()[198], 0.0);
    assert_eq!(numbers(found, "n_target").unwrap()[198], 3.0);
    assert_eq!(
        numbers(found, "fraction_missing").unwrap()[198..],
        [0.5, 1.0]
    );
}

#[test]
fn other_groups_lend_degrees_of_freedom_unless_left_out() {
    let (y, samples) = study();
    let params = json!({"contrast": "arm:t-c", "fit": "two_arms"});
    let output = run(&DifferentialAbundance, y, &samples, params).unwrap();
    assert_eq!(
        numbers(table(&output, "differential"), "df").unwrap()[0],
        4.0
    );
    assert_eq!(output.facts["samples"], 6);
}

#[test]
fn pairs_are_adjusted_for_and_a_determining_covariate_is_refused() {
    let (y, samples) = study();
    let params = json!({"contrast": "arm:t-c", "blocking": "pair"});
    let output = run(&DifferentialAbundance, y.clone(), &samples, params).unwrap();
    assert_eq!(output.facts["pairing"], "within blocks");
    assert_eq!(
        numbers(table(&output, "differential"), "df").unwrap()[0],
        4.0
    );

    let params = json!({"contrast": "arm:t-c", "covariates": ["batch"], "fit": "two_arms"});
    let error = run(&DifferentialAbundance, y, &samples, params).unwrap_err();
    assert!(matches!(error, ToolError::NotApplicable { .. }), "{error}");
    assert!(error.to_string().contains("`batch`"), "{error}");
}

#[test]
fn repeated_samples_of_a_donor_get_a_common_correlation() {
    let (y, samples) = study();
    let params = json!({"contrast": "arm:t-c", "blocking": "donor"});
    let output = run(&DifferentialAbundance, y, &samples, params).unwrap();
    assert_eq!(output.facts["pairing"], "between blocks");
    assert_eq!(output.facts["units"], 6);
    assert!(output.facts["block_correlation"].as_f64().unwrap().abs() < 1.0);
}

#[test]
fn levels_give_an_f_test_with_the_extreme_levels() {
    let (y, samples) = study();
    let output = run(
        &DifferentialAbundance,
        y,
        &samples,
        json!({"levels": "arm"}),
    )
    .unwrap();
    let found = table(&output, "across_groups");
    assert_eq!(texts(found, "gene").unwrap()[0], "P0");
    assert_eq!(texts(found, "highest_level").unwrap()[0], "t");
    assert!((numbers(found, "largest_difference").unwrap()[0] - 3.0).abs() < 0.5);
    assert_eq!(numbers(found, "n").unwrap()[0], 9.0);
    let last = found.height() - 1;
    assert!(numbers(found, "P.Value").unwrap()[last].is_nan());
    assert_eq!(texts(found, "highest_level").unwrap()[last], "");
}

#[test]
fn one_sample_per_arm_is_described_not_tested() {
    let (y, _) = study();
    let samples = sheet(9, &[("arm", Role::Condition, "c t - - - - - - -")]);
    let output = run(
        &DifferentialAbundance,
        y.clone(),
        &samples,
        json!({"contrast": "arm:t-c"}),
    )
    .unwrap();
    assert_eq!(output.facts["descriptive"], true);
    assert_eq!(output.checks[0].verdict, Verdict::Fail);
    let found = table(&output, "differential");
    assert!(
        numbers(found, "P.Value")
            .unwrap()
            .iter()
            .all(|p| p.is_nan())
    );
    assert!(numbers(found, "logFC").unwrap()[0].is_finite());
    let error = run(
        &DifferentialAbundance,
        y,
        &samples,
        json!({"levels": "arm"}),
    )
    .unwrap_err();
    assert!(
        matches!(error, ToolError::TooFewObservations { .. }),
        "{error}"
    );
}

#[test]
fn three_samples_are_enough_to_run() {
    let (y, samples) = study();
    let y = y.select_samples(&[0, 1, 3]);
    let output = run(
        &DifferentialAbundance,
        y,
        &samples,
        json!({"contrast": "arm:t-c"}),
    )
    .unwrap();
    assert_eq!(
        numbers(table(&output, "differential"), "df").unwrap()[0],
        1.0
    );
}

#[test]
fn questions_that_are_not_one_are_refused() {
    let (y, samples) = study();
    for (params, needle) in [
        (json!({}), "must be given"),
        (
            json!({"contrast": "arm:t-c", "levels": "arm"}),
            "two questions",
        ),
        (json!({"levels": "dose"}), "`dose`"),
        (json!({"contrast": "arm:t-x"}), "`arm`"),
        (json!({"contrast": "arm:t-c", "alpha": 0.1}), "alpha"),
    ] {
        let error = run(&DifferentialAbundance, y.clone(), &samples, params).unwrap_err();
        assert!(matches!(error, ToolError::InvalidParams { .. }), "{error}");
        assert!(error.to_string().contains(needle), "{error}");
    }
}
