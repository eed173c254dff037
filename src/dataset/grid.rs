//! From text to a rectangular grid of cells with a header, keeping line numbers for messages.

use std::collections::HashMap;

use csv::StringRecord;

use super::body::{Body, grouped, shape_of, skip_comments, sniff, spilled_rows, split};
use super::header_rows::{self, Annotation, ColumnFacts};
use super::label::canonical;
use super::number::{self, Cell, Notation};
use super::sections::{self, Preamble};
use super::sheet::Sheet;
use super::text::TextFile;
use super::{DatasetError, Inference, Problem};

/// A delimited table as read, before anything is known of its meaning.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    /// How messages call the file.
    pub file: String,
    /// Column headers, trimmed; a column without one is called `column N`.
    pub header: Vec<String>,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
    /// How numbers are written.
    pub notation: Notation,
    /// How the text was cut into cells.
    pub dialect: Dialect,
    /// What stood in the file beside the table.
    pub preamble: Preamble,
    /// What rows above or below the header say of the columns.
    pub about_columns: ColumnFacts,
    /// Columns that the file itself says hold no measurements.
    pub described: Vec<usize>,
    /// Whether rows below the header were taken for annotations.
    pub annotated: bool,
    /// First position of every header in canonical form.
    places: HashMap<String, usize>,
    rows: Vec<StringRecord>,
    lines: Vec<usize>,
}

/// How a text is cut into cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// What stands between cells.
    pub delimiter: u8,
    /// Whether quotation marks enclose cells.
    pub quoting: bool,
    /// Lines above the header.
    pub skipped: usize,
    /// Whether the text was recoded to UTF-8 as a whole.
    pub recoded: bool,
    /// Whether rows may lack empty cells at their end.
    pub short_rows: bool,
}

impl Grid {
    /// Splits the text of a file into cells: the delimiter is the one that cuts the first lines most evenly; a header
    /// one cell short (R's row names) and trailing empty cells are understood.
    pub fn parse(file: &TextFile) -> Result<Self, DatasetError> {
        let name = file.name.as_str();
        let sections = sections::split(&file.text);
        let (text, preamble) = match &sections {
            Some((table, preamble)) => (table.as_str(), preamble.clone()),
            None => (file.text.as_str(), Preamble::None),
        };
        let body = skip_comments(text);
        let skipped = text[..text.len() - body.len()].matches('\n').count();
        let delimiter = sniff(body);
        let ended = body.ends_with(['\n', '\r']);
        let quoted = Body::of(split(body, delimiter, true));
        let mut quoting = true;
        let (found, outline) = match shape_of(&quoted.records, skipped).check(name, ended) {
            Ok(outline) => (quoted, outline),
            Err(fault) => {
                // A stray quotation mark swallows rows; without quoting the same text may be rectangular.
                let plain = Body::of(split(body, delimiter, false));
                quoting = false;
                match shape_of(&plain.records, skipped).check(name, ended) {
                    Ok(outline) => (plain, outline),
                    Err(_) => return Err(fault),
                }
            }
        };
        let said = found.said(name, skipped);
        let Body {
            records: (records, lines),
            above,
            spilled,
            ..
        } = found;
        let problems = spilled_rows(name, &spilled, skipped);
        let mut records = records.into_iter();
        let first = records.next().unwrap_or_default();
        let rows: Vec<StringRecord> = records.collect();
        let mut names: Vec<String> = first.iter().map(|h| h.trim().to_string()).collect();
        let (groups, mut about_columns) = header_rows::group_rows(&above, &mut names);
        if outline.row_names {
            for (_, cells) in &mut about_columns {
                cells.insert(0, String::new());
            }
        }
        let header = outline.header(names.iter().map(String::as_str));
        let skipped_with_titles = skipped + lines.first().map_or(0, |l| l - 1);
        let mut inferences = file.inferences.clone();
        inferences.extend(said);
        inferences.extend(grouped(name, &groups));
        if outline.row_names {
            inferences.push(Inference::new(
                format!("first column of `{name}`"),
                "row names",
                "the header is one cell shorter than every row, as R writes it",
                "give the first column a header",
            ));
        }
        let mut grid = Self {
            file: name.to_string(),
            places: places(&header),
            header,
            inferences,
            problems,
            notation: Notation::Point,
            dialect: Dialect {
                delimiter,
                quoting,
                skipped: skipped_with_titles,
                recoded: file.recoded,
                short_rows: outline.short_rows,
            },
            preamble,
            about_columns,
            described: Vec::new(),
            annotated: false,
            rows,
            lines: lines.into_iter().skip(1).map(|l| l + skipped).collect(),
        };
        grid.note_notation(delimiter);
        grid.take_annotations();
        Ok(grid)
    }

