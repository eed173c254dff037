//! Where a run looks papers up: a store, a service, or both.
//!
//! The folder of a library is one of [`Exchanges`]. Beside them stand `sources.json` (an [`Opening`]: what was behind the library
//! when it was first opened), where a source gave out, `<source>.ended.json`, and where papers are put in order, the
//! [`Ranking`]s (`<key>.order.json`, and `embedder.ended.json` where what makes vectors gave out). All of it is written before it is used, and what
//! is there is never asked for again, so that a library opened again from its folder gives the same answers: with
//! [`Library::live`] it goes on with what is open, with [`Library::recorded`] there is nobody behind it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::LiteratureError;
use crate::exchange::{Exchange, Exchanges};
use crate::query::Query;
use crate::ranking::{self, Ranked, Ranking};
#[cfg(feature = "remote")]
use crate::remote::EuropePmc;
use crate::store::{Store, Summary};
use crate::whole;

/// Version of the files of a library beside its exchanges.
const VERSION: u32 = 1;
/// What was behind a library when it was first opened.
const SOURCES: &str = "sources.json";
/// That what makes vectors gave out.
const NO_ORDER: &str = "embedder.ended.json";

/// Who can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A store of abstracts.
    Store,
    /// Europe PMC.
    EuropePmc,
}

impl Source {
    /// Every source, in the order in which they are asked.
    pub const ALL: [Self; 2] = [Self::Store, Self::EuropePmc];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::EuropePmc => "europe_pmc",
        }
    }
}

/// What was behind a library when it was first opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Version of the file.
    pub version: u32,
    /// What the store held; none where there was no store.
    pub store: Option<Summary>,
    /// Where the service is; none where none may be asked.
    pub service: Option<String>,
    /// What makes the vectors by which papers are put in order; none where they stay as they are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedder: Option<String>,
}

impl Opening {
    /// Who can be asked, in order.
    pub fn sources(&self) -> Vec<Source> {
        let has = |source: &Source| match source {
            Source::Store => self.store.is_some(),
            Source::EuropePmc => self.service.is_some(),
        };
        Source::ALL.into_iter().filter(has).collect()
    }
}

/// What is open to be asked.
#[derive(Debug, Default)]
pub struct Sources {
    /// A store.
    pub store: Option<Store>,
    /// A client of the service, which may be built only where its caller was allowed to.
    #[cfg(feature = "remote")]
    pub service: Option<EuropePmc>,
    /// The name of what makes the vectors by which papers are put in order; the vectors come from whoever asks.
    pub embedder: Option<String>,
}

impl Sources {
    fn opening(&self) -> Result<Opening, LiteratureError> {
        Ok(Opening {
            version: VERSION,
            store: self.store.as_ref().map(Store::summary).transpose()?,
            #[cfg(feature = "remote")]
            service: self.service.as_ref().map(|s| s.address().to_owned()),
            #[cfg(not(feature = "remote"))]
            service: None,
            embedder: self.embedder.clone(),
        })
    }
}

/// Who is behind a library that is not only a record.
#[derive(Debug)]
struct Live {
    store: Option<Mutex<Store>>,
    #[cfg(feature = "remote")]
    service: Option<EuropePmc>,
    today: String,
}

/// That a source gave out, and at which question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ended {
    version: u32,
    /// The exchange that was never answered.
    key: String,
    reason: String,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An answer, on record.
    Found(Box<Exchange>),
    /// The source gave out, at this question or before it, for this reason; it is not asked again.
    Ended(String),
}

/// Where a run looks papers up.
#[derive(Debug)]
pub struct Library {
    exchanges: Exchanges,
    opening: Opening,
    live: Option<Live>,
}

impl Library {
    /// A library that asks `sources` what its folder does not hold. `today` is `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] where the store cannot be read, [`LiteratureError::Record`] where the folder cannot be read or
    /// written, or papers were put in order by something else before.
    pub fn live(folder: &Path, sources: Sources, today: &str) -> Result<Self, LiteratureError> {
        let path = folder.join(SOURCES);
        let opening = match read_opening(&path)? {
            Some(opening) if opening.embedder == sources.embedder => opening,
            Some(opening) => return Err(another(&path, &opening, &sources)),
            None => {
                let opening = sources.opening()?;
                whole::write(&path, &opening)?;
                opening
            }
        };
        Ok(Self {
            exchanges: Exchanges::new(folder),
            opening,
            live: Some(Live {
                store: sources.store.map(Mutex::new),
                #[cfg(feature = "remote")]
                service: sources.service,
                today: today.to_owned(),
            }),
        })
    }

    /// A library of what its folder holds, and nothing else.
    ///
    /// # Errors
    /// [`LiteratureError::Record`] where the folder is that of no library, or damaged.
    pub fn recorded(folder: &Path) -> Result<Self, LiteratureError> {
        let path = folder.join(SOURCES);
        let opening = read_opening(&path)?
            .ok_or_else(|| whole::damaged(&path, "there is no such file".to_owned()))?;
        Ok(Self {
            exchanges: Exchanges::new(folder),
            opening,
            live: None,
        })
    }

