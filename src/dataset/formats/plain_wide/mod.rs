//! Any delimited table with one column of ids and one column of numbers per sample, or one row per sample and one column
//! of numbers per feature. What the numbers are is told from a prefix the columns share (`LFQ intensity`, `Abundance`)
//! and from the numbers themselves.

mod columns;
mod levels;
mod samples_in_rows;

use std::collections::HashMap;

use super::super::grid::Grid;
use super::super::label::run_name;
use super::super::{DatasetError, Feature, FeatureLevel, Inference, Quantity};
use super::accession::{count, fasta, flag_of, is_set, organism_in, set_symbols, split_ids, text};
use super::{Evidence, Format, RawTable, RowFlag};
use columns::{Layout, layout};
use levels::{level_of, owner_of_site, owners, parts};

/// The format.
pub(crate) struct PlainWide;

impl Format for PlainWide {
    fn name(&self) -> &'static str {
        "plain_wide"
    }

    fn title(&self) -> &'static str {
        "plain table, wide"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        if let Some(layout) = samples_in_rows::layout(grid) {
            return Some(Evidence::shape(
                20,
                format!(
                    "{} columns of numbers are named like features, and its rows like samples",
                    layout.features.len()
                ),
            ));
        }
        let layout = layout(grid)?;
        (layout.columns.len() >= 2).then(|| {
            Evidence::shape(
                20,
                format!(
                    "it has ids in `{}` and numbers in {} columns",
                    grid.header[layout.id],
                    layout.columns.len()
                ),
            )
        })
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        if let Some(layout) = samples_in_rows::layout(grid) {
            return samples_in_rows::read(grid, &layout);
        }
        let Some(layout) = layout(grid) else {
            return Err(DatasetError::NoNumbers {
                file: grid.file.clone(),
                found: format!("the columns are {}", grid.header_excerpt()),
            });
        };
        read_features_in_rows(grid, &layout)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.csv")
    }
}

fn read_features_in_rows(grid: &Grid, layout: &Layout) -> Result<RawTable, DatasetError> {
    let gene = grid.find(&[
        "Gene names",
        "Gene name",
        "Genes",
        "Gene",
        "Gene symbol",
        "Symbol",
        "GeneName",
    ]);
    let description = grid.find(&[
        "Description",
        "Protein names",
        "Protein name",
        "Protein.Description",
        "Fasta headers",
    ]);
    let peptides = grid.find(&[
        "Razor + unique peptides",
        "Peptides",
        "Number of peptides",
        "# Peptides",
        "n.Identified.Peptides",
    ]);
    let unique = grid.find(&["Unique peptides", "# Unique Peptides"]);
    let protein = grid
        .find(&[
            "Protein IDs",
            "Protein.Group",
            "Proteins",
            "Protein",
            "Accession",
            "Uniprot",
            "Leading razor protein",
        ])
        .filter(|j| *j != layout.id);
    let reverse = grid.find(&["Reverse", "Decoy"]);
    let contaminant = grid.find(&["Potential contaminant", "Contaminant"]);
    let level = level_of(grid, layout.id);
    let owners = match (level, protein) {
        (FeatureLevel::Peptide, None) => owners(grid.column(layout.id)),
        _ => None,
    };
    let leads: Vec<String> = grid
        .column(layout.id)
        .map(|cell| lead_of(cell, level))
        .collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for lead in &leads {
        *times.entry(lead).or_default() += 1;
    }
    let rows = (0..grid.n_rows()).map(|i| {
        let set = |column: Option<usize>| column.is_some_and(|j| is_set(grid.cell(i, j)));
        let cell = grid.cell(i, layout.id);
        let of_site = (level == FeatureLevel::Site).then(|| owner_of_site(cell));
        let accessions = match level {
            FeatureLevel::Site => text(grid, i, protein).map_or_else(
                || of_site.iter().flat_map(|(a, _)| a.clone()).collect(),
                |p| split_ids(&p),
            ),
            FeatureLevel::ProteinGroup => split_ids(cell),
            FeatureLevel::Peptide => match &owners {
                Some(owners) => owners[i].clone(),
                None => text(grid, i, protein)
                    .map(|p| split_ids(&p))
                    .unwrap_or_default(),
            },
            _ => Vec::new(),
        };
        let (site, peptidoform) = parts(cell, level);
        // Groups and sites that begin alike are told apart by the whole cell.
        let shared = times.get(leads[i].as_str()).is_some_and(|n| *n > 1);
        let lead = if shared {
            cell.to_string()
        } else {
            leads[i].clone()
        };
        let described = text(grid, i, description);
        let parsed = described.as_deref().map(fasta).unwrap_or_default();
        let mut feature = Feature {
            id: lead.clone(),
            accessions,
            description: parsed.0.or(described),
            peptides: count(grid, i, peptides),
            unique_peptides: count(grid, i, unique),
            site,
            peptidoform,
            row: grid.line(i),
            ..Feature::default()
        };
        let symbol = match level {
            FeatureLevel::Gene => Some(cell.to_string()),
            _ => text(grid, i, gene)
                .or(parsed.1)
                .or_else(|| of_site.and_then(|(_, symbol)| symbol)),
        };
        set_symbols(&mut feature, symbol.as_deref());
        let flag = if set(reverse) {
            RowFlag::Decoy
        } else if set(contaminant) {
            RowFlag::Contaminant
        } else {
            flag_of(cell)
        };
        (feature, flag)
    });
    let mut table = RawTable::of_columns(grid, level, layout.quantity, &layout.columns)?
        .with_features(&grid.header[layout.id], rows);
    let describing: Vec<Option<usize>> = (0..grid.n_columns())
        .filter(|j| layout.columns.binary_search_by_key(j, |c| c.0).is_err())
        .map(Some)
        .collect();
    table.organism = organism_in(grid, &describing);
    table.inferences.push(Inference::new(
        format!("ids of `{}`", grid.file),
        format!("column `{}`", grid.header[layout.id]),
        layout.id_reason.clone(),
        "keep one column of ids, named `Protein IDs` or `Gene`",
    ));
    if !layout.set_aside.is_empty() {
        table.inferences.push(Inference::new(
            format!("columns of numbers in `{}` that are not samples", grid.file),
            layout
                .set_aside
                .iter()
                .map(|j| format!("`{}`", grid.header[*j]))
                .collect::<Vec<_>>()
                .join(", "),
            layout.set_aside_reason.clone(),
            "give a sample sheet (`--samples`) that lists the columns that are samples",
        ));
    }
    Ok(without_summaries(table, &grid.file))
}

