//! Files of one JSON value per line that only grow: a line counts once it is whole and synced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RunError;

/// The values of a file and how much of it is whole.
#[derive(Debug)]
pub struct Lines<T> {
    /// One value per line.
    pub values: Vec<T>,
    /// Bytes up to the end of the last whole line.
    pub whole: u64,
}

/// Reads the file at `path`; a missing file has no lines, and a torn last line (from a process that was killed while
/// writing it) is left out.
///
/// # Errors
/// [`RunError::Damaged`] with the line number for a line before the last that does not parse.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Lines<T>, RunError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(RunError::reading(path, error)),
    };
    let mut values = Vec::new();
    let mut whole = 0;
    for (index, line) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
        let end = whole + line.len();
        let last = end == bytes.len();
        if line.last() != Some(&b'\n') {
            break;
        }
        match serde_json::from_slice(line) {
            Ok(value) => values.push(value),
            Err(_) if last => break,
            Err(error) => {
                return Err(RunError::damaged(
                    path,
                    format!("line {}", index + 1),
                    error,
                ));
            }
        }
        whole = end;
    }
    Ok(Lines {
        values,
        whole: whole as u64,
    })
}

/// A file open for appending.
#[derive(Debug)]
pub struct Appender {
    path: PathBuf,
    file: File,
    failed: bool,
}

impl Appender {
    /// Opens `path`, making it if needed, and cuts off what lies behind its `whole` bytes.
    pub fn open(path: &Path, whole: u64) -> Result<Self, RunError> {
        let open = || {
            let file = OpenOptions::new().create(true).append(true).open(path)?;
            if file.metadata()?.len() > whole {
                file.set_len(whole)?;
            }
            Ok(file)
        };
        Ok(Self {
            path: path.to_path_buf(),
            file: open().map_err(|e| RunError::writing(path, e))?,
            failed: false,
        })
    }

    /// Appends `value` as one line and syncs it.
    ///
    /// # Errors
    /// As for any write. After an error the end of the file is not known, so every further call fails until the file
    /// is opened again, which cuts off the torn line.
    pub fn append<T: Serialize>(&mut self, value: &T) -> Result<(), RunError> {
        let mut line = serde_json::to_vec(value).map_err(|e| RunError::NotSerialisable {
            path: self.path.clone(),
            reason: e.to_string(),
        })?;
        line.push(b'\n');
        if self.failed {
            let reason = io::Error::other("an earlier write to it failed");
            return Err(RunError::writing(&self.path, reason));
        }
        let written = self
            .file
            .write_all(&line)
            .and_then(|()| self.file.sync_data());
        written.map_err(|error| {
            self.failed = true;
            RunError::writing(&self.path, error)
        })
    }
}

/// Appends `values`, one line each, behind the `whole` bytes of whole lines of the file at `path` and syncs them: all of
/// them or, on any error, none. What lies behind `whole` is cut off first. Gives the new number of whole bytes.
///
/// # Errors
/// As for any write; the file then ends at `whole` again.
pub fn append_all<T: Serialize>(path: &Path, whole: u64, values: &[T]) -> Result<u64, RunError> {
    let mut bytes = Vec::new();
    for value in values {
        serde_json::to_writer(&mut bytes, value).map_err(|e| RunError::NotSerialisable {
            path: path.to_path_buf(),
            reason: e.to_string(),
        })?;
        bytes.push(b'\n');
    }
    let is_new = !path.exists();
    let mut file = Appender::open(path, whole)?.file;
    let written = file.write_all(&bytes).and_then(|()| file.sync_data());
    if let Err(error) = written {
        // Shorter is always possible, on a full disk too; where it is not, the torn line is cut off on the next opening.
        let _ = file.set_len(whole).and_then(|()| file.sync_data());
        return Err(RunError::writing(path, error));
    }
    if is_new {
        super::atomic::sync_parent(path);
    }
    Ok(whole + bytes.len() as u64)
}

/// Cuts the file at `path` back to its first `whole` bytes, or removes it where that is none of them.
pub fn cut_back(path: &Path, whole: u64) -> Result<(), RunError> {
    let cut = || {
        if whole == 0 {
            return fs::remove_file(path);
        }
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(whole)?;
        file.sync_data()
    };
    cut().map_err(|e| RunError::writing(path, e))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]
    use super::*;

    #[test]
    fn a_torn_last_line_is_dropped_and_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines.jsonl");
        for torn in ["{\"b\"", "[3", "{\"b\"\n"] {
            fs::write(&path, format!("[1]\n[2]\n{torn}")).unwrap();
            let lines: Lines<Vec<u32>> = read(&path).unwrap();
            assert_eq!(lines.values, [[1], [2]]);
            let mut file = Appender::open(&path, lines.whole).unwrap();
            file.append(&vec![3]).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "[1]\n[2]\n[3]\n");
        }
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines.jsonl");
        fs::write(&path, "[1]\nnonsense\n[3]\n").unwrap();
        let error = read::<Vec<u32>>(&path).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_and_stops_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("full.jsonl");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let mut file = Appender::open(&path, 0).unwrap();
        let error = file.append(&1).unwrap_err();
        assert!(matches!(error, RunError::DiskFull { .. }), "{error}");
        assert!(file.append(&2).is_err());
        let error = append_all(&path, 0, &[1, 2]).unwrap_err();
        assert!(matches!(error, RunError::DiskFull { .. }), "{error}");
    }

    #[test]
    fn several_lines_are_appended_together_and_taken_back_together() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines.jsonl");
        let whole = append_all(&path, 0, &[1, 2]).unwrap();
        fs::write(&path, "1\n2\n[torn").unwrap();
        let more = append_all(&path, whole, &[3]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "1\n2\n3\n");
        assert_eq!(more, 6);
        cut_back(&path, whole).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "1\n2\n");
        cut_back(&path, 0).unwrap();
        assert!(!path.exists());
    }
}
