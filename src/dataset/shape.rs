//! The shape of a delimited table, told record by record: how wide it is and which row does not fit.

use super::DatasetError;

/// The widths of the records seen so far, the header first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    header: Option<Header>,
    rows: usize,
    /// Rows exactly one cell wider than the header.
    one_more: usize,
    /// Rows that end before the last filled cell of the header.
    short: usize,
    first_short: Option<Misfit>,
    first_long: Option<Misfit>,
    /// Widest row, up to its last filled cell, and narrowest row.
    widest: usize,
    narrowest: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Header {
    width: usize,
    used: usize,
}

#[derive(Debug, Clone, Copy)]
struct Misfit {
    row: usize,
    line: usize,
    width: usize,
}

/// A table whose rows fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outline {
    /// Whether the header lacks the name of the first column, as R writes it.
    pub row_names: bool,
    /// Columns up to the last that is filled in any row.
    pub width: usize,
    /// Whether rows lack empty cells at their end.
    pub short_rows: bool,
}

impl Shape {
    /// Adds a record of so many cells, the last `width - used` of them blank; `line` is where it begins.
    pub fn add(&mut self, width: usize, used: usize, line: usize) {
        let Some(header) = self.header else {
            self.header = Some(Header { width, used });
            return;
        };
        self.rows += 1;
        self.one_more += usize::from(width == header.width + 1);
        self.widest = self.widest.max(used);
        self.narrowest = Some(self.narrowest.map_or(width, |n| n.min(width)));
        let misfit = Misfit {
            row: self.rows,
            line,
            width,
        };
        if used > header.width {
            self.first_long.get_or_insert(misfit);
        }
        if width < header.used {
            self.short += 1;
            self.first_short.get_or_insert(misfit);
        }
    }

    /// Rows below the header.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether there is a table and every row fits; `ended` says whether the last row has a line end.
    pub fn check(&self, file: &str, ended: bool) -> Result<Outline, DatasetError> {
        let Some(header) = self.header else {
            return Err(DatasetError::Empty {
                file: file.to_string(),
                found: "it has no header".to_string(),
            });
        };
        if self.rows == 0 {
            return Err(DatasetError::Empty {
                file: file.to_string(),
                found: format!("a header of {} columns and no row below it", header.width),
            });
        }
        let named = self.one_more == self.rows;
        // Some writers leave out empty cells at the end of a row; one short row among full ones is a fault.
        let trimmed = self.short >= 3 && 20 * self.short >= self.rows;
        let short = self.first_short.filter(|_| !trimmed);
        let long = self.first_long.filter(|_| !named);
        let first = match (short, long) {
            (Some(short), Some(long)) if long.row < short.row => Some(long),
            (short, long) => short.or(long),
        };
        let Some(misfit) = first else {
            return Ok(Outline {
                row_names: named && self.widest == header.width + 1,
                width: self.widest,
                short_rows: self.narrowest.is_some_and(|n| n < self.widest),
            });
        };
        if misfit.width < header.used && misfit.row == self.rows && !ended {
            return Err(DatasetError::Truncated {
                file: file.to_string(),
                detail: format!(
                    "its last row, {}, has {} of {} cells and no line end",
                    misfit.line, misfit.width, header.width
                ),
            });
        }
        Err(DatasetError::Ragged {
            file: file.to_string(),
            row: misfit.line,
            expected: header.width,
            found: misfit.width,
        })
    }
}

impl Outline {
    /// The header of the table from the cells of its record.
    pub fn header<'a>(&self, cells: impl Iterator<Item = &'a str>) -> Vec<String> {
        let first = self.row_names.then_some("row names");
        let mut header: Vec<String> = first
            .into_iter()
            .chain(cells.map(str::trim))
            .map(str::to_string)
            .collect();
        while header.last().is_some_and(String::is_empty) && header.len() > self.width {
            header.pop();
        }
        for (j, h) in header.iter_mut().enumerate() {
            if h.is_empty() {
                *h = format!("column {}", j + 1);
            }
        }
        header
    }
}
