//! How text is cut before byte pairs are merged, by the name that a GGUF gives it in `tokenizer.ggml.pre`.

use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;

use crate::error::ModelError;

/// Words, single digits, punctuation and spaces of Qwen 2 and later.
const QWEN2: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// The same with up to three digits together: Llama 3.
const LLAMA3: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// A way to cut text.
pub(crate) struct PreTokenizer {
    /// The cuts, then bytes as characters.
    pub cuts: PreTokenizerWrapper,
    /// Whether text is composed first (Unicode NFC), as the models' own tokenizers do.
    pub composes: bool,
    /// Whether a whole piece that is a token stays one although no merges lead there.
    pub keeps_known_pieces: bool,
}

/// The pre-tokenizer that files call `name`.
///
/// # Errors
/// If it is unknown: another one would give the model other tokens than it was trained on, silently.
pub(crate) fn named(name: &str) -> Result<PreTokenizer, ModelError> {
    let bytes = |splits_words| ByteLevel::new(false, false, splits_words);
    let (cuts, composes, keeps_known_pieces) = match name {
        "qwen2" | "deepseek-r1-qwen" => (split_then(QWEN2, bytes(false))?, true, false),
        "llama3" | "llama-v3" | "llama-bpe" => (split_then(LLAMA3, bytes(false))?, false, true),
        "smaug-bpe" => (split_then(LLAMA3, bytes(false))?, false, false),
        "smollm" | "starcoder" | "refact" | "command-r" => (
            Sequence::new(vec![Digits::new(true).into(), bytes(true).into()]).into(),
            false,
            false,
        ),
        "gpt-2" | "gpt2" => (bytes(true).into(), false, false),
        other => {
            return Err(ModelError::Unsupported {
                what: "pre-tokenizer",
                found: other.to_owned(),
                supported: "command-r, deepseek-r1-qwen, gpt-2, llama-bpe, llama-v3, llama3, qwen2, refact, smaug-bpe, \
                            smollm, starcoder"
                    .to_owned(),
            });
        }
    };
    Ok(PreTokenizer {
        cuts,
        composes,
        keeps_known_pieces,
    })
}

fn split_then(pattern: &str, bytes: ByteLevel) -> Result<PreTokenizerWrapper, ModelError> {
    let pattern = SplitPattern::Regex(pattern.to_owned());
    let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false);
    let split = split.map_err(|error| ModelError::invalid(format!("pre-tokenizer: {error}")))?;
    Ok(Sequence::new(vec![split.into(), bytes.into()]).into())
}
