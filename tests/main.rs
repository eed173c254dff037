//! Integration tests, one binary.

mod bad_input;
mod benchmark;
mod bundle;
mod calibration;
mod catalogue;
mod cli;
mod datasets;
mod discovery;
mod documents;
mod inspection;
mod layers;
mod literature;
#[cfg(feature = "local")]
mod local_models;
mod looking_back;
#[cfg(feature = "mcp")]
mod mcp;
mod messages;
mod models;
mod papers;
mod peptides;
mod question;
mod ranking;
mod recurrence;
mod replication;
mod report;
mod review;
mod run_store;
mod spawning;
mod steering;
mod support;
mod workflow;
