//! Statistics for quantitative proteomics on `f64` slices and small dense matrices: no tables, no I/O.
//!
//! Abundance matrices are log2, features in rows and samples in columns, with NaN for a missing value.

pub mod matrix;

pub use matrix::{Matrix, ShapeError};
