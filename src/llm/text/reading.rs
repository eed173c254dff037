//! From what a model wrote to what was asked for.

use serde_json::Value;

use super::json::first_value;
use super::reasoning::without_reasoning;
use crate::request::ReplyForm;

/// Reasons that one error names at most.
const REASONS: usize = 3;

/// Reads a reply: its text without reasoning, and its value where one was asked for.
///
/// # Errors
/// What is wrong with it, in words that the model can be told: no JSON, or where the schema refuses it.
pub fn read_reply(form: &ReplyForm, written: &str) -> Result<(String, Option<Value>), String> {
    let text = without_reasoning(written);
    match form {
        ReplyForm::Text if text.is_empty() => Err("it is empty".to_owned()),
        ReplyForm::Text => Ok((text, None)),
        ReplyForm::Json { schema, .. } => {
            let value = first_value(&text)
                .ok_or_else(|| "there is no whole JSON value in it".to_owned())?;
            check_schema(schema, &value)?;
            Ok((text, Some(value)))
        }
    }
}

/// Holds a value against a JSON Schema.
///
/// # Errors
/// Where and why the schema refuses the value, or that the schema is none.
pub fn check_schema(schema: &Value, value: &Value) -> Result<(), String> {
    let validator = jsonschema::validator_for(schema)
        .map_err(|error| format!("the schema is none: {error}"))?;
    let reasons: Vec<_> = validator
        .iter_errors(value)
        .take(REASONS)
        .map(|error| match error.instance_path().to_string() {
            path if path.is_empty() => error.to_string(),
            path => format!("at `{path}`: {error}"),
        })
        .collect();
    if reasons.is_empty() {
        Ok(())
    } else {
        Err(reasons.join("; "))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use serde_json::json;

    use super::*;

    #[test]
    fn replies_are_read_and_refused_with_a_reason() {
        let form = ReplyForm::Json {
            name: "gene".to_owned(),
            schema: json!({"type": "object", "properties": {"up": {"type": "boolean"}}, "required": ["up"]}),
        };
        let (text, value) = read_reply(
            &form,
            "<think>{\"up\": 3}</think>```json\n{\"up\": true}\n```",
        )
        .unwrap();
        assert_eq!(value, Some(json!({"up": true})));
        assert!(text.starts_with("```json"));
        let reason = read_reply(&form, "{\"up\": 3}").unwrap_err();
        assert!(
            reason.contains("`/up`") && reason.contains("boolean"),
            "{reason}"
        );
        assert!(
            read_reply(&form, "{\"up\": tru")
                .unwrap_err()
                .contains("whole JSON")
        );
        assert!(
            read_reply(&ReplyForm::Text, "<think>only")
                .unwrap_err()
                .contains("empty")
        );
    }
}
