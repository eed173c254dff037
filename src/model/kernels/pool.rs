//! How many threads a model computes with.

use rayon::prelude::*;

use crate::error::ModelError;

/// The threads of one model. One thread starts no pool and never waits at a barrier.
pub struct Threads {
    pool: Option<rayon::ThreadPool>,
}

impl Threads {
    /// `count` threads; 0 counts as 1.
    ///
    /// # Errors
    /// If the system gives no threads.
    pub fn new(count: usize) -> Result<Self, ModelError> {
        let pool = if count > 1 {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(count)
                .thread_name(|i| format!("model-{i}"))
                .build()
                .map_err(|error| ModelError::Threads {
                    reason: error.to_string(),
                })?;
            Some(pool)
        } else {
            None
        };
        Ok(Self { pool })
    }

    /// Number of threads.
    pub fn count(&self) -> usize {
        self.pool
            .as_ref()
            .map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// Splits `out` into units of `unit` values and has `work(first unit, values)` fill runs of them.
    pub(crate) fn fill(
        &self,
        out: &mut [f32],
        unit: usize,
        work: impl Fn(usize, &mut [f32]) + Sync,
    ) {
        match &self.pool {
            None => work(0, out),
            Some(pool) => {
                // Several runs per thread, so that a thread the system holds up does not hold up the rest.
                let run = (out.len() / unit)
                    .div_ceil(4 * pool.current_num_threads())
                    .max(1);
                pool.install(|| {
                    out.par_chunks_mut(run * unit)
                        .enumerate()
                        .for_each(|(i, out)| work(i * run, out));
                });
            }
        }
    }
}
