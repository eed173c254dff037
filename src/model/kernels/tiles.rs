//! How weights lie in memory: groups of eight rows, interleaved four values at a time.
//!
//! A tile holds one block of each of eight rows; the tiles of a group follow one another along the row. Byte `4 r + i` of
//! a 32-byte vector belongs to row `r` of the group. Layouts of the source blocks: ggml's `block_q8_0`, `block_q4_0`,
//! `block_q4_1`, `block_q4_K` and `block_q6_K` (ggml-common.h of llama.cpp).

/// Rows of a group.
pub(crate) const ROWS: usize = 8;

/// The four bytes of each row at `offset + 4 t`, `t` running, to vectors of eight rows.
fn interleave(blocks: &[&[u8]; ROWS], offset: usize, vectors: usize, tile: &mut Vec<u8>) {
    for t in 0..vectors {
        for block in blocks {
            let from = offset + 4 * t;
            tile.extend_from_slice(&block[from..from + 4]);
        }
    }
}

/// The two bytes of each row at `offset`.
fn gather_half(blocks: &[&[u8]; ROWS], offset: usize, tile: &mut Vec<u8>) {
    for block in blocks {
        tile.extend_from_slice(&block[offset..offset + 2]);
    }
}

/// Q8_0: scales, then 8 vectors of 4 signed values per row.
pub(crate) mod q8_0 {
    use super::{ROWS, gather_half, interleave};

    pub(crate) const VALUES: usize = 32;
    pub(crate) const BLOCK_BYTES: usize = 34;
    pub(crate) const TILE_BYTES: usize = 16 + 256;

    pub(crate) fn pack(blocks: &[&[u8]; ROWS], tile: &mut Vec<u8>) {
        gather_half(blocks, 0, tile);
        interleave(blocks, 2, 8, tile);
    }
}

/// Q4_0 and Q4_1: scales, offsets, then 4 vectors of nibbles.
pub(crate) mod q4 {
    use super::{ROWS, gather_half, interleave};

    pub(crate) const VALUES: usize = 32;
    pub(crate) const BLOCK_BYTES_0: usize = 18;
    pub(crate) const BLOCK_BYTES_1: usize = 20;
    pub(crate) const TILE_BYTES: usize = 32 + 128;

    /// Q4_0, whose weights are `scale (q - 8)`: the offset is -8 times the scale, exact in half precision.
    pub(crate) fn pack_0(blocks: &[&[u8]; ROWS], tile: &mut Vec<u8>) {
        gather_half(blocks, 0, tile);
        for block in blocks {
            let scale = half::f16::from_le_bytes([block[0], block[1]]);
            tile.extend_from_slice(&half::f16::from_f32(-8.0 * scale.to_f32()).to_le_bytes());
        }
        interleave(blocks, 2, 4, tile);
    }

    /// Q4_1, whose weights are `scale q + offset`.
    pub(crate) fn pack_1(blocks: &[&[u8]; ROWS], tile: &mut Vec<u8>) {
        gather_half(blocks, 0, tile);
        gather_half(blocks, 2, tile);
        interleave(blocks, 4, 4, tile);
    }
}

/// Q4_K: scales, scales of the minima, the 8 × 8 six-bit scales and minima as bytes, then 4 × 8 vectors of nibbles.
pub(crate) mod q4_k {
    use super::{ROWS, gather_half, interleave};

    pub(crate) const VALUES: usize = 256;
    pub(crate) const BLOCK_BYTES: usize = 144;
    pub(crate) const SCALES: usize = 32;
    pub(crate) const MINIMA: usize = SCALES + 64;
    pub(crate) const NIBBLES: usize = MINIMA + 64;
    pub(crate) const TILE_BYTES: usize = NIBBLES + 1024;

    /// Scale and minimum of sub-block `j`, as ggml's `get_scale_min_k4` unpacks them.
    pub(crate) fn scale_and_minimum(packed: &[u8], j: usize) -> (u8, u8) {
        if j < 4 {
            (packed[j] & 63, packed[j + 4] & 63)
        } else {
            (
                (packed[j + 4] & 0xf) | ((packed[j - 4] >> 6) << 4),
                (packed[j + 4] >> 4) | ((packed[j] >> 6) << 4),
            )
        }
    }

    pub(crate) fn pack(blocks: &[&[u8]; ROWS], tile: &mut Vec<u8>) {
        gather_half(blocks, 0, tile);
        gather_half(blocks, 2, tile);
        for j in 0..8 {
            tile.extend(
                blocks
                    .iter()
                    .map(|block| scale_and_minimum(&block[4..16], j).0),
            );
        }
        // Minima of two neighbouring sub-blocks side by side, as the product of words wants them.
        for j in (0..8).step_by(2) {
            for block in blocks {
                tile.push(scale_and_minimum(&block[4..16], j).1);
                tile.push(scale_and_minimum(&block[4..16], j + 1).1);
            }
        }
        for chunk in 0..4 {
            interleave(blocks, 16 + 32 * chunk, 8, tile);
        }
    }
}

/// Q6_K: scales, the 8 × 16 signed sub-scales in pairs, then per half and four values: two vectors of nibbles and one of
/// the upper two bits.
pub(crate) mod q6_k {
    use super::{ROWS, gather_half, interleave};

    pub(crate) const VALUES: usize = 256;
    pub(crate) const BLOCK_BYTES: usize = 210;
    pub(crate) const SCALES: usize = 16;
    pub(crate) const BITS: usize = SCALES + 128;
    pub(crate) const TILE_BYTES: usize = BITS + 2 * 8 * 96;

    pub(crate) fn pack(blocks: &[&[u8]; ROWS], tile: &mut Vec<u8>) {
        gather_half(blocks, 208, tile);
        for pair in 0..8 {
            for block in blocks {
                tile.extend_from_slice(&block[192 + 2 * pair..192 + 2 * pair + 2]);
            }
        }
        for half in 0..2 {
            for t in 0..8 {
                interleave(blocks, 64 * half + 4 * t, 1, tile);
                interleave(blocks, 64 * half + 32 + 4 * t, 1, tile);
                interleave(blocks, 128 + 32 * half + 4 * t, 1, tile);
            }
        }
    }
}
