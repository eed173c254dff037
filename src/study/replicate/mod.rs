//! Replication: the frozen hypotheses of a run, tested in a second cohort with the same tools and parameters.
//!
//! read the first study → refuse its own samples → match what is compared → find its features again → run the first
//! plans on the second cohort → one-sided tests in the claimed direction, Holm over the hypotheses → the same for random
//! hypotheses of the same kind → a folder like that of a run, with its own report.

mod baseline;
mod error;
mod first;
mod judge;
mod plans;
mod same_samples;
mod session;
mod targets;

pub use error::ReplicateError;
pub use session::{Cohort, LEVEL, Replicated, replicate};
pub use targets::MapRule;
