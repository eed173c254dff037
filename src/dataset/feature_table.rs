//! Tables about the features of another one: one row per feature, with accessions, symbols and names, as SomaScan's
//! analytes or a core facility's list of proteins. What the table of measurements says itself goes first.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::formats::accession::{set_symbols, split_ids};
use super::formats::{RawTable, not_a_protein};
use super::grid::Grid;
use super::{Inference, Problem, Severity};

/// A table is about the features of another when one of its columns holds this part of their ids.
const COVERAGE: f64 = 0.5;

const ACCESSIONS: [&str; 8] = [
    "UniProt",
    "UniProt ID",
    "UniProt accession",
    "Accession",
    "Accessions",
    "Protein accession",
    "Protein.Ids",
    "Protein IDs",
];
const SYMBOLS: [&str; 7] = [
    "EntrezGeneSymbol",
    "Gene symbol",
    "Gene names",
    "Gene name",
    "Genes",
    "Gene",
    "Symbol",
];
const NAMES: [&str; 6] = [
    "TargetFullName",
    "Protein names",
    "Protein name",
    "Description",
    "Target",
    "Name",
];

/// The column of `grid` that names most of the features and each of them once, with how many; of a grid with the first
/// rows of a file at least half must be features.
pub(crate) fn id_column(grid: &Grid, ids: &HashSet<&str>) -> Option<(usize, usize)> {
    let named = |j: usize| {
        let mut seen: HashSet<&str> = HashSet::new();
        let once = (grid.column(j).filter(|c| ids.contains(c))).all(|c| seen.insert(c));
        if once { seen.len() } else { 0 }
    };
    let mut best: Option<(usize, usize)> = None;
    for j in 0..grid.n_columns() {
        let n = named(j);
        if n > 0 && best.is_none_or(|(_, b)| n > b) {
            best = Some((j, n));
        }
    }
    let wanted = ids.len().min(grid.n_rows());
    best.filter(|(_, n)| *n as f64 >= COVERAGE * wanted as f64)
}

/// Whether a table says which gene or protein a feature is.
pub(crate) fn says_what_features_are(grid: &Grid) -> bool {
    grid.find(&ACCESSIONS).is_some() || grid.find(&SYMBOLS).is_some()
}

/// Fills in what `grid` says of the features of `table`; none where it does not name them.
pub(crate) fn join(table: &mut RawTable, grid: &Grid) -> Option<(Inference, Option<Problem>)> {
    let ids: HashSet<&str> = table.features.iter().map(|f| f.id.as_str()).collect();
    let (key, named) = id_column(grid, &ids)?;
    let row_of: HashMap<&str, usize> = (grid.column(key).enumerate())
        .map(|(i, cell)| (cell, i))
        .collect();
    let not_key = |j: &usize| *j != key;
    let accessions = grid.find(&ACCESSIONS).filter(not_key);
    let symbols = grid.find(&SYMBOLS).filter(not_key);
    let name = grid.find(&NAMES).filter(not_key);
    // Aptamers that bind nothing, or no protein of the organism, say so.
    let aptamers = grid.find(&["SomaId"]).is_some();
    let kind = grid.find(&["Type"]).filter(|_| aptamers);
    let organism = grid.find(&["Organism"]).filter(|_| aptamers);
    let n = table.features.len();
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept: Vec<usize> = Vec::with_capacity(n);
    for (i, feature) in table.features.iter_mut().enumerate() {
        let Some(&row) = row_of.get(feature.id.as_str()) else {
            kept.push(i);
            continue;
        };
        let cell = |column: Option<usize>| {
            let text = grid.cell(row, column?);
            (!text.is_empty() && text != "NA").then(|| text.to_string())
        };
        if let Some(reason) = not_a_protein(cell(kind), cell(organism)) {
            *left_out.entry(reason).or_default() += 1;
            continue;
        }
        kept.push(i);
        if feature.accessions.is_empty() {
            feature.accessions = cell(accessions).map(|c| several(&c)).unwrap_or_default();
        }
        if feature.symbol.is_none() {
            set_symbols(feature, cell(symbols).map(|c| listed(&c)).as_deref());
        }
        if feature.description.is_none() {
            feature.description = cell(name);
        }
    }
    let without: Vec<&str> = (table.features.iter())
        .map(|f| f.id.as_str())
        .filter(|id| !row_of.contains_key(id))
        .collect();
    let problem = without.first().map(|first| {
        Problem::new(
            Severity::Note,
            "features_without_row",
            format!(
                "{} of {n} features have no row, the first `{first}`",
                without.len()
            ),
            "add their rows, if they are known",
        )
        .in_file(grid.file.clone())
        .in_column(grid.header[key].clone())
    });
    let mut value = format!("{named} of {n} are in `{}`", grid.file);
    let apart: Vec<String> = left_out
        .iter()
        .map(|(what, n)| format!("{n} {what}"))
        .collect();
    if !apart.is_empty() {
        value.push_str(&format!("; left out: {}", apart.join(", ")));
    }
    let proteins: Vec<&str> = (kept.iter())
        .filter_map(|&i| table.features[i].accessions.first().map(String::as_str))
        .collect();
    let distinct = proteins.iter().collect::<HashSet<_>>().len();
    if distinct < proteins.len() {
        value.push_str(&format!(
            "; {} of them measure {distinct} proteins and stay apart",
            proteins.len()
        ));
    }
    if kept.len() < n {
        *table = table.clone().select_rows(&kept);
    }
    // What can only be read of single aptamers was said of the table before.
    table
        .inferences
        .retain(|i| !i.what.starts_with("aptamers of"));
    let said = Inference::new(
        "what the features are",
        value,
        format!("its column `{}` holds their ids", grid.header[key]),
        "list the table under `features:` in `dataset.yaml`, or take it out of the folder",
    );
    Some((said, problem))
}

/// Accessions separated by spaces, commas or semicolons.
fn several(cell: &str) -> Vec<String> {
    cell.split(|c: char| c.is_whitespace() || c == ',' || c == '|')
        .flat_map(split_ids)
        .collect()
}

/// Symbols separated by spaces, as a list that [`set_symbols`] reads.
fn listed(cell: &str) -> String {
    let parts: Vec<&str> = cell
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '|' | ';'))
        .filter(|p| !p.is_empty())
        .collect();
    parts.join(";")
}
