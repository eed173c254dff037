//! Statistics for quantitative proteomics on `f64` slices and small dense matrices: no tables, no I/O.
//!
//! Abundance matrices are log2, features in rows and samples in columns, with NaN for a missing value.

pub mod agreement;
pub mod block_correlation;
pub mod cluster_validity;
pub mod clustering;
pub mod correlation;
pub mod covariate_adjustment;
pub mod descriptive;
pub mod detection_switches;
pub mod design_matrix;
pub mod distributions;
pub mod enrichment;
pub mod error_rate;
pub mod hypergeometric;
pub mod hypothesis_tests;
pub mod linear_model;
pub mod matrix;
pub mod moderated;
pub mod multiplicity;
pub mod natural_spline;
pub mod normalisation;
pub mod power;
pub mod predicted_variable;
pub mod principal_components;
pub mod random_draws;
pub mod ranking;
pub mod relabelling;
pub mod roll_up;
pub mod rotation;
pub mod special;
pub mod symmetric_eigen;
pub mod unequal_variance;
pub mod variance_prior;

mod local_regression;
mod orthogonal;
mod scalar_search;

#[cfg(test)]
mod reference;

pub use matrix::{Matrix, ShapeError};
