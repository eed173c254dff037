#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use serde_json::json;

use super::ClinicalAssociation;
use crate::dataset::{Role, Variable};
use crate::tool::ToolError;
use crate::tool::frame::{numbers, texts};
use crate::tools::fixture::{abundance, run, sheet, table};

const NA: f64 = f64::NAN;
const NOISE: [f64; 9] = [0.1, -0.2, 0.15, 0.05, -0.1, 0.2, -0.15, 0.0, 0.1];

fn rows(step: f64) -> Vec<f64> {
    (0..9)
        .map(|j| 20.0 + step * f64::from(j / 3) + NOISE[j as usize])
        .collect()
}

#[test]
fn the_extreme_levels_give_size_and_sign() {
    let (up, down, flat) = (rows(1.0), rows(-1.0), rows(0.0));
    let y = abundance(&[
        ("up", &up),
        ("down", &down),
        ("flat", &flat),
        ("never", &[NA; 9]),
    ]);
    let samples = sheet(
        9,
        &[("stage", Role::Clinical, "I I I II II II III III III")],
    );
    let output = run(
        &ClinicalAssociation,
        y,
        &samples,
        json!({"variable": "stage"}),
    )
    .unwrap();
    let found = table(&output, "association");
    assert_eq!(output.facts["test"], "moderated F");
    assert_eq!(texts(found, "highest_level").unwrap()[..2], ["III", "I"]);
    assert_eq!(texts(found, "lowest_level").unwrap()[..2], ["I", "III"]);
    let slope = numbers(found, "slope").unwrap();
    assert!(slope[0] > 1.5 && slope[1] < -1.5 && slope[3].is_nan());
    let p = numbers(found, "P.Value").unwrap();
    assert!(p[0] < 0.01 && p[2] > 0.1 && p[3].is_nan());
}

#[test]
fn two_levels_give_a_difference_with_interval() {
    let up = rows(1.0);
    let (flat, other) = (rows(0.0), rows(0.1));
    let y = abundance(&[("up", &up), ("flat", &flat), ("other", &other)]);
    let samples = sheet(9, &[("sex", Role::Clinical, "f f f f f m m m m")]);
    let output = run(
        &ClinicalAssociation,
        y,
        &samples,
        json!({"variable": "sex"}),
    )
    .unwrap();
    let found = table(&output, "association");
    let (low, high) = (
        numbers(found, "CI.L").unwrap(),
        numbers(found, "CI.R").unwrap(),
    );
    assert!(low[0] > 0.0 && high[0] > low[0]);
    assert_eq!(texts(found, "highest_level").unwrap()[0], "m");
}

#[test]
fn what_cannot_be_tested_is_refused() {
    let up = rows(1.0);
    let y = abundance(&[("up", &up)]);
    let mut samples = sheet(9, &[("one", Role::Clinical, "a a a a a a a a a")]);
    samples.insert(Variable::continuous(
        "age",
        vec![Some(1.0); 9],
        Role::Clinical,
    ));
    for variable in ["one", "age", "nowhere"] {
        let error = run(
            &ClinicalAssociation,
            y.clone(),
            &samples,
            json!({"variable": variable}),
        );
        assert!(
            !matches!(error, Ok(_) | Err(ToolError::Internal { .. })),
            "{variable}"
        );
    }
}
