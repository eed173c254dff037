//! What a user writes about one backend.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What tokens cost, per million, in one currency for the whole configuration.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Price {
    /// Per million tokens of questions.
    pub prompt_per_million: f64,
    /// Per million tokens of replies.
    pub reply_per_million: f64,
}

/// One backend; `kind` says which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BackendConfig {
    /// A service or server that speaks the OpenAI protocol.
    Openai(OpenaiConfig),
    /// A checkpoint that runs in this process.
    Local(LocalConfig),
    /// A folder of recorded exchanges.
    Cassette(CassetteConfig),
    /// A list of replies.
    Scripted(ScriptedConfig),
}

/// A service or server that speaks the OpenAI protocol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenaiConfig {
    /// Base address, such as `http://127.0.0.1:8080/v1`; without user, password or query.
    pub address: String,
    /// The model to ask for.
    pub model: String,
    /// Name of the environment variable that holds the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_env: Option<String>,
    /// File that holds the key; only its owner may read it (mode 0600).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// Tokens of question and reply together, where known; a longer question is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<usize>,
    /// Seconds until a connection must stand.
    #[serde(default = "default_connect")]
    pub connect_timeout_s: u64,
    /// Seconds until the first words must arrive.
    #[serde(default = "default_first")]
    pub first_token_timeout_s: u64,
    /// Seconds that one call may take in all, its retries not counted.
    #[serde(default = "default_timeout")]
    pub timeout_s: u64,
    /// How often a call is tried again when the service is busy, loading, failing or out of reach.
    #[serde(default = "default_retries")]
    pub retries: usize,
    /// What tokens cost; nothing where not given.
    #[serde(default)]
    pub price: Price,
}

fn default_connect() -> u64 {
    10
}

fn default_first() -> u64 {
    120
}

fn default_timeout() -> u64 {
    300
}

fn default_retries() -> usize {
    4
}

/// A checkpoint that runs in this process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalConfig {
    /// The checkpoint, a GGUF file or a folder of safetensors.
    pub file: PathBuf,
    /// Name of the model in ledgers; the file's name where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tokens of question and reply together; what the checkpoint says where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<usize>,
    /// Threads that compute; 1 where not given, the fastest on a machine that others use too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
}

/// A folder of recorded exchanges; what was not recorded is an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CassetteConfig {
    /// The folder, as a run writes it.
    pub folder: PathBuf,
    /// Name of the backend whose exchanges are replayed; this backend's own name where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// The model whose exchanges are replayed.
    pub model: String,
}

/// Replies in the order in which they are asked for; the last one is not repeated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScriptedConfig {
    /// The texts; a choice is answered by the text of an option.
    pub replies: Vec<String>,
}

impl BackendConfig {
    /// The model's name, as it enters the keys of exchanges; known without opening anything.
    pub fn model(&self) -> String {
        match self {
            Self::Openai(config) => config.model.clone(),
            Self::Local(config) => config.model.clone().unwrap_or_else(|| {
                config.file.file_name().map_or_else(
                    || "local".to_owned(),
                    |name| name.to_string_lossy().into_owned(),
                )
            }),
            Self::Cassette(config) => config.model.clone(),
            Self::Scripted(_) => "scripted".to_owned(),
        }
    }

    /// What its tokens cost.
    pub fn price(&self) -> Price {
        match self {
            Self::Openai(config) => config.price,
            _ => Price::default(),
        }
    }

    /// Tokens of question and reply together, where the configuration says it.
    pub fn context(&self) -> Option<usize> {
        match self {
            Self::Openai(config) => config.context,
            Self::Local(config) => config.context,
            _ => None,
        }
    }

    /// Its kind, as written.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Openai(_) => "openai",
            Self::Local(_) => "local",
            Self::Cassette(_) => "cassette",
            Self::Scripted(_) => "scripted",
        }
    }
}
