//! Q8_0 weights: 32 signed bytes share one scale.

use super::activations::Activations;
use super::half_float;
use super::lanes::Lanes;
use super::matrix::TILE;
use super::tiles::ROWS;
use super::tiles::q8_0::TILE_BYTES;

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
    let ones = lanes.splat_bytes([1, 0, 1, 0]);
    for (b, tile) in tiles.iter().enumerate() {
        let (halves, _) = tile.as_chunks::<16>();
        let weight_scales = lanes.load_float(&half_float::eight(&halves[0]));
        let (vectors, _) = tile[16..].as_chunks::<32>();
        for (m, sum) in sums[..count].iter_mut().enumerate() {
            let at = (first + m) * x.width + 32 * b;
            let (quads, _) = x.values[at..at + 32].as_chunks::<4>();
            let mut total = lanes.zero();
            for (w, quad) in vectors.iter().zip(quads) {
                let w = lanes.load(w);
                let a = lanes.sign_bytes(lanes.splat_bytes(*quad), w);
                let words = lanes.dot_bytes(lanes.abs_bytes(w), a);
                total = lanes.add_32(total, lanes.dot_words(words, ones));
            }
            let scale = lanes.splat(x.scales[(first + m) * (x.width / 32) + b]);
            *sum = lanes.mul_add(lanes.to_float(total), lanes.mul(weight_scales, scale), *sum);
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
        let scale = half_float::from_f16(u16::from_le_bytes([tile[2 * r], tile[2 * r + 1]]));
        for (i, out) in out.iter_mut().enumerate() {
            *out = scale * f32::from(tile[16 + 32 * (i / 4) + 4 * r + i % 4] as i8);
        }
    }
}
