//! Counting decoys: what one stratum has seen of its decoys so far, small enough to be written down after every batch.

use proteus_stats::error_rate::{Counting, ErrorRateError, PooledDecoys};
use serde::{Deserialize, Serialize};

/// Pooled decoy scores below this are counted, not kept: 2 is p = 0.01, and only the audit, which asks about q ≤ 0.05,
/// needs single scores. Of a short menu, a good part of which can be listed at once, those from p = 0.1 are kept.
fn kept_from(menu_size: usize) -> f64 {
    if menu_size < SHORT_MENU { 1.0 } else { 2.0 }
}

/// Members below which a menu is short.
const SHORT_MENU: usize = 200;
/// Width of a bin of the score histograms.
pub const BIN_WIDTH: f64 = 0.25;
/// Bins of the score histograms; the last is open.
pub const BINS: usize = 40;

/// The decoys of one stratum, counted against its target scores.
#[derive(Debug, Clone)]
pub struct DecoyCounts {
    counting: Counting,
    targets: Vec<f64>,
    pooled: PooledDecoys,
    kept: Vec<Vec<f32>>,
    histogram: Vec<u64>,
}

/// What is written down of a stratum's decoys; with the target scores it restores [`DecoyCounts`] exactly.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    reaching: Vec<u64>,
    kept: Vec<Vec<f32>>,
    histogram: Vec<u64>,
}

impl DecoyCounts {
    /// Prepares to count against `targets`: one score (−log10 p) per member of the menu, NaN where untested.
    pub fn new(targets: &[f64], counting: Counting) -> Result<Self, ErrorRateError> {
        Ok(Self {
            counting,
            targets: targets.to_vec(),
            pooled: PooledDecoys::new(targets, targets.len())?,
            kept: Vec::new(),
            histogram: vec![0; BINS],
        })
    }

    /// Takes up where a snapshot left off.
    pub fn restore(
        targets: &[f64],
        counting: Counting,
        snapshot: Snapshot,
    ) -> Result<Self, ErrorRateError> {
        let mut counts = Self::new(targets, counting)?;
        counts.pooled = PooledDecoys::restore(
            targets,
            targets.len(),
            &snapshot.reaching,
            snapshot.kept.len(),
        )?;
        counts.kept = snapshot.kept;
        counts.histogram = snapshot.histogram;
        Ok(counts)
    }

