//! Gathers the rows of a long table into features × samples.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::fast::{FixedState, RandomState};
use indexmap::IndexMap;

use super::super::container::packed::too_large;
use super::super::formats::accession::{
    OrganismTally, flag_of, is_set, is_uniprot, set_symbols, split_ids,
};
use super::super::formats::peptides::amino_acids;
use super::super::formats::{RawTable, RowFlag, SampleColumn};
use super::super::label::{canonical, run_name};
use super::super::number::{self, Cell, Notation};
use super::super::sheet::Sheet;
use super::super::{
    DatasetError, ExcludedSample, Feature, FeatureLevel, Inference, Peptidoform, Problem, Severity,
};
use super::{LongLayout, Repeats, Row, RowNote, RowRule, likely};

/// More values than fit into memory together with the copies that are made of them.
const MOST_VALUES: usize = 400_000_000;
/// Equal values written by different rounding differ by less than this part.
const ROUNDING: f64 = 1e-4;

/// The table as far as it was read.
pub(crate) struct Collector<'a> {
    layout: &'a LongLayout,
    file: &'a str,
    header: &'a [String],
    notation: Notation,
    samples: IndexMap<String, Sample, RandomState>,
    features: IndexMap<String, usize, RandomState>,
    described: Vec<(Feature, RowFlag)>,
    /// One row per feature, as long as the last sample it was seen in; NaN where there was no value.
    values: Vec<Vec<f64>>,
    /// Values in all rows, missing ones included.
    held: usize,
    peptides: HashSet<(usize, u64), RandomState>,
    organisms: OrganismTally,
    rows: usize,
    left_out: Vec<usize>,
    noted: Vec<usize>,
    unnamed: usize,
    differing: Option<(usize, String)>,
    n_differing: usize,
    sample_name: String,
    feature_name: String,
    last_sample: usize,
    last_feature: usize,
}

/// A sample as far as it was seen.
struct Sample {
    header: String,
    line: usize,
    /// One per column of facts: the cell of the first row, none once another row differs.
    facts: Vec<Option<String>>,
    apart: Option<String>,
}

impl<'a> Collector<'a> {
    /// An empty table.
    pub fn new(
        layout: &'a LongLayout,
        file: &'a str,
        header: &'a [String],
        notation: Notation,
    ) -> Self {
        Self {
            layout,
            file,
            header,
            notation,
            samples: IndexMap::default(),
            features: IndexMap::default(),
            described: Vec::new(),
            values: Vec::new(),
            held: 0,
            peptides: HashSet::default(),
            organisms: OrganismTally::default(),
            rows: 0,
            left_out: vec![0; layout.rules.len()],
            noted: vec![0; layout.notes.len()],
            unnamed: 0,
            differing: None,
            n_differing: 0,
            sample_name: String::new(),
            feature_name: String::new(),
            last_sample: 0,
            last_feature: 0,
        }
    }

    /// Adds one row; `line` is its 1-based line in the file.
    pub fn add(&mut self, row: &dyn Row, line: usize) -> Result<(), DatasetError> {
        self.rows += 1;
        join(&mut self.sample_name, row, &self.layout.sample, '_');
        if self.sample_name.is_empty() {
            self.unnamed += 1;
            return Ok(());
        }
        let sample = self.sample(row, line);
        if self.samples[sample].apart.is_some() {
            return Ok(());
        }
        for (k, rule) in self.layout.rules.iter().enumerate() {
            if !self.passes(rule, row, line)? {
                self.left_out[k] += 1;
                return Ok(());
            }
        }
        join(&mut self.feature_name, row, &self.layout.feature, '/');
        if self.feature_name.is_empty() {
            self.unnamed += 1;
            return Ok(());
        }
        let feature = match place_of(&self.features, self.last_feature, &self.feature_name) {
            Some(known) => known,
            None => self.add_feature(row, line),
        };
        self.last_feature = feature;
        for (k, note) in self.layout.notes.iter().enumerate() {
            let holds = match note {
                RowNote::OtherThan(column, usual) => {
                    let cell = canonical(&row.text(*column));
                    !cell.is_empty() && cell != "na" && cell != *usual
                }
                RowNote::Below(value, limit) => {
                    self.number(row, *value, line)? < self.number(row, *limit, line)?
                }
            };
            self.noted[k] += usize::from(holds);
        }
        if let Some(column) = self.layout.peptides {
            let peptide = FixedState::default().hash_one(&*row.text(column));
            self.peptides.insert((feature, peptide));
        }
        let width = self.layout.values.len();
        for (k, value) in self.layout.values.iter().enumerate() {
            let x = self.number(row, value.column, line)?;
            if !x.is_nan() {
                self.put(feature, sample * width + k, x, line)?;
            }
        }
        Ok(())
    }

