//! A group called `NA`: a label where the sample names say so, missing where the sheet uses it so elsewhere, and a
//! question to the user otherwise. Dropping such samples silently has spoiled analyses.

use super::label::words;
use super::roles::names_a_condition;
use super::sheet::Sheet;
use super::{DatasetError, Problem, Severity};

/// What `NA` means in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NaMeaning {
    /// No value.
    Missing(Option<Problem>),
    /// The name of a group.
    Level(Problem),
}

/// Decides for one column of a sheet; only columns named like a condition are in doubt.
pub(crate) fn meaning(sheet: &Sheet, j: usize) -> Result<NaMeaning, DatasetError> {
    let is_na = |cell: &str| cell.trim() == "NA";
    let rows: Vec<usize> = (0..sheet.rows.len())
        .filter(|&r| is_na(&sheet.rows[r][j]))
        .collect();
    let name = &sheet.header[j];
    let Some(&first) = rows.first().filter(|_| names_a_condition(name)) else {
        return Ok(NaMeaning::Missing(None));
    };
    let place = |problem: Problem| {
        problem
            .in_file(sheet.file.clone())
            .in_column(name.clone())
            .at_row(sheet.lines[first])
    };
    let named_so = rows.iter().all(|&r| {
        sheet.rows[r]
            .iter()
            .enumerate()
            .any(|(k, cell)| k != j && !is_na(cell) && words(cell).iter().any(|w| w == "na"))
    });
    if named_so {
        return Ok(NaMeaning::Level(place(Problem::new(
            Severity::Warn,
            "group_named_na",
            format!(
                "`NA` is taken as the name of a group of {} samples, because their names contain it",
                rows.len()
            ),
            "rename the group, or write `missing_codes: [NA]` in `dataset.yaml` if it means missing",
        ))));
    }
    let missing_elsewhere = (0..sheet.header.len())
        .filter(|&k| k != j)
        .any(|k| sheet.rows.iter().any(|r| is_na(&r[k])));
    if missing_elsewhere {
        return Ok(NaMeaning::Missing(Some(place(Problem::new(
            Severity::Warn,
            "group_missing",
            format!(
                "{} samples have `NA` as their group, taken as missing as in the other columns",
                rows.len()
            ),
            "rename the group if `NA` is its name",
        )))));
    }
    Err(DatasetError::AmbiguousLabel {
        file: sheet.file.clone(),
        column: name.clone(),
        row: sheet.lines[first],
        label: "NA".to_string(),
    })
}
