//! Writing files and folders so that they are either absent or whole, whatever happens on the way.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::RunError;

/// Tells apart what one process writes at the same time.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Writes the file at `path` through `fill`: into a hidden file beside it, synced, then renamed into place. On any
/// error nothing is left behind and an earlier file at `path` is untouched. Parent folders are made.
pub fn write_file(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), RunError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|e| RunError::writing(parent, e))?;
    }
    let temporary = beside(path);
    let written = write_through(&temporary, fill).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = written {
        // The first error is the one worth telling; the hidden file may not even exist.
        let _ = fs::remove_file(&temporary);
        return Err(RunError::writing(path, error));
    }
    sync_parent(path);
    Ok(())
}

/// Writes `bytes` to `path`, all or nothing.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    write_file(path, |sink| sink.write_all(bytes))
}

/// Writes a file into a folder that [`write_folder`] is filling: synced, but without a move of its own, since the folder
/// appears in one move.
pub fn write_within(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    write_through(path, |sink| sink.write_all(bytes)).map_err(|e| RunError::writing(path, e))
}

/// Removes what a killed process left half-written in `folder` and the folders below it. To be called by the only
/// writer of the folder.
pub fn sweep(folder: &Path) -> Result<(), RunError> {
    for entry in fs::read_dir(folder).map_err(|e| RunError::reading(folder, e))? {
        let path = entry.map_err(|e| RunError::reading(folder, e))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let half_written = name.starts_with('.') && name.ends_with(".part");
        let swept = match (half_written, path.is_dir()) {
            (true, true) => fs::remove_dir_all(&path),
            (true, false) => fs::remove_file(&path),
            (false, true) => {
                sweep(&path)?;
                Ok(())
            }
            (false, false) => Ok(()),
        };
        swept.map_err(|e| RunError::writing(&path, e))?;
    }
    Ok(())
}

/// Fills a hidden folder beside `path` and renames it into place, replacing an earlier folder. On any error nothing is
/// left behind and an earlier folder is untouched.
pub fn write_folder(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), RunError>,
) -> Result<(), RunError> {
    write_folder_unless(path, fill, || false)
}

/// As [`write_folder`], but an earlier folder stays if `keep` says so: someone else may be reading it.
pub fn write_folder_unless(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), RunError>,
    keep: impl FnOnce() -> bool,
) -> Result<(), RunError> {
    let temporary = beside(path);
    let filled = fs::create_dir_all(&temporary)
        .map_err(|e| RunError::writing(&temporary, e))
        .and_then(|()| fill(&temporary))
        .and_then(|()| swap(&temporary, path, keep).map_err(|e| RunError::writing(path, e)));
    if filled.is_err() {
        let _ = fs::remove_dir_all(&temporary);
    }
    filled
}

fn swap(temporary: &Path, path: &Path, keep: impl FnOnce() -> bool) -> io::Result<()> {
    match fs::rename(temporary, path) {
        Ok(()) => {}
        Err(_) if path.is_dir() && keep() => fs::remove_dir_all(temporary)?,
        // A folder that is not empty cannot be replaced in one move.
        Err(_) if path.is_dir() => {
            let old = beside(path);
            fs::rename(path, &old)?;
            fs::rename(temporary, path)?;
            fs::remove_dir_all(&old)?;
        }
        Err(error) => return Err(error),
    }
    sync_parent(path);
    Ok(())
}

fn write_through(
    temporary: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut sink = BufWriter::new(File::create(temporary)?);
    fill(&mut sink)?;
    sink.into_inner()?.sync_all()
}

/// A hidden name in the same folder, so that the rename stays within one file system.
fn beside(path: &Path) -> PathBuf {
    let name = path
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.{}-{number}.part", std::process::id()))
}

/// Makes a rename durable where the operating system allows it; where it does not, the rename is still atomic.
pub fn sync_parent(path: &Path) {
    if let Some(folder) = path.parent().and_then(|p| File::open(p).ok()) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]
    use super::*;

    #[test]
    fn a_writer_that_fails_halfway_leaves_the_old_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("findings.jsonl");
        write_bytes(&path, b"old").unwrap();
        let error = write_file(&path, |sink| {
            sink.write_all(b"new, but")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        })
        .unwrap_err();
        assert!(matches!(error, RunError::DiskFull { .. }), "{error}");
        assert!(error.to_string().contains("hint:"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_replaced_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("step");
        write_folder(&path, |f| write_within(&f.join("a"), b"1")).unwrap();
        write_folder(&path, |f| write_bytes(&f.join("b"), b"2")).unwrap();
        assert!(path.join("b").exists() && !path.join("a").exists());
        let failed = write_folder(&path, |f| {
            write_bytes(&f.join("c"), b"3")?;
            Err(RunError::DiskFull { path: f.into() })
        });
        assert!(failed.is_err());
        assert!(path.join("b").exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_parent_that_is_a_file_is_not_writable() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        write_bytes(&file, b"x").unwrap();
        let error = write_bytes(&file.join("below"), b"y").unwrap_err();
        assert!(matches!(error, RunError::NotWritable { .. }), "{error}");
    }
}