    /// A grid of cells that were never text, each row with its 1-based line.
    pub fn from_rows(
        file: &str,
        header: Vec<String>,
        rows: Vec<(usize, Vec<String>)>,
    ) -> Result<Self, DatasetError> {
        if rows.is_empty() {
            return Err(DatasetError::Empty {
                file: file.to_string(),
                found: format!("a header of {} columns and no row below it", header.len()),
            });
        }
        let header: Vec<String> = header
            .into_iter()
            .enumerate()
            .map(|(j, h)| match h.trim() {
                "" => format!("column {}", j + 1),
                named => named.to_string(),
            })
            .collect();
        let (lines, rows) = rows
            .into_iter()
            .map(|(line, cells)| (line, StringRecord::from(cells)))
            .unzip();
        let mut grid = Self {
            file: file.to_string(),
            places: places(&header),
            header,
            preamble: Preamble::None,
            about_columns: Vec::new(),
            described: Vec::new(),
            annotated: false,
            inferences: Vec::new(),
            problems: Vec::new(),
            notation: Notation::Point,
            dialect: Dialect {
                delimiter: b'\t',
                quoting: false,
                skipped: 0,
                recoded: false,
                short_rows: false,
            },
            rows,
            lines,
        };
        grid.note_notation(b'\t');
        grid.take_annotations();
        Ok(grid)
    }

    /// Takes units, groups and the annotations of Perseus out of the rows.
    fn take_annotations(&mut self) {
        let found = header_rows::annotations(&self.rows, self.header.len(), self.notation);
        if found.is_empty() || found.len() >= self.rows.len() {
            return;
        }
        let mut said = Vec::new();
        for (annotation, line) in found.iter().zip(&self.lines) {
            said.push(match annotation {
                Annotation::PerseusTypes(types) => {
                    let measured = |t: &String| t.eq_ignore_ascii_case("e");
                    self.described = (0..types.len()).filter(|&j| !measured(&types[j])).collect();
                    format!("row {line} tells which columns are measurements")
                }
                Annotation::Unit(unit) => format!("row {line} is the unit `{unit}`"),
                Annotation::Group(name, cells) => {
                    self.about_columns.push((name.clone(), cells.clone()));
                    format!("row {line} is `{name}` of the columns")
                }
                Annotation::Remark => format!("row {line} is a description"),
            });
        }
        self.annotated = true;
        self.rows.drain(..found.len());
        self.lines.drain(..found.len());
        self.inferences.push(Inference::new(
            format!("rows below the header of `{}`", self.file),
            said.join("; "),
            "they hold words where all further rows hold numbers",
            "delete the rows, and give a sample sheet with `--samples` instead",
        ));
    }

    /// What rows above or below the header say of columns, as a sheet of the samples that stand in them; none where they
    /// say nothing.
    pub fn facts_of(&self, columns: &[(usize, String)]) -> Option<Sheet> {
        let cell = |facts: &[String], j: usize| facts.get(j).cloned().unwrap_or_default();
        let told: Vec<&(String, Vec<String>)> = (self.about_columns.iter())
            .filter(|(_, facts)| columns.iter().any(|(j, _)| !cell(facts, *j).is_empty()))
            .collect();
        if told.is_empty() {
            return None;
        }
        let mut header = vec!["sample".to_string()];
        for (name, _) in &told {
            let taken = header
                .iter()
                .filter(|h| h.starts_with(name.as_str()))
                .count();
            header.push(match taken {
                0 => name.clone(),
                n => format!("{name} ({})", n + 1),
            });
        }
        let rows = columns.iter().map(|(j, label)| {
            let facts = told.iter().map(|(_, facts)| cell(facts, *j));
            std::iter::once(label.clone()).chain(facts).collect()
        });
        Some(Sheet {
            file: self.file.clone(),
            header,
            rows: rows.collect(),
            lines: vec![self.dialect.skipped + 1; columns.len()],
            inferences: Vec::new(),
            problems: Vec::new(),
        })
    }

