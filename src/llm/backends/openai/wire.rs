//! What comes over the wire, read with much patience: every field may be missing, of another type, or unknown.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reply::{Finish, Usage};

/// A token and how likely it was, by natural logarithm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Likely {
    pub(super) token: String,
    pub(super) logprob: f64,
}

/// An answer, collected from its pieces; what is stored of an attempt.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct WireReply {
    /// What the model says.
    pub(super) text: String,
    /// What it said in place of an answer, where the service tells the two apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<String>,
    /// Why it ended, in the service's word; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) finish: Option<String>,
    /// Tokens, where the service counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<Usage>,
    /// The model, as it names itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    /// What the first token could have been.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) first_token: Vec<Likely>,
    /// Whether it went round in circles and was stopped.
    #[serde(default)]
    pub(super) looped: bool,
}

/// A piece of an answer.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Whether there was anything at all in it, reasoning too.
    pub(super) spoke: bool,
}

impl WireReply {
    /// Takes the next event of a stream.
    ///
    /// # Errors
    /// The service's own words where the event is an error.
    pub(super) fn take(&mut self, event: &Value) -> Result<Piece, String> {
        if let Some(error) = event.get("error").filter(|error| !error.is_null()) {
            return Err(error.to_string());
        }
        if let Some(model) = event["model"].as_str().filter(|model| !model.is_empty()) {
            self.model = Some(file_name(model).to_owned());
        }
        if let Some(usage) = read_usage(&event["usage"]) {
            self.usage = Some(usage);
        }
        let choice = &event["choices"][0];
        if let Some(finish) = choice["finish_reason"].as_str() {
            self.finish = Some(finish.to_owned());
        }
        if self.first_token.is_empty() {
            self.first_token = read_likely(&choice["logprobs"]);
        }
        let message = ["delta", "message"]
            .iter()
            .map(|name| &choice[*name])
            .find(|message| message.is_object())
            .unwrap_or(&Value::Null);
        if let Some(refusal) = message["refusal"].as_str() {
            self.refusal.get_or_insert_default().push_str(refusal);
        }
        let mut text = read_content(&message["content"]);
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            match &call["function"]["arguments"] {
                Value::String(arguments) => text.push_str(arguments),
                Value::Null => {}
                arguments => text.push_str(&arguments.to_string()),
            }
        }
        self.text.push_str(&text);
        let thought = ["reasoning_content", "reasoning"].iter().any(|name| {
            message[*name]
                .as_str()
                .is_some_and(|thought| !thought.is_empty())
        });
        Ok(Piece {
            spoke: thought || !text.is_empty(),
            text,
        })
    }

    /// Why it ended, in our words.
    pub(super) fn finish(&self) -> Finish {
        match self.finish.as_deref() {
            Some(
                "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" | "tool_calls"
                | "function_call",
            ) => Finish::Done,
            Some("length" | "max_tokens") => Finish::Truncated,
            Some("content_filter" | "refusal" | "safety") => Finish::Refused,
            _ => Finish::Unknown,
        }
    }
}

/// A model's name, without the folder where a server names its file: that is the server's business and in no report.
fn file_name(model: &str) -> &str {
    let is_path = model.starts_with('/') || model.contains('\\');
    match model.rsplit(['/', '\\']).next() {
        Some(name) if is_path && !name.is_empty() => name,
        _ => model,
    }
}

fn read_content(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => String::new(),
    }
}

fn read_usage(usage: &Value) -> Option<Usage> {
    let tokens = |value: &Value| {
        value
            .as_u64()
            .and_then(|tokens| usize::try_from(tokens).ok())
    };
    Some(Usage {
        prompt_tokens: tokens(&usage["prompt_tokens"])?,
        reused_tokens: tokens(&usage["prompt_tokens_details"]["cached_tokens"]).unwrap_or_default(),
        reply_tokens: tokens(&usage["completion_tokens"]).unwrap_or_default(),
    })
}

fn read_likely(logprobs: &Value) -> Vec<Likely> {
    let Some(tokens) = logprobs["content"][0]["top_logprobs"].as_array() else {
        return Vec::new();
    };
    tokens
        .iter()
        .filter_map(|token| serde_json::from_value(token.clone()).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_read_whatever_is_missing() {
        let mut reply = WireReply::default();
        for event in [
            json!({"choices": [{"delta": {"role": "assistant", "content": null}, "finish_reason": null}]}),
            json!({"choices": [{"delta": {"reasoning_content": "hm"}}], "unknown": 1}),
            json!({"choices": [{"delta": {"content": [{"type": "text", "text": "a"}]}}], "model": "m"}),
            json!({"choices": [{"delta": {"content": "b"}, "finish_reason": ""}]}),
            json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}),
            json!({}),
        ] {
            reply.take(&event).unwrap();
        }
        assert_eq!(reply.text, "ab");
        assert_eq!(reply.finish(), Finish::Unknown);
        assert_eq!(reply.usage.unwrap().total(), 5);
        assert_eq!(reply.model.as_deref(), Some("m"));
        assert!(
            reply
                .take(&json!({"error": {"message": "x"}}))
                .unwrap_err()
                .contains('x')
        );
    }

    #[test]
    fn models_are_named_without_folders() {
        for (told, name) in [
            ("/srv/m/a.gguf", "a.gguf"),
            ("C:\\m\\a.gguf", "a.gguf"),
            ("owner/model", "owner/model"),
        ] {
            assert_eq!(file_name(told), name);
        }
    }

    #[test]
    fn whole_messages_and_tool_calls_are_read_too() {
        let mut reply = WireReply::default();
        reply
            .take(&json!({"choices": [{"message": {"content": null, "tool_calls":
                [{"function": {"name": "f", "arguments": "{\"a\":1}"}}]}, "finish_reason": "tool_calls"}]}))
            .unwrap();
        assert_eq!(
            (reply.text.as_str(), reply.finish()),
            ("{\"a\":1}", Finish::Done)
        );
    }
}
