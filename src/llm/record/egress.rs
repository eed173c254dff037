//! A log of what left the process.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::LlmError;
use crate::models::Privacy;
use crate::role::Role;

/// One request body on its way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// Where it goes, without key.
    pub address: String,
    /// Length of the body.
    pub bytes: usize,
    /// BLAKE3 hash of the body.
    pub blake3: String,
    /// What it was asked for.
    pub purpose: String,
    /// In which role.
    pub role: Role,
    /// What the configuration lets out.
    pub privacy: Privacy,
    /// Whether values of single samples are in it.
    #[serde(default)]
    pub sample_values: bool,
}

/// The log, one JSON line per body, in the order they left.
#[derive(Debug)]
pub struct Egress {
    file: Mutex<File>,
}

impl Egress {
    /// File name in the folder of exchanges.
    pub const FILE: &str = "egress.jsonl";

    /// Opens the log of a folder to append to it.
    ///
    /// # Errors
    /// [`LlmError::Storage`] where it cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, LlmError> {
        let path = folder.join(Self::FILE);
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map(|file| Self {
                file: Mutex::new(file),
            })
            .map_err(|error| LlmError::Storage {
                reason: format!("`{}`: {error}", path.display()),
            })
    }

    /// Writes a line; when this returns, it is on the disk and the body may leave.
    ///
    /// # Errors
    /// [`LlmError::Storage`] where it cannot be written; then nothing may be sent.
    pub fn note(&self, departure: &Departure) -> Result<(), LlmError> {
        let failed = |reason: String| LlmError::Storage {
            reason: format!("`{}`: {reason}; nothing was sent", Self::FILE),
        };
        let mut line =
            serde_json::to_string(departure).map_err(|error| failed(error.to_string()))?;
        line.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes())
            .and_then(|()| file.sync_data())
            .map_err(|error| failed(error.to_string()))
    }
}
