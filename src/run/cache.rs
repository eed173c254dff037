//! The step cache: folders of files by content address, shared by the runs of one parent folder.
//!
//! Layout: `cache/<first 2 digits>/<key>/`, with `manifest.yaml` naming every file and its BLAKE3. An entry appears in
//! one rename, and is checked against its manifest whenever it is used; one that does not match is treated as absent.

use std::fs;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{FORMAT, RunError, atomic, hash};

/// A folder of cached outputs.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    key: String,
    files: IndexMap<String, String>,
}

const MANIFEST: &str = "manifest.yaml";

impl Cache {
    /// The cache in the folder `root`; nothing is made until something is stored.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder of the cache.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn folder(&self, key: &str) -> PathBuf {
        self.root.join(key.get(..2).unwrap_or("xx")).join(key)
    }

    /// The folder of an entry, if it is there and every file is as it was stored.
    pub fn find(&self, key: &str) -> Option<PathBuf> {
        let folder = self.folder(key);
        let manifest: Manifest =
            serde_yaml::from_str(&fs::read_to_string(folder.join(MANIFEST)).ok()?).ok()?;
        let whole = manifest.format == FORMAT
            && manifest.key == key
            && manifest.files.iter().all(|(name, expected)| {
                fs::read(folder.join(name)).is_ok_and(|bytes| hash::of_bytes(&bytes) == *expected)
            });
        whole.then_some(folder)
    }

    /// Stores what `fill` writes into the folder it is given, and gives the entry's folder. A damaged entry is replaced; a
    /// whole one that another step or process stored meanwhile stays, since it may be being read.
    pub fn store(
        &self,
        key: &str,
        fill: impl FnOnce(&Path) -> Result<(), RunError>,
    ) -> Result<PathBuf, RunError> {
        let folder = self.folder(key);
        let fill = |temporary: &Path| {
            fill(temporary)?;
            let mut names: Vec<String> = Vec::new();
            for entry in fs::read_dir(temporary).map_err(|e| RunError::reading(temporary, e))? {
                let entry = entry.map_err(|e| RunError::reading(temporary, e))?;
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
            names.sort();
            let mut files = IndexMap::new();
            for name in names {
                let path = temporary.join(&name);
                let bytes = fs::read(&path).map_err(|e| RunError::reading(&path, e))?;
                files.insert(name, hash::of_bytes(&bytes));
            }
            let manifest = Manifest {
                format: FORMAT,
                key: key.to_owned(),
                files,
            };
            let path = temporary.join(MANIFEST);
            let text = serde_yaml::to_string(&manifest).map_err(|e| RunError::NotSerialisable {
                path: path.clone(),
                reason: e.to_string(),
            })?;
            atomic::write_within(&path, text.as_bytes())
        };
        atomic::write_folder_unless(&folder, fill, || self.find(key).is_some())?;
        Ok(folder)
    }

    /// Puts the named files of an entry into `folder`: as hard links where the file system has them, else as copies.
    pub fn place(&self, entry: &Path, folder: &Path, files: &[&str]) -> Result<(), RunError> {
        for name in files {
            let (from, to) = (entry.join(name), folder.join(name));
            if fs::hard_link(&from, &to).is_err() {
                fs::copy(&from, &to).map_err(|e| RunError::writing(&to, e))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]
    use super::*;

    #[test]
    fn an_entry_is_found_until_a_byte_of_it_changes() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().join("cache"));
        let key = hash::of_bytes(b"key");
        assert!(cache.find(&key).is_none());
        let fill = |f: &Path| atomic::write_bytes(&f.join("t.tsv"), b"a\t1\n");
        let entry = cache.store(&key, fill).unwrap();
        assert_eq!(cache.find(&key), Some(entry.clone()));
        let to = dir.path().join("step");
        fs::create_dir(&to).unwrap();
        cache.place(&entry, &to, &["t.tsv"]).unwrap();
        assert_eq!(fs::read(to.join("t.tsv")).unwrap(), b"a\t1\n");
        fs::write(entry.join("t.tsv"), "a\t2\n").unwrap();
        assert!(cache.find(&key).is_none());
        cache.store(&key, fill).unwrap();
        assert!(cache.find(&key).is_some());
        let later = |f: &Path| atomic::write_bytes(&f.join("t.tsv"), b"later\n");
        cache.store(&key, later).unwrap();
        assert_eq!(fs::read(entry.join("t.tsv")).unwrap(), b"a\t1\n");
        assert_eq!(fs::read_dir(entry.parent().unwrap()).unwrap().count(), 1);
    }
}
