//! Decoy scores at or above each target score.

use super::{ErrorRateError, POOLING_MENU};

/// Which decoys a target score is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// With the decoy scores of all subjects of the stratum.
    Pooled,
    /// With the decoy scores of the same subject.
    PerSubject,
}

impl Counting {
    /// Pooled when the score is pivotal (same null distribution for every subject) and the menu has at least
    /// [`POOLING_MENU`] members; otherwise per subject, with at least [`super::SUBJECT_DECOYS`] replays.
    pub fn for_stratum(menu_size: usize, pivotal: bool) -> Self {
        if pivotal && menu_size >= POOLING_MENU {
            Self::Pooled
        } else {
            Self::PerSubject
        }
    }
}

/// Counts pooled decoy scores against the targets of one stratum, one replay at a time, without storing them.
///
/// Memory is of the order of the targets; a replay of m scores costs m·log(targets).
#[derive(Debug, Clone)]
pub struct PooledDecoys {
    /// Distinct target scores, ascending.
    thresholds: Vec<f64>,
    /// For each target, its place in `thresholds`; none for NaN.
    place: Vec<Option<usize>>,
    /// `reaching[k]`: decoy scores at or above `thresholds[k]` but below the next one.
    reaching: Vec<u64>,
    menu_size: usize,
    replays: usize,
}

impl PooledDecoys {
    /// Prepares to count against `targets`, the scores of the listed members of a menu of `menu_size`.
    pub fn new(targets: &[f64], menu_size: usize) -> Result<Self, ErrorRateError> {
        if targets.len() > menu_size {
            return Err(ErrorRateError::LongerThanMenu {
                found: targets.len(),
                menu_size,
            });
        }
        let mut thresholds: Vec<f64> = targets.iter().copied().filter(|t| !t.is_nan()).collect();
        thresholds.sort_unstable_by(f64::total_cmp);
        thresholds.dedup();
        let place = targets
            .iter()
            .map(|&t| (!t.is_nan()).then(|| thresholds.partition_point(|&x| x < t)))
            .collect();
        Ok(Self {
            reaching: vec![0; thresholds.len()],
            thresholds,
            place,
            menu_size,
            replays: 0,
        })
    }

    /// Adds the scores of one replay, in any order; members it does not list, and NaN, reach no target.
    pub fn add(&mut self, decoy: &[f64]) -> Result<(), ErrorRateError> {
        if decoy.len() > self.menu_size {
            return Err(ErrorRateError::LongerThanMenu {
                found: decoy.len(),
                menu_size: self.menu_size,
            });
        }
        for &score in decoy.iter().filter(|s| !s.is_nan()) {
            let passed = self.thresholds.partition_point(|&t| t <= score);
            if passed > 0 {
                self.reaching[passed - 1] += 1;
            }
        }
        self.replays += 1;
        Ok(())
    }

    /// Takes up counting where [`PooledDecoys::reaching`] left off after `replays` replays.
    pub fn restore(
        targets: &[f64],
        menu_size: usize,
        reaching: &[u64],
        replays: usize,
    ) -> Result<Self, ErrorRateError> {
        let mut counts = Self::new(targets, menu_size)?;
        if reaching.len() != counts.thresholds.len() {
            return Err(ErrorRateError::SubjectMismatch {
                found: reaching.len(),
                expected: counts.thresholds.len(),
            });
        }
        counts.reaching.copy_from_slice(reaching);
        counts.replays = replays;
        Ok(counts)
    }

    /// Decoy scores counted between each distinct target score and the next higher one: all that has to be kept of the
    /// replays so far.
    pub fn reaching(&self) -> &[u64] {
        &self.reaching
    }

    /// Replays counted so far, B.
    pub fn replays(&self) -> usize {
        self.replays
    }

    /// D: for each target, the decoy scores at or above it over all replays (0 for a target without a score).
    pub fn counts(&self) -> Vec<u64> {
        let mut at_or_above = self.reaching.clone();
        for k in (1..at_or_above.len()).rev() {
            at_or_above[k - 1] += at_or_above[k];
        }
        let count = |place: &Option<usize>| place.map_or(0, |k| at_or_above[k]);
        self.place.iter().map(count).collect()
    }

    /// p = (1 + D(S)) / (1 + B·m) for each target, 1 for a target without a score. The +1 is on the total, so that a
    /// short list is not forbidden by its own length.
    pub fn p_values(&self) -> Vec<f64> {
        let total = 1.0 + self.replays as f64 * self.menu_size as f64;
        self.counts()
            .into_iter()
            .zip(&self.place)
            .map(|(d, place)| {
                if place.is_some() {
                    (1.0 + d as f64) / total
                } else {
                    1.0
                }
            })
            .collect()
    }
}

/// Counts, for each subject, the replays in which the same subject scores as high as the target.
#[derive(Debug, Clone)]
pub struct SubjectDecoys {
    targets: Vec<f64>,
    reached: Vec<u64>,
    replays: usize,
}

impl SubjectDecoys {
    /// Prepares to count against `targets`, one score per subject.
    pub fn new(targets: &[f64]) -> Self {
        Self {
            targets: targets.to_vec(),
            reached: vec![0; targets.len()],
            replays: 0,
        }
    }

    /// Adds one replay: one score per subject in the order of the targets, NaN where it has none.
    pub fn add(&mut self, decoy: &[f64]) -> Result<(), ErrorRateError> {
        if decoy.len() != self.targets.len() {
            return Err(ErrorRateError::SubjectMismatch {
                found: decoy.len(),
                expected: self.targets.len(),
            });
        }
        for ((reached, &target), &score) in self.reached.iter_mut().zip(&self.targets).zip(decoy) {
            *reached += u64::from(score >= target);
        }
        self.replays += 1;
        Ok(())
    }

    /// Replays counted so far, B.
    pub fn replays(&self) -> usize {
        self.replays
    }

    /// For each subject, the replays in which its decoy scored as high as its target.
    pub fn counts(&self) -> &[u64] {
        &self.reached
    }

    /// p = (1 + replays in which the subject's decoy reaches its target) / (1 + B), 1 for a target without a score.
    pub fn p_values(&self) -> Vec<f64> {
        let total = 1.0 + self.replays as f64;
        self.reached
            .iter()
            .zip(&self.targets)
            .map(|(&d, t)| {
                if t.is_nan() {
                    1.0
                } else {
                    (1.0 + d as f64) / total
                }
            })
            .collect()
    }
}
