#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use proteus_stats::Matrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::QualityControl;
use crate::dataset::{Role, SampleMetadata};
use crate::tool::frame::{numbers, texts};
use crate::tool::{Abundance, Check, ToolOutput, Verdict};
use crate::tools::fixture::{abundance, feature, run, sheet, table};

const ARMS: &str = "a a a a b b b b";

/// 400 features in eight samples; a quarter of them is 2 higher in the last four.
fn study() -> Abundance {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let rows: Vec<(String, Vec<f64>)> = (0..400)
        .map(|i| {
            let level: f64 = rng.random_range(18.0..30.0);
            let values = (0..8)
                .map(|j| {
                    let effect = if i % 4 == 0 && j >= 4 { 2.0 } else { 0.0 };
                    level + effect + rng.random_range(-0.3..0.3)
                })
                .collect();
            (format!("P{i}"), values)
        })
        .collect();
    let rows: Vec<(&str, &[f64])> = rows
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_slice()))
        .collect();
    abundance(&rows)
}

fn arms() -> SampleMetadata {
    sheet(8, &[("arm", Role::Condition, ARMS)])
}

fn examined(y: &Abundance, samples: &SampleMetadata) -> ToolOutput {
    run(
        &QualityControl,
        y.clone(),
        samples,
        json!({"contrast": "arm:b-a"}),
    )
    .unwrap()
}

fn check<'o>(output: &'o ToolOutput, code: &str) -> &'o Check {
    output.checks.iter().find(|c| c.code == code).unwrap()
}

#[test]
fn clean_data_pass_everything() {
    let output = examined(&study(), &arms());
    for check in &output.checks {
        assert_eq!(check.verdict, Verdict::Pass, "{check:?}");
        assert!(check.fix.is_empty());
    }
    let samples = table(&output, "samples");
    assert_eq!(numbers(samples, "identified").unwrap(), [400.0; 8]);
    let own = numbers(samples, "correlation_group").unwrap();
    let others = numbers(samples, "correlation_others").unwrap();
    assert!(own.iter().zip(&others).all(|(a, b)| a > b));
    let groups = table(&output, "groups");
    assert_eq!(texts(groups, "group").unwrap(), ["a", "b"]);
    // Uniform noise of half-width 0.3 has SD 0.173.
    assert!(
        numbers(groups, "sd")
            .unwrap()
            .iter()
            .all(|sd| (sd - 0.16).abs() < 0.03)
    );
}

#[test]
fn one_sample_in_an_arm_fails_and_two_warn() {
    for (labels, verdict) in [
        ("a b b b b b b b", Verdict::Fail),
        ("a a b b b b b b", Verdict::Warn),
    ] {
        let samples = sheet(8, &[("arm", Role::Condition, labels)]);
        let output = examined(&study(), &samples);
        let found = check(&output, "replicates");
        assert_eq!(found.verdict, verdict);
        assert_eq!(found.concerns.as_deref(), Some("arm:b-a"));
        assert!(!found.fix.is_empty());
    }
}

#[test]
fn a_batch_that_is_the_group_fails_and_an_uneven_one_warns() {
    for (batch, code, verdict) in [
        ("x x x x y y y y", "batch_confounded", Verdict::Fail),
        ("x y x y x y x y", "batch_balance", Verdict::Pass),
    ] {
        let samples = sheet(
            8,
            &[("arm", Role::Condition, ARMS), ("day", Role::Batch, batch)],
        );
        assert_eq!(check(&examined(&study(), &samples), code).verdict, verdict);
    }
    let y = {
        let y = study();
        let twice: Vec<usize> = (0..8).chain(0..8).collect();
        let mut y = y.select_samples(&twice);
        y.samples = std::sync::Arc::new((1..=16).map(|j| format!("s{j}")).collect());
        y
    };
    let samples = sheet(
        16,
        &[
            ("arm", Role::Condition, "a a a a a a a a b b b b b b b b"),
            ("day", Role::Batch, "x x x x x x x y y y y y y y y x"),
        ],
    );
    let output = examined(&y, &samples);
    assert_eq!(check(&output, "batch_associated").verdict, Verdict::Warn);
    assert_eq!(check(&output, "duplicated_samples").verdict, Verdict::Warn);
}

