//! Proteus: finds error-controlled hypotheses in a proteomics dataset.
//!
//! The layers, bottom first; ARCHITECTURE.md says what each may use and `tests/layers.rs` holds them to it.

pub mod content;
pub mod prompt;
pub mod knowledge;
pub mod dataset;
pub mod discovery;
pub mod tool;
#[path = "../tools/mod.rs"]
pub mod tools;
pub mod run;
pub mod workflow;
pub mod config;
pub mod agent;
pub mod study;
pub mod report;
pub mod review;
pub mod cli;
