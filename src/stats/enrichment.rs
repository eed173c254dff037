//! Sets of features: over-representation, running sums, and the competitive test that allows for correlation.
//!
//! Sets are given over the *measured* features by [`FeatureSets`], so that the universe is what could have been found and
//! sizes are counted after the intersection.

mod camera;
mod competitive_shift;
mod over_representation;
mod redundancy;
mod running_sum;
mod sets;

pub use camera::{CameraResult, InterFeatureCorrelation, StandardisedResiduals, camera, hill_z};
pub use competitive_shift::{CompetitiveShift, competitive_shift};
pub use over_representation::{OverRepresentation, over_representation, over_represented_sets};
pub use redundancy::{OverlapMeasure, SetGroup, collapse_redundant, overlap};
pub use running_sum::{EnrichmentScore, PrerankedResult, enrichment_score, preranked};
pub use sets::FeatureSets;

/// Why sets cannot be tested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnrichmentError {
    /// A set names a feature that the data do not have.
    #[error(
        "set {set} names feature {feature} but there are {features} features; hint: intersect sets with the measured features first"
    )]
    UnknownFeature {
        /// Which set.
        set: usize,
        /// The feature it names.
        feature: usize,
        /// Number of features.
        features: usize,
    },
    /// One value per feature is needed.
    #[error("{found} {what} for sets over {expected} features")]
    WrongLength {
        /// Which argument.
        what: &'static str,
        /// Values given.
        found: usize,
        /// Number of features.
        expected: usize,
    },
    /// Fewer than three features have a statistic.
    #[error("{found} features have a statistic, at least 3 are needed")]
    TooFewFeatures {
        /// Features with a statistic.
        found: usize,
    },
}

#[cfg(test)]
mod tests;
