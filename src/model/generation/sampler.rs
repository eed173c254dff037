//! Which token comes next.

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::kernels::elementwise::{softmax, vectorised};

/// How tokens are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// What logits are divided by; 0 takes the most likely token every time.
    pub temperature: f64,
    /// Only the so many most likely tokens; 0 for all (A. Fan et al. 2018, arXiv:1805.04833).
    pub top_k: usize,
    /// Only the most likely tokens that together have this probability; 1 for all (A. Holtzman et al. 2019,
    /// arXiv:1904.09751).
    pub top_p: f64,
    /// Only tokens with at least this share of the most likely token's probability; 0 for all (M. Nguyen et al. 2024,
    /// arXiv:2407.01082).
    pub min_p: f64,
    /// What positive logits of tokens already written are divided by, and negative ones multiplied; 1 for nothing (N. Keskar
    /// et al. 2019, arXiv:1909.05858).
    pub repetition_penalty: f64,
    /// How many tokens back the penalty looks.
    pub repetition_window: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            repetition_window: 64,
            seed: 1,
        }
    }
}

/// Draws tokens; one random number per token, whatever the settings, so that drafts change nothing.
pub struct Sampler {
    settings: Sampling,
    random: ChaCha8Rng,
}

impl Sampler {
    /// A sampler at the beginning of its draws.
    pub fn new(settings: Sampling) -> Self {
        Self {
            settings,
            random: ChaCha8Rng::seed_from_u64(settings.seed),
        }
    }

    /// The next token, given the logits after `written`; tokens at negative infinity are never taken. The logits are used
    /// up. None where every token is at negative infinity.
    pub fn pick(&mut self, logits: &mut [f32], written: &[u32]) -> Option<u32> {
        let draw: f64 = self.random.random();
        let s = &self.settings;
        if s.repetition_penalty != 1.0 {
            let mut recent: Vec<u32> = written
                .iter()
                .rev()
                .take(s.repetition_window)
                .copied()
                .collect();
            recent.sort_unstable();
            recent.dedup();
            for token in recent {
                if let Some(logit) = logits.get_mut(token as usize) {
                    let penalty = s.repetition_penalty as f32;
                    *logit = if *logit > 0.0 {
                        *logit / penalty
                    } else {
                        *logit * penalty
                    };
                }
            }
        }
        if s.temperature <= 0.0 {
            return most_likely(logits);
        }
        let mut candidates: Vec<(u32, f32)> = Vec::new();
        let largest = most_likely(logits)?;
        let scale = 1.0 / s.temperature as f32;
        let top = logits[largest as usize];
        // A token so far below the best has no probability that single precision could hold.
        for (id, logit) in logits.iter().enumerate() {
            let relative = (logit - top) * scale;
            if relative > -87.0 {
                candidates.push((id as u32, relative));
            }
        }
        candidates.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        if s.top_k > 0 {
            candidates.truncate(s.top_k);
        }
        let mut weights: Vec<f32> = candidates.iter().map(|(_, relative)| *relative).collect();
        vectorised(
            #[inline(always)]
            || softmax(&mut weights),
        );
        let floor = s.min_p as f32 * weights[0];
        let mut kept = 0;
        let mut total = 0f64;
        for weight in &weights {
            if kept > 0 && (total >= s.top_p || *weight < floor) {
                break;
            }
            total += f64::from(*weight);
            kept += 1;
        }
        let mut left = draw * total;
        for ((id, _), weight) in candidates[..kept].iter().zip(&weights) {
            left -= f64::from(*weight);
            if left < 0.0 {
                return Some(*id);
            }
        }
        Some(candidates[kept - 1].0)
    }
}

/// The token with the largest logit, the first of equals; none where all are at negative infinity or not numbers.
pub fn most_likely(logits: &[f32]) -> Option<u32> {
    let mut best: Option<(usize, f32)> = None;
    for (id, logit) in logits.iter().enumerate() {
        if *logit > best.map_or(f32::NEG_INFINITY, |(_, logit)| logit) {
            best = Some((id, *logit));
        }
    }
    best.map(|(id, _)| id as u32)
}

/// Natural logarithms of the probabilities that logits stand for.
pub fn log_probabilities(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f64 = logits
        .iter()
        .map(|logit| f64::from(logit - largest).exp())
        .sum();
    let shift = f64::from(largest) + total.ln();
    logits
        .iter()
        .map(|logit| (f64::from(*logit) - shift) as f32)
        .collect()
}
