//! MaxQuant `peptides.txt`: peptide sequences × experiments. Zero means not measured.

use super::super::grid::Grid;
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::accession::{organism_in, set_symbols, split_ids, text};
use super::maxquant::{Flags, WANTED, quantities};
use super::peptides::{assign, listed};
use super::quantities::{Measured, choose};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct MaxQuantPeptides;

impl Format for MaxQuantPeptides {
    fn name(&self) -> &'static str {
        "maxquant_peptides"
    }

    fn title(&self) -> &'static str {
        "MaxQuant peptides"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Peptide
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Sequence"])?;
        grid.find(&["Proteins"])?;
        grid.find(&["Leading razor protein"])?;
        // `evidence.txt` and `msms.txt` have one row per spectrum or feature and run.
        let by_run = grid.find(&["Raw file", "Modified sequence"]).is_some();
        let found = quantities(grid);
        let first = found.first().filter(|_| !by_run)?;
        Some(Evidence::certain(format!(
            "it has the columns `Sequence`, `Leading razor protein` and `{} …`, one row per peptide",
            first.name
        )))
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let choice = choose(grid, quantities(grid), declared, WANTED)?;
        let sequence = grid.find(&["Sequence"]).unwrap_or(0);
        let razor = grid.find(&["Leading razor protein"]);
        let proteins = grid.find(&["Proteins"]);
        let genes = grid.find(&["Gene names", "Gene name"]);
        let names = grid.find(&["Protein names"]);
        let flags = Flags::of(grid);
        let rows = (0..grid.n_rows()).map(|i| {
            let mut accessions = text(grid, i, razor)
                .map(|p| split_ids(&p))
                .unwrap_or_default();
            for id in text(grid, i, proteins)
                .map(|p| split_ids(&p))
                .unwrap_or_default()
            {
                if !accessions.contains(&id) {
                    accessions.push(id);
                }
            }
            let mut feature = listed(grid.cell(i, sequence), None, None);
            let flag = flags.row(grid, i, accessions.first().map_or("", String::as_str));
            feature.accessions = accessions;
            if text(grid, i, razor).is_some() {
                assign(&mut feature, 1);
            }
            feature.description = text(grid, i, names);
            feature.row = grid.line(i);
            set_symbols(&mut feature, text(grid, i, genes).as_deref());
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
