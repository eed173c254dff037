//! What a reader hands on: features, sample columns and numbers as they stand in the file.

use std::collections::HashMap;

use super::super::grid::Grid;
use super::super::sheet::Sheet;
use super::super::{
    DatasetError, ExcludedSample, Feature, FeatureLevel, Inference, Problem, Quantity, Scale,
};

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
    /// Samples that are controls and have no column here, with the reason.
    pub set_apart: Vec<ExcludedSample>,
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
    /// A modified site whose residue is not certain enough.
    Unlocalised,
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
            sheet: grid.facts_of(columns),
            set_apart: Vec::new(),
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

    /// Only the given rows, in the given order.
    pub fn select_rows(mut self, rows: &[usize]) -> Self {
        let m = self.columns.len();
        self.values = rows
            .iter()
            .flat_map(|&i| &self.values[i * m..(i + 1) * m])
            .copied()
            .collect();
        self.features = rows.iter().map(|&i| self.features[i].clone()).collect();
        self.flags = rows.iter().map(|&i| self.flags[i]).collect();
        self
    }

    /// One row per id: copies of a row are dropped, other rows of the same id are summed (intensities, not logarithms),
    /// and both are said.
    pub fn merge_repeated(mut self, file: &str, what: &str) -> Self {
        let m = self.columns.len();
        let mut first: HashMap<String, usize> = HashMap::with_capacity(self.features.len());
        let mut kept: Vec<usize> = Vec::with_capacity(self.features.len());
        let (mut copies, mut summed) = (0usize, 0usize);
        for i in 0..self.features.len() {
            let id = &self.features[i].id;
            let Some(&before) = first.get(id).filter(|_| !id.is_empty()) else {
                first.insert(id.clone(), i);
                kept.push(i);
                continue;
            };
            let (head, tail) = self.values.split_at_mut(i * m);
            let (a, b) = (&mut head[before * m..(before + 1) * m], &tail[..m]);
            if a.iter()
                .zip(b)
                .all(|(x, y)| x == y || (x.is_nan() && y.is_nan()))
            {
                copies += 1;
                continue;
            }
            summed += 1;
            for (x, y) in a.iter_mut().zip(b) {
                *x = if x.is_nan() {
                    *y
                } else if y.is_nan() {
                    *x
                } else {
                    *x + *y
                };
            }
        }
        if kept.len() < self.features.len() {
            self = self.select_rows(&kept);
            self.inferences.push(Inference::new(
                format!("rows of `{file}` for the same {what}"),
                format!("{summed} added to an earlier row, {copies} copies left out"),
                format!("one {what} is one feature; its peaks are parts of the same amount"),
                "keep one row for each in the file",
            ));
        }
        self
    }
}
