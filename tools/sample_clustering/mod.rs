//! Clusters of samples, and whether there are any.

use proteus_stats::Matrix;
use proteus_stats::cluster_validity::{
    ClusterExistence, ExistenceOptions, cluster_existence, silhouettes,
};
use proteus_stats::clustering::{
    ClusteringError, DistanceMeasure, Distances, Linkage, Tree, hierarchical, k_means,
    sample_distances,
};
use proteus_stats::descriptive::{mean, variance};
use proteus_stats::principal_components::{MissingFeatures, PcaOptions, principal_components};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tool::{Abundance, TableBuilder, Tool, ToolError, ToolInput, ToolOutput};

/// Clusters samples.
pub struct SampleClustering;

/// How samples are put into clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// k-means on the leading principal components.
    KMeans,
    /// Ward's method on Euclidean distances (`ward.D2` of R).
    Ward,
    /// Average linkage on Euclidean distances.
    Average,
    /// Complete linkage on Euclidean distances.
    Complete,
}

/// Parameters of `sample_clustering`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Largest number of clusters tried.
    pub max_k: usize,
    /// How samples are put into clusters.
    pub method: Method,
    /// Number of clusters; none lets the test choose, and with it whether there are any.
    pub k: Option<usize>,
    /// Most variable complete features to use.
    pub top_features: usize,
    /// Principal components the test looks at.
    pub components: usize,
    /// Draws from one normal population.
    pub draws: usize,
    /// p-value of one cluster up to which there is more than one.
    pub alpha: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            max_k: 6,
            method: Method::KMeans,
            k: None,
            top_features: 1000,
            components: 10,
            draws: 199,
            alpha: 0.05,
        }
    }
}

/// k-means starts per fit.
const STARTS: usize = 8;
/// Samples below which clusters cannot be told from chance.
const FEWEST_SAMPLES: usize = 8;

impl From<ClusteringError> for ToolError {
    fn from(error: ClusteringError) -> Self {
        Self::NotApplicable {
            needs: "samples that can be compared".to_owned(),
            found: error.to_string(),
        }
    }
}

/// One number of clusters.
struct Tried {
    k: usize,
    labels: Vec<usize>,
    widths: Vec<f64>,
    smallest: usize,
}

impl Tool for SampleClustering {
    type Params = Params;
    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        let samples = matrix.samples.len();
        if samples < FEWEST_SAMPLES {
            return Err(ToolError::TooFewObservations {
                what: "samples".to_owned(),
                needed: FEWEST_SAMPLES,
                found: samples,
            });
        }
        // Clusters of fewer than two samples on average are no clusters.
        let largest = params.max_k.min(samples / 2).max(2);
        if params.k.is_some_and(|k| k == 0 || k > largest) {
            return Err(ToolError::InvalidParams {
                reason: format!("`k` is {:?}, it must be from 1 to {largest}", params.k),
            });
        }
        let rows = most_variable(matrix, params.top_features);
        let y = matrix.values.select_rows(&rows);
        let options = PcaOptions {
            scale: false,
            missing: MissingFeatures::Drop,
            components: params.components.clamp(2, samples - 1),
        };
        let scores = principal_components(&y, &options)?.scores;
        let existence = cluster_existence(
            &scores,
            &ExistenceOptions {
                largest,
                simulations: params.draws,
                starts: STARTS,
                seed: input.seed,
            },
        )?;
        let grouping = Grouping::new(&y, &scores, params.method, input.seed)?;
        let tried = (2..=largest)
            .map(|k| grouping.cut(k))
            .collect::<Result<Vec<_>, _>>()?;
        let chosen = params.k.unwrap_or(if existence.p <= params.alpha {
            existence.clusters
        } else {
            1
        });
        let best = tried.iter().find(|t| t.k == chosen);
        Ok(ToolOutput::new()
            .with_fact("k", chosen)
            .with_fact("p_one_cluster", existence.p)
            .with_fact("features", rows.len())
            .with_table("clusters", clusters(matrix, best)?)
            .with_table("validity", validity(&tried, &existence, chosen)?))
    }
}

