//! The rows of a delimited text, one at a time, plain or packed.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use encoding_rs::WINDOWS_1252;

use super::super::body::footnotes_left_out;
use super::super::container::packed::{self, Hashed, unreadable};
use super::super::formats::RawTable;
use super::super::grid::{Dialect, Grid};
use super::super::header_rows::{LEAST_ROWS, NOTED_WIDTH, is_footnote, is_marked};
use super::super::number::{self, Cell, Notation};
use super::super::shape::Shape;
use super::super::{DatasetError, Inference, SourceFile};
use super::records::{Fault, Records};
use super::{Collector, LongLayout, Row, Survey, notation};

/// A record of a text; cells are borrowed from it wherever they can be.
pub(crate) struct TextRow<'a> {
    bytes: &'a [u8],
    cells: &'a [(usize, usize)],
    /// The record, where it is UTF-8 from end to end.
    text: Option<&'a str>,
}

impl<'a> TextRow<'a> {
    fn new(bytes: &'a [u8], cells: &'a [(usize, usize)]) -> Self {
        Self {
            bytes,
            cells,
            text: std::str::from_utf8(bytes).ok(),
        }
    }

    /// The bytes of one cell.
    fn cell(&self, column: usize) -> &[u8] {
        let (from, to) = self.cells.get(column).copied().unwrap_or_default();
        &self.bytes[from..to]
    }

    /// Whether one of the cells is not UTF-8.
    fn is_foreign(&self, columns: &[usize]) -> bool {
        let strange = |&j: &usize| std::str::from_utf8(self.cell(j)).is_err();
        self.text.is_none() && columns.iter().any(strange)
    }
}

impl Row for TextRow<'_> {
    fn text(&self, column: usize) -> Cow<'_, str> {
        let (from, to) = self.cells.get(column).copied().unwrap_or_default();
        if let Some(cell) = self.text.and_then(|text| text.get(from..to)) {
            return Cow::Borrowed(cell.trim());
        }
        match decode(self.cell(column)) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_string()),
        }
    }

    fn number(&self, column: usize, notation: Notation) -> Cell {
        // Most cells are plain numbers, which need none of the care that the others do.
        let plain = (notation == Notation::Point)
            .then(|| std::str::from_utf8(self.cell(column)).ok()?.parse().ok())
            .flatten();
        match plain.filter(|x: &f64| x.is_finite()) {
            Some(x) => Cell::Number(x),
            None => number::parse(&self.text(column), notation),
        }
    }
}

/// A cell as UTF-8 or, where it is not, as Windows-1252.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// What rows are gathered in.
pub(crate) trait RowSink {
    /// Adds a row; `line` is its 1-based line in the file.
    fn add_row(&mut self, row: &TextRow<'_>, line: usize) -> Result<(), DatasetError>;
}

impl RowSink for Collector<'_> {
    fn add_row(&mut self, row: &TextRow<'_>, line: usize) -> Result<(), DatasetError> {
        self.add(row, line)
    }
}

/// What was read of a text.
pub(crate) struct ReadRows<S> {
    /// The rows.
    pub rows: S,
    /// Size and hash of the file.
    pub source: SourceFile,
    /// The first line with a cell that is not UTF-8, among the columns looked at.
    foreign: Option<usize>,
    /// Rows at the end that are no rows of the table.
    footnotes: Vec<String>,
}

impl<S> ReadRows<S> {
    /// What was left out of the text, unless its first rows tell it already.
    pub fn said(&self, head: &Grid) -> Option<Inference> {
        let said = footnotes_left_out(&head.file, &self.footnotes)?;
        (!head.inferences.iter().any(|i| i.what == said.what)).then_some(said)
    }
}

/// Reads a long table of text; `head` holds its first rows and tells header and dialect.
pub(crate) fn read_text(
    path: &Path,
    head: &Grid,
    layout: &LongLayout,
) -> Result<(RawTable, SourceFile), DatasetError> {
    let read = read_rows(path, head, &layout.columns(), || {
        Collector::new(layout, &head.file, &head.header, notation(head, layout))
    })?;
    let footnotes = read.said(head);
    let mut table = read.rows.finish()?;
    table.inferences.splice(0..0, head.inferences.clone());
    table.inferences.extend(footnotes);
    if let Some(line) = read.foreign
        && !head
            .inferences
            .iter()
            .any(|i| i.what.starts_with("encoding"))
    {
        table.inferences.push(Inference::new(
            format!("encoding of `{}`", head.file),
            "Windows-1252",
            format!("line {line} is not UTF-8"),
            "save the file as UTF-8",
        ));
    }
    table.problems.splice(0..0, head.problems.clone());
    Ok((table, read.source))
}

