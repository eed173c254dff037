//! DIA-NN `report.gg_matrix.tsv` and `report.unique_genes_matrix.tsv` (1.x and 2.x): genes × runs, MaxLFQ on the linear
//! scale. Empty means not measured.

use super::super::grid::Grid;
use super::super::label::{canonical, run_name};
use super::super::{DatasetError, Feature, FeatureLevel, Quantity};
use super::accession::{count, flag_of, set_symbols};
use super::diann::columns;
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct DiannGeneMatrix;

impl Format for DiannGeneMatrix {
    fn name(&self) -> &'static str {
        "diann_gene_matrix"
    }

    fn title(&self) -> &'static str {
        "DIA-NN gene matrix"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Gene
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let first = grid.header.iter().find(|h| canonical(h) != "rownames")?;
        if canonical(first) != "genes" {
            return None;
        }
        let runs = columns(grid);
        let described = grid
            .find(&["N.Sequences", "N.Proteotypic.Sequences"])
            .is_some();
        // Without the counts of 2.x, only columns headed by files tell it from any table of genes.
        let files = runs
            .iter()
            .all(|(j, _)| run_name(&grid.header[*j]) != grid.header[*j].trim());
        let proteins = grid
            .find(&["Protein.Group", "Protein.Ids", "Precursor.Id"])
            .is_some();
        (!proteins && runs.len() >= 2 && (described || files)).then(|| {
            Evidence::certain(
                "its first column is `Genes`, the others are headed by run files, one row per gene",
            )
        })
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let genes = grid.find(&["Genes"]).unwrap_or(0);
        let peptides = grid.find(&["N.Sequences"]);
        let unique = grid.find(&["N.Proteotypic.Sequences"]);
        let rows = (0..grid.n_rows()).map(|i| {
            let id = grid.cell(i, genes);
            let mut feature = Feature {
                id: id.to_string(),
                peptides: count(grid, i, peptides),
                unique_peptides: count(grid, i, unique),
                row: grid.line(i),
                ..Feature::default()
            };
            set_symbols(&mut feature, Some(id));
            (feature, flag_of(id))
        });
        Ok(
            RawTable::of_columns(grid, self.level(), Quantity::LfqIntensity, &columns(grid))?
                .with_features(&grid.header[genes], rows),
        )
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}
