//! Small inputs for the tools' own tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use proteus_stats::Matrix;
use serde_json::Value;

use crate::content::Content;
use crate::dataset::{Feature, FeatureLevel, Quantity, Role, SampleMetadata, Variable};
use crate::knowledge::Packs;
use crate::tool::{Abundance, AnyTool, Artifact, Shared, ToolError, ToolInput, ToolOutput};

/// log2 abundances of named features in samples `s1`, `s2` …; NaN is missing.
pub fn abundance(rows: &[(&str, &[f64])]) -> Abundance {
    let columns = rows.first().map_or(0, |row| row.1.len());
    Abundance {
        level: FeatureLevel::ProteinGroup,
        quantity: Quantity::LfqIntensity,
        features: Arc::new(rows.iter().map(|(name, _)| feature(name)).collect()),
        samples: Arc::new((1..=columns).map(|j| format!("s{j}")).collect()),
        values: Matrix::from_fn(rows.len(), columns, |i, j| rows[i].1[j]),
    }
}

/// A feature with this id and symbol.
pub fn feature(name: &str) -> Feature {
    Feature {
        id: name.to_owned(),
        symbol: Some(name.to_owned()),
        symbols: vec![name.to_owned()],
        ..Feature::default()
    }
}

/// Samples `s1`, `s2` … with label variables: (name, role, one label per sample, `-` for missing, separated by spaces).
pub fn sheet(n: usize, variables: &[(&str, Role, &str)]) -> SampleMetadata {
    let mut sheet = SampleMetadata::new((1..=n).map(|j| format!("s{j}")).collect());
    for (name, role, labels) in variables {
        let labels: Vec<Option<String>> = labels
            .split_whitespace()
            .map(|l| (l != "-").then(|| l.to_owned()))
            .collect();
        assert_eq!(labels.len(), n, "labels of {name}");
        sheet.insert(Variable::categorical(*name, &labels, *role));
    }
    sheet
}

/// Runs a tool on one matrix.
pub fn run(
    tool: &dyn AnyTool,
    matrix: Abundance,
    samples: &SampleMetadata,
    params: Value,
) -> Result<ToolOutput, ToolError> {
    let knowledge = Packs::open(&Content::embedded()).expect("the bundled packs open");
    let ports = BTreeMap::from([("matrix".to_owned(), Artifact::Matrix(Arc::new(matrix)))]);
    let input = ToolInput {
        ports: &ports,
        samples,
        knowledge: &knowledge,
        shared: &Shared::default(),
        seed: 1,
    };
    tool.run_json(&input, &params)
}

/// The matrix on an output port.
pub fn matrix<'o>(output: &'o ToolOutput, port: &str) -> &'o Abundance {
    match output.artifacts.get(port) {
        Some(Artifact::Matrix(matrix)) => matrix,
        _ => panic!("no matrix on port {port}"),
    }
}

/// The table on an output port.
pub fn table<'o>(output: &'o ToolOutput, port: &str) -> &'o polars::prelude::DataFrame {
    match output.artifacts.get(port) {
        Some(Artifact::Table(table)) => table,
        _ => panic!("no table on port {port}"),
    }
}
