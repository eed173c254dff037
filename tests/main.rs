//! Integration tests, one binary.

mod catalogue;
mod discovery;
mod layers;
mod report;
mod run_store;
mod support;
mod workflow;
