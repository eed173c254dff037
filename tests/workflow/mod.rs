//! Workflows from template to results, with small tools of the tests' own.

mod artifacts;
mod check;
mod execute;
mod fixture;
mod planning;
mod replay;
mod templates;
