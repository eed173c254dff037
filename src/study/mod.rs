//! The study of the engine itself: experiments with a known answer, and how often the engine's hypotheses are right.
//!
//! [`simulate`](mod@simulate) makes experiments with planted biology and planted faults, and their [`AnswerKey`];
//! [`Judge`] says by code whether a hypothesis is true; the oracle says what could have been found; [`benchmark`] runs the
//! engine over many of them and over real datasets, and sums up.

mod background;
pub mod benchmark;
mod design;
mod error;
mod key;
mod oracle;
mod plant;
pub mod simulate;
mod truth;

#[cfg(test)]
mod tests;

pub use background::{Background, Missingness, PROTEINS};
pub use design::TwoArms;
pub use error::StudyError;
pub use key::{
    AnswerKey, Association, Fault, Measured, OraclePower, OtherTruth, PlantRecord, PlantedSet,
    PlantedStructure,
};
pub use plant::{Plant, PlantKind};
pub use truth::{Judge, Object};
