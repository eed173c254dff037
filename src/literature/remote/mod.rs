//! Abstracts from Europe PMC, <https://europepmc.org/RestfulWebService>.
//!
//! Names of proteins and words of the study leave the process with a question, so nothing here is built unless its caller was
//! allowed to. What leaves is logged first (`egress.jsonl` in the folder of exchanges), and an answer is kept before it is
//! used. One request is under way at a time, with a pause between two, and a service that says when to come back is waited for.

mod asking;
mod sending;

use std::time::Duration;

use reqwest::Url;
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use asking::Departure;

use crate::error::LiteratureError;

/// Where the service is.
pub const ADDRESS: &str = "https://www.ebi.ac.uk/europepmc/webservices/rest";
/// The name of the source in exchanges.
pub const SOURCE: &str = crate::Source::EuropePmc.name();

/// How the service is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manners {
    /// Where it is, without `/search`.
    pub address: String,
    /// How often a question is asked again that failed for a reason that may pass.
    pub retries: u32,
    /// The longest a request may take.
    pub patience: Duration,
    /// The least time between two requests; also the first wait before a question is asked again, which then doubles.
    pub pause: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            address: ADDRESS.to_owned(),
            retries: 3,
            patience: Duration::from_secs(30),
            pause: Duration::from_millis(500),
        }
    }
}

/// A client of the service.
#[derive(Debug)]
pub struct EuropePmc {
    client: reqwest::Client,
    search: Url,
    manners: Manners,
    /// When the last request ended; held while one is under way.
    turn: Mutex<Option<Instant>>,
}

impl EuropePmc {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// [`LiteratureError::Configuration`] for an address that is none, and where TLS cannot be set up.
    pub fn new(manners: Manners) -> Result<Self, LiteratureError> {
        let wrong = |reason: String, hint: &str| LiteratureError::Configuration {
            reason,
            hint: hint.to_owned(),
        };
        let address = manners.address.trim_end_matches('/');
        let search = Url::parse(address)
            .ok()
            .filter(|url| {
                matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.username().is_empty()
                    && url.password().is_none()
                    && url.query().is_none()
                    && url.fragment().is_none()
            })
            .and_then(|_| Url::parse(&format!("{address}/search")).ok())
            .ok_or_else(|| {
                wrong(
                    "its address is none".to_owned(),
                    "write one such as https://www.ebi.ac.uk/europepmc/webservices/rest, without user and query",
                )
            })?;
        // Fails where the program chose a provider already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .timeout(manners.patience)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!(
                "proteus/",
                env!("CARGO_PKG_VERSION"),
                " (+https://github.com/proteus-discovery/proteus)"
            ))
            .build()
            .map_err(|error| {
                wrong(
                    format!("cannot set up a client: {error}"),
                    "search a store of abstracts instead",
                )
            })?;
        Ok(Self {
            client,
            search,
            manners,
            turn: Mutex::new(None),
        })
    }

    /// Where questions go.
    pub fn address(&self) -> &str {
        self.search.as_str()
    }
}

#[cfg(test)]
mod tests;