    fn sample(&mut self, row: &dyn Row, line: usize) -> usize {
        if let Some(known) = place_of(&self.samples, self.last_sample, &self.sample_name) {
            self.last_sample = known;
            let sample = &mut self.samples[known];
            for (fact, &column) in sample.facts.iter_mut().zip(&self.layout.facts) {
                if fact.as_ref().is_some_and(|f| *f != row.text(column)) {
                    *fact = None;
                }
            }
            return known;
        }
        let apart = self.layout.apart.iter().find_map(|(column, is_control)| {
            let cell = row.text(*column);
            is_control(&cell).then(|| format!("`{}` is `{cell}`", self.header[*column]))
        });
        let header = self
            .layout
            .path
            .map(|column| row.text(column).into_owned())
            .filter(|path| !path.is_empty())
            .unwrap_or_else(|| self.sample_name.clone());
        let facts = self
            .layout
            .facts
            .iter()
            .map(|&column| Some(row.text(column).into_owned()))
            .collect();
        let sample = Sample {
            header,
            line,
            facts,
            apart,
        };
        self.samples.insert_full(self.sample_name.clone(), sample).0
    }

    fn passes(&self, rule: &RowRule, row: &dyn Row, line: usize) -> Result<bool, DatasetError> {
        Ok(match rule {
            RowRule::AtMost(column, limit) => self.number(row, *column, line)? <= *limit,
            RowRule::Unset(column) => !is_set(&row.text(*column)),
            RowRule::OneOf(column, values) => {
                let cell = canonical(&row.text(*column));
                cell.is_empty() || values.contains(&cell.as_str())
            }
            RowRule::Without(column, word) => !row.text(*column).to_lowercase().contains(word),
        })
    }

    fn number(&self, row: &dyn Row, column: usize, line: usize) -> Result<f64, DatasetError> {
        match row.number(column, self.notation) {
            Cell::Number(x) => Ok(x),
            Cell::Missing => Ok(f64::NAN),
            Cell::Text => Err(DatasetError::NotANumber {
                file: self.file.to_string(),
                column: self.header[column].clone(),
                row: line,
                value: row.text(column).chars().take(40).collect(),
            }),
        }
    }

    fn add_feature(&mut self, row: &dyn Row, line: usize) -> usize {
        let name = self.feature_name.clone();
        let text = |column: usize| {
            let cell = row.text(column).into_owned();
            (!number::is_missing(&cell)).then_some(cell)
        };
        let of_proteins = match self.layout.accessions {
            Some(column) => row.text(column).into_owned(),
            None => name.clone(),
        };
        // A gene is its own symbol and no accession.
        let of_genes = self.layout.level == FeatureLevel::Gene;
        let accessions = if of_genes {
            Vec::new()
        } else {
            accessions_of(&of_proteins)
        };
        let groups = self.layout.level == FeatureLevel::ProteinGroup
            && self
                .layout
                .accessions
                .is_none_or(|c| self.layout.feature == [c]);
        let id = match accessions.first() {
            Some(first) if groups => first.clone(),
            _ => name.trim_matches('_').to_string(),
        };
        let names: Vec<String> = self
            .layout
            .descriptions
            .iter()
            .filter_map(|&c| text(c))
            .collect();
        self.organisms.add(
            names
                .iter()
                .map(String::as_str)
                .chain([of_proteins.as_str()]),
        );
        let mut feature = Feature {
            id,
            description: names.into_iter().next(),
            row: line,
            ..Feature::default()
        };
        let symbols = if of_genes {
            Some(name.clone())
        } else {
            self.layout.genes.and_then(text)
        };
        set_symbols(&mut feature, symbols.as_deref());
        let flagged = self
            .layout
            .flags
            .iter()
            .find(|(column, _)| is_set(&row.text(*column)))
            .map(|(_, flag)| *flag);
        let flag = flagged.unwrap_or_else(|| {
            let lead = accessions.first().map_or(name.as_str(), String::as_str);
            flag_of(lead)
        });
        feature.accessions = accessions;
        if matches!(
            self.layout.level,
            FeatureLevel::Peptide | FeatureLevel::Precursor
        ) {
            let written = self.layout.feature.first().map(|&c| row.text(c));
            feature.peptidoform = Some(Peptidoform {
                sequence: amino_acids(&written.unwrap_or_default()),
                assigned: if self.layout.assigned {
                    feature.accessions.len()
                } else {
                    0
                },
                ..Peptidoform::default()
            });
        }
        self.described.push((feature, flag));
        self.values.push(Vec::new());
        self.features.insert_full(name, line).0
    }

