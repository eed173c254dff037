//! Opening a dataset: a table, a folder, or a folder with `dataset.yaml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::assemble::TableOverrides;
use super::folder;
use super::formats::{self, RawTable};
use super::grid::Grid;
use super::manifest::Manifest;
use super::number::Cell;
use super::reader::Reader;
use super::spectra;
use super::{
    Dataset, DatasetError, Inference, Problem, Quantity, Role, SheetDraft, SourceFile,
    TechnicalReplicates,
};

/// What the user declares of the samples on the command line; it goes before `dataset.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Declared {
    /// Roles by column of the sheet.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Role>,
    /// Whether quality controls, pools and blanks stay among the samples.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_controls: bool,
    /// What is done with technical replicates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub technical_replicates: Option<TechnicalReplicates>,
    /// Label of the channels that the samples of their plex are divided by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plex_reference: Option<String>,
}

impl Declared {
    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What the inference is about that tells of a sheet that was found, not given.
pub(crate) const SHEET_FOUND: &str = "sample sheet";

/// What the user says about the input beside its path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Sample sheet; replaces those found or declared.
    pub samples: Option<PathBuf>,
    /// Comparisons, as `variable:target-reference`.
    pub contrasts: Vec<String>,
    /// Name of the dataset.
    pub name: Option<String>,
    /// Samples to leave out, by id or column header.
    pub exclude: Vec<String>,
    /// Roles of columns, and what is done with controls, technical replicates and references of plexes.
    pub declared: Declared,
}

/// A table to read, with what its owner declared.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableSource {
    /// Where it is.
    pub path: PathBuf,
    /// How messages call it.
    pub name: String,
    /// What was declared.
    pub overrides: TableOverrides,
    /// Whether it was found beside the main table: it is left out when it cannot be read.
    pub found: bool,
    /// For single cells: what tells markers and samples apart.
    pub cells: CellSource,
}

/// What is known of a file of single cells before it is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct CellSource {
    /// The panel: where it is, and how messages call it.
    pub panel: Option<(PathBuf, String)>,
    /// The column that names the sample, if declared.
    pub sample: Option<String>,
    /// The divisor before arcsinh, if declared.
    pub cofactor: Option<f64>,
}

/// A sheet to read.
#[derive(Debug, Clone)]
pub(crate) struct SheetSource {
    /// Where it is.
    pub path: PathBuf,
    /// How messages call it.
    pub name: String,
    /// Column of sample names, if declared.
    pub id: Option<String>,
}

/// A table about features to read.
#[derive(Debug, Clone)]
pub(crate) struct FeatureSource {
    /// Where it is.
    pub path: PathBuf,
    /// How messages call it.
    pub name: String,
    /// Whether it was found and not declared.
    pub found: bool,
}

/// Which files make up the dataset.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs {
    /// Name of the dataset.
    pub name: String,
    /// What the owner declared.
    pub manifest: Manifest,
    /// The manifest as read.
    pub manifest_file: Option<SourceFile>,
    /// Tables, the main one first.
    pub tables: Vec<TableSource>,
    /// Sheets, the main one first.
    pub sheets: Vec<SheetSource>,
    /// Tables about the features of the tables.
    pub features: Vec<FeatureSource>,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
}

/// Opens a table, a folder that holds one, or a folder with `dataset.yaml`.
///
/// # Errors
/// [`DatasetError`], each naming file, column, row and rule, with a hint.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Dataset, DatasetError> {
    Reader::new(inputs(path, options)?, options).read()
}

/// A sample sheet to correct by hand, with one row per column of the main table. It is made even where the sheet does
/// not match: that is what it is for.
///
/// # Errors
/// [`DatasetError`] where the table or the sheet cannot be read.
pub fn draft_sheet(path: &Path, options: &ReadOptions) -> Result<SheetDraft, DatasetError> {
    Reader::new(inputs(path, options)?, options).draft()
}

