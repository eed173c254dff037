//! FragPipe `combined_ion.tsv`: peptide ions × experiments, MaxLFQ intensity where it was computed, else intensity, else
//! spectral counts. Zero means not measured.

use super::super::grid::Grid;
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::fragpipe::{quantities, read_peptides};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct FragPipeCombinedIon;

impl Format for FragPipeCombinedIon {
    fn name(&self) -> &'static str {
        "fragpipe_combined_ion"
    }

    fn title(&self) -> &'static str {
        "FragPipe combined ions"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Precursor
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Modified Sequence", "Peptide Sequence"])?;
        grid.find(&["Charge"])?;
        grid.find(&["Protein ID"])?;
        grid.find(&["Mapped Proteins", "Entry Name"])?;
        let measured = quantities(grid).iter().any(|m| !m.columns.is_empty());
        measured.then(|| {
            Evidence::certain(
                "it has the columns `Modified Sequence`, `Charge`, `Protein ID` and `Mapped Proteins`, one row per peptide ion",
            )
        })
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        read_peptides(grid, self.level(), declared)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}
