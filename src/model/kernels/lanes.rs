//! Eight lanes of 32 bits, and the few operations the kernels are made of.

/// Vector operations of a kernel; bytes and words are little-endian within their lane.
pub(crate) trait Lanes: Copy {
    /// 32 bytes, 16 words or 8 double words.
    type Int: Copy;
    /// Eight single-precision numbers.
    type Float: Copy;

    fn load(self, bytes: &[u8; 32]) -> Self::Int;
    fn zero(self) -> Self::Int;
    /// The same four bytes in every lane.
    fn splat_bytes(self, bytes: [u8; 4]) -> Self::Int;
    fn and(self, a: Self::Int, b: Self::Int) -> Self::Int;
    fn or(self, a: Self::Int, b: Self::Int) -> Self::Int;
    /// Shifts of whole words.
    fn shift_left_16<const BY: i32>(self, a: Self::Int) -> Self::Int;
    fn shift_right_16<const BY: i32>(self, a: Self::Int) -> Self::Int;
    /// Shifts of whole double words.
    fn shift_left_32<const BY: i32>(self, a: Self::Int) -> Self::Int;
    fn shift_right_32<const BY: i32>(self, a: Self::Int) -> Self::Int;
    fn add_16(self, a: Self::Int, b: Self::Int) -> Self::Int;
    fn add_32(self, a: Self::Int, b: Self::Int) -> Self::Int;
    fn sub_32(self, a: Self::Int, b: Self::Int) -> Self::Int;
    /// Products of unsigned with signed bytes, neighbours added to words.
    fn dot_bytes(self, unsigned: Self::Int, signed: Self::Int) -> Self::Int;
    /// Products of signed words, neighbours added to double words.
    fn dot_words(self, a: Self::Int, b: Self::Int) -> Self::Int;
    fn abs_bytes(self, a: Self::Int) -> Self::Int;
    /// `a` with the sign of `sign` multiplied in, byte by byte.
    fn sign_bytes(self, a: Self::Int, sign: Self::Int) -> Self::Int;
    /// Eight unsigned bytes, one per lane.
    fn widen_bytes(self, bytes: &[u8; 8]) -> Self::Int;
    /// Sixteen unsigned bytes, two words per lane.
    fn widen_unsigned(self, bytes: &[u8; 16]) -> Self::Int;
    /// Sixteen signed bytes, two words per lane.
    fn widen_signed(self, bytes: &[u8; 16]) -> Self::Int;
    fn to_float(self, a: Self::Int) -> Self::Float;
    fn zero_float(self) -> Self::Float;
    fn splat(self, value: f32) -> Self::Float;
    fn load_float(self, values: &[f32; 8]) -> Self::Float;
    fn mul(self, a: Self::Float, b: Self::Float) -> Self::Float;
    /// `a b + c`
    fn mul_add(self, a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float;
    fn sub(self, a: Self::Float, b: Self::Float) -> Self::Float;
    fn store(self, a: Self::Float) -> [f32; 8];
    /// Runs `work` with the instructions of these lanes switched on.
    fn run<R>(self, work: impl FnOnce() -> R) -> R;
}

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2 {
    use std::arch::x86_64::{__m128i, __m256, __m256i};

    use pulp::cast;
    use pulp::x86::V3;

    impl super::Lanes for V3 {
        type Int = __m256i;
        type Float = __m256;

        #[inline(always)]
        fn load(self, bytes: &[u8; 32]) -> __m256i {
            cast(*bytes)
        }
        #[inline(always)]
        fn zero(self) -> __m256i {
            self.avx._mm256_setzero_si256()
        }
        #[inline(always)]
        fn splat_bytes(self, bytes: [u8; 4]) -> __m256i {
            self.avx._mm256_set1_epi32(i32::from_le_bytes(bytes))
        }
        #[inline(always)]
        fn and(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_and_si256(a, b)
        }
        #[inline(always)]
        fn or(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_or_si256(a, b)
        }
        #[inline(always)]
        fn shift_left_16<const BY: i32>(self, a: __m256i) -> __m256i {
            self.avx2._mm256_slli_epi16::<BY>(a)
        }
        #[inline(always)]
        fn shift_right_16<const BY: i32>(self, a: __m256i) -> __m256i {
            self.avx2._mm256_srli_epi16::<BY>(a)
        }
        #[inline(always)]
        fn shift_left_32<const BY: i32>(self, a: __m256i) -> __m256i {
            self.avx2._mm256_slli_epi32::<BY>(a)
        }
        #[inline(always)]
        fn shift_right_32<const BY: i32>(self, a: __m256i) -> __m256i {
            self.avx2._mm256_srli_epi32::<BY>(a)
        }
        #[inline(always)]
        fn add_16(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_add_epi16(a, b)
        }
        #[inline(always)]
        fn add_32(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_add_epi32(a, b)
        }
        #[inline(always)]
        fn sub_32(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_sub_epi32(a, b)
        }
        #[inline(always)]
        fn dot_bytes(self, unsigned: __m256i, signed: __m256i) -> __m256i {
            self.avx2._mm256_maddubs_epi16(unsigned, signed)
        }
        #[inline(always)]
        fn dot_words(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_madd_epi16(a, b)
        }
        #[inline(always)]
        fn abs_bytes(self, a: __m256i) -> __m256i {
            self.avx2._mm256_abs_epi8(a)
        }
        #[inline(always)]
        fn sign_bytes(self, a: __m256i, sign: __m256i) -> __m256i {
            self.avx2._mm256_sign_epi8(a, sign)
        }
        #[inline(always)]
        fn widen_bytes(self, bytes: &[u8; 8]) -> __m256i {
            let low = u64::from_le_bytes(*bytes);
            self.avx2._mm256_cvtepu8_epi32(cast([low, 0]))
        }
        #[inline(always)]
        fn widen_unsigned(self, bytes: &[u8; 16]) -> __m256i {
            self.avx2._mm256_cvtepu8_epi16(cast::<_, __m128i>(*bytes))
        }
        #[inline(always)]
        fn widen_signed(self, bytes: &[u8; 16]) -> __m256i {
            self.avx2._mm256_cvtepi8_epi16(cast::<_, __m128i>(*bytes))
        }
        #[inline(always)]
        fn to_float(self, a: __m256i) -> __m256 {
            self.avx._mm256_cvtepi32_ps(a)
        }
        #[inline(always)]
        fn zero_float(self) -> __m256 {
            self.avx._mm256_setzero_ps()
        }
        #[inline(always)]
        fn splat(self, value: f32) -> __m256 {
            self.avx._mm256_set1_ps(value)
        }
        #[inline(always)]
        fn load_float(self, values: &[f32; 8]) -> __m256 {
            cast(*values)
        }
        #[inline(always)]
        fn mul(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_mul_ps(a, b)
        }
        #[inline(always)]
        fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
            self.fma._mm256_fmadd_ps(a, b, c)
        }
        #[inline(always)]
        fn sub(self, a: __m256, b: __m256) -> __m256 {
            self.avx._mm256_sub_ps(a, b)
        }
        #[inline(always)]
        fn store(self, a: __m256) -> [f32; 8] {
            cast(a)
        }
        #[inline(always)]
        fn run<R>(self, work: impl FnOnce() -> R) -> R {
            self.vectorize(work)
        }
    }
}

