//! In which order a reviewer reads.

use crate::discovery::Hypothesis;
use crate::run::hash::Hasher;

/// Places of the hypotheses in reading order: as ranked, or, for a blinded reviewer, shuffled by a hash over the name of the
/// reviewer, the run and the hypothesis, so that the order says nothing, differs between reviewers and stays on reload.
pub fn reading_order(
    hypotheses: &[Hypothesis],
    run: &str,
    reviewer: &str,
    blinded: bool,
) -> Vec<usize> {
    let mut places: Vec<usize> = (0..hypotheses.len()).collect();
    if blinded {
        places.sort_by_cached_key(|&place| {
            Hasher::new()
                .part("run", run.as_bytes())
                .part("reviewer", reviewer.as_bytes())
                .part("hypothesis", hypotheses[place].id.as_bytes())
                .finish()
        });
    }
    places
}
