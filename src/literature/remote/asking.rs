//! A question in the words of the service, asked once and kept.

use std::fs::{self, OpenOptions};
use std::io::Write;

use serde::{Deserialize, Serialize};

use super::{EuropePmc, SOURCE};
use crate::error::LiteratureError;
use crate::exchange::{Exchange, Exchanges};
use crate::formats::page;
use crate::query::Query;

/// The most papers one answer holds.
const PAGE: usize = 100;

/// A question on its way out: one line of `egress.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// Where it goes.
    pub address: String,
    /// The question, whole.
    pub words: String,
    /// The exchange that will hold the answer.
    pub key: String,
}

impl EuropePmc {
    /// File name of the log of what left, in the folder of exchanges.
    pub const EGRESS: &str = "egress.jsonl";

    /// The answer to a query: the one kept before, or the service's, which is kept before it is given. `today` is
    /// `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`LiteratureError::Service`] where no answer came, [`LiteratureError::Record`] where it or the log cannot be written;
    /// then nothing was sent or nothing is used.
    pub async fn find(
        &self,
        query: &Query,
        exchanges: &Exchanges,
        today: &str,
    ) -> Result<Exchange, LiteratureError> {
        if let Some(kept) = exchanges.get(SOURCE, query)? {
            return Ok(kept);
        }
        let mut exchange = Exchange::new(SOURCE, query, today, Vec::new());
        if let Some(words) = words(query) {
            self.log(exchanges, &exchange.key, &words)?;
            let limit = query.limit.clamp(1, PAGE).to_string();
            let body = self
                .get(&[
                    ("query", words.as_str()),
                    ("format", "json"),
                    ("resultType", "core"),
                    ("synonym", "false"),
                    ("pageSize", &limit),
                ])
                .await?;
            let page = page(&body).map_err(|reason| LiteratureError::Service { reason })?;
            exchange = Exchange::new(SOURCE, query, today, page.abstracts);
            exchange.words = Some(words);
            exchange.hits = Some(page.hits);
            exchange.body = Some(body);
        }
        exchanges.put(&exchange)?;
        Ok(exchange)
    }

    fn log(&self, exchanges: &Exchanges, key: &str, words: &str) -> Result<(), LiteratureError> {
        let path = exchanges.folder().join(Self::EGRESS);
        let departure = Departure {
            address: self.search.to_string(),
            words: words.to_owned(),
            key: key.to_owned(),
        };
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(exchanges.folder())?;
            let mut line = serde_json::to_string(&departure)?;
            line.push('\n');
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            file.write_all(line.as_bytes())?;
            file.sync_data()
        };
        write().map_err(|error| LiteratureError::Record {
            path: path.clone(),
            reason: format!("{error}; nothing was sent"),
            hint: "free some space and run again".to_owned(),
        })
    }
}

/// A query in the language of the service; none where it has no name to look for.
fn words(query: &Query) -> Option<String> {
    let any = |words: Vec<&str>| {
        let fields: Vec<String> = words
            .into_iter()
            .map(|word| format!("TITLE_ABS:\"{}\"", plain(word)))
            .collect();
        fields.join(" OR ")
    };
    let names: Vec<&str> = query.searched_names().collect();
    if names.is_empty() {
        return None;
    }
    let context: Vec<&str> = query.searched_context().collect();
    let mut words = format!("({})", any(names));
    if !context.is_empty() {
        words.push_str(&format!(" AND ({})", any(context)));
    }
    words.push_str(" AND HAS_ABSTRACT:y");
    Some(words)
}

/// A word without the marks that end a phrase.
fn plain(word: &str) -> String {
    word.chars()
        .map(|c| {
            if c == '"' || c == '\\' || c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect()
}
