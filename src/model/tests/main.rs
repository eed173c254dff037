//! Tests of whole models: random ones written here, references from other implementations, and real ones where present.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod constrained;
mod micro;
mod random_models;
mod real_models;
mod references;
