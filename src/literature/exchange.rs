//! What was answered to a query, kept as files of a folder before it is used.
//!
//! The folder holds `<key>.json`, one [`Exchange`] each, whose key is the BLAKE3 of source and query. Asked again, the same
//! question is answered from here, so that a run which is resumed or replayed reaches neither store nor network.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::LiteratureError;
use crate::paper::Abstract;
use crate::query::Query;
use crate::whole;

/// Version of the files.
const VERSION: u32 = 1;

/// A question, and what came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Version of the file.
    pub version: u32,
    /// BLAKE3 of source and query.
    pub key: String,
    /// Who was asked, as [`crate::Source::name`] says it.
    pub source: String,
    /// The question.
    pub query: Query,
    /// The day it was asked, `YYYY-MM-DD`.
    pub asked_on: String,
    /// What was asked in the words of a service; none for a store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Papers a service holds for the question; none for a store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
    /// The answer of a service as it came; none for a store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The papers, best first.
    pub abstracts: Vec<Abstract>,
    /// BLAKE3 of what the papers say.
    pub blake3: String,
}

impl Exchange {
    /// An answer to be kept.
    pub fn new(source: &str, query: &Query, asked_on: &str, abstracts: Vec<Abstract>) -> Self {
        Self {
            version: VERSION,
            key: key(source, query),
            source: source.to_owned(),
            query: query.clone(),
            asked_on: asked_on.to_owned(),
            words: None,
            hits: None,
            body: None,
            blake3: crate::paper::blake3_of(&abstracts),
            abstracts,
        }
    }
}

/// The name of an exchange.
pub fn key(source: &str, query: &Query) -> String {
    let mut hash = blake3::Hasher::new();
    let mut part = |text: &str| {
        hash.update(&(text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    part(source);
    for list in [&query.names, &query.context] {
        part(&list.len().to_string());
        for word in list {
            part(word);
        }
    }
    part(&format!("{} {}", query.narrow, query.limit));
    hash.finalize().to_hex().to_string()
}

/// A folder of exchanges.
#[derive(Debug, Clone)]
pub struct Exchanges {
    folder: PathBuf,
}

impl Exchanges {
    /// The exchanges of a folder, which need not be there yet.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What was answered before; none where the question is new.
    ///
    /// # Errors
    /// [`LiteratureError::Record`] for a file that is damaged, was changed, or is of another version.
    pub fn get(&self, source: &str, query: &Query) -> Result<Option<Exchange>, LiteratureError> {
        let key = key(source, query);
        let path = self.path(&key);
        let Some(exchange) = whole::read::<Exchange>(&path)? else {
            return Ok(None);
        };
        if exchange.version != VERSION {
            let reason = format!(
                "version {}, version {VERSION} is read here",
                exchange.version
            );
            return Err(whole::damaged(&path, reason));
        }
        if exchange.key != key
            || &exchange.query != query
            || exchange.blake3 != crate::paper::blake3_of(&exchange.abstracts)
        {
            let reason = "it was changed after it was written".to_owned();
            return Err(whole::damaged(&path, reason));
        }
        Ok(Some(exchange))
    }

    /// Keeps an answer; when this returns, it is on the disk whole.
    ///
    /// # Errors
    /// [`LiteratureError::Record`] where it cannot be written.
    pub fn put(&self, exchange: &Exchange) -> Result<(), LiteratureError> {
        whole::write(&self.path(&exchange.key), exchange)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::id::AbstractId;

    fn query(name: &str) -> Query {
        Query {
            names: vec![name.to_owned()],
            context: vec!["kidney".to_owned()],
            narrow: false,
            limit: 5,
        }
    }

    #[test]
    fn an_answer_is_found_again_by_its_question_and_not_once_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let exchanges = Exchanges::new(&folder.path().join("literature"));
        assert_eq!(exchanges.get("store", &query("CA9")).expect("reads"), None);
        let id = AbstractId::parse("PMID:1").expect("an id");
        let paper = Abstract::new(id, "T", "CA9 rose.", "s").expect("an abstract");
        let exchange = Exchange::new("store", &query("CA9"), "2026-01-02", vec![paper]);
        exchanges.put(&exchange).expect("writes");
        let again = exchanges.get("store", &query("CA9")).expect("reads");
        assert_eq!(again.as_ref(), Some(&exchange));
        assert_eq!(exchanges.get("store", &query("CA8")).expect("reads"), None);
        assert_eq!(
            exchanges.get("europe_pmc", &query("CA9")).expect("reads"),
            None
        );
        let path = exchanges.path(&exchange.key);
        let text = fs::read_to_string(&path)
            .expect("reads")
            .replace("CA9 rose", "CA9 fell");
        fs::write(&path, text).expect("writes");
        let told = exchanges
            .get("store", &query("CA9"))
            .expect_err("was changed");
        assert!(told.to_string().contains("it was changed"), "{told}");
    }
}
