#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::OwnGenotype;
use crate::content::Content;
use crate::dataset::{Feature, Quantity};
use crate::knowledge::Packs;
use crate::tool::frame::texts;
use crate::tool::{Abundance, AnyTool, Artifact, Shared, ToolError, ToolInput, ToolOutput};
use crate::tools::fixture::{abundance, matrix, sheet, table};

const SAMPLES: usize = 8;

fn genotypes(partner: Abundance, params: Value) -> Result<ToolOutput, ToolError> {
    let knowledge = Packs::open(&Content::embedded()).unwrap();
    let values = [20.0; SAMPLES];
    let proteins = abundance(&[("G2", &values), ("G0", &values), ("G1", &values)]);
    let ports = BTreeMap::from([
        ("matrix".to_owned(), Artifact::Matrix(Arc::new(proteins))),
        ("partner".to_owned(), Artifact::Matrix(Arc::new(partner))),
    ]);
    let input = ToolInput {
        ports: &ports,
        samples: &sheet(SAMPLES, &[]),
        knowledge: &knowledge,
        shared: &Shared::default(),
        seed: 1,
    };
    OwnGenotype.run_json(&input, &params)
}

#[test]
fn changes_of_a_gene_count_together_and_rare_ones_not() {
    let gap = f64::NAN;
    let mut mutations = abundance(&[
        ("G0_p.A1T", &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, gap]),
        ("G0_p.K7*", &[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, gap]),
        ("G1_p.A1T", &[0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, gap]),
        ("G2_p.A1T", &[1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, gap]),
        ("G9_p.A1T", &[1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, gap]),
    ]);
    let of_gene = |f: &Feature| Feature {
        symbol: f.id.split('_').next().map(str::to_owned),
        symbols: Vec::new(),
        ..f.clone()
    };
    mutations.features = Arc::new(mutations.features.iter().map(of_gene).collect());
    let output = genotypes(mutations, json!({"min_carriers": 2})).unwrap();
    let found = matrix(&output, "genotype");
    let ids: Vec<&str> = found.features.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["G2", "G0", "(burden)"]);
    assert_eq!(found.quantity, Quantity::Binary);
    // The last sample is in neither assay's knowledge.
    assert_eq!(found.samples.len(), SAMPLES - 1);
    assert_eq!(found.values.row(1), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    // G0, G2 and G9 are changed in the first sample, G1 and G9 in the third.
    assert_eq!(found.values.get(2, 0), 2.0);
    assert_eq!(found.values.get(2, 2), 3.0_f64.log2());
    assert_eq!(
        texts(table(&output, "pairs"), "partner").unwrap(),
        ["G2", "G0"]
    );
}

#[test]
fn copies_are_taken_as_they_are() {
    let copies = abundance(&[
        ("G0", &[0.5, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        ("G1", &[0.1; SAMPLES]),
    ]);
    let output = genotypes(copies, json!({})).unwrap();
    let found = matrix(&output, "genotype");
    assert_eq!(found.quantity, Quantity::CopyNumber);
    assert_eq!(found.features[0].id, "G0");
    // The mean distance of 0.5 and 0.1 from nought.
    assert!((found.values.get(1, 0) - 0.3).abs() < 1e-12);
}

#[test]
fn a_partner_without_variation_is_refused() {
    let flat = abundance(&[("G0", &[0.5; SAMPLES])]);
    let error = genotypes(flat, json!({})).unwrap_err();
    assert!(matches!(error, ToolError::NotApplicable { .. }), "{error}");
}