/// The same operations in plain Rust, for processors without AVX2.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

type Bytes = [u8; 32];

#[inline(always)]
fn words(a: Bytes) -> [i16; 16] {
    std::array::from_fn(|i| i16::from_le_bytes([a[2 * i], a[2 * i + 1]]))
}

#[inline(always)]
fn from_words(a: [i16; 16]) -> Bytes {
    std::array::from_fn(|i| a[i / 2].to_le_bytes()[i % 2])
}

#[inline(always)]
fn doubles(a: Bytes) -> [i32; 8] {
    std::array::from_fn(|i| {
        i32::from_le_bytes([a[4 * i], a[4 * i + 1], a[4 * i + 2], a[4 * i + 3]])
    })
}

#[inline(always)]
fn from_doubles(a: [i32; 8]) -> Bytes {
    std::array::from_fn(|i| a[i / 4].to_le_bytes()[i % 4])
}

impl Lanes for Portable {
    type Int = Bytes;
    type Float = [f32; 8];

    fn load(self, bytes: &[u8; 32]) -> Bytes {
        *bytes
    }
    fn zero(self) -> Bytes {
        [0; 32]
    }
    fn splat_bytes(self, bytes: [u8; 4]) -> Bytes {
        std::array::from_fn(|i| bytes[i % 4])
    }
    fn and(self, a: Bytes, b: Bytes) -> Bytes {
        std::array::from_fn(|i| a[i] & b[i])
    }
    fn or(self, a: Bytes, b: Bytes) -> Bytes {
        std::array::from_fn(|i| a[i] | b[i])
    }
    fn shift_left_16<const BY: i32>(self, a: Bytes) -> Bytes {
        from_words(words(a).map(|w| ((w as u16) << BY) as i16))
    }
    fn shift_right_16<const BY: i32>(self, a: Bytes) -> Bytes {
        from_words(words(a).map(|w| ((w as u16) >> BY) as i16))
    }
    fn shift_left_32<const BY: i32>(self, a: Bytes) -> Bytes {
        from_doubles(doubles(a).map(|w| ((w as u32) << BY) as i32))
    }
    fn shift_right_32<const BY: i32>(self, a: Bytes) -> Bytes {
        from_doubles(doubles(a).map(|w| ((w as u32) >> BY) as i32))
    }
    fn add_16(self, a: Bytes, b: Bytes) -> Bytes {
        let (a, b) = (words(a), words(b));
        from_words(std::array::from_fn(|i| a[i].wrapping_add(b[i])))
    }
    fn add_32(self, a: Bytes, b: Bytes) -> Bytes {
        let (a, b) = (doubles(a), doubles(b));
        from_doubles(std::array::from_fn(|i| a[i].wrapping_add(b[i])))
    }
    fn sub_32(self, a: Bytes, b: Bytes) -> Bytes {
        let (a, b) = (doubles(a), doubles(b));
        from_doubles(std::array::from_fn(|i| a[i].wrapping_sub(b[i])))
    }
    fn dot_bytes(self, unsigned: Bytes, signed: Bytes) -> Bytes {
        let product = |i: usize| i32::from(unsigned[i]) * i32::from(signed[i] as i8);
        from_words(std::array::from_fn(|i| {
            (product(2 * i) + product(2 * i + 1)).clamp(i32::from(i16::MIN), i32::from(i16::MAX))
                as i16
        }))
    }
    fn dot_words(self, a: Bytes, b: Bytes) -> Bytes {
        let (a, b) = (words(a), words(b));
        let product = |i: usize| i32::from(a[i]) * i32::from(b[i]);
        from_doubles(std::array::from_fn(|i| {
            product(2 * i).wrapping_add(product(2 * i + 1))
        }))
    }
    fn abs_bytes(self, a: Bytes) -> Bytes {
        a.map(|b| (b as i8).unsigned_abs())
    }
    fn sign_bytes(self, a: Bytes, sign: Bytes) -> Bytes {
        std::array::from_fn(|i| (a[i] as i8).wrapping_mul((sign[i] as i8).signum()) as u8)
    }
    fn widen_bytes(self, bytes: &[u8; 8]) -> Bytes {
        from_doubles(bytes.map(i32::from))
    }
    fn widen_unsigned(self, bytes: &[u8; 16]) -> Bytes {
        from_words(bytes.map(i16::from))
    }
    fn widen_signed(self, bytes: &[u8; 16]) -> Bytes {
        from_words(bytes.map(|b| i16::from(b as i8)))
    }
    fn to_float(self, a: Bytes) -> [f32; 8] {
        doubles(a).map(|v| v as f32)
    }
    fn zero_float(self) -> [f32; 8] {
        [0.0; 8]
    }
    fn splat(self, value: f32) -> [f32; 8] {
        [value; 8]
    }
    fn load_float(self, values: &[f32; 8]) -> [f32; 8] {
        *values
    }
    fn mul(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| a[i] * b[i])
    }
    fn mul_add(self, a: [f32; 8], b: [f32; 8], c: [f32; 8]) -> [f32; 8] {
        // Not `f32::mul_add`: without the instruction that is a slow library call.
        std::array::from_fn(|i| a[i] * b[i] + c[i])
    }
    fn sub(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|i| a[i] - b[i])
    }
    fn store(self, a: [f32; 8]) -> [f32; 8] {
        a
    }
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        work()
    }
}
