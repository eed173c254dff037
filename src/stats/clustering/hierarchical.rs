//! Agglomerative clustering by the Lance–Williams update (doi:10.1093/comjnl/9.4.373).

use super::{ClusteringError, Distances};

/// How the distance between two clusters follows from those of their members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Linkage {
    /// Largest member distance.
    Complete,
    /// Mean member distance.
    Average,
    /// Smallest member distance.
    Single,
    /// Ward's update on the distances as given; Ward's criterion only when they are squared (R "ward.D").
    WardD,
    /// Ward's criterion, least increase of the within-cluster sum of squares, on Euclidean distances (R "ward.D2").
    WardD2,
}

/// What is joined in a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A single object.
    Leaf(usize),
    /// The cluster made by an earlier merge.
    Merged(usize),
}

/// One step of the agglomeration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Merge {
    /// Leaves before clusters, earlier before later.
    pub first: Node,
    /// The other part.
    pub second: Node,
    /// Distance at which they are joined.
    pub height: f64,
}

/// A binary tree over `leaves` objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// Merges from the bottom up; one fewer than there are leaves.
    pub merges: Vec<Merge>,
    leaves: usize,
}

/// Clusters `distances` bottom up. R `hclust`: heights 1e-10, same merges and leaf order unless heights are tied, where
/// the pair with the smaller numbers is joined first. Time n³ at worst, n² usually.
pub fn hierarchical(distances: &Distances, linkage: Linkage) -> Tree {
    let n = distances.len();
    let squared = linkage == Linkage::WardD2;
    let mut d: Vec<Vec<f64>> = (0..n)
        .map(|i| {
            let row = (0..n).map(|j| distances.get(i, j));
            row.map(|d| if squared { d * d } else { d }).collect()
        })
        .collect();
    let mut nodes: Vec<Node> = (0..n).map(Node::Leaf).collect();
    let mut sizes = vec![1.0; n];
    let mut active: Vec<usize> = (0..n).collect();
    let nearest = |d: &[Vec<f64>], active: &[usize], i: usize| {
        let later = active.iter().copied().filter(|&j| j > i);
        later.min_by(|&a, &b| d[i][a].total_cmp(&d[i][b]))
    };
    let mut neighbour: Vec<Option<usize>> = (0..n).map(|i| nearest(&d, &active, i)).collect();
    let mut merges = Vec::with_capacity(n.saturating_sub(1));
    while let Some((i, j)) = active
        .iter()
        .filter_map(|&i| neighbour[i].map(|j| (i, j)))
        .min_by(|a, b| d[a.0][a.1].total_cmp(&d[b.0][b.1]))
    {
        let between = d[i][j];
        merges.push(Merge {
            first: nodes[i].min(nodes[j]),
            second: nodes[i].max(nodes[j]),
            height: if squared { between.sqrt() } else { between },
        });
        active.retain(|&k| k != j);
        for &k in active.iter().filter(|&&k| k != i) {
            let (ni, nj, nk) = (sizes[i], sizes[j], sizes[k]);
            let updated = match linkage {
                Linkage::Complete => d[i][k].max(d[j][k]),
                Linkage::Single => d[i][k].min(d[j][k]),
                Linkage::Average => (ni * d[i][k] + nj * d[j][k]) / (ni + nj),
                Linkage::WardD | Linkage::WardD2 => {
                    ((ni + nk) * d[i][k] + (nj + nk) * d[j][k] - nk * between) / (ni + nj + nk)
                }
            };
            d[i][k] = updated;
            d[k][i] = updated;
        }
        sizes[i] += sizes[j];
        nodes[i] = Node::Merged(merges.len() - 1);
        for &k in &active {
            // Rows after i only look forward and so cannot have had i as neighbour; rows before may, or may now be closer.
            let stale = k == i || neighbour[k] == Some(i) || neighbour[k] == Some(j);
            if stale {
                neighbour[k] = nearest(&d, &active, k);
            } else if k < i && neighbour[k].is_some_and(|m| d[k][i] < d[k][m]) {
                neighbour[k] = Some(i);
            }
        }
    }
    Tree { merges, leaves: n }
}

impl Tree {
    /// The leaves from left to right, the first part of each merge to the left (R `hclust()$order`).
    pub fn order(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.leaves);
        let mut waiting = match self.merges.len() {
            0 => (0..self.leaves).map(Node::Leaf).collect(),
            merges => vec![Node::Merged(merges - 1)],
        };
        while let Some(node) = waiting.pop() {
            match node {
                Node::Leaf(leaf) => order.push(leaf),
                Node::Merged(at) => {
                    waiting.push(self.merges[at].second);
                    waiting.push(self.merges[at].first);
                }
            }
        }
        order
    }

    /// Labels 0..k of the k clusters left when the last k − 1 merges are undone, numbered by first appearance in the
    /// order of the objects (R `cutree(k) - 1`).
    pub fn cut(&self, clusters: usize) -> Result<Vec<usize>, ClusteringError> {
        if clusters == 0 || clusters > self.leaves {
            return Err(ClusteringError::BadClusterCount {
                clusters,
                samples: self.leaves,
            });
        }
        let mut members: Vec<Vec<usize>> = Vec::with_capacity(self.merges.len());
        let mut cluster_of: Vec<usize> = (0..self.leaves).collect();
        for merge in &self.merges[..self.leaves - clusters] {
            let part = |node: Node| match node {
                Node::Leaf(leaf) => vec![leaf],
                Node::Merged(at) => members[at].clone(),
            };
            let both = [part(merge.first), part(merge.second)].concat();
            let label = both.iter().map(|&leaf| cluster_of[leaf]).min().unwrap_or(0);
            for &leaf in &both {
                cluster_of[leaf] = label;
            }
            members.push(both);
        }
        let mut seen: Vec<usize> = Vec::new();
        Ok(cluster_of
            .iter()
            .map(|label| {
                seen.iter().position(|s| s == label).unwrap_or_else(|| {
                    seen.push(*label);
                    seen.len() - 1
                })
            })
            .collect())
    }
}
