//! A file of abstracts that its owner fills: SQLite with a full-text index.
//!
//! Layout, version 1 (`PRAGMA user_version`): `abstracts(number, id, year, journal, source, added, blake3)` with one row per
//! paper, and the full-text table `words(title, text)` whose `rowid` is that number. The index takes words apart at anything
//! that is no letter or digit and ignores case and accents; `HLA-A` is found as the phrase `hla a`.
//!
//! Invariants: what is added is added whole or not at all; an identifier stands once; one process writes at a time while any
//! number read.

mod opening;
mod searching;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::error::LiteratureError;
use crate::id::AbstractId;
use crate::paper::Abstract;

/// A store of abstracts.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Connection,
}

/// What came of adding abstracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Added {
    /// Papers that were not there.
    pub new: usize,
    /// Papers that were there with another text, year or journal.
    pub changed: usize,
    /// Papers that were there as they are.
    pub same: usize,
}

/// What a store holds, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Papers.
    pub abstracts: u32,
    /// The last day anything was added or changed, `YYYY-MM-DD`; none in an empty store.
    pub last_added: Option<String>,
    /// Where they come from, and how many from each.
    pub sources: Vec<(String, u32)>,
}

impl Store {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds abstracts, all or none; one whose identifier is there replaces it. `today` is `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] where the file is locked, full or damaged; then the store is as it was.
    pub fn add(&mut self, abstracts: &[Abstract], today: &str) -> Result<Added, LiteratureError> {
        let added = insert(&mut self.connection, abstracts, today);
        added.map_err(|error| self.failed(&error))
    }

    /// Takes papers out; says how many were there.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] as for [`Store::add`].
    pub fn remove(&mut self, ids: &[AbstractId]) -> Result<usize, LiteratureError> {
        let removed = delete(&mut self.connection, ids);
        removed.map_err(|error| self.failed(&error))
    }

    /// The abstract of an identifier.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] where the file cannot be read.
    pub fn get(&self, id: &AbstractId) -> Result<Option<Abstract>, LiteratureError> {
        self.connection
            .query_row(
                &format!("{SELECT} WHERE a.id = ?1"),
                [id.as_str()],
                abstract_of,
            )
            .optional()
            .map_err(|error| self.failed(&error))
    }

    /// Every paper in the order of identifiers, `limit` at most.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] where the file cannot be read.
    pub fn list(&self, limit: usize) -> Result<Vec<Abstract>, LiteratureError> {
        let sql = format!("{SELECT} ORDER BY a.id LIMIT ?1");
        self.rows(&sql, [i64::try_from(limit).unwrap_or(i64::MAX)])
            .map_err(|error| self.failed(&error))
    }

    /// What it holds, in short.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] where the file cannot be read.
    pub fn summary(&self) -> Result<Summary, LiteratureError> {
        let read = || -> rusqlite::Result<Summary> {
            let (abstracts, last_added) = self.connection.query_row(
                "SELECT count(*), max(added) FROM abstracts",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let mut statement = self.connection.prepare(
                "SELECT source, count(*) FROM abstracts GROUP BY source ORDER BY source",
            )?;
            let sources = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Summary {
                abstracts,
                last_added,
                sources,
            })
        };
        read().map_err(|error| self.failed(&error))
    }

    fn rows(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> rusqlite::Result<Vec<Abstract>> {
        self.connection
            .prepare(sql)?
            .query_map(parameters, abstract_of)?
            .collect()
    }
}

const SELECT: &str = "SELECT a.id, w.title, w.text, a.year, a.journal, a.source \
     FROM abstracts a JOIN words w ON w.rowid = a.number";

fn abstract_of(row: &Row<'_>) -> rusqlite::Result<Abstract> {
    let id: String = row.get(0)?;
    let id = AbstractId::parse(&id).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(Abstract {
        id,
        title: row.get(1)?,
        text: row.get(2)?,
        year: row.get(3)?,
        journal: row.get(4)?,
        source: row.get(5)?,
    })
}

fn insert(
    connection: &mut Connection,
    abstracts: &[Abstract],
    today: &str,
) -> rusqlite::Result<Added> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut added = Added::default();
    {
        let mut there = transaction
            .prepare("SELECT number, blake3, year, journal FROM abstracts WHERE id = ?1")?;
        let mut make = transaction.prepare(
            "INSERT INTO abstracts(id, year, journal, source, added, blake3) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let mut change = transaction.prepare(
            "UPDATE abstracts SET year = ?2, journal = ?3, source = ?4, added = ?5, blake3 = ?6 WHERE number = ?1",
        )?;
        let mut forget = transaction.prepare("DELETE FROM words WHERE rowid = ?1")?;
        let mut index =
            transaction.prepare("INSERT INTO words(rowid, title, text) VALUES (?1, ?2, ?3)")?;
        for one in abstracts {
            let hash = one.blake3();
            let before: Option<(i64, String, Option<u16>, Option<String>)> = there
                .query_row([one.id.as_str()], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })
                .optional()?;
            let number = match before {
                Some((_, kept, year, journal))
                    if kept == hash && year == one.year && journal == one.journal =>
                {
                    added.same += 1;
                    continue;
                }
                Some((number, ..)) => {
                    change.execute(params![
                        number,
                        one.year,
                        one.journal,
                        one.source,
                        today,
                        hash
                    ])?;
                    forget.execute([number])?;
                    added.changed += 1;
                    number
                }
                None => {
                    make.execute(params![
                        one.id.as_str(),
                        one.year,
                        one.journal,
                        one.source,
                        today,
                        hash
                    ])?;
                    added.new += 1;
                    transaction.last_insert_rowid()
                }
            };
            index.execute(params![number, one.title, one.text])?;
        }
    }
    transaction.commit()?;
    Ok(added)
}

fn delete(connection: &mut Connection, ids: &[AbstractId]) -> rusqlite::Result<usize> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut removed = 0;
    for id in ids {
        let number: Option<i64> = transaction
            .query_row(
                "SELECT number FROM abstracts WHERE id = ?1",
                [id.as_str()],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(number) = number {
            transaction.execute("DELETE FROM words WHERE rowid = ?1", [number])?;
            removed += transaction.execute("DELETE FROM abstracts WHERE number = ?1", [number])?;
        }
    }
    transaction.commit()?;
    Ok(removed)
}

#[cfg(test)]
mod tests;
