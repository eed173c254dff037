//! Files of a record, which are there whole or not at all.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::LiteratureError;

/// Writes a value as JSON beside `path` and moves it there once it is on the disk; makes the folder.
///
/// # Errors
/// [`LiteratureError::Record`] where it cannot be written; then `path` is as it was.
pub(crate) fn write(path: &Path, value: &impl Serialize) -> Result<(), LiteratureError> {
    let written = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut bytes = serde_json::to_vec_pretty(value)?;
        bytes.push(b'\n');
        let beside = path.with_extension("json.partial");
        let mut file = File::create(&beside)?;
        let done = file
            .write_all(&bytes)
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&beside, path));
        if done.is_err() {
            // What is left of a full disk is no record; that it cannot be removed changes nothing.
            let _ = fs::remove_file(&beside);
        }
        done.and_then(|()| sync_folder(path))
    };
    written().map_err(|error| LiteratureError::Record {
        path: path.to_owned(),
        reason: error.to_string(),
        hint: "free some space and run again".to_owned(),
    })
}

/// Reads what [`write()`] wrote; none where there is no such file.
///
/// # Errors
/// [`LiteratureError::Record`] for a file that cannot be read or is damaged.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, LiteratureError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(damaged(path, error.to_string())),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| damaged(path, error.to_string()))
}

/// A file of a record that is not as it was written.
pub(crate) fn damaged(path: &Path, reason: String) -> LiteratureError {
    LiteratureError::Record {
        path: path.to_owned(),
        reason,
        hint: "put the file back as it was, or start a new run".to_owned(),
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
