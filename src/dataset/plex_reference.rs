//! Ratios to the reference channel of each plex, where that is declared: a pool or bridge that every plex holds makes
//! the intensities of different plexes comparable.

use std::collections::{BTreeMap, BTreeSet};

use super::formats::RawTable;
use super::label::canonical;
use super::metadata::MatchedSheet;
use super::{DatasetError, Role, SampleMetadata, name_design};

/// Columns of the main table that are the reference of their plex.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct References {
    /// What the user calls them.
    pub label: String,
    /// Positions in the table's columns.
    pub columns: BTreeSet<usize>,
}

/// The columns that `label` names: by a cell of a sheet, or by the name of the column.
///
/// # Errors
/// Where it names none, or more than half of the columns.
pub(crate) fn find(
    label: &str,
    table: &RawTable,
    sheets: &[MatchedSheet],
) -> Result<References, DatasetError> {
    let wanted = canonical(label);
    let mut columns: BTreeSet<usize> = (0..table.columns.len())
        .filter(|&c| canonical(&table.columns[c].label) == wanted)
        .collect();
    let mut cells: BTreeSet<&str> = BTreeSet::new();
    for matched in sheets {
        for &(r, c) in &matched.assignment.pairs {
            let row = &matched.sheet.rows[r];
            if row.iter().any(|cell| canonical(cell) == wanted) {
                columns.insert(c);
            }
            cells.extend(row.iter().map(String::as_str).filter(|c| !c.is_empty()));
        }
    }
    let n = table.columns.len();
    if columns.is_empty() || 2 * columns.len() > n {
        let found = if columns.is_empty() {
            "no cell of the sheet and no sample has that name".to_string()
        } else {
            format!("{} of {n} samples have that name", columns.len())
        };
        let near = super::contrast::nearest(label, cells.iter().copied());
        return Err(DatasetError::PlexReference {
            label: label.to_string(),
            found,
            hint: near.map_or_else(
                || "name the label that the reference channels have in the sheet, for example `--plex-reference Pool`".to_string(),
                |n| format!("did you mean `{n}`?"),
            ),
        });
    }
    Ok(References {
        label: label.to_string(),
        columns,
    })
}

/// For each kept column the reference columns of its plex.
///
/// # Errors
/// Where a plex has no reference.
pub(crate) fn denominators(
    references: &References,
    table: &RawTable,
    sheets: &[MatchedSheet],
    samples: &SampleMetadata,
    kept: &[usize],
) -> Result<Vec<Vec<usize>>, DatasetError> {
    let plexes = plexes(table, sheets, samples);
    let mut by_plex: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for &c in &references.columns {
        by_plex.entry(plexes[c].as_str()).or_default().push(c);
    }
    kept.iter()
        .map(|&c| {
            by_plex.get(plexes[c].as_str()).cloned().ok_or_else(|| {
                DatasetError::PlexReference {
                    label: references.label.clone(),
                    found: format!(
                        "plex `{}` of sample `{}` has no such channel",
                        plexes[c], table.columns[c].label
                    ),
                    hint: "name a channel that every plex holds, or leave the ratio out: comparisons are made within plexes then".to_string(),
                }
            })
        })
        .collect()
}

/// The plex of every column, empty where there is one plex only.
fn plexes(table: &RawTable, sheets: &[MatchedSheet], samples: &SampleMetadata) -> Vec<String> {
    let n = table.columns.len();
    let Some(plex) = samples.with_role(Role::Plex).next() else {
        return vec![String::new(); n];
    };
    for matched in sheets {
        let Some(j) = matched.sheet.header.iter().position(|h| *h == plex.name) else {
            continue;
        };
        let mut found = vec![String::new(); n];
        for &(r, c) in &matched.assignment.pairs {
            found[c].clone_from(&matched.sheet.rows[r][j]);
        }
        return found;
    }
    let labels: Vec<String> = table.columns.iter().map(|c| c.label.clone()).collect();
    match name_design::plexes(&labels) {
        Some(all) => (0..n)
            .map(|c| all.group_of(c).unwrap_or_default().to_string())
            .collect(),
        None => vec![String::new(); n],
    }
}
