//! Results: a value, the same in words, and errors as the command line tells them.

use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::failure::{Exit, Failure};
use crate::prompt::is_unseen;

/// Most characters of one answer, text or JSON.
const LONGEST: usize = 400_000;

/// What a tool gives.
#[derive(Debug)]
pub(super) struct Answer {
    value: Value,
    text: String,
}

impl Answer {
    /// An answer, every character of it shown.
    ///
    /// # Errors
    /// It is too long for one message.
    pub(super) fn new(value: &impl Serialize, text: &str) -> Result<Self, Failure> {
        let mut value = serde_json::to_value(value)?;
        visible_all(&mut value);
        let text = visible(text);
        let length = value.to_string().len().max(text.len());
        if length > LONGEST {
            return Err(Failure::bad_input(
                format!(
                    "the answer has {length} characters, more than the {LONGEST} of one message"
                ),
                "ask for less (`first`, `rows`), or use the command of the same name",
            ));
        }
        Ok(Self { value, text })
    }

    /// As the protocol carries it.
    pub(super) fn into_result(self) -> CallToolResult {
        let mut result = CallToolResult::success(vec![ContentBlock::text(self.text)]);
        result.structured_content = Some(self.value);
        result
    }
}

/// An error as the protocol carries it: the words of the command line, and its parts.
pub(super) fn refused(failure: &Failure) -> CallToolResult {
    let mut value = match failure {
        Failure::Told {
            exit,
            message,
            causes,
            hint,
        } => json!({"error": message, "causes": causes, "hint": hint, "kind": kind(*exit)}),
        Failure::ClosedPipe => json!({"error": "the reader went away", "kind": kind(Exit::Done)}),
    };
    visible_all(&mut value);
    let mut result = CallToolResult::error(vec![ContentBlock::text(visible(&failure.to_string()))]);
    result.structured_content = Some(value);
    result
}

/// What an exit code says, as a word.
fn kind(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "done",
        Exit::BadInput => "bad_input",
        Exit::Unavailable => "model_unavailable",
        Exit::Stopped => "stopped",
        Exit::Bug => "bug",
    }
}

/// The text with control characters, and those that are not seen or turn the direction of others, written out as
/// `\u{202e}`. Line ends and tabs stay.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let laid_out = matches!(c, '\n' | '\t');
        if (c.is_control() && !laid_out) || is_unseen(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// The same for every text of a value, keys included.
fn visible_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = visible(text),
        Value::Array(items) => items.iter_mut().for_each(visible_all),
        Value::Object(fields) => {
            for (key, mut field) in std::mem::take(fields) {
                visible_all(&mut field);
                fields.insert(visible(&key), field);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn what_is_not_seen_is_written_out() {
        assert_eq!(
            visible("a\u{202e}b\n\tc\u{0}\u{e0041}"),
            "a\\u{202e}b\n\tc\\u{0}\\u{e0041}"
        );
    }

    #[test]
    fn an_error_keeps_its_hint_apart() {
        let result = refused(&Failure::bad_input("no `x`", "write `y`"));
        assert_eq!(result.is_error, Some(true));
        let value = result.structured_content.unwrap();
        assert_eq!(value["hint"], "write `y`");
        assert_eq!(value["kind"], "bad_input");
    }

    #[test]
    fn an_answer_too_long_for_a_message_is_an_error() {
        let long = "x".repeat(LONGEST + 1);
        assert!(Answer::new(&Value::Null, &long).is_err());
    }
}
