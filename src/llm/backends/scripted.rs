//! Replies that were written beforehand, for tests and for attacks on those who use replies.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::backend::{Answer, Backend, BackendInfo, Place};
use crate::error::LlmError;
use crate::reply::{Choice, Finish, HowChosen, Reply, Usage};
use crate::request::Request;
use crate::text::{estimate_request, estimate_tokens, read_reply};

/// What is written for a question.
pub type Script = Arc<dyn Fn(&Request) -> Result<String, LlmError> + Send + Sync>;

/// A backend that answers from a script.
#[derive(Clone)]
pub struct Scripted {
    name: String,
    script: Script,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Scripted")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Scripted {
    /// Answers by a function of the request.
    pub fn function(
        name: &str,
        script: impl Fn(&Request) -> Result<String, LlmError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.to_owned(),
            script: Arc::new(script),
        }
    }

    /// Answers with texts, in order; past the last one it is not available.
    pub fn texts(name: &str, replies: &[String]) -> Self {
        Self::outcomes(name, replies.iter().cloned().map(Ok))
    }

    /// Answers with texts and errors, in order; past the last one it is not available.
    pub fn outcomes(
        name: &str,
        outcomes: impl IntoIterator<Item = Result<String, LlmError>>,
    ) -> Self {
        let left = Mutex::new(outcomes.into_iter().collect::<VecDeque<_>>());
        let backend = name.to_owned();
        Self::function(name, move |_| {
            let next = left
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front();
            next.unwrap_or_else(|| {
                Err(LlmError::Unavailable {
                    backend: backend.clone(),
                    reason: "no reply is left in its script".to_owned(),
                })
            })
        })
    }

    fn reply(&self, request: &Request) -> Result<Reply, LlmError> {
        let text = (self.script)(request)?;
        let usage = Usage {
            prompt_tokens: estimate_request(request),
            reused_tokens: 0,
            reply_tokens: estimate_tokens(&text),
        };
        let (text, value) =
            read_reply(&request.form, &text).map_err(|reason| LlmError::Garbled {
                backend: self.name.clone(),
                reason,
            })?;
        Ok(Reply {
            text,
            value,
            finish: Finish::Done,
            usage,
            model: "scripted".to_owned(),
        })
    }
}

impl Backend for Scripted {
    fn describe(&self) -> BackendInfo {
        BackendInfo {
            name: self.name.clone(),
            kind: "scripted".to_owned(),
            model: "scripted".to_owned(),
            place: Place::Here,
            context: None,
        }
    }

    fn complete<'a>(&'a self, request: &'a Request) -> Answer<'a, Reply> {
        Box::pin(async move { self.reply(request) })
    }

    /// The option whose text is the next reply, all weight on it.
    fn choose<'a>(&'a self, request: &'a Request, options: &'a [String]) -> Answer<'a, Choice> {
        Box::pin(async move {
            let reply = self.reply(request)?;
            let index = options
                .iter()
                .position(|option| option == reply.text.trim())
                .ok_or_else(|| LlmError::Garbled {
                    backend: self.name.clone(),
                    reason: format!("`{}` is none of the options", reply.text.trim()),
                })?;
            Ok(Choice {
                index,
                weights: (0..options.len())
                    .map(|at| f64::from(u8::from(at == index)))
                    .collect(),
                margin: 1.0,
                orders_agree: true,
                how: HowChosen::Replies,
                usage: reply.usage,
                model: reply.model,
            })
        })
    }
}
