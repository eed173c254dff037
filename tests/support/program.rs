//! The program as users start it, and small tables to start it on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the program said and how it ended.
pub struct Ended {
    /// Exit code; none if it was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The program, to be started in `folder`.
pub fn proteus(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proteus"));
    command.current_dir(folder);
    command
}

/// Starts the program with these arguments in `folder` and waits for its end.
pub fn start(folder: &Path, arguments: &[&str]) -> Ended {
    let output = proteus(folder).args(arguments).output();
    output
        .unwrap_or_else(|error| panic!("cannot start: {error}"))
        .into()
}

/// A folder of its own with these files.
pub fn folder_with(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content)
            .unwrap_or_else(|error| panic!("`{name}`: {error}"));
    }
    folder
}

/// A table of `proteins` in the given samples, reproducible, with one protein in ten changed in samples whose name
/// begins with `t`.
pub fn table(samples: &[&str], proteins: usize) -> String {
    let mut text = format!("protein\t{}\n", samples.join("\t"));
    let mut state: u64 = 42;
    for i in 0..proteins {
        text.push_str(&format!("P{i:05}"));
        for sample in samples {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let noise = (state >> 40) as f64 / f64::from(1 << 24);
            let shift = if sample.starts_with('t') && i % 10 == 0 {
                4.0
            } else {
                0.0
            };
            text.push_str(&format!("\t{:.3}", 20.0 + (i % 7) as f64 + noise + shift));
        }
        text.push('\n');
    }
    text
}

/// The only run folder under `parent`.
pub fn only_run(parent: &Path) -> PathBuf {
    let runs = run_folders(parent);
    assert_eq!(runs.len(), 1, "runs under `{}`: {runs:?}", parent.display());
    runs.into_iter().next().unwrap_or_default()
}

/// Folders under `parent` that hold a `run.yaml`.
pub fn run_folders(parent: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.join("run.yaml").exists())
        .collect()
}
