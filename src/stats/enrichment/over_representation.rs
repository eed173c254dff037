//! Are there more hits in a set than drawing hits at random would give?

use super::{EnrichmentError, FeatureSets};
use crate::hypergeometric::Hypergeometric;
use std::collections::BTreeMap;

/// The hypergeometric test of one set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverRepresentation {
    /// Hits in the set.
    pub overlap: usize,
    /// Measured members of the set.
    pub set_size: usize,
    /// Hits in all.
    pub hits: usize,
    /// Measured features.
    pub universe: usize,
    /// Hits expected in the set, set_size·hits/universe.
    pub expected: f64,
    /// overlap / expected; NaN when nothing is expected.
    pub fold: f64,
    /// P(overlap or more).
    pub p: f64,
    /// Natural logarithm of `p`.
    pub ln_p: f64,
}

/// One-sided hypergeometric test, P(X ≥ overlap) when `hits` of `universe` features are drawn and `set_size` are marked.
/// R `phyper(overlap - 1, …, lower.tail = FALSE)` to 1e-10 in log10, in the far tail too.
pub fn over_representation(
    overlap: usize,
    set_size: usize,
    hits: usize,
    universe: usize,
) -> OverRepresentation {
    let null = Hypergeometric::new(universe as u64, set_size as u64, hits as u64);
    summarise(overlap, set_size, hits, universe, &null)
}

/// Tests every set for hits; `is_hit` has one flag per feature. The universe is all features.
pub fn over_represented_sets(
    sets: &FeatureSets,
    is_hit: &[bool],
) -> Result<Vec<OverRepresentation>, EnrichmentError> {
    sets.check_length("hit flags", is_hit.len())?;
    let hits = is_hit.iter().filter(|&&h| h).count();
    let universe = sets.features();
    let mut nulls: BTreeMap<usize, Hypergeometric> = BTreeMap::new();
    Ok(sets
        .iter()
        .map(|members| {
            let overlap = members.iter().filter(|&&f| is_hit[f]).count();
            let null = nulls.entry(members.len()).or_insert_with(|| {
                Hypergeometric::new(universe as u64, members.len() as u64, hits as u64)
            });
            summarise(overlap, members.len(), hits, universe, null)
        })
        .collect())
}

fn summarise(
    overlap: usize,
    set_size: usize,
    hits: usize,
    universe: usize,
    null: &Hypergeometric,
) -> OverRepresentation {
    let expected = set_size as f64 * hits as f64 / universe as f64;
    let ln_p = if overlap == 0 {
        0.0
    } else {
        null.ln_upper_tail(overlap as u64)
    };
    OverRepresentation {
        overlap,
        set_size,
        hits,
        universe,
        expected,
        fold: overlap as f64 / expected,
        p: ln_p.exp(),
        ln_p,
    }
}
