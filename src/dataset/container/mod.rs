//! What a table comes in: text, a workbook, Parquet, each plain or packed. Here the content of a file is told by its first
//! bytes, the format by its first rows; long tables are read row by row while all others become a [`Grid`] first.

mod compound;
#[cfg(test)]
mod damaged;
mod guard;
mod opendocument;
pub(crate) mod packed;
mod parquet;
pub(crate) mod strangers;
#[cfg(test)]
mod streaming;
#[cfg(test)]
mod tests;
mod workbook;

use std::io::Read;
use std::path::Path;

pub use guard::decoding;
pub(crate) use guard::guarded;
use packed::{Hashed, Packing};

use super::cells::{self, RawCells};
use super::formats::{self, Evidence, Format, RawTable, cell_table, h5ad};
use super::grid::Grid;
use super::open::{CellSource, format_inference, read_table};
use super::text::TextFile;
use super::{DatasetError, Inference, Quantity, SourceFile, long};

/// Rows looked at to tell what a file is.
const HEAD: usize = 2_000;

/// A table as read from its file.
pub(crate) struct Loaded {
    /// Size and hash of the file.
    pub source: SourceFile,
    /// The format it was read as.
    pub format: &'static str,
    /// Its content.
    pub content: Measured,
    /// Why it was taken for this format.
    pub inference: Inference,
}

/// What a file holds.
pub(crate) enum Measured {
    /// Features × samples.
    Table(RawTable),
    /// Cells × markers.
    Cells(RawCells),
}

/// What the first bytes of a file say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Delimited text.
    Text,
    /// XLSX, XLS or ODS.
    Workbook,
    /// Parquet.
    Parquet,
    /// A flow cytometry standard file.
    Fcs,
    /// HDF5, such as AnnData.
    Hdf5,
}

impl Content {
    fn of(start: &[u8]) -> Self {
        if start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xd0\xcf\x11\xe0") {
            Self::Workbook
        } else if start.starts_with(b"PAR1") {
            Self::Parquet
        } else if start.starts_with(b"FCS2.0") || start.starts_with(b"FCS3.") {
            Self::Fcs
        } else if start.starts_with(b"\x89HDF\r\n\x1a\n") {
            Self::Hdf5
        } else {
            Self::Text
        }
    }
}

/// Tells the content of a file, unpacked if need be.
fn content(path: &Path, name: &str) -> Result<(Content, Packing), DatasetError> {
    let (file, packing) = packed::open(path, name)?;
    let mut start = Vec::new();
    packing
        .unpack(file)
        .and_then(|unpacked| unpacked.take(8).read_to_end(&mut start))
        .map_err(|e| packing.broken(name, start.len() as u64, &e))?;
    Ok((Content::of(&start), packing))
}

/// What a file is by its first bytes, unpacked if need be.
pub(crate) fn kind(path: &Path, name: &str) -> Result<Content, DatasetError> {
    Ok(content(path, name)?.0)
}

/// The whole content of a file, unpacked, with the size and hash of its stored bytes.
fn bytes(path: &Path, name: &str) -> Result<(Vec<u8>, SourceFile), DatasetError> {
    packed::read_whole(path, name, |_| Ok(()))
}

/// Reads a table, telling its format; where it holds several quantities, the declared one. A table of cells is told by its
/// form, or by a declared column of samples.
pub(crate) fn table(
    path: &Path,
    name: &str,
    declared: Option<Quantity>,
    of_cells: &CellSource,
) -> Result<Loaded, DatasetError> {
    let (content, packing) = content(path, name)?;
    if content == Content::Workbook {
        let (bytes, source) = bytes(path, name)?;
        let chosen = workbook::choose(workbook::grids(bytes, name)?, name);
        let (format, mut table, inference) = read_table(&chosen.table, declared)?;
        table.inferences.extend(chosen.inferences);
        table.problems.extend(chosen.problems);
        table.sheet = table.sheet.or(chosen.sheet);
        return Ok(Loaded {
            source,
            format,
            content: Measured::Table(table),
            inference,
        });
    }
    if content == Content::Hdf5 {
        let read = h5ad::read(path, name, of_cells)?;
        return Ok(Loaded {
            source: read.source,
            format: h5ad::NAME,
            content: read.content,
            inference: read.inference,
        });
    }
    let head = head(path, name).ok();
    let detected = head.as_ref().and_then(formats::detect);
    if let Some(head) = &head
        && let Some(loaded) = cells(path, head, detected.as_ref(), content, of_cells)?
    {
        return Ok(loaded);
    }
    if let Some(head) = head
        && !head.dialect.recoded
        && !head.annotated
        && let Some(streamed) = streamed(path, name, (content, packing), head, declared)?
    {
        return Ok(streamed);
    }
    let (grid, source) = grid(path, name, content, packing)?;
    let (format, table, inference) = read_table(&grid, declared)?;
    Ok(Loaded {
        source,
        format,
        content: Measured::Table(table),
        inference,
    })
}

