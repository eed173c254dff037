//! One writer per run: an operating-system lock on `run.lock`, which ends with the process that holds it, so a lock
//! left by a killed process is never in the way.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::RunError;

/// The right to write a run, given back when dropped.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock of the run folder `root`.
    ///
    /// # Errors
    /// [`RunError::Locked`] with the process that holds it.
    pub fn take(root: &Path) -> Result<Self, RunError> {
        let path = root.join("run.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| RunError::writing(&path, e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The number is for the message only; without it the message still holds.
                let _ = file.read_to_string(&mut holder);
                let holder = holder.trim();
                return Err(RunError::Locked {
                    path: root.to_path_buf(),
                    holder: if holder.is_empty() {
                        "unknown".to_owned()
                    } else {
                        format!("`{holder}`")
                    },
                });
            }
            // Some network file systems know no locks; a run there is worth more than the guard.
            Err(TryLockError::Error(_)) => {}
        }
        let noted = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        noted.map_err(|e| RunError::writing(&path, e))?;
        Ok(Self { _file: file })
    }
}
