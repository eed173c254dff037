//! Progenesis QI for proteomics: proteins, or peptide ions, with merged headers of quantities and conditions above the runs.
//! Normalised abundances are preferred to raw ones. Ions that are not used in quantitation are left out.

use super::super::grid::Grid;
use super::super::label::{run_name, strip_prefix};
use super::super::{DatasetError, Feature, FeatureLevel, Inference, Peptidoform, Quantity};
use super::accession::{count, fasta, flag_of, is_set, organism_in, set_symbols, split_ids, text};
use super::peptides::amino_acids;
use super::quantities::{Measured, choose};
use super::{Evidence, Format, RawTable, RowFlag};

/// The format.
pub(crate) struct Progenesis;

/// Words that stand above the runs, the preferred one first.
const QUANTITIES: [(&str, Quantity); 3] = [
    ("Normalized abundance", Quantity::LfqIntensity),
    ("Raw abundance", Quantity::Intensity),
    ("Spectral counts", Quantity::Counts),
];

fn quantities(grid: &Grid) -> Vec<Measured> {
    QUANTITIES
        .iter()
        .map(|&(name, quantity)| Measured {
            name,
            quantity,
            columns: (grid.header.iter().enumerate())
                .filter_map(|(j, h)| Some((j, run_name(strip_prefix(h, name)?).to_string())))
                .collect(),
        })
        .filter(|m| m.columns.len() > 1)
        .collect()
}

impl Format for Progenesis {
    fn name(&self) -> &'static str {
        "progenesis"
    }

    fn title(&self) -> &'static str {
        "Progenesis QI proteins or peptide ions"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Accession"])?;
        grid.find(&["Max fold change"])?;
        let found = quantities(grid);
        let first = found.first()?;
        Some(Evidence::certain(format!(
            "it has the columns `Accession`, `Max fold change` and `{} …`, merged above the runs",
            first.name
        )))
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let wanted = "`Normalized abundance …` or `Raw abundance …`";
        let choice = choose(grid, quantities(grid), declared, wanted)?;
        let accession = grid.find(&["Accession"]).unwrap_or(0);
        let description = grid.find(&["Description"]);
        let sequence = grid.find(&["Sequence"]);
        let charge = grid.find(&["Charge"]);
        let modifications = grid.find(&["Modifications"]);
        let used = grid.find(&["Use in quantitation"]);
        let peptides = grid.find(&["Peptide count"]);
        let unique = grid.find(&["Unique peptides"]);
        let level = if sequence.is_some() {
            FeatureLevel::Precursor
        } else {
            FeatureLevel::ProteinGroup
        };
        let rows = (0..grid.n_rows()).map(|i| {
            let of = grid.cell(i, accession);
            let accessions = split_ids(of);
            let described = text(grid, i, description);
            let parsed = described.as_deref().map(fasta).unwrap_or_default();
            let mut feature = Feature {
                id: accessions.first().cloned().unwrap_or_default(),
                description: parsed.0.or(described),
                peptides: count(grid, i, peptides),
                unique_peptides: count(grid, i, unique),
                row: grid.line(i),
                accessions,
                ..Feature::default()
            };
            set_symbols(&mut feature, parsed.1.as_deref());
            if let Some(written) = text(grid, i, sequence) {
                let modified = text(grid, i, modifications);
                let z = count(grid, i, charge);
                feature.id = std::iter::once(written.clone())
                    .chain(modified.clone())
                    .chain(z.map(|z| z.to_string()))
                    .collect::<Vec<_>>()
                    .join("_");
                feature.peptidoform = Some(Peptidoform {
                    sequence: amino_acids(&written),
                    modifications: modified,
                    charge: z,
                    assigned: 1,
                });
            } else if level == FeatureLevel::Precursor {
                // A feature of the map that was not identified.
                feature.id = String::new();
            }
            (feature, flag_of(of))
        });
        let mut table = RawTable::of_columns(
            grid,
            level,
            choice.measured.quantity,
            &choice.measured.columns,
        )?
        .with_features(&grid.header[sequence.unwrap_or(accession)], rows);
        table.organism = organism_in(grid, &[description]);
        table.ids_are_groups = level == FeatureLevel::ProteinGroup;
        table.inferences.extend(choice.inference);
        if level == FeatureLevel::ProteinGroup {
            return Ok(table);
        }
        let counts = |i: &usize| used.is_none_or(|j| is_set(grid.cell(*i, j)));
        let kept: Vec<usize> = (0..grid.n_rows())
            .filter(|i| counts(i) || table.flags[*i] != RowFlag::Keep)
            .collect();
        if kept.len() < grid.n_rows() {
            let n = grid.n_rows() - kept.len();
            table = table.select_rows(&kept);
            table.inferences.push(Inference::new(
                format!("rows of `{}` left out", grid.file),
                format!("{n} of {}", grid.n_rows()),
                "`Use in quantitation` is not true",
                "remove the column to keep them",
            ));
        }
        Ok(table.merge_repeated(&grid.file, "peptide ion"))
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.csv")
    }
}
