//! A dataset as files that say all that was concluded from the original ones: a Parquet table per assay
//! ([`super::formats`], `proteus_table`), the sample sheet as TSV, and a `dataset.yaml` with levels, quantities, scales
//! and roles. Read again, they give the same samples, features, values and roles.

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame, NamedFrom, PolarsError, Series};
use serde::Serialize;

use super::formats::proteus_table;
use super::{
    Assay, Contrast, Dataset, DatasetError, Feature, FeatureLevel, KnownTruth, Quantity, Role,
    RollUpMethod, Scale, Variable, VariableValues,
};

/// Name of the sample sheet.
const SHEET: &str = "samples.tsv";
/// Names for the column of sample ids, the first that is free.
const ID_COLUMNS: [&str; 3] = ["sample", "sample_id", "proteus_sample"];

/// The files of a converted dataset.
#[derive(Debug, Clone)]
pub struct Converted {
    /// Parquet tables: name of the file, and its content.
    pub tables: Vec<(String, DataFrame)>,
    /// Other files: name and text; `dataset.yaml` is the last.
    pub texts: Vec<(String, String)>,
}

/// `dataset.yaml`, with the keys that [`super::manifest`] reads.
#[derive(Serialize)]
struct Declared<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organism: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    licence: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    citation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    tables: Vec<DeclaredTable<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    samples: Vec<DeclaredSheet<'a>>,
    /// Controls were set apart when the original was read; what is left are samples.
    keep_controls: bool,
    /// Cells without a value are empty: every other text is a label.
    missing_codes: [&'a str; 0],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    roles: BTreeMap<&'a str, Role>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    derived_from: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    reference_levels: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contrasts: Vec<DeclaredContrast<'a>>,
    #[serde(skip_serializing_if = "<[KnownTruth]>::is_empty")]
    known_truth: &'a [KnownTruth],
}

#[derive(Serialize)]
struct DeclaredTable<'a> {
    file: &'a str,
    assay: &'a str,
    level: FeatureLevel,
    quantity: Quantity,
    scale: Scale,
    #[serde(skip_serializing_if = "Option::is_none")]
    roll_up: Option<RollUp>,
}

/// How the peptides of a table were rolled up.
#[derive(Serialize)]
#[serde(untagged)]
enum RollUp {
    By(RollUpMethod),
    Not(&'static str),
}

#[derive(Serialize)]
struct DeclaredSheet<'a> {
    file: &'a str,
    id: &'a str,
}

#[derive(Serialize)]
struct DeclaredContrast<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    variable: &'a str,
    reference: &'a str,
    target: &'a str,
    blocking: &'a [String],
    covariates: &'a [String],
}

impl Dataset {
    /// The dataset as tables, a sheet and a `dataset.yaml` that declares what was concluded.
    ///
    /// # Errors
    /// A sample that is called like a column of the features' facts, such as `line`.
    pub fn converted(&self) -> Result<Converted, DatasetError> {
        let mut tables = Vec::with_capacity(self.assays.len());
        for assay in self.as_read() {
            let name = file_name(&assay.name, tables.len());
            let table = table(assay, &self.samples.ids).map_err(|e| DatasetError::Manifest {
                file: name.clone(),
                message: format!("it cannot be made: {e}"),
                hint: "rename the sample in the sheet".to_string(),
            })?;
            tables.push((name, table));
        }
        let own_id = (self.samples.variables.values())
            .find(|v| v.role == Role::Identifier && names_samples(v, &self.samples.ids));
        let free = |name: &&str| !self.samples.variables.contains_key(*name);
        let id = own_id.map_or_else(
            || ID_COLUMNS.into_iter().find(free).unwrap_or("row id"),
            |v| v.name.as_str(),
        );
        let mut texts = Vec::new();
        if !self.samples.variables.is_empty() {
            texts.push((SHEET.to_string(), self.sheet(id, own_id.is_none())));
        }
        let manifest = self.declared(&tables, id);
        let text = serde_yaml::to_string(&manifest).map_err(|e| DatasetError::Manifest {
            file: "dataset.yaml".to_string(),
            message: e.to_string(),
            hint: "rename the variables of the sheet".to_string(),
        })?;
        texts.push(("dataset.yaml".to_string(), text));
        Ok(Converted { tables, texts })
    }

    /// The assays that were read; those made from them are made again.
    fn as_read(&self) -> impl Iterator<Item = &Assay> {
        self.assays.values().filter(|a| a.rolled_up.is_none())
    }

    fn roll_up_of(&self, assay: &Assay) -> Option<RollUp> {
        let made = self.assays.values().filter_map(|a| a.rolled_up.as_ref());
        let method = made.into_iter().find(|r| r.from == assay.name);
        match (method, assay.level) {
            (Some(made), _) => Some(RollUp::By(made.method)),
            (None, FeatureLevel::Peptide | FeatureLevel::Precursor) => Some(RollUp::Not("none")),
            (None, _) => None,
        }
    }

