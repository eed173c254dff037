//! What runs the agent many times, or sets runs side by side.
//!
//! [`simulate`](mod@simulate) makes experiments with planted biology and planted faults, and their [`AnswerKey`];
//! [`Judge`] says by code whether a hypothesis is true; the oracle says what could have been found; [`benchmark`] runs the
//! engine over many of them and over real datasets, and sums up. [`replicate`](mod@replicate) tests the frozen hypotheses of
//! a run in a second cohort; [`compare`](mod@compare) sets two runs side by side,
//! [`recurrence`](mod@recurrence) any number of runs on the same input.

mod background;
pub mod benchmark;
pub mod compare;
mod design;
mod error;
mod features;
mod key;
mod oracle;
mod plant;
pub mod recurrence;
pub mod replicate;
pub mod simulate;
mod truth;

#[cfg(test)]
mod tests;

pub use background::{Background, Missingness, PROTEINS};
pub use design::TwoArms;
pub use error::StudyError;
pub use features::MainAssayError;
pub use key::{
    AnswerKey, Association, Fault, Measured, OraclePower, OtherTruth, PlantRecord, PlantedSet,
    PlantedStructure,
};
pub use plant::{Plant, PlantKind};
pub use truth::{Judge, Object};
