//! Opening a store: to fill it or only to read it, and what is said of a file that is none.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Store;
use crate::error::LiteratureError;

/// Version of the tables.
const VERSION: i64 = 1;
/// Marks the file as ours (`PRAGMA application_id`): "PrLi".
const APPLICATION: i64 = 0x5072_4C69;
/// How long another process that writes is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// What to do with a store that is damaged.
const DAMAGED: &str = "move it away and add the files of abstracts to a new store";

const TABLES: &str = "
CREATE TABLE abstracts(
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    year INTEGER,
    journal TEXT,
    source TEXT NOT NULL,
    added TEXT NOT NULL,
    blake3 TEXT NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5(title, text, tokenize = 'unicode61 remove_diacritics 2');
";

impl Store {
    /// Opens a store to fill it; a file that is not there is made, with its folder.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] for a file that is no store, is of a newer version, is locked, or cannot be made.
    pub fn open(path: &Path) -> Result<Self, LiteratureError> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            fs::create_dir_all(folder).map_err(|error| LiteratureError::Store {
                path: path.to_owned(),
                reason: format!("its folder cannot be made: {error}"),
                hint: "give a place that may be written".to_owned(),
            })?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut store = Self::connected(path, flags)?;
        let made = store.make();
        made.map_err(|error| store.failed(&error))?;
        store.known()
    }

    /// Opens a store that is there, only to read it.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] as for [`Store::open`], and where there is no file.
    pub fn read_only(path: &Path) -> Result<Self, LiteratureError> {
        if !path.is_file() {
            return Err(LiteratureError::Store {
                path: path.to_owned(),
                reason: "there is no such file".to_owned(),
                hint: "fill one with `proteus literature add FILE… --store PATH`".to_owned(),
            });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::connected(path, flags)?.known()
    }

    /// Reads the whole file for damage, before anybody relies on it.
    ///
    /// # Errors
    /// [`LiteratureError::Store`] for a file that is damaged.
    pub fn check(&self) -> Result<(), LiteratureError> {
        let told: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| self.failed(&error))?;
        if told == "ok" {
            return Ok(());
        }
        Err(LiteratureError::Store {
            path: self.path.clone(),
            reason: "it is damaged".to_owned(),
            hint: DAMAGED.to_owned(),
        })
    }

    fn connected(path: &Path, flags: OpenFlags) -> Result<Self, LiteratureError> {
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(PATIENCE)?;
            // Nothing that the file itself says may run code or reach another file.
            connection.pragma_update(None, "trusted_schema", false)?;
            Ok(connection)
        };
        match open() {
            Ok(connection) => Ok(Self {
                path: path.to_owned(),
                connection,
            }),
            Err(error) => Err(described(path, &error)),
        }
    }

    /// Makes the tables of a file that is empty.
    fn make(&mut self) -> rusqlite::Result<()> {
        let transaction = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let tables: i64 =
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        transaction.commit()
    }

    /// Itself, if the file is a store of a version that is read here.
    fn known(self) -> Result<Self, LiteratureError> {
        let number = |name: &str| {
            self.connection
                .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
                .map_err(|error| self.failed(&error))
        };
        let (application, version) = (number("application_id")?, number("user_version")?);
        let wrong = |reason: String, hint: &str| LiteratureError::Store {
            path: self.path.clone(),
            reason,
            hint: hint.to_owned(),
        };
        if application != APPLICATION {
            return Err(wrong(
                "it is a database, but no store of abstracts".to_owned(),
                "give another path",
            ));
        }
        if version != VERSION {
            return Err(wrong(
                format!("its tables are of version {version}, version {VERSION} is read here"),
                "use the version of Proteus that wrote it, or fill a new store",
            ));
        }
        Ok(self)
    }

    pub(super) fn failed(&self, error: &rusqlite::Error) -> LiteratureError {
        described(&self.path, error)
    }
}

fn described(path: &Path, error: &rusqlite::Error) -> LiteratureError {
    let (reason, hint) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            "another process is writing to it".to_owned(),
            "run again when that is done",
        ),
        Some(ErrorCode::NotADatabase) => (
            "it is no database".to_owned(),
            "give the path of a store, or of a file that is not there yet; files of abstracts are added with \
             `proteus literature add FILE…`",
        ),
        Some(ErrorCode::DatabaseCorrupt) => ("it is damaged".to_owned(), DAMAGED),
        Some(ErrorCode::DiskFull) => (
            "the disk is full".to_owned(),
            "free some space; the store is as it was",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => (
            "it may not be written".to_owned(),
            "change its permissions or give another path",
        ),
        Some(ErrorCode::CannotOpen) => (
            "it cannot be opened".to_owned(),
            "check the path, and that the file may be read",
        ),
        _ => (error.to_string(), "check the file, or fill a new store"),
    };
    LiteratureError::Store {
        path: path.to_owned(),
        reason,
        hint: hint.to_owned(),
    }
}
