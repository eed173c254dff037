//! Whether a sample sheet fits a table: names that could go to several places, likely misspellings and sheets that
//! explain too little are refused with the rows and columns concerned; what is merely extra is reported by name.

use std::collections::{BTreeMap, BTreeSet};

use super::formats::SampleColumn;
use super::label::{canonical, match_key, numbered_key, words};
use super::matching::{Assignment, Comparison};
use super::sheet::Sheet;
use super::{DatasetError, Inference, Problem, Severity};

/// How to say which column of a sheet holds the sample names.
const OVERRIDE: &str =
    "name the column of sample names with `--role COLUMN=identifier` or `id:` in `dataset.yaml`";
/// How to correct a sheet.
const WRITE: &str =
    "`proteus inspect … --write-sheet FILE` writes a sheet with one row per column of the table";

/// A sheet against the table it is about.
struct Match<'a> {
    sheet: &'a Sheet,
    table: &'a str,
    columns: &'a [SampleColumn],
    assignment: &'a Assignment,
}

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
        return Err(nothing_matches(sheet, table, columns, id));
    };
    let it = Match {
        sheet,
        table,
        columns,
        assignment: &assignment,
    };
    it.refuse_rival()?;
    let copies = it.refuse_different_copies()?;
    it.refuse_ambiguous()?;
    it.refuse_near_misses()?;
    let inference = it.inference();
    let mut problems = sheet.problems.clone();
    problems.extend(copies);
    problems.extend(it.left_over());
    problems.extend(it.nearly_equal_rows());
    Ok((assignment, inference, problems))
}

/// The fault of a sheet whose rows each stand for several columns, such as repeated measurements. Labels that several rows
/// share, such as those of groups, are no names of samples, unless the user says so.
fn rows_for_several(
    sheet: &Sheet,
    table: &str,
    columns: &[SampleColumn],
    id: Option<usize>,
) -> Option<DatasetError> {
    let names = |j: usize| {
        let cells = sheet.column(j);
        let different: BTreeSet<String> = cells.iter().map(|c| match_key(c)).collect();
        Some(j) == id || different.len() == cells.len()
    };
    let begun = |cell: &str| -> Vec<String> {
        let wanted = match_key(cell);
        let rest = |c: &&SampleColumn| {
            let key = match_key(&c.label);
            !wanted.is_empty() && key.len() > wanted.len() && key.starts_with(&wanted)
        };
        let named = columns.iter().filter(rest);
        named.map(|c| format!("`{}`", c.label)).collect()
    };
    let (j, of_rows) = (0..sheet.header.len())
        .filter(|&j| names(j))
        .map(|j| {
            let of_rows: Vec<Vec<String>> = sheet.column(j).iter().map(|c| begun(c)).collect();
            (j, of_rows)
        })
        .max_by_key(|(j, of_rows)| {
            let several = of_rows.iter().filter(|of| of.len() > 1).count();
            (several, std::cmp::Reverse(*j))
        })?;
    let several = of_rows.iter().filter(|of| of.len() > 1).count();
    let r = of_rows.iter().position(|of| of.len() > 1)?;
    (2 * several > sheet.rows.len() && several > 1).then(|| DatasetError::SheetMismatch {
        sheet: sheet.file.clone(),
        table: table.to_string(),
        found: format!(
            "{several} of {} rows stand for more than one column each: row {} `{}` is the beginning of {}",
            sheet.rows.len(),
            sheet.lines[r],
            sheet.rows[r][j],
            of_rows[r].join(", ")
        ),
        hint: format!(
            "give every column its own row, with what tells them apart (such as `technical_replicate`) in a column of its own; {WRITE}"
        ),
    })
}

fn nothing_matches(
    sheet: &Sheet,
    table: &str,
    columns: &[SampleColumn],
    id: Option<usize>,
) -> DatasetError {
    if let Some(fault) = rows_for_several(sheet, table, columns, id) {
        return fault;
    }
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
        .filter_map(|(j, r, cell)| nearest_column(cell, columns).map(|(like, c)| (like, j, r, c)))
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
    DatasetError::SheetMismatch {
        sheet: sheet.file.clone(),
        table: table.to_string(),
        found: format!(
            "no row names a column; the sheet begins with {}, the table's samples with {}",
            names.join(", "),
            headers.join(", ")
        ),
        hint: format!("{hint}; {WRITE}"),
    }
}