#[test]
fn a_swapped_and_an_outlying_sample_are_named() {
    let y = study();
    let swapped = y.select_samples(&[0, 1, 2, 4, 3, 5, 6, 7]);
    let swapped = Abundance {
        samples: y.samples.clone(),
        ..swapped
    };
    let found = examined(&swapped, &arms());
    let reason = &check(&found, "swapped_samples").reason;
    assert!(
        reason.contains("`s4` resembles `b`") && reason.contains("`s5` resembles `a`"),
        "{reason}"
    );

    let mut values = y.values.clone();
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    for i in 0..values.rows() {
        values.set(i, 2, rng.random_range(18.0..30.0));
    }
    let found = examined(&y.with_values(values), &arms());
    let outlying = check(&found, "outlying_samples");
    assert_eq!(outlying.verdict, Verdict::Warn);
    assert!(outlying.reason.contains("`s3`"), "{}", outlying.reason);
}

#[test]
fn different_depth_is_told_and_a_pull_down_recognised() {
    let y = study();
    let mut values = y.values.clone();
    for i in 0..values.rows() {
        for j in 0..4 {
            if i % 2 == 1 {
                values.set(i, j, f64::NAN);
            }
        }
    }
    let output = examined(&y.with_values(values), &arms());
    assert_eq!(
        check(&output, "identifications_differ").verdict,
        Verdict::Warn
    );
    assert!(
        check(&output, "pull_down")
            .reason
            .contains("`b` has 2.0 times")
    );
}

#[test]
fn blood_in_one_arm_is_told() {
    let mut y = study();
    let mut features = y.features.to_vec();
    let mut values = y.values.clone();
    for (i, gene) in ["HBA1", "HBB", "CA1", "PRDX2"].into_iter().enumerate() {
        let row = 4 * i + 1;
        features[row] = feature(gene);
        for j in 4..8 {
            values.set(row, j, values.get(row, j) + 3.0);
        }
    }
    y.features = std::sync::Arc::new(features);
    let output = examined(&y.with_values(values), &arms());
    let found = check(&output, "contamination_red_blood_cells");
    assert_eq!(found.verdict, Verdict::Warn);
    assert!(found.reason.contains("higher in `b`"), "{}", found.reason);
}

#[test]
fn plasma_is_contamination_of_other_samples_and_the_material_of_plasma() {
    let genes = ["ALB", "TF", "HP", "APOA1"];
    let with = |everywhere: f64, of_second_arm: f64| {
        let mut y = study();
        let mut features = y.features.to_vec();
        let mut values = y.values.clone();
        for (i, gene) in genes.into_iter().enumerate() {
            let row = 4 * i + 1;
            features[row] = feature(gene);
            let first = values.get(row, 0);
            for j in 0..8 {
                let more = if j >= 4 { of_second_arm } else { 0.0 };
                let noise = values.get(row, j) - first;
                values.set(row, j, everywhere + more + noise);
            }
        }
        y.features = std::sync::Arc::new(features);
        let output = examined(&y.with_values(values), &arms());
        let listed = texts(table(&output, "panels"), "feature").unwrap();
        let found = check(&output, "contamination_plasma");
        (found.verdict, found.reason.clone(), listed)
    };
    let (verdict, reason, listed) = with(20.0, 14.0);
    assert_eq!((verdict, listed.len()), (Verdict::Warn, 4), "{reason}");
    let (verdict, reason, listed) = with(34.0, 3.0);
    assert_eq!((verdict, listed.len()), (Verdict::Pass, 0), "{reason}");
    assert!(reason.contains("% of what was measured"), "{reason}");
}

