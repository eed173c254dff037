//! One request until it is answered: within the budget, again where the service is busy, stored before it is used.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::backend::Openai;
use super::failure::Failure;
use crate::errand::Errand;
use crate::error::LlmError;
use crate::reply::Usage;

/// The first wait; it doubles, with jitter, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl Openai {
    /// Gets the answer to a body: by `carry`, unless it was answered and paid for before.
    pub(super) async fn send<T, F>(
        &self,
        body: &Value,
        tokens: (usize, usize),
        carry: impl Fn() -> F,
        usage: impl Fn(&T) -> Usage,
    ) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, Failure>>,
    {
        let errand = Errand::current();
        let hash = blake3::hash(body.to_string().as_bytes())
            .to_hex()
            .to_string();
        if let Some(errand) = &errand {
            if let Some(answer) = errand.answered_before(&hash) {
                return serde_json::from_value(answer).map_err(|error| {
                    Failure::Ours(LlmError::Storage {
                        reason: format!("a stored answer cannot be read: {error}"),
                    })
                });
            }
            errand.allow(tokens.0, tokens.1).map_err(Failure::Ours)?;
        }
        let errand = errand.as_ref();
        let time_left = || errand.and_then(Errand::time_left);
        let waits = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(FIRST_WAIT)
            .with_max_delay(LONGEST_WAIT)
            .with_max_times(self.retries);
        let answer = (|| self.in_time(&carry, errand))
            .retry(waits)
            .when(Failure::passes)
            .adjust(|failure, wait| {
                let wait = failure.wait().filter(|_| wait.is_some()).or(wait)?;
                time_left().is_none_or(|left| wait < left).then_some(wait)
            })
            .await?;
        if let Some(errand) = errand {
            let stored = serde_json::to_value(&answer)
                .map_err(|error| Failure::Nonsense(error.to_string()))?;
            errand
                .keep(hash, stored, usage(&answer))
                .map_err(Failure::Ours)?;
        }
        Ok(answer)
    }

    /// Carries a request once, no longer than a call may take nor than the run has left.
    async fn in_time<T, F>(
        &self,
        carry: impl Fn() -> F,
        errand: Option<&Errand>,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let hurried = errand.and_then(|errand| Some((errand, errand.time_left()?)));
        match hurried.filter(|(_, left)| *left < self.whole) {
            Some((errand, left)) => tokio::time::timeout(left, carry())
                .await
                .unwrap_or_else(|_| Err(Failure::Ours(errand.out_of_time()))),
            None => tokio::time::timeout(self.whole, carry())
                .await
                .unwrap_or(Err(Failure::Slow(self.whole))),
        }
    }
}