impl Match<'_> {
    fn name(&self, row: usize) -> String {
        row_name(self.sheet, self.assignment, row)
    }

    fn row(&self, row: usize) -> String {
        format!("row {} `{}`", self.sheet.lines[row], self.name(row))
    }

    fn column(&self, column: usize) -> String {
        format!("`{}`", self.columns[column].label)
    }

    fn headers(&self, columns: &[usize]) -> String {
        let named: Vec<String> = columns
            .iter()
            .map(|&j| format!("`{}`", self.sheet.header[j]))
            .collect();
        named.join(" and ")
    }

    fn mismatch(&self, found: String, hint: String) -> DatasetError {
        DatasetError::SheetMismatch {
            sheet: self.sheet.file.clone(),
            table: self.table.to_string(),
            found,
            hint,
        }
    }

    /// Two columns of the sheet that both name columns of the table, but not the same ones.
    fn refuse_rival(&self) -> Result<(), DatasetError> {
        let Some(rival) = &self.assignment.rival else {
            return Ok(());
        };
        let (a, b) = rival.columns;
        Err(self.mismatch(
            format!(
                "{} and {} of the sheet both name columns of the table and disagree: row {} is {} by the one and {} by the other",
                self.headers(&self.assignment.id_columns),
                self.headers(&rival.id_columns),
                self.sheet.lines[rival.row],
                self.column(a),
                self.column(b)
            ),
            OVERRIDE.to_string(),
        ))
    }

    /// Rows of one name must say the same of the sample, besides where and how often it was measured.
    fn refuse_different_copies(&self) -> Result<Vec<Problem>, DatasetError> {
        let sheet = self.sheet;
        let mut lines: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut differ: Vec<usize> = Vec::new();
        for &(copy, first) in &self.assignment.copies {
            lines.entry(first).or_default().push(copy);
            let different =
                (0..sheet.header.len()).filter(|&j| sheet.rows[copy][j] != sheet.rows[first][j]);
            for j in different {
                if !is_of_a_run(&sheet.header[j]) {
                    return Err(DatasetError::DuplicatedSample {
                        file: sheet.file.clone(),
                        name: self.name(copy),
                        places: format!(
                            "rows {} and {}, with `{}` and `{}` in column `{}`",
                            sheet.lines[first],
                            sheet.lines[copy],
                            sheet.rows[first][j],
                            sheet.rows[copy][j],
                            sheet.header[j]
                        ),
                    });
                }
                if !differ.contains(&j) {
                    differ.push(j);
                }
            }
        }
        if let (Some((&first, copies)), true) = (lines.iter().next(), differ.is_empty())
            && !self.assignment.spare_columns.is_empty()
        {
            return Err(DatasetError::DuplicatedSample {
                file: sheet.file.clone(),
                name: self.name(first),
                places: format!(
                    "rows {} and {}, while there is no row for {}",
                    sheet.lines[first],
                    sheet.lines[copies[0]],
                    list(&self.spare_columns())
                ),
            });
        }
        let examples: Vec<String> = lines
            .iter()
            .map(|(first, copies)| {
                let all: Vec<String> = std::iter::once(first)
                    .chain(copies)
                    .map(|&r| sheet.lines[r].to_string())
                    .collect();
                format!("`{}` in rows {}", self.name(*first), all.join(", "))
            })
            .collect();
        Ok(lines
            .values()
            .next()
            .map(|copies| {
                let (severity, message, fix) = if differ.is_empty() {
                    (
                        Severity::Warn,
                        format!("the same rows more than once, taken once: {}", list(&examples)),
                        "remove the repeated rows".to_string(),
                    )
                } else {
                    differ.sort_unstable();
                    (
                        Severity::Note,
                        format!(
                            "several rows for one column of the table, which differ only in {}: {}",
                            self.headers(&differ),
                            list(&examples)
                        ),
                        "nothing to do, if these are fractions or runs that the search engine joined".to_string(),
                    )
                };
                Problem::new(severity, "duplicated_rows", message, fix)
                    .in_file(sheet.file.clone())
                    .in_column(sheet.header[self.assignment.id_columns[0]].clone())
                    .at_row(sheet.lines[copies[0]])
            })
            .into_iter()
            .collect())
    }

    /// Names that are the same up to case, punctuation or R's rewriting as several others.
    fn refuse_ambiguous(&self) -> Result<(), DatasetError> {
        if self.assignment.ambiguous.is_empty() {
            return Ok(());
        }
        let told: Vec<String> = self
            .assignment
            .ambiguous
            .iter()
            .take(6)
            .map(|a| {
                let rows: Vec<String> = a.rows.iter().take(4).map(|&r| self.row(r)).collect();
                let columns: Vec<String> =
                    a.columns.iter().take(4).map(|&c| self.column(c)).collect();
                format!(
                    "{} may be {} ({})",
                    rows.join(" and "),
                    columns.join(" or "),
                    a.comparison.describe()
                )
            })
            .collect();
        Err(self.mismatch(
            format!(
                "a name can be read in more than one way: {}",
                told.join("; ")
            ),
            format!("write the table's own headers into the sheet; {WRITE}"),
        ))
    }

    fn refuse_near_misses(&self) -> Result<(), DatasetError> {
        let near = near_misses(self.sheet, self.columns, self.assignment);
        let matched = self.assignment.pairs.len();
        let too_few = 2 * matched < self.sheet.rows.len() && 2 * matched < self.columns.len();
        if near.is_empty() && !too_few {
            return Ok(());
        }
        let suggestions: Vec<String> = near
            .iter()
            .take(6)
            .map(|&(r, c)| format!("{} is nearest to column {}", self.row(r), self.column(c)))
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
        Err(self.mismatch(
            format!(
                "{matched} of {} rows match; rows without a column: {}; columns without a row: {}",
                self.sheet.rows.len(),
                list(&self.spare_rows()),
                list(&self.spare_columns())
            ),
            format!("{hint}; {WRITE}"),
        ))
    }

    fn spare_rows(&self) -> Vec<String> {
        let named = |&r: &usize| format!("`{}` (row {})", self.name(r), self.sheet.lines[r]);
        self.assignment.spare_rows.iter().map(named).collect()
    }

    fn spare_columns(&self) -> Vec<String> {
        let columns = self.assignment.spare_columns.iter();
        columns.map(|&c| self.column(c)).collect()
    }

    fn inference(&self) -> Inference {
        let how: Vec<String> = self
            .assignment
            .steps
            .iter()
            .map(|(c, n)| format!("{n} {}", c.describe()))
            .collect();
        Inference::new(
            format!("samples of `{}` in `{}`", self.table, self.sheet.file),
            format!(
                "{} of {} columns by {}",
                self.assignment.pairs.len(),
                self.columns.len(),
                self.headers(&self.assignment.id_columns)
            ),
            how.join(", "),
            OVERRIDE,
        )
    }

    fn problem(&self, severity: Severity, rule: &str, message: String, fix: &str) -> Problem {
        Problem::new(severity, rule, message, fix)
            .in_file(self.sheet.file.clone())
            .in_column(self.sheet.header[self.assignment.id_columns[0]].clone())
    }

    /// What was matched loosely, and rows and columns without a partner.
    fn left_over(&self) -> Vec<Problem> {
        let mut out = Vec::new();
        let weak = |c: &Comparison| matches!(c, Comparison::Contained | Comparison::Numbers);
        if let Some((c, n)) = self.assignment.steps.iter().find(|(c, _)| weak(c)) {
            let examples: Vec<String> = self
                .assignment
                .pairs
                .iter()
                .take(3)
                .map(|&(r, c)| format!("{} with column {}", self.row(r), self.column(c)))
                .collect();
            out.push(self.problem(
                Severity::Warn,
                "sheet_matched_by_part",
                format!(
                    "{n} names were matched {}: {}",
                    c.describe(),
                    examples.join(", ")
                ),
                "check the matched samples, or write the full headers into the sheet",
            ));
        }
        let (rows, columns) = (self.spare_rows(), self.spare_columns());
        let nearest = self.nearest_left_over();
        if !rows.is_empty() {
            let severity = if columns.is_empty() {
                Severity::Note
            } else {
                Severity::Warn
            };
            let mut problem = self.problem(
                severity,
                "sheet_rows_without_column",
                format!(
                    "{} no column in `{}`: {}{nearest}",
                    if rows.len() == 1 {
                        "one row has".to_string()
                    } else {
                        format!("{} rows have", rows.len())
                    },
                    self.table,
                    list(&rows)
                ),
                "remove the rows, add the columns, or correct the names",
            );
            if let [only] = self.assignment.spare_rows[..] {
                problem = problem.at_row(self.sheet.lines[only]);
            }
            out.push(problem);
        }
        if !columns.is_empty() {
            out.push(self.problem(
                Severity::Warn,
                "columns_without_sheet_row",
                format!(
                    "{} left out, for want of a row: {}",
                    if columns.len() == 1 {
                        format!("one column of `{}` is", self.table)
                    } else {
                        format!("{} columns of `{}` are", columns.len(), self.table)
                    },
                    list(&columns)
                ),
                "add a row for each column that is a sample",
            ));
        }
        out
    }

    /// For rows left over beside columns left over: the nearest of those columns.
    fn nearest_left_over(&self) -> String {
        let pairs: Vec<String> = self
            .assignment
            .spare_rows
            .iter()
            .take(4)
            .filter_map(|&r| {
                let key = match_key(&self.name(r));
                let nearest = self
                    .assignment
                    .spare_columns
                    .iter()
                    .copied()
                    .min_by_key(|&c| {
                        strsim::damerau_levenshtein(&key, &match_key(&self.columns[c].label))
                    })?;
                Some(format!(
                    "{} is nearest to column {}",
                    self.row(r),
                    self.column(nearest)
                ))
            })
            .collect();
        if pairs.is_empty() {
            String::new()
        } else {
            format!("; of the columns left over, {}", pairs.join(", "))
        }
    }

    /// Rows whose names differ only in case or spaces, told when the table has a column for one of them.
    fn nearly_equal_rows(&self) -> Vec<Problem> {
        let folded = |r: usize| {
            let name = self.name(r).to_lowercase();
            name.chars()
                .filter(|c| !c.is_whitespace())
                .collect::<String>()
        };
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut out = Vec::new();
        for r in 0..self.sheet.rows.len() {
            let key = folded(r);
            if key.is_empty() || self.assignment.copies.iter().any(|(copy, _)| *copy == r) {
                continue;
            }
            if let Some(before) = seen.insert(key, r) {
                out.push(
                    self.problem(
                        Severity::Warn,
                        "rows_differ_in_case_or_spaces",
                        format!(
                            "{} and {} differ only in case or spaces",
                            self.row(before),
                            self.row(r)
                        ),
                        "remove one of them if they are the same sample, or give them different names",
                    )
                    .at_row(self.sheet.lines[r]),
                );
            }
        }
        out
    }
}

