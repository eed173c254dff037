//! Proteus: finds error-controlled hypotheses in a proteomics dataset.

pub mod content;
pub mod dataset;
pub mod discovery;
