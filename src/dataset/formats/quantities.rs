//! Which of several quantities of a wide table is read: the declared one, else the first that holds values.

use super::super::grid::Grid;
use super::super::label::{canonical, strip_suffix};
use super::super::number::Cell;
use super::super::{DatasetError, Inference, Quantity};

/// One quantity of a table and its columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    /// What its columns share, as people know it: `LFQ intensity`.
    pub name: &'static str,
    /// What it measures.
    pub quantity: Quantity,
    /// Position and sample of each column.
    pub columns: Vec<(usize, String)>,
}

/// The quantity to read, with the reason where there was a choice.
#[derive(Debug)]
pub(super) struct Choice {
    /// The quantity.
    pub measured: Measured,
    /// Why this one, where the table holds others.
    pub inference: Option<Inference>,
}

/// Chooses among the quantities found, the preferred one first: the declared one where it is there, else the first with
/// a value other than zero. `wanted` says in an error what columns were looked for.
pub(super) fn choose(
    grid: &Grid,
    found: Vec<Measured>,
    declared: Option<Quantity>,
    wanted: &str,
) -> Result<Choice, DatasetError> {
    let mut found: Vec<Measured> = found
        .into_iter()
        .filter(|m| !m.columns.is_empty())
        .collect();
    if found.is_empty() {
        return Err(DatasetError::NoNumbers {
            file: grid.file.clone(),
            found: format!(
                "no column named {wanted} for single samples among {}",
                grid.header_excerpt()
            ),
        });
    }
    let as_declared = declared.and_then(|q| found.iter().position(|m| m.quantity == q));
    let filled = || found.iter().position(|m| holds_values(grid, m));
    let at = as_declared.or_else(filled).unwrap_or(0);
    let measured = found.remove(at);
    let others: Vec<String> = found.iter().map(|m| format!("`{}`", m.name)).collect();
    let inference = (!others.is_empty()).then(|| {
        let because = if as_declared.is_some() {
            format!("`quantity:` declares it; also there: {}", others.join(", "))
        } else if at > 0 {
            format!(
                "the first that holds values; also there: {}",
                others.join(", ")
            )
        } else {
            format!("preferred to what is also there: {}", others.join(", "))
        };
        let other = found.iter().find(|m| m.quantity != measured.quantity);
        let declare = other.map_or_else(String::new, |m| {
            format!(
                ", or declare `quantity:` of the table in `dataset.yaml`, for example `{}` for `{}`",
                key(m.quantity),
                m.name
            )
        });
        Inference::new(
            format!("quantity of `{}`", grid.file),
            measured.name,
            because,
            format!("delete the columns you do not want{declare}"),
        )
    });
    Ok(Choice {
        measured,
        inference,
    })
}

/// The quantity as `dataset.yaml` spells it.
fn key(quantity: Quantity) -> String {
    serde_json::to_value(quantity)
        .ok()
        .and_then(|v| v.as_str().map(str::to_string))
        .unwrap_or_default()
}

fn holds_values(grid: &Grid, measured: &Measured) -> bool {
    measured.columns.iter().any(|(j, _)| {
        (0..grid.n_rows()).any(|i| matches!(grid.number(i, *j), Cell::Number(x) if x != 0.0))
    })
}

/// Columns named `<sample> <suffix>`: position and sample. A sample whose last word is one of `other_kinds` (in
/// canonical form) belongs to a longer suffix (`A Unique` + `Intensity`).
pub(super) fn with_suffix(grid: &Grid, suffix: &str, other_kinds: &[&str]) -> Vec<(usize, String)> {
    grid.header
        .iter()
        .enumerate()
        .filter_map(|(j, header)| Some((j, strip_suffix(header, suffix)?.to_string())))
        .filter(|(_, label)| {
            let last = canonical(label.rsplit([' ', '.']).next().unwrap_or(label));
            !other_kinds.contains(&last.as_str())
        })
        .collect()
}
