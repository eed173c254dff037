//! A folder of exchanges.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::atomic;
use super::exchange::Exchange;
use crate::error::LlmError;

/// A folder of exchanges, one file each.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// A store that is written to; makes the folder.
    ///
    /// # Errors
    /// [`LlmError::Storage`] where the folder cannot be made.
    pub fn create(folder: &Path) -> Result<Self, LlmError> {
        fs::create_dir_all(folder).map_err(|error| LlmError::Storage {
            reason: format!("`{}`: {error}", folder.display()),
        })?;
        Ok(Self::read_only(folder))
    }

    /// A store that is only read.
    pub fn read_only(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The exchange of a key, if there is one.
    ///
    /// # Errors
    /// [`LlmError::Storage`] where the file is there and cannot be read, is of another version or under another name.
    pub fn get(&self, key: &str) -> Result<Option<Exchange>, LlmError> {
        let path = self.path(key);
        let wrong = |reason: String| LlmError::Storage {
            reason: format!("`{}`: {reason}", path.display()),
        };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(error.to_string())),
        };
        let exchange: Exchange =
            serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if exchange.version != Exchange::VERSION {
            return Err(wrong(format!(
                "version `{}` of exchanges, `{}` is read here",
                exchange.version,
                Exchange::VERSION
            )));
        }
        if exchange.key != key {
            return Err(wrong(format!("holds exchange `{}`", exchange.key)));
        }
        Ok(Some(exchange))
    }

    /// Writes an exchange; when this returns, it is on the disk.
    ///
    /// # Errors
    /// [`LlmError::Storage`] where it cannot be written whole.
    pub fn put(&self, exchange: &Exchange) -> Result<(), LlmError> {
        let path = self.path(&exchange.key);
        let mut bytes = serde_json::to_vec_pretty(exchange).map_err(|error| LlmError::Storage {
            reason: format!("exchange `{}`: {error}", exchange.key),
        })?;
        bytes.push(b'\n');
        atomic::write(&path, &bytes).map_err(|error| LlmError::Storage {
            reason: format!(
                "`{}`: {error}; free some space and run again",
                path.display()
            ),
        })
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}
