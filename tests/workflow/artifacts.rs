//! Matrices and tables come back from disk bit for bit.
#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::sync::Arc;

use proptest::prelude::*;
use proteus::dataset::{
    CellPopulation, Feature, FeatureLevel, ModifiedSite, Peptidoform, Quantity,
};
use proteus::tool::{Abundance, Artifact, ToolOutput};
use proteus::workflow::artifact_store::{read_output, write_output};
use proteus_stats::Matrix;

fn feature(i: usize, text: &str, count: Option<u32>) -> Feature {
    Feature {
        id: format!("{i}{text}"),
        accessions: vec![text.to_owned(), "a;b".to_owned()],
        symbol: (!text.is_empty()).then(|| text.to_owned()),
        symbols: Vec::new(),
        description: count.map(|_| text.to_owned()),
        peptides: count,
        unique_peptides: None,
        peptidoform: count.map(|n| Peptidoform {
            sequence: "PEPTIDE".to_owned(),
            modifications: (i > 1).then(|| text.to_owned()),
            charge: Some(n),
            assigned: n as usize,
        }),
        site: count.map(|n| ModifiedSite {
            residue: text.to_owned(),
            modification: None,
            localisation: Some(f64::from(n) / 3.0),
        }),
        population: count.map(|n| CellPopulation {
            name: text.to_owned(),
            marker: (n > 1).then(|| text.to_owned()),
        }),
        members: Vec::new(),
        row: i,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_matrix_round_trips(
        cells in prop::collection::vec(prop::option::of(any::<f64>()), 12),
        text in "[a-zé\"\t;,_ ]{0,6}",
        count in prop::option::of(any::<u32>()),
    ) {
        let cell = |v: &Option<f64>| v.unwrap_or(f64::NAN);
        let matrix = Abundance {
            level: FeatureLevel::Gene,
            quantity: Quantity::Ratio,
            features: Arc::new((0..4).map(|i| feature(i, &text, count)).collect()),
            samples: Arc::new(vec!["feature".to_owned(), "gene".to_owned(), text.clone()]),
            values: Matrix::new(4, 3, cells.iter().map(cell).collect()).unwrap(),
        };
        let output = ToolOutput::new()
            .with_matrix("matrix", matrix.clone())
            .with_fact("cell", cells[0].filter(|v| v.is_finite()).unwrap_or(0.1));
        let dir = tempfile::tempdir().unwrap();
        let stored = write_output(dir.path(), &output).unwrap();
        let (back, again) = read_output(dir.path()).unwrap();
        prop_assert_eq!(&stored, &again);
        prop_assert_eq!(&back.facts, &output.facts);
        let Artifact::Matrix(found) = &back.artifacts["matrix"] else {
            return Err(TestCaseError::fail("not a matrix"));
        };
        prop_assert_eq!(&found.features, &matrix.features);
        prop_assert_eq!(&found.samples, &matrix.samples);
        let bits = |m: &Matrix| -> Vec<u64> {
            m.values().iter().map(|v| if v.is_nan() { 0 } else { v.to_bits() }).collect()
        };
        prop_assert_eq!(bits(&found.values), bits(&matrix.values));
    }
}

#[test]
fn an_empty_matrix_round_trips() {
    let matrix = Abundance {
        level: FeatureLevel::Gene,
        quantity: Quantity::Other,
        features: Arc::new(Vec::new()),
        samples: Arc::new(vec!["a".to_owned()]),
        values: Matrix::filled(0, 1, 0.0),
    };
    let dir = tempfile::tempdir().unwrap();
    let output = ToolOutput::new().with_matrix("matrix", matrix);
    write_output(dir.path(), &output).unwrap();
    let (back, _) = read_output(dir.path()).unwrap();
    assert_eq!(format!("{back:?}"), format!("{output:?}"));
}
