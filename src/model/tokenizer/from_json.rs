//! Tokenizers in `tokenizer.json`, as checkpoints carry them.

use std::path::Path;

use serde_json::Value;

use super::from_gguf::{bytes_of, characters};
use super::text::{Declared, Token, Tokenizer};
use crate::error::ModelError;
use crate::weights::safetensors::read_json;

/// The tokenizer in `folder`: `tokenizer.json`, and what `tokenizer_config.json`, `generation_config.json` and
/// `config.json` say of tokens that begin and end a text.
///
/// # Errors
/// If there is none, or it is not one of bytes.
pub(crate) fn read(folder: &Path) -> Result<Tokenizer, ModelError> {
    let mut json = read_json(&folder.join("tokenizer.json"))?;
    if !mentions(&json["decoder"], "ByteLevel") && !mentions(&json["pre_tokenizer"], "ByteLevel") {
        return Err(ModelError::Unsupported {
            what: "tokenizer model",
            found: json["model"]["type"].as_str().unwrap_or("?").to_owned(),
            supported: "byte-level BPE".to_owned(),
        });
    }
    let added = json["added_tokens"].take();
    let adds_begin = begins(&json["post_processor"]);
    // Special tokens are looked for only where a template may put them, so the text's own tokenizer must not know them.
    json["added_tokens"] = Value::Array(Vec::new());
    json["post_processor"] = Value::Null;
    json["truncation"] = Value::Null;
    json["padding"] = Value::Null;

    let characters = characters();
    let mut tokens: Vec<Token> = Vec::new();
    let mut put = |id: u64, token: Token| {
        let id = id as usize;
        if tokens.len() <= id {
            tokens.resize(
                id + 1,
                Token {
                    bytes: Vec::new(),
                    special: false,
                },
            );
        }
        tokens[id] = token;
    };
    for (name, id) in json["model"]["vocab"].as_object().into_iter().flatten() {
        let bytes = bytes_of(name, &characters).unwrap_or_else(|| name.as_bytes().to_vec());
        put(
            id.as_u64().unwrap_or(0),
            Token {
                bytes,
                special: false,
            },
        );
    }
    for token in added.as_array().into_iter().flatten() {
        if let (Some(id), Some(name)) = (token["id"].as_u64(), token["content"].as_str()) {
            put(
                id,
                Token {
                    bytes: name.as_bytes().to_vec(),
                    special: true,
                },
            );
        }
    }

    let id_of = |name: &str| {
        let found = added
            .as_array()
            .into_iter()
            .flatten()
            .find(|token| token["content"] == name);
        found
            .and_then(|token| token["id"].as_u64())
            .and_then(|id| u32::try_from(id).ok())
    };
    let settings = read_json(&folder.join("tokenizer_config.json")).unwrap_or(Value::Null);
    let named = |key: &str| {
        settings[key]
            .as_str()
            .or(settings[key]["content"].as_str())
            .and_then(id_of)
    };
    let mut ends: Vec<u32> = named("eos_token").into_iter().collect();
    for file in ["generation_config.json", "config.json"] {
        let config = read_json(&folder.join(file)).unwrap_or(Value::Null);
        let ids = match &config["eos_token_id"] {
            Value::Array(ids) => ids.clone(),
            id => vec![id.clone()],
        };
        ends.extend(
            ids.iter()
                .filter_map(Value::as_u64)
                .filter_map(|id| u32::try_from(id).ok()),
        );
    }
    ends.retain(|id| (*id as usize) < tokens.len());
    for id in &ends {
        tokens[*id as usize].special = true;
    }

    let text = serde_json::to_vec(&json).map_err(|error| ModelError::invalid(error.to_string()))?;
    let plain = tokenizers::Tokenizer::from_bytes(text);
    let plain = plain.map_err(|error| ModelError::invalid(format!("`tokenizer.json`: {error}")))?;
    let begin = named("bos_token");
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

/// Whether a part of the tokenizer, or a part of it, is of type `kind`.
fn mentions(part: &Value, kind: &str) -> bool {
    match part {
        Value::Object(fields) => {
            fields.get("type").is_some_and(|t| t == kind)
                || fields.values().any(|v| mentions(v, kind))
        }
        Value::Array(parts) => parts.iter().any(|part| mentions(part, kind)),
        _ => false,
    }
}

/// Whether the post-processor puts a special token before a text.
fn begins(processor: &Value) -> bool {
    match processor["type"].as_str() {
        Some("TemplateProcessing") => processor["single"][0]["SpecialToken"].is_object(),
        Some("Sequence") => processor["processors"]
            .as_array()
            .into_iter()
            .flatten()
            .any(begins),
        _ => false,
    }
}
