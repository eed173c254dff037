//! Proteus: finds error-controlled hypotheses in a proteomics dataset.

pub mod dataset;
pub mod discovery;