/// Reads the rows of a text one by one into what `start` makes; `head` holds its first rows and tells header and dialect.
pub(crate) fn read_rows<S: RowSink>(
    path: &Path,
    head: &Grid,
    columns: &[usize],
    start: impl Fn() -> S,
) -> Result<ReadRows<S>, DatasetError> {
    match gather(path, head, columns, head.dialect, start()) {
        Err(
            fault @ (DatasetError::Ragged { .. }
            | DatasetError::Truncated { .. }
            | DatasetError::Binary { .. }),
        ) if head.dialect.quoting => {
            // A stray quotation mark swallows rows; without quoting the same text may be rectangular.
            let plain = Dialect {
                quoting: false,
                ..head.dialect
            };
            gather(path, head, columns, plain, start()).map_err(|_| fault)
        }
        other => other,
    }
}

/// What all rows of a table say of it.
pub(crate) struct Surveyed {
    /// Its first rows, cut as all rows have to be.
    pub head: Grid,
    /// What the columns mean.
    pub layout: LongLayout,
    /// The evidence in words.
    pub because: String,
}

/// The layout of a text whose columns are told by all its rows, with the head as these tell it; none where it is no such
/// table or where its first rows mislead about the rest.
pub(crate) fn survey_text(
    path: &Path,
    head: &Grid,
    survey: &dyn Fn() -> Option<Box<dyn Survey>>,
) -> Result<Option<Surveyed>, DatasetError> {
    let with = |quoting: bool| -> Result<Option<Surveyed>, DatasetError> {
        let Some(mut seen) = survey() else {
            return Ok(None);
        };
        let dialect = Dialect {
            quoting,
            ..head.dialect
        };
        let mut shape = Shape::default();
        let mut names: Vec<String> = Vec::new();
        let scanned = scan(path, &head.file, dialect, |record| {
            shape.add(record.width(), record.used, record.line);
            if shape.rows() == 0 {
                names = (0..record.width())
                    .map(|j| record.row.text(j).into_owned())
                    .collect();
            } else {
                seen.add(&record.row, head.notation);
            }
            Ok(())
        })?;
        let outline = shape.check(&head.file, scanned.ended)?;
        if outline.header(names.iter().map(String::as_str)) != head.header {
            return Ok(None);
        }
        let mut whole = head.clone();
        whole.dialect = Dialect {
            short_rows: outline.short_rows,
            ..dialect
        };
        let told = seen.layout(&head.header, head.notation);
        Ok(told.map(|(layout, because)| Surveyed {
            head: whole,
            layout,
            because,
        }))
    };
    match with(true) {
        Err(fault) => with(false).map_err(|_| fault),
        found => found,
    }
}

/// A record that is not blank.
struct Record<'a> {
    row: TextRow<'a>,
    /// Cells up to the last that is not blank.
    used: usize,
    /// Its 1-based line in the file.
    line: usize,
}

impl Record<'_> {
    fn width(&self) -> usize {
        self.row.cells.len()
    }
}

/// A record that is held back, since it is a footnote if no row follows.
struct Held {
    bytes: Vec<u8>,
    cells: Vec<(usize, usize)>,
    line: usize,
}

/// More footnotes than any table has.
const MOST_NOTES: usize = 1_000;

/// What a text was found to be once all of it has been read.
struct Scanned {
    source: SourceFile,
    /// Whether the last row has a line end.
    ended: bool,
    footnotes: Vec<String>,
}

