//! Sentences to vectors (N. Reimers, I. Gurevych 2019, arXiv:1908.10084).

use std::path::Path;

use super::bert::Bert;
use crate::error::ModelError;
use crate::kernels::Threads;
use crate::weights::safetensors::Checkpoint;
use crate::weights::source::Keep;

/// Tokens of a sentence that are read where the folder does not say.
const DEFAULT_LENGTH: usize = 256;

/// An encoder whose hidden states are averaged over the tokens of a sentence.
pub struct SentenceEncoder {
    bert: Bert,
    tokenizer: tokenizers::Tokenizer,
    threads: Threads,
    longest: usize,
}

impl SentenceEncoder {
    /// Reads a folder with `config.json`, `tokenizer.json` and safetensors of a BERT encoder, as sentence-transformers
    /// writes it (MiniLM and its kin).
    ///
    /// # Errors
    /// If something is missing, or the encoder is of another kind.
    pub fn open(folder: &Path, threads: usize) -> Result<Self, ModelError> {
        let checkpoint = Checkpoint::open(folder, Keep::AsStored)?;
        let bert = Bert::read(&checkpoint)?;
        let broken =
            |error: tokenizers::Error| ModelError::invalid(format!("`tokenizer.json`: {error}"));
        let mut tokenizer =
            tokenizers::Tokenizer::from_file(folder.join("tokenizer.json")).map_err(broken)?;
        tokenizer.with_padding(None);
        let settings =
            crate::weights::safetensors::read_json(&folder.join("sentence_bert_config.json"));
        let longest = settings
            .ok()
            .and_then(|s| s["max_seq_length"].as_u64())
            .map_or(DEFAULT_LENGTH, |n| n as usize);
        let longest = longest.min(bert.config.positions);
        let cut = tokenizers::TruncationParams {
            max_length: longest,
            ..Default::default()
        };
        tokenizer.with_truncation(Some(cut)).map_err(broken)?;
        Ok(Self {
            bert,
            tokenizer,
            threads: Threads::new(threads)?,
            longest,
        })
    }

    /// Values of a vector.
    pub fn dimensions(&self) -> usize {
        self.bert.config.hidden
    }

    /// Tokens of a sentence that are read; the rest is cut off.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The vector of a text, of length 1: the mean of the last hidden states of its tokens.
    ///
    /// # Errors
    /// If the tokenizer fails.
    pub fn embed(&self, text: &str) -> Result<Vec<f32>, ModelError> {
        let encoding = self.tokenizer.encode(text, true);
        let encoding =
            encoding.map_err(|error| ModelError::invalid(format!("tokenizer: {error}")))?;
        let hidden = self.bert.hidden(&self.threads, encoding.get_ids())?;
        let mut mean = vec![0f32; self.dimensions()];
        for state in hidden.chunks_exact(mean.len()) {
            for (mean, value) in mean.iter_mut().zip(state) {
                *mean += value;
            }
        }
        // The number of tokens cancels when the length is set to 1.
        let length = mean
            .iter()
            .map(|v| f64::from(*v) * f64::from(*v))
            .sum::<f64>()
            .sqrt() as f32;
        if length > 0.0 {
            mean.iter_mut().for_each(|v| *v /= length);
        }
        Ok(mean)
    }
}
