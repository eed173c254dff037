//! From text to a rectangular grid of cells with a header, keeping line numbers for messages.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};

use super::label::canonical;
use super::number::{self, Cell, Notation};
use super::sections::{self, Preamble};
use super::shape::Shape;
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
        let quoted = split(body, delimiter, true);
        let mut quoting = true;
        let ((records, lines), outline) = match shape_of(&quoted, skipped).check(name, ended) {
            Ok(outline) => (quoted, outline),
            Err(fault) => {
                // A stray quotation mark swallows rows; without quoting the same text may be rectangular.
                let plain = split(body, delimiter, false);
                quoting = false;
                match shape_of(&plain, skipped).check(name, ended) {
                    Ok(outline) => (plain, outline),
                    Err(_) => return Err(fault),
                }
            }
        };
        let mut records = records.into_iter();
        let first = records.next().unwrap_or_default();
        let rows: Vec<StringRecord> = records.collect();
        let header = outline.header(first.iter());
        let mut inferences = file.inferences.clone();
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
            problems: Vec::new(),
            notation: Notation::Point,
            dialect: Dialect {
                delimiter,
                quoting,
                skipped,
                recoded: file.recoded,
                short_rows: outline.short_rows,
            },
            preamble,
            rows,
            lines: lines.into_iter().skip(1).map(|l| l + skipped).collect(),
        };
        grid.note_notation(delimiter);
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
        Ok(grid)
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

    fn note_notation(&mut self, delimiter: u8) {
        if delimiter == b',' {
            return;
        }
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
        self.notation = notation;
        let value = match notation {
            Notation::Thousands => "commas separate thousands",
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

fn shorten(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        format!("{short}…")
    } else {
        short
    }
}

/// Leading lines that start with `#` or are empty.
fn skip_comments(text: &str) -> &str {
    let mut rest = text;
    while rest.starts_with('#') || rest.starts_with('\n') || rest.starts_with("\r\n") {
        let Some(end) = rest.find('\n') else {
            return rest;
        };
        // A `#` header with tabs is a header.
        if rest[..end].contains('\t') {
            return rest;
        }
        rest = &rest[end + 1..];
    }
    rest
}

/// The delimiter that occurs in the first lines most evenly, outside quotes.
fn sniff(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|l| !l.is_empty()).take(20).collect();
    let count = |line: &str, delimiter: char| {
        let mut inside = false;
        line.chars()
            .filter(|&c| {
                inside ^= c == '"';
                !inside && c == delimiter
            })
            .count()
    };
    let mut best = (0usize, '\t');
    for delimiter in ['\t', ';', ',', '|'] {
        let counts: Vec<usize> = lines.iter().map(|l| count(l, delimiter)).collect();
        let Some(&first) = counts.first().filter(|c| **c > 0) else {
            continue;
        };
        let even = counts
            .iter()
            .filter(|c| **c == first || **c == first + 1)
            .count();
        let score = even * 10_000 + first.min(9_999);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1 as u8
}

type Records = (Vec<StringRecord>, Vec<usize>);

fn split(text: &str, delimiter: u8, quoting: bool) -> Records {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quoting(quoting)
        .from_reader(text.as_bytes());
    let (mut records, mut lines) = (Vec::new(), Vec::new());
    let bytes = text.as_bytes();
    let (mut line, mut counted) = (1, 0);
    // The text is valid UTF-8 and read from memory, so a record can only fail at the end.
    for record in reader.records().map_while(Result::ok) {
        if record.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        // The reader may stand on line ends it has not skipped yet.
        let mut at = record
            .position()
            .map_or(0, |p| p.byte() as usize)
            .min(bytes.len());
        while at < bytes.len() && matches!(bytes[at], b'\n' | b'\r') {
            at += 1;
        }
        line += bytes[counted..at].iter().filter(|b| **b == b'\n').count();
        counted = at;
        lines.push(line);
        records.push(record);
    }
    (records, lines)
}

/// Cells up to the last one that is not empty.
fn used_width(record: &StringRecord) -> usize {
    (0..record.len())
        .rev()
        .find(|&at| record.get(at).is_some_and(|c| !c.trim().is_empty()))
        .map_or(0, |at| at + 1)
}

/// The shape of split records.
fn shape_of((records, lines): &Records, skipped: usize) -> Shape {
    let mut shape = Shape::default();
    for (record, line) in records.iter().zip(lines) {
        shape.add(record.len(), used_width(record), line + skipped);
    }
    shape
}
