//! How many decoys are enough.

use super::{Counting, FIRST_DECOYS};

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

/// How many times as often as the tests' own p-values say decoys are taken to reach a score when their number is chosen: tails
/// of real tables are heavier than those of the model.
const HEAVIER: f64 = 2.0;
/// Share of what the most decoys would list that fewer decoys have to list.
const ENOUGH: f64 = 0.9;

/// What a stratum lists by its tests' own p-values, known before any decoy is drawn.
#[derive(Debug, Clone)]
pub struct Listing {
    /// p-values ascending.
    p: Vec<f64>,
    /// Members of the menu.
    menu_size: usize,
    /// Share of decoys that are the data themselves: with few distinct relabellings some draws change nothing.
    unchanged: f64,
}

impl Listing {
    /// p-values of the members in any order, NaN where untested; `relabellings` where labels are exchanged: of two equal arms the
    /// draw that changes nothing and the one that swaps the arms both give the data back.
    pub fn new(p: &[f64], relabellings: Option<f64>) -> Self {
        let mut known: Vec<f64> = p.iter().copied().filter(|p| !p.is_nan()).collect();
        known.sort_unstable_by(f64::total_cmp);
        Self {
            p: known,
            menu_size: p.len(),
            unchanged: relabellings.map_or(0.0, |n| 2.0 / n),
        }
    }

    /// Members that `replays` pooled decoys can be expected to list at `level`, when q within the stratum is multiplied by
    /// `factor`: the largest k with (1 + e + √e)·factor/(replays·k) ≤ level, where e, the decoy scores at or above the k-th target,
    /// is taken one standard deviation above its mean.
    fn listed(&self, replays: usize, factor: f64, level: f64) -> usize {
        let replays = replays as f64;
        let passes = |k: usize| {
            let rank = (k + 1) as f64;
            let by_chance = HEAVIER * self.menu_size as f64 * self.p[k];
            let reaching = replays * (by_chance + self.unchanged * rank);
            (1.0 + reaching + reaching.sqrt()) * factor <= level * replays * rank
        };
        (0..self.p.len())
            .rev()
            .find(|&k| passes(k))
            .map_or(0, |k| k + 1)
    }

    /// Whether decoys without end would list anything, did they agree with the tests' own p-values.
    fn lists_in_the_limit(&self, factor: f64, level: f64) -> bool {
        self.p.iter().enumerate().any(|(k, p)| {
            let rank = (k + 1) as f64;
            (self.menu_size as f64 * p + self.unchanged * rank) * factor <= level * rank
        })
    }

    /// Pooled decoys that are enough: doubled from [`FIRST_DECOYS`] until nine tenths of what `most` would list can be expected to be
    /// listed. A strong long list needs few, a lone or marginal claim many; none where no number of decoys would list anything.
    pub fn decoys_resolving(&self, factor: f64, level: f64, most: usize) -> Option<usize> {
        let wanted = (ENOUGH * self.listed(most, factor, level) as f64).ceil() as usize;
        if wanted == 0 {
            return self.lists_in_the_limit(factor, level).then_some(most);
        }
        let mut replays = FIRST_DECOYS;
        while replays < most && self.listed(replays, factor, level) < wanted {
            replays *= 2;
        }
        Some(replays.min(most))
    }
}

/// Whether a stratum may stop drawing decoys: its best q is above 0.5. Its claims then count as p = 1; stopping for any
/// other reason would bias the rate.
pub fn is_futile(q: &[f64]) -> bool {
    q.iter().copied().fold(1.0, f64::min) > 0.5
}
