//! Replies that cannot be anything else: JSON under a schema, or one of a list of texts.

use std::sync::Arc;

use llguidance::api::TopLevelGrammar;
use llguidance::toktrie::{
    InferenceCapabilities, SimpleVob, TokEnv, TokRxInfo, TokTrie, TokenizerEnv,
};
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};

use crate::error::ModelError;
use crate::tokenizer::Tokenizer;

/// A tokenizer as the grammar engine wants it: every token's bytes in a trie.
struct Vocabulary {
    tokenizer: Arc<Tokenizer>,
    trie: TokTrie,
}

impl TokenizerEnv for Vocabulary {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<u32> {
        match std::str::from_utf8(bytes).map(|text| self.tokenizer.encode_text(text)) {
            Ok(Ok(ids)) => ids,
            _ => self.trie.greedy_tokenize(bytes),
        }
    }
}

/// Compiles constraints for one tokenizer.
pub struct Grammars {
    factory: ParserFactory,
    vocabulary: usize,
}

impl Grammars {
    /// For the tokens of `tokenizer`; `vocabulary` is the number of logits, padding included.
    ///
    /// # Errors
    /// If the engine refuses the vocabulary.
    pub fn new(tokenizer: &Arc<Tokenizer>, vocabulary: usize) -> Result<Self, ModelError> {
        let words: Vec<Vec<u8>> = (0..vocabulary)
            .map(|id| match tokenizer.tokens().get(id) {
                Some(token) if token.special && !token.bytes.is_empty() => {
                    let mut name = vec![TokTrie::SPECIAL_TOKEN_MARKER];
                    name.extend_from_slice(&token.bytes);
                    name
                }
                Some(token) => token.bytes.clone(),
                None => Vec::new(),
            })
            .collect();
        let ends = tokenizer.ends();
        let trie = TokTrie::from(&TokRxInfo::new(vocabulary as u32, ends[0]), &words)
            .with_eos_tokens(ends);
        let environment: TokEnv = Arc::new(Vocabulary {
            tokenizer: Arc::clone(tokenizer),
            trie,
        });
        let slices = llguidance::earley::SlicedBiasComputer::general_slices();
        let factory = ParserFactory::new(&environment, InferenceCapabilities::default(), &slices);
        let mut factory = factory.map_err(refused)?;
        factory.quiet();
        Ok(Self {
            factory,
            vocabulary,
        })
    }

    /// Replies that `schema` admits, written without spaces that mean nothing.
    ///
    /// # Errors
    /// If the schema has something the engine cannot force, or admits nothing.
    pub fn json(&self, schema: &Value) -> Result<Constraint, ModelError> {
        let mut schema = schema.clone();
        if let Some(fields) = schema.as_object_mut() {
            let layout = json!({"whitespace_flexible": false, "item_separator": ", ", "key_separator": ": "});
            fields.insert("x-guidance".to_owned(), layout);
        }
        let parser = self
            .factory
            .create_parser(TopLevelGrammar::from_json_schema(schema));
        let mut matcher = Matcher::new(parser);
        if let Some(reason) = matcher.get_error() {
            return Err(ModelError::Constraint { reason });
        }
        if let Some(reason) = matcher.grammar_warnings().first() {
            return Err(ModelError::Constraint {
                reason: reason.clone(),
            });
        }
        Ok(Constraint::Grammar(Box::new(matcher)))
    }

    /// Number of logits the constraints are made for.
    pub fn vocabulary(&self) -> usize {
        self.vocabulary
    }
}

fn refused(error: impl std::fmt::Display) -> ModelError {
    ModelError::Constraint {
        reason: error.to_string(),
    }
}

/// What may come next.
pub enum Constraint {
    /// By a grammar.
    Grammar(Box<Matcher>),
    /// One of several sequences of tokens.
    Options {
        /// The sequences that still agree with what was written.
        left: Vec<Vec<u32>>,
        /// Tokens written.
        written: usize,
        /// Tokens that end a reply.
        ends: Vec<u32>,
    },
}

impl Constraint {
    /// Exactly one of `options`, which are not empty.
    ///
    /// # Errors
    /// If there are none, or one has no tokens.
    pub fn options(tokenizer: &Tokenizer, options: &[String]) -> Result<Self, ModelError> {
        let left: Vec<Vec<u32>> = options
            .iter()
            .map(|text| tokenizer.encode_text(text))
            .collect::<Result<_, _>>()?;
        if left.is_empty() || left.iter().any(Vec::is_empty) {
            return Err(ModelError::Constraint {
                reason: "there is no option, or an empty one".to_owned(),
            });
        }
        Ok(Self::Options {
            left,
            written: 0,
            ends: tokenizer.ends().to_vec(),
        })
    }

    /// Puts every logit of a token that may not come next at negative infinity.
    ///
    /// # Errors
    /// If the engine gives up on the grammar.
    pub(crate) fn mask(&mut self, logits: &mut [f32]) -> Result<(), ModelError> {
        match self {
            Self::Grammar(matcher) => {
                let allowed: SimpleVob = matcher.compute_mask_or_eos().map_err(refused)?;
                for (id, logit) in logits.iter_mut().enumerate() {
                    if id >= allowed.len() || !allowed.is_allowed(id as u32) {
                        *logit = f32::NEG_INFINITY;
                    }
                }
            }
            Self::Options {
                left,
                written,
                ends,
            } => {
                let mut allowed: Vec<u32> = left
                    .iter()
                    .filter_map(|option| option.get(*written))
                    .copied()
                    .collect();
                if left.iter().any(|option| option.len() == *written) {
                    allowed.extend_from_slice(ends);
                }
                for (id, logit) in logits.iter_mut().enumerate() {
                    if !allowed.contains(&(id as u32)) {
                        *logit = f32::NEG_INFINITY;
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes the token that was written.
    ///
    /// # Errors
    /// If it was not allowed.
    pub(crate) fn accept(&mut self, token: u32) -> Result<(), ModelError> {
        match self {
            Self::Grammar(matcher) => matcher.consume_token(token).map_err(refused),
            Self::Options { left, written, .. } => {
                left.retain(|option| option.get(*written) == Some(&token));
                *written += 1;
                if left.is_empty() {
                    Err(refused(format!("token `{token}` continues no option")))
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Whether nothing can follow what was written.
    pub(crate) fn is_complete(&self) -> bool {
        match self {
            Self::Grammar(matcher) => matcher.is_stopped(),
            Self::Options { left, written, .. } => {
                left.iter().all(|option| option.len() == *written)
            }
        }
    }

    /// Tokens that must come next, whatever the model thinks.
    pub(crate) fn forced(&mut self) -> Vec<u32> {
        match self {
            Self::Grammar(matcher) => matcher.compute_ff_tokens(),
            Self::Options { left, written, .. } => match left.as_slice() {
                [only] => only[*written..].to_vec(),
                _ => Vec::new(),
            },
        }
    }
}
