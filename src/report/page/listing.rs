//! A table on a page: headings, rows of cells, and a note on what was left out.

use serde::Serialize;

use crate::discovery::Target;
use crate::report::charts::shown_id;
use crate::report::export::table_file;
use crate::report::text::{NAME, count, decimal, probability, signed, thousands, tidy};
use crate::report::{ReportModel, Table};

/// A table as the templates show it.
#[derive(Debug, Clone, Default, Serialize)]
pub(in crate::report) struct Listing {
    /// What it shows.
    pub caption: String,
    /// Headings.
    pub columns: Vec<Heading>,
    /// Rows of cells, as many as headings.
    pub rows: Vec<Vec<Cell>>,
    /// What was left out, and where all of it stands; empty where nothing was.
    pub note: String,
}

/// A heading.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct Heading {
    /// The text.
    pub name: String,
    /// Whether its cells are numbers.
    pub numeric: bool,
}

/// A cell.
#[derive(Debug, Clone, Default, Serialize)]
pub(in crate::report) struct Cell {
    /// The text.
    pub text: String,
    /// The number it is sorted by, in full precision; empty for text.
    pub sort: String,
    /// Anchor it links to; empty for none.
    pub href: String,
    /// The grade it shows; empty for none.
    pub grade: &'static str,
    /// The feature it names, as [`shown_id`]; empty for none.
    pub feature: String,
}

impl Cell {
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self {
            text: tidy(text.as_ref(), NAME),
            ..Self::default()
        }
    }

    /// A text of sentence length.
    pub(super) fn prose(text: impl AsRef<str>) -> Self {
        Self {
            text: text.as_ref().to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn count(number: usize) -> Self {
        Self {
            text: thousands(number),
            sort: number.to_string(),
            ..Self::default()
        }
    }

    pub(super) fn number(number: f64, text: String) -> Self {
        Self {
            text,
            sort: if number.is_finite() {
                number.to_string()
            } else {
                String::new()
            },
            ..Self::default()
        }
    }

    /// Shown as a grade.
    pub(super) fn class(mut self, grade: &'static str) -> Self {
        self.grade = grade;
        self
    }

    /// Names a feature.
    fn naming(mut self, feature: &str) -> Self {
        self.feature = shown_id(feature);
        self
    }

    /// With a link.
    pub(super) fn to(mut self, href: impl Into<String>) -> Self {
        self.href = href.into();
        self
    }
}

impl Listing {
    pub(super) fn new(caption: impl Into<String>, headings: &[(&str, bool)]) -> Self {
        Self {
            caption: caption.into(),
            columns: headings
                .iter()
                .map(|(name, numeric)| Heading {
                    name: (*name).to_owned(),
                    numeric: *numeric,
                })
                .collect(),
            ..Self::default()
        }
    }

    /// The first rows of a step's table by ascending `order`, missing last; columns the table lacks are left out.
    pub(super) fn of_table(
        caption: impl Into<String>,
        table: &Table,
        columns: &[(&str, &str)],
        order: &str,
        most: usize,
        file: &str,
    ) -> Self {
        let present: Vec<&(&str, &str)> = columns
            .iter()
            .filter(|(name, _)| table.has(&[name]))
            .collect();
        let headings: Vec<(&str, bool)> = present
            .iter()
            .map(|(name, heading)| (*heading, table.is_numeric(name)))
            .collect();
        let mut listing = Self::new(caption, &headings);
        let mut rows: Vec<usize> = (0..table.rows()).collect();
        if let Some(key) = table.numbers(order) {
            let rank = |row: &usize| {
                if key[*row].is_nan() {
                    f64::INFINITY
                } else {
                    key[*row]
                }
            };
            rows.sort_by(|a, b| rank(a).total_cmp(&rank(b)).then(a.cmp(b)));
        }
        for &row in rows.iter().take(most) {
            let feature = table.cell(row, "feature");
            let mut callings = present.iter().map(|(name, _)| *name);
            let named_by = callings.find(|name| {
                matches!(*name, "gene" | "feature") && !table.cell(row, name).is_empty()
            });
            let cells = present.iter().map(|(name, _)| {
                if table.is_numeric(name) {
                    let value = table.number(row, name);
                    Cell::number(value, formatted(name, value))
                } else if matches!(*name, "leading" | "genes") {
                    Cell::prose(members(&table.cell(row, name)))
                } else if Some(*name) == named_by {
                    Cell::text(table.cell(row, name)).naming(&feature)
                } else {
                    Cell::text(table.cell(row, name))
                }
            });
            listing.rows.push(cells.collect());
        }
        if rows.len() > most {
            listing.note = format!(
                "The first {} of {}; all of them are in {file}.",
                thousands(most),
                count(rows.len(), "row", "rows"),
            );
        } else {
            listing.note = format!("From {file}.");
        }
        listing
    }
}

/// The first members of a list joined by `;`.
fn members(list: &str) -> String {
    const SHOWN: usize = 8;
    let all: Vec<&str> = list
        .split(';')
        .map(str::trim)
        .filter(|m| !m.is_empty())
        .collect();
    let mut shown: Vec<String> = all.iter().take(SHOWN).map(|m| tidy(m, NAME)).collect();
    if all.len() > SHOWN {
        shown.push(format!("… {} in all", all.len()));
    }
    shown.join(", ")
}

/// A number as its column is usually read.
fn formatted(column: &str, value: f64) -> String {
    let lower = column.to_lowercase();
    if value.is_nan() {
        String::new()
    } else if lower.contains("p.val") || lower == "p" || lower == "q" {
        probability(value)
    } else if matches!(
        column,
        "logFC" | "slope" | "effect" | "CI.L" | "CI.R" | "rho" | "t"
    ) {
        signed(value)
    } else if value.fract() == 0.0 && (0.0..1e9).contains(&value) {
        thousands(value as usize)
    } else {
        decimal(value)
    }
}

/// How a table of a step is cited.
pub(super) fn file_of(step: &str, table: &str) -> String {
    format!("report/tables/{}", table_file(step, table))
}

/// The text of an objective a step serves, or the step's id.
pub(in crate::report) fn heading_of(model: &ReportModel, step: &str) -> String {
    let objective = model.objective_of_step(step);
    objective.map_or_else(|| step.to_owned(), |o| o.text.clone())
}

/// The same as short as it can be said: the comparison, or the variable, alone.
pub(in crate::report) fn short_heading(model: &ReportModel, step: &str) -> String {
    let known = match model.objective_of_step(step).map(|o| &o.target) {
        Some(Target::Contrast { contrast }) => model.contrast(contrast).map(|c| c.title()),
        Some(Target::Levels { variable }) => Some(format!("{variable}, all levels")),
        Some(Target::Course { variable }) => Some(format!("{variable}, course")),
        Some(Target::Trend { variable }) => Some(format!("{variable}, trend")),
        Some(Target::Continuous { variable }) => Some(variable.clone()),
        Some(Target::Partner { .. } | Target::Structure) | None => None,
    };
    known.unwrap_or_else(|| heading_of(model, step))
}
