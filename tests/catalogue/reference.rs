//! The numbers of each tool against those of an independent implementation, kept in its `reference/` folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use proteus::content::Content;
use proteus::dataset::{Feature, FeatureLevel, Quantity, Role, SampleMetadata, Variable};
use proteus::knowledge::Packs;
use proteus::tool::frame::{numbers, texts};
use proteus::tool::{
    Abundance, Artifact, ArtifactKind, CatalogEntry, Shared, TableBuilder, ToolInput,
};
use proteus_stats::Matrix;
use serde::Deserialize;
use serde_json::Value;

use super::{catalog, folder, none};

/// One `case*.yaml`: a run of the tool and what it must give.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Port → TSV file; a matrix has the columns feature, gene (optional) and one per sample, log2.
    inputs: BTreeMap<String, String>,
    /// TSV of the samples; the first column is the id, columns of numbers become continuous variables.
    samples: String,
    /// Roles of variables that matter to the tool.
    #[serde(default)]
    roles: BTreeMap<String, Role>,
    params: Value,
    /// The output port that is compared; a matrix is compared sample by sample.
    table: String,
    /// The column rows are matched by.
    key: String,
    /// CSV of expected values.
    expected: String,
    /// How close each column must be.
    columns: IndexMap<String, Tolerance>,
}

/// How close is close enough; the first one given counts.
#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct Tolerance {
    absolute: Option<f64>,
    relative: Option<f64>,
    /// Absolute difference of the decimal logarithms.
    log10: Option<f64>,
}

impl Tolerance {
    fn holds(self, found: f64, expected: f64) -> bool {
        if found.is_nan() || expected.is_nan() {
            return found.is_nan() && expected.is_nan();
        }
        let difference = (found - expected).abs();
        match (self.absolute, self.relative, self.log10) {
            (Some(limit), _, _) => difference <= limit,
            (_, Some(limit), _) => difference <= limit * expected.abs(),
            (_, _, limit) => (found.log10() - expected.log10()).abs() <= limit.unwrap_or_default(),
        }
    }
}

#[test]
fn numbers_agree_with_the_reference() {
    let mut problems = Vec::new();
    let mut tested = 0;
    for entry in catalog().iter() {
        let reference = folder().join(&entry.spec.name).join("reference");
        let cases = case_files(&reference);
        if cases.is_empty() && !entry.spec.agrees_with.is_empty() {
            problems.push(format!(
                "`{}` says it agrees with {}, but {} holds no case*.yaml that shows it",
                entry.spec.name,
                entry.spec.agrees_with[0].package,
                reference.display()
            ));
        }
        for file in cases {
            tested += 1;
            if let Err(found) = compare(entry, &reference, &file) {
                problems.extend(
                    found
                        .into_iter()
                        .map(|p| format!("{}: {p}", file.display())),
                );
            }
        }
    }
    none(&problems);
    assert!(tested > 0, "no reference case was found");
}

fn case_files(reference: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(reference) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            name.is_some_and(|n| n.starts_with("case") && n.ends_with(".yaml"))
        })
        .collect();
    files.sort();
    files
}

fn compare(entry: &CatalogEntry, reference: &Path, file: &Path) -> Result<(), Vec<String>> {
    let one = |problem: String| vec![problem];
    let text = fs::read_to_string(file).map_err(|e| one(e.to_string()))?;
    let case: Case = serde_yaml::from_str(&text).map_err(|e| one(e.to_string()))?;
    let mut ports = BTreeMap::new();
    for (port, name) in &case.inputs {
        let Some(declared) = entry.spec.consumes.get(port) else {
            return Err(one(format!("port `{port}` is not in the manifest")));
        };
        let sheet = Sheet::read(&reference.join(name), b'\t').map_err(one)?;
        let artifact = match declared.kind {
            ArtifactKind::Matrix => Artifact::Matrix(Arc::new(sheet.abundance())),
            ArtifactKind::Table => Artifact::Table(Arc::new(sheet.table())),
        };
        ports.insert(port.clone(), artifact);
    }
    let samples = Sheet::read(&reference.join(&case.samples), b'\t')
        .map_err(one)?
        .metadata(&case.roles);
    let knowledge = Packs::open(&Content::embedded()).map_err(|e| one(e.to_string()))?;
    let input = ToolInput {
        ports: &ports,
        samples: &samples,
        knowledge: &knowledge,
        shared: &Shared::default(),
        seed: 1,
    };
    let output = entry
        .tool
        .run_json(&input, &case.params)
        .map_err(|e| one(e.to_string()))?;
    let found = match output.artifacts.get(&case.table) {
        Some(Artifact::Table(table)) => Sheet::of_table(table, &case.key, case.columns.keys())?,
        Some(Artifact::Matrix(matrix)) => Sheet::of_matrix(matrix, &case.key),
        None => return Err(one(format!("there is no output `{}`", case.table))),
    };
    let expected = Sheet::read(&reference.join(&case.expected), b',').map_err(one)?;
    differences(&case, &found, &expected)
}

