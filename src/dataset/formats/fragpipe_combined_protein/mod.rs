//! FragPipe `combined_protein.tsv`: MaxLFQ intensity where it was computed, else intensity, else spectral counts.
//! Zero means not measured.

use super::super::grid::Grid;
use super::super::{DatasetError, Feature, FeatureLevel, Quantity};
use super::accession::{count, flag_of, organism_in, set_symbols, split_ids, text};
use super::fragpipe::{WANTED, quantities};
use super::quantities::{Measured, choose};
use super::{Evidence, Format, RawTable, RowFlag};

/// The format.
pub(crate) struct FragPipeCombinedProtein;

impl Format for FragPipeCombinedProtein {
    fn name(&self) -> &'static str {
        "fragpipe_combined_protein"
    }

    fn title(&self) -> &'static str {
        "FragPipe combined proteins"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Protein ID"])?;
        grid.find(&["Entry Name"])?;
        grid.find(&[
            "Combined Total Peptides",
            "Combined Spectral Count",
            "Indistinguishable Proteins",
        ])?;
        let peptide_level = grid
            .find(&["Peptide Sequence", "Modified Sequence"])
            .is_some();
        let measured = quantities(grid).iter().any(|m| !m.columns.is_empty());
        (!peptide_level && measured)
            .then(|| Evidence::certain("it has the columns `Protein ID`, `Entry Name` and `Combined …` or `Indistinguishable Proteins`"))
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let choice = choose(grid, quantities(grid), declared, WANTED)?;
        let protein = grid.find(&["Protein"]);
        let id = grid.find(&["Protein ID"]).unwrap_or(0);
        let genes = grid.find(&["Gene", "Gene Names"]);
        let description = grid.find(&["Description", "Protein Description"]);
        let entry = grid.find(&["Entry Name"]);
        let organism = grid.find(&["Organism"]);
        let peptides = grid.find(&["Combined Total Peptides"]);
        let others = grid.find(&["Indistinguishable Proteins"]);
        let rows = (0..grid.n_rows()).map(|i| {
            let mut accessions = split_ids(grid.cell(i, id));
            let lead = accessions.first().cloned().unwrap_or_default();
            for other in others
                .map(|j| grid.cell(i, j).split([',', ';']))
                .into_iter()
                .flatten()
            {
                accessions.extend(split_ids(other).into_iter().filter(|o| *o != lead));
            }
            let mut feature = Feature {
                id: lead.clone(),
                accessions,
                description: text(grid, i, description),
                peptides: count(grid, i, peptides),
                row: grid.line(i),
                ..Feature::default()
            };
            set_symbols(&mut feature, text(grid, i, genes).as_deref());
            let flag = match protein.map_or(RowFlag::Keep, |j| flag_of(grid.cell(i, j))) {
                RowFlag::Keep => flag_of(&lead),
                marked => marked,
            };
            (feature, flag)
        });
        let Measured {
            quantity, columns, ..
        } = choice.measured;
        let mut table = RawTable::of_columns(grid, self.level(), quantity, &columns)?
            .with_features(&grid.header[id], rows);
        table.ids_are_groups = true;
        table.organism = organism_in(grid, &[organism, entry]);
        table.inferences.extend(choice.inference);
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}
