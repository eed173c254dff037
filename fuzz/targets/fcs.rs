//! Flow cytometry files, each a sample on its own.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use proteus::dataset::{ReadOptions, open};
use proteus_fuzz::{Folder, holds};

static FOLDER: LazyLock<Folder> = LazyLock::new(|| Folder::new("fcs"));

fuzz_target!(|bytes: &[u8]| {
    let path = FOLDER.write("cells.fcs", bytes);
    holds(open(&path, &ReadOptions::default()));
});
