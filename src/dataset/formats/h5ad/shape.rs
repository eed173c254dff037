//! What the cells of a file are: many of each sample, or samples themselves.

use std::borrow::Cow;
use std::collections::HashSet;

use indexmap::IndexMap;

use super::super::super::cells::{
    CELLS_PER_SAMPLE, Channel, DONORS, FEWEST_CELLS, Instrument, RawCells, RawSample, SAMPLES,
    finite, may_set_samples_apart, without_sample,
};
use super::super::super::container::Measured;
use super::super::super::label::canonical;
use super::super::super::open::CellSource;
use super::super::super::sheet::Sheet;
use super::super::super::{
    DatasetError, Feature, FeatureLevel, Inference, Problem, Quantity, Severity,
};
use super::super::accession::{is_uniprot, set_symbols, split_ids};
use super::super::{RawTable, RowFlag, SampleColumn};
use super::frame::{Column, Frame};
use super::{Contents, malformed};

/// A panel has at most so many markers; more features are an omics table.
const LARGEST_PANEL: usize = 500;

/// Samples at most where every cell is one.
const MOST_SAMPLES: usize = 20_000;

/// What names the sample of a cell.
pub(super) struct Samples {
    /// Columns of `obs` whose values together name it; none where every cell is a sample.
    columns: Vec<usize>,
    /// The evidence.
    because: String,
}

/// The content as cells of samples, or as a table whose samples are cells.
pub(super) fn measured(contents: Contents, file: &str) -> Result<Measured, DatasetError> {
    let mut inferences = Vec::new();
    let mut problems = Vec::new();
    if let Some(because) = &contents.matrix.because {
        inferences.push(Inference::new(
            format!("matrix of `{file}`"),
            format!("`{}`", contents.matrix.place),
            because.clone(),
            "write the matrix that you want as `X`",
        ));
    }
    for (group, frame) in [("obs", &contents.obs), ("var", &contents.var)] {
        if !frame.skipped.is_empty() {
            problems.push(
                Problem::new(
                    Severity::Note,
                    "column_not_read",
                    format!(
                        "columns of `{group}` are not read: {}",
                        frame.skipped.join(", ")
                    ),
                    "write them as text, numbers or factors",
                )
                .in_file(file),
            );
        }
    }
    let because = contents.samples.because.clone();
    if contents.samples.columns.is_empty() {
        let n = contents.obs.len();
        inferences.push(Inference::new(
            format!("samples of `{file}`"),
            format!("each of its {n} cells"),
            because,
            "declare `sample: COLUMN` of the file in `dataset.yaml` where cells belong to samples",
        ));
        problems.push(
            Problem::new(
                Severity::Warn,
                "cells_are_samples",
                format!(
                    "each of {n} cells is a sample; cells of one donor or culture are not independent, so that what is found holds for these cells and not for donors"
                ),
                "name the donor of every cell in a column `donor` of `obs`, or average the cells of each donor",
            )
            .in_file(file),
        );
        return cells_as_samples(contents, file, inferences, problems).map(Measured::Table);
    }
    let names: Vec<&str> = (contents.samples.columns.iter())
        .map(|&k| contents.obs.columns[k].name.as_str())
        .collect();
    inferences.push(Inference::new(
        format!("samples of `{file}`"),
        format!("the values of `{}`", names.join("` and `")),
        because,
        "declare `sample: COLUMN` of the file in `dataset.yaml`",
    ));
    Ok(Measured::Cells(cells_of_samples(
        contents, file, inferences, problems,
    )))
}

