//! Groups of samples: distances, trees, k-means.
//!
//! Whether there are any groups is asked in [`crate::cluster_validity`].

mod distances;
mod hierarchical;
mod k_means;

pub use distances::{DistanceMeasure, Distances, sample_distances};
pub use hierarchical::{Linkage, Merge, Node, Tree, hierarchical};
pub use k_means::{KMeans, k_means, k_means_from};

/// Why samples cannot be clustered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusteringError {
    /// A pair of samples has too few features in common to be compared.
    #[error(
        "samples {first} and {second} have {shared} observed features in common, too few to compare them; hint: drop the sample with fewer values, or impute"
    )]
    Incomparable {
        /// One sample, from 0.
        first: usize,
        /// The other.
        second: usize,
        /// Features observed in both.
        shared: usize,
    },
    /// More clusters were asked for than there are samples, or none at all.
    #[error("{clusters} clusters of {samples} samples; hint: ask for 1 to {samples}")]
    BadClusterCount {
        /// Clusters asked for.
        clusters: usize,
        /// Samples.
        samples: usize,
    },
    /// A value that is missing or infinite where distances to centres are needed.
    #[error(
        "observation {row} has values that are missing or infinite; hint: cluster principal component scores, or impute"
    )]
    NotFinite {
        /// The observation, from 0.
        row: usize,
    },
}

#[cfg(test)]
mod tests;
