//! AnnData in HDF5, cells of samples or samples themselves.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use proteus::dataset::{ReadOptions, open};
use proteus_fuzz::{Folder, holds};

static FOLDER: LazyLock<Folder> = LazyLock::new(|| Folder::new("h5ad"));

fuzz_target!(|bytes: &[u8]| {
    let path = FOLDER.write("cells.h5ad", bytes);
    holds(open(&path, &ReadOptions::default()));
});
