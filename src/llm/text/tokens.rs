//! How many tokens a text may have, without its tokenizer.

use crate::request::{Message, ReplyForm, Request};

/// Tokens that a chat template puts around a message.
const AROUND_A_MESSAGE: usize = 6;

/// About how many tokens a text has: a token per six letters of a word begun, per digit, per sign and per run of blanks
/// longer than one; two per character outside of Latin script.
pub fn estimate_tokens(text: &str) -> usize {
    let mut tokens = 0;
    let mut letters = 0;
    let mut blanks = 0;
    for character in text.chars() {
        if character.is_ascii_alphabetic() {
            tokens += usize::from(letters % 6 == 0);
            letters += 1;
            blanks = 0;
            continue;
        }
        letters = 0;
        if character.is_whitespace() {
            tokens += usize::from(blanks == 1 || character == '\n');
            blanks += 1;
            continue;
        }
        blanks = 0;
        tokens += if character.is_ascii() { 1 } else { 2 };
    }
    tokens
}

/// About how many tokens a request's question has, with its schema where one goes along.
pub fn estimate_request(request: &Request) -> usize {
    let schema = match &request.form {
        ReplyForm::Text => 0,
        ReplyForm::Json { schema, .. } => estimate_tokens(&schema.to_string()),
    };
    estimate_messages(&request.messages) + schema
}

/// About how many tokens a conversation has.
pub fn estimate_messages(messages: &[Message]) -> usize {
    messages
        .iter()
        .map(|message| estimate_tokens(&message.text) + AROUND_A_MESSAGE)
        .sum()
}
