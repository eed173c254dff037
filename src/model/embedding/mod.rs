//! Sentence embeddings.

pub(crate) mod bert;
pub mod sentences;

pub use sentences::SentenceEncoder;
