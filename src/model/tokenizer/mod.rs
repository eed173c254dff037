//! Text to tokens and back.

pub(crate) mod from_gguf;
pub(crate) mod from_json;
pub(crate) mod pre_tokenizer;
pub mod text;

pub use text::{Tokenizer, Utf8Stream};