/// The Proteomic Data Commons begins its tables with the mean, median and standard deviation of every column.
fn without_summaries(table: RawTable, file: &str) -> RawTable {
    const SUMMARIES: [&str; 3] = ["Mean", "Median", "StdDev"];
    let first: Vec<&str> = (table.features.iter().take(SUMMARIES.len()))
        .map(|f| f.id.as_str())
        .collect();
    if first != SUMMARIES || table.features.len() == SUMMARIES.len() {
        return table;
    }
    let kept: Vec<usize> = (SUMMARIES.len()..table.features.len()).collect();
    let mut table = table.select_rows(&kept);
    table.inferences.push(Inference::new(
        format!("first rows of `{file}`"),
        "left out",
        "they are called `Mean`, `Median` and `StdDev`, and sum up the columns",
        "delete the rows",
    ));
    table
}

/// The first accession of a group of proteins, else the whole cell.
fn lead_of(cell: &str, level: FeatureLevel) -> String {
    match level {
        FeatureLevel::ProteinGroup => split_ids(cell).into_iter().next().unwrap_or_default(),
        _ => cell.to_string(),
    }
}

/// Whether a text has the form of a gene symbol.
fn looks_like_symbol(text: &str) -> bool {
    (2..=12).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
}

/// The label of a column: without folders and the ending of a run file.
fn label_of(header: &str) -> String {
    run_name(header).to_string()
}

/// A quantity named by a shared prefix of column headers.
const PREFIXES: [(&str, Quantity); 20] = [
    ("LFQ intensity", Quantity::LfqIntensity),
    ("MaxLFQ intensity", Quantity::LfqIntensity),
    ("LFQ", Quantity::LfqIntensity),
    ("Abundances (Normalized)", Quantity::LfqIntensity),
    ("Normalized abundance", Quantity::LfqIntensity),
    ("Raw abundance", Quantity::Intensity),
    ("Reporter intensity corrected", Quantity::ReporterIntensity),
    ("Reporter intensity", Quantity::ReporterIntensity),
    ("Unshared Log Ratio", Quantity::Ratio),
    ("Log Ratio", Quantity::Ratio),
    ("Abundance Ratio", Quantity::Ratio),
    ("Abundance", Quantity::Intensity),
    ("Intensity", Quantity::Intensity),
    ("iBAQ", Quantity::Intensity),
    ("Total Area", Quantity::Intensity),
    ("Area", Quantity::Intensity),
    ("Ratio", Quantity::Ratio),
    ("NPX", Quantity::Npx),
    ("Spectral count", Quantity::Counts),
    ("MS/MS count", Quantity::Counts),
];
