//! Cells × markers out of the rows of a table, one by one: which column names the sample, which are numbers, and what else
//! the rows say of their sample.

use std::collections::{BTreeSet, HashSet};

use indexmap::IndexMap;

use super::super::formats::SampleColumn;
use super::super::grid::Grid;
use super::super::label::{canonical, run_name};
use super::super::long::{Row, RowSink, TextRow};
use super::super::number::{self, Cell, Notation};
use super::super::roles::names_a_condition;
use super::super::sheet::Sheet;
use super::super::{DatasetError, Inference, Problem, Severity};
use super::channels::says_what;
use super::{Channel, Instrument, MOST_NUMBERS, RawCells, RawSample, finite, too_many};

/// A sample has at least this many cells on average.
pub(crate) const CELLS_PER_SAMPLE: usize = 10;
/// A table of cells has at least this many rows.
pub(crate) const FEWEST_CELLS: usize = 100;
/// A table of cells has at least this many columns of numbers.
const FEWEST_MARKERS: usize = 5;
/// Headers of the sample a cell comes from, in canonical form, the likelier first.
pub(crate) const SAMPLES: [&str; 9] = [
    "sampleid",
    "sample",
    "samplename",
    "origident",
    "filename",
    "fcsfile",
    "file",
    "fcsfilename",
    "well",
];
/// Headers of the person a cell comes from: with a column of conditions they name the sample.
pub(crate) const DONORS: [&str; 8] = [
    "donor",
    "donorid",
    "patientid",
    "patient",
    "subject",
    "subjectid",
    "individual",
    "mouse",
];

/// Words in headers of columns that name what a row measured, in canonical form.
const FEATURES: [&str; 12] = [
    "protein",
    "gene",
    "peptide",
    "sequence",
    "precursor",
    "uniprot",
    "accession",
    "olinkid",
    "assay",
    "feature",
    "symbol",
    "analyte",
];

/// Which columns of a table of cells mean what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellLayout {
    /// Columns whose cells together name the sample.
    pub sample: Vec<usize>,
    /// Columns of numbers.
    pub numbers: Vec<usize>,
    /// Columns of text, which may say something of the sample.
    pub words: Vec<usize>,
}

impl CellLayout {
    /// All columns that are read, in order and once.
    pub fn columns(&self) -> Vec<usize> {
        let all = [&self.sample[..], &self.numbers, &self.words];
        let columns: BTreeSet<usize> = all.into_iter().flatten().copied().collect();
        columns.into_iter().collect()
    }
}

/// The layout of a table with these first rows, where they are cells: a column of few sample names, numbers in nearly all
/// others, and no column that could name features. The column of samples may be declared.
pub(crate) fn layout(head: &Grid, declared: Option<&str>) -> Option<CellLayout> {
    let rows = head.n_rows();
    let named = |names: &[&str]| {
        let at = |name: &&str| head.header.iter().position(|h| canonical(h) == **name);
        names.iter().filter_map(at).collect::<Vec<usize>>()
    };
    let few = |j: usize| {
        let distinct = head.column(j).collect::<HashSet<_>>().len();
        distinct * CELLS_PER_SAMPLE <= rows
    };
    let several = |j: usize| head.column(j).any(|cell| cell != head.cell(0, j));
    let is_text = |j: usize| head.kinds(j).2 > 0;
    let sample = match declared {
        Some(name) => {
            let exact = head.header.iter().position(|h| h == name);
            let alike = || {
                head.header
                    .iter()
                    .position(|h| canonical(h) == canonical(name))
            };
            vec![exact.or_else(alike)?]
        }
        None if rows < FEWEST_CELLS => return None,
        None => match named(&SAMPLES).into_iter().find(|&j| few(j)) {
            Some(j) => vec![j],
            None => {
                let donor = named(&DONORS).into_iter().find(|&j| few(j))?;
                let conditions = (0..head.n_columns()).filter(|&j| {
                    j != donor && few(j) && is_text(j) && may_set_samples_apart(&head.header[j])
                });
                std::iter::once(donor).chain(conditions).collect()
            }
        },
    };
    let (others, numbers): (Vec<usize>, Vec<usize>) = (0..head.n_columns())
        .filter(|j| !sample.contains(j))
        .partition(|&j| is_text(j));
    // A long table of proteins may hold each in as many rows as a sample has cells.
    let names_features = others.iter().any(|&j| {
        let name = canonical(&head.header[j]);
        // What is the same in all rows, such as `assay`, tells no feature from another.
        let feature = FEATURES.iter().any(|w| name.contains(w)) && several(j);
        let of_cells = ["cell", "barcode", "event"]
            .iter()
            .any(|w| name.contains(w));
        feature || (!few(j) && !of_cells)
    });
    // Parts of a name say something of the sample by themselves.
    let words = match sample.as_slice() {
        [_] => others,
        parts => parts.iter().copied().chain(others).collect(),
    };
    let enough = numbers.len() >= FEWEST_MARKERS || (declared.is_some() && !numbers.is_empty());
    (enough && (declared.is_some() || !names_features)).then_some(CellLayout {
        sample,
        numbers,
        words,
    })
}

