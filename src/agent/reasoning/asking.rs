//! Asking a model in a role, and taking its answer in the form that was asked for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use proteus_llm::{
    Answered, Choice, Decision, Desk, LlmError, Message, Reply, Request, Role, Speaker,
};
use serde::de::DeserializeOwned;

use crate::discovery::{ModelCost, ModelDecision};
use crate::prompt::{Prompts, Rendered};

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

    /// The prompts.
    pub fn prompts(&self) -> &Prompts {
        &self.prompts
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
    ) -> Result<Told<T>, LlmError> {
        let request = self.request(role, prompt, earlier, 0.0, 1);
        let answered = self.desk.ask(role, &prompt.name, &request).await?;
        told(answered)
    }

    /// Asks every backend of `role`, with some variety; one answer, or the reason for none, per backend.
    pub async fn ask_each<T: DeserializeOwned>(
        &self,
        role: Role,
        prompt: &Rendered,
        temperature: f64,
        seed: u64,
    ) -> Vec<(String, Result<Told<T>, LlmError>)> {
        let request = self.request(role, prompt, &[], temperature, seed);
        let answers = self.desk.ask_each(role, &prompt.name, &request).await;
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
        let request = self.request(role, prompt, &[], 0.0, 1);
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

    fn request(
        &self,
        role: Role,
        prompt: &Rendered,
        earlier: &[Message],
        temperature: f64,
        seed: u64,
    ) -> Request {
        let mut messages = vec![Message::system(&prompt.system), Message::user(&prompt.user)];
        messages.extend(earlier.iter().cloned());
        let mut request = match &prompt.schema {
            Some(schema) => {
                let name = prompt.name.replace('/', "_");
                Request::json(messages, prompt.max_reply_tokens, &name, schema.clone())
            }
            None => Request::text(messages, prompt.max_reply_tokens),
        };
        request.temperature = temperature;
        request.seed = seed;
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
    }
}
