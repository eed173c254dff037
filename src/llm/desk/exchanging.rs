//! One question to one backend: from the store where it is there, else asked, stored, and only then handed on.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::meter::{Estimate, Meter};
use super::seat::Seat;
use crate::backend::Backend;
use crate::errand::Errand;
use crate::error::LlmError;
use crate::models::Privacy;
use crate::record::{Egress, Exchange, Outcome, Question, Store};
use crate::reply::Usage;
use crate::role::Role;
use crate::text::{estimate_request, estimate_tokens};

/// What came of a question to one backend.
pub(super) struct Came {
    pub(super) key: String,
    pub(super) outcome: Result<Outcome, LlmError>,
    pub(super) usage: Usage,
    pub(super) money: f64,
}

/// Keeps every exchange.
#[derive(Debug)]
pub(super) struct Keeper {
    store: Arc<Store>,
    /// Nothing in a replay.
    egress: Option<Arc<Egress>>,
    privacy: Privacy,
    /// Exchanges whose cost was counted.
    counted: Mutex<HashSet<String>>,
    /// One lock per question, so that the same question is not paid for twice.
    flights: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Keeper {
    pub(super) fn live(store: Store, egress: Egress, privacy: Privacy) -> Self {
        Self {
            egress: Some(Arc::new(egress)),
            privacy,
            ..Self::replay(store)
        }
    }

    pub(super) fn replay(store: Store) -> Self {
        Self {
            store: Arc::new(store),
            egress: None,
            privacy: Privacy::Offline,
            counted: Mutex::default(),
            flights: Mutex::default(),
        }
    }

    /// Asks `seat`, or answers from the store.
    pub(super) async fn ask(
        &self,
        seat: &Seat,
        meter: &Arc<Meter>,
        role: Role,
        purpose: &str,
        question: Question,
    ) -> Came {
        let key = question.key(&seat.info.name, &seat.info.model);
        let flight = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(flights.entry(key.clone()).or_default())
        };
        let _alone = flight.lock().await;
        let mut usage = Usage::default();
        let outcome = self
            .find_or_ask(seat, meter, role, purpose, &key, question, &mut usage)
            .await;
        Came {
            key,
            outcome,
            usage,
            money: seat.price.of(usage),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the whole of a question; called once"
    )]
    async fn find_or_ask(
        &self,
        seat: &Seat,
        meter: &Arc<Meter>,
        role: Role,
        purpose: &str,
        key: &str,
        question: Question,
        usage: &mut Usage,
    ) -> Result<Outcome, LlmError> {
        let stored = self.store.get(key)?;
        if let Some(exchange) = &stored
            && self.count(key)
            && exchange.calls() > 0
        {
            *usage = exchange.usage();
            meter.spend(exchange.calls(), *usage, seat.price.of(*usage), true);
        }
        let (Some(egress), Some(backend)) = (&self.egress, &seat.backend) else {
            return stored
                .and_then(|exchange| exchange.outcome)
                .ok_or_else(|| LlmError::NotRecorded {
                    key: key.to_owned(),
                })
                .and_then(error_of);
        };
        if question.has_sample_values() && self.privacy.values_permit().is_none() {
            return Err(LlmError::Configuration {
                backend: seat.info.name.clone(),
                reason: format!(
                    "the question holds values of single samples, which the privacy mode `{}` keeps in; write `privacy: full` \
                     to let them out",
                    self.privacy.name()
                ),
            });
        }
        let mut exchange = match stored {
            Some(Exchange {
                outcome: Some(outcome),
                ..
            }) if !matches!(&outcome, Outcome::Error(error) if error.is_transient()) => {
                return error_of(outcome);
            }
            Some(exchange) => Exchange {
                outcome: None,
                ..exchange
            },
            None => Exchange::open(key.to_owned(), seat.info.clone(), question.clone()),
        };
        let before = exchange.usage();
        let reserve = if exchange.attempts.is_empty() {
            match meter.reserve(estimate(&question, seat)) {
                Ok(reserve) => Some(reserve),
                Err(error) => {
                    exchange.outcome = Some(Outcome::Error(error.clone()));
                    self.store.put(&exchange)?;
                    return Err(error);
                }
            }
        } else {
            None
        };
        // A disk that takes the question will most likely take the answer: better to know before it is paid for.
        self.store.put(&exchange)?;
        let exchange = Arc::new(Mutex::new(exchange));
        let errand = Errand {
            role,
            purpose: purpose.into(),
            privacy: self.privacy,
            price: seat.price,
            meter: Arc::clone(meter),
            store: Arc::clone(&self.store),
            egress: Arc::clone(egress),
            exchange: Arc::clone(&exchange),
            reserve: Arc::new(Mutex::new(reserve)),
        };
        let outcome = match errand.run(put(&**backend, &question)).await {
            Err(error @ LlmError::Storage { .. }) => return Err(error),
            Err(error) => Outcome::Error(error),
            Ok(outcome) => outcome,
        };
        let exchange = {
            let mut exchange = exchange.lock().unwrap_or_else(PoisonError::into_inner);
            exchange.outcome = Some(outcome.clone());
            exchange.clone()
        };
        let in_all = exchange.usage();
        if exchange.attempts.is_empty() {
            meter.spend(exchange.calls(), in_all, seat.price.of(in_all), false);
        }
        self.count(key);
        *usage = usage.and(Usage {
            prompt_tokens: in_all.prompt_tokens - before.prompt_tokens,
            reused_tokens: in_all.reused_tokens - before.reused_tokens,
            reply_tokens: in_all.reply_tokens - before.reply_tokens,
        });
        self.store.put(&exchange)?;
        error_of(outcome)
    }

    /// Whether the cost of an exchange is still to be counted; from now on it is not.
    fn count(&self, key: &str) -> bool {
        self.counted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.to_owned())
    }
}

fn error_of(outcome: Outcome) -> Result<Outcome, LlmError> {
    match outcome {
        Outcome::Error(error) => Err(error),
        outcome => Ok(outcome),
    }
}

async fn put(backend: &dyn Backend, question: &Question) -> Result<Outcome, LlmError> {
    match question {
        Question::Complete { request } => backend.complete(request).await.map(Outcome::Reply),
        Question::Choose { request, options } => {
            backend.choose(request, options).await.map(Outcome::Choice)
        }
        Question::Embed { texts } => backend.embed(texts).await.map(Outcome::Vectors),
        Question::Reward { request } => backend.reward(request).await.map(Outcome::Score),
    }
}

/// What the first request for a question may cost.
fn estimate(question: &Question, seat: &Seat) -> Estimate {
    let (prompt, reply) = match question {
        Question::Complete { request } => (estimate_request(request), request.max_tokens),
        Question::Choose { request, options } => {
            let options: usize = options.iter().map(|option| estimate_tokens(option)).sum();
            (estimate_request(request) + options, request.max_tokens)
        }
        Question::Embed { texts } => (texts.iter().map(|text| estimate_tokens(text)).sum(), 0),
        Question::Reward { request } => (estimate_request(request), 0),
    };
    Estimate::of(prompt, reply, seat.price)
}
