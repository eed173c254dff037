//! The dense matrix every statistic works on: features in rows, samples in columns, NaN where nothing was measured.

use serde::{Deserialize, Serialize};

/// A row-major `f64` matrix. In abundance matrices rows are features, columns are samples and NaN means missing;
/// in design matrices rows are samples and columns are coefficients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    values: Vec<f64>,
}

/// The number of values does not fit the stated shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found} values cannot fill a {rows} × {cols} matrix")]
pub struct ShapeError {
    /// Rows asked for.
    pub rows: usize,
    /// Columns asked for.
    pub cols: usize,
    /// Values given.
    pub found: usize,
}

impl Matrix {
    /// A matrix over `values` in row-major order; an error unless there are `rows * cols` of them.
    pub fn new(rows: usize, cols: usize, values: Vec<f64>) -> Result<Self, ShapeError> {
        if rows.checked_mul(cols) == Some(values.len()) {
            Ok(Self { rows, cols, values })
        } else {
            Err(ShapeError {
                rows,
                cols,
                found: values.len(),
            })
        }
    }

    /// A matrix with every cell set to `value`.
    pub fn filled(rows: usize, cols: usize, value: f64) -> Self {
        Self {
            rows,
            cols,
            values: vec![value; rows * cols],
        }
    }

    /// A matrix whose cell (i, j) is `cell(i, j)`.
    pub fn from_fn(rows: usize, cols: usize, mut cell: impl FnMut(usize, usize) -> f64) -> Self {
        let mut values = Vec::with_capacity(rows * cols);
        for i in 0..rows {
            for j in 0..cols {
                values.push(cell(i, j));
            }
        }
        Self { rows, cols, values }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The cell in row `i`, column `j`.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.cols + j]
    }

    /// Overwrites the cell in row `i`, column `j`.
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        self.values[i * self.cols + j] = value;
    }

    /// Row `i` as a slice.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.cols..(i + 1) * self.cols]
    }

    /// Row `i` as a mutable slice.
    pub fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.values[i * self.cols..(i + 1) * self.cols]
    }

    /// A copy of column `j`.
    pub fn column(&self, j: usize) -> Vec<f64> {
        (0..self.rows).map(|i| self.get(i, j)).collect()
    }

    /// All values in row-major order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// All values in row-major order, mutable.
    pub fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// The matrix with only the given rows, in the given order.
    pub fn select_rows(&self, rows: &[usize]) -> Self {
        let mut values = Vec::with_capacity(rows.len() * self.cols);
        for &i in rows {
            values.extend_from_slice(self.row(i));
        }
        Self {
            rows: rows.len(),
            cols: self.cols,
            values,
        }
    }

    /// The matrix with only the given columns, in the given order.
    pub fn select_columns(&self, columns: &[usize]) -> Self {
        let mut values = Vec::with_capacity(self.rows * columns.len());
        for i in 0..self.rows {
            let row = self.row(i);
            values.extend(columns.iter().map(|&j| row[j]));
        }
        Self {
            rows: self.rows,
            cols: columns.len(),
            values,
        }
    }

    /// Rows become columns.
    pub fn transposed(&self) -> Self {
        Self::from_fn(self.cols, self.rows, |i, j| self.get(j, i))
    }

    /// Number of observed (not NaN) cells in row `i`.
    pub fn observed_in_row(&self, i: usize) -> usize {
        self.row(i).iter().filter(|v| !v.is_nan()).count()
    }

    /// Fraction of cells that are NaN; 0 for an empty matrix.
    pub fn fraction_missing(&self) -> f64 {
        if self.values.is_empty() {
            return 0.0;
        }
        self.values.iter().filter(|v| v.is_nan()).count() as f64 / self.values.len() as f64
    }
}
