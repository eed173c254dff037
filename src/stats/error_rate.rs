//! The error rate of a discovery procedure, measured by replaying it on decoys.
//!
//! A *stratum* is a family of claims of one kind about one question; its *menu* of `menu_size` subjects is fixed before
//! any label-dependent result is seen. Every subject has a score, larger meaning stronger (−log10 p of its own test).
//! A claim that fails (wrong sign, filtered out, never explored) has no score: NaN, which counts as p = 1.
//! Decoys are whole replays of the frozen procedure on data in which the claim's null holds. The steps are
//!
//! 1. decoy counts → p per subject ([`PooledDecoys`], [`SubjectDecoys`]);
//! 2. p → q within the stratum ([`stratum_q`]);
//! 3. q across strata by Benjamini & Bogomolov ([`across_strata`]), which keeps the mean false discovery share of the
//!    strata that are reported at the level, however many were looked into;
//! 4. how fine a q the decoys can resolve ([`resolution_floor`]), when to stop ([`is_futile`]), and the audit of the
//!    whole live loop on global decoys ([`audit_verdict`]).
//!
//! References: Benjamini & Bogomolov 2014 (doi:10.1111/rssb.12028), Phipson & Smyth 2010 for the +1
//! (doi:10.2202/1544-6115.1585), Benjamini & Yekutieli 2005 for the intervals (doi:10.1198/016214504000001907).

mod audit;
mod decoy_counts;
mod resolution;
mod strata;

pub use audit::{AuditVerdict, audit_verdict, interval_level};
pub use decoy_counts::{Counting, PooledDecoys, SubjectDecoys};
pub use resolution::{Listing, decoys_needed, is_futile, resolution_floor};
pub use strata::{Selection, Stratum, across_strata, stratum_q};

/// Level at which strata are selected and claims called supported.
pub const SUPPORTED_LEVEL: f64 = 0.05;
/// Level up to which claims are called suggestive.
pub const SUGGESTIVE_LEVEL: f64 = 0.25;
/// Replays before the first look.
pub const FIRST_DECOYS: usize = 20;
/// Smallest menu whose decoy scores are pooled over subjects. Pooled decoys count how many claims are expected at a score over
/// the whole stratum, which is right for any number of subjects; below this too few stand for each other.
pub const POOLING_MENU: usize = 20;
/// Replays at least needed where each subject is compared with its own decoys only.
pub const SUBJECT_DECOYS: usize = 999;

/// What is wrong with the counts handed in.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ErrorRateError {
    /// A decoy replay lists more scores than the menu has members.
    #[error(
        "a decoy holds {found} scores but the menu has {menu_size} members; hint: count every subject of the stratum in the menu size"
    )]
    LongerThanMenu {
        /// Scores in the decoy or the target list.
        found: usize,
        /// Members of the menu.
        menu_size: usize,
    },
    /// A decoy replay must give one score per target subject, in the same order.
    #[error(
        "a decoy holds {found} scores, expected {expected}, one per subject in the order of the targets; hint: give NaN for a subject without a score"
    )]
    SubjectMismatch {
        /// Scores in the decoy.
        found: usize,
        /// Target subjects.
        expected: usize,
    },
    /// More strata were given than were counted in advance.
    #[error(
        "{found} strata but only {counted} were counted before the results; hint: reserve slots for strata that a later generation may add"
    )]
    MoreStrataThanCounted {
        /// Strata given.
        found: usize,
        /// Strata journaled in advance.
        counted: usize,
    },
    /// A stratum weight that cannot divide a p-value.
    #[error(
        "stratum {index} has weight `{weight}`; hint: weights are positive shares of the strata counted in advance"
    )]
    BadWeight {
        /// Which stratum.
        index: usize,
        /// Its weight.
        weight: f64,
    },
}

#[cfg(test)]
mod tests;
