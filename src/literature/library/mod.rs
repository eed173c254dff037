//! Where a run looks papers up: a store, a service, or both.
//!
//! The folder of a library is one of [`Exchanges`]. Beside them stand `sources.json` (an [`Opening`]: what was behind the library
//! when it was first opened) and, where a source gave out, `<source>.ended.json`. All of it is written before it is used, and what
//! is there is never asked for again, so that a library opened again from its folder gives the same answers: with
//! [`Library::live`] it goes on with what is open, with [`Library::recorded`] there is nobody behind it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::LiteratureError;
use crate::exchange::{Exchange, Exchanges};
use crate::query::Query;
#[cfg(feature = "remote")]
use crate::remote::EuropePmc;
use crate::store::{Store, Summary};
use crate::whole;

/// Version of the files of a library beside its exchanges.
const VERSION: u32 = 1;
/// What was behind a library when it was first opened.
const SOURCES: &str = "sources.json";

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
    /// written.
    pub fn live(folder: &Path, sources: Sources, today: &str) -> Result<Self, LiteratureError> {
        let path = folder.join(SOURCES);
        let opening = match read_opening(&path)? {
            Some(opening) => opening,
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
