//! Writes the table of embedded content: every file of the content folders (`ROOTS`), by its path, sorted.
//! An embedding macro alone would miss added files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The same folders as in `src/content.rs`.
const ROOTS: [&str; 4] = ["datasets/knowledge", "prompts", "reports", "workflows"];
/// Rendered examples and the making of the charts library are for readers of the repository, not for the binary.
const NOT_EMBEDDED: [&str; 2] = ["reports/charts", "reports/examples"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let manifest_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(missing_env)?);
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(missing_env)?);

    let mut paths = Vec::new();
    for root in ROOTS {
        collect(&manifest_dir, root, &mut paths)?;
    }
    paths.sort();

    let mut table = String::from("static EMBEDDED: &[(&str, &[u8])] = &[\n");
    for path in &paths {
        let file = manifest_dir.join(path);
        writeln!(table, "    ({path:?}, include_bytes!({file:?})),").map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    fs::write(out_dir.join("embedded.rs"), table)
}

/// Appends the files under `folder` (relative to the manifest, with forward slashes) to `paths`.
fn collect(manifest_dir: &Path, folder: &str, paths: &mut Vec<String>) -> io::Result<()> {
    if NOT_EMBEDDED.contains(&folder) {
        return Ok(());
    }
    println!("cargo::rerun-if-changed={folder}");
    for entry in fs::read_dir(manifest_dir.join(folder)).map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot list the content folder `{folder}`: {error}"),
        )
    })? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| {
            io::Error::other(format!(
                "`{folder}` holds a file name that is not UTF-8: {name:?}"
            ))
        })?;
        if name.starts_with('.') || name == "README.md" {
            continue;
        }
        let path = format!("{folder}/{name}");
        if entry.file_type()?.is_dir() {
            collect(manifest_dir, &path, paths)?;
        } else {
            println!("cargo::rerun-if-changed={path}");
            paths.push(path);
        }
    }
    Ok(())
}

fn missing_env() -> io::Error {
    io::Error::other("`CARGO_MANIFEST_DIR` and `OUT_DIR` must be set: run this through cargo")
}