/// The complete features with the largest variance, in the order of the matrix.
fn most_variable(matrix: &Abundance, top: usize) -> Vec<usize> {
    let samples = matrix.samples.len();
    let mut rows: Vec<(usize, f64)> = (0..matrix.features.len())
        .filter(|&i| matrix.values.observed_in_row(i) == samples)
        .map(|i| (i, variance(matrix.values.row(i))))
        .collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1));
    rows.truncate(top);
    let mut rows: Vec<usize> = rows.into_iter().map(|(i, _)| i).collect();
    rows.sort_unstable();
    rows
}

struct Grouping<'a> {
    distances: Distances,
    scores: &'a Matrix,
    tree: Option<Tree>,
    seed: u64,
}

impl<'a> Grouping<'a> {
    fn new(
        y: &Matrix,
        scores: &'a Matrix,
        method: Method,
        seed: u64,
    ) -> Result<Self, ClusteringError> {
        let distances = sample_distances(y, DistanceMeasure::Euclidean)?;
        let linkage = match method {
            Method::KMeans => None,
            Method::Ward => Some(Linkage::WardD2),
            Method::Average => Some(Linkage::Average),
            Method::Complete => Some(Linkage::Complete),
        };
        Ok(Self {
            tree: linkage.map(|linkage| hierarchical(&distances, linkage)),
            distances,
            scores,
            seed,
        })
    }

    /// k clusters, the largest first, with the silhouette width of every sample.
    fn cut(&self, k: usize) -> Result<Tried, ClusteringError> {
        let labels = match &self.tree {
            Some(tree) => tree.cut(k)?,
            None => k_means(self.scores, k, STARTS, self.seed)?.labels,
        };
        let (labels, smallest) = largest_first(&labels, k);
        let widths = silhouettes(&self.distances, &labels)
            .map_or_else(Vec::new, |s| s.iter().map(|s| s.width).collect());
        Ok(Tried {
            k,
            labels,
            widths,
            smallest,
        })
    }
}

/// Labels 0, 1 … from the largest cluster to the smallest (ties by first appearance), and the size of the smallest.
fn largest_first(labels: &[usize], k: usize) -> (Vec<usize>, usize) {
    let mut sizes = vec![0_usize; k];
    for &label in labels {
        sizes[label] += 1;
    }
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by_key(|&label| std::cmp::Reverse(sizes[label]));
    let mut place = vec![0; k];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new;
    }
    let renamed = labels.iter().map(|&label| place[label]).collect();
    (renamed, sizes.into_iter().min().unwrap_or(0))
}

fn clusters(
    matrix: &Abundance,
    best: Option<&Tried>,
) -> Result<polars::prelude::DataFrame, ToolError> {
    let samples = matrix.samples.len();
    let (labels, widths) = match best {
        Some(tried) => (
            tried.labels.iter().map(|label| label + 1).collect(),
            tried.widths.clone(),
        ),
        None => (vec![1; samples], vec![f64::NAN; samples]),
    };
    Ok(TableBuilder::new()
        .text("sample", matrix.samples.to_vec())
        .count("cluster", &labels)
        .number("silhouette", &widths)
        .build()?)
}

fn validity(
    tried: &[Tried],
    existence: &ClusterExistence,
    chosen: usize,
) -> Result<polars::prelude::DataFrame, ToolError> {
    let p: Vec<f64> = tried
        .iter()
        .map(|t| {
            if t.k == existence.clusters {
                existence.p
            } else {
                f64::NAN
            }
        })
        .collect();
    Ok(TableBuilder::new()
        .count("k", &tried.iter().map(|t| t.k).collect::<Vec<_>>())
        .number(
            "silhouette",
            &tried.iter().map(|t| mean(&t.widths)).collect::<Vec<_>>(),
        )
        .number("within_share", &existence.index)
        .number("gain", &existence.standardised)
        .count(
            "smallest",
            &tried.iter().map(|t| t.smallest).collect::<Vec<_>>(),
        )
        .number("P.Value", &p)
        .flag(
            "chosen",
            &tried.iter().map(|t| t.k == chosen).collect::<Vec<_>>(),
        )
        .build()?)
}

#[cfg(test)]
mod tests;
