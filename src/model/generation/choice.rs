//! Which of several options a model would take.

use super::sampler::log_probabilities;
use super::session::Session;
use crate::decoder::Decoder;
use crate::error::ModelError;
use crate::tokenizer::Tokenizer;

/// Options that letters can name.
pub(crate) const LETTERS: usize = 26;

/// What a model thinks of a list of options.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionScores {
    /// Log-probability of each option, in nats, not normalised over the options.
    pub log_probabilities: Vec<f64>,
    /// The same as weights that sum to 1.
    pub weights: Vec<f64>,
    /// Index of the largest weight, the first of equals.
    pub best: usize,
    /// Largest weight less the second largest; the whole where there is one option.
    pub margin: f64,
    /// Whether the options in reverse gave the same; true where no order was shown.
    pub orders_agree: bool,
    /// Tokens read, over all orders.
    pub prompt_tokens: usize,
    /// Of these, tokens read for an earlier question.
    pub reused_tokens: usize,
}

impl OptionScores {
    fn new(
        log_probabilities: Vec<f64>,
        orders_agree: bool,
        prompt_tokens: usize,
        reused_tokens: usize,
    ) -> Self {
        let weights = weights(&log_probabilities);
        let best = best(&weights);
        let second = weights
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != best)
            .map(|(_, w)| *w)
            .fold(0.0, f64::max);
        let margin = weights.get(best).map_or(0.0, |w| w - second);
        Self {
            log_probabilities,
            weights,
            best,
            margin,
            orders_agree,
            prompt_tokens,
            reused_tokens,
        }
    }
}

fn weights(log_probabilities: &[f64]) -> Vec<f64> {
    let largest = log_probabilities
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = log_probabilities
        .iter()
        .map(|l| (l - largest).exp())
        .collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / total).collect()
}

fn best(weights: &[f64]) -> usize {
    (0..weights.len())
        .rev()
        .max_by(|a, b| weights[*a].total_cmp(&weights[*b]))
        .unwrap_or(0)
}

/// The letter of option `index`.
pub(crate) fn letter(index: usize) -> String {
    char::from(b'A' + (index % LETTERS) as u8).to_string()
}

/// Options named by letters: the question is asked with the options in their order and in reverse (`prompt(order)` gives
/// its tokens, `order[i]` being the option of letter `i`), and the log-probabilities of the letters are averaged: small
/// models lean to early or late letters, and the two orders cancel that (P. Pezeshkpour, E. Hruschka 2023,
/// arXiv:2308.11483).
///
/// # Errors
/// If there are no options or more than letters, or the question does not fit.
pub fn choose_by_letter(
    decoder: &dyn Decoder,
    tokenizer: &Tokenizer,
    session: &mut Session,
    options: usize,
    prompt: &mut dyn FnMut(&[usize]) -> Result<Vec<u32>, ModelError>,
) -> Result<OptionScores, ModelError> {
    if options == 0 || options > LETTERS {
        return Err(ModelError::Constraint {
            reason: format!("{options} options, 1 to {LETTERS} can have letters"),
        });
    }
    let letters: Vec<u32> = (0..options)
        .map(|i| match tokenizer.encode_text(&letter(i))?.as_slice() {
            [token] => Ok(*token),
            _ => Err(ModelError::Constraint {
                reason: format!("letter `{}` is no single token", letter(i)),
            }),
        })
        .collect::<Result<_, _>>()?;
    let forward: Vec<usize> = (0..options).collect();
    let backward: Vec<usize> = (0..options).rev().collect();
    let mut total = vec![0f64; options];
    let mut choices = Vec::new();
    let (mut prompt_tokens, mut reused_tokens) = (0, 0);
    for order in [&forward, &backward] {
        let tokens = prompt(order)?;
        let (mut cache, reused) = session.begin(decoder, &tokens);
        let logits = decoder.last_logits(&mut cache, &tokens[reused..])?;
        prompt_tokens += tokens.len();
        reused_tokens += reused;
        session.keep(tokens, cache);
        let logs = log_probabilities(&logits);
        let mut here = vec![0f64; options];
        for (token, option) in letters.iter().zip(order) {
            here[*option] = f64::from(logs[*token as usize]);
        }
        choices.push(best(&weights(&here)));
        for (total, here) in total.iter_mut().zip(here) {
            *total += here / 2.0;
        }
    }
    Ok(OptionScores::new(
        total,
        choices[0] == choices[1],
        prompt_tokens,
        reused_tokens,
    ))
}

/// Log-probability of each of `options` (tokens, none empty) as the continuation of `prompt`, which is read once.
///
/// # Errors
/// If an option is empty or does not fit the context.
pub fn score_options(
    decoder: &dyn Decoder,
    session: &mut Session,
    prompt: &[u32],
    options: &[Vec<u32>],
) -> Result<OptionScores, ModelError> {
    if options.is_empty() || prompt.is_empty() || options.iter().any(Vec::is_empty) {
        return Err(ModelError::Constraint {
            reason: "there is no option, or an empty one".to_owned(),
        });
    }
    let (mut cache, reused) = session.begin(decoder, prompt);
    let first = log_probabilities(&decoder.last_logits(&mut cache, &prompt[reused..])?);
    session.keep(prompt.to_vec(), cache.clone());
    let row = decoder.vocabulary();
    let mut totals = Vec::with_capacity(options.len());
    for option in options {
        let mut total = f64::from(first[option[0] as usize]);
        if option.len() > 1 {
            let mut continued = cache.clone();
            let logits = decoder.all_logits(&mut continued, &option[..option.len() - 1])?;
            for (logits, token) in logits.chunks_exact(row).zip(&option[1..]) {
                total += f64::from(log_probabilities(logits)[*token as usize]);
            }
        }
        totals.push(total);
    }
    Ok(OptionScores::new(totals, true, prompt.len(), reused))
}
