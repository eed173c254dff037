//! What a backend knows of the question it is answering beside the question: the record, the budget, the log of what leaves.
//!
//! A backend that sends requests finds it with [`Errand::current`], and is asked to do four things with it: look up whether a
//! body was answered before, ask whether one more may be sent, log it before it leaves, and store the answer before it is used.
//! Outside of a desk there is none, and nothing is kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::desk::{Estimate, Meter, Reserve};
use crate::error::LlmError;
use crate::models::{Price, Privacy};
use crate::record::{Attempt, Departure, Egress, Exchange, Store};
use crate::reply::Usage;
use crate::role::Role;

tokio::task_local! {
    static CURRENT: Errand;
}

/// What surrounds one question.
#[derive(Debug, Clone)]
pub struct Errand {
    pub(crate) role: Role,
    pub(crate) purpose: Arc<str>,
    pub(crate) privacy: Privacy,
    pub(crate) price: Price,
    pub(crate) meter: Arc<Meter>,
    pub(crate) store: Arc<Store>,
    pub(crate) egress: Arc<Egress>,
    pub(crate) exchange: Arc<Mutex<Exchange>>,
    /// What the next request may cost, set aside until it is answered.
    pub(crate) reserve: Arc<Mutex<Option<Reserve>>>,
}

impl Errand {
    /// The errand of the question being answered.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Answers a question under this errand.
    pub(crate) async fn run<T>(self, answer: impl Future<Output = T>) -> T {
        CURRENT.scope(self, answer).await
    }

    /// The answer that a body, named by its BLAKE3 hash, got before this run was interrupted; it is paid for already.
    pub fn answered_before(&self, body: &str) -> Option<Value> {
        let exchange = self.exchange.lock().unwrap_or_else(PoisonError::into_inner);
        exchange
            .attempts
            .iter()
            .find(|attempt| attempt.body == body)
            .map(|attempt| attempt.answer.clone())
    }

    /// Whether one more request of about so many tokens may be sent; sets aside what it may cost.
    ///
    /// # Errors
    /// [`LlmError::Budget`] where the budget has no room for it.
    pub fn allow(&self, prompt_tokens: usize, reply_tokens: usize) -> Result<(), LlmError> {
        let mut reserve = self.reserve.lock().unwrap_or_else(PoisonError::into_inner);
        if reserve.is_some() {
            return self.meter.check_time();
        }
        let estimate = Estimate::of(prompt_tokens, reply_tokens, self.price);
        *reserve = Some(self.meter.reserve(estimate)?);
        Ok(())
    }

    /// Logs a body before it leaves.
    ///
    /// # Errors
    /// [`LlmError::Storage`]: then it must not leave.
    pub fn leaves(&self, address: &str, body: &[u8], hash: &str) -> Result<(), LlmError> {
        let sample_values = {
            let exchange = self.exchange.lock().unwrap_or_else(PoisonError::into_inner);
            exchange.question.has_sample_values()
        };
        self.egress.note(&Departure {
            address: address.to_owned(),
            bytes: body.len(),
            blake3: hash.to_owned(),
            purpose: self.purpose.to_string(),
            role: self.role,
            privacy: self.privacy,
            sample_values,
        })
    }

    /// Stores an answer before it is used.
    ///
    /// # Errors
    /// [`LlmError::Storage`]: then it must not be used.
    pub fn keep(&self, body: String, answer: Value, usage: Usage) -> Result<(), LlmError> {
        drop(
            self.reserve
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        self.meter.spend(1, usage, self.price.of(usage), false);
        let mut exchange = self.exchange.lock().unwrap_or_else(PoisonError::into_inner);
        exchange.attempts.push(Attempt {
            body,
            answer,
            usage,
        });
        self.store.put(&exchange)
    }

    /// The error of a call that was ended because the run's minutes are over.
    pub fn out_of_time(&self) -> LlmError {
        self.meter.out_of_time()
    }

    /// How long there is still, where the run's minutes are limited.
    pub fn time_left(&self) -> Option<Duration> {
        self.meter.time_left()
    }
}