/// The columns of `obs` that name the sample of a cell, none where cells are samples; `width` is the number of features.
///
/// # Errors
/// A declared column that is not there, or more cells than can be samples.
pub(super) fn samples(
    obs: &Frame,
    width: usize,
    file: &str,
    declared: &CellSource,
) -> Result<Samples, DatasetError> {
    let columns = &obs.columns;
    let place = |name: &str| {
        let exact = columns.iter().position(|c| c.name == name);
        let alike = |c: &Column| canonical(&c.name) == canonical(name);
        exact.or_else(|| columns.iter().position(alike))
    };
    if let Some(name) = &declared.sample {
        let found = place(name).ok_or_else(|| DatasetError::Manifest {
            file: "dataset.yaml".to_string(),
            message: format!("`sample: {name}` is no column of `obs` in `{file}`"),
            hint: format!("the columns are {}", listed(columns)),
        })?;
        return Ok(Samples {
            columns: vec![found],
            because: "`sample:` in `dataset.yaml` says so".to_string(),
        });
    }
    let n = obs.len();
    let every_cell = |because: String| {
        if n > MOST_SAMPLES {
            let detail = format!("{because}, so that each of {n} cells would be a sample");
            return Err(malformed(file, detail));
        }
        Ok(Samples {
            columns: Vec::new(),
            because,
        })
    };
    if width > LARGEST_PANEL {
        return every_cell(format!(
            "{width} features are no panel of markers, whose cells would be summed up by sample"
        ));
    }
    let few = |k: usize| {
        let mut seen = HashSet::new();
        let all = (0..n).all(|i| {
            seen.insert(columns[k].cells.text(i));
            seen.len() * CELLS_PER_SAMPLE <= n
        });
        all && seen.len() > 1
    };
    let among = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| place(name));
        found.find(|&k| few(k))
    };
    if n >= FEWEST_CELLS {
        if let Some(k) = among(&SAMPLES) {
            return Ok(Samples {
                columns: vec![k],
                because: "it has few values for many cells".to_string(),
            });
        }
        if let Some(donor) = among(&DONORS) {
            let conditions = (0..columns.len()).filter(|&k| {
                let words = columns[k].cells.are_words();
                k != donor && words && may_set_samples_apart(&columns[k].name) && few(k)
            });
            return Ok(Samples {
                columns: std::iter::once(donor).chain(conditions).collect(),
                because: "a donor under one condition is a sample".to_string(),
            });
        }
    }
    every_cell(format!(
        "no column of `obs` names samples of many cells (it has {})",
        listed(columns)
    ))
}

/// The cells of each sample by its name, in order of appearance; cells without a name are left out.
fn members(obs: &Frame, samples: &[usize]) -> IndexMap<String, Vec<usize>> {
    let mut members: IndexMap<String, Vec<usize>> = IndexMap::new();
    for i in 0..obs.len() {
        let parts: Vec<Cow<'_, str>> = samples
            .iter()
            .map(|&k| obs.columns[k].cells.text(i))
            .filter(|t| !t.is_empty())
            .collect();
        if !parts.is_empty() {
            members.entry(parts.join(" ")).or_default().push(i);
        }
    }
    members
}

/// The names of the samples.
pub(super) fn sample_names(obs: &Frame, samples: &Samples) -> Vec<String> {
    match samples.columns.as_slice() {
        [] => obs.index.clone(),
        columns => members(obs, columns).into_keys().collect(),
    }
}

fn listed(columns: &[Column]) -> String {
    let names: Vec<String> = columns
        .iter()
        .take(20)
        .map(|c| format!("`{}`", c.name))
        .collect();
    if names.is_empty() {
        "none".to_string()
    } else {
        names.join(", ")
    }
}

fn cells_of_samples(
    contents: Contents,
    file: &str,
    inferences: Vec<Inference>,
    mut problems: Vec<Problem>,
) -> RawCells {
    let Contents {
        obs,
        var,
        samples,
        matrix,
    } = contents;
    let samples = samples.columns.as_slice();
    let width = var.len();
    let members = members(&obs, samples);
    let without = obs.len() - members.values().map(Vec::len).sum::<usize>();
    problems.extend(without_sample(without, file));
    let constant = |column: &Column| {
        members.values().all(|rows| {
            let first = column.cells.text(rows[0]);
            rows.iter().all(|&i| column.cells.text(i) == first)
        })
    };
    let facts: Vec<&Column> = obs
        .columns
        .iter()
        .enumerate()
        .filter(|(k, c)| (samples.len() > 1 || *k != samples[0]) && constant(c))
        .map(|(_, c)| c)
        .collect();
    let id = match samples {
        [one] => obs.columns[*one].name.clone(),
        _ => "sample".to_string(),
    };
    let sheet = (!facts.is_empty()).then(|| Sheet {
        file: file.to_string(),
        header: std::iter::once(id)
            .chain(facts.iter().map(|c| c.name.clone()))
            .collect(),
        rows: members
            .iter()
            .map(|(name, rows)| {
                let cells = facts.iter().map(|c| c.cells.text(rows[0]).into_owned());
                std::iter::once(name.clone()).chain(cells).collect()
            })
            .collect(),
        lines: members.values().map(|rows| rows[0] + 1).collect(),
        inferences: Vec::new(),
        problems: Vec::new(),
    });
    RawCells {
        file: file.to_string(),
        channels: var
            .index
            .iter()
            .map(|name| Channel {
                header: name.clone(),
                label: None,
            })
            .collect(),
        samples: members
            .iter()
            .map(|(name, rows)| RawSample {
                column: SampleColumn {
                    header: name.clone(),
                    label: name.clone(),
                },
                values: rows
                    .iter()
                    .flat_map(|&i| &matrix.values[i * width..(i + 1) * width])
                    .map(|x| finite(*x))
                    .collect(),
            })
            .collect(),
        instrument: Instrument::default(),
        sheet,
        inferences,
        problems,
    }
}

