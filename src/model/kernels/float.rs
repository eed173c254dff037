//! Weights in single precision, brain floating point or half precision.

use super::half_float::{from_bf16, from_f16};

/// Dot product of two slices of one length, in eight partial sums.
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [[0f32; 8]; 4];
    let (a_chunks, a_rest) = a.as_chunks::<32>();
    let (b_chunks, b_rest) = b.as_chunks::<32>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for (j, sum) in sums.iter_mut().enumerate() {
            for (i, sum) in sum.iter_mut().enumerate() {
                *sum += a[8 * j + i] * b[8 * j + i];
            }
        }
    }
    let mut sum = [0f32; 8];
    for (i, sum) in sum.iter_mut().enumerate() {
        *sum = (sums[0][i] + sums[1][i]) + (sums[2][i] + sums[3][i]);
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sum.iter().sum::<f32>() + rest
}

/// `y += factor x`
#[inline(always)]
pub(crate) fn add_scaled(y: &mut [f32], factor: f32, x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

/// One row of weights against `count` rows of activations; `out[m]` is the m-th product.
#[inline(always)]
pub(crate) fn row_product(weights: &[f32], x: &[f32], out: &mut [f32]) {
    for (x, out) in x.chunks_exact(weights.len()).zip(out) {
        *out = dot(weights, x);
    }
}

/// Widens brain floating point.
#[inline(always)]
pub(crate) fn widen_bf16(bits: &[u16], out: &mut [f32]) {
    for (out, bits) in out.iter_mut().zip(bits) {
        *out = from_bf16(*bits);
    }
}

/// Widens half precision.
#[inline(always)]
pub(crate) fn widen_f16(bits: &[u16], out: &mut [f32]) {
    for (out, bits) in out.iter_mut().zip(bits) {
        *out = from_f16(*bits);
    }
}