    fn put(
        &mut self,
        feature: usize,
        column: usize,
        x: f64,
        line: usize,
    ) -> Result<(), DatasetError> {
        let length = self.values[feature].len();
        if length <= column {
            self.held += column + 1 - length;
            if self.held > MOST_VALUES {
                return Err(self.too_large());
            }
            self.values[feature].resize(column + 1, f64::NAN);
        }
        let values = &mut self.values[feature];
        let before = &mut values[column];
        if before.is_nan() {
            *before = x;
            return Ok(());
        }
        if self.layout.repeats == Repeats::Sum {
            *before += x;
            return Ok(());
        }
        if (*before - x).abs() <= ROUNDING * before.abs().max(x.abs()) {
            return Ok(());
        }
        let said = format!(
            "`{}` in `{}` is {before} and {x}",
            self.feature_name, self.sample_name
        );
        if self.layout.repeats == Repeats::Never {
            return Err(DatasetError::DuplicatedSample {
                file: self.file.to_string(),
                name: self.sample_name.clone(),
                places: format!("{said}, the second time in row {line}"),
            });
        }
        self.n_differing += 1;
        self.differing.get_or_insert((line, said));
        Ok(())
    }

    fn too_large(&self) -> DatasetError {
        too_large(
            self.file,
            format!(
                "its first {} rows hold {} features in {} samples",
                self.rows,
                self.described.len(),
                self.samples.len() * self.layout.values.len()
            ),
        )
    }

    /// The table, with what was left out.
    pub fn finish(mut self) -> Result<RawTable, DatasetError> {
        let channels = self.layout.values.len();
        let measured = |column: usize| {
            let mut rows = self.values.iter();
            rows.any(|v| v.get(column).is_some_and(|x| !x.is_nan() && *x != 0.0))
        };
        let mut keep: Vec<(usize, usize)> = Vec::new();
        let mut empty: Vec<String> = Vec::new();
        for (s, (name, sample)) in self.samples.iter().enumerate() {
            if sample.apart.is_some() {
                continue;
            }
            let filled: Vec<usize> = (0..channels)
                .filter(|c| self.layout.keep_empty || measured(s * channels + c))
                .collect();
            if filled.is_empty() {
                empty.push(name.clone());
            }
            keep.extend(filled.into_iter().map(|c| (s, c)));
        }
        if keep.is_empty() {
            return Err(DatasetError::Empty {
                file: self.file.to_string(),
                found: format!(
                    "none of its {} rows holds a value that counts{}",
                    self.rows,
                    self.reasons()
                ),
            });
        }
        if self.values.len().saturating_mul(keep.len()) > MOST_VALUES {
            return Err(self.too_large());
        }
        let mut values = Vec::with_capacity(self.values.len() * keep.len());
        for row in std::mem::take(&mut self.values) {
            values.extend(
                keep.iter()
                    .map(|&(s, c)| row.get(s * channels + c).copied().unwrap_or(f64::NAN)),
            );
        }
        let columns: Vec<SampleColumn> = keep.iter().map(|&(s, c)| self.column(s, c)).collect();
        let sheet = self.sheet(&keep, &columns);
        let (inferences, problems) = self.told(&keep, &empty);
        let organism = self.organisms.most();
        for (feature, _) in &self.peptides {
            let count = &mut self.described[*feature].0.peptides;
            *count = Some(count.unwrap_or(0) + 1);
        }
        let (features, flags) = self.described.into_iter().unzip();
        let name_of = |columns: &[usize]| {
            let names: Vec<&str> = columns.iter().map(|&j| self.header[j].as_str()).collect();
            names.join(" + ")
        };
        Ok(RawTable {
            level: self.layout.level,
            quantity: self.layout.quantity,
            scale: self.layout.scale,
            id_column: name_of(&self.layout.feature),
            ids_are_groups: matches!(
                self.layout.level,
                FeatureLevel::ProteinGroup | FeatureLevel::Gene
            ),
            columns,
            features,
            flags,
            values,
            samples_in_rows: false,
            sheet,
            set_apart: self
                .samples
                .into_iter()
                .filter_map(|(id, s)| {
                    Some(ExcludedSample {
                        id,
                        reason: s.apart?,
                    })
                })
                .collect(),
            organism,
            inferences,
            problems,
        })
    }