/// Reads a long table row by row; none where the file is no such table.
fn streamed(
    path: &Path,
    name: &str,
    (content, packing): (Content, Packing),
    head: Grid,
    declared: Option<Quantity>,
) -> Result<Option<Loaded>, DatasetError> {
    let told = formats::detect(&head)
        .and_then(|(format, evidence)| Some((format, format.layout(&head, declared)?, evidence)));
    let (format, head, layout, because) = match told {
        Some((format, layout, evidence)) => (format, head, layout, evidence.because),
        None => {
            let Some(format) = formats::surveyed(&head) else {
                return Ok(None);
            };
            let survey = || format.survey(&head.header);
            let told = match content {
                Content::Parquet => {
                    let stored = parquet::open(path, name, packing)?;
                    parquet::survey_long(stored, &head, &survey)?
                }
                _ => long::survey_text(path, &head, &survey)?,
            };
            let Some(told) = told else {
                return Ok(None);
            };
            (format, told.head, told.layout, told.because)
        }
    };
    let (table, source) = match content {
        Content::Parquet => {
            let stored = parquet::open(path, name, packing)?;
            let table = parquet::read_long(stored, &head, &layout)?;
            (table, hashed(path, name)?)
        }
        _ => long::read_text(path, &head, &layout)?,
    };
    Ok(Some(Loaded {
        source,
        format: format.name(),
        content: Measured::Table(table),
        inference: format_inference(name, format.title(), because),
    }))
}

/// Reads a table of single cells with these first rows; none where it is something else.
fn cells(
    path: &Path,
    head: &Grid,
    detected: Option<&(&'static dyn Format, Evidence)>,
    content: Content,
    declared: &CellSource,
) -> Result<Option<Loaded>, DatasetError> {
    let name = head.file.as_str();
    let sample = declared.sample.as_deref();
    let detected = detected.filter(|(f, _)| f.name() == cell_table::NAME);
    if sample.is_none() && detected.is_none() {
        return Ok(None);
    }
    let Some(layout) = cells::layout(head, sample) else {
        return Err(DatasetError::Manifest {
            file: "dataset.yaml".to_string(),
            message: format!(
                "`sample: {}` is no column of `{name}`, or no other column of it holds numbers",
                sample.unwrap_or_default()
            ),
            hint: format!("the columns are {}", head.header_excerpt()),
        });
    };
    let packing = packed::open(path, name)?.1;
    let (cells, source) = match content {
        Content::Text if !head.dialect.recoded && !head.annotated => {
            cell_table::of_text(path, head, &layout)?
        }
        Content::Parquet => {
            let stored = parquet::open(path, name, packing)?;
            let cells = parquet::read_cells(stored, head, &layout)?;
            (cell_table::with_notes(cells, head), hashed(path, name)?)
        }
        _ => {
            let (grid, source) = grid(path, name, content, packing)?;
            (cell_table::of_grid(&grid, &layout)?, source)
        }
    };
    let evidence = detected.map_or_else(
        || "`sample:` in `dataset.yaml` says so".to_string(),
        |(_, e)| e.because.clone(),
    );
    Ok(Some(Loaded {
        source,
        format: cell_table::NAME,
        content: Measured::Cells(cells),
        inference: Inference::new(
            format!("format of `{name}`"),
            cell_table::TITLE,
            evidence,
            "give a table with one row per feature or sample if its rows are no cells",
        ),
    }))
}

/// Reads a sample sheet; of a workbook the first sheet with a header and rows.
pub(crate) fn sheet(path: &Path, name: &str) -> Result<(Grid, SourceFile), DatasetError> {
    let (content, packing) = content(path, name)?;
    if content == Content::Workbook {
        let (bytes, source) = bytes(path, name)?;
        let first = workbook::grids(bytes, name)?.swap_remove(0);
        return Ok((first, source));
    }
    grid(path, name, content, packing)
}

/// All rows of a file; of a workbook those of its main table.
fn grid(
    path: &Path,
    name: &str,
    content: Content,
    packing: Packing,
) -> Result<(Grid, SourceFile), DatasetError> {
    match content {
        Content::Workbook => {
            let (bytes, source) = bytes(path, name)?;
            let chosen = workbook::choose(workbook::grids(bytes, name)?, name);
            Ok((chosen.table, source))
        }
        Content::Parquet => {
            let stored = parquet::open(path, name, packing)?;
            Ok((parquet::grid(stored, name, None)?, hashed(path, name)?))
        }
        Content::Fcs | Content::Hdf5 => Err(no_table(name)),
        Content::Text => {
            let text = TextFile::read(path, name)?;
            Ok((Grid::parse(&text)?, text.source))
        }
    }
}

/// The first rows of a table or sheet.
pub(crate) fn head(path: &Path, name: &str) -> Result<Grid, DatasetError> {
    let (content, packing) = content(path, name)?;
    match content {
        Content::Workbook => Ok(grid(path, name, content, packing)?.0),
        Content::Parquet => parquet::grid(parquet::open(path, name, packing)?, name, Some(HEAD)),
        Content::Fcs | Content::Hdf5 => Err(no_table(name)),
        Content::Text => {
            let mut text = TextFile::read_head(path, name)?;
            if let Some((end, _)) = text.text.match_indices('\n').nth(HEAD) {
                text.text.truncate(end + 1);
            }
            Grid::parse(&text)
        }
    }
}

/// The fault of a file of cells where a table of samples is wanted.
fn no_table(name: &str) -> DatasetError {
    DatasetError::Binary {
        file: name.to_string(),
        looks_like: "a cytometry or HDF5 file".to_string(),
        hint: "give it as the data; a sample sheet is a table with one row per sample".to_string(),
    }
}

/// Size and hash of a file as it is stored.
pub(crate) fn hashed(path: &Path, name: &str) -> Result<SourceFile, DatasetError> {
    Hashed::new(packed::open(path, name)?.0).finish(name)
}
