//! MaxQuant `proteinGroups.txt`, with its own headers or those R makes of them (dots for spaces).
//!
//! Quantity, the first that is there: LFQ intensity, corrected reporter intensity, reporter intensity, normalised H/L ratio,
//! intensity, iBAQ. Zero means not measured. The id is the first majority protein.

use super::super::grid::Grid;
use super::super::label::{canonical, strip_prefix};
use super::super::{DatasetError, Feature, FeatureLevel, Inference, Quantity};
use super::accession::{count, fasta, flag_of, is_set, organism_in, set_symbols, split_ids, text};
use super::{Evidence, Format, RawTable, RowFlag};

/// Prefix, quantity and columns.
type Found = (&'static str, Quantity, Vec<(usize, String)>);

/// The format.
pub(crate) struct MaxQuantProteinGroups;

/// Prefixes of the columns of each quantity, the preferred one first.
const QUANTITIES: [(&str, Quantity); 6] = [
    ("LFQ intensity", Quantity::LfqIntensity),
    ("Reporter intensity corrected", Quantity::ReporterIntensity),
    ("Reporter intensity", Quantity::ReporterIntensity),
    ("Ratio H/L normalized", Quantity::Ratio),
    ("Intensity", Quantity::Intensity),
    ("iBAQ", Quantity::Intensity),
];

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
        let quantity = QUANTITIES
            .iter()
            .find(|(p, _)| !columns_of(grid, p).is_empty());
        (groups && quantity.is_some()).then(|| {
            Evidence::certain(format!(
                "it has the column `{}` and columns `{} …`",
                grid.header[ids],
                quantity.map_or("", |q| q.0)
            ))
        })
    }

    fn read(&self, grid: &Grid) -> Result<RawTable, DatasetError> {
        let found: Vec<Found> = QUANTITIES
            .iter()
            .map(|(prefix, quantity)| (*prefix, *quantity, columns_of(grid, prefix)))
            .filter(|(_, _, columns)| !columns.is_empty())
            .collect();
        let Some((prefix, quantity, columns)) = found.first() else {
            return Err(DatasetError::NoNumbers {
                file: grid.file.clone(),
                found: format!(
                    "no column named `LFQ intensity …`, `Intensity …`, `Reporter intensity corrected …` or `iBAQ …` for \
                     single experiments among {}",
                    grid.header_excerpt()
                ),
            });
        };
        let majority = grid
            .find(&["Majority protein IDs", "Protein IDs"])
            .unwrap_or(0);
        let all_ids = grid.find(&["Protein IDs"]);
        let genes = grid.find(&["Gene names", "Gene name"]);
        let names = grid.find(&["Protein names"]);
        let headers = grid.find(&["Fasta headers"]);
        let razor = grid.find(&["Razor + unique peptides", "Peptides"]);
        let unique = grid.find(&["Unique peptides"]);
        let by_site = grid.find(&["Only identified by site"]);
        let reverse = grid.find(&["Reverse"]);
        let contaminant = grid.find(&["Potential contaminant", "Contaminant"]);

        let rows = (0..grid.n_rows()).map(|i| {
            let set = |column: Option<usize>| column.is_some_and(|j| is_set(grid.cell(i, j)));
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
            let flag = if set(reverse) || flag_of(&lead) == RowFlag::Decoy {
                RowFlag::Decoy
            } else if set(contaminant) || flag_of(&lead) == RowFlag::Contaminant {
                RowFlag::Contaminant
            } else if set(by_site) {
                RowFlag::OnlyBySite
            } else {
                RowFlag::Keep
            };
            (feature, flag)
        });
        let mut table = RawTable::of_columns(grid, self.level(), *quantity, columns)?
            .with_features(&grid.header[majority], rows);
        table.ids_are_groups = true;
        table.organism = organism_in(grid, &[headers, all_ids]);
        let others: Vec<&str> = found.iter().skip(1).map(|f| f.0).collect();
        if !others.is_empty() {
            table.inferences.push(Inference::new(
                "quantity",
                *prefix,
                format!("preferred over {}, which are there too", others.join(", ")),
                "delete the other columns, or declare `quantity:` of the table in `dataset.yaml`",
            ));
        }
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

/// Columns of one quantity for single experiments: position and experiment.
fn columns_of(grid: &Grid, prefix: &str) -> Vec<(usize, String)> {
    let wanted = canonical(prefix);
    grid.header
        .iter()
        .enumerate()
        .filter_map(|(j, header)| {
            let label = strip_prefix(header, prefix)?;
            let rest = canonical(label);
            let other_quantity = (wanted == "reporterintensity"
                && (rest.starts_with("corrected") || rest.starts_with("count")))
                || (wanted == "reporterintensitycorrected" && rest.starts_with("count"))
                || (wanted == "ibaq" && rest == "peptides")
                || (wanted == "intensity" && matches!(rest.as_str(), "l" | "h" | "m"));
            (!other_quantity).then(|| (j, label.to_string()))
        })
        .collect()
}
