//! FragPipe (IonQuant) `combined_site_STY_79.9663.tsv` and the like: modified residues × experiments, MaxLFQ intensity
//! where it was computed, else intensity. Zero means not measured; sites below a localisation probability of 0.75 are left
//! out and counted.

use super::super::grid::Grid;
use super::super::number::Cell;
use super::super::{DatasetError, FeatureLevel, Peptidoform, Quantity};
use super::accession::{flag_of, organism_in, set_symbols, split_ids, text};
use super::fragpipe::{WANTED, quantities};
use super::peptides::{amino_acids, is_residue, site, site_flag};
use super::quantities::{Measured, choose};
use super::{Evidence, Format, RawTable, RowFlag};

/// The format.
pub(crate) struct FragPipeCombinedSite;

impl Format for FragPipeCombinedSite {
    fn name(&self) -> &'static str {
        "fragpipe_combined_site"
    }

    fn title(&self) -> &'static str {
        "FragPipe combined modified sites"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Site
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Index"])?;
        grid.find(&["Best Localization Probability", "Best Localization"])?;
        grid.find(&["Protein ID", "ProteinID", "Protein"])?;
        let measured = quantities(grid).iter().any(|m| !m.columns.is_empty());
        measured.then(|| {
            Evidence::certain(
                "it has the columns `Index`, `Protein ID` and `Best Localization Probability`, one row per modified residue",
            )
        })
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let choice = choose(grid, quantities(grid), declared, WANTED)?;
        let index = grid.find(&["Index"]).unwrap_or(0);
        let best = grid.find(&["Best Localization Probability", "Best Localization"]);
        let protein = grid.find(&["Protein"]);
        let accession = grid.find(&["Protein ID", "ProteinID", "Protein"]);
        let genes = grid.find(&["Gene"]);
        let entry = grid.find(&["Entry Name"]);
        let description = grid.find(&["Protein Description", "Description"]);
        let peptide = grid.find(&["Peptide", "Peptide Sequence"]);
        let rows = (0..grid.n_rows()).map(|i| {
            let id = grid.cell(i, index);
            let (of, residue) = id
                .rsplit_once('_')
                .filter(|(_, r)| is_residue(r))
                .unwrap_or((id, ""));
            let probability = best.and_then(|j| match grid.number(i, j) {
                Cell::Number(p) => Some(p),
                _ => None,
            });
            let mut feature = site(of, residue, None, probability);
            // The index is the producer's own id, also where it does not end in a residue.
            feature.id = id.to_string();
            feature.accessions = text(grid, i, accession)
                .map(|p| split_ids(&p))
                .unwrap_or_default();
            feature.description = text(grid, i, description);
            feature.row = grid.line(i);
            feature.peptidoform = text(grid, i, peptide).map(|p| Peptidoform {
                assigned: 0,
                sequence: amino_acids(&p),
                modifications: None,
                charge: None,
            });
            set_symbols(&mut feature, text(grid, i, genes).as_deref());
            let marked = match flag_of(&text(grid, i, protein).unwrap_or_default()) {
                RowFlag::Keep => flag_of(id),
                marked => marked,
            };
            (feature, site_flag(marked, probability))
        });
        let Measured {
            quantity, columns, ..
        } = choice.measured;
        let mut table = RawTable::of_columns(grid, self.level(), quantity, &columns)?
            .with_features(&grid.header[index], rows);
        table.organism = organism_in(grid, &[entry, protein]);
        table.inferences.extend(choice.inference);
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}
