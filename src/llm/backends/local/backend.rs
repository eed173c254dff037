//! The backend.

use std::path::PathBuf;
use std::sync::Arc;

use proteus_model::{Finish as ModelFinish, Kind, LocalModel, OpenOptions};

use super::convert;
use crate::backend::{Answer, Backend, BackendInfo, Place};
use crate::error::LlmError;
use crate::reply::{Choice, HowChosen, Reply};
use crate::request::{ReplyForm, Request};

/// A checkpoint and how it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalSettings {
    /// A GGUF file, or a folder with `config.json`, `tokenizer.json` and safetensors.
    pub file: PathBuf,
    /// Name of the model in records; the one the file has for itself where not given.
    pub model: Option<String>,
    /// Tokens of question and reply together; 4096, or what the checkpoint can where that is less, where not given.
    pub context: Option<usize>,
    /// Threads that compute.
    pub threads: usize,
}

/// A model in this process. Questions wait for one another: a second one at the same time would only share the same cores.
#[derive(Clone)]
pub struct Local {
    name: String,
    model_name: String,
    model: Arc<LocalModel>,
}

impl Local {
    /// Opens a checkpoint; that reads all of it, some seconds for a large one.
    ///
    /// # Errors
    /// [`LlmError::Configuration`] if there is none, or the engine does not run its kind.
    pub fn open(name: &str, settings: &LocalSettings) -> Result<Self, LlmError> {
        let defaults = OpenOptions::default();
        let options = OpenOptions {
            threads: settings.threads,
            context: settings.context.unwrap_or(defaults.context),
            ..defaults
        };
        let model = LocalModel::open(&settings.file, &options).map_err(|error| {
            LlmError::Configuration {
                backend: name.to_owned(),
                reason: error.to_string(),
            }
        })?;
        let model_name = settings
            .model
            .clone()
            .unwrap_or_else(|| model.info().name.clone());
        Ok(Self {
            name: name.to_owned(),
            model_name,
            model: Arc::new(model),
        })
    }

    /// Runs `work` where it holds up no other task.
    fn run<'a, T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, LlmError> + Send + 'static,
    ) -> Answer<'a, T> {
        let this = self.clone();
        Box::pin(async move {
            let name = this.name.clone();
            let outcome = tokio::task::spawn_blocking(move || work(&this)).await;
            outcome.unwrap_or_else(|error| {
                Err(LlmError::Unavailable {
                    backend: name,
                    reason: format!("the engine stopped: {error}"),
                })
            })
        })
    }

    fn answer(&self, request: &Request) -> Result<Reply, LlmError> {
        let schema = match &request.form {
            ReplyForm::Text => None,
            ReplyForm::Json { schema, .. } => Some(schema),
        };
        let messages = convert::messages(&request.messages);
        let answer =
            self.model
                .generate(&messages, &convert::settings(request), schema, &mut |_| {
                    true
                });
        let answer = answer.map_err(|error| convert::error(&self.name, error))?;
        let generated = answer.generated;
        let backend = || self.name.clone();
        if generated.finish == ModelFinish::Loop {
            return Err(LlmError::Garbled {
                backend: backend(),
                reason: "it repeats itself".to_owned(),
            });
        }
        if schema.is_some() && answer.value.is_none() {
            return Err(match generated.finish {
                ModelFinish::Length => LlmError::Truncated {
                    backend: backend(),
                    tokens: generated.tokens.len(),
                },
                _ => LlmError::Garbled {
                    backend: backend(),
                    reason: "it is no JSON that the schema admits".to_owned(),
                },
            });
        }
        Ok(Reply {
            usage: convert::usage(
                generated.prompt_tokens,
                generated.reused_tokens,
                generated.tokens.len(),
            ),
            text: without_reasoning(&generated.text),
            value: answer.value,
            finish: convert::finish(generated.finish),
            model: self.model_name.clone(),
        })
    }
}

/// A reply without the thoughts before it.
fn without_reasoning(text: &str) -> String {
    match text
        .trim_start()
        .strip_prefix("<think>")
        .and_then(|thoughts| thoughts.split_once("</think>"))
    {
        Some((_, reply)) => reply.trim_start().to_owned(),
        None => text.to_owned(),
    }
}

impl Backend for Local {
    fn describe(&self) -> BackendInfo {
        BackendInfo {
            name: self.name.clone(),
            kind: "local".to_owned(),
            model: self.model_name.clone(),
            place: Place::Here,
            context: Some(self.model.info().context),
        }
    }

    fn complete<'a>(&'a self, request: &'a Request) -> Answer<'a, Reply> {
        if self.model.info().kind != Kind::Decoder {
            return self.unsupported("write");
        }
        let request = request.clone();
        self.run(move |this| this.answer(&request))
    }

    fn choose<'a>(&'a self, request: &'a Request, options: &'a [String]) -> Answer<'a, Choice> {
        if self.model.info().kind != Kind::Decoder {
            return self.unsupported("choose among options");
        }
        let (messages, options) = (convert::messages(&request.messages), options.to_vec());
        self.run(move |this| {
            let scores = this
                .model
                .choose(&messages, &options)
                .map_err(|error| convert::error(&this.name, error))?;
            Ok(Choice {
                index: scores.best,
                weights: scores.weights,
                margin: scores.margin,
                orders_agree: scores.orders_agree,
                how: HowChosen::Probabilities,
                usage: convert::usage(scores.prompt_tokens, scores.reused_tokens, 0),
                model: this.model_name.clone(),
            })
        })
    }

    fn embed<'a>(&'a self, texts: &'a [String]) -> Answer<'a, Vec<Vec<f32>>> {
        if self.model.info().kind != Kind::Encoder {
            return self.unsupported("embed texts");
        }
        let texts = texts.to_vec();
        self.run(move |this| {
            this.model
                .embed(&texts)
                .map_err(|error| convert::error(&this.name, error))
        })
    }

    fn reward<'a>(&'a self, request: &'a Request) -> Answer<'a, f64> {
        if self.model.info().kind != Kind::Reward {
            return self.unsupported("score an answer");
        }
        let messages = convert::messages(&request.messages);
        self.run(move |this| {
            this.model
                .reward(&messages)
                .map_err(|error| convert::error(&this.name, error))
        })
    }
}
