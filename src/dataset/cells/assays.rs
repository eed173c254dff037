//! From cells to assays over samples: the median signal of each marker, how many cells belong to each population, and the
//! median signal of each state marker within each population.

use std::path::PathBuf;

use proteus_stats::Matrix;
use rayon::prelude::*;

use super::super::formats::{RawTable, RowFlag};
use super::super::{
    Assay, CellPopulation, Feature, FeatureLevel, Inference, Problem, Quantity, Removed, Role,
    SampleMetadata, Scale, Severity,
};
use super::facts::{CellFacts, PopulationFacts};
use super::populations::{ENOUGH, MOST, NOWHERE, Populations, find};
use super::prepare::Cells;

/// Name of the assay of medians over all cells of a sample.
pub(crate) const MARKERS: &str = "markers";
/// Cells of a population in a sample below which its medians are left out.
const FEWEST: usize = 10;
/// Added to every count before its logarithm, so that a population may be absent from a sample.
const PSEUDO_COUNT: f64 = 0.5;

/// Assays of the populations of some samples.
pub(crate) struct Made {
    /// State markers within populations.
    pub states: Assay,
    /// Abundances of populations.
    pub populations: Assay,
    /// What is told of the cells.
    pub facts: CellFacts,
    /// What was concluded.
    pub inferences: Vec<Inference>,
    /// What is doubtful.
    pub problems: Vec<Problem>,
}

/// The median of the finite values, which are put in another order; none where there are none.
pub(crate) fn median(values: &mut Vec<f32>) -> Option<f64> {
    values.retain(|x| x.is_finite());
    let n = values.len();
    if n == 0 {
        return None;
    }
    let (low, middle, _) = values.select_nth_unstable_by(n / 2, f32::total_cmp);
    let upper = f64::from(*middle);
    if n % 2 == 1 {
        return Some(upper);
    }
    let below = low
        .iter()
        .copied()
        .max_by(f32::total_cmp)
        .map_or(upper, f64::from);
    Some((below + upper) / 2.0)
}

/// The median signal of every marker in every sample, as a table whose columns are the samples.
pub(crate) fn markers_table(cells: &Cells) -> RawTable {
    let width = cells.markers.len();
    let medians: Vec<Vec<f64>> = cells
        .samples
        .par_iter()
        .map(|s| {
            (0..width)
                .map(|j| {
                    let mut column: Vec<f32> =
                        s.values.iter().skip(j).step_by(width).copied().collect();
                    median(&mut column).unwrap_or(f64::NAN)
                })
                .collect()
        })
        .collect();
    RawTable {
        level: FeatureLevel::Marker,
        quantity: Quantity::MarkerSignal,
        scale: Some(cells.scale),
        id_column: "marker".to_string(),
        ids_are_groups: false,
        columns: cells.samples.iter().map(|s| s.column.clone()).collect(),
        features: (cells.markers.iter())
            .map(|m| Feature {
                id: m.name.clone(),
                ..Feature::default()
            })
            .collect(),
        flags: vec![RowFlag::Keep; width],
        values: (0..width)
            .flat_map(|j| medians.iter().map(move |m| m[j]))
            .collect(),
        samples_in_rows: false,
        sheet: None,
        set_apart: cells.empty.clone(),
        organism: None,
        inferences: Vec::new(),
        problems: Vec::new(),
    }
}

