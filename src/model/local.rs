//! A model and everything that belongs to it, opened by a path.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use candle_core::Device;
use serde_json::Value;

use crate::decoder::config::DecoderConfig;
use crate::decoder::{Decoder, DeviceTransformer, Transformer};
use crate::embedding::SentenceEncoder;
use crate::error::ModelError;
use crate::generation::choice::{LETTERS, OptionScores, choose_by_letter, letter, score_options};
use crate::generation::{Constraint, Generated, Generation, Grammars, Session, Settings, generate};
use crate::info::{Kind, ModelInfo};
use crate::kernels::matrix::Input;
use crate::kernels::{Matrix, Threads};
use crate::template::{ChatMessage, ChatTemplate, Role};
use crate::tokenizer::{Tokenizer, from_gguf, from_json};
use crate::weights::device::DeviceSource;
use crate::weights::gguf::GgufFile;
use crate::weights::safetensors::{Checkpoint, read_json};
use crate::weights::source::{Keep, WeightSource};

/// How a model is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// Threads; more than the free cores makes it slower, not faster.
    pub threads: usize,
    /// Tokens of question and reply at most; the model's own limit where that is less.
    pub context: usize,
    /// What to do with weights of 16 or 32 bits.
    pub keep: Keep,
    /// Questions whose caches are kept for later ones that begin alike.
    pub sessions: usize,
    /// Where it computes.
    pub place: Place,
}

/// Where a decoder computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// On the processor, with kernels of this library.
    #[default]
    Processor,
    /// On the processor, with candle's tensors: slower, for comparison.
    Tensors,
    /// On the graphics card of this number; needs a build with the feature `cuda`.
    Cuda(usize),
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            threads: 1,
            context: 4096,
            keep: Keep::AsStored,
            sessions: 4,
            place: Place::Processor,
        }
    }
}

/// A language model on this machine: one that writes, one that rewards, or one that embeds.
pub struct LocalModel {
    info: ModelInfo,
    parts: Parts,
}

enum Parts {
    Language(Box<Language>),
    Encoder(Box<SentenceEncoder>),
}

struct Language {
    decoder: Box<dyn Decoder>,
    threads: Threads,
    tokenizer: Arc<Tokenizer>,
    template: ChatTemplate,
    reward: Option<Reward>,
    grammars: OnceLock<Result<Grammars, String>>,
    session: Mutex<Session>,
}

/// The head of a reward model.
struct Reward {
    head: Matrix,
    padding: Option<u32>,
}

/// A reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The reply and what it took.
    pub generated: Generated,
    /// The JSON value, where a schema was given and the reply is whole.
    pub value: Option<Value>,
}

