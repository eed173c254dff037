//! The desk at which the rest of Proteus asks its models: roles, chains and routes, budgets, and a record of everything.

mod asking;
mod chain;
mod exchanging;
mod ledger;
mod meter;
mod opening;
mod seat;

#[cfg(test)]
mod keeping_tests;
#[cfg(test)]
mod tests;

pub use asking::{Answered, Desk};
pub use ledger::{Decision, HandOver, Tried};
pub use meter::{Clock, MeterReader, Spent};
pub use opening::{DeskBuilder, Mode};

pub(crate) use meter::{Estimate, Meter, Reserve};
