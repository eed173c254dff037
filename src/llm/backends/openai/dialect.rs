//! How one server speaks: which form of JSON it can be held to, which parameters it takes. Learned from its refusals.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::failure::Failure;
use crate::request::{Message, Speaker};

/// How JSON is asked for, the strictest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// `json_schema`: the server holds the model to the schema.
    Schema,
    /// `json_object`, with the schema in a field that some servers read; the schema stands in the question too.
    Object,
    /// In words alone.
    Words,
}

/// A schema with its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a> {
    pub(super) name: &'a str,
    pub(super) schema: &'a Value,
}

/// What is asked, before it is put the server's way.
#[derive(Debug, Clone)]
pub(super) struct Ask<'a> {
    pub(super) messages: Vec<Message>,
    pub(super) form: Option<Form<'a>>,
    pub(super) max_tokens: usize,
    pub(super) temperature: f64,
    pub(super) seed: u64,
    pub(super) stop: &'a [String],
    /// Whether to tell what the first token could have been.
    pub(super) likely: bool,
}

/// Parameters without which a question can be asked as well.
const OPTIONAL: [&str; 5] = [
    "stream_options",
    "seed",
    "temperature",
    "top_logprobs",
    "logprobs",
];
/// The most alternatives to a token that the protocol lets one ask for.
pub(super) const ALTERNATIVES: usize = 20;

/// What was learned of a server and model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) way: Way,
    omitted: BTreeSet<&'static str>,
    /// `max_completion_tokens` in place of `max_tokens`.
    completion_tokens: bool,
    /// Whether it tells what the first token could have been.
    pub(super) tells_likely: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            way: Way::Schema,
            omitted: BTreeSet::new(),
            completion_tokens: false,
            tells_likely: true,
        }
    }
}

impl Dialect {
    /// Learns from a refusal of what was asked in `spoken`; whether it is worth asking again.
    pub(super) fn learns(&mut self, spoken: &Self, ask: &Ask<'_>, failure: &Failure) -> bool {
        if ask.form.is_some() && failure.refuses_the_form() {
            let next = match spoken.way {
                Way::Schema => Way::Object,
                Way::Object => Way::Words,
                Way::Words => return false,
            };
            self.way = self.way.max(next);
            return true;
        }
        if !matches!(
            failure,
            Failure::Status {
                status: 400 | 422,
                ..
            }
        ) {
            return false;
        }
        if !spoken.completion_tokens && failure.says(&["max_completion_tokens"]) {
            self.completion_tokens = true;
            return true;
        }
        let named = OPTIONAL
            .into_iter()
            .find(|name| !spoken.omitted.contains(name) && failure.says(&[name]));
        if let Some(name) = named {
            self.omitted.insert(name);
            self.tells_likely &= !name.ends_with("logprobs");
        }
        named.is_some()
    }

    /// The body of a request for a streamed completion.
    pub(super) fn body(&self, model: &str, ask: &Ask<'_>) -> Value {
        let mut messages: Vec<_> = ask
            .messages
            .iter()
            .map(|message| json!({"role": role(message.speaker), "content": message.text}))
            .collect();
        if let Some(form) = ask.form
            && self.way > Way::Schema
            && let Some(last) = messages.last_mut()
        {
            let text = last["content"].as_str().unwrap_or_default();
            last["content"] = Value::String(format!("{text}\n\n{}", in_words(form.schema)));
        }
        let max_tokens = if self.completion_tokens {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        let mut body = json!({
            "model": model,
            "messages": messages,
            "temperature": ask.temperature,
            "seed": ask.seed,
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        body[max_tokens] = json!(ask.max_tokens);
        if !ask.stop.is_empty() {
            body["stop"] = json!(ask.stop);
        }
        if ask.likely {
            body["logprobs"] = json!(true);
            body["top_logprobs"] = json!(ALTERNATIVES);
        }
        if let Some(Form { name, schema }) = ask.form {
            match self.way {
                Way::Schema => {
                    let form = json!({"name": name, "schema": schema, "strict": is_strict(schema)});
                    body["response_format"] = json!({"type": "json_schema", "json_schema": form});
                }
                Way::Object => {
                    body["response_format"] = json!({"type": "json_object", "schema": schema})
                }
                Way::Words => {}
            }
        }
        if let Value::Object(fields) = &mut body {
            fields.retain(|name, _| !self.omitted.contains(name.as_str()));
        }
        body
    }
}

fn role(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::System => "system",
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    }
}

/// The request for JSON, in words.
pub(super) fn in_words(schema: &Value) -> String {
    format!(
        "Answer with one JSON value and nothing else. This JSON Schema must admit it:\n{schema}"
    )
}

/// Whether a schema is one that services take as `strict`: every object closed, every property required.
fn is_strict(schema: &Value) -> bool {
    match schema {
        Value::Object(fields) => {
            let closed = fields.get("properties").is_none_or(|properties| {
                let required = fields.get("required").and_then(Value::as_array);
                let all = properties.as_object().is_some_and(|properties| {
                    required.is_some_and(|required| {
                        properties
                            .keys()
                            .all(|name| required.iter().any(|other| other == name))
                    })
                });
                all && fields.get("additionalProperties") == Some(&Value::Bool(false))
            });
            closed && fields.values().all(is_strict)
        }
        Value::Array(items) => items.iter().all(is_strict),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn refusal(body: &str) -> Failure {
        Failure::Status {
            status: 400,
            wait: None,
            body: body.to_owned(),
        }
    }

    #[test]
    fn every_refusal_teaches_one_thing() {
        let schema = json!({"type": "object"});
        let ask = Ask {
            messages: vec![Message::user("?")],
            form: Some(Form {
                name: "x",
                schema: &schema,
            }),
            max_tokens: 5,
            temperature: 0.0,
            seed: 1,
            stop: &[],
            likely: false,
        };
        let mut dialect = Dialect::default();
        assert_eq!(
            dialect.body("m", &ask)["response_format"]["type"],
            "json_schema"
        );
        for (refused, looks) in [
            ("response_format", "json_object"),
            ("'json_object' is unknown", ""),
        ] {
            assert!(dialect.learns(&dialect.clone(), &ask, &refusal(refused)));
            let body = dialect.body("m", &ask);
            assert_eq!(
                body["response_format"]["type"].as_str().unwrap_or_default(),
                looks
            );
            assert!(
                body["messages"][0]["content"]
                    .as_str()
                    .unwrap()
                    .contains("JSON Schema")
            );
        }
        assert!(!dialect.learns(&dialect.clone(), &ask, &refusal("response_format")));
        assert!(dialect.learns(&dialect.clone(), &ask, &refusal("unknown parameter: seed")));
        assert!(dialect.learns(
            &dialect.clone(),
            &ask,
            &refusal("use max_completion_tokens instead")
        ));
        let body = dialect.body("m", &ask);
        assert!(body.get("seed").is_none() && body.get("max_tokens").is_none());
        assert_eq!(body["max_completion_tokens"], 5);
        assert!(!dialect.learns(&dialect.clone(), &ask, &refusal("no such model")));
    }

    #[test]
    fn strict_schemas_are_told_from_others() {
        let closed = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"],
            "additionalProperties": false});
        assert!(is_strict(&closed));
        assert!(!is_strict(
            &json!({"type": "object", "properties": {"a": {"type": "string"}}})
        ));
    }
}
