//! A choice among options, asked in two orders so that their order does not decide.

use serde_json::json;

use super::backend::Openai;
use super::completing::Said;
use super::dialect::{ALTERNATIVES, Ask};
use super::wire::Likely;
use crate::error::LlmError;
use crate::reply::{Choice, HowChosen, Usage};
use crate::request::{Message, ReplyForm, Request, Speaker};

/// The least share of all probability that the letters must have for them to be a choice.
const LEAST_SHARE: f64 = 0.2;

/// What one order of the options gave: a weight per option, in the order given by who asked.
struct Weighed {
    weights: Vec<f64>,
    usage: Usage,
    model: Option<String>,
}

impl Openai {
    pub(super) async fn decide(
        &self,
        request: &Request,
        options: &[String],
    ) -> Result<Choice, LlmError> {
        match options.len() {
            0 => {
                return Err(LlmError::Unsupported {
                    backend: self.name.clone(),
                    what: "choose where there are no options".to_owned(),
                });
            }
            1 => {
                return Ok(self.choice(
                    vec![1.0],
                    true,
                    HowChosen::Replies,
                    Usage::default(),
                    None,
                ));
            }
            _ => {}
        }
        let forwards: Vec<usize> = (0..options.len()).collect();
        let backwards: Vec<usize> = forwards.iter().rev().copied().collect();
        let mut spent = Usage::default();
        if options.len() <= ALTERNATIVES && self.dialect().tells_likely {
            let first = self
                .by_letter(request, options, &forwards, &mut spent)
                .await?;
            if let Some(first) = first
                && let Some(second) = self
                    .by_letter(request, options, &backwards, &mut spent)
                    .await?
            {
                return Ok(self.average(first, second, HowChosen::Probabilities, spent));
            }
        }
        let first = self.by_reply(request, options, &forwards).await?;
        let second = self.by_reply(request, options, &backwards).await?;
        let usage = spent.and(first.usage).and(second.usage);
        Ok(self.average(first, second, HowChosen::Replies, usage))
    }

    /// Weights from the probabilities of the options' letters; nothing where the server does not tell them.
    async fn by_letter(
        &self,
        request: &Request,
        options: &[String],
        order: &[usize],
        spent: &mut Usage,
    ) -> Result<Option<Weighed>, LlmError> {
        let list: String = order
            .iter()
            .zip('A'..)
            .map(|(at, letter)| format!("{letter}. {}\n", options[*at]))
            .collect();
        let words =
            format!("Options:\n{list}\nAnswer with the letter of one option and nothing else.");
        let ask = Ask {
            messages: and_said(&request.messages, &words),
            form: None,
            max_tokens: 1,
            likely: true,
            ..Ask::of(request)
        };
        let Said { reply, usage } = self.converse(&ask).await?;
        *spent = spent.and(usage);
        if reply.first_token.is_empty() {
            self.dialect().tells_likely = false;
            return Ok(None);
        }
        let mut weights = vec![0.0; options.len()];
        for Likely { token, logprob } in &reply.first_token {
            let letter = token.trim_matches(|character: char| !character.is_ascii_alphanumeric());
            let at = order
                .iter()
                .zip('A'..)
                .find(|(_, name)| letter == name.to_string());
            if let Some((at, _)) = at {
                weights[*at] += logprob.exp();
            }
        }
        let share: f64 = weights.iter().sum();
        if share.is_nan() || share < LEAST_SHARE {
            return Ok(None);
        }
        weights.iter_mut().for_each(|weight| *weight /= share);
        Ok(Some(Weighed {
            weights,
            usage,
            model: reply.model,
        }))
    }

    /// All weight on the option that the model names under a schema.
    async fn by_reply(
        &self,
        request: &Request,
        options: &[String],
        order: &[usize],
    ) -> Result<Weighed, LlmError> {
        let listed: Vec<_> = order.iter().map(|at| &options[*at]).collect();
        let list: String = listed
            .iter()
            .map(|option| format!("- {option}\n"))
            .collect();
        let words = format!(
            "Options:\n{list}\nAnswer with the option that you choose, as `choice`, word by word."
        );
        let schema = json!({
            "type": "object",
            "properties": {"choice": {"type": "string", "enum": listed}},
            "required": ["choice"],
            "additionalProperties": false,
        });
        let request = Request {
            messages: and_said(&request.messages, &words),
            form: ReplyForm::Json {
                name: "choice".to_owned(),
                schema,
            },
            ..request.clone()
        };
        let reply = self.reply(&request).await?;
        let chosen = reply
            .value
            .as_ref()
            .and_then(|value| value["choice"].as_str());
        let mut weights = vec![0.0; options.len()];
        if let Some(at) = options
            .iter()
            .position(|option| Some(option.as_str()) == chosen)
        {
            weights[at] = 1.0;
        }
        Ok(Weighed {
            weights,
            usage: reply.usage,
            model: Some(reply.model),
        })
    }

    fn average(&self, first: Weighed, second: Weighed, how: HowChosen, usage: Usage) -> Choice {
        let agree = best(&first.weights) == best(&second.weights);
        let weights = first
            .weights
            .iter()
            .zip(&second.weights)
            .map(|(one, other)| (one + other) / 2.0)
            .collect();
        self.choice(weights, agree, how, usage, first.model)
    }

    fn choice(
        &self,
        weights: Vec<f64>,
        orders_agree: bool,
        how: HowChosen,
        usage: Usage,
        model: Option<String>,
    ) -> Choice {
        let index = best(&weights);
        let second = weights
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != index)
            .map(|(_, weight)| *weight)
            .fold(0.0, f64::max);
        Choice {
            index,
            margin: weights[index] - second,
            weights,
            orders_agree,
            how,
            usage,
            model: model.unwrap_or_else(|| self.model.clone()),
        }
    }
}

/// Index of the greatest weight, the first of equal ones.
fn best(weights: &[f64]) -> usize {
    (0..weights.len()).fold(0, |best, at| {
        if weights[at] > weights[best] {
            at
        } else {
            best
        }
    })
}

/// A conversation whose last turn says something more.
fn and_said(messages: &[Message], words: &str) -> Vec<Message> {
    let mut messages = messages.to_vec();
    match messages.last_mut() {
        Some(last) if last.speaker == Speaker::User => {
            last.text = format!("{}\n\n{words}", last.text)
        }
        _ => messages.push(Message::user(words)),
    }
    messages
}
