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
use packed::{Hashed, Packing};

use super::formats::{self, RawTable};
use super::grid::Grid;
use super::open::{format_inference, read_table};
use super::text::TextFile;
use super::{DatasetError, Inference, Quantity, SourceFile, cells, long};

/// Rows looked at to tell what a file is.
const HEAD: usize = 2_000;

/// A table as read from its file.
pub(crate) struct Loaded {
    /// Size and hash of the file.
    pub source: SourceFile,
    /// The format it was read as.
    pub format: &'static str,
    /// Its content.
    pub table: RawTable,
    /// Why it was taken for this format.
    pub inference: Inference,
}

/// What the first bytes of a file say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Text,
    Workbook,
    Parquet,
    Cells,
}

impl Content {
    fn of(start: &[u8]) -> Self {
        if start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xd0\xcf\x11\xe0") {
            Self::Workbook
        } else if start.starts_with(b"PAR1") {
            Self::Parquet
        } else if start.starts_with(b"FCS2.0") || start.starts_with(b"FCS3.") {
            Self::Cells
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
    let content = Content::of(&start);
    if content == Content::Cells {
        let version = String::from_utf8_lossy(&start[..6]);
        return Err(cells::not_analysed(
            name,
            format!("a flow or mass cytometry file ({version})"),
        ));
    }
    Ok((content, packing))
}

/// The whole content of a file, unpacked, with the size and hash of its stored bytes.
fn bytes(path: &Path, name: &str) -> Result<(Vec<u8>, SourceFile), DatasetError> {
    packed::read_whole(path, name, |_| Ok(()))
}

/// Reads a table, telling its format; where it holds several quantities, the declared one.
pub(crate) fn table(
    path: &Path,
    name: &str,
    declared: Option<Quantity>,
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
            table,
            inference,
        });
    }
    if let Ok(head) = head(path, name)
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
        table,
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
        table,
        inference: format_inference(name, format.title(), because),
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
        Content::Text | Content::Cells => {
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
        Content::Text | Content::Cells => {
            let mut text = TextFile::read_head(path, name)?;
            if let Some((end, _)) = text.text.match_indices('\n').nth(HEAD) {
                text.text.truncate(end + 1);
            }
            Grid::parse(&text)
        }
    }
}

fn hashed(path: &Path, name: &str) -> Result<SourceFile, DatasetError> {
    Hashed::new(packed::open(path, name)?.0).finish(name)
}
