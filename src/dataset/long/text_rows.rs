//! The rows of a delimited text, one at a time, plain or packed.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use encoding_rs::WINDOWS_1252;

use super::super::container::packed::{self, Hashed, unreadable};
use super::super::formats::RawTable;
use super::super::grid::{Dialect, Grid};
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
    fn of<R: Read>(records: &'a Records<R>) -> Self {
        let bytes = records.bytes();
        Self {
            bytes,
            cells: records.cells(),
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
    let mut table = read.rows.finish()?;
    table.inferences.splice(0..0, head.inferences.clone());
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
        let (_, last) = scan(path, &head.file, dialect, |records, line| {
            shape.add(records.width(), records.used_width(), line);
            let row = TextRow::of(records);
            if shape.rows() == 0 {
                names = (0..records.width())
                    .map(|j| row.text(j).into_owned())
                    .collect();
            } else {
                seen.add(&row, head.notation);
            }
            Ok(())
        })?;
        let ended = matches!(last, Some(b'\n' | b'\r'));
        let outline = shape.check(&head.file, ended)?;
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

/// Goes through the records of a text, the header first, and hands on each that is not blank with its line. Gives size
/// and hash of the file and the last byte of the text.
fn scan(
    path: &Path,
    name: &str,
    dialect: Dialect,
    mut visit: impl FnMut(&Records<Unpacked<'_>>, usize) -> Result<(), DatasetError>,
) -> Result<(SourceFile, Option<u8>), DatasetError> {
    let (file, packing) = packed::open(path, name)?;
    let mut stored = Hashed::new(file);
    let last = {
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
            if records.used_width() > 0 {
                visit(&records, dialect.skipped + records.line())?;
            }
        }
        records.last_byte()
    };
    Ok((stored.finish(name)?, last))
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
    let (source, last) = scan(path, name, dialect, |records, line| {
        if std::mem::take(&mut is_header) {
            return Ok(());
        }
        if let Some((row, found)) = short.take() {
            return Err(ragged(name, row, width, found));
        }
        let found = records.width();
        if found < width && !dialect.short_rows {
            short = Some((line, found));
            return Ok(());
        }
        if found > width && records.used_width() > width {
            return Err(ragged(name, line, width, found));
        }
        let row = TextRow::of(records);
        if foreign.is_none() && row.is_foreign(columns) {
            foreign = Some(line);
        }
        rows.add_row(&row, line)
    })?;
    if let Some((row, found)) = short {
        return Err(if matches!(last, Some(b'\n' | b'\r')) {
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
        source,
        foreign,
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
