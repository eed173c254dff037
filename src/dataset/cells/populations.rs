//! Populations: groups of cells told by their type markers, without a look at any label of a sample.
//!
//! After FlowSOM (Van Gassen et al. 2015, doi:10.1002/cyto.a.22625): an equal number of cells of each sample is cut into
//! many small nodes (k-means), the nodes are joined to groups (Ward), and every cell belongs to the group of its nearest
//! node. The tree is cut into [`MOST`] groups; then groups that carry the same markers are one, and a group that has not
//! [`ENOUGH`] cells in at least half of the samples is joined to the nearest.

use proteus_stats::Matrix;
use proteus_stats::clustering::{Distances, Linkage, hierarchical, k_means};
use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::names::{self, Profile};
use super::prepare::{Cells, PreparedSample};

/// Cells that the nodes are made from, of all samples together.
const DRAWN: usize = 20_000;
/// Nodes at most.
const NODES: usize = 100;
/// Cells that a node stands for on average, at least.
const CELLS_PER_NODE: usize = 20;
/// Populations at most.
pub(crate) const MOST: usize = 20;
/// Cells of a population in at least half of the samples.
pub(crate) const ENOUGH: usize = 20;
/// The population of a cell without a single type marker.
pub(crate) const NOWHERE: u8 = u8::MAX;
/// Draws and starts are the same in every run.
const SEED: u64 = 0xce11;

/// Populations of some samples.
pub(crate) struct Populations {
    /// What they are called, the largest first.
    pub names: Vec<String>,
    /// The population of every cell, per sample; [`NOWHERE`] for a cell without any type marker.
    pub of_cell: Vec<Vec<u8>>,
    /// Cells that the nodes were made from.
    pub drawn: usize,
    /// The nodes.
    pub nodes: usize,
}

/// A group of nodes on its way to a population.
struct Group {
    nodes: Vec<usize>,
    carries: Vec<bool>,
    signal: Vec<f64>,
    counts: Vec<usize>,
}

/// Finds the populations of the given samples.
pub(crate) fn find(cells: &Cells, keep: &[usize]) -> Populations {
    let types: Vec<usize> = (0..cells.markers.len())
        .filter(|&j| cells.markers[j].tells_type)
        .collect();
    let samples: Vec<&PreparedSample> = keep.iter().map(|&s| &cells.samples[s]).collect();
    let width = cells.markers.len();
    let points = draw(&samples, width, &types);
    let nodes = (points.rows() / CELLS_PER_NODE).clamp(1, NODES);
    let found = k_means(&points, nodes, 1, SEED)
        .ok()
        .filter(|_| !types.is_empty());
    let Some(found) = found else {
        return one(&samples);
    };
    let centre = |i: usize, j: usize| found.centres.get(i, j);
    let distance = |i: usize, j: usize| -> f64 {
        let squares = (0..types.len()).map(|t| (centre(i, t) - centre(j, t)).powi(2));
        squares.sum::<f64>().sqrt()
    };
    let tree = hierarchical(&Distances::from_fn(nodes, distance), Linkage::WardD2);
    let Ok(group_of) = tree.cut(MOST.min(nodes)) else {
        return one(&samples);
    };
    let node_of: Vec<Vec<u8>> = samples
        .par_iter()
        .map(|s| nearest(&s.values, width, &types, &found.centres))
        .collect();
    let counts: Vec<Vec<usize>> = (0..nodes).map(|_| vec![0; samples.len()]).collect();
    let counts = node_of.iter().enumerate().fold(counts, |mut all, (s, of)| {
        for &node in of.iter().filter(|n| **n != NOWHERE) {
            all[usize::from(node)][s] += 1;
        }
        all
    });
    let cuts: Vec<Option<f64>> = (0..types.len())
        .map(|t| names::threshold(&found.centres.column(t)))
        .collect();
    let make = |members: Vec<usize>| -> Group {
        let signal = signal(&members, &found.labels, &points, &found.centres);
        Group {
            carries: (signal.iter().zip(&cuts))
                .map(|(x, cut)| cut.is_some_and(|c| *x > c))
                .collect(),
            signal,
            counts: (0..samples.len())
                .map(|s| members.iter().map(|&n| counts[n][s]).sum())
                .collect(),
            nodes: members,
        }
    };
    let largest = group_of.iter().max().map_or(0, |g| g + 1);
    let members = |g: usize| {
        (0..nodes)
            .filter(|&n| group_of[n] == g)
            .collect::<Vec<usize>>()
    };
    let mut groups: Vec<Group> = (0..largest).map(|g| make(members(g))).collect();
    while let Some((a, b)) = to_join(&groups) {
        let taken = groups.remove(b);
        let joined = [std::mem::take(&mut groups[a].nodes), taken.nodes].concat();
        groups[a] = make(joined);
    }
    let size = |g: &Group| g.counts.iter().sum::<usize>();
    groups.sort_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.nodes.cmp(&b.nodes)));
    let total = groups.iter().map(size).sum::<usize>().max(1) as f64;
    let markers: Vec<&str> = types
        .iter()
        .map(|&j| cells.markers[j].name.as_str())
        .collect();
    let profiles: Vec<Profile> = groups
        .iter()
        .map(|g| Profile {
            carries: g.carries.clone(),
            signal: g.signal.clone(),
            share: size(g) as f64 / total,
        })
        .collect();
    let mut population_of = vec![0u8; nodes];
    for (p, group) in groups.iter().enumerate() {
        for &node in &group.nodes {
            population_of[node] = p as u8;
        }
    }
    Populations {
        names: names::call(&profiles, &markers),
        of_cell: node_of
            .into_iter()
            .map(|of| {
                of.into_iter()
                    .map(|n| {
                        population_of
                            .get(usize::from(n))
                            .copied()
                            .unwrap_or(NOWHERE)
                    })
                    .collect()
            })
            .collect(),
        drawn: points.rows(),
        nodes,
    }
}