/// Goes through the records of a text, the header first, and hands on each that is neither blank nor a footnote.
fn scan(
    path: &Path,
    name: &str,
    dialect: Dialect,
    mut visit: impl FnMut(Record<'_>) -> Result<(), DatasetError>,
) -> Result<Scanned, DatasetError> {
    let (file, packing) = packed::open(path, name)?;
    let mut stored = Hashed::new(file);
    let mut held: Vec<Held> = Vec::new();
    let (mut visited, mut noted) = (0, false);
    let release =
        |held: &mut Vec<Held>, visit: &mut dyn FnMut(Record<'_>) -> Result<(), DatasetError>| {
            held.drain(..).try_for_each(|h| {
                visit(Record {
                    row: TextRow::new(&h.bytes, &h.cells),
                    used: 1,
                    line: h.line,
                })
            })
        };
    let ended = {
        let unpacked = packing
            .unpack(&mut stored)
            .map_err(|e| unreadable(name, &e))?;
        let mut text: Unpacked<'_> = BufReader::with_capacity(1 << 18, unpacked);
        skip_start(&mut text, dialect.skipped).map_err(|e| packing.broken(name, 0, &e))?;
        let mut records = Records::new(text, dialect.delimiter, dialect.quoting);
        loop {
            match records.advance() {
                Ok(true) => {}
                Ok(false) => break,
                Err(Fault::Io(e)) => return Err(packing.broken(name, records.position(), &e)),
                Err(Fault::Endless { line }) => return Err(endless(name, dialect.skipped + line)),
            }
            let used = records.used_width();
            if used == 0 {
                continue;
            }
            let record = Record {
                row: TextRow::new(records.bytes(), records.cells()),
                used,
                line: dialect.skipped + records.line(),
            };
            if visited == 0 {
                noted = used >= NOTED_WIDTH;
            } else if noted
                && used == 1
                && visited > LEAST_ROWS
                && held.len() < MOST_NOTES
                && is_footnote(&record.row.text(0))
            {
                held.push(Held {
                    bytes: record.row.bytes.to_vec(),
                    cells: record.row.cells.to_vec(),
                    line: record.line,
                });
                continue;
            }
            visited += 1 + held.len();
            release(&mut held, &mut visit)?;
            visit(record)?;
        }
        matches!(records.last_byte(), Some(b'\n' | b'\r'))
    };
    // A last row that was cut off within its first cell looks like a footnote.
    let cut = held
        .last()
        .is_some_and(|h| !ended && h.cells.len() == 1 && !is_marked(&decode(&h.bytes)));
    if cut {
        release(&mut held, &mut visit)?;
    }
    let footnotes = held
        .iter()
        .map(|h| TextRow::new(&h.bytes, &h.cells).text(0).into_owned());
    Ok(Scanned {
        footnotes: footnotes.collect(),
        source: stored.finish(name)?,
        ended,
    })
}

/// The text of a file as it is unpacked.
type Unpacked<'a> = BufReader<Box<dyn Read + 'a>>;

fn gather<S: RowSink>(
    path: &Path,
    head: &Grid,
    columns: &[usize],
    dialect: Dialect,
    mut rows: S,
) -> Result<ReadRows<S>, DatasetError> {
    let name = head.file.as_str();
    let mut foreign = None;
    let width = head.header.len();
    let mut is_header = true;
    let mut short: Option<(usize, usize)> = None;
    let scanned = scan(path, name, dialect, |Record { row, used, line }| {
        if std::mem::take(&mut is_header) {
            return Ok(());
        }
        if let Some((row, found)) = short.take() {
            return Err(ragged(name, row, width, found));
        }
        let found = row.cells.len();
        if found < width && !dialect.short_rows {
            short = Some((line, found));
            return Ok(());
        }
        if found > width && used > width {
            return Err(ragged(name, line, width, found));
        }
        if foreign.is_none() && row.is_foreign(columns) {
            foreign = Some(line);
        }
        rows.add_row(&row, line)
    })?;
    if let Some((row, found)) = short {
        return Err(if scanned.ended {
            ragged(name, row, width, found)
        } else {
            DatasetError::Truncated {
                file: name.to_string(),
                detail: format!(
                    "its last row, {row}, has {found} of {width} cells and no line end"
                ),
            }
        });
    }
    Ok(ReadRows {
        rows,
        source: scanned.source,
        foreign,
        footnotes: scanned.footnotes,
    })
}

fn ragged(file: &str, row: usize, expected: usize, found: usize) -> DatasetError {
    DatasetError::Ragged {
        file: file.to_string(),
        row,
        expected,
        found,
    }
}

fn endless(file: &str, line: usize) -> DatasetError {
    DatasetError::Binary {
        file: file.to_string(),
        looks_like: format!("text whose row {line} does not end within 256 MB"),
        hint:
            "look for a quotation mark without its partner in this row, or export the table again"
                .to_string(),
    }
}

/// Passes over a byte-order mark and the lines above the header.
fn skip_start(text: &mut impl BufRead, lines: usize) -> std::io::Result<()> {
    if text.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        text.consume(3);
    }
    for _ in 0..lines {
        text.skip_until(b'\n')?;
    }
    Ok(())
}
