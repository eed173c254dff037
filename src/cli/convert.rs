//! `proteus convert`: any table that can be read, as Parquet with its sample sheet and a `dataset.yaml` that declares
//! what was inferred.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::{Exit, Failure};
use super::input::DatasetArgs;
use super::output;
use crate::dataset::{self, Converted};
use crate::run::{RunError, atomic, tables};

/// Arguments of `proteus convert`.
#[derive(Debug, Args)]
pub(super) struct ConvertArgs {
    #[command(flatten)]
    input: DatasetArgs,
    /// Folder to write into
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write into a folder that holds files already, replacing those of the same names
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub(super) fn run(args: &ConvertArgs) -> Result<Exit, Failure> {
    let target = &args.out;
    check(args)?;
    // Symbols of the knowledge packs are left to who reads it: a later pack may know better.
    let converted = dataset::open(&args.input.path, &args.input.options())?.converted()?;
    if target.is_dir() {
        write(&converted, target)?;
    } else {
        atomic::write_folder(target, |folder| write(&converted, folder))?;
    }
    for name in names(&converted) {
        output::line(&target.join(name).display().to_string())?;
    }
    Ok(Exit::Done)
}

/// Refuses a place that is taken, before anything is read.
fn check(args: &ConvertArgs) -> Result<(), Failure> {
    let target = &args.out;
    let shown = target.display();
    let mut above = target
        .ancestors()
        .skip(1)
        .filter(|p| !p.as_os_str().is_empty());
    if let Some(file) = above.find(|p| p.exists()).filter(|p| !p.is_dir()) {
        return Err(Failure::bad_input(
            format!(
                "cannot write `{shown}`: `{}` is a file and no folder",
                file.display()
            ),
            "name a folder with `--out`",
        ));
    }
    if !target.exists() {
        return Ok(());
    }
    if !target.is_dir() {
        return Err(Failure::bad_input(
            format!("`{shown}` is a file"),
            "name a folder with `--out`",
        ));
    }
    let resolved = |path: &Path| path.canonicalize().ok();
    let source = &args.input.path;
    let folder = if source.is_dir() {
        Some(source.as_path())
    } else {
        source.parent()
    };
    let folder = folder.map(|f| {
        if f.as_os_str().is_empty() {
            Path::new(".")
        } else {
            f
        }
    });
    if folder.is_some_and(|f| resolved(f) == resolved(target)) {
        return Err(Failure::bad_input(
            format!("`{shown}` is where the data are read from"),
            "name another folder with `--out`",
        ));
    }
    let entries = fs::read_dir(target).map_err(|error| Failure::unreadable(target, &error))?;
    if entries.count() > 0 && !args.force {
        return Err(Failure::bad_input(
            format!("`{shown}` is not empty"),
            "name a new folder with `--out`, or add `--force` to write into this one",
        ));
    }
    Ok(())
}

fn names(converted: &Converted) -> impl Iterator<Item = &String> {
    let tables = converted.tables.iter().map(|(name, _)| name);
    tables.chain(converted.texts.iter().map(|(name, _)| name))
}

fn write(converted: &Converted, folder: &Path) -> Result<(), RunError> {
    for (name, table) in &converted.tables {
        tables::write_parquet(&folder.join(name), table)?;
    }
    for (name, text) in &converted.texts {
        atomic::write_within(&folder.join(name), text.as_bytes())?;
    }
    Ok(())
}
