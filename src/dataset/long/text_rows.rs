//! The rows of a delimited text, one at a time, plain or packed.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::WINDOWS_1252;

use super::super::container::packed::{self, Hashed, Packing, unreadable};
use super::super::formats::RawTable;
use super::super::grid::{Dialect, Grid};
use super::super::{DatasetError, Inference, SourceFile};
use super::{Collector, LongLayout, Row, notation};

struct Record<'a>(&'a ByteRecord);

impl Row for Record<'_> {
    fn text(&self, column: usize) -> Cow<'_, str> {
        match decode(self.0.get(column).unwrap_or_default()) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_string()),
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

/// Reads a long table of text; `head` holds its first rows and tells header and dialect.
pub(crate) fn read_text(
    path: &Path,
    head: &Grid,
    layout: &LongLayout,
) -> Result<(RawTable, SourceFile), DatasetError> {
    let (file, packing) = packed::open(path, &head.file)?;
    match gather(file, packing, head, layout, head.dialect) {
        Err(fault @ (DatasetError::Ragged { .. } | DatasetError::Truncated { .. }))
            if head.dialect.quoting && packing == Packing::Plain =>
        {
            // A stray quotation mark swallows rows; without quoting the same text may be rectangular.
            let (file, _) = packed::open(path, &head.file)?;
            let plain = Dialect {
                quoting: false,
                ..head.dialect
            };
            gather(file, packing, head, layout, plain).map_err(|_| fault)
        }
        other => other,
    }
}

fn gather(
    file: File,
    packing: Packing,
    head: &Grid,
    layout: &LongLayout,
    dialect: Dialect,
) -> Result<(RawTable, SourceFile), DatasetError> {
    let name = head.file.as_str();
    let mut stored = Hashed::new(file);
    let mut collector = Collector::new(layout, name, &head.header, notation(head, layout));
    let mut last = LastByte::default();
    let mut foreign = None;
    {
        let unpacked = packing
            .unpack(&mut stored)
            .map_err(|e| unreadable(name, &e))?;
        let mut text = BufReader::with_capacity(
            1 << 18,
            Watched {
                reader: unpacked,
                last: &mut last,
            },
        );
        skip_start(&mut text, dialect.skipped).map_err(|e| packing.broken(name, 0, &e))?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.delimiter)
            .quoting(dialect.quoting)
            .from_reader(text);
        let mut record = ByteRecord::new();
        let width = head.header.len();
        let mut is_header = true;
        let mut short: Option<(usize, usize)> = None;
        let columns = layout.columns();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(e) => {
                    let at = reader.position().byte();
                    return Err(match e.into_kind() {
                        csv::ErrorKind::Io(e) => packing.broken(name, at, &e),
                        _ => unreadable(name, &std::io::Error::other("it is no delimited text")),
                    });
                }
            }
            if record.iter().all(|c| c.trim_ascii().is_empty()) {
                continue;
            }
            if std::mem::take(&mut is_header) {
                continue;
            }
            if let Some((row, found)) = short.take() {
                return Err(ragged(name, row, width, found));
            }
            let line = dialect.skipped + usize::from(dialect.carriage_returns) + line_of(&record);
            if record.len() < width && !dialect.short_rows {
                short = Some((line, record.len()));
                continue;
            }
            if record
                .iter()
                .skip(width)
                .any(|c| !c.trim_ascii().is_empty())
            {
                return Err(ragged(name, line, width, record.len()));
            }
            if foreign.is_none() {
                let strange = |&&j: &&usize| {
                    record
                        .get(j)
                        .is_some_and(|c| std::str::from_utf8(c).is_err())
                };
                foreign = columns.iter().find(strange).map(|_| line);
            }
            collector.add(&Record(&record), line)?;
        }
        drop(reader);
        if let Some((row, found)) = short {
            let cut = !matches!(last.0, Some(b'\n' | b'\r'));
            return Err(if cut {
                DatasetError::Truncated {
                    file: name.to_string(),
                    detail: format!(
                        "its last row, {row}, has {found} of {width} cells and no line end"
                    ),
                }
            } else {
                ragged(name, row, width, found)
            });
        }
    }
    let source = stored.finish(name)?;
    let mut table = collector.finish()?;
    table.inferences.splice(0..0, head.inferences.clone());
    if let Some(line) = foreign
        && !head
            .inferences
            .iter()
            .any(|i| i.what.starts_with("encoding"))
    {
        table.inferences.push(Inference::new(
            format!("encoding of `{name}`"),
            "Windows-1252",
            format!("line {line} is not UTF-8"),
            "save the file as UTF-8",
        ));
    }
    table.problems.splice(0..0, head.problems.clone());
    Ok((table, source))
}

fn ragged(file: &str, row: usize, expected: usize, found: usize) -> DatasetError {
    DatasetError::Ragged {
        file: file.to_string(),
        row,
        expected,
        found,
    }
}

/// 1-based line of a record below the skipped lines; the reader counts a carriage return's newline to the next record.
fn line_of(record: &ByteRecord) -> usize {
    record.position().map_or(0, |p| p.line() as usize)
}

/// Passes over a byte-order mark and the lines above the header.
fn skip_start(text: &mut impl BufRead, lines: usize) -> std::io::Result<()> {
    if text.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        text.consume(3);
    }
    let mut line = Vec::new();
    for _ in 0..lines {
        line.clear();
        text.read_until(b'\n', &mut line)?;
    }
    Ok(())
}

/// The last byte that was read.
#[derive(Default)]
struct LastByte(Option<u8>);

struct Watched<'a, R> {
    reader: R,
    last: &'a mut LastByte,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.reader.read(buffer)?;
        if n > 0 {
            self.last.0 = Some(buffer[n - 1]);
        }
        Ok(n)
    }
}
