//! Rotary positions (J. Su et al. 2021, arXiv:2104.09864) and their stretching to longer contexts.

use crate::kernels::elementwise::vectorised;

/// Which two values of a head turn together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RopePairs {
    /// Neighbours, as llama's weights lie in GGUF.
    Neighbours,
    /// The first half with the second, as in Qwen and in every safetensors checkpoint.
    Halves,
}

/// How positions turn queries and keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Rope {
    /// Base of the frequencies.
    pub base: f64,
    /// Values of a head that turn.
    pub dimensions: usize,
    /// Which of them turn together.
    pub pairs: RopePairs,
    /// What each frequency is divided by; empty for 1 everywhere.
    pub divisors: Vec<f32>,
}

/// Divisors of Llama 3.1: long wavelengths stretched by `factor`, short ones kept, those between mixed (H. Touvron et al.,
/// reference implementation of Llama 3.1, `apply_scaling`).
pub(crate) fn llama3_divisors(
    base: f64,
    dimensions: usize,
    factor: f64,
    low_frequency: f64,
    high_frequency: f64,
    original_context: f64,
) -> Vec<f32> {
    (0..dimensions / 2)
        .map(|i| {
            let wavelength = std::f64::consts::TAU * base.powf(2.0 * i as f64 / dimensions as f64);
            if wavelength < original_context / high_frequency {
                1.0
            } else if wavelength > original_context / low_frequency {
                factor as f32
            } else {
                let smooth = (original_context / wavelength - low_frequency)
                    / (high_frequency - low_frequency);
                (1.0 / ((1.0 - smooth) / factor + smooth)) as f32
            }
        })
        .collect()
}

/// Frequencies of [`Rope`], per pair.
pub(crate) struct Rotation {
    frequencies: Vec<f32>,
    pairs: RopePairs,
}

impl Rotation {
    pub(crate) fn new(rope: &Rope) -> Self {
        let frequencies = (0..rope.dimensions / 2)
            .map(|i| {
                let frequency = 1.0 / rope.base.powf(2.0 * i as f64 / rope.dimensions as f64);
                (frequency / f64::from(rope.divisors.get(i).copied().unwrap_or(1.0))) as f32
            })
            .collect();
        Self {
            frequencies,
            pairs: rope.pairs,
        }
    }

    /// Which values turn together.
    pub(crate) fn pairs(&self) -> RopePairs {
        self.pairs
    }

    /// Sine and cosine of every pair, for `rows` positions from `first` on.
    pub(crate) fn turns(&self, first: usize, rows: usize) -> Vec<(f32, f32)> {
        (first..first + rows)
            .flat_map(|position| {
                self.frequencies
                    .iter()
                    .map(move |f| (position as f32 * f).sin_cos())
            })
            .collect()
    }

    /// Turns the heads of `size` values of rows of `width` by the `turns` of their positions.
    pub(crate) fn apply(&self, turns: &[(f32, f32)], rows: &mut [f32], width: usize, size: usize) {
        let half = self.frequencies.len();
        vectorised(
            #[inline(always)]
            || {
                for (row, turns) in rows.chunks_exact_mut(width).zip(turns.chunks_exact(half)) {
                    for head in row.chunks_exact_mut(size) {
                        match self.pairs {
                            RopePairs::Halves => {
                                let (low, high) = head[..2 * half].split_at_mut(half);
                                for ((a, b), (sin, cos)) in low.iter_mut().zip(high).zip(turns) {
                                    (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                                }
                            }
                            RopePairs::Neighbours => {
                                for ([a, b], (sin, cos)) in
                                    head.as_chunks_mut::<2>().0.iter_mut().zip(turns)
                                {
                                    (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                                }
                            }
                        }
                    }
                }
            },
        );
    }
}