/// Whether a column may tell the samples of a donor apart: a condition, and none of cells.
pub(crate) fn may_set_samples_apart(header: &str) -> bool {
    let name = canonical(header);
    let of_cells = ["cell", "cluster", "population", "phenotype", "lineage"];
    names_a_condition(header) && !of_cells.iter().any(|w| name.contains(w))
}

/// The cells of one sample while they are gathered.
struct Gathered {
    line: usize,
    values: Vec<f32>,
    /// First cell of every column of numbers and of words.
    first: Vec<String>,
    /// Whether all cells of a column of words are like the first.
    same: Vec<bool>,
}

/// Gathers the rows of a table of cells by sample.
pub(crate) struct Gatherer<'a> {
    layout: &'a CellLayout,
    file: &'a str,
    header: &'a [String],
    notation: Notation,
    samples: IndexMap<String, Gathered>,
    name: String,
    at: usize,
    without: usize,
    held: usize,
}

impl<'a> Gatherer<'a> {
    /// Nothing gathered yet.
    pub fn new(
        layout: &'a CellLayout,
        file: &'a str,
        header: &'a [String],
        notation: Notation,
    ) -> Self {
        Self {
            layout,
            file,
            header,
            notation,
            samples: IndexMap::new(),
            name: String::new(),
            at: usize::MAX,
            without: 0,
            held: 0,
        }
    }

    /// Adds one cell; `line` is for messages.
    ///
    /// # Errors
    /// Text where a number is expected, or more numbers than fit into memory.
    pub fn add(&mut self, row: &impl Row, line: usize) -> Result<(), DatasetError> {
        let before = std::mem::take(&mut self.name);
        for &j in &self.layout.sample {
            let part = row.text(j);
            if !self.name.is_empty() && !part.is_empty() {
                self.name.push(' ');
            }
            self.name.push_str(&part);
        }
        if self.name.is_empty() || number::is_missing(&self.name) {
            self.without += 1;
            self.at = usize::MAX;
            return Ok(());
        }
        if self.name != before || self.at == usize::MAX {
            self.at = match self.samples.get_index_of(&self.name) {
                Some(at) => at,
                None => {
                    let columns = self.layout.numbers.iter().chain(&self.layout.words);
                    let new = Gathered {
                        line,
                        values: Vec::new(),
                        first: columns.map(|&j| row.text(j).into_owned()).collect(),
                        same: vec![true; self.layout.words.len()],
                    };
                    self.samples.insert_full(self.name.clone(), new).0
                }
            };
        }
        self.held += self.layout.numbers.len();
        if self.held > MOST_NUMBERS {
            return Err(too_many(self.file));
        }
        let numbers = self.layout.numbers.len();
        let Some((_, sample)) = self.samples.get_index_mut(self.at) else {
            return Ok(());
        };
        for &j in &self.layout.numbers {
            sample.values.push(match row.number(j, self.notation) {
                Cell::Number(x) => finite(x as f32),
                Cell::Missing => f32::NAN,
                Cell::Text => {
                    return Err(DatasetError::NotANumber {
                        file: self.file.to_string(),
                        column: self.header[j].clone(),
                        row: line,
                        value: row.text(j).chars().take(40).collect(),
                    });
                }
            });
        }
        for (k, &j) in self.layout.words.iter().enumerate() {
            if sample.same[k] {
                sample.same[k] = row.text(j) == sample.first[numbers + k];
            }
        }
        Ok(())
    }

