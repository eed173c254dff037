//! The error rate of a discovery procedure, measured by replaying it on decoys.
//!
//! A *stratum* is a family of claims of one kind about one question; its *menu* of `menu_size` subjects is fixed before
//! any label-dependent result is seen. Every subject has a score, larger meaning stronger (−log10 p of its own test).
//! A claim that fails (wrong sign, filtered out, never explored) has no score: NaN, which counts as p = 1.
//! Decoys are whole replays of the frozen procedure on data in which the claim's null holds. The steps are
//!
//! 1. decoy counts → p per subject ([`PooledDecoys`], [`SubjectDecoys`]);
//! 2. p → q within the stratum ([`stratum_q`]);
//! 3. q across strata by Benjamini & Bogomolov ([`across_strata`]), which keeps the mean false discovery share of the
//!    strata that are reported at the level, however many were looked into;
//! 4. how fine a q the decoys can resolve ([`resolution_floor`]), when to stop ([`is_futile`]), and the audit of the
//!    whole live loop on global decoys ([`audit_verdict`]).
//!
//! References: Benjamini & Bogomolov 2014 (doi:10.1111/rssb.12028), Phipson & Smyth 2010 for the +1
//! (doi:10.2202/1544-6115.1585), Benjamini & Yekutieli 2005 for the intervals (doi:10.1198/016214504000001907).

use crate::multiplicity::{Adjustment, adjust_in_family, benjamini_hochberg};

/// Level at which strata are selected and claims called supported.
pub const SUPPORTED_LEVEL: f64 = 0.05;
/// Level up to which claims are called suggestive.
pub const SUGGESTIVE_LEVEL: f64 = 0.25;
/// Replays before the first look.
pub const FIRST_DECOYS: usize = 20;
/// Smallest menu whose decoy scores are pooled over subjects.
pub const POOLING_MENU: usize = 200;
/// Replays at least needed where each subject is compared with its own decoys only.
pub const SUBJECT_DECOYS: usize = 999;

/// What is wrong with the counts handed in.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ErrorRateError {
    /// A decoy replay lists more scores than the menu has members.
    #[error(
        "a decoy holds {found} scores but the menu has {menu_size} members; hint: count every subject of the stratum in the menu size"
    )]
    LongerThanMenu {
        /// Scores in the decoy or the target list.
        found: usize,
        /// Members of the menu.
        menu_size: usize,
    },
    /// A decoy replay must give one score per target subject, in the same order.
    #[error(
        "a decoy holds {found} scores, expected {expected}, one per subject in the order of the targets; hint: give NaN for a subject without a score"
    )]
    SubjectMismatch {
        /// Scores in the decoy.
        found: usize,
        /// Target subjects.
        expected: usize,
    },
    /// More strata were given than were counted in advance.
    #[error(
        "{found} strata but only {counted} were counted before the results; hint: reserve slots for strata that a later generation may add"
    )]
    MoreStrataThanCounted {
        /// Strata given.
        found: usize,
        /// Strata journaled in advance.
        counted: usize,
    },
    /// A stratum weight that cannot divide a p-value.
    #[error(
        "stratum {index} has weight `{weight}`; hint: weights are positive with mean 1 over the strata"
    )]
    BadWeight {
        /// Which stratum.
        index: usize,
        /// Its weight.
        weight: f64,
    },
}

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
    /// [`POOLING_MENU`] members; otherwise per subject, with at least [`SUBJECT_DECOYS`] replays.
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

/// q-values within one stratum: Benjamini–Hochberg over the whole menu, its unlisted members counting as p = 1.
///
/// With pooled decoy p this equals min over t ≤ S of (1 + D(t)) / ((B + 1/m)·R(t)), R(t) being the listed scores at or
/// above t. To recount after a list was shortened (cap, de-duplication), pass only the p-values that are printed: R then
/// counts the printed ones while the menu keeps its size. NaN counts as p = 1.
pub fn stratum_q(listed_p: &[f64], menu_size: usize) -> Vec<f64> {
    let p: Vec<f64> = listed_p
        .iter()
        .map(|p| if p.is_nan() { 1.0 } else { *p })
        .collect();
    adjust_in_family(&p, Adjustment::BenjaminiHochberg, menu_size)
}

/// One stratum as it enters the selection across strata.
#[derive(Debug, Clone, PartialEq)]
pub struct Stratum {
    /// Prior weight, fixed before any result; mean 1 over the strata.
    pub weight: f64,
    /// q-values of its listed claims, from [`stratum_q`]; empty when nothing was listed.
    pub q: Vec<f64>,
}

impl Stratum {
    fn p(&self) -> f64 {
        self.q.iter().copied().fold(1.0, f64::min)
    }
}

/// Which strata were selected and what q their claims get.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Whether each stratum was selected.
    pub selected: Vec<bool>,
    /// |Sel|, the number of selected strata.
    pub selected_count: usize,
    /// G, the number of strata counted in advance.
    pub counted: usize,
    /// q_H of every claim, per stratum in input order: q·G/|Sel| (at most 1) in a selected stratum, else 1.
    pub q: Vec<Vec<f64>>,
}

