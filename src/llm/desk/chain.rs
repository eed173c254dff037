//! One question down the chain of a role, and from the fast backend to the slow one.

use super::asking::Inner;
use super::exchanging::Came;
use super::ledger::{Decision, HandOver, Tried};
use crate::error::{LlmError, RULES};
use crate::record::{Outcome, Question};

/// What came of a question, for the ledger and for who asked.
pub(super) struct Asked {
    pub(super) decision: Decision,
    pub(super) outcome: Result<Outcome, LlmError>,
}

/// A question on its way.
pub(super) struct Turn<'a> {
    pub(super) desk: &'a Inner,
    pub(super) chain: &'a [String],
    pub(super) decision: Decision,
}

impl Turn<'_> {
    /// Asks one backend of the chain and no other.
    pub(super) async fn only(mut self, name: &str, question: Question) -> Asked {
        let came = self.put(name, question).await;
        let outcome = self.take(name, came);
        self.end(outcome)
    }

    /// Asks the chain's backends in order until one answers.
    pub(super) async fn down_the_chain(mut self, question: Question) -> Asked {
        let mut last = None;
        for name in self.chain {
            if name == RULES {
                last = None;
                break;
            }
            // The slow backend of a route can stand later in the chain too.
            if self
                .decision
                .tried
                .iter()
                .any(|tried| tried.backend == *name)
            {
                continue;
            }
            let came = self.put(name, question.clone()).await;
            let outcome = match self.doubt(name, &came) {
                Some(reason) => self.hand_over(name, came, reason, &question).await,
                None => self.take(name, came),
            };
            match outcome {
                Err(error) if error.passes_on() => last = Some(error),
                outcome => return self.end(outcome),
            }
        }
        let outcome = Err(last.unwrap_or_else(|| LlmError::Unsupported {
            backend: RULES.to_owned(),
            what: "answer in words".to_owned(),
        }));
        self.end(outcome)
    }

    fn end(self, outcome: Result<Outcome, LlmError>) -> Asked {
        Asked {
            decision: self.decision,
            outcome,
        }
    }

    async fn put(&mut self, name: &str, question: Question) -> Came {
        self.decision.sample_values |= question.has_sample_values();
        let Decision { role, purpose, .. } = &self.decision;
        let seat = &self.desk.seats[name];
        let came = self
            .desk
            .keeper
            .ask(seat, &self.desk.meter, *role, purpose, question)
            .await;
        self.decision.usage = self.decision.usage.and(came.usage);
        self.decision.money += came.money;
        came
    }

    /// Why the answer of the fast backend goes to the slow one, if it does.
    fn doubt(&self, name: &str, came: &Came) -> Option<String> {
        let route = self
            .desk
            .models
            .route
            .as_ref()
            .filter(|route| route.fast == name)?;
        match &came.outcome {
            Ok(Outcome::Choice(choice)) if !choice.orders_agree => {
                Some("the two orders of the options disagree".to_owned())
            }
            Ok(Outcome::Choice(choice)) if choice.margin < route.margin => Some(format!(
                "margin {:.3} is below {}",
                choice.margin, route.margin
            )),
            Err(error @ (LlmError::Garbled { .. } | LlmError::Truncated { .. })) => {
                Some(error.to_string())
            }
            _ => None,
        }
    }

    /// Asks the slow backend; where it fails, the fast one's choice stands, if there is one.
    async fn hand_over(
        &mut self,
        fast: &str,
        came: Came,
        reason: String,
        question: &Question,
    ) -> Result<Outcome, LlmError> {
        let desk = self.desk;
        let Some(slow) = desk.models.route.as_ref().map(|route| &route.slow) else {
            return self.take(fast, came);
        };
        self.decision.handed_over = Some(HandOver {
            from: fast.to_owned(),
            exchange: came.key.clone(),
            reason,
            chosen: match &came.outcome {
                Ok(Outcome::Choice(choice)) => Some(choice.index),
                _ => None,
            },
        });
        let second = self.put(slow, question.clone()).await;
        let failed =
            |error: &LlmError| error.passes_on() || matches!(error, LlmError::Budget { .. });
        if came.outcome.is_err() {
            // Its error goes to the ledger; the slow one's outcome is what counts.
            drop(self.take(fast, came));
            self.take(slow, second)
        } else if second.outcome.as_ref().is_err_and(failed) {
            drop(self.take(slow, second));
            self.take(fast, came)
        } else {
            self.take(slow, second)
        }
    }

    /// Enters what came of a question to a backend.
    fn take(&mut self, name: &str, came: Came) -> Result<Outcome, LlmError> {
        match &came.outcome {
            Ok(outcome) => {
                let seat = &self.desk.seats[name];
                let model = match outcome {
                    Outcome::Reply(reply) => &reply.model,
                    Outcome::Choice(choice) => {
                        self.decision.chosen = Some(choice.index);
                        self.decision.margin = Some(choice.margin);
                        &choice.model
                    }
                    _ => &seat.info.model,
                };
                self.decision.model = Some(model.clone());
                self.decision.backend = Some(name.to_owned());
                self.decision.exchange = Some(came.key);
            }
            Err(error) => self.decision.tried.push(Tried {
                backend: name.to_owned(),
                exchange: came.key,
                error: error.clone(),
            }),
        }
        came.outcome
    }
}
