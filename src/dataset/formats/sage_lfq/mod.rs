//! Sage `lfq.tsv`: peptides (charge states combined, charge −1) or peptide ions × runs. Zero means not measured.

use super::super::grid::Grid;
use super::super::label::run_name;
use super::super::number::Cell;
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::accession::{organism_in, split_ids, text};
use super::peptides::{flag_of_proteins, inline};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct SageLfq;

/// Columns that describe the row, in canonical form.
const DESCRIBING: [&str; 6] = [
    "peptide",
    "charge",
    "proteins",
    "qvalue",
    "score",
    "spectralangle",
];

impl Format for SageLfq {
    fn name(&self) -> &'static str {
        "sage_lfq"
    }

    fn title(&self) -> &'static str {
        "Sage label-free quantities"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Precursor
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["peptide"])?;
        grid.find(&["charge"])?;
        grid.find(&["proteins"])?;
        grid.find(&["spectral_angle"])?;
        let by_spectrum = grid.find(&["filename", "scannr", "psm_id"]).is_some();
        (!by_spectrum && !columns(grid).is_empty()).then(|| {
            Evidence::certain(
                "it has the columns `peptide`, `charge`, `proteins` and `spectral_angle`, and one column per run",
            )
        })
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let peptide = grid.find(&["peptide"]).unwrap_or(0);
        let charge = grid.find(&["charge"]);
        let proteins = grid.find(&["proteins"]);
        let charge_of = |i: usize| match grid.number(i, charge?) {
            Cell::Number(z) if z >= 1.0 => Some(z as u32),
            _ => None,
        };
        let by_charge = (0..grid.n_rows()).any(|i| charge_of(i).is_some());
        let level = if by_charge {
            FeatureLevel::Precursor
        } else {
            FeatureLevel::Peptide
        };
        let rows = (0..grid.n_rows()).map(|i| {
            let mut feature = inline(grid.cell(i, peptide), charge_of(i));
            let of = text(grid, i, proteins).unwrap_or_default();
            feature.accessions = split_ids(&of);
            feature.row = grid.line(i);
            (feature, flag_of_proteins(&of))
        });
        let mut table = RawTable::of_columns(grid, level, Quantity::Intensity, &columns(grid))?
            .with_features(&grid.header[peptide], rows);
        table.organism = organism_in(grid, &[proteins]);
        Ok(table.merge_repeated(&grid.file, "peptide ion"))
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

fn columns(grid: &Grid) -> Vec<(usize, String)> {
    grid.header
        .iter()
        .enumerate()
        .filter(|(_, h)| !DESCRIBING.contains(&super::super::label::canonical(h).as_str()))
        .map(|(j, h)| (j, run_name(h).to_string()))
        .collect()
}
