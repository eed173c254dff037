//! The backend.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_openai::Client;
use secrecy::SecretString;

use super::dialect::Dialect;
use super::endpoint::{self, Endpoint};
use super::key;
use super::transport::Transport;
use crate::backend::{Answer, Backend, BackendInfo, Place};
use crate::error::LlmError;
use crate::models::OpenaiConfig;
use crate::reply::{Choice, Reply};
use crate::request::Request;

/// A service or server that speaks the OpenAI protocol.
pub struct Openai {
    pub(super) name: String,
    pub(super) model: String,
    pub(super) context: Option<usize>,
    /// Until the first words.
    pub(super) first: Duration,
    /// Until the last.
    pub(super) whole: Duration,
    pub(super) retries: usize,
    pub(super) client: Client<Endpoint>,
    pub(super) key: Option<SecretString>,
    address: String,
    dialect: Mutex<Dialect>,
}

impl fmt::Debug for Openai {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Openai")
            .field("name", &self.name)
            .field("model", &self.model)
            .field("address", &self.address)
            .field("dialect", &self.dialect)
            .finish_non_exhaustive()
    }
}

impl Openai {
    /// Builds the client; nothing is sent.
    ///
    /// # Errors
    /// [`LlmError::Configuration`] for an address that is none, or a key that is missing or that others can read.
    pub fn new(name: &str, config: &OpenaiConfig) -> Result<Self, LlmError> {
        let key = key::read(name, config)?;
        let endpoint = Endpoint::new(name, &config.address, key.clone())?;
        let transport = Transport {
            client: endpoint::client(name, config)?,
            key: key.clone(),
        };
        Ok(Self {
            name: name.to_owned(),
            model: config.model.clone(),
            context: config.context,
            first: Duration::from_secs(config.first_token_timeout_s),
            whole: Duration::from_secs(config.timeout_s),
            retries: config.retries,
            address: endpoint.base.clone(),
            client: Client::build(transport.client.clone(), endpoint).with_http_service(transport),
            key,
            dialect: Mutex::default(),
        })
    }

    pub(super) fn dialect(&self) -> MutexGuard<'_, Dialect> {
        self.dialect.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn garbled(&self, reason: impl Into<String>) -> LlmError {
        LlmError::Garbled {
            backend: self.name.clone(),
            reason: reason.into(),
        }
    }
}

impl Backend for Openai {
    fn describe(&self) -> BackendInfo {
        BackendInfo {
            name: self.name.clone(),
            kind: "openai".to_owned(),
            model: self.model.clone(),
            place: Place::Remote {
                address: self.address.clone(),
            },
            context: self.context,
        }
    }

    fn complete<'a>(&'a self, request: &'a Request) -> Answer<'a, Reply> {
        Box::pin(self.reply(request))
    }

    fn choose<'a>(&'a self, request: &'a Request, options: &'a [String]) -> Answer<'a, Choice> {
        Box::pin(self.decide(request, options))
    }

    fn embed<'a>(&'a self, texts: &'a [String]) -> Answer<'a, Vec<Vec<f32>>> {
        Box::pin(self.vectors(texts))
    }
}