fn differences(case: &Case, found: &Sheet, expected: &Sheet) -> Result<(), Vec<String>> {
    let mut problems = Vec::new();
    let row_of: BTreeMap<&str, usize> = found
        .column(&case.key)
        .iter()
        .enumerate()
        .map(|(row, key)| (key.as_str(), row))
        .collect();
    for (column, tolerance) in &case.columns {
        let (ours, theirs) = (found.numbers(column), expected.numbers(column));
        if theirs.is_empty() {
            problems.push(format!("`{}` has no column `{column}`", case.expected));
        }
        let mut wrong = Vec::new();
        for (key, &reference) in expected.column(&case.key).iter().zip(&theirs) {
            let Some(&row) = row_of.get(key.as_str()) else {
                wrong.push(format!("`{key}` is not in `{}`", case.table));
                continue;
            };
            if !tolerance.holds(ours[row], reference) {
                wrong.push(format!("`{key}`: {} instead of {reference}", ours[row]));
            }
        }
        if !wrong.is_empty() {
            problems.push(format!(
                "column `{column}` differs in {} of {} rows, first {}",
                wrong.len(),
                theirs.len(),
                wrong.iter().take(4).cloned().collect::<Vec<_>>().join("; ")
            ));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// A small text table, column by column.
struct Sheet {
    columns: IndexMap<String, Vec<String>>,
}

impl Sheet {
    fn read(path: &Path, delimiter: u8) -> Result<Self, String> {
        let fail = |error: csv::Error| format!("{}: {error}", path.display());
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .from_path(path)
            .map_err(fail)?;
        let mut columns: IndexMap<String, Vec<String>> = reader
            .headers()
            .map_err(fail)?
            .iter()
            .map(|name| (name.to_owned(), Vec::new()))
            .collect();
        for record in reader.records() {
            let record = record.map_err(fail)?;
            for (values, field) in columns.values_mut().zip(&record) {
                values.push(field.to_owned());
            }
        }
        Ok(Self { columns })
    }

    fn of_table<'c>(
        table: &polars::prelude::DataFrame,
        key: &str,
        wanted: impl Iterator<Item = &'c String>,
    ) -> Result<Self, Vec<String>> {
        let mut columns = IndexMap::new();
        let fail = |error: proteus::tool::FrameError| vec![error.to_string()];
        columns.insert(key.to_owned(), texts(table, key).map_err(fail)?);
        for name in wanted {
            let values = numbers(table, name).map_err(fail)?;
            columns.insert(
                name.clone(),
                values.iter().map(|v| format!("{v:?}")).collect(),
            );
        }
        Ok(Self { columns })
    }

    fn of_matrix(matrix: &Abundance, key: &str) -> Self {
        let mut columns = IndexMap::new();
        let ids = matrix.features.iter().map(|f| f.id.clone()).collect();
        columns.insert(key.to_owned(), ids);
        for (j, sample) in matrix.samples.iter().enumerate() {
            let values = matrix
                .values
                .column(j)
                .iter()
                .map(|v| format!("{v:?}"))
                .collect();
            columns.insert(sample.clone(), values);
        }
        Self { columns }
    }

    fn column(&self, name: &str) -> &[String] {
        self.columns.get(name).map_or(&[], Vec::as_slice)
    }

    /// The column as numbers; what is empty or `NA` is NaN.
    fn numbers(&self, name: &str) -> Vec<f64> {
        self.column(name).iter().map(|v| number(v)).collect()
    }

    fn abundance(&self) -> Abundance {
        let samples: Vec<String> = self
            .columns
            .keys()
            .filter(|name| *name != "feature" && *name != "gene")
            .cloned()
            .collect();
        let ids = self.column("feature");
        let genes = self.column("gene");
        let features = ids
            .iter()
            .enumerate()
            .map(|(i, id)| {
                let symbol = genes.get(i).unwrap_or(id).clone();
                Feature {
                    id: id.clone(),
                    symbols: vec![symbol.clone()],
                    symbol: Some(symbol),
                    ..Feature::default()
                }
            })
            .collect();
        let values = Matrix::from_fn(ids.len(), samples.len(), |i, j| {
            number(&self.columns[samples[j].as_str()][i])
        });
        Abundance {
            level: FeatureLevel::ProteinGroup,
            quantity: Quantity::LfqIntensity,
            features: Arc::new(features),
            samples: Arc::new(samples),
            values,
        }
    }

    fn table(&self) -> polars::prelude::DataFrame {
        let mut builder = TableBuilder::new();
        for (name, values) in &self.columns {
            builder = if is_numeric(values) {
                builder.number(name, &self.numbers(name))
            } else {
                builder.text(name, values.clone())
            };
        }
        match builder.build() {
            Ok(table) => table,
            Err(error) => panic!("{error}"),
        }
    }

    fn metadata(&self, roles: &BTreeMap<String, Role>) -> SampleMetadata {
        let mut columns = self.columns.iter();
        let ids = columns.next().map_or_else(Vec::new, |(_, ids)| ids.clone());
        let mut sheet = SampleMetadata::new(ids);
        for (name, values) in columns {
            let role = roles.get(name).copied().unwrap_or(Role::Clinical);
            sheet.insert(if is_numeric(values) {
                let values = self
                    .numbers(name)
                    .into_iter()
                    .map(|v| (!v.is_nan()).then_some(v))
                    .collect();
                Variable::continuous(name, values, role)
            } else {
                let labels: Vec<Option<String>> = values
                    .iter()
                    .map(|v| (!v.is_empty() && v != "NA").then(|| v.clone()))
                    .collect();
                Variable::categorical(name, &labels, role)
            });
        }
        sheet
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

fn is_numeric(values: &[String]) -> bool {
    values
        .iter()
        .all(|v| v.is_empty() || v == "NA" || v.parse::<f64>().is_ok())
}
