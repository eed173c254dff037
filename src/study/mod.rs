//! What runs the agent many times, or sets runs side by side.
//!
//! [`replicate`](mod@replicate) tests the frozen hypotheses of a run in a second cohort; [`compare`](mod@compare) sets two
//! runs side by side.

pub mod compare;
mod features;
pub mod replicate;

pub use features::MainAssayError;
