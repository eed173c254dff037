//! Causal attention with grouped heads (J. Ainslie et al. 2023, arXiv:2305.13245) over the blocks of a cache.

use std::sync::Arc;

use super::kv::{BLOCK, KvBlock};
use crate::kernels::elementwise::{softmax, vectorised};
use crate::kernels::float::{add_scaled, dot};
use crate::kernels::pool::Threads;

/// Sizes of attention.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heads {
    /// Heads of queries.
    pub queries: usize,
    /// Heads of keys and values; divides `queries`.
    pub keys: usize,
    /// Values of a head.
    pub size: usize,
}

/// Attends from the queries (`rows × queries × size`) of the positions `first..` to every position up to each of them.
pub(crate) fn attend(
    threads: &Threads,
    heads: Heads,
    queries: &[f32],
    blocks: &[Arc<KvBlock>],
    first: usize,
    out: &mut [f32],
) {
    let scale = 1.0 / (heads.size as f32).sqrt();
    threads.fill(out, heads.size, |unit, out| {
        let mut scores = Vec::new();
        vectorised(
            #[inline(always)]
            || {
                for (i, out) in out.chunks_exact_mut(heads.size).enumerate() {
                    let (row, head) = ((unit + i) / heads.queries, (unit + i) % heads.queries);
                    let query = &queries[(unit + i) * heads.size..(unit + i + 1) * heads.size];
                    let span = head * heads.keys / heads.queries * BLOCK * heads.size;
                    let seen = first + row + 1;
                    scores.clear();
                    scores.resize(seen, 0.0);
                    for (block, scores) in blocks.iter().zip(scores.chunks_mut(BLOCK)) {
                        let keys =
                            block.keys[span..span + BLOCK * heads.size].chunks_exact(heads.size);
                        for (score, key) in scores.iter_mut().zip(keys) {
                            *score = scale * dot(query, key);
                        }
                    }
                    softmax(&mut scores);
                    out.fill(0.0);
                    for (block, weights) in blocks.iter().zip(scores.chunks(BLOCK)) {
                        let values =
                            block.values[span..span + BLOCK * heads.size].chunks_exact(heads.size);
                        for (weight, value) in weights.iter().zip(values) {
                            add_scaled(out, *weight, value);
                        }
                    }
                }
            },
        );
    });
}