/// All cells as one population.
fn one(samples: &[&PreparedSample]) -> Populations {
    Populations {
        names: vec!["all".to_string()],
        of_cell: samples.iter().map(|s| vec![0; s.depth.cells]).collect(),
        drawn: samples.iter().map(|s| s.depth.cells).sum(),
        nodes: 1,
    }
}

/// The type markers of as many cells of each sample as all can give a share of [`DRAWN`], those with every value.
fn draw(samples: &[&PreparedSample], width: usize, types: &[usize]) -> Matrix {
    let share = (DRAWN / samples.len().max(1)).max(1);
    let mut values: Vec<f64> = Vec::new();
    for (s, sample_of) in samples.iter().enumerate() {
        let complete: Vec<&[f32]> = sample_of
            .values
            .chunks_exact(width)
            .filter(|cell| types.iter().all(|&j| cell[j].is_finite()))
            .collect();
        let mut chosen: Vec<usize> = if complete.len() <= share {
            (0..complete.len()).collect()
        } else {
            let mut rng = ChaCha8Rng::seed_from_u64(SEED);
            rng.set_stream(s as u64);
            sample(&mut rng, complete.len(), share).into_vec()
        };
        chosen.sort_unstable();
        for i in chosen {
            values.extend(types.iter().map(|&j| f64::from(complete[i][j])));
        }
    }
    let rows = values.len() / types.len().max(1);
    Matrix::new(rows, types.len(), values).unwrap_or_else(|_| Matrix::filled(0, types.len(), 0.0))
}

/// The node nearest to every cell over the values it has; [`NOWHERE`] where it has none.
fn nearest(values: &[f32], width: usize, types: &[usize], centres: &Matrix) -> Vec<u8> {
    let k = types.len();
    let centres: Vec<f32> = centres.values().iter().map(|x| *x as f32).collect();
    let mut cell_types = vec![0.0f32; k];
    values
        .chunks_exact(width)
        .map(|cell| {
            for (x, &j) in cell_types.iter_mut().zip(types) {
                *x = cell[j];
            }
            let complete = cell_types.iter().all(|x| x.is_finite());
            if !complete && cell_types.iter().all(|x| !x.is_finite()) {
                return NOWHERE;
            }
            let mut best = (f32::INFINITY, 0u8);
            for (node, centre) in centres.chunks_exact(k).enumerate() {
                let squares = cell_types
                    .iter()
                    .zip(centre)
                    .map(|(x, c)| (x - c) * (x - c));
                let distance: f32 = if complete {
                    squares.sum()
                } else {
                    squares.filter(|d| d.is_finite()).sum()
                };
                if distance < best.0 {
                    best = (distance, node as u8);
                }
            }
            best.1
        })
        .collect()
}

/// Median signal of the drawn cells of some nodes; the mean of the nodes where none was drawn.
fn signal(members: &[usize], labels: &[usize], points: &Matrix, centres: &Matrix) -> Vec<f64> {
    let mut inside = vec![false; centres.rows()];
    for &node in members {
        inside[node] = true;
    }
    let rows: Vec<usize> = (0..labels.len()).filter(|&i| inside[labels[i]]).collect();
    (0..points.cols())
        .map(|j| {
            let mut drawn: Vec<f32> = rows.iter().map(|&i| points.get(i, j) as f32).collect();
            let mean =
                members.iter().map(|&n| centres.get(n, j)).sum::<f64>() / members.len() as f64;
            super::assays::median(&mut drawn).unwrap_or(mean)
        })
        .collect()
}

/// The next two groups that are one, the earlier first: first those that carry the same markers, then the smallest that
/// too few samples have enough of, with the nearest.
fn to_join(groups: &[Group]) -> Option<(usize, usize)> {
    let n = groups.len();
    if n < 2 {
        return None;
    }
    for a in 0..n {
        if let Some(b) = (a + 1..n).find(|&b| groups[b].carries == groups[a].carries) {
            return Some((a, b));
        }
    }
    let scarce = |g: &&usize| {
        let counts = &groups[**g].counts;
        2 * counts.iter().filter(|c| **c >= ENOUGH).count() < counts.len()
    };
    let all: Vec<usize> = (0..n).collect();
    let smallest = *all
        .iter()
        .filter(scarce)
        .min_by_key(|&&g| (groups[g].counts.iter().sum::<usize>(), g))?;
    let far = |g: usize| -> f64 {
        let pairs = groups[g].signal.iter().zip(&groups[smallest].signal);
        pairs.map(|(x, y)| (x - y).powi(2)).sum()
    };
    let nearest = all
        .into_iter()
        .filter(|&g| g != smallest)
        .min_by(|&a, &b| far(a).total_cmp(&far(b)).then(a.cmp(&b)))?;
    Some((smallest.min(nearest), smallest.max(nearest)))
}
