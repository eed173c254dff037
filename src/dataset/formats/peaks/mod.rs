//! PEAKS `proteins.csv`, `lfq.proteins.csv`, `peptide.csv`, `protein-peptides.csv` and feature tables: normalised area
//! where it was computed, else area, else spectra, for single samples. Zero means not measured.

use std::collections::HashMap;

use super::super::grid::Grid;
use super::super::label::{canonical, run_name, strip_prefix, strip_suffix};
use super::super::{DatasetError, Feature, FeatureLevel, Quantity};
use super::accession::{count, fasta, flag_of, organism_in, set_symbols, text};
use super::peptides::{inline, without_flanks};
use super::quantities::{Measured, choose};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct Peaks;

/// What the columns of each quantity begin or end with, the preferred one first.
const QUANTITIES: [(&str, Quantity); 4] = [
    ("Normalized Area", Quantity::LfqIntensity),
    ("Area", Quantity::Intensity),
    ("Intensity", Quantity::Intensity),
    ("#Spec", Quantity::Counts),
];

const WANTED: &str = "`… Normalized Area`, `… Area`, `Area …` or `#Spec …`";

impl Format for Peaks {
    fn name(&self) -> &'static str {
        "peaks"
    }

    fn title(&self) -> &'static str {
        "PEAKS export"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let (level, id) = id_column(grid)?;
        let own = grid.find(&["-10lgP", "Sample Profile (Ratio)", "Group Profile (Ratio)"])?;
        // One row per spectrum: `DB search psm.csv`.
        let spectra = grid.find(&["Scan", "Source File", "Found By"]).is_some()
            && grid.find(&["ppm"]).is_some()
            && level != FeatureLevel::ProteinGroup;
        (!spectra && !quantities(grid).is_empty()).then(|| {
            Evidence::certain(format!(
                "it has the columns `{}` and `{}`, and areas of single samples",
                grid.header[id], grid.header[own]
            ))
        })
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let Some((level, id)) = id_column(grid) else {
            return Err(DatasetError::NoNumbers {
                file: grid.file.clone(),
                found: format!(
                    "no column `Accession` or `Peptide` among {}",
                    grid.header_excerpt()
                ),
            });
        };
        let choice = choose(grid, quantities(grid), declared, WANTED)?;
        let accession = grid.find(&["Accession", "Protein Accession"]);
        let charge = grid
            .find(&["z", "Charge"])
            .filter(|_| level == FeatureLevel::Precursor);
        let peptides = grid.find(&["#Peptides"]);
        let unique = grid.find(&["#Unique"]);
        let description = grid.find(&["Description", "Protein Description"]);
        let rows = (0..grid.n_rows()).map(|i| {
            let listed = text(grid, i, accession).unwrap_or_default();
            let accessions = accessions(&listed);
            let mut feature = if level == FeatureLevel::ProteinGroup {
                Feature {
                    id: accessions.first().cloned().unwrap_or_default(),
                    peptides: count(grid, i, peptides),
                    unique_peptides: count(grid, i, unique),
                    ..Feature::default()
                }
            } else {
                inline(without_flanks(grid.cell(i, id)), count(grid, i, charge))
            };
            feature.accessions = accessions;
            let said = text(grid, i, description)
                .map(|d| fasta(&d))
                .unwrap_or_default();
            feature.description = said.0;
            feature.row = grid.line(i);
            set_symbols(&mut feature, said.1.as_deref());
            (feature, flag_of(&listed))
        });
        let Measured {
            quantity, columns, ..
        } = choice.measured;
        let mut table = RawTable::of_columns(grid, level, quantity, &columns)?
            .with_features(&grid.header[id], rows);
        table.organism = organism_in(grid, &[description, accession]);
        table.inferences.extend(choice.inference);
        Ok(match level {
            FeatureLevel::ProteinGroup => one_row_per_group(table, grid),
            FeatureLevel::Precursor => table.merge_repeated(&grid.file, "peptide ion"),
            _ => table.merge_repeated(&grid.file, "peptide"),
        })
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.csv")
    }
}

/// What a row is, and the column that names it.
fn id_column(grid: &Grid) -> Option<(FeatureLevel, usize)> {
    if let Some(j) = grid.find(&["Peptide", "DB Peptide", "Sequence"]) {
        let level = match grid.find(&["z", "Charge"]) {
            Some(_) => FeatureLevel::Precursor,
            None => FeatureLevel::Peptide,
        };
        return Some((level, j));
    }
    let j = grid.find(&["Accession"])?;
    Some((FeatureLevel::ProteinGroup, j))
}

fn quantities(grid: &Grid) -> Vec<Measured> {
    // Columns behind the profile of the samples belong to groups of samples.
    let end = grid
        .find(&["Sample Profile (Ratio)"])
        .unwrap_or(grid.n_columns());
    QUANTITIES
        .iter()
        .map(|&(name, quantity)| Measured {
            name,
            quantity,
            columns: (0..end)
                .filter_map(|j| Some((j, sample(&grid.header[j], name)?)))
                .collect(),
        })
        .filter(|m| !m.columns.is_empty())
        .collect()
}

/// The sample in `A.raw Normalized Area`, `Sample 1 Area` or `Area Sample 1`; none for averages, groups and longer names.
fn sample(header: &str, quantity: &str) -> Option<String> {
    let label = strip_suffix(header, quantity).or_else(|| strip_prefix(header, quantity))?;
    let name = canonical(label);
    let group = name
        .strip_prefix("group")
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let other = ["avg", "average", "normalized", "max", "total", "maxtic"].contains(&name.as_str())
        || name.ends_with("normalized");
    (!group && !other).then(|| run_name(label).to_string())
}

/// The accessions of a cell such as `Q8TEA8|DTD1_HUMAN:P38646|GRP75_HUMAN`.
fn accessions(cell: &str) -> Vec<String> {
    cell.split([':', ';'])
        .filter_map(|part| {
            let part = part.trim();
            let mut fields = part.split('|');
            match (fields.next(), fields.next()) {
                (Some("sp" | "tr"), Some(id)) => Some(id),
                (first, _) => first,
            }
        })
        .filter(|id| !id.is_empty())
        .map(str::to_string)
        .collect()
}

/// The first row of each protein group, with the accessions of its other rows: they hold the same peptides.
fn one_row_per_group(mut table: RawTable, grid: &Grid) -> RawTable {
    table.ids_are_groups = true;
    let Some(group) = grid.find(&["Protein Group"]) else {
        return table;
    };
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut kept: Vec<usize> = Vec::new();
    for i in 0..grid.n_rows() {
        match first.get(grid.cell(i, group)) {
            Some(&before) => {
                let more = table.features[i].accessions.clone();
                let known = &mut table.features[before].accessions;
                for id in more {
                    if !known.contains(&id) {
                        known.push(id);
                    }
                }
            }
            None => {
                first.insert(grid.cell(i, group), i);
                kept.push(i);
            }
        }
    }
    table.select_rows(&kept)
}
