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

/// Whether a stratum may stop drawing decoys: its best q is above 0.5. Its claims then count as p = 1; stopping for any
/// other reason would bias the rate.
pub fn is_futile(q: &[f64]) -> bool {
    q.iter().copied().fold(1.0, f64::min) > 0.5
}
