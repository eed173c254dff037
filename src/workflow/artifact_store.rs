//! Outputs of steps as files: matrices and tables as Parquet, bit-exact, and tables as TSV beside it for people.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use polars::prelude::{Column, DataFrame, NamedFrom, Series};
use proteus_stats::Matrix;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dataset::Feature;
use crate::discovery::Check;
use crate::run::name::check_name;
use crate::run::{OutputKind, OutputRecord, RunError, RunView, atomic, tables};
use crate::tool::{Abundance, Artifact, FrameError, TableBuilder, ToolOutput, frame};

/// What a tool gave, without the artifacts themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredOutput {
    /// Artifacts by output port.
    pub outputs: IndexMap<String, OutputRecord>,
    /// What the tool noted.
    pub facts: IndexMap<String, Value>,
    /// Checks it made.
    pub checks: Vec<Check>,
}

const INDEX: &str = "output.yaml";

/// Writes an output into `folder`: the artifacts, and `output.yaml` that lists them.
pub fn write_output(folder: &Path, output: &ToolOutput) -> Result<StoredOutput, RunError> {
    let mut outputs = IndexMap::new();
    for (port, artifact) in &output.artifacts {
        check_name("table", port)?;
        outputs.insert(port.clone(), write_artifact(folder, port, artifact)?);
    }
    let stored = StoredOutput {
        outputs,
        facts: output.facts.clone(),
        checks: output.checks.clone(),
    };
    let path = folder.join(INDEX);
    let text = serde_yaml::to_string(&stored).map_err(|e| RunError::NotSerialisable {
        path: path.clone(),
        reason: e.to_string(),
    })?;
    atomic::write_within(&path, text.as_bytes())?;
    Ok(stored)
}

/// Reads what [`write_output`] wrote.
pub fn read_output(folder: &Path) -> Result<(ToolOutput, StoredOutput), RunError> {
    let stored = read_index(folder)?;
    let mut output = ToolOutput {
        facts: stored.facts.clone(),
        checks: stored.checks.clone(),
        ..ToolOutput::new()
    };
    for (port, record) in &stored.outputs {
        let artifact = read_artifact(folder, port, record)?;
        output.artifacts.insert(port.clone(), artifact);
    }
    Ok((output, stored))
}

/// Reads what [`write_output`] wrote, but for the artifacts.
pub fn read_index(folder: &Path) -> Result<StoredOutput, RunError> {
    let path = folder.join(INDEX);
    let text = std::fs::read_to_string(&path).map_err(|e| RunError::reading(&path, e))?;
    serde_yaml::from_str(&text).map_err(|e| RunError::damaged(&path, "its content", e))
}

/// Everything that a step gave, as its folder in a run holds it; what `held` has already is not read again.
pub fn read_step(view: &RunView, step: &str, held: &ToolOutput) -> Result<ToolOutput, RunError> {
    let (record, folder) = (view.step(step)?, view.step_folder(step)?);
    let mut output = ToolOutput {
        artifacts: IndexMap::new(),
        facts: record.facts,
        checks: record.checks,
    };
    for (port, stored) in &record.outputs {
        let artifact = match held.artifacts.get(port) {
            Some(artifact) => artifact.clone(),
            None => read_artifact(&folder, port, stored)?,
        };
        output.artifacts.insert(port.clone(), artifact);
    }
    Ok(output)
}