impl LocalModel {
    /// Opens a GGUF file, or a folder with `config.json`, `tokenizer.json` and safetensors.
    ///
    /// # Errors
    /// If it cannot be read, or is of a kind that this library does not run.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, ModelError> {
        if path.is_dir() {
            Self::open_folder(path, options)
        } else {
            Self::open_gguf(path, options)
        }
    }

    fn open_gguf(path: &Path, options: &OpenOptions) -> Result<Self, ModelError> {
        let file = GgufFile::open(path, options.keep)?;
        let config = DecoderConfig::from_gguf(&file)?;
        let tokenizer = from_gguf::read(&file)?;
        let template = ChatTemplate::new(file.text("tokenizer.chat_template").ok())?;
        let padding = file.size("tokenizer.ggml.padding_token_id").ok();
        let reward = Reward::read(&file, padding)?;
        let described = Described {
            name: file.text("general.name").ok().map(str::to_owned),
            licence: file.text("general.license").ok().map(str::to_owned),
            weights: file.weights(),
            bytes: file.bytes(),
        };
        Self::assemble(
            file.path(),
            &file,
            config,
            (tokenizer, template, reward),
            described,
            options,
        )
    }

    fn open_folder(folder: &Path, options: &OpenOptions) -> Result<Self, ModelError> {
        let config = read_json(&folder.join("config.json"))?;
        if config["model_type"] == "bert" {
            return Self::open_encoder(folder, options);
        }
        let checkpoint = Checkpoint::open(folder, options.keep)?;
        let config = DecoderConfig::from_json(checkpoint.config())?;
        let tokenizer = from_json::read(folder)?;
        let template = ChatTemplate::new(folder_template(folder).as_deref())?;
        let padding = checkpoint.config()["pad_token_id"]
            .as_u64()
            .and_then(|id| usize::try_from(id).ok());
        let reward = Reward::read(&checkpoint, padding)?;
        let described = Described {
            name: None,
            licence: None,
            weights: checkpoint.weights(),
            bytes: checkpoint.bytes(),
        };
        Self::assemble(
            checkpoint.folder(),
            &checkpoint,
            config,
            (tokenizer, template, reward),
            described,
            options,
        )
    }

    fn open_encoder(folder: &Path, options: &OpenOptions) -> Result<Self, ModelError> {
        let checkpoint = Checkpoint::open(folder, options.keep)?;
        let (parameters, quantisation) = checkpoint.weights();
        let encoder = SentenceEncoder::open(folder, options.threads)?;
        let info = ModelInfo {
            path: folder.to_owned(),
            name: file_name(folder),
            kind: Kind::Encoder,
            architecture: "bert".to_owned(),
            parameters,
            quantisation,
            context: encoder.longest(),
            longest_context: encoder.longest(),
            own_template: false,
            licence: None,
            bytes: checkpoint.bytes(),
            memory: 4 * parameters as usize,
            threads: options.threads.max(1),
        };
        Ok(Self {
            info,
            parts: Parts::Encoder(Box::new(encoder)),
        })
    }

    fn assemble(
        path: &Path,
        source: &dyn DeviceSource,
        config: DecoderConfig,
        (tokenizer, template, reward): (Tokenizer, ChatTemplate, Option<Reward>),
        described: Described,
        options: &OpenOptions,
    ) -> Result<Self, ModelError> {
        let heads = reward.iter().map(|reward| &reward.head);
        if let Some(head) = heads
            .into_iter()
            .find(|head| head.rows() != 1 || head.columns() != config.hidden)
        {
            return Err(ModelError::Unsupported {
                what: "classifier of",
                found: format!("{} outputs", head.rows()),
                supported: "one output, a reward".to_owned(),
            });
        }
        let longest_context = config.context;
        let context = options.context.min(longest_context);
        let threads = Threads::new(options.threads)?;
        let device = match options.place {
            Place::Processor => None,
            Place::Tensors => Some(Device::Cpu),
            Place::Cuda(number) => Some(Device::new_cuda(number)?),
        };
        let (decoder, memory): (Box<dyn Decoder>, usize) = match device {
            Some(device) => {
                let decoder = DeviceTransformer::read(source, config, context, &device)?;
                (Box::new(decoder), described.bytes as usize)
            }
            None => {
                let decoder =
                    Transformer::read(source, config, context, Threads::new(options.threads)?)?;
                let memory = decoder.bytes();
                (Box::new(decoder), memory)
            }
        };
        let info = ModelInfo {
            path: path.to_owned(),
            name: described.name.unwrap_or_else(|| file_name(path)),
            kind: if reward.is_some() {
                Kind::Reward
            } else {
                Kind::Decoder
            },
            architecture: decoder.config().architecture.name().to_owned(),
            parameters: described.weights.0,
            quantisation: described.weights.1,
            context,
            longest_context,
            own_template: template.is_own(),
            licence: described.licence,
            bytes: described.bytes,
            memory,
            threads: threads.count(),
        };
        let language = Language {
            decoder,
            threads,
            tokenizer: Arc::new(tokenizer),
            template,
            reward,
            grammars: OnceLock::new(),
            session: Mutex::new(Session::new(options.sessions)),
        };
        Ok(Self {
            info,
            parts: Parts::Language(Box::new(language)),
        })
    }

    /// What it is.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// The decoder, for whoever wants logits.
    ///
    /// # Errors
    /// If it is an encoder.
    pub fn decoder(&self) -> Result<&dyn Decoder, ModelError> {
        Ok(self.language("read text")?.decoder.as_ref())
    }

    /// The tokenizer of a decoder.
    ///
    /// # Errors
    /// If it is an encoder.
    pub fn tokenizer(&self) -> Result<&Tokenizer, ModelError> {
        Ok(&self.language("read text")?.tokenizer)
    }

    /// Tokens of a conversation, ready for a reply.
    ///
    /// # Errors
    /// If the template refuses it, or the model is an encoder.
    pub fn encode(&self, messages: &[ChatMessage]) -> Result<Vec<u32>, ModelError> {
        let language = self.language("read a conversation")?;
        language
            .template
            .encode(&language.tokenizer, messages, true)
    }

    /// Replies to a conversation; with `schema`, by JSON that it admits. `listen` gets the text as it comes and returns
    /// whether to go on.
    ///
    /// # Errors
    /// If question and longest reply do not fit the context, the schema cannot be forced, or the model does not write.
    pub fn generate(
        &self,
        messages: &[ChatMessage],
        settings: &Settings,
        schema: Option<&Value>,
        listen: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Answer, ModelError> {
        let constraint = schema
            .map(|schema| self.writer()?.grammars()?.json(schema))
            .transpose()?;
        let generated = self.reply(messages, settings, constraint, listen)?;
        let mut value: Option<Value> =
            schema.and_then(|_| serde_json::from_str(&generated.text).ok());
        if let Some(value) = &mut value {
            whole_numbers(value);
        }
        Ok(Answer { generated, value })
    }

    /// Replies with exactly one of `options`, written token by token.
    ///
    /// # Errors
    /// As [`generate`](Self::generate); also if there is no option.
    pub fn generate_option(
        &self,
        messages: &[ChatMessage],
        settings: &Settings,
        options: &[String],
    ) -> Result<Generated, ModelError> {
        let constraint = Constraint::options(&self.writer()?.tokenizer, options)?;
        self.reply(messages, settings, Some(constraint), &mut |_| true)
    }

    fn reply(
        &self,
        messages: &[ChatMessage],
        settings: &Settings,
        constraint: Option<Constraint>,
        listen: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Generated, ModelError> {
        let language = self.writer()?;
        let prompt = language
            .template
            .encode(&language.tokenizer, messages, true)?;
        let with = Generation {
            decoder: language.decoder.as_ref(),
            tokenizer: &language.tokenizer,
            session: &mut language.session(),
            constraint,
        };
        generate(with, &prompt, self.info.context, settings, listen)
    }

    /// Which of `options` it would answer with. Up to 26 are shown with letters, in two orders; more are scored by the
    /// log-probability of their text, without showing them.
    ///
    /// # Errors
    /// If there is no option, the question does not fit the context, or the model does not write.
    pub fn choose(
        &self,
        messages: &[ChatMessage],
        options: &[String],
    ) -> Result<OptionScores, ModelError> {
        let language = self.writer()?;
        let Language {
            decoder,
            tokenizer,
            template,
            ..
        } = language;
        let mut session = language.session();
        if options.len() <= LETTERS {
            let mut prompt = |order: &[usize]| {
                template.encode(tokenizer, &lettered(messages, options, order), true)
            };
            return choose_by_letter(
                decoder.as_ref(),
                tokenizer,
                &mut session,
                options.len(),
                &mut prompt,
            );
        }
        let prompt = template.encode(tokenizer, messages, true)?;
        let options = options.iter().map(|option| {
            // The end belongs to an option: one that begins like another is no less likely for it.
            let mut tokens = tokenizer.encode_text(option)?;
            tokens.push(tokenizer.ends()[0]);
            Ok(tokens)
        });
        score_options(
            decoder.as_ref(),
            &mut session,
            &prompt,
            &options.collect::<Result<Vec<_>, ModelError>>()?,
        )
    }

    /// How good the last message of a conversation is, by a model with one output; no unit, higher is better.
    ///
    /// # Errors
    /// If the conversation does not fit the context, or the model has no such output.
    pub fn reward(&self, messages: &[ChatMessage]) -> Result<f64, ModelError> {
        let language = self.language("score an answer")?;
        let reward = language
            .reward
            .as_ref()
            .ok_or_else(|| self.cannot("score an answer"))?;
        let mut tokens = language
            .template
            .encode(&language.tokenizer, messages, false)?;
        // Such models were trained to answer at the last token that is no padding, even where an end of turn doubles as it.
        let last = tokens
            .iter()
            .rposition(|token| Some(*token) != reward.padding)
            .unwrap_or(0);
        tokens.truncate(last + 1);
        let hidden = language
            .decoder
            .hidden(&mut language.decoder.cache(), &tokens, last)?;
        let mut score = [0f32];
        reward.head.product(
            &language.threads,
            &Input::new(&hidden, hidden.len()),
            &mut score,
        );
        Ok(f64::from(score[0]))
    }

    /// One vector of length 1 per text.
    ///
    /// # Errors
    /// If the model is no encoder.
    pub fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        match &self.parts {
            Parts::Encoder(encoder) => texts.iter().map(|text| encoder.embed(text)).collect(),
            Parts::Language(_) => Err(self.cannot("embed texts")),
        }
    }

    fn language(&self, what: &str) -> Result<&Language, ModelError> {
        match &self.parts {
            Parts::Language(language) => Ok(language),
            Parts::Encoder(_) => Err(self.cannot(what)),
        }
    }

    /// The model, if it writes: one with a reward instead of logits does not.
    fn writer(&self) -> Result<&Language, ModelError> {
        let language = self.language("write")?;
        if language.reward.is_some() {
            Err(self.cannot("write"))
        } else {
            Ok(language)
        }
    }

    fn cannot(&self, what: &str) -> ModelError {
        ModelError::invalid(format!("model `{}` cannot {what}", self.info.name))
    }
}

