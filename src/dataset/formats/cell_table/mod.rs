//! Single cells as text: one row per cell, one column per marker, and a column that names the sample. Read row by row, so
//! that only the numbers are held.

use std::path::Path;

use super::super::cells::{CellLayout, Cells, Declared, Gatherer, RawCells, layout, markers_table};
use super::super::grid::Grid;
use super::super::long::{GridRow, notation_of, read_rows};
use super::super::{DatasetError, FeatureLevel, Quantity, SourceFile};
use super::{Evidence, Format, RawTable};

/// Short name of the format.
pub(crate) const NAME: &str = "cell_table";
/// What the format is called in a sentence.
pub(crate) const TITLE: &str = "table of single cells: one row per cell, one column per marker";

/// The format.
pub(crate) struct CellTable;

impl Format for CellTable {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        TITLE
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Marker
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let layout = layout(grid, None)?;
        Some(Evidence::shape(
            30,
            format!(
                "many rows for each value of `{}`, {} columns of numbers, and no column that names features",
                grid.header[layout.sample[0]],
                layout.numbers.len()
            ),
        ))
    }

    /// The median signal of each marker in each sample, which is what the head of a table can tell.
    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let Some(layout) = layout(grid, None) else {
            return Err(super::no_values(grid));
        };
        let raw = of_grid(grid, &layout)?;
        let sheet = raw.sheet.clone();
        let prepared = Cells::prepare(raw, Declared::default())?;
        let mut table = markers_table(&prepared.cells);
        table.sheet = sheet;
        table.inferences = prepared.inferences;
        table.problems = prepared.problems;
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

/// The cells in a grid in memory.
pub(crate) fn of_grid(grid: &Grid, layout: &CellLayout) -> Result<RawCells, DatasetError> {
    let mut gatherer = Gatherer::new(layout, &grid.file, &grid.header, grid.notation);
    for i in 0..grid.n_rows() {
        gatherer.add(&GridRow { grid, row: i }, grid.line(i))?;
    }
    Ok(with_notes(gatherer.finish()?, grid))
}

/// The cells of a delimited text, read row by row; `head` holds its first rows.
pub(crate) fn of_text(
    path: &Path,
    head: &Grid,
    layout: &CellLayout,
) -> Result<(RawCells, SourceFile), DatasetError> {
    let notation = notation_of(head, &layout.numbers);
    let read = read_rows(path, head, &layout.sample, || {
        Gatherer::new(layout, &head.file, &head.header, notation)
    })?;
    let footnotes = read.said(head);
    let mut cells = with_notes(read.rows.finish()?, head);
    cells.inferences.extend(footnotes);
    Ok((cells, read.source))
}

/// Cells with what was concluded while the table was looked at.
pub(crate) fn with_notes(mut cells: RawCells, grid: &Grid) -> RawCells {
    cells.inferences.splice(0..0, grid.inferences.clone());
    cells.problems.splice(0..0, grid.problems.clone());
    cells
}
