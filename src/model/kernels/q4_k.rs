//! Q4_K weights: four bits, sub-blocks of 32 with six-bit scale and minimum, super-blocks of 256.

use super::activations::Activations;
use super::half_float;
use super::lanes::Lanes;
use super::matrix::TILE;
use super::tiles::ROWS;
use super::tiles::q4_k::{MINIMA, NIBBLES, SCALES, TILE_BYTES};

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
    for (b, tile) in tiles.iter().enumerate() {
        let (halves, _) = tile.as_chunks::<16>();
        let scale = lanes.load_float(&half_float::eight(&halves[0]));
        let minimum = lanes.load_float(&half_float::eight(&halves[1]));
        let (sub_scales, _) = tile[SCALES..MINIMA].as_chunks::<8>();
        let (minima, _) = tile[MINIMA..NIBBLES].as_chunks::<16>();
        let (vectors, _) = tile[NIBBLES..].as_chunks::<32>();
        let mut totals = [lanes.zero(); TILE];
        for (j, sub_scale) in sub_scales.iter().enumerate() {
            let sub_scale = lanes.widen_bytes(sub_scale);
            let sub_scale = lanes.or(sub_scale, lanes.shift_left_32::<16>(sub_scale));
            let mut weights = [lanes.zero(); 8];
            for (w, bytes) in weights
                .iter_mut()
                .zip(&vectors[8 * (j / 2)..8 * (j / 2) + 8])
            {
                let bytes = lanes.load(bytes);
                let bytes = if j % 2 == 0 {
                    bytes
                } else {
                    lanes.shift_right_16::<4>(bytes)
                };
                *w = lanes.and(bytes, nibble);
            }
            for (m, total) in totals[..count].iter_mut().enumerate() {
                let at = (first + m) * x.width + 256 * b + 32 * j;
                let (quads, _) = x.values[at..at + 32].as_chunks::<4>();
                // Eight products of at most 2 · 15 · 127 fit a word.
                let mut words = lanes.dot_bytes(weights[0], lanes.splat_bytes(quads[0]));
                for (w, quad) in weights[1..].iter().zip(&quads[1..]) {
                    words = lanes.add_16(words, lanes.dot_bytes(*w, lanes.splat_bytes(*quad)));
                }
                *total = lanes.add_32(*total, lanes.dot_words(words, sub_scale));
            }
        }
        let minima = [0, 1, 2, 3].map(|pair: usize| lanes.widen_unsigned(&minima[pair]));
        for (m, sum) in sums[..count].iter_mut().enumerate() {
            let row = first + m;
            let at = (row * x.width + 256 * b) / 16;
            let (pairs, _) = x.sums[at..at + 16].as_chunks::<4>();
            let mut offset = lanes.zero();
            for (minima, pair) in minima.iter().zip(pairs) {
                let [a, b] = (pair[0] + pair[1]).to_le_bytes();
                let [c, d] = (pair[2] + pair[3]).to_le_bytes();
                offset = lanes.add_32(
                    offset,
                    lanes.dot_words(*minima, lanes.splat_bytes([a, b, c, d])),
                );
            }
            let x_scale = lanes.splat(x.scales[row * (x.width / 256) + b]);
            let value = lanes.mul(lanes.to_float(totals[m]), scale);
            let value = lanes.sub(value, lanes.mul(lanes.to_float(offset), minimum));
            *sum = lanes.mul_add(value, x_scale, *sum);
        }
    }
    for (out, sum) in out.iter_mut().zip(&sums[..count]) {
        *out = lanes.store(*sum);
    }
}

/// Row `r` of a group in single precision.
pub(crate) fn dequantise(group: &[u8], r: usize, out: &mut [f32]) {
    let (tiles, _) = group.as_chunks::<TILE_BYTES>();
    for (tile, out) in tiles.iter().zip(out.chunks_exact_mut(256)) {
        let scale = half_float::from_f16(u16::from_le_bytes([tile[2 * r], tile[2 * r + 1]]));
        let minimum =
            half_float::from_f16(u16::from_le_bytes([tile[16 + 2 * r], tile[17 + 2 * r]]));
        for (j, out) in out.chunks_exact_mut(32).enumerate() {
            let d = scale * f32::from(tile[SCALES + 8 * j + r]);
            let m = minimum * f32::from(tile[MINIMA + 16 * (j / 2) + 2 * r + j % 2]);
            for (i, out) in out.iter_mut().enumerate() {
                let byte = tile[NIBBLES + 256 * (j / 2) + 32 * (i / 4) + 4 * r + i % 4];
                let q = if j % 2 == 0 { byte & 0xf } else { byte >> 4 };
                *out = d * f32::from(q) - m;
            }
        }
    }
}
