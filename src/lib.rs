//! Proteus: finds error-controlled hypotheses in a proteomics dataset.

pub mod agent;
pub mod config;
pub mod content;
pub mod dataset;
pub mod discovery;
pub mod knowledge;
pub mod report;
pub mod run;
pub mod tool;
#[path = "../tools/mod.rs"]
pub mod tools;
pub mod workflow;
