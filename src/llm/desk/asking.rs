//! What the rest of Proteus asks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;

use super::chain::{Asked, Turn};
use super::exchanging::Keeper;
use super::ledger::Decision;
use super::meter::{Meter, Spent};
use super::opening::{DeskBuilder, Mode};
use super::seat::Seat;
use crate::backend::{Pace, Place};
use crate::error::{LlmError, RULES};
use crate::models::{Budget, Models, Price, Privacy};
use crate::record::{Outcome, Question};
use crate::reply::{Choice, Reply};
use crate::request::Request;
use crate::role::Role;

/// An answer and where it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered<T> {
    /// The answer.
    pub value: T,
    /// The backend that gave it.
    pub backend: String,
    /// The model, as it names itself.
    pub model: String,
    /// Key of its exchange in the store.
    pub exchange: String,
}

/// Where models are asked; cheap to clone, all clones are one desk.
///
/// Every question goes down the chain of its role. Nothing is handed on that is not stored, and what is stored is not asked
/// again: a run that was interrupted pays for nothing twice.
#[derive(Debug, Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) models: Models,
    pub(super) seats: BTreeMap<String, Seat>,
    pub(super) keeper: Keeper,
    pub(super) meter: Arc<Meter>,
    ledger: Mutex<Vec<Decision>>,
}

impl Desk {
    /// A desk without models: nothing is opened, written or asked, and every question is left to rules.
    pub fn rules() -> Self {
        let meter = Meter::new(Models::default().budget, Arc::new(Default::default), None);
        let keeper = Keeper::replay(crate::record::Store::read_only(Path::new("")));
        Self::seated(Models::default(), BTreeMap::new(), keeper, meter)
    }

    /// Opens the desk of a configuration, with its exchanges in `folder`.
    ///
    /// # Errors
    /// See [`DeskBuilder::open`].
    pub fn open(models: &Models, folder: &Path, mode: Mode) -> Result<Self, LlmError> {
        Self::builder(models).open(folder, mode)
    }

    /// A desk with a clock, a meter reader or backends of one's own.
    pub fn builder(models: &Models) -> DeskBuilder {
        DeskBuilder::new(models)
    }