/// Writes one artifact under the name of its port.
pub fn write_artifact(
    folder: &Path,
    port: &str,
    artifact: &Artifact,
) -> Result<OutputRecord, RunError> {
    let mut files = IndexMap::new();
    let name = format!("{port}.parquet");
    let path = folder.join(&name);
    let (kind, rows) = match artifact {
        Artifact::Matrix(matrix) => {
            let built = |e: FrameError| RunError::NotSerialisable {
                path: path.clone(),
                reason: e.to_string(),
            };
            files.insert(
                name,
                tables::write_parquet(&path, &matrix_table(matrix).map_err(built)?)?,
            );
            let name = format!("{port}.features.parquet");
            let features = feature_table(&matrix.features).map_err(built)?;
            let hash = tables::write_parquet(&folder.join(&name), &features)?;
            files.insert(name, hash);
            let kind = OutputKind::Matrix {
                level: matrix.level,
                quantity: matrix.quantity,
                samples: matrix.samples.to_vec(),
            };
            (kind, matrix.features.len())
        }
        Artifact::Table(table) => {
            files.insert(name, tables::write_parquet(&path, table)?);
            let name = format!("{port}.tsv");
            let hash = tables::write_tsv(&folder.join(&name), table)?;
            files.insert(name, hash);
            let columns = table.get_column_names();
            let kind = OutputKind::Table {
                columns: columns.iter().map(ToString::to_string).collect(),
            };
            (kind, table.height())
        }
    };
    Ok(OutputRecord { kind, files, rows })
}

/// Reads one artifact.
pub fn read_artifact(
    folder: &Path,
    port: &str,
    record: &OutputRecord,
) -> Result<Artifact, RunError> {
    let path = folder.join(format!("{port}.parquet"));
    let table = tables::read_parquet(&path)?;
    match &record.kind {
        OutputKind::Table { .. } => Ok(Artifact::Table(Arc::new(table))),
        OutputKind::Matrix {
            level,
            quantity,
            samples,
        } => {
            let side = folder.join(format!("{port}.features.parquet"));
            let features = read_features(&tables::read_parquet(&side)?)
                .map_err(|e| RunError::damaged(&side, "the feature table", e))?;
            let values = read_values(&table, features.len(), samples.len())
                .map_err(|e| RunError::damaged(&path, "the matrix", e))?;
            Ok(Artifact::Matrix(Arc::new(Abundance {
                level: *level,
                quantity: *quantity,
                features: Arc::new(features),
                samples: Arc::new(samples.clone()),
                values,
            })))
        }
    }
}

/// A matrix as a wide table: feature, gene, and one log2 column per sample, empty where missing.
pub fn matrix_table(matrix: &Abundance) -> Result<DataFrame, FrameError> {
    let features = matrix.features.iter();
    let ids: Vec<&str> = features.clone().map(|f| f.id.as_str()).collect();
    let genes: Vec<Option<&str>> = features.map(|f| f.symbol.as_deref()).collect();
    let mut columns: Vec<Column> = vec![
        Series::new("feature".into(), ids).into(),
        Series::new("gene".into(), genes).into(),
    ];
    let mut taken = BTreeSet::from(["feature".to_owned(), "gene".to_owned()]);
    for (j, sample) in matrix.samples.iter().enumerate() {
        let mut name = sample.clone();
        while !taken.insert(name.clone()) {
            name = format!("sample:{name}");
        }
        let values: Vec<Option<f64>> = (0..matrix.values.rows())
            .map(|i| matrix.values.get(i, j))
            .map(|v| (!v.is_nan()).then_some(v))
            .collect();
        columns.push(Series::new(name.into(), values).into());
    }
    DataFrame::new_infer_height(columns).map_err(|e| FrameError::Shape(e.to_string()))
}

fn read_values(table: &DataFrame, rows: usize, cols: usize) -> Result<Matrix, FrameError> {
    let shape = || {
        FrameError::Shape(format!(
            "expected {rows} × {cols} values, found {} × {}",
            table.height(),
            table.width().saturating_sub(2)
        ))
    };
    if table.height() != rows || table.width() != cols + 2 {
        return Err(shape());
    }
    let mut values = Matrix::filled(rows, cols, f64::NAN);
    let names: Vec<String> = table
        .get_column_names()
        .iter()
        .map(ToString::to_string)
        .collect();
    // Columns are known by their place: a sample may be called like one of the first two.
    for (j, name) in names.iter().skip(2).enumerate() {
        for (i, value) in frame::numbers(table, name)?.into_iter().enumerate() {
            values.set(i, j, value);
        }
    }
    Ok(values)
}

