//! Integration tests, one binary.

mod bad_input;
mod catalogue;
mod discovery;
mod cli;
mod documents;
mod layers;
mod peptides;
mod report;
mod run_store;
mod support;
mod workflow;