    pub(super) fn seated(
        models: Models,
        seats: BTreeMap<String, Seat>,
        keeper: Keeper,
        meter: Meter,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                models,
                seats,
                keeper,
                meter: Arc::new(meter),
                ledger: Mutex::default(),
            }),
        }
    }

    /// Whether some backend, other than rules, is mapped to a role.
    pub fn answers(&self, role: Role) -> bool {
        self.inner.models.answers(role)
    }

    /// Whether what is asked in a role may leave this process.
    pub fn leaves(&self, role: Role) -> bool {
        let fast = self.inner.models.route.as_ref();
        self.chain(role)
            .iter()
            .flat_map(|name| {
                let slow = fast
                    .filter(|route| route.fast == *name)
                    .map(|route| &route.slow);
                [Some(name), slow]
            })
            .flatten()
            .filter_map(|name| self.inner.seats.get(name))
            .any(|seat| matches!(seat.info.place, Place::Remote { .. }))
    }

    /// What the configuration lets out of this process.
    pub fn privacy(&self) -> Privacy {
        self.inner.models.privacy
    }

    /// What may be spent.
    pub fn budget(&self) -> &Budget {
        &self.inner.models.budget
    }

    /// Names of the backends of a role, rules left out, in the order of its chain.
    pub fn backends(&self, role: Role) -> Vec<String> {
        let chain = self.chain(role).iter();
        chain.filter(|name| *name != RULES).cloned().collect()
    }

    /// What tokens cost at a backend; nothing where it is not known.
    pub fn price(&self, backend: &str) -> Price {
        let seat = self.inner.seats.get(backend);
        seat.map(|seat| seat.price).unwrap_or_default()
    }

    /// The model behind a backend, as the configuration names it.
    pub fn model(&self, backend: &str) -> Option<&str> {
        let seat = self.inner.seats.get(backend)?;
        Some(&seat.info.model)
    }

    /// How fast a backend works, measured; nothing where it is not known, in a replay and where the measurement fails.
    pub async fn pace(&self, backend: &str) -> Option<Pace> {
        let seat = self.inner.seats.get(backend)?;
        seat.backend.as_ref()?.pace().await.ok()?
    }

    /// Asks for a reply.
    ///
    /// # Errors
    /// One that [leaves it to rules](LlmError::leaves_it_to_rules) where the role has no backend or its chain ends in
    /// `rules` and nobody before could answer; the last backend's error where the chain does not; [`LlmError::Budget`],
    /// [`LlmError::Storage`] and [`LlmError::NotRecorded`] at once.
    pub async fn ask(
        &self,
        role: Role,
        purpose: &str,
        request: &Request,
    ) -> Result<Answered<Reply>, LlmError> {
        let question = Question::Complete {
            request: request.clone(),
        };
        let asked = self
            .turn(role, purpose, None)
            .down_the_chain(question)
            .await;
        self.reply(asked)
    }

    /// Asks for one of `options`; `baseline` is the index that rules would choose, for the ledger.
    ///
    /// # Errors
    /// Those of [`Desk::ask`].
    pub async fn choose(
        &self,
        role: Role,
        purpose: &str,
        request: &Request,
        options: &[String],
        baseline: Option<usize>,
    ) -> Result<Answered<Choice>, LlmError> {
        let question = Question::Choose {
            request: request.clone(),
            options: options.to_vec(),
        };
        let asked = self
            .turn(role, purpose, baseline)
            .down_the_chain(question)
            .await;
        self.note(asked, |outcome| match outcome {
            Outcome::Choice(choice) => Some(choice),
            _ => None,
        })
    }

    /// Asks these backends of a role for a reply of their own, at the same time; in their order.
    pub async fn ask_those(
        &self,
        role: Role,
        purpose: &str,
        request: &Request,
        names: &[String],
    ) -> Vec<(String, Result<Answered<Reply>, LlmError>)> {
        let asked = names.iter().map(|name| {
            let question = Question::Complete {
                request: request.clone(),
            };
            self.turn(role, purpose, None).only(name, question)
        });
        let asked = join_all(asked).await;
        names
            .iter()
            .cloned()
            .zip(asked)
            .map(|(name, asked)| (name, self.reply(asked)))
            .collect()
    }

    /// One vector of unit length per text, by the embedder.
    ///
    /// # Errors
    /// Those of [`Desk::ask`].
    pub async fn embed(
        &self,
        purpose: &str,
        texts: &[String],
    ) -> Result<Answered<Vec<Vec<f32>>>, LlmError> {
        let question = Question::Embed {
            texts: texts.to_vec(),
        };
        let turn = self.turn(Role::Embedder, purpose, None);
        let asked = turn.down_the_chain(question).await;
        self.note(asked, |outcome| match outcome {
            Outcome::Vectors(vectors) => Some(vectors),
            _ => None,
        })
    }

    /// How good the last message of a conversation is, by one of the judges, a reward model; higher is better.
    ///
    /// # Errors
    /// [`LlmError::Unsupported`] where the judge is none; else those of [`Desk::ask`].
    pub async fn reward(
        &self,
        judge: &str,
        purpose: &str,
        request: &Request,
    ) -> Result<Answered<f64>, LlmError> {
        let question = Question::Reward {
            request: request.clone(),
        };
        let turn = self.turn(Role::Judge, purpose, None);
        let asked = turn.only(judge, question).await;
        self.note(asked, |outcome| match outcome {
            Outcome::Score(score) => Some(score),
            _ => None,
        })
    }

    /// What was spent so far.
    pub fn spent(&self) -> Spent {
        self.inner.meter.spent()
    }

    /// Everything asked so far, in the order in which it was answered.
    pub fn ledger(&self) -> Vec<Decision> {
        self.inner
            .ledger
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn chain(&self, role: Role) -> &[String] {
        self.inner
            .models
            .roles
            .get(&role)
            .map_or(&[], Vec::as_slice)
    }

    fn turn<'a>(&'a self, role: Role, purpose: &'a str, baseline: Option<usize>) -> Turn<'a> {
        Turn {
            desk: &self.inner,
            chain: self.chain(role),
            decision: Decision::new(role, purpose, baseline),
        }
    }

    fn reply(&self, asked: Asked) -> Result<Answered<Reply>, LlmError> {
        self.note(asked, |outcome| match outcome {
            Outcome::Reply(reply) => Some(reply),
            _ => None,
        })
    }

    /// Enters what was asked in the ledger, and hands on the answer.
    fn note<T>(
        &self,
        asked: Asked,
        value: impl FnOnce(Outcome) -> Option<T>,
    ) -> Result<Answered<T>, LlmError> {
        let Asked { decision, outcome } = asked;
        let answered = outcome.and_then(|outcome| {
            let exchange = decision.exchange.clone().unwrap_or_default();
            match value(outcome) {
                Some(value) => Ok(Answered {
                    value,
                    backend: decision.backend.clone().unwrap_or_default(),
                    model: decision.model.clone().unwrap_or_default(),
                    exchange,
                }),
                None => Err(LlmError::Storage {
                    reason: format!("exchange `{exchange}` holds the outcome of another operation; remove its file"),
                }),
            }
        });
        if !decision.tried.is_empty() || decision.backend.is_some() {
            self.inner
                .ledger
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(decision);
        }
        answered
    }
}