    fn column(&self, sample: usize, channel: usize) -> SampleColumn {
        let (name, header) = match self.samples.get_index(sample) {
            Some((name, seen)) => (name.as_str(), seen.header.clone()),
            None => ("", String::new()),
        };
        match &self.layout.values[channel].channel {
            None => SampleColumn {
                header,
                label: run_name(name).to_string(),
            },
            Some((channel, short)) => SampleColumn {
                header: format!("{name} {channel}"),
                label: format!("{}_{short}", run_name(name)),
            },
        }
    }

    /// What the rows say of the samples: columns with one value per sample, and plex and channel of multiplexed data.
    fn sheet(&self, keep: &[(usize, usize)], columns: &[SampleColumn]) -> Option<Sheet> {
        let multiplexed = self.layout.values.iter().any(|v| v.channel.is_some());
        let constant: Vec<usize> = (0..self.layout.facts.len())
            .filter(|&k| {
                keep.iter()
                    .all(|&(s, _)| self.samples[s].facts[k].is_some())
            })
            .collect();
        if constant.is_empty() && !multiplexed {
            return None;
        }
        let mut header = vec![match self.layout.sample[..] {
            [column] if !multiplexed => self.header[column].clone(),
            _ => "sample".to_string(),
        }];
        if multiplexed {
            header.extend(["plex".to_string(), "channel".to_string()]);
        }
        header.extend(
            constant
                .iter()
                .map(|&k| self.header[self.layout.facts[k]].clone()),
        );
        let rows = keep
            .iter()
            .zip(columns)
            .map(|(&(s, c), column)| {
                let mut row = vec![column.label.clone()];
                if let Some((_, short)) = &self.layout.values[c].channel {
                    let plex = self.samples.get_index(s).map(|(name, _)| run_name(name));
                    row.extend([plex.unwrap_or_default().to_string(), short.clone()]);
                }
                let facts = &self.samples[s].facts;
                row.extend(
                    constant
                        .iter()
                        .map(|&k| facts[k].clone().unwrap_or_default()),
                );
                row
            })
            .collect();
        Some(Sheet {
            file: self.file.to_string(),
            header,
            rows,
            lines: keep.iter().map(|&(s, _)| self.samples[s].line).collect(),
            inferences: Vec::new(),
            problems: Vec::new(),
        })
    }

    /// Rows left out by each rule, in words; empty when there are none.
    fn reasons(&self) -> String {
        let parts: Vec<String> = self
            .layout
            .rules
            .iter()
            .zip(&self.left_out)
            .filter(|(_, n)| **n > 0)
            .map(|(rule, n)| format!("{n} with {}", rule.describe(self.header)))
            .chain((self.unnamed > 0).then(|| format!("{} without a name", self.unnamed)))
            .collect();
        if parts.is_empty() {
            String::new()
        } else {
            format!(
                " ({} left out: {})",
                self.left_out.iter().sum::<usize>() + self.unnamed,
                parts.join(", ")
            )
        }
    }