fn inputs(path: &Path, options: &ReadOptions) -> Result<Inputs, DatasetError> {
    let mut inputs = folder::inputs(path)?;
    if let Some(sheet) = &options.samples {
        inputs.inferences.retain(|i| i.what != SHEET_FOUND);
        inputs.sheets = vec![SheetSource {
            path: sheet.clone(),
            name: folder::file_name(sheet),
            id: None,
        }];
    }
    if let Some(name) = &options.name {
        inputs.name.clone_from(name);
    }
    Ok(inputs)
}

/// Reads one table, telling its format; of several quantities the declared one.
pub(crate) fn read_table(
    grid: &Grid,
    declared: Option<Quantity>,
) -> Result<(&'static str, RawTable, Inference), DatasetError> {
    let Some((format, evidence)) = formats::detect(grid) else {
        return Err(spectra::refuse(grid).unwrap_or_else(|| unknown_format(grid)));
    };
    if format.name() == "plain_wide"
        && let Some(fault) = spectra::refuse(grid)
    {
        return Err(fault);
    }
    let raw = format.read(grid, declared)?;
    let inference = format_inference(&grid.file, format.title(), evidence.because);
    Ok((format.name(), raw, inference))
}

/// Why a file was taken for a format.
pub(crate) fn format_inference(file: &str, title: &str, because: String) -> Inference {
    Inference::new(
        format!("format of `{file}`"),
        title,
        because,
        "give a table in one of the formats listed by `proteus inspect --help`",
    )
}

fn unknown_format(grid: &Grid) -> DatasetError {
    let numeric = (0..grid.n_columns())
        .filter(|&j| grid.kinds(j).0 > 0)
        .count();
    if numeric == 0 {
        return DatasetError::NoNumbers {
            file: grid.file.clone(),
            found: format!(
                "its {} columns are {}",
                grid.n_columns(),
                grid.header_excerpt()
            ),
        };
    }
    if let (1, Some(j)) = (
        numeric,
        (0..grid.n_columns()).find(|&j| grid.kinds(j).0 > 0 && grid.kinds(j).2 == 0),
    ) {
        return DatasetError::UnknownFormat {
            file: grid.file.clone(),
            found: format!(
                "it holds one column of numbers, `{}`, and so one sample at most; the header holds {}",
                grid.header[j],
                grid.header_excerpt()
            ),
            hint: "give a table with at least two samples, one column for each".to_string(),
        };
    }
    DatasetError::UnknownFormat {
        file: grid.file.clone(),
        found: format!(
            "its columns are those of no known producer, and as a plain table {}; the header holds {}",
            no_plain_table(grid),
            grid.header_excerpt()
        ),
        hint: "give a table with one column of ids and at least two columns of nothing but numbers, one per sample; `proteus inspect --help` lists the formats".to_string(),
    }
}

/// Why a grid is no plain table: the column of numbers with the first text in it, or that there are too few.
fn no_plain_table(grid: &Grid) -> String {
    let mixed = (0..grid.n_columns()).find(|&j| {
        let (numbers, _, text) = grid.kinds(j);
        numbers > 0 && text > 0
    });
    let first_text = mixed.and_then(|j| {
        let row = (0..grid.n_rows()).find(|&i| grid.number(i, j) == Cell::Text)?;
        let (numbers, _, text) = grid.kinds(j);
        Some(format!(
            "its column `{}` holds {numbers} numbers and {text} texts, the first of them `{}` in row {}",
            grid.header[j],
            grid.cell(row, j).chars().take(40).collect::<String>(),
            grid.line(row)
        ))
    });
    first_text.unwrap_or_else(|| {
        let numeric = (0..grid.n_columns()).filter(|&j| grid.kinds(j).0 > 0);
        let (numeric, all) = (numeric.count(), grid.n_columns());
        if numeric == all {
            format!("all its {all} columns hold numbers, so that none can hold ids")
        } else {
            format!("it has numbers in {numeric} of its {all} columns")
        }
    })
}
