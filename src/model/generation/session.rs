//! What was read for earlier questions, for those that begin alike.

use crate::decoder::{Decoder, KvCache};

/// Keeps the caches of the last questions; a new one reuses the longest beginning it shares with any of them.
pub struct Session {
    kept: Vec<(Vec<u32>, KvCache)>,
    capacity: usize,
}

impl Session {
    /// Keeps `capacity` questions, the least recent of which goes first; 0 keeps none.
    pub fn new(capacity: usize) -> Self {
        Self {
            kept: Vec::new(),
            capacity,
        }
    }

    /// A cache that has read a beginning of `prompt`, the last token never, and the number of tokens in it.
    pub fn begin(&self, decoder: &dyn Decoder, prompt: &[u32]) -> (KvCache, usize) {
        let common = |tokens: &[u32]| {
            tokens
                .iter()
                .zip(prompt)
                .take_while(|(a, b)| a == b)
                .count()
        };
        let best = self
            .kept
            .iter()
            .map(|(tokens, cache)| (common(tokens), cache))
            .max_by_key(|(common, _)| *common);
        match best {
            Some((common, cache)) if common > 0 && prompt.len() > 1 => {
                let reused = common.min(prompt.len() - 1);
                let mut cache = cache.clone();
                cache.truncate(reused);
                (cache, reused)
            }
            _ => (decoder.cache(), 0),
        }
    }

    /// Keeps a cache that has read `tokens`; shorter ones that it begins with go.
    pub fn keep(&mut self, tokens: Vec<u32>, cache: KvCache) {
        if self.capacity == 0 || tokens.is_empty() {
            return;
        }
        self.kept.retain(|(kept, _)| !tokens.starts_with(kept));
        if self.kept.len() == self.capacity {
            self.kept.remove(0);
        }
        self.kept.push((tokens, cache));
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.kept.clear();
    }
}