    fn told(&self, keep: &[(usize, usize)], empty: &[String]) -> (Vec<Inference>, Vec<Problem>) {
        let mut inferences = self.layout.inferences.clone();
        let mut problems = self.layout.problems.clone();
        let names = |columns: &[usize]| {
            let names: Vec<String> = columns
                .iter()
                .map(|&j| format!("`{}`", self.header[j]))
                .collect();
            names.join(" and ")
        };
        let values: Vec<usize> = self.layout.values.iter().map(|v| v.column).collect();
        inferences.push(Inference::new(
            format!("layout of `{}`", self.file),
            format!(
                "samples in {}, features in {}, values in {}",
                names(&self.layout.sample),
                names(&self.layout.feature),
                if values.len() > 4 {
                    format!(
                        "{} to {}",
                        names(&values[..1]),
                        names(&values[values.len() - 1..])
                    )
                } else {
                    names(&values)
                }
            ),
            format!(
                "{} rows hold {} features in {} samples{}",
                self.rows,
                self.described.len(),
                keep.len(),
                match self.layout.repeats {
                    Repeats::Sum => "; several values of a feature in a sample are added up",
                    Repeats::Same | Repeats::Never => "",
                }
            ),
            "give a table of the wanted level, or rename the columns",
        ));
        if self.left_out.iter().any(|n| *n > 0) || self.unnamed > 0 {
            inferences.push(Inference::new(
                format!("rows of `{}` not used", self.file),
                self.reasons().trim_matches([' ', '(', ')']).to_string(),
                "identifications count up to a false discovery rate of 1 %; decoys and controls never do",
                "filter the report before, or give the producer's own matrix",
            ));
        }
        if !empty.is_empty() {
            problems.push(
                Problem::new(
                    Severity::Warn,
                    "sample_without_values",
                    format!(
                        "{} samples have no value that counts and are left out, the first is `{}`",
                        empty.len(),
                        empty[0]
                    ),
                    "check these runs, or leave them out of the report",
                )
                .in_file(self.file),
            );
        }
        for (note, n) in self
            .layout
            .notes
            .iter()
            .zip(&self.noted)
            .filter(|(_, n)| **n > 0)
        {
            let column = &self.header[note.column()];
            let (rule, message) = match note {
                RowNote::OtherThan(_, usual) => (
                    "quality_warning",
                    format!(
                        "{n} of {} rows have `{column}` other than `{usual}`; their values are kept",
                        self.rows
                    ),
                ),
                RowNote::Below(value, _) => (
                    "below_detection_limit",
                    format!(
                        "{n} of {} values of `{}` are below `{column}`; they are kept",
                        self.rows, self.header[*value]
                    ),
                ),
            };
            problems.push(
                Problem::new(
                    Severity::Note,
                    rule,
                    message,
                    "leave the rows or samples out of the table, if you do not trust them",
                )
                .in_file(self.file)
                .in_column(column),
            );
        }
        if let Some((line, said)) = &self.differing {
            problems.push(
                Problem::new(
                    Severity::Warn,
                    "differing_repeats",
                    format!("{} values differ from an earlier row of the same feature and sample, of which the first is kept; first: {said}", self.n_differing),
                    "export the report again, with one value per feature and run",
                )
                .in_file(self.file)
                .in_column(names(&values).trim_matches('`'))
                .at_row(*line),
            );
        }
        (inferences, problems)
    }
}

/// The place of a name among those seen.
fn place_of<T>(seen: &IndexMap<String, T, RandomState>, last: usize, name: &str) -> Option<usize> {
    let is = |k: usize| seen.get_index(k).is_some_and(|(known, _)| known == name);
    likely(last, is).or_else(|| seen.get_index_of(name))
}

/// The accessions of a cell, which some producers join by `_` or `,`.
fn accessions_of(cell: &str) -> Vec<String> {
    let parts: Vec<&str> = cell
        .split(['_', ',', ' '])
        .filter(|p| !p.is_empty())
        .collect();
    if parts.len() > 1 && parts.iter().all(|p| is_uniprot(p)) {
        return parts.into_iter().map(str::to_string).collect();
    }
    split_ids(cell)
}

/// The cells of several columns as one name; empty when the first is.
fn join(name: &mut String, row: &dyn Row, columns: &[usize], separator: char) {
    name.clear();
    for (k, &column) in columns.iter().enumerate() {
        let cell = row.text(column);
        if k == 0 && number::is_missing(&cell) {
            return;
        }
        if k > 0 {
            name.push(separator);
        }
        name.push_str(&cell);
    }
}
