//! A sample sheet to correct by hand: one row per column of the table, with what a sheet or the names say of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::formats::SampleColumn;
use super::label::canonical;
use super::matching::Assignment;
use super::sheet::Sheet;
use super::sheet_match::{near_misses, row_name};
use super::{DatasetError, name_design};

/// A sample sheet with one row per column of the main table, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetDraft {
    /// Headers; the first column holds the table's own sample names.
    pub header: Vec<String>,
    /// One row per column of the table; empty where nothing is known.
    pub rows: Vec<Vec<String>>,
    /// Rows of the given sheet that found no place, as they are called there.
    pub without_column: Vec<String>,
}

impl SheetDraft {
    /// The draft from a sheet and what of it was matched.
    pub(crate) fn from_sheet(
        columns: &[SampleColumn],
        sheet: &Sheet,
        assignment: Option<&Assignment>,
    ) -> Self {
        let matched: BTreeMap<usize, usize> = assignment
            .iter()
            .flat_map(|a| &a.pairs)
            .map(|(r, c)| (*c, *r))
            .collect();
        let mut guessed: BTreeMap<usize, usize> = BTreeMap::new();
        for (r, c) in assignment.map_or_else(Vec::new, |a| near_misses(sheet, columns, a)) {
            guessed.entry(c).or_insert(r);
        }
        // A column of sample names called as ours gives way to the table's names.
        let ids = assignment.map_or(&[][..], |a| &a.id_columns);
        let replaced = match ids {
            [j] if canonical(&sheet.header[*j]) == "sample" => Some(*j),
            _ => None,
        };
        let kept: Vec<usize> = (0..sheet.header.len())
            .filter(|j| Some(*j) != replaced)
            .collect();
        let taken = kept
            .iter()
            .any(|&j| canonical(&sheet.header[j]) == "sample");
        let mut header = vec![if taken { "column" } else { "sample" }.to_string()];
        header.extend(kept.iter().map(|&j| sheet.header[j].clone()));
        let mut notes: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        for (c, column) in columns.iter().enumerate() {
            let row = matched.get(&c).or_else(|| guessed.get(&c)).copied();
            let mut cells = vec![column.label.clone()];
            cells.extend(
                kept.iter()
                    .map(|&j| row.map_or_else(String::new, |r| sheet.rows[r][j].clone())),
            );
            notes.push(match (row, assignment) {
                (None, _) => "no row in the sheet".to_string(),
                (Some(r), Some(a)) if !matched.contains_key(&c) => format!(
                    "check: row {} of the sheet says {}",
                    sheet.lines[r],
                    row_name(sheet, a, r)
                ),
                _ => String::new(),
            });
            rows.push(cells);
        }
        if notes.iter().any(|n| !n.is_empty()) {
            header.push("note".to_string());
            for (row, note) in rows.iter_mut().zip(notes) {
                row.push(note);
            }
        }
        let placed: BTreeSet<usize> = matched.values().chain(guessed.values()).copied().collect();
        let without_column = match assignment {
            Some(a) => a
                .spare_rows
                .iter()
                .filter(|r| !placed.contains(r))
                .map(|&r| format!("`{}` (row {})", row_name(sheet, a, r), sheet.lines[r]))
                .collect(),
            None => sheet.lines.iter().map(|l| format!("row {l}")).collect(),
        };
        Self {
            header,
            rows,
            without_column,
        }
    }

    /// The draft from the names of the columns alone.
    pub(crate) fn from_names(columns: &[SampleColumn]) -> Self {
        let labels: Vec<String> = columns.iter().map(|c| c.label.clone()).collect();
        let variables = name_design::infer(&labels).variables;
        let mut header = vec!["sample".to_string()];
        header.extend(variables.iter().map(|v| v.name.clone()));
        let unknown: Vec<&str> = ["condition", "replicate"]
            .into_iter()
            .filter(|name| variables.iter().all(|v| v.name != *name))
            .collect();
        header.extend(unknown.iter().map(|n| (*n).to_string()));
        let rows = labels
            .into_iter()
            .enumerate()
            .map(|(i, label)| {
                let mut row = vec![label];
                row.extend(
                    variables
                        .iter()
                        .map(|v| v.group_of(i).unwrap_or_default().to_string()),
                );
                row.resize(header.len(), String::new());
                row
            })
            .collect();
        Self {
            header,
            rows,
            without_column: Vec::new(),
        }
    }

    /// Writes the draft: comma-separated where the file ends in `.csv`, else tab-separated.
    ///
    /// # Errors
    /// [`DatasetError::Unwritable`] where the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), DatasetError> {
        let fault = |cause: String| DatasetError::Unwritable {
            file: path.display().to_string(),
            cause,
        };
        let comma = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("csv"));
        let mut writer = csv::WriterBuilder::new()
            .delimiter(if comma { b',' } else { b'\t' })
            .from_path(path)
            .map_err(|e| fault(e.to_string()))?;
        for row in std::iter::once(&self.header).chain(&self.rows) {
            writer.write_record(row).map_err(|e| fault(e.to_string()))?;
        }
        writer.flush().map_err(|e| fault(e.to_string()))
    }
}
