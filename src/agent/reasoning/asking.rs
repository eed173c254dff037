//! Asking a model in a role, and taking its answer in the form that was asked for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use proteus_llm::{
    Answered, Choice, Decision, Desk, LlmError, Message, Reply, Request, Role, Speaker,
    ValuesPermit,
};
use serde::de::DeserializeOwned;

use crate::discovery::{ModelCost, ModelDecision};
use crate::prompt::{Prompts, Rendered};

/// Temperature of every answer but the first, where several are asked for.
const VARIETY: f64 = 0.7;

/// The models of a run and what they are asked with.
pub struct Reasoner {
    desk: Desk,
    prompts: Prompts,
    /// Told of every question before it is asked.
    show: Option<Box<Show>>,
    /// Options of each choice, by exchange, so that the ledger can name what was decided.
    options: Mutex<BTreeMap<String, Vec<String>>>,
}

/// Told of a question.
pub type Show = dyn Fn(&str) + Send + Sync;

/// An answer in the form asked for.
#[derive(Debug, Clone)]
pub struct Told<T> {
    /// The answer.
    pub value: T,
    /// The model that gave it.
    pub model: String,
    /// What it wrote.
    pub text: String,
}

/// How a question is put.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct How {
    /// 0 = the most likely answer.
    pub temperature: f64,
    /// Seed of the draws.
    pub seed: u64,
    /// Leave to show values of single samples, where the prompt holds some.
    pub values: Option<ValuesPermit>,
}

impl Default for How {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            seed: 1,
            values: None,
        }
    }
}

impl How {
    /// Asked for one answer of several: the first the most likely one, the others drawn with some variety.
    pub fn sample(number: u64) -> Self {
        Self {
            temperature: if number == 0 { 0.0 } else { VARIETY },
            seed: number + 1,
            values: None,
        }
    }
}

impl Reasoner {
    /// Models at `desk`, asked with `prompts`.
    pub fn new(desk: Desk, prompts: Prompts) -> Self {
        Self {
            desk,
            prompts,
            show: None,
            options: Mutex::default(),
        }
    }

    /// Tells `show` of every question before it is asked.
    pub fn shown(mut self, show: Box<Show>) -> Self {
        self.show = Some(show);
        self
    }

    /// No models: rules decide everything.
    pub fn rules() -> Self {
        Self::new(Desk::rules(), Prompts::default())
    }

    /// Whether a model is asked in this role.
    pub fn answers(&self, role: Role) -> bool {
        self.desk.answers(role)
    }

    /// Whether a model is asked in any role after results are graded.
    pub fn reads(&self) -> bool {
        [Role::Interpreter, Role::Writer, Role::Critic, Role::Judge]
            .into_iter()
            .any(|role| self.answers(role))
    }

    /// Whether a model is asked in any role.
    pub fn asks(&self) -> bool {
        Role::ALL.into_iter().any(|role| self.answers(role))
    }

    /// The prompts.
    pub fn prompts(&self) -> &Prompts {
        &self.prompts
    }

    /// Where they are asked.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Leave to put values of single samples into prompts; none but in privacy mode `full`.
    pub fn values_permit(&self) -> Option<ValuesPermit> {
        self.desk.privacy().values_permit()
    }

