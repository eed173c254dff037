//! Classical tests of one variable at a time. Missing values (NaN) are dropped first, in pairs where values are paired.
//!
//! Abundances are log2, so that a difference of means is a log2 fold change. All p-values are two-sided unless said
//! otherwise; a test that its data cannot carry is a [`TestError`], never a p-value.

mod anova;
mod contingency;
mod permutation;
mod proportion;
mod rank_tests;
mod t_tests;

pub use anova::{FTest, explained_share, one_way_anova, welch_anova};
pub use contingency::{ChiSquaredTest, FisherTest, chi_squared, fisher_exact};
pub use permutation::chi_squared_permutation_p;
pub use proportion::clopper_pearson;
pub use rank_tests::{
    RankTest, kruskal_wallis, rank_sum, rank_sum_normal, signed_rank, signed_rank_normal,
};
pub use t_tests::{TTest, one_sample_t, paired_t, student_t, welch_t};

/// Why a test could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TestError {
    /// A group, or the whole sample, is too small.
    #[error("{what} has {found} observed values, at least {needed} are needed")]
    TooFew {
        /// Which group or sample.
        what: &'static str,
        /// Observed values.
        found: usize,
        /// Values needed.
        needed: usize,
    },
    /// All values agree, up to rounding, so that nothing can be told from their spread.
    #[error("the values are constant")]
    Constant,
    /// Two inputs that belong together differ in length.
    #[error(
        "{first} values on one side and {second} on the other; hint: give one of each per sample"
    )]
    LengthMismatch {
        /// Length of the first.
        first: usize,
        /// Length of the second.
        second: usize,
    },
    /// A count table without two rows and two columns that hold anything.
    #[error(
        "the table has {rows} rows and {columns} columns with any count, at least 2 × 2 are needed"
    )]
    TableTooSmall {
        /// Rows with a count.
        rows: usize,
        /// Columns with a count.
        columns: usize,
    },
}

/// Observed pairs of two equally long samples.
pub(crate) fn observed_pairs(x: &[f64], y: &[f64]) -> Result<(Vec<f64>, Vec<f64>), TestError> {
    if x.len() != y.len() {
        return Err(TestError::LengthMismatch {
            first: x.len(),
            second: y.len(),
        });
    }
    Ok(x.iter()
        .zip(y)
        .filter(|(a, b)| !a.is_nan() && !b.is_nan())
        .unzip())
}

#[cfg(test)]
mod tests;