impl Reward {
    fn read(source: &dyn WeightSource, padding: Option<usize>) -> Result<Option<Self>, ModelError> {
        const HEAD: &str = "cls.output.weight";
        if !source.has(HEAD) {
            return Ok(None);
        }
        let padding = padding.and_then(|id| u32::try_from(id).ok());
        Ok(Some(Self {
            head: source.matrix(HEAD)?,
            padding,
        }))
    }
}

impl Language {
    fn session(&self) -> MutexGuard<'_, Session> {
        // A panic elsewhere leaves whole caches behind, at worst fewer of them.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn grammars(&self) -> Result<&Grammars, ModelError> {
        let made = self.grammars.get_or_init(|| {
            Grammars::new(&self.tokenizer, self.decoder.vocabulary())
                .map_err(|error| error.to_string())
        });
        made.as_ref().map_err(|reason| ModelError::Constraint {
            reason: reason.clone(),
        })
    }
}

/// Writes numbers like `3.0`, which schemas count as integers, as integers.
fn whole_numbers(value: &mut Value) {
    /// Largest magnitude up to which every integer has a double of its own, 2^53.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => {
            if let Some(whole) = number
                .as_f64()
                .filter(|v| number.is_f64() && v.fract() == 0.0 && v.abs() <= EXACT)
            {
                *value = Value::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

/// What a file says of itself.
struct Described {
    name: Option<String>,
    licence: Option<String>,
    weights: (u64, String),
    bytes: u64,
}

fn file_name(path: &Path) -> String {
    path.file_stem()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The chat template of a folder: a file of its own, or a field of the tokenizer's settings.
fn folder_template(folder: &Path) -> Option<String> {
    if let Ok(template) = std::fs::read_to_string(folder.join("chat_template.jinja")) {
        return Some(template);
    }
    let settings = read_json(&folder.join("tokenizer_config.json")).ok()?;
    match &settings["chat_template"] {
        Value::String(template) => Some(template.clone()),
        Value::Array(templates) => {
            let template = templates
                .iter()
                .find(|template| template["name"] == "default")?;
            template["template"].as_str().map(str::to_owned)
        }
        _ => None,
    }
}

/// The conversation with the options, in `order`, under its last question.
fn lettered(messages: &[ChatMessage], options: &[String], order: &[usize]) -> Vec<ChatMessage> {
    let mut list = String::from("Options:");
    for (i, option) in order.iter().enumerate() {
        list += &format!("\n{}. {}", letter(i), options[*option]);
    }
    list += "\n\nAnswer with the letter of one option and nothing else.";
    let mut messages = messages.to_vec();
    match messages
        .last_mut()
        .filter(|message| message.role == Role::User)
    {
        Some(message) => message.content = format!("{}\n\n{list}", message.content),
        None => messages.push(ChatMessage::new(Role::User, list)),
    }
    messages
}
