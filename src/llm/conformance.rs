//! What every backend must do, whatever it is: one suite for all kinds.

use std::sync::Arc;

use serde_json::json;

use crate::backend::Backend;
use crate::error::LlmError;
use crate::reply::{Finish, Reply};
use crate::request::{Message, Request};
use crate::text::check_schema;

/// A situation that a backend meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Situation {
    /// A short answer in prose.
    Plain,
    /// An answer of thousands of words.
    Long,
    /// An answer under a schema.
    Structured,
    /// The service holds the answer back.
    Refused,
    /// Nothing comes.
    TimedOut,
    /// An answer under a schema that the limit of tokens cuts off.
    Truncated,
    /// Prose where JSON was asked for, however often.
    Garbled,
    /// Words that come slowly, each in time.
    SlowStream,
    /// A server that is still loading, then answers.
    Loading,
    /// A server with too many guests, then answers.
    Busy,
    /// A connection that breaks in the middle, then answers.
    Broken,
}

use Situation::{
    Broken, Busy, Garbled, Loading, Long, Plain, Refused, SlowStream, Structured, TimedOut,
    Truncated,
};

impl Situation {
    pub(crate) const ALL: [Self; 11] = [
        Plain, Long, Structured, Refused, TimedOut, Truncated, Garbled, SlowStream, Loading, Busy,
        Broken,
    ];

    /// What is asked in it.
    pub(crate) fn request(self) -> Request {
        let messages = vec![
            Message::system("You are terse."),
            Message::user(format!("Is STAT1 increased? ({self:?})")),
        ];
        match self {
            Structured | Truncated | Garbled => Request::json(
                messages,
                64,
                "direction",
                json!({"type": "object", "properties": {"up": {"type": "boolean"}}, "required": ["up"],
                    "additionalProperties": false}),
            ),
            Long => Request::text(messages, 8000),
            _ => Request::text(messages, 64),
        }
    }

    /// A text that a scripted model can give in it.
    pub(crate) fn text(self) -> String {
        match self {
            Long => (0..3000).map(|word| format!("word{word} ")).collect(),
            Structured => "<think>hm</think>{\"up\": true}".to_owned(),
            Truncated => "{\"up\": tr".to_owned(),
            _ => "<think>It seems so.</think>It is.".to_owned(),
        }
    }
}

/// Holds a backend against every situation that it can be put in; `put` gives nothing for those that it cannot.
pub(crate) async fn conforms<F>(mut put: impl FnMut(Situation) -> F)
where
    F: Future<Output = Option<Arc<dyn Backend>>>,
{
    for situation in Situation::ALL {
        let Some(backend) = put(situation).await else {
            eprintln!("conformance: {situation:?} does not arise");
            continue;
        };
        let request = situation.request();
        let outcome = backend.complete(&request).await;
        let name = backend.describe().name;
        if let Err(error) = &outcome {
            assert!(error.to_string().contains(&name), "{situation:?}: {error}");
        }
        let as_expected = match situation {
            Refused => matches!(outcome, Err(LlmError::Refused { .. })),
            TimedOut => matches!(outcome, Err(LlmError::TimedOut { .. })),
            Truncated => matches!(outcome, Err(LlmError::Truncated { .. })),
            Garbled => matches!(outcome, Err(LlmError::Garbled { .. })),
            _ => outcome
                .as_ref()
                .is_ok_and(|reply| is_usable(&request, reply)),
        };
        assert!(as_expected, "{situation:?}: {outcome:?}");
        if situation == Long {
            let words = outcome.map_or(0, |reply| reply.text.split_whitespace().count());
            assert!(words > 1000, "{words} words");
        }
    }
}

fn is_usable(request: &Request, reply: &Reply) -> bool {
    let form = match (&request.form, &reply.value) {
        (crate::ReplyForm::Text, value) => value.is_none(),
        (crate::ReplyForm::Json { schema, .. }, Some(value)) => check_schema(schema, value).is_ok(),
        _ => false,
    };
    form && !reply.text.is_empty()
        && !reply.text.contains("think>")
        && !reply.model.is_empty()
        && reply.usage.prompt_tokens > 0
        && reply.usage.reply_tokens > 0
        && reply.finish != Finish::Refused
}
