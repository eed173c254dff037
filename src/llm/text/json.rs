//! JSON in the middle of prose.

use serde_json::{Deserializer, Value};

/// The first JSON object or array in a text, whatever stands around it; a fenced ```` ```json ```` block comes first.
pub fn first_value(text: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let fenced = text.match_indices("```").filter_map(|(at, _)| {
        let block =
            text[at + 3..].trim_start_matches(|character: char| character.is_ascii_alphanumeric());
        value_at(block.trim_start())
    });
    let anywhere = text
        .char_indices()
        .filter(|(_, character)| matches!(character, '{' | '['))
        .filter_map(|(at, _)| value_at(&text[at..]));
    fenced.chain(anywhere).next()
}

fn value_at(text: &str) -> Option<Value> {
    let value = Deserializer::from_str(text)
        .into_iter::<Value>()
        .next()?
        .ok()?;
    matches!(value, Value::Object(_) | Value::Array(_)).then_some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::first_value;

    #[test]
    fn json_is_found_in_prose() {
        for (text, value) in [
            (r#"{"a":1}"#, Some(json!({"a": 1}))),
            (
                "Sure!\n```json\n{\"a\": [1]}\n```\nDone.",
                Some(json!({"a": [1]})),
            ),
            (
                "see [below] and {\"a\":2} or {\"a\":3}",
                Some(json!({"a": 2})),
            ),
            ("```\n[1, 2]\n``` not {\"a\":1}", Some(json!([1, 2]))),
            ("{\"a\": 1", None),
            ("no value here", None),
        ] {
            assert_eq!(first_value(text), value, "{text}");
        }
    }
}
