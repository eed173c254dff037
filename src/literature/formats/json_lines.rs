//! One JSON object a line, with keys of one's own.

use serde_json::Value;

use super::fields::Fields;
use super::{Collected, OWN};

pub(super) fn read(text: &str, collected: &mut Collected<'_>) {
    for (place, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let record = one(line).and_then(|fields| fields.read(&collected.source));
        collected.take(place + 1, record);
    }
}

fn one(line: &str) -> Result<Fields, String> {
    let value: Value = serde_json::from_str(line)
        .map_err(|error| format!("no JSON: {error}; write one object a line"))?;
    let Value::Object(object) = value else {
        return Err(format!("no JSON object; write one with {OWN}"));
    };
    let mut fields = Fields::default();
    for (name, value) in object {
        let Some(place) = fields.place(&name) else {
            continue;
        };
        *place = match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Null => None,
            _ => return Err(format!("`{name}` is neither text nor number; write one")),
        };
    }
    Ok(fields)
}
