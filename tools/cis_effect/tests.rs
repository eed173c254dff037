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
use crate::dataset::{Feature, Role};
use crate::knowledge::Packs;
use crate::tool::frame::{numbers, texts};
use crate::tool::{Abundance, AnyTool, Artifact, Shared, ToolError, ToolInput, ToolOutput};
use crate::tools::fixture::{abundance, sheet, table};

const SAMPLES: usize = 24;

/// 60 proteins; every third sample carries a change of `G0`, which lowers its protein by 2.
fn study() -> (Abundance, Abundance) {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let carrier = |j: usize| j.is_multiple_of(3);
    let rows: Vec<(String, Vec<f64>)> = (0..60)
        .map(|i| {
            let values = (0..SAMPLES).map(|j| {
                let noise: f64 = rng.random_range(-0.5..0.5);
                20.0 + noise - if i == 0 && carrier(j) { 2.0 } else { 0.0 }
            });
            (format!("G{i}"), values.collect())
        })
        .collect();
    let rows: Vec<(&str, &[f64])> = rows
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_slice()))
        .collect();
    let proteins = abundance(&rows);
    // Two changes of G0, each in half of its carriers; G1 is changed in a single sample.
    let present = |of: &dyn Fn(usize) -> bool| -> Vec<f64> {
        (0..SAMPLES).map(|j| f64::from(u8::from(of(j)))).collect()
    };
    let (first, second) = (
        present(&|j| carrier(j) && j < 12),
        present(&|j| carrier(j) && j >= 12),
    );
    let (single, other) = (present(&|j| j == 5), present(&|j| j % 4 < 2));
    let mut mutations = abundance(&[
        ("G0_p.A1T", &first[..]),
        ("G0_p.K7*", &second[..]),
        ("G1_p.A1T", &single[..]),
        ("G2_p.A1T", &other[..]),
    ]);
    mutations.features = Arc::new(
        mutations
            .features
            .iter()
            .map(|f| Feature {
                symbol: f.id.split('_').next().map(str::to_owned),
                symbols: Vec::new(),
                ..f.clone()
            })
            .collect(),
    );
    (proteins, mutations)
}

fn effects(
    proteins: Abundance,
    partner: Abundance,
    params: Value,
) -> Result<ToolOutput, ToolError> {
    let knowledge = Packs::open(&Content::embedded()).unwrap();
    let ports = BTreeMap::from([
        ("matrix".to_owned(), Artifact::Matrix(Arc::new(proteins))),
        ("partner".to_owned(), Artifact::Matrix(Arc::new(partner))),
    ]);
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
fn changes_of_a_gene_count_together_and_rare_ones_not() {
    let (proteins, mutations) = study();
    let output = effects(proteins, mutations, json!({"covariates": ["arm"]})).unwrap();
    let found = table(&output, "effects");
    assert_eq!(texts(found, "gene").unwrap(), ["G0", "G2"]);
    assert_eq!(texts(found, "partner").unwrap()[0], "G0 mutation");
    assert_eq!(numbers(found, "n_carriers").unwrap(), [8.0, 12.0]);
    let effect = numbers(found, "effect").unwrap();
    assert!((effect[0] + 2.0).abs() < 0.4, "{effect:?}");
    let p = numbers(found, "P.Value").unwrap();
    assert!(p[0] < 1e-6 && p[1] > 0.01, "{p:?}");
    assert_eq!(output.facts["adjusted_for_burden"], true);
}

#[test]
fn a_partner_without_variation_is_refused() {
    let (proteins, _) = study();
    let flat = abundance(&[("G0", &[0.5; SAMPLES])]);
    let error = effects(proteins, flat, json!({})).unwrap_err();
    assert!(matches!(error, ToolError::NotApplicable { .. }), "{error}");
}
