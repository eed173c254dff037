//! The genotypes of the rows tested, in the samples of the model.

use std::collections::BTreeMap;

use proteus_stats::Matrix;

use crate::dataset::{FeatureLevel, Quantity};
use crate::tool::Abundance;
use crate::tools::partner::BURDEN;

/// Genotypes of rows of a matrix, by sample of that matrix.
pub(super) struct Genotypes {
    /// Rows of the matrix that have a genotype, in the order of the genotypes.
    rows: Vec<usize>,
    /// Genotype of each of them × samples; NaN where the sample or the value is missing.
    values: Matrix,
    /// Burden per sample, NaN where it is not known; empty where there is none.
    burden: Vec<f64>,
    kind: &'static str,
}

impl Genotypes {
    /// Of the rows of `matrix` that `genotype` names, in the columns `columns` of `matrix`.
    pub(super) fn of(matrix: &Abundance, columns: &[usize], genotype: &Abundance) -> Self {
        let place = |ids: &mut dyn Iterator<Item = &str>| -> BTreeMap<String, usize> {
            ids.enumerate().map(|(i, id)| (id.to_owned(), i)).collect()
        };
        let of_row = place(&mut matrix.features.iter().map(|f| f.id.as_str()));
        let of_sample = place(&mut genotype.samples.iter().map(String::as_str));
        let from: Vec<Option<usize>> = columns
            .iter()
            .map(|&j| of_sample.get(&matrix.samples[j]).copied())
            .collect();
        let value = |i: usize, k: usize| from[k].map_or(f64::NAN, |j| genotype.values.get(i, j));
        let named: Vec<(usize, usize)> = genotype
            .features
            .iter()
            .enumerate()
            .filter_map(|(i, feature)| Some((i, *of_row.get(&feature.id)?)))
            .collect();
        let burden = genotype.features.iter().position(|f| f.id == BURDEN);
        let values = Matrix::from_fn(named.len(), columns.len(), |i, k| value(named[i].0, k));
        let present = |v: &f64| v.is_nan() || *v == 0.0 || *v == 1.0;
        let binary = genotype.quantity == Quantity::Binary || values.values().iter().all(present);
        Self {
            rows: named.iter().map(|(_, row)| *row).collect(),
            burden: burden
                .map(|i| (0..columns.len()).map(|k| value(i, k)).collect())
                .unwrap_or_default(),
            kind: match (binary, genotype.quantity, genotype.level) {
                (true, ..) => "mutation",
                (_, Quantity::CopyNumber, _) => "copy number",
                (_, _, FeatureLevel::Transcript) => "RNA",
                _ => "copy number",
            },
            values,
        }
    }

    /// Rows of the matrix that have one.
    pub(super) fn rows(&self) -> &[usize] {
        &self.rows
    }

    pub(super) fn values(&self) -> &Matrix {
        &self.values
    }

    pub(super) fn is_binary(&self) -> bool {
        self.kind == "mutation"
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }

    /// Samples of which any genotype is known.
    pub(super) fn samples(&self) -> usize {
        let known = |k: &usize| (0..self.values.rows()).any(|i| !self.values.get(i, *k).is_nan());
        (0..self.values.cols()).filter(known).count()
    }

    /// The genotypes of `rows` of the matrix, 0 throughout where a row has none: a column that explains nothing.
    pub(super) fn beside(&self, rows: &[usize]) -> Matrix {
        let place: BTreeMap<usize, usize> = self
            .rows
            .iter()
            .enumerate()
            .map(|(i, &row)| (row, i))
            .collect();
        Matrix::from_fn(rows.len(), self.values.cols(), |i, k| {
            place.get(&rows[i]).map_or(0.0, |&i| self.values.get(i, k))
        })
    }

    /// The design with the burden as a last column, where there is one to adjust for and it varies.
    pub(super) fn with_burden(&self, design: &Matrix, adjust: bool) -> Matrix {
        let known: Vec<f64> = self
            .burden
            .iter()
            .copied()
            .filter(|b| !b.is_nan())
            .collect();
        let varies = known.iter().any(|b| *b != known[0]);
        if !adjust || !varies {
            return design.clone();
        }
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        Matrix::from_fn(design.rows(), design.cols() + 1, |k, c| {
            if c < design.cols() {
                design.get(k, c)
            } else if self.burden[k].is_nan() {
                // No genotype is known in this sample, so no row is fitted on it.
                0.0
            } else {
                self.burden[k] - mean
            }
        })
    }
}
