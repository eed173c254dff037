//! `dataset.yaml`, beside a table and a sheet that are sound.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use proteus::dataset::{ReadOptions, open};
use proteus_fuzz::{Folder, SHEET, TABLE, holds};

static FOLDER: LazyLock<Folder> = LazyLock::new(|| {
    let folder = Folder::new("manifest");
    folder.write("table.tsv", TABLE.as_bytes());
    folder.write("sheet.tsv", SHEET.as_bytes());
    folder
});

fuzz_target!(|bytes: &[u8]| {
    FOLDER.write("dataset.yaml", bytes);
    holds(open(FOLDER.path(), &ReadOptions::default()));
});
