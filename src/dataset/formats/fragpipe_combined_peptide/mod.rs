//! FragPipe `combined_peptide.tsv` and `combined_modified_peptide.tsv`: peptides × experiments, MaxLFQ intensity where it
//! was computed, else intensity, else spectral counts. Zero means not measured.

use super::super::grid::Grid;
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::fragpipe::{quantities, read_peptides};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct FragPipeCombinedPeptide;

impl Format for FragPipeCombinedPeptide {
    fn name(&self) -> &'static str {
        "fragpipe_combined_peptide"
    }

    fn title(&self) -> &'static str {
        "FragPipe combined peptides"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Peptide
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Peptide Sequence", "Modified Sequence", "Sequence"])?;
        grid.find(&["Protein ID"])?;
        grid.find(&["Mapped Proteins", "Entry Name"])?;
        let ions = grid.find(&["Charge", "M/Z"]).is_some();
        let measured = quantities(grid).iter().any(|m| !m.columns.is_empty());
        (!ions && measured).then(|| {
            Evidence::certain(
                "it has the columns `Protein ID`, `Mapped Proteins` and a peptide sequence, one row per peptide",
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
