//! What of the cache no run refers to any more. Runs themselves are never touched: their files are links or copies of their own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::lock::RunLock;
use super::view::read_journal;
use super::{Event, RunError, RunView};

/// Entries of a cache without a run.
#[derive(Debug, Default)]
pub struct Garbage {
    /// Their folders, sorted.
    pub entries: Vec<PathBuf>,
    /// Bytes in them.
    pub bytes: u64,
    /// Entries that runs refer to.
    pub in_use: usize,
    /// Held until they are removed, so that no run takes one up meanwhile.
    locks: Vec<RunLock>,
}

impl Garbage {
    /// Looks through the runs and the cache under `parent`.
    ///
    /// # Errors
    /// A run is being written, or cannot be read: what it needs is then not known.
    pub fn under(parent: &Path) -> Result<Self, RunError> {
        let mut found = Self::default();
        let mut used = BTreeSet::new();
        for folder in folders(parent)? {
            if !folder.join("run.yaml").is_file() {
                continue;
            }
            RunView::open(&folder)?;
            found.locks.push(RunLock::take(&folder)?);
            used.extend(keys(&folder)?);
        }
        for shelf in folders(&parent.join("cache"))? {
            for entry in folders(&shelf)? {
                let key = entry.file_name().unwrap_or_default().to_string_lossy();
                if used.contains(key.as_ref()) {
                    found.in_use += 1;
                } else {
                    found.bytes += size(&entry)?;
                    found.entries.push(entry);
                }
            }
        }
        Ok(found)
    }

    /// Removes the entries.
    ///
    /// # Errors
    /// One cannot be removed; those before it are gone.
    pub fn remove(self) -> Result<(), RunError> {
        for entry in &self.entries {
            fs::remove_dir_all(entry).map_err(|e| RunError::writing(entry, e))?;
        }
        Ok(())
    }
}

/// The keys of all steps a run computed or took from the cache.
fn keys(root: &Path) -> Result<Vec<String>, RunError> {
    let journal = read_journal(root)?.values;
    let key = |event| match event {
        Event::StepFinished { key, .. } | Event::StepCached { key, .. } => Some(key),
        _ => None,
    };
    Ok(journal.into_iter().filter_map(|e| key(e.event)).collect())
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>, RunError> {
    if !parent.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(parent).map_err(|e| RunError::reading(parent, e))? {
        let path = entry.map_err(|e| RunError::reading(parent, e))?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn size(folder: &Path) -> Result<u64, RunError> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).map_err(|e| RunError::reading(folder, e))? {
        let entry = entry.map_err(|e| RunError::reading(folder, e))?;
        let known = entry.metadata();
        bytes += known
            .map_err(|e| RunError::reading(&entry.path(), e))?
            .len();
    }
    Ok(bytes)
}
