//! A question and its reply: asked the server's way, checked in every case, asked once more where it cannot be used.

use super::backend::Openai;
use super::dialect::{Ask, Form, Way, in_words};
use super::failure::Failure;
use super::wire::WireReply;
use crate::error::LlmError;
use crate::reply::{Finish, Reply, Usage};
use crate::request::{Message, ReplyForm, Request};
use crate::text::{estimate_messages, estimate_tokens, read_reply};

/// Refusals that one question may learn from.
const LESSONS: usize = 8;

impl<'a> Ask<'a> {
    /// What a request asks.
    pub(super) fn of(request: &'a Request) -> Self {
        Self {
            messages: request.messages.clone(),
            form: match &request.form {
                ReplyForm::Text => None,
                ReplyForm::Json { name, schema } => Some(Form { name, schema }),
            },
            max_tokens: request.max_tokens,
            temperature: request.temperature,
            seed: request.seed,
            stop: &request.stop,
            likely: false,
        }
    }

    /// About how many tokens the question has.
    fn tokens(&self) -> usize {
        let schema = self
            .form
            .map_or(0, |form| estimate_tokens(&form.schema.to_string()));
        estimate_messages(&self.messages) + schema
    }
}

/// An answer with its cost.
pub(super) struct Said {
    pub(super) reply: WireReply,
    pub(super) usage: Usage,
}

impl Openai {
    pub(super) async fn reply(&self, request: &Request) -> Result<Reply, LlmError> {
        let mut ask = Ask::of(request);
        let first = self.converse(&ask).await?;
        let mut usage = first.usage;
        let read = match self.read(&request.form, &first) {
            Err(LlmError::Garbled { reason, .. }) if ask.form.is_some() && !first.reply.looped => {
                let Said { reply, .. } = &first;
                ask.messages.push(Message::assistant(reply.text.clone()));
                ask.messages
                    .push(Message::user(self.once_more(&ask, &reason)));
                let second = self.converse(&ask).await?;
                usage = usage.and(second.usage);
                self.read(&request.form, &second).map(|read| (read, second))
            }
            read => read.map(|read| (read, first)),
        };
        let ((text, value), Said { reply, .. }) = read?;
        Ok(Reply {
            text,
            value,
            finish: reply.finish(),
            usage,
            model: reply.model.unwrap_or_else(|| self.model.clone()),
        })
    }

    /// What to tell a model whose answer cannot be used.
    fn once_more(&self, ask: &Ask<'_>, reason: &str) -> String {
        let way = self.dialect().way;
        let form = match ask.form {
            // Where the schema goes in words it is added to the last message anyway.
            Some(form) if way == Way::Schema => in_words(form.schema),
            _ => String::new(),
        };
        format!("That answer cannot be used: {reason}. {form}")
            .trim_end()
            .to_owned()
    }

    /// Reads an answer.
    fn read(
        &self,
        form: &ReplyForm,
        said: &Said,
    ) -> Result<(String, Option<serde_json::Value>), LlmError> {
        let Said { reply, usage } = said;
        let refusal = reply
            .refusal
            .as_deref()
            .filter(|refusal| !refusal.is_empty());
        if refusal.is_some() || reply.finish() == Finish::Refused {
            return Err(LlmError::Refused {
                backend: self.name.clone(),
                reason: refusal
                    .unwrap_or("the service held the answer back")
                    .to_owned(),
            });
        }
        if reply.looped {
            return Err(self.garbled("it repeats the same words without end"));
        }
        read_reply(form, &reply.text).map_err(|reason| {
            if reply.finish() == Finish::Truncated {
                LlmError::Truncated {
                    backend: self.name.clone(),
                    tokens: usage.reply_tokens,
                }
            } else {
                self.garbled(reason)
            }
        })
    }

    /// Asks, and asks otherwise where the server does not take it as it is asked.
    pub(super) async fn converse(&self, ask: &Ask<'_>) -> Result<Said, LlmError> {
        let prompt = ask.tokens();
        let tokens = prompt + ask.max_tokens;
        if let Some(limit) = self.context.filter(|limit| tokens > *limit) {
            return Err(LlmError::TooLong {
                backend: self.name.clone(),
                tokens,
                limit,
            });
        }
        let usage = |reply: &WireReply| {
            reply.usage.unwrap_or_else(|| Usage {
                prompt_tokens: prompt,
                reused_tokens: 0,
                reply_tokens: estimate_tokens(&reply.text),
            })
        };
        let mut lessons = 0;
        loop {
            let dialect = self.dialect().clone();
            let body = dialect.body(&self.model, ask);
            let asked = (prompt, ask.max_tokens);
            match self.send(&body, asked, || self.collect(&body), usage).await {
                Ok(reply) => {
                    let usage = usage(&reply);
                    return Ok(Said { reply, usage });
                }
                Err(failure) => {
                    lessons += 1;
                    if lessons > LESSONS || !self.learn(&dialect, ask, &failure) {
                        return Err(failure.into_error(&self.name, tokens, self.context));
                    }
                }
            }
        }
    }

    fn learn(&self, spoken: &super::dialect::Dialect, ask: &Ask<'_>, failure: &Failure) -> bool {
        self.dialect().learns(spoken, ask, failure)
    }
}
