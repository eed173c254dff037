//! Where a service is, and the client that reaches it.

use std::fmt;
use std::sync::Once;
use std::time::Duration;

use async_openai::config::Config;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::error::LlmError;
use crate::models::OpenaiConfig;

/// Address and key, as `async-openai` asks for them; nothing is taken from its own environment variables.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) base: String,
    pub(super) key: Option<SecretString>,
    no_key: SecretString,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Endpoint")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    /// # Errors
    /// [`LlmError::Configuration`] for an address that is none or that carries a password, a query or a fragment.
    pub(super) fn new(
        backend: &str,
        address: &str,
        key: Option<SecretString>,
    ) -> Result<Self, LlmError> {
        let wrong = |reason: &str| LlmError::Configuration {
            backend: backend.to_owned(),
            reason: reason.to_owned(),
        };
        // The address itself is not in the message, since what is wrong with it may be a password.
        let url = Url::parse(address).map_err(|_| {
            wrong("`address` is none; write one such as `http://127.0.0.1:8080/v1`")
        })?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong(
                "`address` must begin with `http://` or `https://` and name a host",
            ));
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(wrong(
                "`address` has a user, password, query or fragment; give keys by `key_env` or `key_file`",
            ));
        }
        Ok(Self {
            base: address.trim_end_matches('/').to_owned(),
            key,
            no_key: SecretString::default(),
        })
    }
}

impl Config for Endpoint {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(key) = &self.key
            && let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        self.key.as_ref().unwrap_or(&self.no_key)
    }
}

/// The HTTP client of a backend. It follows no redirect, which could take a question somewhere else than the egress log says.
///
/// # Errors
/// [`LlmError::Configuration`] where TLS cannot be set up.
pub(super) fn client(backend: &str, config: &OpenaiConfig) -> Result<reqwest::Client, LlmError> {
    static PROVIDER: Once = Once::new();
    // Fails where the program that uses this library chose a provider already, which is as good.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(config.connect_timeout_s))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("proteus/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| LlmError::Configuration {
            backend: backend.to_owned(),
            reason: format!("cannot set up a client: {error}"),
        })
}
