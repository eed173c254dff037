//! Tokenizers inside GGUF files.

use candle_core::quantized::gguf_file::Value;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::unicode::NFC;

use super::pre_tokenizer;
use super::text::{Declared, Token, Tokenizer};
use crate::error::ModelError;
use crate::weights::gguf::{GgufFile, integer};

/// Kinds of tokens in `tokenizer.ggml.token_type`.
const UNKNOWN: usize = 2;
const CONTROL: usize = 3;
const USER_DEFINED: usize = 4;
const UNUSED: usize = 5;

/// The tokenizer of `file`.
///
/// # Errors
/// If it is not one of byte pairs, or cuts text in a way this library does not know.
pub(crate) fn read(file: &GgufFile) -> Result<Tokenizer, ModelError> {
    let model = file.text("tokenizer.ggml.model")?;
    if model != "gpt2" {
        return Err(ModelError::Unsupported {
            what: "tokenizer model",
            found: model.to_owned(),
            supported: "gpt2 (byte pairs)".to_owned(),
        });
    }
    let cut = pre_tokenizer::named(file.text("tokenizer.ggml.pre").unwrap_or("default"))?;
    let names = texts(file, "tokenizer.ggml.tokens")?;
    let merges = texts(file, "tokenizer.ggml.merges")?
        .into_iter()
        .map(|merge| match merge.split_once(' ') {
            Some((a, b)) => Ok((a.to_owned(), b.to_owned())),
            None => Err(ModelError::invalid(format!(
                "`{merge}` is no merge of two pieces"
            ))),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let kinds: Vec<usize> = match file.get("tokenizer.ggml.token_type") {
        Some(Value::Array(kinds)) => kinds
            .iter()
            .map(|kind| integer(kind).unwrap_or(0))
            .collect(),
        _ => Vec::new(),
    };
    let id = |key: &str| file.size(key).ok().and_then(|id| u32::try_from(id).ok());
    let begin = id("tokenizer.ggml.bos_token_id");
    let ends: Vec<u32> = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"]
        .into_iter()
        .filter_map(id)
        .collect();

    let characters = characters();
    let tokens = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let kind = kinds.get(i).copied().unwrap_or(1);
            let special =
                matches!(kind, UNKNOWN | CONTROL | USER_DEFINED) || ends.contains(&(i as u32));
            let bytes = match kind {
                UNUSED => Vec::new(),
                _ if special => name.as_bytes().to_vec(),
                _ => bytes_of(name, &characters).unwrap_or_else(|| name.as_bytes().to_vec()),
            };
            Token { bytes, special }
        })
        .collect();

    let vocabulary: Vocab = names
        .iter()
        .enumerate()
        .map(|(i, name)| (name.clone(), i as u32))
        .collect();
    let pairs = BPE::builder()
        .vocab_and_merges(vocabulary, merges)
        .ignore_merges(cut.keeps_known_pieces);
    let pairs = pairs
        .build()
        .map_err(|error| ModelError::invalid(format!("tokenizer: {error}")))?;
    let mut plain = tokenizers::Tokenizer::new(pairs);
    plain.with_pre_tokenizer(Some(cut.cuts));
    if cut.composes {
        let composed = plain.with_normalizer(Some(NFC));
        composed.map_err(|error| ModelError::invalid(format!("tokenizer: {error}")))?;
    }
    // llama.cpp's converters leave the key out where the answer is the family's own: yes for Llama 3.
    let adds_begin = match file.get("tokenizer.ggml.add_bos_token") {
        Some(Value::Bool(adds)) => *adds,
        _ => cut.keeps_known_pieces,
    };
    Tokenizer::new(
        plain,
        Declared {
            tokens,
            begin,
            adds_begin,
            ends,
        },
    )
}

fn texts(file: &GgufFile, key: &str) -> Result<Vec<String>, ModelError> {
    let Some(Value::Array(values)) = file.get(key) else {
        return Err(file.missing(key));
    };
    values
        .iter()
        .map(|value| match value {
            Value::String(text) => Ok(text.clone()),
            _ => Err(ModelError::invalid(format!(
                "`{key}` holds something else than texts"
            ))),
        })
        .collect()
}

/// Bytes by the characters that byte-level vocabularies write them as (A. Radford et al. 2019, `bytes_to_unicode`).
pub(crate) fn characters() -> std::collections::HashMap<char, u8> {
    let printable = |byte: u8| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    let mut next = 0x100u32;
    (0..=255u8)
        .filter_map(|byte| {
            let code = if printable(byte) {
                u32::from(byte)
            } else {
                next += 1;
                next - 1
            };
            Some((char::from_u32(code)?, byte))
        })
        .collect()
}

/// Bytes of a byte-level token; none where a character stands for no byte.
pub(crate) fn bytes_of(
    name: &str,
    characters: &std::collections::HashMap<char, u8>,
) -> Option<Vec<u8>> {
    name.chars()
        .map(|character| characters.get(&character).copied())
        .collect()
}
