//! DIA-NN `report.pg_matrix.tsv` (1.x and 2.x), and tables cut from it: protein groups × runs, columns named by the
//! path of the run with either slash. Empty means not measured; the values are MaxLFQ on the linear scale.

use super::super::grid::Grid;
use super::super::label::{canonical, run_name};
use super::super::{DatasetError, Feature, FeatureLevel, Quantity};
use super::accession::{count, flag_of, organism_in, set_symbols, split_ids, text};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct DiannPgMatrix;

/// Columns that describe the group, in canonical form.
const DESCRIBING: [&str; 14] = [
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
];

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

    fn read(&self, grid: &Grid) -> Result<RawTable, DatasetError> {
        let group = grid.find(&["Protein.Group"]).unwrap_or(0);
        let ids = grid.find(&["Protein.Ids"]);
        let genes = grid.find(&["Genes"]);
        let names = grid.find(&["Protein.Names"]);
        let description = grid.find(&["First.Protein.Description", "Protein.Description"]);
        let peptides = grid.find(&["N.Sequences", "n.Identified.Peptides", "N.Peptides"]);
        let unique = grid.find(&["N.Proteotypic.Sequences"]);
        let rows = (0..grid.n_rows()).map(|i| {
            let mut accessions = split_ids(grid.cell(i, group));
            let lead = accessions.first().cloned().unwrap_or_default();
            for id in ids.map(|j| split_ids(grid.cell(i, j))).unwrap_or_default() {
                if !accessions.contains(&id) {
                    accessions.push(id);
                }
            }
            let mut feature = Feature {
                id: lead.clone(),
                accessions,
                description: text(grid, i, description).or_else(|| text(grid, i, names)),
                peptides: count(grid, i, peptides),
                unique_peptides: count(grid, i, unique),
                row: grid.line(i),
                ..Feature::default()
            };
            set_symbols(&mut feature, text(grid, i, genes).as_deref());
            (feature, flag_of(&lead))
        });
        let mut table =
            RawTable::of_columns(grid, self.level(), Quantity::LfqIntensity, &columns(grid))?
                .with_features(&grid.header[group], rows);
        table.ids_are_groups = true;
        table.organism = organism_in(grid, &[names, description]);
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

fn columns(grid: &Grid) -> Vec<(usize, String)> {
    grid.header
        .iter()
        .enumerate()
        .filter(|(_, h)| !DESCRIBING.contains(&canonical(h).as_str()))
        .map(|(j, h)| (j, run_name(h).to_string()))
        .collect()
}
