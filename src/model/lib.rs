//! Language models on the user's own machine, without a server and without a network.
//!
//! [`LocalModel`] opens a GGUF file or a checkpoint's folder and writes replies, JSON under a schema, choices, rewards or
//! embeddings. Below it: the forward pass ([`decoder`]) over kernels for quantised weights ([`kernels`]), tokenizers that
//! never take text for special tokens ([`tokenizer`], [`template`]), and what turns logits into replies ([`generation`]).
//! On one machine, the same file, question and settings give the same reply, with and without drafts, reused beginnings or
//! other numbers of threads.
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")
)]

pub mod decoder;
pub mod embedding;
pub mod error;
pub mod generation;
pub mod info;
pub mod kernels;
pub mod local;
pub mod template;
pub mod tokenizer;
pub(crate) mod weights;

pub use decoder::{Architecture, Decoder, DecoderConfig, DeviceTransformer, KvCache, Transformer};
pub use error::ModelError;
pub use generation::{Finish, Generated, OptionScores, Sampling, Settings};
pub use info::{Kind, ModelInfo};
pub use local::{Answer, LocalModel, OpenOptions, Place};
pub use template::{ChatMessage, Role};
pub use tokenizer::Tokenizer;
pub use weights::source::Keep;
