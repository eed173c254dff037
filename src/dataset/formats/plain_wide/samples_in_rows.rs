//! Wide tables the other way up: one row per sample, one column per feature, facts about the sample in between.

use std::collections::HashSet;

use super::super::super::antibody::{self, is_of_a_modified_residue};
use super::super::super::grid::Grid;
use super::super::super::label::{canonical, words};
use super::super::super::number::Cell;
use super::super::super::sheet::Sheet;
use super::super::super::{DatasetError, Feature, FeatureLevel, Inference, Quantity};
use super::super::accession::{flag_of, set_symbols, split_ids};
use super::super::{RawTable, SampleColumn};
use super::columns::feature_share;

/// The parts of a table with samples in rows.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Column of sample names.
    pub sample: usize,
    /// Columns of facts about the samples.
    pub facts: Vec<usize>,
    /// Columns of features.
    pub features: Vec<usize>,
}

/// A sheet has fewer numbers per sample.
const MANY_FEATURES: usize = 50;

/// Words of headers that are facts about a sample even when their cells are numbers.
const FACTS: [&str; 30] = [
    "age",
    "bmi",
    "batch",
    "plate",
    "replicate",
    "rep",
    "run",
    "order",
    "time",
    "timepoint",
    "day",
    "dose",
    "sex",
    "gender",
    "weight",
    "height",
    "plex",
    "group",
    "condition",
    "visit",
    "year",
    "patient",
    "subject",
    "donor",
    "sample",
    "treatment",
    "stage",
    "grade",
    "injection",
    "class",
];

/// The layout, or none when features stand in rows.
pub(super) fn layout(grid: &Grid) -> Option<Layout> {
    let kinds: Vec<(usize, usize, usize)> = (0..grid.n_columns()).map(|j| grid.kinds(j)).collect();
    let named_fact = |j: usize| {
        words(&grid.header[j])
            .iter()
            .any(|w| FACTS.contains(&w.as_str()))
    };
    let features: Vec<usize> = (0..grid.n_columns())
        .filter(|&j| kinds[j].0 > 0 && kinds[j].2 == 0 && !named_fact(j))
        .collect();
    let n_rows = grid.n_rows();
    if features.len() < 5 || n_rows < 2 {
        return None;
    }
    let distinct = |j: usize| {
        let mut seen = HashSet::new();
        grid.column(j).all(|c| !c.is_empty() && seen.insert(c))
    };
    let others: Vec<usize> = (0..grid.n_columns())
        .filter(|j| features.binary_search(j).is_err())
        .collect();
    let is_name = |j: usize| {
        let name = canonical(&grid.header[j]);
        ["sample", "run", "file", "rownames", "id", "name"]
            .iter()
            .any(|w| name.contains(w))
    };
    let sample = others
        .iter()
        .copied()
        .find(|&j| is_name(j) && distinct(j))
        .or_else(|| others.iter().copied().find(|&j| distinct(j)))?;
    let (accessions, either) = feature_share(features.iter().map(|&j| grid.header[j].as_str()));
    let named_sample = ["sample", "run", "rawfile", "filename"]
        .iter()
        .any(|w| canonical(&grid.header[sample]).contains(w));
    let rows_like_features = if named_sample {
        0.0
    } else {
        feature_share(grid.column(sample)).1
    };
    let many = features.len() >= 3 * n_rows && rows_like_features < 0.5;
    let symbols = features.len() > n_rows && either > 0.6 && rows_like_features < 0.5;
    let called_samples = named_sample && others.len() == 1 && features.len() >= MANY_FEATURES;
    (accessions > 0.5 || many || symbols || called_samples).then(|| Layout {
        sample,
        facts: others.into_iter().filter(|&j| j != sample).collect(),
        features,
    })
}

/// Whether most headers name microRNAs, as in `hsa-mir-21`.
fn are_mirnas<'a>(headers: impl Iterator<Item = &'a str>) -> bool {
    let (mut n, mut known) = (0usize, 0usize);
    for header in headers {
        n += 1;
        let lower = header.to_lowercase();
        let mut parts = lower.split(['-', '.']);
        let species = parts.next().is_some_and(|p| p.len() == 3);
        known += usize::from(species && parts.next().is_some_and(|p| p == "mir" || p == "let"));
    }
    2 * known > n
}

/// Reads the table; facts become a sheet of the table's own.
pub(super) fn read(grid: &Grid, layout: &Layout) -> Result<RawTable, DatasetError> {
    let headers: Vec<&str> = layout
        .features
        .iter()
        .map(|&j| grid.header[j].as_str())
        .collect();
    let (accessions, _) = feature_share(headers.iter().copied());
    let level = if accessions > 0.5 {
        FeatureLevel::ProteinGroup
    } else if are_mirnas(headers.iter().copied()) {
        FeatureLevel::Transcript
    } else if headers
        .iter()
        .filter(|h| is_of_a_modified_residue(h))
        .count()
        * 20
        > headers.len()
    {
        FeatureLevel::Marker
    } else {
        FeatureLevel::Gene
    };
    let m = grid.n_rows();
    let mut values = Vec::with_capacity(m * layout.features.len());
    for &j in &layout.features {
        values.extend((0..m).map(|i| match grid.number(i, j) {
            Cell::Number(x) => x,
            _ => f64::NAN,
        }));
    }
    let (features, flags) = layout
        .features
        .iter()
        .map(|&j| {
            let header = &grid.header[j];
            let accessions = if level == FeatureLevel::ProteinGroup {
                split_ids(header)
            } else {
                Vec::new()
            };
            let mut feature = Feature {
                id: accessions
                    .first()
                    .cloned()
                    .unwrap_or_else(|| header.clone()),
                accessions,
                row: j + 1,
                ..Feature::default()
            };
            if level == FeatureLevel::Gene {
                set_symbols(&mut feature, Some(header));
            }
            if level == FeatureLevel::Marker {
                feature.site = antibody::site(header);
            }
            (feature, flag_of(header))
        })
        .unzip();
    let names: Vec<String> = grid.column(layout.sample).map(str::to_string).collect();
    let mut facts = Sheet::from_grid(grid);
    let kept: Vec<usize> = std::iter::once(layout.sample)
        .chain(layout.facts.iter().copied())
        .collect();
    facts.header = kept.iter().map(|&j| facts.header[j].clone()).collect();
    for row in &mut facts.rows {
        *row = kept.iter().map(|&j| row[j].clone()).collect();
    }
    let mut inferences = grid.inferences.clone();
    inferences.push(Inference::new(
        format!("orientation of `{}`", grid.file),
        "samples in rows",
        format!(
            "{} columns of numbers, {} rows named in `{}`",
            headers.len(),
            m,
            grid.header[layout.sample]
        ),
        "give the table with features in rows",
    ));
    Ok(RawTable {
        level,
        quantity: Quantity::Other,
        scale: None,
        id_column: "header".to_string(),
        ids_are_groups: false,
        columns: names
            .iter()
            .map(|n| SampleColumn {
                header: n.clone(),
                label: n.clone(),
            })
            .collect(),
        features,
        flags,
        values,
        samples_in_rows: true,
        sheet: (!layout.facts.is_empty()).then_some(facts),
        set_apart: Vec::new(),
        organism: None,
        inferences,
        problems: grid.problems.clone(),
    })
}
