//! The hypergeometric distribution: how many of `drawn` items are among the `marked` of a `universe`.
//!
//! Probabilities are built from ratios of neighbouring terms out from the mode, so that they keep their digits into the
//! far tail and for universes of any size.

/// Drawing without replacement.
#[derive(Debug, Clone)]
pub struct Hypergeometric {
    low: u64,
    /// ln of each probability from `low` up.
    ln_mass: Vec<f64>,
}

impl Hypergeometric {
    /// `drawn` items from a `universe` of which `marked` are marked; `marked` and `drawn` are capped at the universe.
    pub fn new(universe: u64, marked: u64, drawn: u64) -> Self {
        let (marked, drawn) = (marked.min(universe), drawn.min(universe));
        let low = (marked + drawn).saturating_sub(universe);
        let high = marked.min(drawn);
        let ratio_up = |k: u64| {
            let rest = universe - marked - (drawn - k);
            ((marked - k) as f64 * (drawn - k) as f64) / ((k + 1) as f64 * (rest + 1) as f64)
        };
        let mode = ((marked as f64 + 1.0) * (drawn as f64 + 1.0) / (universe as f64 + 2.0)) as u64;
        let mode = (mode.clamp(low, high) - low) as usize;
        let mut ln_mass = vec![0.0; (high - low + 1) as usize];
        for i in mode + 1..ln_mass.len() {
            ln_mass[i] = ln_mass[i - 1] + ratio_up(low + i as u64 - 1).ln();
        }
        for i in (0..mode).rev() {
            ln_mass[i] = ln_mass[i + 1] - ratio_up(low + i as u64).ln();
        }
        let ln_total = ln_mass.iter().map(|l| l.exp()).sum::<f64>().ln();
        ln_mass.iter_mut().for_each(|l| *l -= ln_total);
        Self { low, ln_mass }
    }

    /// Smallest possible count.
    pub fn low(&self) -> u64 {
        self.low
    }

    /// Largest possible count.
    pub fn high(&self) -> u64 {
        self.low + self.ln_mass.len() as u64 - 1
    }

    /// ln P(X = k), −∞ outside the support.
    pub fn ln_mass(&self, k: u64) -> f64 {
        let place = k.checked_sub(self.low).map(|i| i as usize);
        place
            .and_then(|i| self.ln_mass.get(i))
            .copied()
            .unwrap_or(f64::NEG_INFINITY)
    }

    /// ln P(X ≥ k); R `phyper(k - 1, …, lower.tail = FALSE, log.p = TRUE)` to 1e-10.
    pub fn ln_upper_tail(&self, k: u64) -> f64 {
        let from = k.saturating_sub(self.low) as usize;
        ln_sum_exp(self.ln_mass.get(from..).unwrap_or(&[])).min(0.0)
    }

    /// ln P(X ≤ k).
    pub fn ln_lower_tail(&self, k: u64) -> f64 {
        let Some(to) = k.checked_sub(self.low) else {
            return f64::NEG_INFINITY;
        };
        let to = (to as usize + 1).min(self.ln_mass.len());
        ln_sum_exp(&self.ln_mass[..to]).min(0.0)
    }

    /// ln of every probability from [`Self::low`] up.
    pub fn ln_masses(&self) -> &[f64] {
        &self.ln_mass
    }
}

/// ln Σ exp of the given logarithms.
pub(crate) fn ln_sum_exp(logs: &[f64]) -> f64 {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + logs.iter().map(|l| (l - largest).exp()).sum::<f64>().ln()
}
