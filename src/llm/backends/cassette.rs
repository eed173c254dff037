//! Exchanges that were recorded beforehand. A question that differs in any way from those recorded is an error.

use crate::backend::{Answer, Backend, BackendInfo, Place};
use crate::error::LlmError;
use crate::models::CassetteConfig;
use crate::record::{Outcome, Question, Store};
use crate::reply::{Choice, Reply};
use crate::request::Request;

/// A folder of exchanges that answers as the recorded backend did, errors too.
#[derive(Debug, Clone)]
pub struct Cassette {
    name: String,
    recorded: String,
    model: String,
    store: Store,
}

impl Cassette {
    /// The cassette of a configuration.
    pub fn new(name: &str, config: &CassetteConfig) -> Self {
        Self {
            name: name.to_owned(),
            recorded: config.backend.clone().unwrap_or_else(|| name.to_owned()),
            model: config.model.clone(),
            store: Store::read_only(&config.folder),
        }
    }

    fn outcome(&self, question: &Question) -> Result<Outcome, LlmError> {
        let key = question.key(&self.recorded, &self.model);
        match self.store.get(&key)?.and_then(|exchange| exchange.outcome) {
            Some(Outcome::Error(error)) => Err(error),
            Some(outcome) => Ok(outcome),
            None => Err(LlmError::NotRecorded { key }),
        }
    }

    /// What was recorded, as what was asked for.
    fn answer<'a, T: Send + 'a>(
        &'a self,
        question: Question,
        value: impl FnOnce(Outcome) -> Option<T> + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move {
            let outcome = self.outcome(&question)?;
            value(outcome).ok_or_else(|| LlmError::NotRecorded {
                key: question.key(&self.recorded, &self.model),
            })
        })
    }
}

impl Backend for Cassette {
    fn describe(&self) -> BackendInfo {
        BackendInfo {
            name: self.name.clone(),
            kind: "cassette".to_owned(),
            model: self.model.clone(),
            place: Place::Here,
            context: None,
        }
    }

    fn complete<'a>(&'a self, request: &'a Request) -> Answer<'a, Reply> {
        let request = request.clone();
        self.answer(Question::Complete { request }, |outcome| match outcome {
            Outcome::Reply(reply) => Some(reply),
            _ => None,
        })
    }

    fn choose<'a>(&'a self, request: &'a Request, options: &'a [String]) -> Answer<'a, Choice> {
        let question = Question::Choose {
            request: request.clone(),
            options: options.to_vec(),
        };
        self.answer(question, |outcome| match outcome {
            Outcome::Choice(choice) => Some(choice),
            _ => None,
        })
    }

    fn embed<'a>(&'a self, texts: &'a [String]) -> Answer<'a, Vec<Vec<f32>>> {
        let texts = texts.to_vec();
        self.answer(Question::Embed { texts }, |outcome| match outcome {
            Outcome::Vectors(vectors) => Some(vectors),
            _ => None,
        })
    }

    fn reward<'a>(&'a self, request: &'a Request) -> Answer<'a, f64> {
        let request = request.clone();
        self.answer(Question::Reward { request }, |outcome| match outcome {
            Outcome::Score(score) => Some(score),
            _ => None,
        })
    }
}
