//! DIA-NN `report.pg_matrix.tsv` (1.x and 2.x), and tables cut from it: protein groups × runs, columns named by the
//! path of the run with either slash. Empty means not measured; the values are MaxLFQ on the linear scale.

use super::super::grid::Grid;
use super::super::{DatasetError, Feature, FeatureLevel, Quantity};
use super::accession::{count, flag_of};
use super::diann::{Proteins, columns};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct DiannPgMatrix;

impl Format for DiannPgMatrix {
    fn name(&self) -> &'static str {
        "diann_pg_matrix"
    }

    fn title(&self) -> &'static str {
        "DIA-NN protein-group matrix"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Protein.Group"])?;
        grid.find(&["Genes"])?;
        grid.find(&["Protein.Names", "Protein.Ids", "First.Protein.Description"])?;
        let long_or_precursor = grid
            .find(&["Precursor.Id", "Run", "File.Name", "Stripped.Sequence"])
            .is_some();
        (!long_or_precursor && !columns(grid).is_empty())
            .then(|| Evidence::certain("it has the columns `Protein.Group` and `Genes`, one row per group and one column per run"))
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let group = grid.find(&["Protein.Group"]).unwrap_or(0);
        let proteins = Proteins::of(grid);
        let peptides = grid.find(&["N.Sequences", "n.Identified.Peptides", "N.Peptides"]);
        let unique = grid.find(&["N.Proteotypic.Sequences"]);
        let rows = (0..grid.n_rows()).map(|i| {
            let mut feature = Feature {
                peptides: count(grid, i, peptides),
                unique_peptides: count(grid, i, unique),
                ..Feature::default()
            };
            proteins.describe(grid, i, &mut feature);
            feature.id = feature.accessions.first().cloned().unwrap_or_default();
            let flag = flag_of(&feature.id);
            (feature, flag)
        });
        let mut table =
            RawTable::of_columns(grid, self.level(), Quantity::LfqIntensity, &columns(grid))?
                .with_features(&grid.header[group], rows);
        table.ids_are_groups = true;
        table.organism = proteins.organism(grid);
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}
