//! Single cells: from cells × markers, as cytometers and cell tables give them, to assays over samples. Cells of one sample
//! share its donor, its treatment and its day, so that they are never replicates: what is compared are samples.
//!
//! A reader ([`super::formats`]: `cell_table`, `fcs`, `h5ad`) hands on [`RawCells`]. [`Cells::prepare`] sets apart the
//! channels that are no markers ([`channels`]), takes names and kinds of markers from the panel ([`panel`]) and brings the
//! signals to arcsinh ([`transform`]). When the samples are known, [`assays::made`] finds populations without looking at any
//! label ([`populations`]), calls them by their markers ([`names`]) and computes the assays `states`, `populations` and
//! `markers`; [`facts`] is what is told of the cells themselves.
//!
//! Memory: four bytes for each cell and marker, twice that while a text is read; more than [`MOST_NUMBERS`] are refused.

mod assays;
mod channels;
mod facts;
mod gather;
pub(crate) mod inputs;
mod names;
mod panel;
mod populations;
mod prepare;
#[cfg(test)]
mod tests;
mod transform;

pub(crate) use assays::{MARKERS, made, markers_table};
pub(crate) use channels::{Channel, says_what};
pub use facts::{CellFacts, ChannelApart, PopulationFacts, SampleCells};
pub(crate) use gather::{
    CELLS_PER_SAMPLE, CellLayout, DONORS, FEWEST_CELLS, Gatherer, SAMPLES, layout,
    may_set_samples_apart, without_sample,
};
pub(crate) use panel::Panel;
pub(crate) use prepare::{Cells, Declared};

use super::container::packed::too_large;
use super::formats::SampleColumn;
use super::sheet::Sheet;
use super::{DatasetError, Inference, Problem};

/// Cells × channels held at most.
pub(crate) const MOST_NUMBERS: usize = 400_000_000;

/// The fault of more cells than fit into memory.
pub(crate) fn too_many(file: &str) -> DatasetError {
    let most = MOST_NUMBERS / 1_000_000;
    too_large(
        file,
        format!("its cells have more than {most} million numbers"),
    )
}

/// A signal; NaN where it is not finite.
pub(crate) fn finite(x: f32) -> f32 {
    if x.is_finite() { x } else { f32::NAN }
}

/// Cells as read, on the scale of the file.
#[derive(Debug, Clone)]
pub(crate) struct RawCells {
    /// How messages call what was read.
    pub file: String,
    /// The columns of numbers, in order.
    pub channels: Vec<Channel>,
    /// The cells by sample, in the order of first appearance.
    pub samples: Vec<RawSample>,
    /// What the file says of the instrument.
    pub instrument: Instrument,
    /// What the file itself says of the samples.
    pub sheet: Option<Sheet>,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
}

/// The cells of one sample.
#[derive(Debug, Clone)]
pub(crate) struct RawSample {
    /// Its name, as in the file and short.
    pub column: SampleColumn,
    /// Cells × channels, row by row; NaN where a cell has no number.
    pub values: Vec<f32>,
}

/// What a file says of the instrument, where it says anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Instrument {
    /// The words that tell mass cytometry.
    pub mass: Option<String>,
    /// The words that tell fluorescence.
    pub fluorescence: Option<String>,
}
