//! Whether a sample sheet fits a table: likely misspellings and sheets that explain too little are refused with the rows
//! and columns left over; what is merely extra is reported.

use std::collections::BTreeMap;

use super::formats::SampleColumn;
use super::label::canonical;
use super::matching::{Assignment, Comparison};
use super::sheet::Sheet;
use super::{DatasetError, Inference, Problem, Severity};

/// Refuses an assignment that leaves likely partners unpaired or explains too little; otherwise says what was matched
/// and what was left over.
pub(crate) fn judge(
    sheet: &Sheet,
    table: &str,
    columns: &[SampleColumn],
    assignment: Option<Assignment>,
    id: Option<usize>,
) -> Result<(Assignment, Inference, Vec<Problem>), DatasetError> {
    let Some(assignment) = assignment else {
        let names: Vec<String> = sheet
            .column(id.unwrap_or(0))
            .iter()
            .take(5)
            .map(|n| format!("`{n}`"))
            .collect();
        let headers: Vec<String> = columns
            .iter()
            .take(5)
            .map(|c| format!("`{}`", c.label))
            .collect();
        let near = (0..sheet.header.len())
            .flat_map(|j| {
                sheet
                    .rows
                    .iter()
                    .enumerate()
                    .map(move |(r, row)| (j, r, row[j].as_str()))
            })
            .filter_map(|(j, r, cell)| {
                nearest_column(cell, columns).map(|(like, c)| (like, j, r, c))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let hint = near.map_or_else(
            || "use the headers of the table, or the run names in them, as sample names in one column of the sheet".into(),
            |(_, j, r, c)| {
                format!(
                    "nearest: `{}` in row {} and column `{}`; use the table's headers as sample names in one column of the sheet",
                    sheet.rows[r][j], sheet.lines[r], columns[c].label
                )
            },
        );
        return Err(DatasetError::SheetMismatch {
            sheet: sheet.file.clone(),
            table: table.to_string(),
            found: format!(
                "no row names a column; the sheet begins with {}, the table's samples with {}",
                names.join(", "),
                headers.join(", ")
            ),
            hint,
        });
    };
    check_duplicates(sheet, &assignment)?;
    let rows_named: Vec<String> = assignment
        .spare_rows
        .iter()
        .map(|&r| {
            format!(
                "`{}` (row {})",
                row_name(sheet, &assignment, r),
                sheet.lines[r]
            )
        })
        .collect();
    let columns_named: Vec<String> = assignment
        .spare_columns
        .iter()
        .map(|&c| format!("`{}`", columns[c].label))
        .collect();
    let near = near_misses(sheet, columns, &assignment);
    let matched = assignment.pairs.len();
    let too_few = 2 * matched < sheet.rows.len() && 2 * matched < columns.len();
    if !near.is_empty() || too_few {
        let suggestions: Vec<String> = near
            .iter()
            .take(6)
            .map(|(r, c)| {
                format!(
                    "row {} `{}` looks like column `{}`",
                    sheet.lines[*r],
                    row_name(sheet, &assignment, *r),
                    columns[*c].label
                )
            })
            .collect();
        let hint = if suggestions.is_empty() {
            "correct the names in the sheet, or remove rows and columns that do not belong"
                .to_string()
        } else {
            format!(
                "{}; correct the names, or remove both if they are different samples",
                suggestions.join("; ")
            )
        };
        return Err(DatasetError::SheetMismatch {
            sheet: sheet.file.clone(),
            table: table.to_string(),
            found: format!(
                "{matched} of {} rows match; rows without a column: {}; columns without a row: {}",
                sheet.rows.len(),
                list(&rows_named),
                list(&columns_named)
            ),
            hint,
        });
    }
    let how: Vec<String> = assignment
        .steps
        .iter()
        .map(|(c, n)| format!("{n} {}", c.describe()))
        .collect();
    let id_names: Vec<String> = assignment
        .id_columns
        .iter()
        .map(|&j| format!("`{}`", sheet.header[j]))
        .collect();
    let inference = Inference::new(
        format!("samples of `{table}` in `{}`", sheet.file),
        format!(
            "{matched} of {} columns by {}",
            columns.len(),
            id_names.join(" and ")
        ),
        how.join(", "),
        "name the column of sample names with `id:` in `dataset.yaml`",
    );
    let mut problems = sheet.problems.clone();
    let weak = assignment
        .steps
        .iter()
        .any(|(c, _)| *c == Comparison::Contained);
    let mut warn = |severity, rule: &str, message: String, fix: &str| {
        problems.push(
            Problem::new(severity, rule, message, fix)
                .in_file(sheet.file.clone())
                .in_column(sheet.header[assignment.id_columns[0]].clone()),
        );
    };
    if weak {
        warn(
            Severity::Warn,
            "sheet_matched_by_part",
            "names of the sheet were found only as parts of the table's headers".into(),
            "check the matched samples, or write the full headers into the sheet",
        );
    }
    if !rows_named.is_empty() {
        warn(
            Severity::Note,
            "sheet_rows_without_column",
            format!(
                "{} rows have no column in `{table}`: {}",
                rows_named.len(),
                list(&rows_named)
            ),
            "remove the rows, or add the columns",
        );
    }
    if !columns_named.is_empty() {
        warn(
            Severity::Warn,
            "columns_without_sheet_row",
            format!(
                "{} columns of `{table}` have no row and are left out: {}",
                columns_named.len(),
                list(&columns_named)
            ),
            "add a row for each column that is a sample",
        );
    }
    Ok((assignment, inference, problems))
}

/// The name a row goes by.
pub(crate) fn row_name(sheet: &Sheet, assignment: &Assignment, row: usize) -> String {
    assignment
        .id_columns
        .iter()
        .map(|&j| sheet.rows[row][j].as_str())
        .collect::<Vec<_>>()
        .join("_")
}

fn list(names: &[String]) -> String {
    match names.len() {
        0 => "none".to_string(),
        n if n <= 8 => names.join(", "),
        n => format!("{} and {} more", names[..8].join(", "), n - 8),
    }
}

fn check_duplicates(sheet: &Sheet, assignment: &Assignment) -> Result<(), DatasetError> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for r in 0..sheet.rows.len() {
        let name = row_name(sheet, assignment, r);
        if name.is_empty() {
            continue;
        }
        if let Some(before) = seen.insert(name.clone(), sheet.lines[r]) {
            return Err(DatasetError::DuplicatedSample {
                file: sheet.file.clone(),
                name,
                places: format!("rows {before} and {}", sheet.lines[r]),
            });
        }
    }
    Ok(())
}

fn nearest_column(name: &str, columns: &[SampleColumn]) -> Option<(f64, usize)> {
    let name = canonical(name);
    if name.len() < 2 {
        return None;
    }
    (0..columns.len())
        .map(|c| {
            (
                strsim::jaro_winkler(&name, &canonical(&columns[c].label)),
                c,
            )
        })
        .filter(|(like, _)| *like >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
}

/// Spare rows and columns that are each other's nearest and differ by little: likely a misspelling.
fn near_misses(
    sheet: &Sheet,
    columns: &[SampleColumn],
    assignment: &Assignment,
) -> Vec<(usize, usize)> {
    let distance = |r: usize, c: usize| {
        let (a, b) = (
            canonical(&row_name(sheet, assignment, r)),
            canonical(&columns[c].label),
        );
        let longest = a.chars().count().max(b.chars().count()).max(1);
        (strsim::damerau_levenshtein(&a, &b), longest)
    };
    let nearest = |r: usize| {
        assignment
            .spare_columns
            .iter()
            .copied()
            .min_by_key(|&c| distance(r, c).0)
    };
    let mut out = Vec::new();
    for &r in assignment.spare_rows.iter().take(200) {
        let Some(c) = nearest(r) else { continue };
        let (d, longest) = distance(r, c);
        let mutual = assignment
            .spare_rows
            .iter()
            .all(|&other| distance(other, c).0 >= d);
        if mutual && d <= 2 && 3 * d <= longest {
            out.push((r, c));
        }
    }
    out
}
