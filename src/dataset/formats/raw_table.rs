//! What a reader hands on: features, sample columns and numbers as they stand in the file.

use super::super::grid::Grid;
use super::super::sheet::Sheet;
use super::super::{DatasetError, Feature, FeatureLevel, Inference, Problem, Quantity, Scale};

/// A table read in its own scale, before rows are dropped and samples are matched.
#[derive(Debug, Clone)]
pub(crate) struct RawTable {
    /// What one row is.
    pub level: FeatureLevel,
    /// What one cell measures.
    pub quantity: Quantity,
    /// The scale, where the format fixes it.
    pub scale: Option<Scale>,
    /// Header of the column the ids come from.
    pub id_column: String,
    /// Whether an id met twice may be told apart by the whole group (search engines) or is an error (plain tables).
    pub ids_are_groups: bool,
    /// Sample columns.
    pub columns: Vec<SampleColumn>,
    /// One per row.
    pub features: Vec<Feature>,
    /// One per row.
    pub flags: Vec<RowFlag>,
    /// Features × samples, row-major, in the scale of the file; NaN where the cell was empty.
    pub values: Vec<f64>,
    /// Whether samples stood in rows.
    pub samples_in_rows: bool,
    /// What the table itself says of its samples (long tables, samples in rows).
    pub sheet: Option<Sheet>,
    /// Organism, where the table says.
    pub organism: Option<String>,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
}

/// A column of measurements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SampleColumn {
    /// The header in the file.
    pub header: String,
    /// The header without what all columns of the quantity share (`LFQ intensity `, folders, `.raw`).
    pub label: String,
}

/// What a row is besides a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowFlag {
    /// A feature.
    Keep,
    /// A contaminant.
    Contaminant,
    /// A decoy.
    Decoy,
    /// Known only from a modified peptide.
    OnlyBySite,
}

impl RawTable {
    /// A table of the given columns of a grid (position, label); features, flags and id column are filled in by the
    /// caller.
    pub fn of_columns(
        grid: &Grid,
        level: FeatureLevel,
        quantity: Quantity,
        columns: &[(usize, String)],
    ) -> Result<Self, DatasetError> {
        let (n, m) = (grid.n_rows(), columns.len());
        let mut values = vec![f64::NAN; n * m];
        for (k, (column, _)) in columns.iter().enumerate() {
            for (i, x) in grid.numbers(*column)?.into_iter().enumerate() {
                values[i * m + k] = x;
            }
        }
        Ok(Self {
            level,
            quantity,
            scale: None,
            id_column: String::new(),
            ids_are_groups: false,
            columns: columns
                .iter()
                .map(|(column, label)| SampleColumn {
                    header: grid.header[*column].clone(),
                    label: label.clone(),
                })
                .collect(),
            features: Vec::new(),
            flags: Vec::new(),
            values,
            samples_in_rows: false,
            sheet: None,
            organism: None,
            inferences: grid.inferences.clone(),
            problems: grid.problems.clone(),
        })
    }

    /// Fills in one feature and flag per row.
    pub fn with_features(
        mut self,
        id_column: &str,
        rows: impl Iterator<Item = (Feature, RowFlag)>,
    ) -> Self {
        self.id_column = id_column.to_string();
        (self.features, self.flags) = rows.unzip();
        self
    }
}
