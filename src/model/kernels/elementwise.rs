//! What lies between two matrices: norms, rotations, gates, soft maxima.

use super::lanes::Lanes;

/// Runs `work` with the widest instructions that this processor and these kernels share.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if let Some(lanes) = pulp::x86::V3::try_new() {
        return lanes.run(work);
    }
    work()
}

/// `e^x` to a relative 2e-7 in operations that vectorise: range reduction by ln 2 in two parts, polynomial of degree 5
/// (S. Moshier, Cephes Math Library, `expf`). Below -87 the result is 0 to within the smallest normal number.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 · 2^23
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * 0.693_359_4 - n * -2.121_944_4e-4;
    let p = 1.987_569_1e-4 * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 0.166_666_66;
    let p = p * r + 0.5;
    let p = p * r * r + r + 1.0;
    // The integer sits in the low bits of `shifted`; adding it to the exponent scales by 2^n.
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// `x / rms(x) · weight` for every row of `weight.len()` values, to `out` (B. Zhang, R. Sennrich 2019, arXiv:1910.07467).
pub(crate) fn rms_norm(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
    vectorised(
        #[inline(always)]
        || {
            for (x, out) in x
                .chunks_exact(weight.len())
                .zip(out.chunks_exact_mut(weight.len()))
            {
                let scale = inverse_rms(x, epsilon);
                for ((out, x), weight) in out.iter_mut().zip(x).zip(weight) {
                    *out = x * scale * weight;
                }
            }
        },
    );
}

/// The same in place.
pub(crate) fn rms_norm_in_place(x: &mut [f32], weight: &[f32], epsilon: f32) {
    vectorised(
        #[inline(always)]
        || {
            for x in x.chunks_exact_mut(weight.len()) {
                let scale = inverse_rms(x, epsilon);
                for (x, weight) in x.iter_mut().zip(weight) {
                    *x = *x * scale * weight;
                }
            }
        },
    );
}

#[inline(always)]
fn inverse_rms(x: &[f32], epsilon: f32) -> f32 {
    let squares = super::float::dot(x, x);
    1.0 / (squares / x.len() as f32 + epsilon).sqrt()
}

/// `gate ← silu(gate) · up` (N. Shazeer 2020, arXiv:2002.05202).
pub(crate) fn gated(gate: &mut [f32], up: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for (gate, up) in gate.iter_mut().zip(up) {
                *gate = *gate / (1.0 + exp(-*gate)) * up;
            }
        },
    );
}

/// `x += y`, `y` repeated where it is shorter.
pub(crate) fn add(x: &mut [f32], y: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for x in x.chunks_exact_mut(y.len()) {
                for (x, y) in x.iter_mut().zip(y) {
                    *x += y;
                }
            }
        },
    );
}

/// Turns scores into probabilities, in place.
#[inline(always)]
pub(crate) fn softmax(scores: &mut [f32]) {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for s in scores.iter_mut() {
        *s = exp(*s - largest);
    }
    let total: f32 = scores.iter().sum();
    let scale = 1.0 / total;
    for s in scores.iter_mut() {
        *s *= scale;
    }
}
