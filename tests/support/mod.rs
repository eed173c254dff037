//! What the guards share: the files of the repository.

pub mod engine;
pub mod program;

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file, by its path from the root.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("`{path}`: {error}"))
}

/// Every file under `folder` (a path from the root), as sorted paths from the root with forward slashes. Hidden files,
/// build output and runs are left out.
pub fn files_under(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    let mut paths: Vec<String> = found
        .iter()
        .map(|path| {
            let inside = path.strip_prefix(root()).unwrap_or(path);
            inside.to_string_lossy().replace('\\', "/")
        })
        .collect();
    paths.sort();
    paths
}

/// The names of the folders in `folder`, sorted.
pub fn folders_in(folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(root().join(folder)) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Every Rust file of the project.
pub fn rust_files() -> Vec<String> {
    let mut files: Vec<String> = ["src", "tools", "tests"]
        .into_iter()
        .flat_map(files_under)
        .filter(|path| path.ends_with(".rs"))
        .collect();
    files.push("build.rs".to_owned());
    files
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || matches!(name.as_str(), "target" | "proteus-runs") {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every file below a folder, hidden ones included.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_in(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
