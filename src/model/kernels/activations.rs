//! Activations in eight bits.

use super::lanes::Lanes;

/// Values that share one scale where weights are K-quants.
pub(crate) const SUPER_BLOCK: usize = 256;
/// Values that share one scale where weights are Q8_0, Q4_0 or Q4_1.
pub(crate) const BLOCK: usize = 32;

/// Rows of activations, each `round(x / scale)` with `scale = max|x| / 127` over `block` neighbours.
pub(crate) struct Activations {
    /// Values of a row; a multiple of `block`.
    pub width: usize,
    /// `rows × width` signed bytes.
    pub values: Vec<u8>,
    /// `rows × width / block`.
    pub scales: Vec<f32>,
    /// Sums of 16 neighbours (`rows × width / 16`), for formats whose weights have an offset.
    pub sums: Vec<i16>,
}

impl Activations {
    /// Quantises `rows × width` values.
    pub(crate) fn new(lanes: impl Lanes, x: &[f32], width: usize, block: usize) -> Self {
        let mut values = vec![0u8; x.len()];
        let mut scales = vec![0f32; x.len() / block];
        let mut sums = vec![0i16; x.len() / 16];
        lanes.run(
            #[inline(always)]
            || {
                for ((x, q), scale) in x
                    .chunks_exact(block)
                    .zip(values.chunks_exact_mut(block))
                    .zip(&mut scales)
                {
                    *scale = quantise(x, q);
                }
                for (q, sum) in values.as_chunks::<16>().0.iter().zip(&mut sums) {
                    *sum = q.iter().map(|&v| i16::from(v as i8)).sum();
                }
            },
        );
        Self {
            width,
            values,
            scales,
            sums,
        }
    }
}

/// Quantises one block and gives its scale.
#[inline(always)]
fn quantise(x: &[f32], q: &mut [u8]) -> f32 {
    let mut largest = [0f32; 8];
    for x in x.as_chunks::<8>().0 {
        for (m, x) in largest.iter_mut().zip(x) {
            *m = m.max(x.abs());
        }
    }
    let largest = largest.into_iter().fold(0f32, f32::max);
    if largest == 0.0 || !largest.is_finite() {
        q.fill(0);
        return if largest.is_finite() { 0.0 } else { f32::NAN };
    }
    let inverse = 127.0 / largest;
    // Adding and taking off 1.5 · 2^23 rounds to the nearest integer, ties to even, and vectorises everywhere.
    const ROUND: f32 = 12_582_912.0;
    for (q, x) in q.iter_mut().zip(x) {
        *q = (x * inverse + ROUND).to_bits() as u8;
    }
    largest / 127.0
}
