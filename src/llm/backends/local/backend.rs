//! The backend.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use proteus_model::{Finish as ModelFinish, Kind, LocalModel, OpenOptions};

use super::convert;
use super::pacing::{PROMPT, REPLY, Timed, pace};
use crate::backend::{Answer, Backend, BackendInfo, Pace, Place, unsupported};
use crate::error::LlmError;
use crate::reply::{Choice, HowChosen, Reply};
use crate::request::{Message, ReplyForm, Request};
use crate::text::{check_schema, without_reasoning};

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
        if let (Some(schema), Some(value)) = (schema, &answer.value) {
            // The mask knows a large part of JSON Schema and not all of it.
            check_schema(schema, value).map_err(|reason| LlmError::Garbled {
                backend: backend(),
                reason,
            })?;
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

impl Local {
    /// Reads and writes a little, twice, and tells how fast that went.
    fn timed(&self) -> Result<Option<Pace>, LlmError> {
        let failed = |error| convert::error(&self.name, error);
        let question = Request::text(vec![Message::user(PROMPT)], 1);
        let messages = convert::messages(&question.messages);
        if self.model.info().kind == Kind::Reward {
            let tokens = self.model.encode(&messages).map_err(failed)?.len();
            let begun = Instant::now();
            self.model.reward(&messages).map_err(failed)?;
            return Ok(pace(&[Timed {
                read: tokens as f64,
                written: 0.0,
                seconds: begun.elapsed().as_secs_f64(),
            }]));
        }
        let mut timed = Vec::new();
        for max_tokens in [1, REPLY] {
            let settings = convert::settings(&Request {
                max_tokens,
                ..question.clone()
            });
            let begun = Instant::now();
            let answer = self
                .model
                .generate(&messages, &settings, None, &mut |_| true)
                .map_err(failed)?;
            let made = answer.generated;
            timed.push(Timed {
                read: made.prompt_tokens.saturating_sub(made.reused_tokens) as f64,
                // The first token comes with the reading of the question.
                written: made.tokens.len().saturating_sub(1) as f64,
                seconds: begun.elapsed().as_secs_f64(),
            });
        }
        Ok(pace(&timed))
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
            return unsupported(self.describe(), "write");
        }
        let request = request.clone();
        self.run(move |this| this.answer(&request))
    }

    fn choose<'a>(&'a self, request: &'a Request, options: &'a [String]) -> Answer<'a, Choice> {
        if self.model.info().kind != Kind::Decoder {
            return unsupported(self.describe(), "choose among options");
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
            return unsupported(self.describe(), "embed texts");
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
            return unsupported(self.describe(), "score an answer");
        }
        let messages = convert::messages(&request.messages);
        self.run(move |this| {
            this.model
                .reward(&messages)
                .map_err(|error| convert::error(&this.name, error))
        })
    }

    fn pace<'a>(&'a self) -> Answer<'a, Option<Pace>> {
        if self.model.info().kind == Kind::Encoder {
            return Box::pin(std::future::ready(Ok(None)));
        }
        self.run(Self::timed)
    }
}