/// The assays of the kept samples (positions in `cells.samples`), which are those of `samples` in the same order.
pub(crate) fn made(cells: &Cells, keep: &[usize], format: &str, samples: &SampleMetadata) -> Made {
    let found = find(cells, keep);
    let (n_populations, n_samples) = (found.names.len(), keep.len());
    let states: Vec<usize> = (0..cells.markers.len())
        .filter(|&j| cells.markers[j].tells_state)
        .collect();
    let summaries: Vec<Summary> = keep
        .par_iter()
        .zip(&found.of_cell)
        .map(|(&s, of_cell)| summary(cells, s, of_cell, n_populations, &states))
        .collect();
    let counts = Matrix::from_fn(n_populations, n_samples, |p, s| {
        summaries[s].counts[p] as f64
    });
    let columns: Vec<String> = (keep.iter())
        .map(|&s| cells.samples[s].column.header.clone())
        .collect();
    let assay = |name: &str, level, quantity, scale, features, values| Assay {
        name: name.to_string(),
        format: format.to_string(),
        level,
        quantity,
        source_scale: scale,
        features,
        values,
        columns: columns.clone(),
        file: PathBuf::from(&cells.file),
        removed: Removed::default(),
        organism: None,
        rolled_up: None,
    };
    let mut features = Vec::new();
    let mut values: Vec<f64> = Vec::new();
    let mut empty = 0usize;
    for (p, population) in found.names.iter().enumerate() {
        for (k, &j) in states.iter().enumerate() {
            let row = summaries.iter().map(|s| s.medians[p * states.len() + k]);
            if row.clone().all(|x| x.is_nan()) {
                empty += 1;
                continue;
            }
            values.extend(row);
            features.push(state(population, &cells.markers[j].name));
        }
    }
    let matrix = Matrix::new(features.len(), n_samples, values);
    let states_assay = assay(
        "states",
        FeatureLevel::State,
        Quantity::MarkerSignal,
        cells.scale,
        features,
        matrix.unwrap_or_else(|_| Matrix::filled(0, n_samples, f64::NAN)),
    );
    // One population alone is all of every sample and has no abundance.
    let together = if n_populations > 1 {
        found.names.as_slice()
    } else {
        &[]
    };
    let populations = assay(
        "populations",
        FeatureLevel::Population,
        Quantity::CellShare,
        Scale::Log2,
        together.iter().map(|name| abundance(name)).collect(),
        if together.is_empty() {
            Matrix::filled(0, n_samples, f64::NAN)
        } else {
            log_ratios(&counts)
        },
    );
    let facts = facts(cells, keep, &found, &counts, samples, &states);
    let mut problems = vec![not_replicates(&facts, samples)];
    if empty > 0 {
        problems.push(Problem::new(
            Severity::Note,
            "population_too_small",
            format!("{empty} states are left out: no sample has {FEWEST} cells of the population"),
            "nothing to do; measure more cells to see rare populations",
        ));
    }
    let inferences = in_words(cells, &found, &facts);
    Made {
        states: states_assay,
        populations,
        facts,
        inferences,
        problems,
    }
}

fn state(population: &str, marker: &str) -> Feature {
    Feature {
        id: format!("{population} · {marker}"),
        population: Some(CellPopulation {
            name: population.to_string(),
            marker: Some(marker.to_string()),
        }),
        ..Feature::default()
    }
}

fn abundance(population: &str) -> Feature {
    Feature {
        id: population.to_string(),
        population: Some(CellPopulation {
            name: population.to_string(),
            marker: None,
        }),
        ..Feature::default()
    }
}

/// What a sample gives: cells per population, and medians of state markers within them.
struct Summary {
    counts: Vec<usize>,
    medians: Vec<f64>,
}

fn summary(
    cells: &Cells,
    sample: usize,
    of_cell: &[u8],
    populations: usize,
    states: &[usize],
) -> Summary {
    let width = cells.markers.len();
    let mut counts = vec![0usize; populations];
    for &p in of_cell.iter().filter(|p| **p != NOWHERE) {
        counts[usize::from(p)] += 1;
    }
    let mut members: Vec<Vec<f32>> = counts.iter().map(|&n| Vec::with_capacity(n)).collect();
    let mut medians = vec![f64::NAN; populations * states.len()];
    for (k, &j) in states.iter().enumerate() {
        members.iter_mut().for_each(Vec::clear);
        let column = cells.samples[sample].values.iter().skip(j).step_by(width);
        for (x, &p) in column.zip(of_cell).filter(|(_, p)| **p != NOWHERE) {
            members[usize::from(p)].push(*x);
        }
        for (p, values) in members.iter_mut().enumerate() {
            if values.iter().filter(|x| x.is_finite()).count() >= FEWEST {
                medians[p * states.len() + k] = median(values).unwrap_or(f64::NAN);
            }
        }
    }
    Summary { counts, medians }
}

