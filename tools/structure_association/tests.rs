#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use super::relate::*;
use crate::dataset::{Role, Variable};

const SAMPLES: &str = include_str!("reference/samples.tsv");
const CLUSTERS: &str = include_str!("reference/clusters.tsv");
const EXPECTED: &str = include_str!("reference/expected_clusters.csv");

fn column(text: &str, separator: char, name: &str) -> Vec<Option<String>> {
    let mut lines = text.lines();
    let at = lines
        .next()
        .unwrap()
        .split(separator)
        .position(|c| c == name)
        .unwrap();
    lines
        .map(|line| {
            let cell = line.split(separator).nth(at).unwrap();
            (!cell.is_empty()).then(|| cell.to_owned())
        })
        .collect()
}

fn numbers(text: &str, separator: char, name: &str) -> Vec<Option<f64>> {
    let cells = column(text, separator, name);
    cells
        .iter()
        .map(|c| c.as_ref().map(|c| c.parse().unwrap()))
        .collect()
}

/// Expected values: reference/generate.R.
#[test]
fn clusters_against_variables_agree_with_r() {
    let of_sample = numbers(CLUSTERS, '\t', "cluster");
    let clusters = Structure::Clusters {
        of_sample: of_sample.iter().map(|c| c.map(|c| c as usize)).collect(),
        numbers: vec![1, 2, 3],
    };
    let limits = Limits {
        min_samples: 8,
        min_level: 3,
        seed: 1,
    };
    let variables = [
        Variable::categorical("stage", &column(SAMPLES, '\t', "stage"), Role::Clinical),
        Variable::categorical(
            "receptor",
            &column(SAMPLES, '\t', "receptor"),
            Role::Clinical,
        ),
        Variable::continuous("age", numbers(SAMPLES, '\t', "age"), Role::Clinical),
    ];
    let names = column(EXPECTED, ',', "variable");
    for variable in &variables {
        let found = relate(&clusters, variable, &limits).unwrap();
        let row = names
            .iter()
            .position(|n| n.as_deref() == Some(&found.variable))
            .unwrap();
        let expected = |name: &str| numbers(EXPECTED, ',', name)[row].unwrap();
        assert!((found.statistic / expected("statistic") - 1.0).abs() < 1e-10);
        assert!((found.effect - expected("effect")).abs() < 1e-10);
        assert_eq!(found.n as f64, expected("n"));
        // A cell of stage expects three samples, so its p-value is by permutation: six standard errors of 199 shuffles.
        let tolerance = if variable.name == "stage" {
            0.21
        } else {
            1e-10
        };
        assert!(
            (found.p - expected("P.Value")).abs() < tolerance,
            "{}",
            variable.name
        );
    }
}

#[test]
fn too_little_data_gives_no_test() {
    let limits = Limits {
        min_samples: 8,
        min_level: 3,
        seed: 1,
    };
    let component = Structure::Component {
        name: "PC1".to_owned(),
        of_sample: (0..10).map(f64::from).collect(),
    };
    let label = |i: usize| Some(if i < 8 { "a" } else { "b" }.to_owned());
    let rare = Variable::categorical(
        "rare",
        &(0..10).map(label).collect::<Vec<_>>(),
        Role::Clinical,
    );
    assert!(relate(&component, &rare, &limits).is_none());
    let constant = Variable::continuous("constant", vec![Some(1.0); 10], Role::Clinical);
    assert!(relate(&component, &constant, &limits).is_none());
    let few = Variable::continuous(
        "few",
        (0..10).map(|i| (i < 5).then_some(1.0)).collect(),
        Role::Clinical,
    );
    assert!(relate(&component, &few, &limits).is_none());
}
