//! The loop that writes a reply.

use super::constraint::Constraint;
use super::draft::Lookup;
use super::loops::loops;
use super::sampler::{Sampler, Sampling};
use super::session::Session;
use super::stop::StopTexts;
use crate::decoder::{Decoder, KvCache};
use crate::error::ModelError;
use crate::tokenizer::{Tokenizer, Utf8Stream};

/// Why a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finish {
    /// The model was done, or its constraint complete.
    Done,
    /// A stop text.
    Stop,
    /// The limit of tokens, or of the context.
    Length,
    /// It said the same again and again.
    Loop,
    /// Whoever listens wanted no more.
    Cancelled,
}

/// How a reply is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Tokens at most.
    pub max_tokens: usize,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// Texts that end the reply and are not part of it.
    pub stop: Vec<String>,
    /// Tokens of a draft looked up in the text itself; 0 for none. Drafts never change a reply.
    pub draft: usize,
    /// Whether a reply that repeats one phrase ends.
    pub break_loops: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_tokens: 256,
            sampling: Sampling::default(),
            stop: Vec::new(),
            draft: 0,
            break_loops: true,
        }
    }
}

/// A reply and what it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The text.
    pub text: String,
    /// Its tokens, without the one that ended it.
    pub tokens: Vec<u32>,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens of the question.
    pub prompt_tokens: usize,
    /// Of these, tokens read for an earlier question.
    pub reused_tokens: usize,
    /// Tokens that the constraint left no choice about.
    pub forced_tokens: usize,
    /// Tokens drafted, and of these those that the model agreed to.
    pub drafted: (usize, usize),
    /// Passes through the model, the question's included.
    pub passes: usize,
}

/// What a reply is made with.
pub struct Generation<'a> {
    /// The model.
    pub decoder: &'a dyn Decoder,
    /// Its tokenizer.
    pub tokenizer: &'a Tokenizer,
    /// Caches of earlier questions.
    pub session: &'a mut Session,
    /// What the reply may be.
    pub constraint: Option<Constraint>,
}

/// A reply in the making.
struct Writing<'a> {
    tokenizer: &'a Tokenizer,
    settings: &'a Settings,
    constraint: Option<Constraint>,
    written: Vec<u32>,
    prompt: usize,
    text: String,
    characters: Utf8Stream,
    stops: StopTexts<'a>,
    listen: &'a mut dyn FnMut(&str) -> bool,
}

impl Writing<'_> {
    /// Takes a token and says whether the reply ends with it.
    fn take(&mut self, token: u32) -> Result<Option<Finish>, ModelError> {
        if let Some(constraint) = &mut self.constraint {
            constraint.accept(token)?;
        }
        self.written.push(token);
        let text = self.characters.push(self.tokenizer.bytes(token));
        let (text, stopped) = self.stops.push(&text);
        let wanted = self.say(&text);
        let reply = &self.written[self.prompt..];
        Ok(if stopped {
            Some(Finish::Stop)
        } else if !wanted {
            Some(Finish::Cancelled)
        } else if self
            .constraint
            .as_ref()
            .is_some_and(Constraint::is_complete)
        {
            Some(Finish::Done)
        } else if self.settings.break_loops && loops(reply) {
            Some(Finish::Loop)
        } else if reply.len() >= self.settings.max_tokens {
            Some(Finish::Length)
        } else {
            None
        })
    }

    fn say(&mut self, text: &str) -> bool {
        self.text.push_str(text);
        text.is_empty() || (self.listen)(text)
    }

    fn forced(&mut self) -> Vec<u32> {
        self.constraint
            .as_mut()
            .map(Constraint::forced)
            .unwrap_or_default()
    }
}

