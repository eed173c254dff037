//! A sample sheet as read: rows of text about samples, before they are matched to columns and typed.

use std::collections::{HashMap, HashSet};

use super::grid::Grid;
use super::{Inference, Problem};

/// A table whose rows are samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// How messages call it; for facts found inside the table of measurements, that table.
    pub file: String,
    /// Column headers, unique.
    pub header: Vec<String>,
    /// Cells, one row per sample.
    pub rows: Vec<Vec<String>>,
    /// 1-based line of each row.
    pub lines: Vec<usize>,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
}

impl Sheet {
    /// The grid as a sheet; a header met again gets its number, and that is noted.
    pub fn from_grid(grid: &Grid) -> Self {
        let mut header: Vec<String> = Vec::with_capacity(grid.n_columns());
        let mut problems = grid.problems.clone();
        let mut taken: HashSet<String> = HashSet::with_capacity(grid.n_columns());
        let mut times: HashMap<&str, usize> = HashMap::new();
        for name in &grid.header {
            let mut unique = name.clone();
            // The number goes on from the last column of this name: thousands of them must not be tried from the first.
            let mut k = 1;
            while !taken.insert(unique.clone()) {
                let last = times.entry(name).or_insert(1);
                *last += 1;
                k = *last;
                unique = format!("{name} ({k})");
            }
            if k > 1 {
                problems.push(
                    Problem::new(
                        super::Severity::Note,
                        "duplicated_header",
                        format!("the header `{name}` occurs more than once; the later one is called `{unique}`"),
                        "give every column its own header",
                    )
                    .in_file(grid.file.clone())
                    .in_column(name.clone()),
                );
            }
            header.push(unique);
        }
        Self {
            file: grid.file.clone(),
            header,
            rows: (0..grid.n_rows())
                .map(|i| {
                    (0..grid.n_columns())
                        .map(|j| grid.cell(i, j).to_string())
                        .collect()
                })
                .collect(),
            lines: (0..grid.n_rows()).map(|i| grid.line(i)).collect(),
            inferences: grid.inferences.clone(),
            problems,
        }
    }

    /// All cells of a column.
    pub fn column(&self, j: usize) -> Vec<&str> {
        self.rows.iter().map(|r| r[j].as_str()).collect()
    }

    /// Position of a column by its exact header, else ignoring case and punctuation.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name).or_else(|| {
            let wanted = super::label::canonical(name);
            self.header
                .iter()
                .position(|h| super::label::canonical(h) == wanted)
        })
    }
}
