//! Questions and errors in the words of the local engine, and back.

use proteus_model::{ChatMessage, Finish as ModelFinish, ModelError, Sampling, Settings};

use crate::error::LlmError;
use crate::reply::{Finish, Usage};
use crate::request::{Message, Request, Speaker};

/// Tokens that a draft looks ahead in the text itself; it never changes a reply.
const DRAFT: usize = 6;

pub(crate) fn messages(messages: &[Message]) -> Vec<ChatMessage> {
    let role = |speaker| match speaker {
        Speaker::System => proteus_model::Role::System,
        Speaker::User => proteus_model::Role::User,
        Speaker::Assistant => proteus_model::Role::Assistant,
    };
    messages
        .iter()
        .map(|message| ChatMessage::new(role(message.speaker), message.text.clone()))
        .collect()
}

pub(crate) fn settings(request: &Request) -> Settings {
    Settings {
        max_tokens: request.max_tokens,
        sampling: Sampling {
            temperature: request.temperature,
            seed: request.seed,
            ..Sampling::default()
        },
        stop: request.stop.clone(),
        draft: DRAFT,
        break_loops: true,
    }
}

pub(crate) fn finish(finish: ModelFinish) -> Finish {
    match finish {
        ModelFinish::Done | ModelFinish::Stop => Finish::Done,
        ModelFinish::Length => Finish::Truncated,
        ModelFinish::Loop | ModelFinish::Cancelled => Finish::Unknown,
    }
}

pub(crate) fn usage(prompt: usize, reused: usize, reply: usize) -> Usage {
    Usage {
        prompt_tokens: prompt,
        reused_tokens: reused,
        reply_tokens: reply,
    }
}

/// What the engine could not do, as the rest of Proteus hears of it.
pub(crate) fn error(backend: &str, error: ModelError) -> LlmError {
    let backend = backend.to_owned();
    match error {
        ModelError::TooLong { tokens, limit } => LlmError::TooLong {
            backend,
            tokens,
            limit,
        },
        ModelError::Constraint { .. } | ModelError::Template { .. } => LlmError::Refused {
            backend,
            reason: error.to_string(),
        },
        other => LlmError::Configuration {
            backend,
            reason: other.to_string(),
        },
    }
}
