//! Holds every tool to its manifest: the folder is in the catalogue, the parameters are documented, the outputs are the
//! declared ones, the numbers are those of the reference.

mod declared;
mod examples;
mod reference;
mod robust;

use std::path::PathBuf;

use proteus::tool::Catalog;
use proteus::tools::CATALOG;

use crate::support::root;

/// The folder of the tools.
fn folder() -> PathBuf {
    root().join("tools")
}

fn catalog() -> Catalog {
    match Catalog::new(CATALOG) {
        Ok(catalog) => catalog,
        Err(error) => panic!("{error}"),
    }
}

/// Fails with every problem at once.
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}
