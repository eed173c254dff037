//! DIA-NN `report.pr_matrix.tsv` (1.x and 2.x): peptide ions × runs, normalised quantities on the linear scale. Empty
//! means not measured.

use super::super::grid::Grid;
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::accession::{count, flag_of};
use super::diann::{Proteins, columns};
use super::peptides::inline;
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct DiannPrMatrix;

impl Format for DiannPrMatrix {
    fn name(&self) -> &'static str {
        "diann_pr_matrix"
    }

    fn title(&self) -> &'static str {
        "DIA-NN precursor matrix"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Precursor
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Precursor.Id"])?;
        grid.find(&["Protein.Group", "Protein.Ids", "Genes"])?;
        grid.find(&["Modified.Sequence", "Stripped.Sequence"])?;
        let long = grid.find(&["Run", "File.Name"]).is_some();
        (!long && !columns(grid).is_empty()).then(|| {
            Evidence::certain(
                "it has the columns `Precursor.Id` and `Protein.Group`, one row per precursor and one column per run",
            )
        })
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let id = grid.find(&["Precursor.Id"]).unwrap_or(0);
        let modified = grid
            .find(&["Modified.Sequence", "Stripped.Sequence"])
            .unwrap_or(id);
        let charge = grid.find(&["Precursor.Charge"]);
        let proteins = Proteins::of(grid);
        let rows = (0..grid.n_rows()).map(|i| {
            let mut feature = inline(grid.cell(i, modified), count(grid, i, charge));
            feature.id = grid.cell(i, id).to_string();
            proteins.describe(grid, i, &mut feature);
            let flag = flag_of(feature.accessions.first().map_or("", String::as_str));
            (feature, flag)
        });
        let mut table =
            RawTable::of_columns(grid, self.level(), Quantity::LfqIntensity, &columns(grid))?
                .with_features(&grid.header[id], rows);
        table.organism = proteins.organism(grid);
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}