    /// Number of rows below the header.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.header.len()
    }

    /// The trimmed text of a cell; empty beyond the end of a row.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows[row].get(column).unwrap_or_default().trim()
    }

    /// The cell as a number.
    pub fn number(&self, row: usize, column: usize) -> Cell {
        number::parse(self.cell(row, column), self.notation)
    }

    /// 1-based line of a row in the file.
    pub fn line(&self, row: usize) -> usize {
        self.lines[row]
    }

    /// All cells of a column.
    pub fn column(&self, column: usize) -> impl Iterator<Item = &str> {
        (0..self.n_rows()).map(move |i| self.cell(i, column))
    }

    /// First column whose header is one of `names`, ignoring case and punctuation; earlier names win.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|wanted| self.places.get(&canonical(wanted)).copied())
    }

    /// What a column holds: (numbers, missing, text), counted.
    pub fn kinds(&self, column: usize) -> (usize, usize, usize) {
        let (mut numbers, mut missing, mut text) = (0, 0, 0);
        for i in 0..self.n_rows() {
            match self.number(i, column) {
                Cell::Number(_) => numbers += 1,
                Cell::Missing => missing += 1,
                Cell::Text => text += 1,
            }
        }
        (numbers, missing, text)
    }

    /// The numbers of a column of measurements, NaN where missing; an error names the first cell that is neither.
    pub fn numbers(&self, column: usize) -> Result<Vec<f64>, DatasetError> {
        (0..self.n_rows())
            .map(|i| match self.number(i, column) {
                Cell::Number(x) => Ok(x),
                Cell::Missing => Ok(f64::NAN),
                Cell::Text => Err(DatasetError::NotANumber {
                    file: self.file.clone(),
                    column: self.header[column].clone(),
                    row: self.line(i),
                    value: self.cell(i, column).chars().take(40).collect(),
                }),
            })
            .collect()
    }

    /// The header, shortened for a message.
    pub fn header_excerpt(&self) -> String {
        let shown: Vec<String> = self
            .header
            .iter()
            .take(8)
            .map(|h| format!("`{}`", shorten(h)))
            .collect();
        let more = self.n_columns().saturating_sub(8);
        let tail = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("{}{tail}", shown.join(", "))
    }

    /// Whether nine of ten cells with a comma among the first rows are numbers in this notation.
    fn mostly_read_as(&self, notation: Notation) -> bool {
        let with_comma = (self.rows.iter().take(200))
            .flat_map(StringRecord::iter)
            .filter(|c| c.contains(',') && c.trim().starts_with(|c: char| c.is_ascii_digit()));
        let (mut n, mut read) = (0usize, 0usize);
        for cell in with_comma {
            n += 1;
            read += usize::from(matches!(number::parse(cell, notation), Cell::Number(_)));
        }
        10 * read >= 9 * n
    }

    fn note_notation(&mut self, delimiter: u8) {
        let sample = self.rows.iter().take(200).flat_map(StringRecord::iter);
        let Some(notation) = number::notation_of(sample) else {
            return;
        };
        // Lists such as `12,5` in an annotation column must not turn points into separators elsewhere.
        let points = self
            .rows
            .iter()
            .take(200)
            .flat_map(StringRecord::iter)
            .filter(|c| c.contains('.') && !c.contains(',') && c.trim().parse::<f64>().is_ok())
            .count();
        if notation == Notation::Comma && points > 0 {
            return;
        }
        // Between commas, only quoted cells hold one: numbers there are an exception, and mostly numbers.
        if delimiter == b',' && !self.mostly_read_as(notation) {
            return;
        }
        self.notation = notation;
        let value = match notation {
            Notation::Thousands => "commas separate thousands",
            Notation::PointThousands => "decimal commas, and points between thousands",
            _ => "decimal commas",
        };
        self.inferences.push(Inference::new(
            format!("numbers in `{}`", self.file),
            value,
            "cells with a comma are numbers only when read so",
            "export the table with decimal points",
        ));
    }
}

/// First position of every header in canonical form.
pub(crate) fn places(header: &[String]) -> HashMap<String, usize> {
    let mut places = HashMap::with_capacity(header.len());
    for (j, name) in header.iter().enumerate() {
        places.entry(canonical(name)).or_insert(j);
    }
    places
}

/// A text of at most forty characters.
pub(crate) fn shorten(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        format!("{short}…")
    } else {
        short
    }
}
