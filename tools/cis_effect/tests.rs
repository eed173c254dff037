#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::CisEffect;
use crate::content::Content;
use crate::dataset::{Quantity, Role};
use crate::knowledge::Packs;
use crate::tool::frame::{numbers, texts};
use crate::tool::{Abundance, AnyTool, Artifact, Shared, ToolError, ToolInput, ToolOutput};
use crate::tools::fixture::{abundance, sheet, table};

const SAMPLES: usize = 24;

/// 60 proteins; every third sample carries a mutation of `G0`, which raises its protein by 2 and comes with a lost copy. One sample
/// with a mutation of `G2` has little of it.
fn study() -> (Abundance, Abundance, Abundance) {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let carrier = |j: usize| j.is_multiple_of(3);
    let rows: Vec<(String, Vec<f64>)> = (0..60)
        .map(|i| {
            let values = (0..SAMPLES).map(|j| {
                let noise: f64 = rng.random_range(-0.5..0.5);
                20.0 + noise
                    + if i == 0 && carrier(j) { 2.0 } else { 0.0 }
                    + if i == 2 && j == 5 { -30.0 } else { 0.0 }
            });
            (format!("G{i}"), values.collect())
        })
        .collect();
    let rows: Vec<(&str, &[f64])> = rows
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_slice()))
        .collect();
    let of = |value: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..SAMPLES).map(value).collect() };
    let present = |yes: bool| f64::from(u8::from(yes));
    let mutated = [
        of(&|j| present(carrier(j))),
        of(&|j| present(j % 6 == 5)),
        of(&|j| 2.0 + present(j % 4 == 0)),
    ];
    let mut mutations = abundance(&[
        ("G0", &mutated[0][..]),
        ("G2", &mutated[1][..]),
        ("(burden)", &mutated[2][..]),
    ]);
    mutations.quantity = Quantity::Binary;
    let lost = of(&|j| {
        if carrier(j) && j % 2 == 0 {
            -1.0
        } else {
            0.02 * j as f64
        }
    });
    let mut copies = abundance(&[("G0", &lost[..])]);
    copies.quantity = Quantity::CopyNumber;
    (abundance(&rows), mutations, copies)
}

fn effects(
    proteins: Abundance,
    genotype: Abundance,
    beside: Option<Abundance>,
    params: Value,
) -> Result<ToolOutput, ToolError> {
    let knowledge = Packs::open(&Content::embedded()).unwrap();
    let mut ports = BTreeMap::from([
        ("matrix".to_owned(), Artifact::Matrix(Arc::new(proteins))),
        ("genotype".to_owned(), Artifact::Matrix(Arc::new(genotype))),
    ]);
    if let Some(beside) = beside {
        ports.insert("beside".to_owned(), Artifact::Matrix(Arc::new(beside)));
    }
    let arm = "a b ".repeat(SAMPLES / 2);
    let samples = sheet(SAMPLES, &[("arm", Role::Condition, arm.trim())]);
    let input = ToolInput {
        ports: &ports,
        samples: &samples,
        knowledge: &knowledge,
        shared: &Shared::default(),
        seed: 1,
    };
    CisEffect.run_json(&input, &params)
}

#[test]
fn the_effect_of_a_mutation_is_found_and_what_one_sample_carries_told() {
    let (proteins, mutations, _) = study();
    let output = effects(proteins, mutations, None, json!({"covariates": ["arm"]})).unwrap();
    let found = table(&output, "effects");
    assert_eq!(texts(found, "gene").unwrap(), ["G0", "G2"]);
    assert_eq!(texts(found, "partner").unwrap()[0], "G0 mutation");
    assert_eq!(numbers(found, "n_carriers").unwrap(), [8.0, 4.0]);
    let effect = numbers(found, "effect").unwrap();
    assert!((effect[0] - 2.0).abs() < 0.4, "{effect:?}");
    let p = numbers(found, "P.Value").unwrap();
    assert!(p[0] < 1e-3, "{p:?}");
    let without = numbers(found, "P.without_one").unwrap();
    assert!(without[0] < 1e-3 && without[1] > 0.05, "{without:?}");
    assert_eq!(output.facts["adjusted_for_burden"], true);
}

#[test]
fn a_lost_copy_that_comes_with_a_mutation_explains_nothing_beside_it() {
    let (proteins, mutations, copies) = study();
    let p = |params: Value| {
        let beside = Some(mutations.clone());
        let output = effects(proteins.clone(), copies.clone(), beside, params).unwrap();
        let found = table(&output, "effects");
        assert_eq!(texts(found, "partner").unwrap(), ["G0 copy number"]);
        (
            numbers(found, "effect").unwrap()[0],
            numbers(found, "P.Value").unwrap()[0],
        )
    };
    let alone = p(json!({}));
    assert!(alone.0 < -1.0 && alone.1 < 0.01, "{alone:?}");
    let beside = p(json!({"adjust_beside": true}));
    assert!(beside.0.abs() < 0.5 && beside.1 > 0.05, "{beside:?}");
}

#[test]
fn too_few_genotypes_are_refused() {
    let (proteins, mut mutations, _) = study();
    mutations = mutations.select_samples(&[0, 1, 2, 3, 4]);
    let error = effects(proteins, mutations, None, json!({})).unwrap_err();
    assert!(
        matches!(error, ToolError::TooFewObservations { .. }),
        "{error}"
    );
}
