//! Long tables: one row per run and feature (or per fragment, precursor, channel), read row by row and gathered into
//! features × runs, so that a report of many gigabytes needs the memory of the table it becomes.
//!
//! A long format is a [`super::formats::Format`] that describes its columns as a [`LongLayout`]; [`Collector`] does the
//! rest, whether the rows come from text ([`text_rows`]), Parquet or a grid already in memory. Where only all rows together
//! tell what the columns mean, a [`Survey`] goes through them first.

mod collector;
mod records;
#[cfg(test)]
mod tests;
mod text_rows;

use std::borrow::Cow;

pub(crate) use collector::Collector;
pub(crate) use text_rows::{RowSink, Surveyed, TextRow, read_rows, read_text, survey_text};

use super::formats::{RawTable, RowFlag};
use super::grid::Grid;
use super::number::{self, Cell, Notation};
use super::{DatasetError, FeatureLevel, Inference, Problem, Quantity, Scale};

/// One row of a long table.
pub(crate) trait Row {
    /// The trimmed text of a cell; empty where there is none.
    fn text(&self, column: usize) -> Cow<'_, str>;
    /// The cell as a number.
    fn number(&self, column: usize, notation: Notation) -> Cell {
        number::parse(&self.text(column), notation)
    }
}

/// What is gathered of all rows before the columns of a table mean anything.
pub(crate) trait Survey {
    /// The columns that are looked at, in order and once.
    fn columns(&self) -> Vec<usize>;
    /// Adds one row.
    fn add(&mut self, row: &dyn Row, notation: Notation);
    /// What the columns mean, by their names and by the rows, and the evidence in words; none where this is no such table.
    fn layout(&self, header: &[String], notation: Notation) -> Option<(LongLayout, String)>;
}

/// Which columns of a long table mean what. Positions are those of the header.
#[derive(Debug, Clone)]
pub(crate) struct LongLayout {
    /// What one feature is.
    pub level: FeatureLevel,
    /// What one value measures.
    pub quantity: Quantity,
    /// The scale, where the format fixes it.
    pub scale: Option<Scale>,
    /// How numbers are written, where it is known; told from the first rows otherwise.
    pub notation: Option<Notation>,
    /// Columns whose cells together name the sample.
    pub sample: Vec<usize>,
    /// Column with the path of the run, where there is one beside its name.
    pub path: Option<usize>,
    /// Columns whose cells together name the feature.
    pub feature: Vec<usize>,
    /// Columns of numbers: one, or one per multiplexed channel.
    pub values: Vec<ValueColumn>,
    /// What is done with several values of one feature in one sample.
    pub repeats: Repeats,
    /// Rows that are left out.
    pub rules: Vec<RowRule>,
    /// Marks of contaminants and decoys, told from the first row of a feature.
    pub flags: Vec<(usize, RowFlag)>,
    /// Column of the accessions; the feature itself where none is given.
    pub accessions: Option<usize>,
    /// Whether the accessions are those of the one group of proteins a peptide was assigned to, not of all that hold it.
    pub assigned: bool,
    /// Column of gene symbols.
    pub genes: Option<usize>,
    /// Columns of names and descriptions, the first filled one is used.
    pub descriptions: Vec<usize>,
    /// Column whose distinct cells are the peptides of a protein.
    pub peptides: Option<usize>,
    /// Columns that may describe the sample: those with one value per sample become its sheet.
    pub facts: Vec<usize>,
    /// Columns that tell controls from samples.
    pub apart: Vec<(usize, IsControl)>,
    /// Rows that count and are reported.
    pub notes: Vec<RowNote>,
    /// Whether a sample without a value stays, to be refused by its name as in a wide table, and is not left out.
    pub keep_empty: bool,
    /// What was concluded about the columns.
    pub inferences: Vec<Inference>,
    /// What is doubtful about the columns.
    pub problems: Vec<Problem>,
}

/// Whether a cell says that the sample is a control.
pub(crate) type IsControl = fn(&str) -> bool;

/// A column of numbers.
#[derive(Debug, Clone)]
pub(crate) struct ValueColumn {
    /// Position.
    pub column: usize,
    /// For multiplexed data the channel: as the producer's header has it, and short.
    pub channel: Option<(String, String)>,
}

/// Several values of one feature in one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeats {
    /// The parts of a whole (fragments, charge states, fractions): added up.
    Sum,
    /// One value written on many rows: the first is kept, and differing ones are noted.
    Same,
    /// A fault unless they are equal.
    Never,
}

/// A row that does not count.
#[derive(Debug, Clone)]
pub(crate) enum RowRule {
    /// The number must be at most this; a missing number is left out too.
    AtMost(usize, f64),
    /// The flag must not be set.
    Unset(usize),
    /// The cell must be one of these in canonical form, or empty.
    OneOf(usize, &'static [&'static str]),
    /// The cell must not contain this word (in lower case).
    Without(usize, &'static str),
}

impl RowRule {
    /// The column it looks at.
    pub fn column(&self) -> usize {
        match self {
            Self::AtMost(column, _)
            | Self::Unset(column)
            | Self::OneOf(column, _)
            | Self::Without(column, _) => *column,
        }
    }

