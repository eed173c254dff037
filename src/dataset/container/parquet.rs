//! Parquet, one row group at a time and only the columns that are asked for.

use std::borrow::Cow;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Float64Chunked, Int64Chunked, PolarsError,
    StringChunked,
};
use polars_io::SerReader as _;
use polars_io::mmap::MmapBytesReader;
use polars_io::parquet::metadata::FileMetadataRef;
use polars_io::parquet::read::{FileMetadata, ParquetReader};

use super::super::DatasetError;
use super::super::cells::{CellLayout, Gatherer, RawCells};
use super::super::formats::RawTable;
use super::super::grid::Grid;
use super::super::long::{Collector, LongLayout, Row, Survey, Surveyed, notation, notation_of};
use super::super::number::{Cell, Notation};
use super::guard::guarded;
use super::packed::{self, Packing};

/// The stored bytes of a file.
pub(super) type Stored = Box<dyn MmapBytesReader>;

/// Opens a file; a packed one is unpacked in memory.
pub(super) fn open(path: &Path, name: &str, packing: Packing) -> Result<Stored, DatasetError> {
    Ok(match packing {
        Packing::Plain => Box::new(packed::open(path, name)?.0),
        Packing::Gzip | Packing::Zstd => {
            let (bytes, _) = packed::read_whole(path, name, |_| Ok(()))?;
            Box::new(Cursor::new(bytes))
        }
    })
}

/// The first rows, or all of them, as text.
pub(super) fn grid(stored: Stored, file: &str, rows: Option<usize>) -> Result<Grid, DatasetError> {
    let mut stored = stored;
    let metadata = decoded(file, || metadata(&mut stored))?;
    let (header, columns, height) = decoded(file, || {
        let mut reader = ParquetReader::new(&mut stored);
        reader.set_metadata(metadata);
        columns(&reader.with_slice(rows.map(|n| (0, n))).finish()?)
    })?;
    let cells = (0..height)
        .map(|i| {
            (
                i + 2,
                columns.iter().map(|c| c.text(i).into_owned()).collect(),
            )
        })
        .collect();
    Grid::from_rows(file, header, cells)
}

/// Gathers the rows of a long table.
pub(super) fn read_long(
    stored: Stored,
    head: &Grid,
    layout: &LongLayout,
) -> Result<RawTable, DatasetError> {
    let file = head.file.as_str();
    let mut collector = Collector::new(layout, file, &head.header, notation(head, layout));
    scan(stored, head, &layout.columns(), |row, line| {
        collector.add(row, line)
    })?;
    let mut table = collector.finish()?;
    table.inferences.splice(0..0, head.inferences.clone());
    table.problems.splice(0..0, head.problems.clone());
    Ok(table)
}

/// Gathers the cells of a table of single cells.
pub(super) fn read_cells(
    stored: Stored,
    head: &Grid,
    layout: &CellLayout,
) -> Result<RawCells, DatasetError> {
    let notation = notation_of(head, &layout.numbers);
    let mut gatherer = Gatherer::new(layout, &head.file, &head.header, notation);
    scan(stored, head, &layout.columns(), |row, line| {
        gatherer.add(row, line)
    })?;
    gatherer.finish()
}

/// The layout of a long table whose columns are told by all its rows; none where it is no such table.
pub(super) fn survey_long(
    stored: Stored,
    head: &Grid,
    survey: &dyn Fn() -> Option<Box<dyn Survey>>,
) -> Result<Option<Surveyed>, DatasetError> {
    let Some(mut seen) = survey() else {
        return Ok(None);
    };
    scan(stored, head, &seen.columns(), |row, _| {
        seen.add(row, head.notation);
        Ok(())
    })?;
    let told = seen.layout(&head.header, head.notation);
    Ok(told.map(|(layout, because)| Surveyed {
        head: head.clone(),
        layout,
        because,
    }))
}

