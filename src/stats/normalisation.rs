//! Bringing the samples of a log2 abundance matrix onto one scale, and what the data say about which way is right.
//!
//! Features are rows, samples columns, NaN is missing and stays missing. Nothing here sees a sample label, so that a
//! choice made from [`evidence`] is the same on data and decoys.

mod evidence;
mod methods;

pub use evidence::{NormalisationEvidence, evidence};
pub use methods::{
    mad_scaled, median_absolute_scaled, median_centred, median_ratio_centred, mode_centred,
    normalise, quantile_normalised,
};

/// A way to bring samples onto one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalisation {
    /// Leave the values as they are.
    None,
    /// Subtract each sample's median ([`median_centred`]).
    Median,
    /// Subtract each sample's median log ratio to the feature means ([`median_ratio_centred`]).
    MedianRatio,
    /// Subtract each sample's most frequent log ratio ([`mode_centred`]).
    Mode,
    /// Give every sample the same distribution ([`quantile_normalised`]).
    Quantile,
}

/// The matrix cannot be normalised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NormalisationError {
    /// A sample with too few values to place it.
    #[error(
        "sample {sample} has {found} values, at least {needed} are needed; hint: drop the sample"
    )]
    TooFewValues {
        /// Column of the sample, from 0.
        sample: usize,
        /// Values it has.
        found: usize,
        /// Values needed.
        needed: usize,
    },
    /// A sample whose values do not spread, where the method divides by the spread.
    #[error("the values of sample {sample} have no spread; hint: use a method that only shifts")]
    NoSpread {
        /// Column of the sample, from 0.
        sample: usize,
    },
}
