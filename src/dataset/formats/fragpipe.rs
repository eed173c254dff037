//! What the combined tables of FragPipe (IonQuant) share: columns of measurements, and how rows of peptides
//! are read.

use super::super::grid::Grid;
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::RawTable;
use super::accession::{count, organism_in, set_symbols, split_ids, text};
use super::peptides::{assign, flag_of_proteins, inline};
use super::quantities::{Measured, choose, with_suffix};

/// Suffixes of the columns of each quantity, the preferred one first.
const QUANTITIES: [(&str, Quantity); 3] = [
    ("MaxLFQ Intensity", Quantity::LfqIntensity),
    ("Intensity", Quantity::Intensity),
    ("Spectral Count", Quantity::Counts),
];

/// Last words before a suffix that make another quantity of it.
const OTHER_KINDS: [&str; 6] = [
    "unique",
    "total",
    "maxlfq",
    "combined",
    "razor",
    "summarized",
];

/// What columns are looked for, in an error.
pub(super) const WANTED: &str = "`… MaxLFQ Intensity`, `… Intensity` or `… Spectral Count`";

/// The quantities of a table, each with its columns for single experiments.
pub(super) fn quantities(grid: &Grid) -> Vec<Measured> {
    QUANTITIES
        .iter()
        .map(|&(name, quantity)| Measured {
            name,
            quantity,
            columns: with_suffix(grid, name, &OTHER_KINDS),
        })
        .collect()
}

/// Reads a combined table of peptides (`combined_peptide.tsv`, `combined_modified_peptide.tsv`) or ions
/// (`combined_ion.tsv`).
pub(super) fn read_peptides(
    grid: &Grid,
    level: FeatureLevel,
    declared: Option<Quantity>,
) -> Result<RawTable, DatasetError> {
    let choice = choose(grid, quantities(grid), declared, WANTED)?;
    let modified = grid.find(&["Modified Sequence", "Modified Peptide"]);
    let sequence = grid
        .find(&["Peptide Sequence", "Sequence", "Peptide"])
        .or(modified)
        .unwrap_or(0);
    let written = modified.unwrap_or(sequence);
    let charge = grid
        .find(&["Charge"])
        .filter(|_| level == FeatureLevel::Precursor);
    let protein = grid.find(&["Protein"]);
    let id = grid.find(&["Protein ID"]);
    let mapped = grid.find(&["Mapped Proteins"]);
    let genes = grid.find(&["Gene", "Gene Names"]);
    let description = grid.find(&["Protein Description", "Description"]);
    let entry = grid.find(&["Entry Name"]);
    let organism = grid.find(&["Organism"]);
    let rows = (0..grid.n_rows()).map(|i| {
        let mut feature = inline(grid.cell(i, written), count(grid, i, charge));
        feature.accessions = text(grid, i, id.or(protein))
            .map(|p| split_ids(&p))
            .unwrap_or_default();
        for other in text(grid, i, mapped).unwrap_or_default().split([',', ';']) {
            for accession in split_ids(other) {
                if !feature.accessions.contains(&accession) {
                    feature.accessions.push(accession);
                }
            }
        }
        if text(grid, i, id.or(protein)).is_some() {
            assign(&mut feature, 1);
        }
        feature.description = text(grid, i, description);
        feature.row = grid.line(i);
        set_symbols(&mut feature, text(grid, i, genes).as_deref());
        let flag = flag_of_proteins(&text(grid, i, protein.or(id)).unwrap_or_default());
        (feature, flag)
    });
    let Measured {
        quantity, columns, ..
    } = choice.measured;
    let mut table = RawTable::of_columns(grid, level, quantity, &columns)?
        .with_features(&grid.header[written], rows);
    table.organism = organism_in(grid, &[organism, entry, protein]);
    table.inferences.extend(choice.inference);
    // Ions of different compensation voltages stand in rows of their own.
    Ok(table.merge_repeated(
        &grid.file,
        if level == FeatureLevel::Precursor {
            "peptide ion"
        } else {
            "peptide"
        },
    ))
}
