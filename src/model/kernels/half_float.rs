//! Sixteen-bit floating point to single precision, in operations that vectorise.

/// IEEE half precision; the scales of quantised blocks. Exact for every finite value.
#[inline(always)]
pub(crate) fn from_f16(bits: u16) -> f32 {
    // Exponent and mantissa moved into place, then 2^112 takes up the difference of the biases; subnormals come out right.
    const SHIFT: f32 = f32::from_bits((127 + 112) << 23);
    let magnitude = f32::from_bits(u32::from(bits & 0x7fff) << 13) * SHIFT;
    f32::from_bits(magnitude.to_bits() | (u32::from(bits & 0x8000) << 16))
}

/// Brain floating point: the upper half of a single.
#[inline(always)]
pub(crate) fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// Eight half-precision scales, little-endian.
#[inline(always)]
pub(crate) fn eight(bytes: &[u8; 16]) -> [f32; 8] {
    std::array::from_fn(|i| from_f16(u16::from_le_bytes([bytes[2 * i], bytes[2 * i + 1]])))
}