    fn declared<'a>(&'a self, tables: &'a [(String, DataFrame)], id: &'a str) -> Declared<'a> {
        let variables = || self.samples.variables.values();
        let sheet = DeclaredSheet { file: SHEET, id };
        let plain = |c: &&Contrast| {
            [&c.target, &c.reference]
                .iter()
                .all(|a| a.levels.len() == 1)
        };
        Declared {
            name: &self.name,
            title: self.source.title.as_deref(),
            organism: self.organism(),
            licence: self.source.licence.as_deref(),
            source: self.source.origin.as_deref(),
            citation: self.source.citation.as_deref(),
            description: self.source.description.as_deref(),
            tables: (self.as_read().zip(tables))
                .map(|(assay, (file, _))| DeclaredTable {
                    file,
                    assay: &assay.name,
                    level: assay.level,
                    quantity: assay.quantity,
                    scale: stored_scale(assay.source_scale),
                    roll_up: self.roll_up_of(assay),
                })
                .collect(),
            samples: (!self.samples.variables.is_empty())
                .then_some(sheet)
                .into_iter()
                .collect(),
            keep_controls: true,
            missing_codes: [],
            roles: std::iter::once((id, Role::Identifier))
                .filter(|_| !self.samples.variables.is_empty())
                .chain(variables().map(|v| (v.name.as_str(), v.role)))
                .collect(),
            derived_from: variables()
                .filter_map(|v| Some((v.name.as_str(), v.derived_from.as_deref()?)))
                .collect(),
            reference_levels: variables()
                .filter_map(|v| Some((v.name.as_str(), v.reference_level.as_deref()?)))
                .collect(),
            contrasts: (self.design.contrasts.iter().filter(plain))
                .map(|c| DeclaredContrast {
                    name: c.name.as_deref(),
                    variable: &c.variable,
                    reference: &c.reference.label,
                    target: &c.target.label,
                    blocking: &c.blocking,
                    covariates: &c.covariates,
                })
                .collect(),
            known_truth: &self.source.known_truth,
        }
    }

    /// The sample sheet as tab-separated text, with a column of ids of its own where no variable holds them.
    fn sheet(&self, id: &str, add_id: bool) -> String {
        let mut rows: Vec<Vec<String>> = Vec::with_capacity(self.samples.len() + 1);
        let ids = add_id.then(|| id.to_string());
        let names = self.samples.variables.keys().cloned();
        rows.push(ids.into_iter().chain(names).collect());
        for (i, sample) in self.samples.ids.iter().enumerate() {
            let first = add_id.then(|| sample.clone());
            let cells = self.samples.variables.values().map(|v| cell(v, i));
            rows.push(first.into_iter().chain(cells).collect());
        }
        rows.iter()
            .map(|row| {
                let cells: Vec<String> = row.iter().map(|c| quoted(c)).collect();
                cells.join("\t") + "\n"
            })
            .collect()
    }
}

/// Whether every sample is called by the value of this variable.
fn names_samples(variable: &Variable, ids: &[String]) -> bool {
    (0..ids.len()).all(|i| variable.group_of(i) == Some(&ids[i]))
}

fn cell(variable: &Variable, sample: usize) -> String {
    match &variable.values {
        VariableValues::Categorical { .. } => {
            variable.group_of(sample).unwrap_or_default().to_string()
        }
        VariableValues::Continuous { values } => {
            values[sample].map_or_else(String::new, |x| x.to_string())
        }
    }
}

/// A cell in quotation marks where it holds what would end it.
fn quoted(cell: &str) -> String {
    if cell.contains(['\t', '\n', '\r', '"']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_string()
    }
}

/// The scale of the values as they are written.
fn stored_scale(scale: Scale) -> Scale {
    match scale {
        Scale::Linear | Scale::Log2 | Scale::Ln | Scale::Log10 => Scale::Log2,
        Scale::Indicator | Scale::Asinh { .. } => scale,
    }
}

fn file_name(assay: &str, position: usize) -> String {
    let safe: String = assay
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(40)
        .collect();
    match position {
        0 => format!("{safe}.parquet"),
        k => format!("{safe}-{}.parquet", k + 1),
    }
}

/// The features' facts, then one column of values per sample that was measured.
fn table(assay: &Assay, samples: &[String]) -> Result<DataFrame, PolarsError> {
    let mut columns: Vec<Column> = Vec::new();
    for (name, needed, fact) in proteus_table::columns(assay.level) {
        let cells: Vec<Option<String>> = assay.features.iter().map(fact).collect();
        if needed || cells.iter().any(Option::is_some) {
            columns.push(Series::new(name.into(), cells).into());
        }
    }
    let line = |f: &Feature| i64::try_from(f.row).ok();
    let lines: Vec<Option<i64>> = assay.features.iter().map(line).collect();
    columns.push(Series::new(proteus_table::LAST.into(), lines).into());
    for (j, sample) in samples.iter().enumerate() {
        let values: Vec<Option<f64>> = (0..assay.n_features())
            .map(|i| Some(assay.values.get(i, j)).filter(|v| !v.is_nan()))
            .collect();
        if values.iter().any(Option::is_some) {
            columns.push(Series::new(sample.as_str().into(), values).into());
        }
    }
    DataFrame::new_infer_height(columns)
}
