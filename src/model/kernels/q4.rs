//! Q4_0 and Q4_1 weights: four bits, 32 of which share a scale and an offset.

use super::activations::Activations;
use super::half_float;
use super::lanes::Lanes;
use super::matrix::TILE;
use super::tiles::ROWS;
use super::tiles::q4::TILE_BYTES;

/// Products of a group of eight rows with activation rows `first..first + count`, to `count × 8` outputs.
#[inline(always)]
pub(crate) fn product<L: Lanes>(
    lanes: L,
    group: &[u8],
    x: &Activations,
    first: usize,
    count: usize,
    out: &mut [[f32; ROWS]],
) {
    let (tiles, _) = group.as_chunks::<TILE_BYTES>();
    let mut sums = [lanes.zero_float(); TILE];
    let nibble = lanes.splat_bytes([0xf; 4]);
    let ones = lanes.splat_bytes([1, 0, 1, 0]);
    for (b, tile) in tiles.iter().enumerate() {
        let (halves, _) = tile.as_chunks::<16>();
        let scale = lanes.load_float(&half_float::eight(&halves[0]));
        let offset = lanes.load_float(&half_float::eight(&halves[1]));
        let (vectors, _) = tile[32..].as_chunks::<32>();
        let mut weights = [lanes.zero(); 8];
        for (t, bytes) in vectors.iter().enumerate() {
            let bytes = lanes.load(bytes);
            weights[t] = lanes.and(bytes, nibble);
            weights[t + 4] = lanes.and(lanes.shift_right_16::<4>(bytes), nibble);
        }
        for (m, sum) in sums[..count].iter_mut().enumerate() {
            let at = (first + m) * x.width + 32 * b;
            let (quads, _) = x.values[at..at + 32].as_chunks::<4>();
            // Eight products of at most 2 · 15 · 127 fit a word.
            let mut words = lanes.dot_bytes(weights[0], lanes.splat_bytes(quads[0]));
            for (w, quad) in weights[1..].iter().zip(&quads[1..]) {
                words = lanes.add_16(words, lanes.dot_bytes(*w, lanes.splat_bytes(*quad)));
            }
            let block = at / 32;
            let total = lanes.to_float(lanes.dot_words(words, ones));
            let neighbours = f32::from(x.sums[2 * block]) + f32::from(x.sums[2 * block + 1]);
            let value = lanes.mul_add(total, scale, lanes.mul(offset, lanes.splat(neighbours)));
            *sum = lanes.mul_add(value, lanes.splat(x.scales[block]), *sum);
        }
    }
    for (out, sum) in out.iter_mut().zip(&sums[..count]) {
        *out = lanes.store(*sum);
    }
}

/// Row `r` of a group in single precision.
pub(crate) fn dequantise(group: &[u8], r: usize, out: &mut [f32]) {
    let (tiles, _) = group.as_chunks::<TILE_BYTES>();
    for (tile, out) in tiles.iter().zip(out.chunks_exact_mut(32)) {
        let half = |at: usize| half_float::from_f16(u16::from_le_bytes([tile[at], tile[at + 1]]));
        let (scale, offset) = (half(2 * r), half(16 + 2 * r));
        for (i, out) in out.iter_mut().enumerate() {
            let byte = tile[32 + 32 * (i % 16 / 4) + 4 * r + i % 4];
            let q = if i < 16 { byte & 0xf } else { byte >> 4 };
            *out = scale * f32::from(q) + offset;
        }
    }
}
