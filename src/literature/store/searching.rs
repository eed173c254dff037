//! Finding papers by words, best first (BM25, Robertson & Zaragoza 2009, doi:10.1561/1500000019, as SQLite counts it).

use super::{SELECT, Store};
use crate::error::LiteratureError;
use crate::paper::Abstract;
use crate::query::Query;

/// A title's words count so much more than the abstract's.
const TITLE_WEIGHT: f64 = 2.0;

impl Store {
    /// Papers that answer a query, best first; equal ones in the order of identifiers.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] where the file cannot be read.
    pub fn find(&self, query: &Query) -> Result<Vec<Abstract>, LiteratureError> {
        match expression(query) {
            Some(expression) => self.matching(&expression, query.limit),
            None => Ok(Vec::new()),
        }
    }

    /// Papers that hold one phrase of every list, best first.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] where the file cannot be read.
    pub fn with_all(
        &self,
        lists: &[Vec<String>],
        limit: usize,
    ) -> Result<Vec<Abstract>, LiteratureError> {
        let any = |list: &Vec<String>| {
            let phrases: Vec<String> = list
                .iter()
                .filter(|word| word.chars().any(char::is_alphanumeric))
                .map(|word| phrase(word))
                .collect();
            (!phrases.is_empty()).then(|| format!("({})", phrases.join(" OR ")))
        };
        let all: Vec<String> = lists.iter().filter_map(any).collect();
        if all.is_empty() {
            return Ok(Vec::new());
        }
        self.matching(&all.join(" AND "), limit)
    }

    fn matching(&self, expression: &str, limit: usize) -> Result<Vec<Abstract>, LiteratureError> {
        let sql = format!(
            "{SELECT} WHERE words MATCH ?1 ORDER BY bm25(words, {TITLE_WEIGHT:.1}, 1.0), a.id LIMIT ?2"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.rows(&sql, rusqlite::params![expression, limit])
            .map_err(|error| self.failed(&error))
    }
}

/// The query in the language of the index. A word of the circumstances that need not be there still counts towards the rank,
/// since the second part repeats the names.
fn expression(query: &Query) -> Option<String> {
    let names: Vec<String> = query.searched_names().map(phrase).collect();
    if names.is_empty() {
        return None;
    }
    let names = names.join(" OR ");
    let context: Vec<String> = query.searched_context().map(phrase).collect();
    Some(if context.is_empty() {
        format!("({names})")
    } else if query.narrow {
        format!("({names}) AND ({})", context.join(" OR "))
    } else {
        format!("({names}) AND ({names} OR {})", context.join(" OR "))
    })
}

/// A word as a phrase, in which nothing is an operator.
fn phrase(word: &str) -> String {
    let plain: String = word.chars().filter(|c| *c != '\0').collect();
    format!("\"{}\"", plain.replace('"', "\"\""))
}
