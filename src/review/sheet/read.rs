//! Reading a sheet of reviews: all of it, or nothing and every reason why.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::cell::original;
use super::{KEYS, columns, said_columns};
use crate::report::text::{NAME, tidy};
use crate::review::record::{Axis, AxisReview, Decision, Review, Subject, rationale_field};
use crate::review::{ReviewError, ReviewedRun, ReviewerName, Via};

/// Problems told of one sheet.
const MOST_PROBLEMS: usize = 20;
/// Largest sheet that is read, in bytes.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Reviews that are new or changed.
    pub new: usize,
    /// Rows that say what stands already.
    pub unchanged: usize,
    /// Rows in which nothing is filled in.
    pub empty: usize,
}

/// Reads the sheet at `path` into the reviews of a run. `name` is the reviewer of rows that name none.
///
/// # Errors
/// A row is wrong; then nothing is imported, and every problem is told with row, column, rule and fix. Or as for any write.
pub fn import(
    run: &ReviewedRun,
    path: &Path,
    name: Option<&ReviewerName>,
) -> Result<Imported, ReviewError> {
    let size = fs::metadata(path).map_err(|e| ReviewError::reading(path, e))?;
    let bytes = match size.len() {
        0..=MOST_BYTES => fs::read(path).map_err(|e| ReviewError::reading(path, e))?,
        larger => {
            return Err(ReviewError::Sheet {
                path: path.to_path_buf(),
                problems: vec![format!(
                    "it has {larger} bytes, at most {MOST_BYTES} are read"
                )],
            });
        }
    };
    let sheet = Sheet::read(run, &bytes, name).map_err(|mut problems| {
        if problems.len() > MOST_PROBLEMS {
            let more = problems.len() - MOST_PROBLEMS;
            problems.truncate(MOST_PROBLEMS);
            problems.push(format!("… and {more} more"));
        }
        ReviewError::Sheet {
            path: path.to_path_buf(),
            problems,
        }
    })?;
    let rows = sheet.reviews.len();
    let new = run.store.submit_all(sheet.reviews, Via::Sheet)?;
    Ok(Imported {
        new,
        unchanged: rows - new,
        empty: sheet.empty,
    })
}

struct Sheet {
    reviews: Vec<(ReviewerName, Subject, Review)>,
    empty: usize,
}

impl Sheet {
    fn read(
        run: &ReviewedRun,
        bytes: &[u8],
        name: Option<&ReviewerName>,
    ) -> Result<Self, Vec<String>> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let row = bytes[..error.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count()
                + 1;
            vec![format!(
                "line {row}: it is not UTF-8 text\nhint: save the sheet as `CSV UTF-8`"
            )]
        })?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator(text))
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut records = reader.records();
        let header = match records.next() {
            Some(Ok(header)) => header,
            _ => {
                return Err(vec![
                    "it is empty: the first row names the columns".to_owned(),
                ]);
            }
        };
        let header: Vec<String> = header.iter().map(|c| c.trim().to_lowercase()).collect();
        check_header(&header, name)?;
        let mut problems = Vec::new();
        let mut seen: BTreeMap<(String, String), u64> = BTreeMap::new();
        let mut sheet = Self {
            reviews: Vec::new(),
            empty: 0,
        };
        for record in records {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    problems.push(error.to_string());
                    break;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if record.len() > header.len() {
                problems.push(format!(
                    "row {line}: {} cells under {} columns; put texts that hold the separator in double quotes",
                    record.len(),
                    header.len()
                ));
                continue;
            }
            let cells: BTreeMap<&str, &str> = header
                .iter()
                .zip(record.iter())
                .map(|(column, cell)| (column.as_str(), original(cell)))
                .collect();
            let row = Row { cells, line };
            if row.says_nothing() {
                sheet.empty += 1;
                continue;
            }
            match row.review(run, name) {
                Ok((reviewer, subject, review)) => {
                    let key = (reviewer.to_string(), subject.id.clone());
                    match seen.insert(key, line) {
                        Some(before) => problems.push(format!(
                            "row {line}, column `hypothesis`: `{}` was reviewed by {reviewer} in row {before} already; keep one of the two",
                            subject.id
                        )),
                        None => sheet.reviews.push((reviewer, subject, review)),
                    }
                }
                Err(wrong) => problems.extend(wrong),
            }
        }
        if problems.is_empty() {
            Ok(sheet)
        } else {
            Err(problems)
        }
    }
}

/// The separator that the first line has most of.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |separator: u8| first.bytes().filter(|b| *b == separator).count();
    let mut best = b',';
    for other in [b';', b'\t'] {
        if count(other) > count(best) {
            best = other;
        }
    }
    best
}