    /// Asks for a value of the form of the prompt's schema, going on from `earlier` turns (an answer that was sent back, and
    /// why).
    ///
    /// # Errors
    /// No backend answers in this role, or none gave a usable answer.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        role: Role,
        prompt: &Rendered,
        earlier: &[Message],
        how: How,
    ) -> Result<Told<T>, LlmError> {
        let request = self.request(role, prompt, earlier, how);
        let answered = self.desk.ask(role, &prompt.name, &request).await?;
        told(answered)
    }

    /// Asks these backends of `role`; one answer, or the reason for none, per backend.
    pub async fn ask_those<T: DeserializeOwned>(
        &self,
        role: Role,
        backends: &[String],
        prompt: &Rendered,
        how: How,
    ) -> Vec<(String, Result<Told<T>, LlmError>)> {
        if backends.is_empty() {
            return Vec::new();
        }
        let request = self.request(role, prompt, &[], how);
        let answers = self
            .desk
            .ask_those(role, &prompt.name, &request, backends)
            .await;
        answers
            .into_iter()
            .map(|(backend, answer)| (backend, answer.and_then(told)))
            .collect()
    }

    /// Asks for one of `options`, without bias from their order; `baseline` is what the rules would take.
    ///
    /// # Errors
    /// No backend answers in this role, or none gave a usable answer.
    pub async fn choose(
        &self,
        role: Role,
        prompt: &Rendered,
        options: &[String],
        baseline: Option<usize>,
    ) -> Result<Answered<Choice>, LlmError> {
        let request = self.request(role, prompt, &[], How::default());
        let answered = self
            .desk
            .choose(role, &prompt.name, &request, options, baseline)
            .await?;
        self.options
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(answered.exchange.clone(), options.to_vec());
        Ok(answered)
    }

    /// How good `answer` is as the reply to a prompt, by a judge that is a reward model.
    ///
    /// # Errors
    /// The judge is none, or gave no score.
    pub async fn reward(
        &self,
        judge: &str,
        prompt: &Rendered,
        answer: &str,
    ) -> Result<Told<f64>, LlmError> {
        let said = [Message::assistant(answer)];
        let request = self.request(Role::Judge, prompt, &said, How::default());
        let answered = self.desk.reward(judge, &prompt.name, &request).await?;
        Ok(Told {
            value: answered.value,
            model: answered.model,
            text: String::new(),
        })
    }

    fn request(&self, role: Role, prompt: &Rendered, earlier: &[Message], how: How) -> Request {
        let request = question(prompt, earlier, how);
        if let Some(show) = &self.show {
            let turns = request.messages.iter().map(|m| {
                let speaker = match m.speaker {
                    Speaker::System => "system",
                    Speaker::User => "user",
                    Speaker::Assistant => "assistant",
                };
                format!("[{speaker}]\n{}\n", m.text)
            });
            let turns: String = turns.collect();
            show(&format!(
                "--- {} asked: {}\n{turns}",
                role.name(),
                prompt.name
            ));
        }
        request
    }

    /// Every decision so far, in order.
    pub fn decisions(&self) -> Vec<ModelDecision> {
        let options = self.options.lock().unwrap_or_else(PoisonError::into_inner);
        let ledger = self.desk.ledger();
        ledger
            .iter()
            .map(|decision| told_decision(decision, &options))
            .collect()
    }

    /// What was spent so far.
    pub fn cost(&self) -> ModelCost {
        let ledger = self.desk.ledger();
        let spent = self.desk.spent();
        let sum = |of: fn(&Decision) -> usize| ledger.iter().map(of).sum();
        ModelCost {
            calls: usize::try_from(spent.calls).unwrap_or(usize::MAX),
            prompt_tokens: sum(|d| d.usage.prompt_tokens),
            reused_tokens: sum(|d| d.usage.reused_tokens),
            reply_tokens: sum(|d| d.usage.reply_tokens),
            money: spent.money,
        }
    }
}

/// What a prompt asks, as it is put to a model.
pub(super) fn question(prompt: &Rendered, earlier: &[Message], how: How) -> Request {
    let mut messages = vec![Message::system(&prompt.system), Message::user(&prompt.user)];
    messages.extend(earlier.iter().cloned());
    let mut request = match &prompt.schema {
        Some(schema) => {
            let name = prompt.name.replace('/', "_");
            Request::json(messages, prompt.max_reply_tokens, &name, schema.clone())
        }
        None => Request::text(messages, prompt.max_reply_tokens),
    };
    request.temperature = how.temperature;
    request.seed = how.seed;
    match how.values {
        Some(leave) => request.with_sample_values(leave),
        None => request,
    }
}

fn told<T: DeserializeOwned>(answered: Answered<Reply>) -> Result<Told<T>, LlmError> {
    let Answered {
        value: reply,
        backend,
        model,
        ..
    } = answered;
    let value = reply.value.clone().unwrap_or_default();
    match serde_json::from_value(value) {
        Ok(value) => Ok(Told {
            value,
            model,
            text: reply.text,
        }),
        Err(error) => Err(LlmError::Garbled {
            backend,
            reason: error.to_string(),
        }),
    }
}

fn told_decision(decision: &Decision, options: &BTreeMap<String, Vec<String>>) -> ModelDecision {
    let named = |index: Option<usize>| {
        let of = options.get(decision.exchange.as_ref()?)?;
        of.get(index?).cloned()
    };
    let mut handed_on: Vec<String> = decision
        .tried
        .iter()
        .map(|tried| format!("`{}`: {}", tried.backend, tried.error))
        .collect();
    handed_on.extend(
        decision
            .handed_over
            .iter()
            .map(|over| format!("`{}`: {}", over.from, over.reason)),
    );
    ModelDecision {
        role: decision.role.name().to_owned(),
        purpose: decision.purpose.clone(),
        answered_by: decision
            .backend
            .clone()
            .unwrap_or_else(|| "rules".to_owned()),
        model: decision.model.clone(),
        margin: decision.margin,
        handed_on,
        decided: named(decision.chosen),
        rules: named(decision.baseline),
        exchange: decision.exchange.clone(),
        sample_values: decision.sample_values,
    }
}