    /// What has to be written down.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            reaching: self.pooled.reaching().to_vec(),
            kept: self.kept.clone(),
            histogram: self.histogram.clone(),
        }
    }

    /// How decoys are compared with targets.
    pub fn counting(&self) -> Counting {
        self.counting
    }

    /// Decoys counted.
    pub fn replays(&self) -> usize {
        self.kept.len()
    }

    /// Members per score bin over all decoys.
    pub fn histogram(&self) -> &[u64] {
        &self.histogram
    }

    /// The scores of decoy `k` that [`DecoyCounts::p_values_of_decoy`] speaks of; −1 for an untested member.
    pub fn kept_scores(&self, k: usize) -> &[f32] {
        &self.kept[k]
    }

    /// Adds one decoy: one score per member in menu order, NaN where untested.
    pub fn add(&mut self, scores: &[f64]) -> Result<(), ErrorRateError> {
        if scores.len() != self.targets.len() {
            return Err(ErrorRateError::SubjectMismatch {
                found: scores.len(),
                expected: self.targets.len(),
            });
        }
        self.pooled.add(scores)?;
        let kept = match self.counting {
            Counting::PerSubject => scores.iter().map(|&s| storable(s)).collect(),
            Counting::Pooled => {
                let lowest = kept_from(self.targets.len());
                let mut high: Vec<f32> = scores
                    .iter()
                    .filter(|s| **s >= lowest)
                    .map(|&s| s as f32)
                    .collect();
                high.sort_unstable_by(f32::total_cmp);
                high
            }
        };
        self.kept.push(kept);
        for (total, bin) in self.histogram.iter_mut().zip(histogram(scores)) {
            *total += bin;
        }
        Ok(())
    }

    /// Decoy p of every member, in menu order.
    pub fn p_values(&self) -> Vec<f64> {
        match self.counting {
            Counting::Pooled => self.pooled.p_values(),
            Counting::PerSubject => {
                let against: Vec<usize> = (0..self.kept.len()).collect();
                let targets: Vec<f32> = self.targets.iter().map(|&t| storable(t)).collect();
                self.per_subject(&targets, &against)
            }
        }
    }

    /// Decoy p of the members of decoy `k`, had it been the data: counted against all other decoys.
    pub fn p_values_of_decoy(&self, k: usize) -> Vec<f64> {
        let others: Vec<usize> = (0..self.kept.len()).filter(|&b| b != k).collect();
        match self.counting {
            Counting::PerSubject => self.per_subject(&self.kept[k], &others),
            Counting::Pooled => {
                let mut all: Vec<f32> = others
                    .iter()
                    .flat_map(|&b| self.kept[b].iter().copied())
                    .collect();
                all.sort_unstable_by(f32::total_cmp);
                let total = 1.0 + others.len() as f64 * self.targets.len() as f64;
                self.kept[k]
                    .iter()
                    .map(|&score| {
                        (1.0 + (all.len() - all.partition_point(|&s| s < score)) as f64) / total
                    })
                    .collect()
            }
        }
    }

    fn per_subject(&self, scores: &[f32], against: &[usize]) -> Vec<f64> {
        scores
            .iter()
            .enumerate()
            .map(|(i, &score)| {
                if score < 0.0 {
                    return 1.0;
                }
                let reached = against
                    .iter()
                    .filter(|&&b| self.kept[b][i] >= score)
                    .count();
                (1.0 + reached as f64) / (1.0 + against.len() as f64)
            })
            .collect()
    }
}

/// A score as it is kept: −1 for an untested member, because NaN has no form in JSON.
fn storable(score: f64) -> f32 {
    if score.is_nan() { -1.0 } else { score as f32 }
}

/// Members per score bin; an untested member counts as p = 1, the first bin.
pub fn histogram(scores: &[f64]) -> Vec<u64> {
    let mut bins = vec![0; BINS];
    for score in scores {
        let bin = if score.is_nan() {
            0
        } else {
            ((score / BIN_WIDTH) as usize).min(BINS - 1)
        };
        bins[bin] += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn counts(counting: Counting) -> DecoyCounts {
        let mut counts = DecoyCounts::new(&[3.0, 1.0, f64::NAN, 2.5], counting).unwrap();
        counts.add(&[0.5, 2.6, 0.1, f64::NAN]).unwrap();
        counts.add(&[3.5, 0.2, 0.4, 2.2]).unwrap();
        counts
    }

    #[test]
    fn a_restored_snapshot_counts_on_as_if_never_stopped() {
        for counting in [Counting::Pooled, Counting::PerSubject] {
            let mut straight = counts(counting);
            let written = serde_json::to_string(&counts(counting).snapshot()).unwrap();
            let snapshot = serde_json::from_str(&written).unwrap();
            let mut resumed =
                DecoyCounts::restore(&[3.0, 1.0, f64::NAN, 2.5], counting, snapshot).unwrap();
            for c in [&mut straight, &mut resumed] {
                c.add(&[2.7, 2.1, 0.0, 0.3]).unwrap();
            }
            assert_eq!(straight.p_values(), resumed.p_values());
            assert_eq!(straight.p_values_of_decoy(1), resumed.p_values_of_decoy(1));
        }
    }

    #[test]
    fn pooled_and_per_subject_p_by_hand() {
        // Two decoys of four members: nine equally likely places for the best score of the pool.
        assert_eq!(
            counts(Counting::Pooled).p_values(),
            vec![2.0 / 9.0, 4.0 / 9.0, 1.0, 3.0 / 9.0]
        );
        assert_eq!(
            counts(Counting::PerSubject).p_values(),
            vec![2.0 / 3.0, 2.0 / 3.0, 1.0, 1.0 / 3.0]
        );
    }
}