    /// The cells. Columns that hold one value per sample describe the sample and become its sheet.
    ///
    /// # Errors
    /// A table without a cell that names its sample.
    pub fn finish(self) -> Result<RawCells, DatasetError> {
        let Self {
            layout,
            file,
            header,
            samples,
            without,
            ..
        } = self;
        if samples.is_empty() {
            return Err(DatasetError::Empty {
                file: file.to_string(),
                found: format!("{without} rows, none of which names its sample"),
            });
        }
        let width = layout.numbers.len();
        let constant = |k: usize| {
            samples.values().all(|s| {
                let x = s.values[k];
                s.values[k..]
                    .iter()
                    .step_by(width)
                    .all(|v| v.to_bits() == x.to_bits())
            })
        };
        let many = samples.values().any(|s| s.values.len() > width);
        let told = |k: usize| {
            says_what(&Channel {
                header: header[layout.numbers[k]].clone(),
                label: None,
            })
        };
        let facts: Vec<usize> = (0..width)
            .filter(|&k| many && samples.len() > 1 && told(k).apart.is_none() && constant(k))
            .collect();
        // A column that is the same in all samples says nothing of any; it stays a channel.
        let differs = |k: usize| {
            let first = &samples[0].first[k];
            samples.values().any(|s| s.first[k] != *first)
        };
        let facts: Vec<usize> = facts.into_iter().filter(|&k| differs(k)).collect();
        let words = (0..layout.words.len()).filter(|&k| samples.values().all(|s| s.same[k]));
        let columns: Vec<usize> = facts
            .iter()
            .copied()
            .chain(words.map(|k| width + k))
            .collect();
        let place = |k: usize| {
            if k < width {
                layout.numbers[k]
            } else {
                layout.words[k - width]
            }
        };
        let mut inferences = vec![Inference::new(
            format!("cells of `{file}`"),
            format!(
                "one row per cell; its sample is named by `{}`",
                names(header, &layout.sample, "` and `")
            ),
            "few names stand in many rows, beside columns of numbers",
            "declare `sample: COLUMN` of the table in `dataset.yaml`",
        )];
        let left: Vec<usize> = (0..layout.words.len())
            .filter(|k| !columns.contains(&(width + k)))
            .map(|k| layout.words[k])
            .collect();
        if !left.is_empty() {
            inferences.push(Inference::new(
                format!("columns of `{file}` that are not used"),
                format!("`{}`", names(header, &left, "`, `")),
                "they hold words that differ between the cells of a sample",
                "nothing to do: populations are found from the markers",
            ));
        }
        let mut sheet_header = match layout.sample.as_slice() {
            [one] => vec![header[*one].clone()],
            _ => vec!["sample".to_string()],
        };
        sheet_header.extend(columns.iter().map(|&k| header[place(k)].clone()));
        let sheet = (sheet_header.len() > 1).then(|| Sheet {
            file: file.to_string(),
            header: sheet_header,
            rows: samples
                .iter()
                .map(|(name, s)| {
                    let facts = columns.iter().map(|&k| s.first[k].clone());
                    std::iter::once(name.clone()).chain(facts).collect()
                })
                .collect(),
            lines: samples.values().map(|s| s.line).collect(),
            inferences: Vec::new(),
            problems: Vec::new(),
        });
        let kept: Vec<usize> = (0..width).filter(|k| !facts.contains(k)).collect();
        Ok(RawCells {
            file: file.to_string(),
            channels: kept
                .iter()
                .map(|&k| Channel {
                    header: header[layout.numbers[k]].clone(),
                    label: None,
                })
                .collect(),
            samples: samples
                .into_iter()
                .map(|(name, s)| RawSample {
                    column: SampleColumn {
                        label: run_name(&name).to_string(),
                        header: name,
                    },
                    values: compacted(s.values, width, &kept),
                })
                .collect(),
            instrument: Instrument::default(),
            sheet,
            inferences,
            problems: without_sample(without, file).into_iter().collect(),
        })
    }
}

/// What is said where some cells name no sample.
pub(crate) fn without_sample(cells: usize, file: &str) -> Option<Problem> {
    (cells > 0).then(|| {
        Problem::new(
            Severity::Warn,
            "cells_without_sample",
            format!("{cells} cells name no sample and are left out"),
            "fill in the column of samples",
        )
        .in_file(file)
    })
}

impl RowSink for Gatherer<'_> {
    fn add_row(&mut self, row: &TextRow<'_>, line: usize) -> Result<(), DatasetError> {
        self.add(row, line)
    }
}

fn names(header: &[String], columns: &[usize], between: &str) -> String {
    let names: Vec<&str> = columns.iter().map(|&j| header[j].as_str()).collect();
    names.join(between)
}

/// Rows with only the kept columns, in place.
pub(crate) fn compacted(mut values: Vec<f32>, width: usize, kept: &[usize]) -> Vec<f32> {
    if kept.len() == width || width == 0 {
        return values;
    }
    let cells = values.len() / width;
    for cell in 0..cells {
        for (k, &column) in kept.iter().enumerate() {
            // A kept column never lies left of its new place, so nothing is overwritten before it is moved.
            values[cell * kept.len() + k] = values[cell * width + column];
        }
    }
    values.truncate(cells * kept.len());
    values
}
