//! Sets that are nearly the same tell the same story once.

use super::FeatureSets;

/// How alike two sets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverlapMeasure {
    /// Shared members over members of either.
    Jaccard,
    /// Shared members over members of the smaller: 1 for a set inside another.
    Coefficient,
}

/// A representative set and those it stands for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SetGroup {
    /// The best-ranked set of the group.
    pub representative: usize,
    /// The sets absorbed into it, in rank order.
    pub absorbed: Vec<usize>,
}

/// Overlap of two ascending member lists, from 0 to 1; 0 when one is empty.
pub fn overlap(a: &[usize], b: &[usize], measure: OverlapMeasure) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0_usize);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared += 1;
                i += 1;
                j += 1;
            }
        }
    }
    share(shared, a.len(), b.len(), measure)
}

fn share(shared: usize, a: usize, b: usize, measure: OverlapMeasure) -> f64 {
    let whole = match measure {
        OverlapMeasure::Jaccard => a + b - shared,
        OverlapMeasure::Coefficient => a.min(b),
    };
    if whole == 0 {
        0.0
    } else {
        shared as f64 / whole as f64
    }
}

/// Walks the sets from best to worst and lets each be absorbed by the best representative so far whose overlap over the
/// measured members reaches `threshold` (and is not 0); otherwise it becomes a representative itself.
///
/// `ranked` lists set numbers, best first. Groups come in rank order of their representatives.
pub fn collapse_redundant(
    sets: &FeatureSets,
    ranked: &[usize],
    measure: OverlapMeasure,
    threshold: f64,
) -> Vec<SetGroup> {
    let mut groups: Vec<SetGroup> = Vec::new();
    // Which representatives each feature belongs to: only sets that share a feature are ever compared.
    let mut groups_of: Vec<Vec<usize>> = vec![Vec::new(); sets.features()];
    for &set in ranked {
        let members = sets.members(set);
        let mut shared = vec![0_usize; groups.len()];
        for &feature in members {
            for &group in &groups_of[feature] {
                shared[group] += 1;
            }
        }
        let reaches = |(group, &shared): (usize, &usize)| {
            let size = sets.members(groups[group].representative).len();
            shared > 0 && share(shared, size, members.len(), measure) >= threshold
        };
        match shared.iter().enumerate().position(reaches) {
            Some(host) => groups[host].absorbed.push(set),
            None => {
                for &feature in members {
                    groups_of[feature].push(groups.len());
                }
                groups.push(SetGroup {
                    representative: set,
                    absorbed: Vec::new(),
                });
            }
        }
    }
    groups
}