fn feature_table(features: &[Feature]) -> Result<DataFrame, FrameError> {
    let json = |list: &Vec<String>| Value::from(list.clone()).to_string();
    let text = |of: &dyn Fn(&Feature) -> Option<String>| features.iter().map(of).collect();
    let number = |of: &dyn Fn(&Feature) -> Option<u32>| -> Vec<f64> {
        let value = |f| of(f).map_or(f64::NAN, f64::from);
        features.iter().map(value).collect()
    };
    TableBuilder::new()
        .text("feature", features.iter().map(|f| f.id.clone()).collect())
        .optional_text("gene", text(&|f| f.symbol.clone()))
        .optional_text("description", text(&|f| f.description.clone()))
        .text(
            "accessions",
            features.iter().map(|f| json(&f.accessions)).collect(),
        )
        .text("genes", features.iter().map(|f| json(&f.symbols)).collect())
        .number("peptides", &number(&|f| f.peptides))
        .number("unique_peptides", &number(&|f| f.unique_peptides))
        .count("row", &features.iter().map(|f| f.row).collect::<Vec<_>>())
        .optional_text("peptidoform", text(&|f| f.peptidoform.as_ref().map(record)))
        .optional_text("site", text(&|f| f.site.as_ref().map(record)))
        .optional_text("population", text(&|f| f.population.as_ref().map(record)))
        .build()
}

fn read_features(table: &DataFrame) -> Result<Vec<Feature>, FrameError> {
    let ids = frame::texts(table, "feature")?;
    let symbols = optional_texts(table, "gene")?;
    let descriptions = optional_texts(table, "description")?;
    let accessions = frame::texts(table, "accessions")?;
    let genes = frame::texts(table, "genes")?;
    let peptides = frame::numbers(table, "peptides")?;
    let unique = frame::numbers(table, "unique_peptides")?;
    let rows = frame::numbers(table, "row")?;
    let peptidoforms = records(table, "peptidoform")?;
    let sites = records(table, "site")?;
    let populations = records(table, "population")?;
    let list = |column: &str, text: &str| -> Result<Vec<String>, FrameError> {
        serde_json::from_str(text).map_err(|e| FrameError::Type {
            column: column.to_owned(),
            expected: "a list of names",
            reason: e.to_string(),
        })
    };
    let count = |value: f64| (!value.is_nan()).then_some(value as u32);
    (0..ids.len())
        .map(|i| {
            Ok(Feature {
                id: ids[i].clone(),
                accessions: list("accessions", &accessions[i])?,
                symbol: symbols[i].clone(),
                symbols: list("genes", &genes[i])?,
                description: descriptions[i].clone(),
                peptides: count(peptides[i]),
                unique_peptides: count(unique[i]),
                peptidoform: peptidoforms[i].clone(),
                site: sites[i].clone(),
                population: populations[i].clone(),
                members: Vec::new(),
                row: rows[i] as usize,
            })
        })
        .collect()
}

fn record(value: &impl serde::Serialize) -> String {
    // These are plain types of our own, which always serialise.
    serde_json::to_string(value).unwrap_or_default()
}

/// The records of a column; none where an earlier version wrote the table.
fn records<T: DeserializeOwned + Clone>(
    table: &DataFrame,
    column: &str,
) -> Result<Vec<Option<T>>, FrameError> {
    if table.column(column).is_err() {
        return Ok(vec![None; table.height()]);
    }
    let read = |text: String| {
        serde_json::from_str(&text).map_err(|e| FrameError::Type {
            column: column.to_owned(),
            expected: "a record of a feature",
            reason: e.to_string(),
        })
    };
    optional_texts(table, column)?
        .into_iter()
        .map(|text| text.map(read).transpose())
        .collect()
}

fn optional_texts(table: &DataFrame, name: &str) -> Result<Vec<Option<String>>, FrameError> {
    let wrong = |e: polars::prelude::PolarsError| FrameError::Type {
        column: name.to_owned(),
        expected: "text",
        reason: e.to_string(),
    };
    let column = table.column(name).map_err(wrong)?;
    let values = column.str().map_err(wrong)?;
    Ok(values.iter().map(|v| v.map(str::to_owned)).collect())
}