/// Centred log-ratios (Aitchison 1982, doi:10.1111/j.2517-6161.1982.tb01195.x) to base 2 of counts, populations × samples,
/// with [`PSEUDO_COUNT`] added.
pub(crate) fn log_ratios(counts: &Matrix) -> Matrix {
    let logs = Matrix::from_fn(counts.rows(), counts.cols(), |p, s| {
        (counts.get(p, s) + PSEUDO_COUNT).log2()
    });
    let means: Vec<f64> = (0..counts.cols())
        .map(|s| logs.column(s).iter().sum::<f64>() / counts.rows().max(1) as f64)
        .collect();
    Matrix::from_fn(counts.rows(), counts.cols(), |p, s| {
        logs.get(p, s) - means[s]
    })
}

fn facts(
    cells: &Cells,
    keep: &[usize],
    found: &Populations,
    counts: &Matrix,
    samples: &SampleMetadata,
    states: &[usize],
) -> CellFacts {
    let total: usize = keep.iter().map(|&s| cells.samples[s].depth.cells).sum();
    let markers = |test: &dyn Fn(usize) -> bool| -> Vec<String> {
        let chosen = (0..cells.markers.len()).filter(|&j| test(j));
        chosen.map(|j| cells.markers[j].name.clone()).collect()
    };
    CellFacts {
        cells: total,
        scale: cells.scale,
        samples: (keep.iter().zip(&samples.ids))
            .map(|(&s, id)| super::SampleCells {
                sample: id.clone(),
                ..cells.samples[s].depth.clone()
            })
            .collect(),
        populations: (found.names.iter().enumerate())
            .map(|(p, name)| {
                let n: f64 = counts.row(p).iter().sum();
                PopulationFacts {
                    name: name.clone(),
                    cells: n as usize,
                    share: n / total.max(1) as f64,
                }
            })
            .collect(),
        type_markers: markers(&|j| cells.markers[j].tells_type),
        state_markers: markers(&|j| states.contains(&j)),
        set_apart: cells.apart.clone(),
    }
}

/// A reminder that the cells of a sample are not independent.
fn not_replicates(facts: &CellFacts, samples: &SampleMetadata) -> Problem {
    let subjects = samples.with_role(Role::Subject).next();
    let behind = match subjects {
        Some(subject) => format!(
            "{} samples of {} ({}) are behind {} cells",
            samples.len(),
            subject.levels().len(),
            subject.name,
            facts.cells
        ),
        None => format!("{} samples are behind {} cells", samples.len(), facts.cells),
    };
    Problem::new(
        Severity::Note,
        "cells_are_not_replicates",
        format!(
            "{behind}; cells of one sample are not replicates, and what is compared are samples"
        ),
        "measure more donors, not more cells, to be surer of a difference",
    )
}

fn in_words(cells: &Cells, found: &Populations, facts: &CellFacts) -> Vec<Inference> {
    let names: Vec<String> = facts
        .populations
        .iter()
        .map(|p| format!("{} ({:.1} %)", p.name, 100.0 * p.share))
        .collect();
    let file = &cells.file;
    vec![
        Inference::new(
            format!("populations of `{file}`"),
            format!("{}: {}", names.len(), names.join(", ")),
            format!(
                "{} cells, equally many of each sample where there are more, make {} nodes by {} markers (k-means) and {MOST} groups at most (Ward); \
                 groups that carry the same markers are one, and those without {ENOUGH} cells in half of the samples are joined to the nearest; \
                 no label was looked at",
                found.drawn,
                found.nodes,
                facts.type_markers.len()
            ),
            "give a panel that says which markers tell types",
        ),
        Inference::new(
            format!("assays of `{file}`"),
            format!(
                "states: median signals of {} markers within populations; populations: log2 of the number of cells + {PSEUDO_COUNT}, minus its mean over the populations; markers: median signals of all cells",
                facts.state_markers.len()
            ),
            format!(
                "{} cells in {} samples; a median needs {FEWEST} cells",
                facts.cells,
                facts.samples.len()
            ),
            "give a table of your own, one value per sample and feature",
        ),
    ]
}
