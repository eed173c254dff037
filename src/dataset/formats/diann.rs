//! What the matrices of DIA-NN share: columns that describe a row, columns of runs, and the proteins of a row.

use super::super::Feature;
use super::super::grid::Grid;
use super::super::label::{canonical, run_name};
use super::accession::{organism_in, set_symbols, split_ids, text};
use super::peptides::assign;

/// Columns that describe the row, in canonical form.
const DESCRIBING: [&str; 22] = [
    "proteingroup",
    "proteinids",
    "proteinnames",
    "genes",
    "firstproteindescription",
    "nsequences",
    "nproteotypicsequences",
    "precursormz",
    "identifiedpeptides",
    "nidentifiedpeptides",
    "accessionnumber",
    "proteindescription",
    "npeptides",
    "organism",
    "proteotypic",
    "strippedsequence",
    "modifiedsequence",
    "precursorcharge",
    "precursorid",
    "allmappedproteins",
    "allmappedgenes",
    "rownames",
];

/// Columns of runs: position, and the run without its folders and ending. A column of texts is none.
pub(super) fn columns(grid: &Grid) -> Vec<(usize, String)> {
    grid.header
        .iter()
        .enumerate()
        .filter(|(_, h)| !DESCRIBING.contains(&canonical(h).as_str()))
        .filter(|(j, _)| {
            let (numbers, _, texts) = grid.kinds(*j);
            numbers > 0 || texts == 0
        })
        .map(|(j, h)| (j, run_name(h).to_string()))
        .collect()
}

/// The columns that say which proteins a row belongs to.
pub(super) struct Proteins {
    group: Option<usize>,
    ids: Option<usize>,
    description: Option<usize>,
    names: Option<usize>,
    genes: Option<usize>,
}

impl Proteins {
    /// The columns of a matrix.
    pub fn of(grid: &Grid) -> Self {
        Self {
            group: grid.find(&["Protein.Group"]),
            ids: grid.find(&["Protein.Ids"]),
            description: grid.find(&["First.Protein.Description", "Protein.Description"]),
            names: grid.find(&["Protein.Names"]),
            genes: grid.find(&["Genes"]),
        }
    }

    /// Fills in accessions, symbols, description and line of a row.
    pub fn describe(&self, grid: &Grid, row: usize, feature: &mut Feature) {
        let of = |column| {
            text(grid, row, column)
                .map(|p| split_ids(&p))
                .unwrap_or_default()
        };
        feature.accessions = of(self.group);
        assign(feature, usize::MAX);
        for id in of(self.ids) {
            if !feature.accessions.contains(&id) {
                feature.accessions.push(id);
            }
        }
        feature.description =
            text(grid, row, self.description).or_else(|| text(grid, row, self.names));
        feature.row = grid.line(row);
        set_symbols(feature, text(grid, row, self.genes).as_deref());
    }

    /// The organism most rows name.
    pub fn organism(&self, grid: &Grid) -> Option<String> {
        organism_in(grid, &[self.names, self.description])
    }
}