/// Whether a header is about a run or file rather than about a sample.
fn is_of_a_run(header: &str) -> bool {
    const WORDS: [&str; 18] = [
        "file",
        "filename",
        "files",
        "fraction",
        "fractions",
        "run",
        "runs",
        "raw",
        "path",
        "uri",
        "assay",
        "injection",
        "order",
        "techrepmixture",
        "technical",
        "techrep",
        "notes",
        "note",
    ];
    words(header).iter().any(|w| WORDS.contains(&w.as_str()))
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

/// Spare rows and columns that are each other's nearest and differ by little: likely a misspelling. Names that differ in
/// a number are other samples.
pub(crate) fn near_misses(
    sheet: &Sheet,
    columns: &[SampleColumn],
    assignment: &Assignment,
) -> Vec<(usize, usize)> {
    let keys: BTreeMap<usize, String> = assignment
        .spare_columns
        .iter()
        .map(|&c| (c, match_key(&columns[c].label)))
        .collect();
    let rows: Vec<(usize, String)> = assignment
        .spare_rows
        .iter()
        .take(200)
        .map(|&r| (r, match_key(&row_name(sheet, assignment, r))))
        .collect();
    let mut out = Vec::new();
    for (r, row) in &rows {
        let nearest = keys
            .iter()
            .map(|(c, column)| (strsim::damerau_levenshtein(row, column), *c))
            .min();
        let Some((d, c)) = nearest else { continue };
        let column = &keys[&c];
        let mutual = rows
            .iter()
            .all(|(_, other)| strsim::damerau_levenshtein(other, column) >= d);
        let longest = row.chars().count().max(column.chars().count()).max(1);
        let label = &columns[c].label;
        let name = row_name(sheet, assignment, *r);
        let (a, b) = (numbers(&name), numbers(label));
        let same_numbers = a == b || a.len() != b.len();
        let same_key = numbered_key(&name) == numbered_key(label);
        if mutual && same_numbers && (same_key || (d <= 2 && 3 * d <= longest)) {
            out.push((*r, c));
        }
    }
    out
}

/// The numbers in a name, without leading zeros.
fn numbers(name: &str) -> Vec<&str> {
    name.split(|c: char| !c.is_ascii_digit())
        .filter(|n| !n.is_empty())
        .map(|n| n.trim_start_matches('0'))
        .collect()
}