    /// The rows it leaves out, in words.
    pub fn describe(&self, header: &[String]) -> String {
        let name = header.get(self.column()).map_or("", String::as_str);
        match self {
            Self::AtMost(_, limit) => format!("`{name}` above {limit} or missing"),
            Self::Unset(_) => format!("`{name}` set"),
            Self::OneOf(_, values) => format!("`{name}` other than {}", values.join(", ")),
            Self::Without(_, word) => format!("`{name}` with the word `{word}`"),
        }
    }
}

impl LongLayout {
    /// A layout of the given columns, everything else empty.
    pub fn new(
        level: FeatureLevel,
        quantity: Quantity,
        sample: Vec<usize>,
        feature: Vec<usize>,
        value: usize,
    ) -> Self {
        Self {
            level,
            quantity,
            scale: Some(Scale::Linear),
            notation: None,
            sample,
            path: None,
            feature,
            values: vec![ValueColumn {
                column: value,
                channel: None,
            }],
            repeats: Repeats::Same,
            rules: Vec::new(),
            flags: Vec::new(),
            accessions: None,
            assigned: true,
            genes: None,
            descriptions: Vec::new(),
            peptides: None,
            facts: Vec::new(),
            apart: Vec::new(),
            notes: Vec::new(),
            keep_empty: false,
            inferences: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Every column that is looked at, in order and once.
    pub fn columns(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self
            .sample
            .iter()
            .chain(&self.feature)
            .chain(&self.descriptions)
            .chain(&self.facts)
            .chain(&self.path)
            .chain(&self.accessions)
            .chain(&self.genes)
            .chain(&self.peptides)
            .copied()
            .chain(self.values.iter().map(|v| v.column))
            .chain(self.rules.iter().map(RowRule::column))
            .chain(self.flags.iter().map(|f| f.0))
            .chain(self.apart.iter().map(|a| a.0))
            .chain(self.notes.iter().map(RowNote::column))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Columns read as numbers.
    pub fn numbers(&self) -> Vec<usize> {
        self.values
            .iter()
            .map(|v| v.column)
            .chain(self.rules.iter().filter_map(|r| match r {
                RowRule::AtMost(column, _) => Some(*column),
                _ => None,
            }))
            .chain(self.notes.iter().filter_map(|n| match n {
                RowNote::Below(_, limit) => Some(*limit),
                RowNote::OtherThan(..) => None,
            }))
            .collect()
    }
}

/// A row that counts and is worth a note.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RowNote {
    /// The cell is filled and not this (in canonical form).
    OtherThan(usize, &'static str),
    /// The number in the first column is below that in the second.
    Below(usize, usize),
}

impl RowNote {
    /// The column it looks at, beside the values.
    pub fn column(&self) -> usize {
        match self {
            Self::OtherThan(column, _) | Self::Below(_, column) => *column,
        }
    }
}

/// The place of a name that is the one met last or that stands behind it, which holds for nearly every row of a sorted
/// table and spares the search; none where `is` says that it is neither.
pub(crate) fn likely(last: usize, is: impl Fn(usize) -> bool) -> Option<usize> {
    (last..=last + 1).find(|&k| is(k))
}

/// A row of a grid in memory.
pub(crate) struct GridRow<'a> {
    /// The grid.
    pub grid: &'a Grid,
    /// Its position.
    pub row: usize,
}

impl Row for GridRow<'_> {
    fn text(&self, column: usize) -> Cow<'_, str> {
        Cow::Borrowed(self.grid.cell(self.row, column))
    }
}

/// The layout that all rows of a grid in memory tell.
pub(crate) fn survey_grid(
    grid: &Grid,
    mut survey: Box<dyn Survey>,
) -> Option<(LongLayout, String)> {
    for row in 0..grid.n_rows() {
        survey.add(&GridRow { grid, row }, grid.notation);
    }
    survey.layout(&grid.header, grid.notation)
}

/// Gathers the rows of a grid in memory.
pub(crate) fn read_grid(grid: &Grid, layout: &LongLayout) -> Result<RawTable, DatasetError> {
    let mut collector = Collector::new(layout, &grid.file, &grid.header, notation(grid, layout));
    for row in 0..grid.n_rows() {
        collector.add(&GridRow { grid, row }, grid.line(row))?;
    }
    let mut table = collector.finish()?;
    table.inferences.splice(0..0, grid.inferences.clone());
    table.problems.splice(0..0, grid.problems.clone());
    Ok(table)
}

/// How the numbers of a layout's columns are written, told from the first rows.
pub(crate) fn notation(head: &Grid, layout: &LongLayout) -> Notation {
    if let Some(known) = layout.notation {
        return known;
    }
    notation_of(head, &layout.numbers())
}

/// How the numbers of these columns are written, told from the first rows.
pub(crate) fn notation_of(head: &Grid, numbers: &[usize]) -> Notation {
    let cells = || numbers.iter().flat_map(|&j| head.column(j));
    let points = cells().any(|c| c.contains('.') && !c.contains(',') && c.parse::<f64>().is_ok());
    match number::notation_of(cells()) {
        Some(Notation::Comma) if points => Notation::Point,
        Some(notation) => notation,
        None => Notation::Point,
    }
}
