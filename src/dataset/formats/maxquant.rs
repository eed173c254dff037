//! What the tables of MaxQuant share: columns of measurements, flags of contaminants and decoys.

use super::super::Quantity;
use super::super::grid::Grid;
use super::super::label::{canonical, strip_prefix};
use super::RowFlag;
use super::accession::{flag_of, is_set};
use super::quantities::Measured;

/// Prefixes of the columns of each quantity, the preferred one first.
const QUANTITIES: [(&str, Quantity); 7] = [
    ("LFQ intensity", Quantity::LfqIntensity),
    ("Reporter intensity corrected", Quantity::ReporterIntensity),
    ("Reporter intensity", Quantity::ReporterIntensity),
    ("Ratio H/L normalized", Quantity::Ratio),
    ("Intensity", Quantity::Intensity),
    ("iBAQ", Quantity::Intensity),
    ("MS/MS count", Quantity::Counts),
];

/// What columns are looked for, in an error.
pub(super) const WANTED: &str = "`LFQ intensity …`, `Reporter intensity corrected …`, `Ratio H/L normalized …`, `Intensity …`, `iBAQ …` or `MS/MS count …`";

/// The quantities of a table, each with its columns for single experiments.
pub(super) fn quantities(grid: &Grid) -> Vec<Measured> {
    QUANTITIES
        .iter()
        .map(|&(name, quantity)| Measured {
            name,
            quantity,
            columns: without_totals(columns_of(grid, name)),
        })
        .filter(|m| !m.columns.is_empty())
        .collect()
}

/// Columns of one quantity for single experiments: position and experiment. Columns of one multiplicity of a site
/// (`Intensity A___2`) are left out.
fn columns_of(grid: &Grid, prefix: &str) -> Vec<(usize, String)> {
    grid.header
        .iter()
        .enumerate()
        .filter(|(_, header)| multiplicity(header).is_none())
        .filter_map(|(j, header)| Some((j, experiment(header, prefix)?)))
        .collect()
}

/// Without the channels of all experiments together (`1`), where there are those of each (`1 mixA`).
fn without_totals(columns: Vec<(usize, String)>) -> Vec<(usize, String)> {
    let number = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit());
    let of_each: Vec<&str> = (columns.iter())
        .filter_map(|(_, label)| label.split_once(' '))
        .map(|(channel, _)| channel)
        .filter(|channel| number(channel))
        .collect();
    let total = |label: &str| number(label) && of_each.contains(&label);
    let kept = columns.iter().filter(|(_, label)| !total(label));
    kept.cloned().collect()
}

/// The experiment in the header of a column of this quantity; none for columns of other quantities.
pub(super) fn experiment(header: &str, prefix: &str) -> Option<String> {
    let label = strip_prefix(header, prefix)?;
    let (wanted, rest) = (canonical(prefix), canonical(label));
    let other_quantity = (wanted == "reporterintensity"
        && (rest.starts_with("corrected") || rest.starts_with("count")))
        || (wanted == "reporterintensitycorrected" && rest.starts_with("count"))
        || (wanted == "ibaq" && rest == "peptides")
        || (wanted == "intensity" && matches!(rest.as_str(), "l" | "h" | "m"));
    (!other_quantity).then(|| label.to_string())
}

/// The header without its multiplicity, and the multiplicity: `Intensity A___2` is (`Intensity A`, 2).
pub(super) fn multiplicity(header: &str) -> Option<(&str, u8)> {
    let (head, n) = header.trim().rsplit_once("___")?;
    Some((head, n.parse().ok().filter(|n| (1..=9).contains(n))?))
}

/// The columns that flag rows.
pub(super) struct Flags {
    reverse: Option<usize>,
    contaminant: Option<usize>,
    by_site: Option<usize>,
}

impl Flags {
    /// The flag columns of a table.
    pub fn of(grid: &Grid) -> Self {
        Self {
            reverse: grid.find(&["Reverse"]),
            contaminant: grid.find(&["Potential contaminant", "Contaminant"]),
            by_site: grid.find(&["Only identified by site"]),
        }
    }

    /// What a row is, by its flags and by its leading accession.
    pub fn row(&self, grid: &Grid, row: usize, lead: &str) -> RowFlag {
        let set = |column: Option<usize>| column.is_some_and(|j| is_set(grid.cell(row, j)));
        let marked = flag_of(lead);
        if set(self.reverse) || marked == RowFlag::Decoy {
            RowFlag::Decoy
        } else if set(self.contaminant) || marked == RowFlag::Contaminant {
            RowFlag::Contaminant
        } else if set(self.by_site) {
            RowFlag::OnlyBySite
        } else {
            RowFlag::Keep
        }
    }
}
