//! MaxQuant `Phospho (STY)Sites.txt`, `Acetyl (K)Sites.txt`, `GlyGly (K)Sites.txt` and the like: modified residues ×
//! experiments. Zero means not measured; sites below a localisation probability of 0.75 are left out and counted.
//!
//! `Intensity A` holds the whole signal of a site, `Intensity A___1` to `___3` its parts by how many sites the peptide
//! carries in all. The whole is read, so that a site is one row; where only the parts are there, intensities are added.

use super::super::grid::Grid;
use super::super::number::Cell;
use super::super::{DatasetError, FeatureLevel, Inference, Quantity};
use super::accession::{count, fasta, organism_in, set_symbols, split_ids, text};
use super::maxquant::{Flags, WANTED, experiment, multiplicity, quantities};
use super::peptides::{amino_acids, site, site_flag};
use super::quantities::{Measured, choose};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct MaxQuantSites;

impl Format for MaxQuantSites {
    fn name(&self) -> &'static str {
        "maxquant_sites"
    }

    fn title(&self) -> &'static str {
        "MaxQuant modified sites"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Site
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Localization prob"])?;
        grid.find(&["Amino acid"])?;
        grid.find(&["Positions within proteins", "Position"])?;
        grid.find(&["Protein", "Leading proteins", "Proteins"])?;
        let measured = !quantities(grid).is_empty() || !parts(grid).is_empty();
        measured.then(|| {
            Evidence::certain(
                "it has the columns `Localization prob`, `Amino acid` and `Positions within proteins`, one row per modified residue",
            )
        })
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let wholes = quantities(grid);
        let mut sums: Vec<Vec<usize>> = Vec::new();
        let choice = if wholes.is_empty() {
            let parts = parts(grid);
            let first = parts
                .iter()
                .map(|(label, columns)| (columns[0], label.clone()))
                .collect();
            sums = parts.into_iter().map(|(_, columns)| columns).collect();
            choose(
                grid,
                vec![Measured {
                    name: "Intensity …___1 to ___3",
                    quantity: Quantity::Intensity,
                    columns: first,
                }],
                declared,
                WANTED,
            )?
        } else {
            choose(grid, wholes, declared, WANTED)?
        };
        let Measured {
            quantity, columns, ..
        } = choice.measured;
        let mut table = RawTable::of_columns(grid, self.level(), quantity, &columns)?;
        add_parts(grid, &sums, &mut table)?;

        let residue = grid.find(&["Amino acid"]);
        let within = grid.find(&["Positions within proteins", "Position"]);
        let position = grid.find(&["Position", "Positions within proteins"]);
        let proteins = grid.find(&["Proteins"]);
        let leading = grid.find(&["Leading proteins", "Proteins"]);
        let protein = grid.find(&["Protein", "Leading proteins", "Proteins"]);
        let genes = grid.find(&["Gene names", "Gene name"]);
        let names = grid.find(&["Protein names"]);
        let headers = grid.find(&["Fasta headers"]);
        let localisation = grid.find(&["Localization prob"]).unwrap_or(0);
        let modification = modification_of(grid);
        let peptide = probabilities(grid);
        let flags = Flags::of(grid);
        let rows = (0..grid.n_rows()).map(|i| {
            let first = |column| {
                text(grid, i, column)
                    .map(|p| split_ids(&p))
                    .unwrap_or_default()
            };
            let lead = first(protein).into_iter().next().unwrap_or_default();
            let at = count(grid, i, position).or_else(|| count(grid, i, within));
            let aa = text(grid, i, residue).unwrap_or_default();
            let place = at.map_or_else(String::new, |p| format!("{aa}{p}"));
            let probability = match grid.number(i, localisation) {
                Cell::Number(p) => Some(p),
                _ => None,
            };
            let mut feature = site(&lead, &place, modification.clone(), probability);
            feature.accessions = vec![lead.clone()];
            for id in first(leading).into_iter().chain(first(proteins)) {
                if !feature.accessions.contains(&id) {
                    feature.accessions.push(id);
                }
            }
            feature.accessions.retain(|a| !a.is_empty());
            let described = text(grid, i, headers)
                .map(|h| fasta(&h))
                .unwrap_or_default();
            feature.description = text(grid, i, names).or(described.0);
            feature.row = grid.line(i);
            feature.peptidoform = text(grid, i, peptide).map(|p| super::super::Peptidoform {
                assigned: 0,
                sequence: amino_acids(&p),
                modifications: None,
                charge: None,
            });
            set_symbols(
                &mut feature,
                text(grid, i, genes).or(described.1).as_deref(),
            );
            let flag = site_flag(flags.row(grid, i, &lead), probability);
            (feature, flag)
        });
        table = table.with_features("Protein, Amino acid, Position", rows);
        table.organism = organism_in(grid, &[headers, proteins]);
        table.inferences.extend(choice.inference);
        let split = grid.header.iter().any(|h| multiplicity(h).is_some());
        if split {
            let (value, because) = if sums.is_empty() {
                (
                    "the columns without `___1`, `___2`, `___3`",
                    "they hold the whole signal of a site, whatever number of sites the peptide carries, so that a site is one row",
                )
            } else {
                (
                    "the sum of `___1`, `___2` and `___3`",
                    "only the parts by number of sites on the peptide are there, and intensities add up to the signal of the site",
                )
            };
            table.inferences.push(Inference::new(
                format!("multiplicity in `{}`", grid.file),
                value,
                because,
                "keep only the columns of one multiplicity in the file",
            ));
        }
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

/// Columns of parts by multiplicity: for each experiment, the columns to add. Ratios do not add up and are left out.
fn parts(grid: &Grid) -> Vec<(String, Vec<usize>)> {
    for prefix in [
        "Reporter intensity corrected",
        "Reporter intensity",
        "Intensity",
    ] {
        let mut found: Vec<(String, Vec<usize>)> = Vec::new();
        for (j, header) in grid.header.iter().enumerate() {
            let Some(label) = multiplicity(header).and_then(|(h, _)| experiment(h, prefix)) else {
                continue;
            };
            match found.iter_mut().find(|(l, _)| *l == label) {
                Some((_, columns)) => columns.push(j),
                None => found.push((label, vec![j])),
            }
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Adds the second and further parts of each column.
fn add_parts(grid: &Grid, sums: &[Vec<usize>], table: &mut RawTable) -> Result<(), DatasetError> {
    let m = table.columns.len();
    for (k, columns) in sums.iter().enumerate() {
        for &j in columns.iter().skip(1) {
            for (i, y) in grid.numbers(j)?.into_iter().enumerate() {
                let x = &mut table.values[i * m + k];
                if !y.is_nan() {
                    *x = if x.is_nan() { y } else { *x + y };
                }
            }
        }
    }
    Ok(())
}

/// The modification, from the column `Phospho (STY) Probabilities` or `Number of Phospho (STY)`.
fn modification_of(grid: &Grid) -> Option<String> {
    grid.header.iter().find_map(|h| {
        let name = h
            .strip_prefix("Number of ")
            .or_else(|| h.strip_prefix("Number.of."))
            .or_else(|| h.strip_suffix(" Probabilities"))
            .or_else(|| h.strip_suffix(".Probabilities"))?;
        Some(name.trim_matches('.').to_string()).filter(|n| !n.is_empty())
    })
}

/// The column of the peptide with its localisation probabilities.
fn probabilities(grid: &Grid) -> Option<usize> {
    grid.header
        .iter()
        .position(|h| h.ends_with(" Probabilities") || h.ends_with(".Probabilities"))
}
