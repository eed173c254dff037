//! What a table comes in: text, plain or packed. Here the content of a file is told by its first bytes, the format by its
//! first rows, and long tables are read row by row while all others become a [`Grid`] first.

pub(crate) mod packed;

use std::path::Path;

use super::formats::{self, RawTable};
use super::grid::Grid;
use super::open::{format_inference, read_table};
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
    pub table: RawTable,
    /// Why it was taken for this format.
    pub inference: Inference,
}

/// Reads a table, telling its format; where it holds several quantities, the declared one.
pub(crate) fn table(
    path: &Path,
    name: &str,
    declared: Option<Quantity>,
) -> Result<Loaded, DatasetError> {
    if let Ok(head) = head(path, name)
        && !head.dialect.recoded
        && let Some((format, evidence)) = formats::detect(&head)
        && let Some(layout) = format.layout(&head, declared)
    {
        let (table, source) = long::read_text(path, &head, &layout)?;
        return Ok(Loaded {
            source,
            format: format.name(),
            table,
            inference: format_inference(name, format.title(), evidence),
        });
    }
    let text = TextFile::read(path, name)?;
    let (format, table, inference) = read_table(&Grid::parse(&text)?, declared)?;
    Ok(Loaded {
        source: text.source,
        format,
        table,
        inference,
    })
}

/// Reads a sample sheet.
pub(crate) fn sheet(path: &Path, name: &str) -> Result<(Grid, SourceFile), DatasetError> {
    let text = TextFile::read(path, name)?;
    Ok((Grid::parse(&text)?, text.source))
}

/// The first rows of a table or sheet.
pub(crate) fn head(path: &Path, name: &str) -> Result<Grid, DatasetError> {
    let mut text = TextFile::read_head(path, name)?;
    if let Some((end, _)) = text.text.match_indices('\n').nth(HEAD) {
        text.text.truncate(end + 1);
    }
    Grid::parse(&text)
}
