//! Content: the files people write and the binary carries.
//!
//! Workflows, prompts, reports and knowledge packs are embedded at build time, so that one executable is a
//! complete installation. `--content DIR` shadows them: a file `DIR/workflows/x.yaml` replaces, or adds to,
//! the embedded `workflows/x.yaml`.
//!
//! Invariants: paths are relative, use forward slashes and start with one of [`ROOTS`]; lists are sorted,
//! so that nothing depends on the order of a folder.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The folders that content lives in, at the top of the repository and of an override folder.
pub const ROOTS: [&str; 4] = ["datasets/knowledge", "prompts", "reports", "workflows"];

/// Deeper folders than this in an override are refused: a link that leads to its own parent has no end.
const MAX_DEPTH: usize = 8;

/// What can go wrong while finding content.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// No embedded file and no override has this path.
    #[error(
        "no content at `{path}`: {known} files are known under `{folder}`\nhint: paths look like `workflows/name.yaml`; with `--content DIR` they are relative to DIR"
    )]
    NotFound {
        /// The path asked for.
        path: String,
        /// Its folder.
        folder: String,
        /// How many files that folder holds.
        known: usize,
    },
    /// A text was asked for and the file is something else.
    #[error(
        "`{path}` is not UTF-8 text: the first bad byte is byte {position}\nhint: save the file as UTF-8"
    )]
    NotText {
        /// The path asked for.
        path: String,
        /// Offset of the first byte that is not UTF-8, from 0.
        position: usize,
    },
    /// The override folder holds none of the content folders.
    #[error("`{}` holds none of the folders {}\nhint: `--content` takes a folder laid out like the repository, such as DIR/workflows/name.yaml", dir.display(), ROOTS.map(|root| format!("`{root}`")).join(", "))]
    NoRoots {
        /// The override folder.
        dir: PathBuf,
    },
    /// The override folder nests too deeply.
    #[error("`{}` is more than {MAX_DEPTH} folders deep\nhint: look for a link that leads back to one of its parents", dir.display())]
    TooDeep {
        /// The folder at which the search stopped.
        dir: PathBuf,
    },
    /// A file or folder of the override could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The reason given by the operating system.
        source: io::Error,
    },
}

/// Embedded content, possibly shadowed by an override folder.
#[derive(Debug, Clone, Default)]
pub struct Content {
    overrides: BTreeMap<String, PathBuf>,
}

impl Content {
    /// The content of the binary alone.
    pub fn embedded() -> Self {
        Self::default()
    }

    /// The content of the binary, with every file under `override_dir` (laid out like the repository)
    /// shadowing the embedded file of the same path. `None` is [`Content::embedded`].
    ///
    /// # Errors
    /// The folder cannot be read, or holds none of [`ROOTS`].
    pub fn open(override_dir: Option<&Path>) -> Result<Self, ContentError> {
        let Some(dir) = override_dir else {
            return Ok(Self::embedded());
        };
        fs::read_dir(dir).map_err(|source| unreadable(dir, source))?;
        let mut overrides = BTreeMap::new();
        let mut found_root = false;
        for root in ROOTS {
            let folder = dir.join(root);
            if folder.is_dir() {
                found_root = true;
                collect(&folder, root, 0, &mut overrides)?;
            }
        }
        if found_root {
            Ok(Self { overrides })
        } else {
            Err(ContentError::NoRoots {
                dir: dir.to_path_buf(),
            })
        }
    }

