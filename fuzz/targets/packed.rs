//! Tables packed with gzip or zstd.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use proteus_fuzz::{Folder, table};

static FOLDER: LazyLock<Folder> = LazyLock::new(|| Folder::new("packed"));

fuzz_target!(|bytes: &[u8]| table(&FOLDER, bytes));