/// Goes through the rows, of which only the given columns are read, and hands on each with its line.
fn scan(
    stored: Stored,
    head: &Grid,
    needed: &[usize],
    mut visit: impl FnMut(&FrameRow<'_>, usize) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let file = head.file.as_str();
    let mut stored = stored;
    let metadata = decoded(file, || metadata(&mut stored))?;
    let names: Vec<String> = needed.iter().map(|&j| head.header[j].clone()).collect();
    let mut place = vec![None; head.header.len()];
    for (k, &j) in needed.iter().enumerate() {
        place[j] = Some(k);
    }
    let mut start = 0;
    for group in &metadata.row_groups {
        let rows = group.num_rows();
        let (header, columns, height) = decoded(file, || {
            let mut part = ParquetReader::new(&mut stored)
                .with_columns(Some(names.clone()))
                .with_slice(Some((start, rows)));
            part.set_metadata(metadata.clone());
            columns(&part.finish()?)
        })?;
        let columns = in_order(&names, header, columns);
        for i in 0..height {
            let row = FrameRow {
                columns: &columns,
                place: &place,
                row: i,
            };
            visit(&row, start + i + 2)?;
        }
        start += rows;
    }
    Ok(())
}

/// The metadata without the types of the writing program, so that its categories are read as the text they stand for.
fn metadata(stored: &mut Stored) -> Result<FileMetadataRef, PolarsError> {
    let mut metadata = FileMetadata::clone(ParquetReader::new(stored).get_metadata()?);
    metadata.key_value_metadata = None;
    Ok(Arc::new(metadata))
}

/// The columns in the order of `names`, whatever order the reader gave them.
fn in_order(names: &[String], header: Vec<String>, columns: Vec<Cells>) -> Vec<Cells> {
    let mut found: Vec<(String, Cells)> = header.into_iter().zip(columns).collect();
    found.sort_by_key(|(name, _)| names.iter().position(|n| n == name));
    found.into_iter().map(|(_, column)| column).collect()
}

/// A column in one of the shapes that a table of measurements can have.
enum Cells {
    Text(StringChunked),
    Whole(Int64Chunked),
    Number(Float64Chunked),
    Flag(BooleanChunked),
}

impl Cells {
    fn text(&self, row: usize) -> Cow<'_, str> {
        match self {
            Self::Text(cells) => Cow::Borrowed(cells.get(row).unwrap_or_default().trim()),
            Self::Whole(cells) => written(cells.get(row)),
            Self::Number(cells) => written(cells.get(row)),
            Self::Flag(cells) => written(cells.get(row)),
        }
    }
}

fn written(cell: Option<impl ToString>) -> Cow<'static, str> {
    cell.map_or(Cow::Borrowed(""), |c| Cow::Owned(c.to_string()))
}

struct FrameRow<'a> {
    columns: &'a [Cells],
    place: &'a [Option<usize>],
    row: usize,
}

impl FrameRow<'_> {
    fn cells(&self, column: usize) -> Option<&Cells> {
        self.place[column].and_then(|k| self.columns.get(k))
    }
}

impl Row for FrameRow<'_> {
    fn text(&self, column: usize) -> Cow<'_, str> {
        self.cells(column)
            .map_or(Cow::Borrowed(""), |cells| cells.text(self.row))
    }

    fn number(&self, column: usize, notation: Notation) -> Cell {
        let cell = match self.cells(column) {
            Some(Cells::Number(cells)) => cells.get(self.row),
            Some(Cells::Whole(cells)) => cells.get(self.row).map(|x| x as f64),
            _ => return super::super::number::parse(&self.text(column), notation),
        };
        match cell {
            Some(x) if x.is_finite() => Cell::Number(x),
            _ => Cell::Missing,
        }
    }
}

/// Names and cells of the columns and how long they are; nested ones, which no measurement is, are left out.
fn columns(frame: &DataFrame) -> Result<(Vec<String>, Vec<Cells>, usize), PolarsError> {
    let mut names = Vec::new();
    let mut columns = Vec::new();
    for column in frame.columns() {
        // Only a debug build of the table engine holds damaged columns to the height of their frame.
        if column.len() != frame.height() {
            let (name, found, height) = (column.name(), column.len(), frame.height());
            return Err(PolarsError::ShapeMismatch(
                format!("column `{name}` has {found} of {height} rows").into(),
            ));
        }
        if let Some(cells) = cells(column)? {
            names.push(column.name().to_string());
            columns.push(cells);
        }
    }
    Ok((names, columns, frame.height()))
}

fn cells(column: &Column) -> Result<Option<Cells>, PolarsError> {
    let series = column.as_materialized_series().rechunk();
    Ok(Some(match series.dtype() {
        DataType::String => Cells::Text(series.str()?.clone()),
        DataType::Boolean => Cells::Flag(series.bool()?.clone()),
        DataType::Float32 | DataType::Float64 => {
            Cells::Number(series.cast(&DataType::Float64)?.f64()?.clone())
        }
        kind if kind.is_integer() => Cells::Whole(series.cast(&DataType::Int64)?.i64()?.clone()),
        kind if kind.is_nested() => return Ok(None),
        _ => match series.cast(&DataType::String) {
            Ok(text) => Cells::Text(text.str()?.clone()),
            Err(_) => return Ok(None),
        },
    }))
}

/// What the table engine decodes, or why it cannot.
fn decoded<T>(
    file: &str,
    decode: impl FnOnce() -> Result<T, PolarsError>,
) -> Result<T, DatasetError> {
    let fault = |said: String| DatasetError::Truncated {
        file: file.to_string(),
        detail: format!("the Parquet reader says: {said}"),
    };
    guarded(decode)
        .map_err(fault)?
        .map_err(|e| fault(e.to_string()))
}
