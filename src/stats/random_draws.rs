//! Seeded draws from the distributions that simulations need. Equal seed and label give equal draws on every machine and
//! any number of threads; what is drawn under one label does not depend on what is drawn under another.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of draws.
#[derive(Debug, Clone)]
pub struct RandomDraws {
    rng: ChaCha8Rng,
    spare_normal: Option<f64>,
}

impl RandomDraws {
    /// The stream of this seed and label.
    pub fn new(seed: u64, label: &str) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        // FNV-1a, twice from different starts: labels of one seed get unrelated keys.
        for (start, place) in [(0xcbf2_9ce4_8422_2325_u64, 8), (0x9ae1_6a3b_2f90_404f, 16)] {
            let hash = label.bytes().fold(start, |h, b| {
                (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
            });
            key[place..place + 8].copy_from_slice(&hash.to_le_bytes());
        }
        Self {
            rng: ChaCha8Rng::from_seed(key),
            spare_normal: None,
        }
    }

    /// Uniform on [0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.rng.random()
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A whole number below `n`; 0 for `n` = 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n < 2 {
            return 0;
        }
        self.rng.random_range(0..n)
    }

    /// Standard normal, by the polar method (Marsaglia & Bray 1964, doi:10.1137/1006063).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        loop {
            let (u, v) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                let scale = (-2.0 * s.ln() / s).sqrt();
                self.spare_normal = Some(v * scale);
                return u * scale;
            }
        }
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }

    /// Gamma with the given shape (> 0) and scale 1 (Marsaglia & Tsang 2000, doi:10.1145/358407.358414).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = (1.0 - self.uniform()).powf(1.0 / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            let u = 1.0 - self.uniform();
            if v > 0.0 && u.ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                return d * v;
            }
        }
    }

    /// Chi-squared with `df` > 0 degrees of freedom, which may be fractional; `df` itself where it is infinite.
    pub fn chi_squared(&mut self, df: f64) -> f64 {
        if df.is_infinite() {
            return df;
        }
        2.0 * self.gamma(0.5 * df)
    }

    /// The items in random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.rng);
    }

    /// `k` of the items without repetition (all of them where there are fewer), in random order.
    pub fn choose<T: Clone>(&mut self, items: &[T], k: usize) -> Vec<T> {
        let mut places: Vec<usize> = (0..items.len()).collect();
        self.shuffle(&mut places);
        places
            .into_iter()
            .take(k)
            .map(|i| items[i].clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptive::{mean, variance};

    const N: usize = 40_000;
    type Draw = fn(&mut RandomDraws) -> f64;

    /// No oracle gives the same draws: mean and variance are compared with theory at six standard errors.
    #[test]
    fn moments_are_those_of_the_distributions() {
        let cases: [(&str, f64, f64, f64, Draw); 6] = [
            ("uniform", 0.5, 1.0 / 12.0, 1.8, RandomDraws::uniform),
            ("normal", 0.0, 1.0, 3.0, RandomDraws::normal),
            ("exponential", 1.0, 1.0, 9.0, RandomDraws::exponential),
            ("gamma", 3.5, 3.5, 4.8, |d| d.gamma(3.5)),
            ("small gamma", 0.4, 0.4, 18.0, |d| d.gamma(0.4)),
            ("chi-squared", 5.0, 10.0, 5.4, |d| d.chi_squared(5.0)),
        ];
        for (name, expected, spread, kurtosis, draw) in cases {
            let mut draws = RandomDraws::new(7, name);
            let x: Vec<f64> = (0..N).map(|_| draw(&mut draws)).collect();
            let n = N as f64;
            let of_mean = 6.0 * (spread / n).sqrt();
            let of_variance = 6.0 * spread * ((kurtosis - 1.0) / n).sqrt();
            assert!(
                (mean(&x) - expected).abs() < of_mean,
                "{name}: {}",
                mean(&x)
            );
            assert!(
                (variance(&x) - spread).abs() < of_variance,
                "{name}: {}",
                variance(&x)
            );
        }
    }

    #[test]
    fn streams_are_their_seed_and_label() {
        let first = |seed, label| RandomDraws::new(seed, label).uniform();
        assert_eq!(first(1, "a"), first(1, "a"));
        assert_ne!(first(1, "a"), first(1, "b"));
        assert_ne!(first(1, "a"), first(2, "a"));
        let mut draws = RandomDraws::new(3, "choice");
        let mut chosen = draws.choose(&[1, 2, 3, 4, 5], 3);
        chosen.sort_unstable();
        chosen.dedup();
        assert_eq!(chosen.len(), 3);
        assert_eq!(draws.choose(&[1, 2], 9).len(), 2);
    }
}
