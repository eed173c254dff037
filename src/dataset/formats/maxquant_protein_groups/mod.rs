//! MaxQuant `proteinGroups.txt`, with its own headers or those R makes of them (dots for spaces).
//!
//! Quantity, the first that is there: LFQ intensity, corrected reporter intensity, reporter intensity, normalised H/L ratio,
//! intensity, iBAQ. Zero means not measured. The id is the first majority protein.

use super::super::grid::Grid;
use super::super::{DatasetError, Feature, FeatureLevel, Quantity};
use super::accession::{count, fasta, organism_in, set_symbols, split_ids, text};
use super::maxquant::{Flags, WANTED, quantities};
use super::quantities::{Measured, choose};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct MaxQuantProteinGroups;

impl Format for MaxQuantProteinGroups {
    fn name(&self) -> &'static str {
        "maxquant_protein_groups"
    }

    fn title(&self) -> &'static str {
        "MaxQuant protein groups"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let ids = grid.find(&["Majority protein IDs"])?;
        let groups = grid.find(&["Protein IDs"]).is_some() || grid.find(&["Reverse"]).is_some();
        let found = quantities(grid);
        let first = found.first().filter(|_| groups)?;
        Some(Evidence::certain(format!(
            "it has the column `{}` and columns `{} …`",
            grid.header[ids], first.name
        )))
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let choice = choose(grid, quantities(grid), declared, WANTED)?;
        let majority = grid
            .find(&["Majority protein IDs", "Protein IDs"])
            .unwrap_or(0);
        let all_ids = grid.find(&["Protein IDs"]);
        let genes = grid.find(&["Gene names", "Gene name"]);
        let names = grid.find(&["Protein names"]);
        let headers = grid.find(&["Fasta headers"]);
        let razor = grid.find(&["Razor + unique peptides", "Peptides"]);
        let unique = grid.find(&["Unique peptides"]);
        let flags = Flags::of(grid);

        let rows = (0..grid.n_rows()).map(|i| {
            let mut accessions = split_ids(grid.cell(i, majority));
            let lead = accessions.first().cloned().unwrap_or_default();
            for id in all_ids
                .map(|j| split_ids(grid.cell(i, j)))
                .unwrap_or_default()
            {
                if !accessions.contains(&id) {
                    accessions.push(id);
                }
            }
            let described = text(grid, i, headers)
                .map(|h| fasta(&h))
                .unwrap_or_default();
            let mut feature = Feature {
                id: lead.clone(),
                accessions,
                description: text(grid, i, names).or(described.0),
                peptides: count(grid, i, razor),
                unique_peptides: count(grid, i, unique),
                row: grid.line(i),
                ..Feature::default()
            };
            set_symbols(
                &mut feature,
                text(grid, i, genes).or(described.1).as_deref(),
            );
            let flag = flags.row(grid, i, &lead);
            (feature, flag)
        });
        let Measured {
            quantity, columns, ..
        } = choice.measured;
        let mut table = RawTable::of_columns(grid, self.level(), quantity, &columns)?
            .with_features(&grid.header[majority], rows);
        table.ids_are_groups = true;
        table.organism = organism_in(grid, &[headers, all_ids]);
        table.inferences.extend(choice.inference);
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}
