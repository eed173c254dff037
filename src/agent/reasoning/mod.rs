//! Models in the loop: what they are asked, and the checks that decide what of their answers counts.
//!
//! A model orders objectives and says what it expects of them, chooses among plans that are legal without it, and, once
//! everything is graded, words hypotheses, offers rival explanations and judges. It sees profiles, plans and findings, never a
//! table. What it says passes a check of names, numbers, directions and words ([`check`]), or stands in a block marked as
//! speculation; grades, q-values and effects are never its own.

mod asking;
pub mod check;
#[cfg(test)]
mod check_tests;
pub mod facts;
mod forecast;
pub mod ground;
mod judging;
pub mod lexer;
mod planning;
mod proposing;
mod reading;
mod restating;
mod rewarding;
mod twins;
pub mod values;

pub use asking::{How, Reasoner, Told};
pub use forecast::{Ahead, forecast, minutes};
pub use planning::covariate;
pub use proposing::propose;
pub use reading::read;