fn cells_as_samples(
    contents: Contents,
    file: &str,
    inferences: Vec<Inference>,
    problems: Vec<Problem>,
) -> Result<RawTable, DatasetError> {
    let Contents {
        obs, var, matrix, ..
    } = contents;
    let (n, m) = (obs.len(), var.len());
    let mut seen = HashSet::new();
    if let Some(again) = obs.index.iter().find(|name| !seen.insert(name.as_str())) {
        return Err(malformed(file, format!("two cells are called `{again}`")));
    }
    let proteins = var
        .index
        .iter()
        .filter(|id| split_ids(id).first().is_some_and(|a| is_uniprot(a)))
        .count();
    let level = if 2 * proteins > m {
        FeatureLevel::ProteinGroup
    } else {
        FeatureLevel::Gene
    };
    let symbols = column(
        &var,
        &[
            "genesymbol",
            "symbol",
            "genename",
            "gene",
            "genes",
            "genesymbols",
            "genenames",
        ],
    );
    let accessions = column(
        &var,
        &["accession", "uniprot", "proteinid", "proteinids", "protein"],
    );
    let features = (0..m)
        .map(|j| {
            let id = &var.index[j];
            let ids = match accessions
                .map(|c| c.cells.text(j))
                .filter(|t| !t.is_empty())
            {
                Some(text) => split_ids(&text),
                None if level == FeatureLevel::ProteinGroup => split_ids(id),
                None => Vec::new(),
            };
            let mut feature = Feature {
                id: id.clone(),
                accessions: ids,
                row: j + 1,
                ..Feature::default()
            };
            let symbol = symbols.map(|c| c.cells.text(j)).filter(|t| !t.is_empty());
            let own = (level == FeatureLevel::Gene).then_some(Cow::Borrowed(id.as_str()));
            set_symbols(&mut feature, symbol.or(own).as_deref());
            feature
        })
        .collect();
    let mut values = Vec::with_capacity(n * m);
    for j in 0..m {
        values.extend((0..n).map(|i| {
            let x = f64::from(matrix.values[i * m + j]);
            if x.is_finite() { x } else { f64::NAN }
        }));
    }
    let header =
        std::iter::once("cell".to_string()).chain(obs.columns.iter().map(|c| c.name.clone()));
    let sheet = (!obs.columns.is_empty()).then(|| Sheet {
        file: file.to_string(),
        header: header.collect(),
        rows: (0..n)
            .map(|i| {
                let facts = obs.columns.iter().map(|c| c.cells.text(i).into_owned());
                std::iter::once(obs.index[i].clone()).chain(facts).collect()
            })
            .collect(),
        lines: (1..=n).collect(),
        inferences: Vec::new(),
        problems: Vec::new(),
    });
    Ok(RawTable {
        level,
        quantity: Quantity::Other,
        scale: None,
        id_column: "var".to_string(),
        ids_are_groups: false,
        columns: obs
            .index
            .iter()
            .map(|c| SampleColumn {
                header: c.clone(),
                label: c.clone(),
            })
            .collect(),
        features,
        flags: vec![RowFlag::Keep; m],
        values,
        samples_in_rows: true,
        sheet,
        set_apart: Vec::new(),
        organism: None,
        inferences,
        problems,
    })
}

fn column<'f>(frame: &'f Frame, names: &[&str]) -> Option<&'f Column> {
    names
        .iter()
        .find_map(|name| frame.columns.iter().find(|c| canonical(&c.name) == **name))
}
