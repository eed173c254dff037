//! Which files may be read: those below the served folder, and runs below the parent folder of runs.

use std::path::{Component, Path, PathBuf};

use crate::cli::failure::Failure;
use crate::cli::runs;

/// Entries of a folder looked at for links; a dataset has fewer.
const ENTRIES: usize = 20_000;

/// The two folders.
#[derive(Debug)]
pub(super) struct Fence {
    /// The served folder as it was named, which a client may name it as well.
    named: PathBuf,
    /// The served folder, links resolved.
    root: PathBuf,
    out: PathBuf,
}

impl Fence {
    /// Datasets below `root`, runs below `out` (`proteus-runs` below `root` where none is named).
    ///
    /// # Errors
    /// `root` is no folder.
    pub(super) fn around(root: &Path, out: Option<&Path>) -> Result<Self, Failure> {
        let found = root
            .canonicalize()
            .map_err(|error| Failure::unreadable(root, &error))?;
        if !found.is_dir() {
            return Err(Failure::bad_input(
                format!("`--root {}` is no folder", root.display()),
                "name the folder that holds the datasets",
            ));
        }
        let out = match out {
            Some(out) => std::path::absolute(out).map_err(|e| Failure::unreadable(out, &e))?,
            None => found.join("proteus-runs"),
        };
        let named = std::path::absolute(root).map_err(|e| Failure::unreadable(root, &e))?;
        Ok(Self {
            named,
            root: found,
            out,
        })
    }

    /// The served folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The parent folder of the runs.
    pub(super) fn out(&self) -> &Path {
        &self.out
    }

    /// A file that may be read.
    ///
    /// # Errors
    /// It is not there, or lies outside the served folder once links are resolved.
    pub(super) fn file(&self, given: &Path) -> Result<PathBuf, Failure> {
        let inside = self.named.join(given);
        // A path that leaves is refused before the disk is asked, so that nobody learns what lies outside.
        let below = inside.starts_with(&self.named) || inside.starts_with(&self.root);
        if !below || climbs(given) {
            return Err(self.outside(given, "it"));
        }
        let found = inside
            .canonicalize()
            .map_err(|error| Failure::unreadable(given, &error))?;
        if found.starts_with(&self.root) {
            Ok(found)
        } else {
            Err(self.outside(given, "what it links to"))
        }
    }

    /// A dataset that may be read: as [`Fence::file`], and no link beside or below it leads out, since a reader follows
    /// them.
    ///
    /// # Errors
    /// As [`Fence::file`].
    pub(super) fn dataset(&self, given: &Path) -> Result<PathBuf, Failure> {
        let found = self.file(given)?;
        let manifest = found
            .file_name()
            .is_some_and(|name| name == "dataset.yaml" || name == "dataset.yml");
        let mut open = Vec::new();
        let deep = found.is_dir() || manifest;
        if found.is_dir() {
            open.push(found.clone());
        } else if let Some(folder) = found.parent() {
            open.push(folder.to_path_buf());
        }
        let mut seen = 0_usize;
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                seen += 1;
                if seen > ENTRIES {
                    return Err(Failure::bad_input(
                        format!("`{}` holds more than {ENTRIES} files", given.display()),
                        "name the table itself, or the folder of one dataset",
                    ));
                }
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                let path = entry.path();
                if kind.is_symlink() {
                    // A link that leads nowhere is not read.
                    let Ok(target) = path.canonicalize() else {
                        continue;
                    };
                    if !target.starts_with(&self.root) {
                        return Err(self.outside(&path, "what it links to"));
                    }
                } else if deep && kind.is_dir() {
                    open.push(path);
                }
            }
        }
        Ok(found)
    }

    /// The folder of a run: the newest, or the one of this name.
    ///
    /// # Errors
    /// The name is no name, there is no such run, or its folder is a link that leads elsewhere.
    pub(super) fn run(&self, name: Option<&str>) -> Result<PathBuf, Failure> {
        if let Some(name) = name {
            let mut parts = Path::new(name).components();
            if !matches!(
                (parts.next(), parts.next()),
                (Some(Component::Normal(_)), None)
            ) {
                return Err(Failure::bad_input(
                    format!("`{name}` is no name of a run"),
                    "`runs` lists the runs by their names",
                ));
            }
        }
        let path = name.map(|name| self.out.join(name));
        let folder = runs::find(path.as_deref(), &self.out)?;
        let (Ok(found), Ok(out)) = (folder.canonicalize(), self.out.canonicalize()) else {
            return Err(Failure::bad_input(
                format!("no run `{}`", name.unwrap_or_default()),
                "`runs` lists the runs by their names",
            ));
        };
        if found.starts_with(out) {
            Ok(folder)
        } else {
            Err(Failure::bad_input(
                format!("`{}` is a link to another folder", folder.display()),
                "start `proteus mcp` with `--out` naming the folder that holds the run",
            ))
        }
    }

    fn outside(&self, given: &Path, what: &str) -> Failure {
        Failure::bad_input(
            format!(
                "`{}` is not read: {what} lies outside `{}`",
                given.display(),
                self.root.display()
            ),
            "paths are relative to the served folder, without `..`; the person who started `proteus mcp` chooses it with `--root`",
        )
    }
}

/// Whether a path goes up anywhere.
fn climbs(path: &Path) -> bool {
    path.components()
        .any(|part| matches!(part, Component::ParentDir))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("served/study")).unwrap();
        std::fs::write(folder.path().join("served/study/table.tsv"), "a").unwrap();
        std::fs::write(folder.path().join("secret.tsv"), "a").unwrap();
        folder
    }

    fn fence(folder: &tempfile::TempDir) -> Fence {
        Fence::around(&folder.path().join("served"), None).unwrap()
    }

    #[test]
    fn files_below_the_folder_are_read_and_no_others() {
        let folder = folder();
        let fence = fence(&folder);
        let read = |path: &str| fence.dataset(Path::new(path)).is_ok();
        let whole = folder.path().join("served/study/table.tsv");
        assert!(read("study/table.tsv") && read("study") && read("."));
        assert!(
            read(&whole.display().to_string()),
            "an absolute path below the folder"
        );
        for refused in [
            "../secret.tsv",
            "study/../../secret.tsv",
            "study/../study/table.tsv",
        ] {
            assert!(!read(refused), "{refused}");
        }
        let secret = folder.path().join("secret.tsv");
        let error = fence.file(&secret).unwrap_err().to_string();
        assert!(error.contains("lies outside"), "{error}");
        assert!(!error.contains("No such file"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_out_are_refused_where_a_reader_would_follow_them() {
        use std::os::unix::fs::symlink;
        let folder = folder();
        let fence = fence(&folder);
        let secret = folder.path().join("secret.tsv");
        symlink(&secret, folder.path().join("served/link.tsv")).unwrap();
        assert!(fence.file(Path::new("link.tsv")).is_err());
        assert!(
            fence.dataset(Path::new("study")).is_ok(),
            "the link is elsewhere"
        );
        symlink(&secret, folder.path().join("served/study/sheet.tsv")).unwrap();
        for path in ["study", "study/table.tsv"] {
            let error = fence.dataset(Path::new(path)).unwrap_err().to_string();
            assert!(error.contains("sheet.tsv"), "{error}");
        }
    }

    #[test]
    fn a_run_is_called_by_its_name() {
        let folder = folder();
        let fence = fence(&folder);
        for name in ["../served", "a/b", "..", "/etc", ""] {
            let error = fence.run(Some(name)).unwrap_err().to_string();
            assert!(error.contains("no name of a run"), "{error}");
        }
    }
}