#[test]
fn plasma_is_told_by_count_where_numbers_are_ratios() {
    let mut y = study();
    let mut features = y.features.to_vec();
    let plasma = ["ALB", "TF", "HP", "APOA1", "HPX", "FGA", "FGB", "C3", "TTR"];
    for (i, gene) in plasma.into_iter().enumerate() {
        features[4 * i + 1] = feature(gene);
    }
    y.features = std::sync::Arc::new(features);
    let ratios = Matrix::from_fn(y.values.rows(), y.values.cols(), |i, j| {
        y.values.get(i, j) - 24.0
    });
    let output = examined(&y.with_values(ratios), &arms());
    let found = check(&output, "contamination_plasma");
    assert_eq!(found.verdict, Verdict::Pass);
    assert!(
        found.reason.contains("are 9 of 400 features"),
        "{}",
        found.reason
    );
}

#[test]
fn a_panel_that_varies_as_one_is_told_and_its_proteins_listed() {
    let mut y = study();
    let mut features = y.features.to_vec();
    let mut values = y.values.clone();
    for (i, gene) in ["KRT1", "KRT2", "KRT10", "KRT14"].into_iter().enumerate() {
        features[4 * i + 1] = feature(gene);
        for (j, amount) in [0.0, 2.0, 0.5, 1.2, 1.4, 0.2, 2.2, 0.8]
            .into_iter()
            .enumerate()
        {
            values.set(4 * i + 1, j, values.get(4 * i + 1, j) + amount);
        }
    }
    y.features = std::sync::Arc::new(features);
    let output = examined(&y.with_values(values), &arms());
    let found = check(&output, "contamination_keratin");
    assert_eq!(found.verdict, Verdict::Warn);
    assert!(found.reason.contains("vary as one"), "{}", found.reason);
    assert!(found.reason.contains("log2 in `s7`"), "{}", found.reason);
    let panels = table(&output, "panels");
    assert_eq!(
        texts(panels, "feature").unwrap(),
        ["KRT1", "KRT2", "KRT10", "KRT14"]
    );
    assert_eq!(texts(panels, "panel").unwrap(), ["keratin"; 4]);
}

#[test]
fn a_targeted_gene_must_be_measured() {
    for (labels, verdict) in [
        (
            "shCTRL shCTRL shCTRL shCTRL shVCP shVCP shVCP shVCP",
            Verdict::Warn,
        ),
        ("WT WT WT WT P7_KO P7_KO P7_KO P7_KO", Verdict::Pass),
    ] {
        let samples = sheet(8, &[("arm", Role::Condition, labels)]);
        let mut y = study();
        let mut features = y.features.to_vec();
        features[0] = feature("TP53");
        y.features = std::sync::Arc::new(features);
        let output = run(&QualityControl, y, &samples, json!({"variable": "arm"})).unwrap();
        let found = output.checks.iter().find(|c| c.code == "perturbed_gene");
        match verdict {
            Verdict::Warn => assert!(found.unwrap().reason.contains("`VCP`")),
            // Two letters are too short to be taken for a symbol.
            _ => assert!(found.is_none()),
        }
    }
}

#[test]
fn values_missing_by_plex_are_told() {
    let y = study();
    let mut values = y.values.clone();
    for i in 0..values.rows() {
        if i % 5 == 0 {
            for j in [0, 1, 4, 5] {
                values.set(i, j, f64::NAN);
            }
        }
    }
    let samples = sheet(
        8,
        &[
            ("arm", Role::Condition, ARMS),
            ("plex", Role::Plex, "p p q q p p q q"),
        ],
    );
    let output = examined(&y.with_values(values), &samples);
    assert_eq!(check(&output, "missing_by_plex").verdict, Verdict::Warn);
}

#[test]
fn three_samples_empty_rows_and_no_variable_are_survived() {
    let y = study().select_samples(&[0, 1, 2]);
    let mut values = y.values.clone();
    values.row_mut(0).fill(f64::NAN);
    let output = run(
        &QualityControl,
        y.with_values(values),
        &SampleMetadata::default(),
        json!({}),
    )
    .unwrap();
    assert_eq!(table(&output, "samples").height(), 3);
    assert_eq!(table(&output, "groups").height(), 0);
    let empty = abundance(&[("A", &[f64::NAN, f64::NAN, f64::NAN])]);
    let samples = sheet(3, &[("arm", Role::Condition, "a b b")]);
    assert!(
        run(
            &QualityControl,
            empty,
            &samples,
            json!({"contrast": "arm:b-a"})
        )
        .is_ok()
    );
}
