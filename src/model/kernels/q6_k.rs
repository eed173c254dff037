//! Q6_K weights: six bits, sub-blocks of 16 with a signed scale, super-blocks of 256.

use super::activations::Activations;
use super::half_float;
use super::lanes::Lanes;
use super::matrix::TILE;
use super::tiles::ROWS;
use super::tiles::q6_k::{BITS, SCALES, TILE_BYTES};

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
    for (b, tile) in tiles.iter().enumerate() {
        let (halves, _) = tile.as_chunks::<16>();
        let scale = lanes.load_float(&half_float::eight(&halves[0]));
        let (pairs, _) = tile[SCALES..BITS].as_chunks::<16>();
        let pairs = [0, 1, 2, 3, 4, 5, 6, 7].map(|p: usize| lanes.widen_signed(&pairs[p]));
        let (vectors, _) = tile[BITS..].as_chunks::<32>();
        let mut totals = [lanes.zero(); TILE];
        for (p, pair) in pairs.iter().enumerate() {
            // Pair `p` of sub-scales covers 32 values: segment `p % 4` of half `p / 4`.
            let vectors = &vectors[24 * (p / 4)..24 * (p / 4) + 24];
            for half in 0..2 {
                let sub_scale = both_words(lanes, *pair, half == 1);
                let mut weights = [lanes.zero(); 4];
                for (t, w) in weights.iter_mut().enumerate() {
                    *w = six_bits(lanes, &vectors[3 * (4 * half + t)..], p % 4);
                }
                for (m, total) in totals[..count].iter_mut().enumerate() {
                    let at = (first + m) * x.width + 256 * b + 32 * p + 16 * half;
                    let (quads, _) = x.values[at..at + 16].as_chunks::<4>();
                    let dot = |t: usize| lanes.dot_bytes(weights[t], lanes.splat_bytes(quads[t]));
                    // Two products of at most 2 · 63 · 127 fit a word, four do not.
                    let low = lanes.dot_words(lanes.add_16(dot(0), dot(1)), sub_scale);
                    let high = lanes.dot_words(lanes.add_16(dot(2), dot(3)), sub_scale);
                    *total = lanes.add_32(*total, lanes.add_32(low, high));
                }
            }
        }
        for (m, sum) in sums[..count].iter_mut().enumerate() {
            let row = first + m;
            let at = (row * x.width + 256 * b) / 16;
            let (neighbours, _) = x.sums[at..at + 16].as_chunks::<2>();
            // Six bits stand for -32..31: 32 times the activations has to come off.
            let mut offset = lanes.zero();
            for (pair, neighbours) in pairs.iter().zip(neighbours) {
                let [a, b] = neighbours[0].to_le_bytes();
                let [c, d] = neighbours[1].to_le_bytes();
                offset = lanes.add_32(
                    offset,
                    lanes.dot_words(*pair, lanes.splat_bytes([a, b, c, d])),
                );
            }
            let total = lanes.sub_32(totals[m], lanes.shift_left_32::<5>(offset));
            let x_scale = lanes.splat(x.scales[row * (x.width / 256) + b]);
            *sum = lanes.mul_add(lanes.to_float(total), lanes.mul(scale, x_scale), *sum);
        }
    }
    for (out, sum) in out.iter_mut().zip(&sums[..count]) {
        *out = lanes.store(*sum);
    }
}

/// The lower or upper word of every lane in both words of it.
#[inline(always)]
fn both_words<L: Lanes>(lanes: L, pair: L::Int, upper: bool) -> L::Int {
    if upper {
        let high = lanes.and(pair, lanes.splat_bytes([0, 0, 0xff, 0xff]));
        lanes.or(high, lanes.shift_right_32::<16>(pair))
    } else {
        let low = lanes.and(pair, lanes.splat_bytes([0xff, 0xff, 0, 0]));
        lanes.or(low, lanes.shift_left_32::<16>(pair))
    }
}

/// Four values per row of a segment: nibbles of one vector, the two bits above them of another.
#[inline(always)]
fn six_bits<L: Lanes>(lanes: L, vectors: &[[u8; 32]], segment: usize) -> L::Int {
    let nibble = lanes.splat_bytes([0xf; 4]);
    let upper = lanes.splat_bytes([0x30; 4]);
    let nibbles = lanes.load(&vectors[segment % 2]);
    let bits = lanes.load(&vectors[2]);
    let (low, high) = match segment {
        0 => (nibbles, lanes.shift_left_16::<4>(bits)),
        1 => (nibbles, lanes.shift_left_16::<2>(bits)),
        2 => (lanes.shift_right_16::<4>(nibbles), bits),
        _ => (
            lanes.shift_right_16::<4>(nibbles),
            lanes.shift_right_16::<2>(bits),
        ),
    };
    lanes.or(lanes.and(low, nibble), lanes.and(high, upper))
}

/// Row `r` of a group in single precision.
pub(crate) fn dequantise(group: &[u8], r: usize, out: &mut [f32]) {
    let (tiles, _) = group.as_chunks::<TILE_BYTES>();
    for (tile, out) in tiles.iter().zip(out.chunks_exact_mut(256)) {
        let scale = half_float::from_f16(u16::from_le_bytes([tile[2 * r], tile[2 * r + 1]]));
        for (k, out) in out.iter_mut().enumerate() {
            let (half, segment, l) = (k / 128, k % 128 / 32, k % 32);
            let at = BITS + 768 * half + 96 * (l / 4) + 4 * r + l % 4;
            let nibbles = tile[at + 32 * (segment % 2)];
            let low = if segment < 2 {
                nibbles & 0xf
            } else {
                nibbles >> 4
            };
            let high = (tile[at + 64] >> (2 * segment)) & 3;
            let sub = k / 16;
            let sub_scale = tile[SCALES + 16 * (sub / 2) + 2 * r + sub % 2] as i8;
            *out = scale * f32::from(sub_scale) * (f32::from(low | (high << 4)) - 32.0);
        }
    }
}