/// Selection across strata (Benjamini & Bogomolov): P_g = min q of the stratum; the selected strata are those with
/// Benjamini–Hochberg of P_g / weight over `counted` strata at or below `level`.
///
/// `counted` is the number of strata journaled in advance, reserved slots included; slots never used count as P = 1.
pub fn across_strata(
    strata: &[Stratum],
    counted: usize,
    level: f64,
) -> Result<Selection, ErrorRateError> {
    if strata.len() > counted {
        return Err(ErrorRateError::MoreStrataThanCounted {
            found: strata.len(),
            counted,
        });
    }
    let mut weighted = vec![1.0; counted];
    for (index, stratum) in strata.iter().enumerate() {
        let weight = stratum.weight;
        if !(weight > 0.0 && weight.is_finite()) {
            return Err(ErrorRateError::BadWeight { index, weight });
        }
        weighted[index] = (stratum.p() / weight).min(1.0);
    }
    let selected: Vec<bool> = benjamini_hochberg(&weighted)
        .into_iter()
        .take(strata.len())
        .map(|q| q <= level)
        .collect();
    let selected_count = selected.iter().filter(|&&s| s).count();
    let factor = counted as f64 / selected_count as f64;
    let q = strata
        .iter()
        .zip(&selected)
        .map(|(stratum, &is_selected)| {
            let adjusted = |&q: &f64| {
                if is_selected {
                    (q * factor).min(1.0)
                } else {
                    1.0
                }
            };
            stratum.q.iter().map(adjusted).collect()
        })
        .collect();
    Ok(Selection {
        selected,
        selected_count,
        counted,
        q,
    })
}

/// The smallest q_H that the decoys of a stratum can show: G/(B·R·|Sel|) for pooled decoys and m·G/((B + 1)·R·|Sel|)
/// for per-subject ones, with R = `listed` claims. Below it print "< floor". At most 1; 1 when nothing is listed or selected.
pub fn resolution_floor(
    counting: Counting,
    menu_size: usize,
    replays: usize,
    listed: usize,
    counted: usize,
    selected_count: usize,
) -> f64 {
    let tests = match counting {
        Counting::Pooled => replays as f64,
        Counting::PerSubject => (replays + 1) as f64 / menu_size as f64,
    };
    let floor = counted as f64 / (tests * listed as f64 * selected_count as f64);
    if floor.is_nan() { 1.0 } else { floor.min(1.0) }
}

/// Replays that let a lone hit in a lone selected stratum of `counted` reach `level`: G / level (20·G at 5 %), and never
/// fewer than [`FIRST_DECOYS`].
pub fn decoys_needed(counted: usize, level: f64) -> usize {
    FIRST_DECOYS.max((counted as f64 / level).round() as usize)
}

/// Whether a stratum may stop drawing decoys: its best q is above 0.5. Its claims then count as p = 1; stopping for any
/// other reason would bias the rate.
pub fn is_futile(q: &[f64]) -> bool {
    q.iter().copied().fold(1.0, f64::min) > 0.5
}

/// What the audit of the whole live loop says.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AuditVerdict {
    /// Global decoys on which the whole loop was run.
    pub runs: usize,
    /// Runs that held at least one supported hypothesis.
    pub runs_with_supported: usize,
    /// Chance of at least so many if each run had one with probability 0.05.
    pub p: f64,
    /// Whether every grade is lowered one step: `p` below 0.02, which is four or more of 20 runs.
    pub lower_a_step: bool,
}

/// Judges the audit from the number of supported hypotheses in each global-decoy run.
pub fn audit_verdict(supported_per_run: &[usize]) -> AuditVerdict {
    let runs = supported_per_run.len();
    let runs_with_supported = supported_per_run.iter().filter(|&&n| n > 0).count();
    let p = binomial_upper_tail(runs_with_supported, runs, SUPPORTED_LEVEL);
    AuditVerdict {
        runs,
        runs_with_supported,
        p,
        lower_a_step: p < 0.02,
    }
}

/// P(X ≥ `successes`) for X binomial over `trials` with the given probability, summed term by term.
fn binomial_upper_tail(successes: usize, trials: usize, probability: f64) -> f64 {
    if successes == 0 {
        return 1.0;
    }
    let odds = probability / (1.0 - probability);
    let mut term = (1.0 - probability).powi(i32::try_from(trials).unwrap_or(i32::MAX));
    let mut below = 0.0;
    for k in 0..successes {
        below += term;
        term *= odds * (trials - k) as f64 / (k + 1) as f64;
    }
    let mut upper = 0.0;
    for k in successes..=trials {
        upper += term;
        term *= odds * (trials - k) as f64 / (k + 1) as f64;
    }
    // Rounding can leave the two parts a hair off 1; the upper part is the accurate one.
    upper / (upper + below)
}

/// Confidence level of the intervals shown for `reported` claims out of a menu of `menu_size`, so that on average at
/// most 5 % of the intervals shown miss: 1 − 0.05·R/m (false coverage rate, Benjamini & Yekutieli 2005).
pub fn interval_level(reported: usize, menu_size: usize) -> f64 {
    if menu_size == 0 {
        return 1.0 - SUPPORTED_LEVEL;
    }
    1.0 - SUPPORTED_LEVEL * (reported as f64 / menu_size as f64).min(1.0)
}

#[cfg(test)]
mod tests;
