//! MaxQuant `modificationSpecificPeptides.txt`: peptides with their modifications × experiments. Zero means not measured.

use super::super::grid::Grid;
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::accession::{organism_in, set_symbols, split_ids, text};
use super::maxquant::{Flags, WANTED, quantities};
use super::peptides::listed;
use super::quantities::{Measured, choose};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct MaxQuantModifiedPeptides;

impl Format for MaxQuantModifiedPeptides {
    fn name(&self) -> &'static str {
        "maxquant_modified_peptides"
    }

    fn title(&self) -> &'static str {
        "MaxQuant modification-specific peptides"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Peptide
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Sequence"])?;
        grid.find(&["Modifications"])?;
        grid.find(&["Proteins"])?;
        grid.find(&["Peptide ID", "Evidence IDs"])?;
        // `evidence.txt` and `msms.txt` have a modified sequence and one row per run.
        let by_run = grid.find(&["Modified sequence"]).is_some();
        let found = quantities(grid);
        let first = found.first().filter(|_| !by_run)?;
        Some(Evidence::certain(format!(
            "it has the columns `Sequence`, `Modifications`, `Peptide ID` and `{} …`, one row per modified peptide",
            first.name
        )))
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let choice = choose(grid, quantities(grid), declared, WANTED)?;
        let sequence = grid.find(&["Sequence"]).unwrap_or(0);
        let modifications = grid.find(&["Modifications"]);
        let proteins = grid.find(&["Proteins"]);
        let genes = grid.find(&["Gene names", "Gene name"]);
        let names = grid.find(&["Protein names"]);
        let flags = Flags::of(grid);
        let rows = (0..grid.n_rows()).map(|i| {
            let modified =
                text(grid, i, modifications).filter(|m| !m.eq_ignore_ascii_case("unmodified"));
            let mut feature = listed(grid.cell(i, sequence), modified, None);
            feature.accessions = text(grid, i, proteins)
                .map(|p| split_ids(&p))
                .unwrap_or_default();
            feature.description = text(grid, i, names);
            feature.row = grid.line(i);
            set_symbols(&mut feature, text(grid, i, genes).as_deref());
            let lead = feature.accessions.first().map_or("", String::as_str);
            let flag = flags.row(grid, i, lead);
            (feature, flag)
        });
        let Measured {
            quantity, columns, ..
        } = choice.measured;
        let mut table = RawTable::of_columns(grid, self.level(), quantity, &columns)?
            .with_features(&grid.header[sequence], rows);
        table.organism = organism_in(grid, &[proteins]);
        table.inferences.extend(choice.inference);
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}
