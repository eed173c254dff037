//! What is told of single cells beside the assays made of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::Scale;

/// The cells behind a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CellFacts {
    /// Cells of all samples.
    pub cells: usize,
    /// The scale their signals were brought to.
    pub scale: Scale,
    /// Cells by sample, in the order of the sample ids.
    pub samples: Vec<SampleCells>,
    /// The populations found in them, the largest first.
    pub populations: Vec<PopulationFacts>,
    /// Markers that told the populations.
    pub type_markers: Vec<String>,
    /// Markers that are compared within populations.
    pub state_markers: Vec<String>,
    /// Channels that are no markers.
    pub set_apart: Vec<ChannelApart>,
}

/// The cells of one sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SampleCells {
    /// Id of the sample.
    pub sample: String,
    /// Number of cells.
    pub cells: usize,
    /// Median over the cells of the number of markers with a signal above zero.
    pub markers_detected: f64,
    /// Median over the cells of the sum of the signals above zero, on the scale of the file.
    pub total_signal: f64,
}

/// A population found in the cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PopulationFacts {
    /// What it is called, by its markers.
    pub name: String,
    /// Cells of all samples.
    pub cells: usize,
    /// Share of all cells.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
}

/// A channel that is no marker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChannelApart {
    /// Its header.
    pub name: String,
    /// Why.
    pub reason: String,
}