    /// What was behind it when it was first opened.
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// The answer of a source: the one on record, or one that is put on record before it is given.
    ///
    /// # Errors
    /// [`LiteratureError::Record`] where the record is damaged, cannot be written, or lacks an answer that nobody is there to
    /// give. A source that fails is no error: it has ended.
    pub async fn find(&self, source: Source, query: &Query) -> Result<Answer, LiteratureError> {
        if let Some(kept) = self.exchanges.get(source.name(), query)? {
            return Ok(Answer::Found(Box::new(kept)));
        }
        if let Some(ended) = whole::read::<Ended>(&self.ended_file(source))? {
            return Ok(Answer::Ended(ended.reason));
        }
        let key = crate::exchange::key(source.name(), query);
        let Some(live) = &self.live else {
            let path = self.exchanges.folder().join(format!("{key}.json"));
            let reason = "the record lacks this answer".to_owned();
            return Err(whole::damaged(&path, reason));
        };
        match live.ask(source, query, &self.exchanges).await {
            Ok(exchange) => Ok(Answer::Found(Box::new(exchange))),
            Err(error @ LiteratureError::Record { .. }) => Err(error),
            Err(error) => {
                let reason = reason(&error);
                let ended = Ended {
                    version: VERSION,
                    key,
                    reason: reason.clone(),
                };
                whole::write(&self.ended_file(source), &ended)?;
                Ok(Answer::Ended(reason))
            }
        }
    }

    /// What is known of the order of an answer's papers.
    ///
    /// # Errors
    /// [`LiteratureError::Record`] where the record is damaged, or lacks an order that nobody is there to make.
    pub fn ranked(&self, exchange: &Exchange) -> Result<Ranked, LiteratureError> {
        let path = self.order_file(&exchange.key);
        if let Some(kept) = whole::read::<Ranking>(&path)? {
            let reason = if kept.version != ranking::VERSION {
                format!(
                    "version {}, version {} is read here",
                    kept.version,
                    ranking::VERSION
                )
            } else if kept.is_of(exchange) {
                return Ok(Ranked::Kept(kept));
            } else {
                "it was changed after it was written".to_owned()
            };
            return Err(whole::damaged(&path, reason));
        }
        let ended = self.exchanges.folder().join(NO_ORDER);
        if let Some(ended) = whole::read::<Ended>(&ended)? {
            return Ok(Ranked::Ended(ended.reason));
        }
        if self.live.is_none() {
            let reason = "the record lacks this order".to_owned();
            return Err(whole::damaged(&path, reason));
        }
        Ok(Ranked::Open)
    }

    /// Keeps an order; when this returns, it is on the disk whole.
    ///
    /// # Errors
    /// [`LiteratureError::Record`] where it cannot be written.
    pub fn keep_order(&self, ranking: &Ranking) -> Result<(), LiteratureError> {
        whole::write(&self.order_file(&ranking.exchange), ranking)
    }

    /// Keeps that what makes vectors gave out at an answer, after which no more orders are made.
    ///
    /// # Errors
    /// [`LiteratureError::Record`] where it cannot be written.
    pub fn end_orders(&self, exchange: &Exchange, reason: &str) -> Result<(), LiteratureError> {
        let ended = Ended {
            version: VERSION,
            key: exchange.key.clone(),
            reason: reason.to_owned(),
        };
        whole::write(&self.exchanges.folder().join(NO_ORDER), &ended)
    }

    fn order_file(&self, key: &str) -> PathBuf {
        self.exchanges.folder().join(format!("{key}.order.json"))
    }

    fn ended_file(&self, source: Source) -> PathBuf {
        let name = format!("{}.ended.json", source.name());
        self.exchanges.folder().join(name)
    }
}

impl Live {
    async fn ask(
        &self,
        source: Source,
        query: &Query,
        exchanges: &Exchanges,
    ) -> Result<Exchange, LiteratureError> {
        match source {
            Source::Store => {
                let store = self.store.as_ref().ok_or_else(nobody)?;
                let store = store.lock().unwrap_or_else(PoisonError::into_inner);
                let found = store.find(query)?;
                let exchange = Exchange::new(source.name(), query, &self.today, found);
                exchanges.put(&exchange)?;
                Ok(exchange)
            }
            #[cfg(feature = "remote")]
            Source::EuropePmc => {
                let service = self.service.as_ref().ok_or_else(nobody)?;
                service.find(query, exchanges, &self.today).await
            }
            #[cfg(not(feature = "remote"))]
            Source::EuropePmc => Err(nobody()),
        }
    }
}

/// Papers that are put in order by something else than before.
fn another(path: &Path, opening: &Opening, sources: &Sources) -> LiteratureError {
    let named = |embedder: &Option<String>| match embedder {
        Some(name) => format!("by `{name}`"),
        None => "by no encoder".to_owned(),
    };
    LiteratureError::Record {
        path: path.to_owned(),
        reason: format!(
            "papers were ordered {} when the run began, and are {} now",
            named(&opening.embedder),
            named(&sources.embedder)
        ),
        hint: "give the encoder that was given first, or start a new run".to_owned(),
    }
}

/// A source that the record names and that is not open now.
fn nobody() -> LiteratureError {
    LiteratureError::Service {
        reason: "it is not open".to_owned(),
    }
}

/// Why a source gave out, without the place it lies at.
fn reason(error: &LiteratureError) -> String {
    match error {
        LiteratureError::Store { reason, .. } | LiteratureError::Service { reason } => {
            reason.clone()
        }
        other => other.to_string(),
    }
}

fn read_opening(path: &Path) -> Result<Option<Opening>, LiteratureError> {
    let Some(opening) = whole::read::<Opening>(path)? else {
        return Ok(None);
    };
    if opening.version != VERSION {
        let reason = format!(
            "version {}, version {VERSION} is read here",
            opening.version
        );
        return Err(whole::damaged(path, reason));
    }
    Ok(Some(opening))
}

#[cfg(test)]
mod tests;