    /// The bytes of the file at `path`, such as `workflows/two_groups.yaml`.
    ///
    /// # Errors
    /// Nothing has that path, or the overriding file cannot be read.
    pub fn get(&self, path: &str) -> Result<Cow<'static, [u8]>, ContentError> {
        if let Some(file) = self.overrides.get(path) {
            return match fs::read(file) {
                Ok(bytes) => Ok(Cow::Owned(bytes)),
                Err(source) => Err(unreadable(file, source)),
            };
        }
        match EMBEDDED.binary_search_by(|(known, _)| (*known).cmp(path)) {
            Ok(index) => Ok(Cow::Borrowed(EMBEDDED[index].1)),
            Err(_) => Err(self.not_found(path)),
        }
    }

    /// The text of the file at `path`.
    ///
    /// # Errors
    /// As [`Content::get`], or the file is not UTF-8.
    pub fn text(&self, path: &str) -> Result<Cow<'static, str>, ContentError> {
        let not_text = |position| ContentError::NotText {
            path: path.to_owned(),
            position,
        };
        match self.get(path)? {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(|error| not_text(error.valid_up_to())),
            Cow::Owned(bytes) => String::from_utf8(bytes)
                .map(Cow::Owned)
                .map_err(|error| not_text(error.utf8_error().valid_up_to())),
        }
    }

    /// Whether a file has this path.
    pub fn contains(&self, path: &str) -> bool {
        self.overrides.contains_key(path)
            || EMBEDDED
                .binary_search_by(|(known, _)| (*known).cmp(path))
                .is_ok()
    }

    /// Whether the file at `path` comes from the override folder.
    pub fn is_overridden(&self, path: &str) -> bool {
        self.overrides.contains_key(path)
    }

    /// The paths that start with `prefix`, sorted; `workflows/` lists all workflows.
    pub fn list(&self, prefix: &str) -> Vec<String> {
        let embedded = EMBEDDED.iter().map(|(path, _)| *path);
        let overriding = self.overrides.keys().map(String::as_str);
        let paths: BTreeSet<&str> = embedded
            .chain(overriding)
            .filter(|path| path.starts_with(prefix))
            .collect();
        paths.into_iter().map(str::to_owned).collect()
    }

    fn not_found(&self, path: &str) -> ContentError {
        let folder = path
            .rfind('/')
            .map_or("", |slash| &path[..=slash])
            .to_owned();
        ContentError::NotFound {
            path: path.to_owned(),
            known: self.list(&folder).len(),
            folder,
        }
    }
}

/// Adds the files under `folder`, whose content path is `path`, to `overrides`.
fn collect(
    folder: &Path,
    path: &str,
    depth: usize,
    overrides: &mut BTreeMap<String, PathBuf>,
) -> Result<(), ContentError> {
    if depth > MAX_DEPTH {
        return Err(ContentError::TooDeep {
            dir: folder.to_path_buf(),
        });
    }
    for entry in fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
        let entry = entry.map_err(|source| unreadable(folder, source))?;
        let file = entry.path();
        let Ok(name) = entry.file_name().into_string() else {
            let reason = io::Error::new(io::ErrorKind::InvalidData, "the file name is not UTF-8");
            return Err(unreadable(&file, reason));
        };
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{path}/{name}");
        if file.is_dir() {
            collect(&file, &path, depth + 1, overrides)?;
        } else {
            overrides.insert(path, file);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, source: io::Error) -> ContentError {
    ContentError::Unreadable {
        path: path.to_path_buf(),
        source,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]
    use super::*;

    #[test]
    fn the_embedded_table_is_sorted_and_leaves_out_what_is_not_content() {
        assert!(EMBEDDED.is_sorted_by(|a, b| a.0 < b.0));
        assert!(
            EMBEDDED
                .iter()
                .all(|(path, _)| ROOTS.iter().any(|root| path.starts_with(root)))
        );
        for left_out in ["reports/charts/", "reports/examples/"] {
            assert!(EMBEDDED.iter().all(|(path, _)| !path.starts_with(left_out)));
        }
    }

    #[test]
    fn an_override_shadows_and_adds() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("workflows/deep")).unwrap();
        fs::write(dir.path().join("workflows/mine.yaml"), "a: 1").unwrap();
        fs::write(dir.path().join("workflows/deep/other.yaml"), [0x61, 0xff]).unwrap();
        let content = Content::open(Some(dir.path())).unwrap();
        assert_eq!(content.text("workflows/mine.yaml").unwrap(), "a: 1");
        assert!(content.is_overridden("workflows/mine.yaml"));
        assert!(
            content
                .list("workflows/")
                .contains(&"workflows/deep/other.yaml".to_owned())
        );
        let error = content.text("workflows/deep/other.yaml").unwrap_err();
        assert!(
            matches!(error, ContentError::NotText { position: 1, .. }),
            "{error}"
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Content::embedded()
            .get("workflows/no-such.yaml")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`workflows/no-such.yaml`") && error.contains("hint:"),
            "{error}"
        );
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(
            Content::open(Some(dir.path())),
            Err(ContentError::NoRoots { .. })
        ));
        let absent = dir.path().join("absent");
        assert!(matches!(
            Content::open(Some(&absent)),
            Err(ContentError::Unreadable { .. })
        ));
        assert!(Content::embedded().get("../Cargo.toml").is_err());
    }
}
