//! The tokenizer: byte pairs for text, exact matches for special tokens, and never the one for the other.

use std::collections::HashMap;

use crate::error::ModelError;

/// Texts of tokens that end a turn, whatever else a file declares.
const ENDS: [&str; 8] = [
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|end|>",
    "<end_of_turn>",
    "</s>",
];

/// What one token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Bytes of text; those of its name where it is special.
    pub bytes: Vec<u8>,
    /// Whether it is special: control, or added after training.
    pub special: bool,
}

/// Text to tokens and back.
pub struct Tokenizer {
    plain: tokenizers::Tokenizer,
    tokens: Vec<Token>,
    specials: Vec<(String, u32)>,
    ids: HashMap<String, u32>,
    begin: Option<u32>,
    adds_begin: bool,
    ends: Vec<u32>,
}

/// What a file says of its tokens, beside the byte pairs.
pub(crate) struct Declared {
    /// Every token by id; padding has no bytes.
    pub tokens: Vec<Token>,
    /// The token before everything.
    pub begin: Option<u32>,
    /// Whether it is put there.
    pub adds_begin: bool,
    /// Tokens that end a reply.
    pub ends: Vec<u32>,
}

impl Tokenizer {
    /// `plain` turns text into byte pairs and knows no special token.
    ///
    /// # Errors
    /// If no token ends a reply.
    pub(crate) fn new(
        plain: tokenizers::Tokenizer,
        declared: Declared,
    ) -> Result<Self, ModelError> {
        let Declared {
            tokens,
            begin,
            adds_begin,
            mut ends,
        } = declared;
        let mut specials: Vec<(String, u32)> = tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| token.special && !token.bytes.is_empty())
            .filter_map(|(id, token)| {
                Some((String::from_utf8(token.bytes.clone()).ok()?, id as u32))
            })
            .collect();
        // The longest name wins where one starts like another.
        specials.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.1.cmp(&b.1)));
        let ids: HashMap<String, u32> = specials.iter().cloned().collect();
        ends.extend(ENDS.iter().filter_map(|name| ids.get(*name)));
        ends.sort_unstable();
        ends.dedup();
        if ends.is_empty() {
            return Err(ModelError::invalid(
                "the tokenizer has no token that ends a reply",
            ));
        }
        Ok(Self {
            plain,
            tokens,
            specials,
            ids,
            begin,
            adds_begin,
            ends,
        })
    }

    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Tokens that end a reply.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// The token that begins a text, where the model wants one.
    pub fn begin(&self) -> Option<u32> {
        self.begin.filter(|_| self.adds_begin)
    }

    /// Name of the token before everything, for templates.
    pub(crate) fn begin_text(&self) -> String {
        self.begin.map(|id| self.name(id)).unwrap_or_default()
    }

    /// Name of the first token that ends a reply, for templates.
    pub(crate) fn end_text(&self) -> String {
        self.ends
            .first()
            .map(|id| self.name(*id))
            .unwrap_or_default()
    }

    fn name(&self, id: u32) -> String {
        self.tokens
            .get(id as usize)
            .map(|t| String::from_utf8_lossy(&t.bytes).into_owned())
            .unwrap_or_default()
    }

    /// The special token called `name`.
    pub fn special(&self, name: &str) -> Option<u32> {
        self.ids.get(name).copied()
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Whether `id` is a special token.
    pub fn is_special(&self, id: u32) -> bool {
        self.tokens
            .get(id as usize)
            .is_some_and(|token| token.special)
    }

    /// Tokens of a text in which nothing is special: what looks like `<|im_end|>` becomes ordinary characters.
    ///
    /// # Errors
    /// If the byte pairs do not cover the text.
    pub fn encode_text(&self, text: &str) -> Result<Vec<u32>, ModelError> {
        let encoding = self.plain.encode_fast(text, false);
        let encoding =
            encoding.map_err(|error| ModelError::invalid(format!("tokenizer: {error}")))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Tokens of a text in which the names of special tokens mean them: a rendered template.
    ///
    /// # Errors
    /// As [`encode_text`](Self::encode_text).
    pub fn encode_template(&self, text: &str) -> Result<Vec<u32>, ModelError> {
        self.encode_guarded(text, None)
    }

    /// As [`encode_template`](Self::encode_template), `guard` taken out of what lies between special tokens.
    pub(crate) fn encode_guarded(
        &self,
        text: &str,
        guard: Option<char>,
    ) -> Result<Vec<u32>, ModelError> {
        let mut ids = Vec::new();
        let mut plain = 0;
        let mut at = 0;
        let between = |from: usize, to: usize, ids: &mut Vec<u32>| -> Result<(), ModelError> {
            if from < to {
                match guard {
                    Some(guard) => {
                        ids.extend(self.encode_text(&text[from..to].replace(guard, ""))?)
                    }
                    None => ids.extend(self.encode_text(&text[from..to])?),
                }
            }
            Ok(())
        };
        while at < text.len() {
            match self.special_at(&text[at..]) {
                Some((length, id)) => {
                    between(plain, at, &mut ids)?;
                    ids.push(id);
                    at += length;
                    plain = at;
                }
                None => at += text[at..].chars().next().map_or(1, char::len_utf8),
            }
        }
        between(plain, text.len(), &mut ids)?;
        Ok(ids)
    }

    /// The special token that `text` starts with: its length and id.
    pub(crate) fn special_at(&self, text: &str) -> Option<(usize, u32)> {
        let found = self
            .specials
            .iter()
            .find(|(name, _)| text.starts_with(name.as_str()));
        found.map(|(name, id)| (name.len(), *id))
    }

    /// Bytes of a token's text; none where it is special or padding.
    pub fn bytes(&self, id: u32) -> &[u8] {
        match self.tokens.get(id as usize) {
            Some(token) if !token.special => &token.bytes,
            _ => &[],
        }
    }

    /// Text of tokens, special ones left out; bytes that are no characters become U+FFFD.
    pub fn decode(&self, ids: &[u32]) -> String {
        let bytes: Vec<u8> = ids.iter().flat_map(|id| self.bytes(*id)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Puts bytes together to characters: a token may end inside one.
#[derive(Debug, Default, Clone)]
pub struct Utf8Stream {
    pending: Vec<u8>,
}

impl Utf8Stream {
    /// Takes the bytes of a token and gives what is whole by now.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        loop {
            match std::str::from_utf8(&self.pending) {
                Ok(whole) => {
                    text.push_str(whole);
                    self.pending.clear();
                    return text;
                }
                Err(error) => {
                    let (whole, rest) = self.pending.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(whole));
                    match error.error_len() {
                        // Bytes that no continuation can make a character.
                        Some(length) => {
                            text.push('\u{fffd}');
                            self.pending = rest[length..].to_vec();
                        }
                        None => {
                            self.pending = rest.to_vec();
                            return text;
                        }
                    }
                }
            }
        }
    }

    /// What is left at the end: half a character becomes U+FFFD.
    pub fn finish(&mut self) -> String {
        let rest = String::from_utf8_lossy(&self.pending).into_owned();
        self.pending.clear();
        rest
    }
}
