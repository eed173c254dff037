//! Results that depend on the packs and on nothing measured, kept for the next call that asks for the same.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Results kept at most; the store is emptied when it is full.
const KEPT: usize = 64;

/// A store of results by key.
#[derive(Default)]
pub(super) struct Derived {
    results: Mutex<BTreeMap<[u8; 32], Arc<dyn Any + Send + Sync>>>,
}

impl std::fmt::Debug for Derived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Derived")
    }
}

impl Derived {
    /// The result under `key`, or the one that `make` gives; a failure is not kept.
    pub(super) fn get_or_make<T: Send + Sync + 'static, E>(
        &self,
        key: [u8; 32],
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let kept = |results: &BTreeMap<[u8; 32], Arc<dyn Any + Send + Sync>>| {
            results
                .get(&key)
                .and_then(|result| result.clone().downcast().ok())
        };
        // A panic elsewhere leaves only whole entries behind.
        let lock = || self.results.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = kept(&lock()) {
            return Ok(result);
        }
        let made: Arc<T> = Arc::new(make()?);
        let mut results = lock();
        if results.len() >= KEPT {
            results.clear();
        }
        results.insert(key, made.clone());
        Ok(made)
    }
}