fn check_header(header: &[String], name: Option<&ReviewerName>) -> Result<(), Vec<String>> {
    let known = columns();
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for column in header.iter().filter(|c| !c.is_empty()) {
        let shown = tidy(column, NAME);
        if !seen.insert(column) {
            problems.push(format!("row 1: column `{shown}` is there twice; keep one"));
        }
        if !known.contains(column) {
            let near = known
                .iter()
                .map(|k| (strsim::damerau_levenshtein(k, column), k))
                .min()
                .filter(|(distance, _)| *distance <= 3)
                .map(|(_, k)| format!("; is `{k}` meant?"));
            problems.push(format!(
                "row 1: column `{shown}` is not known{}; columns are {}",
                near.unwrap_or_default(),
                known.join(", ")
            ));
        }
    }
    let [hypothesis, reviewer] = KEYS;
    if !header.iter().any(|c| c == hypothesis) {
        problems.push(format!(
            "row 1: column `{hypothesis}` is missing; it holds the id of the hypothesis"
        ));
    }
    if name.is_none() && !header.iter().any(|c| c == reviewer) {
        problems.push(format!(
            "row 1: column `{reviewer}` is missing; add it, or name the reviewer with `--as NAME`"
        ));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

struct Row<'a> {
    cells: BTreeMap<&'a str, &'a str>,
    line: u64,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> &str {
        self.cells.get(column).copied().unwrap_or_default()
    }

    fn says_nothing(&self) -> bool {
        said_columns().iter().all(|column| {
            let cell = self.cell(column).trim();
            cell.is_empty() || (column == "flag" && truth(cell) == Some(false))
        })
    }

    fn problem(&self, column: &str, rule: impl std::fmt::Display) -> String {
        format!("row {}, column `{column}`: {rule}", self.line)
    }

    fn review(
        &self,
        run: &ReviewedRun,
        name: Option<&ReviewerName>,
    ) -> Result<(ReviewerName, Subject, Review), Vec<String>> {
        let mut problems = Vec::new();
        let subject = self.subject(run).map_err(|p| problems.push(p)).ok();
        let given = self.cell("reviewer").trim();
        let reviewer = match (given.is_empty(), name) {
            (true, Some(name)) => Some(name.clone()),
            _ => match ReviewerName::new(given) {
                Ok(reviewer) => Some(reviewer),
                Err(error) => {
                    let text = error.to_string().replace("\nhint: ", "; ");
                    problems.push(self.problem("reviewer", text));
                    None
                }
            },
        };
        let mut review = Review {
            comment: self.cell("comment").to_owned(),
            proposed_statement: self.cell("proposed_statement").to_owned(),
            proposed_question: self.cell("proposed_question").to_owned(),
            ..Review::default()
        };
        for axis in Axis::ALL {
            let cell = self.cell(axis.word()).trim();
            let score = score(cell);
            if score.is_none() && !cell.is_empty() {
                problems.push(self.problem(
                    axis.word(),
                    format!(
                        "`{}` is no score; a score is 1, 2, 3, 4 or 5, or leave the cell empty",
                        tidy(cell, NAME)
                    ),
                ));
            }
            let rationale = self.cell(&rationale_field(axis)).to_owned();
            review.axes.insert(axis, AxisReview { score, rationale });
        }
        let decision = self.cell("decision").trim().to_lowercase();
        if !decision.is_empty() {
            review.decision = Decision::of(&decision);
            if review.decision.is_none() {
                problems.push(self.problem(
                    "decision",
                    format!(
                        "`{}` is no decision; write accept, park or reject, or leave the cell empty",
                        tidy(&decision, NAME)
                    ),
                ));
            }
        }
        let flag = self.cell("flag").trim();
        match (flag.is_empty(), truth(flag)) {
            (true, _) => {}
            (false, Some(flagged)) => review.flagged = flagged,
            (false, None) => problems.push(self.problem(
                "flag",
                format!(
                    "`{}` is neither yes nor no; write yes, or leave the cell empty",
                    tidy(flag, NAME)
                ),
            )),
        }
        let review = review.tidied();
        let faults = review.faults();
        problems.extend(faults.iter().map(|f| self.problem(&f.field, &f.rule)));
        match (reviewer, subject) {
            (Some(reviewer), Some(subject)) if problems.is_empty() => {
                Ok((reviewer, subject, review))
            }
            _ => Err(problems),
        }
    }

    fn subject(&self, run: &ReviewedRun) -> Result<Subject, String> {
        let id = self.cell("hypothesis").trim();
        if let Some(subject) = run.subjects.iter().find(|s| s.id == id) {
            return Ok(subject.clone());
        }
        // A sheet of an earlier run of the same data: the same claim under another id.
        let hash = self.cell("claim_hash").trim();
        let same = |s: &&Subject| !hash.is_empty() && s.frozen.as_deref() == Some(hash);
        if let Some(subject) = run.subjects.iter().find(same) {
            return Ok(subject.clone());
        }
        let near = run
            .subjects
            .iter()
            .map(|s| (strsim::damerau_levenshtein(&s.id, id), s.id.as_str()))
            .min()
            .filter(|(distance, _)| *distance <= 3)
            .map(|(_, id)| format!("; is `{id}` meant?"));
        Err(self.problem(
            "hypothesis",
            format!(
                "the run has no hypothesis `{}`{}; take ids from `proteus review --export`",
                tidy(id, NAME),
                near.unwrap_or_default()
            ),
        ))
    }
}

fn score(cell: &str) -> Option<u8> {
    let number: f64 = cell.parse().ok()?;
    [1_u8, 2, 3, 4, 5]
        .into_iter()
        .find(|s| f64::from(*s) == number)
}

fn truth(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "yes" | "true" | "1" | "x" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    }
}