/// Writes a reply to `prompt`; `listen` gets its text as it comes and returns whether to go on.
///
/// # Errors
/// If the prompt and the reply's longest length do not fit the context, or the constraint fails.
pub fn generate(
    with: Generation<'_>,
    prompt: &[u32],
    context: usize,
    settings: &Settings,
    listen: &mut dyn FnMut(&str) -> bool,
) -> Result<Generated, ModelError> {
    let Generation {
        decoder,
        tokenizer,
        session,
        constraint,
    } = with;
    let tokens = prompt.len() + settings.max_tokens;
    if tokens > context {
        return Err(ModelError::TooLong {
            tokens,
            limit: context,
        });
    }
    if prompt.is_empty() || settings.max_tokens == 0 {
        return Err(ModelError::invalid(
            "a reply needs a question and room for at least one token",
        ));
    }
    let (mut cache, reused_tokens) = session.begin(decoder, prompt);
    let mut writing = Writing {
        tokenizer,
        settings,
        constraint,
        written: prompt.to_vec(),
        prompt: prompt.len(),
        text: String::new(),
        characters: Utf8Stream::default(),
        stops: StopTexts::new(&settings.stop),
        listen,
    };
    let mut counts = Counts::default();
    let finish = write(decoder, &mut writing, &mut cache, &mut counts)?;
    if finish != Finish::Stop {
        let rest = writing.characters.finish();
        let (text, _) = writing.stops.push(&rest);
        let text = text + &writing.stops.finish();
        writing.say(&text);
    }
    let Writing { written, text, .. } = writing;
    let reply = written[prompt.len()..].to_vec();
    session.keep(written[..cache.len()].to_vec(), cache);
    Ok(Generated {
        text,
        tokens: reply,
        finish,
        prompt_tokens: prompt.len(),
        reused_tokens,
        forced_tokens: counts.forced,
        drafted: (counts.proposed, counts.accepted),
        passes: counts.passes,
    })
}

#[derive(Default)]
struct Counts {
    forced: usize,
    proposed: usize,
    accepted: usize,
    passes: usize,
}

/// Writes until the reply ends; `cache` has then read a beginning of what was written.
fn write(
    decoder: &dyn Decoder,
    writing: &mut Writing<'_>,
    cache: &mut KvCache,
    counts: &mut Counts,
) -> Result<Finish, ModelError> {
    let mut sampler = Sampler::new(writing.settings.sampling);
    let mut lookup = Lookup::new(writing.settings.draft);
    // Tokens that are decided and not read yet.
    let mut pending = writing.written[cache.len()..].to_vec();
    // Some grammars begin with tokens that are no choice.
    for token in writing.forced() {
        counts.forced += 1;
        if let Some(finish) = writing.take(token)? {
            return Ok(finish);
        }
        pending.push(token);
    }
    loop {
        let left = writing.settings.max_tokens - (writing.written.len() - writing.prompt);
        let draft = lookup.propose(&writing.written);
        let draft = draft[..draft.len().min(left - 1)].to_vec();
        let read = [pending.as_slice(), &draft].concat();
        let hidden = decoder.hidden(cache, &read, pending.len() - 1)?;
        let mut logits = decoder.logits(&hidden)?;
        counts.passes += 1;
        counts.proposed += draft.len();
        let base = cache.len() - draft.len();
        let mut forced = std::collections::VecDeque::new();
        let mut agreed = 0;
        let outcome = loop {
            let token = match forced.pop_front() {
                Some(token) => {
                    counts.forced += 1;
                    token
                }
                None => {
                    let row = decoder.vocabulary();
                    let logits = &mut logits[agreed * row..(agreed + 1) * row];
                    if let Some(constraint) = &mut writing.constraint {
                        constraint.mask(logits)?;
                    }
                    let picked = sampler.pick(logits, &writing.written);
                    picked.ok_or_else(|| ModelError::Constraint {
                        reason: "no token may come next".to_owned(),
                    })?
                }
            };
            if writing.tokenizer.ends().contains(&token) {
                break Some(Finish::Done);
            }
            let finish = writing.take(token)?;
            let expected = draft.get(agreed) == Some(&token);
            agreed += usize::from(expected);
            if finish.is_some() {
                break finish;
            }
            if !expected {
                pending.clear();
                pending.push(token);
                break None;
            }
            if forced.is_empty() {
                forced.extend(writing.forced());
            }
        };
        counts.accepted += agreed;
        lookup.learn(draft.len(), agreed);
        cache.truncate(base + agreed);
        if outcome.is_some() {
            return Ok(outcome.unwrap_or(Finish::Done));
        }
        // Tokens that are no choice are read together with the next one that is.
        let rest = if forced.is_empty() {
            writing.forced()
        } else {
            forced.into()
        };
        for token in rest {
            counts.forced += 1;
            if let Some(finish) = writing.take(token)? {
                return Ok(finish);
            }
            pending.push(token);
        }
    }
}
