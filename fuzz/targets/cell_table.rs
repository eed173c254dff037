//! Tables of single cells, whose rows become populations and their states.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use proteus_fuzz::{Folder, table};

static FOLDER: LazyLock<Folder> = LazyLock::new(|| Folder::new("cell_table"));

fuzz_target!(|bytes: &[u8]| table(&FOLDER, bytes));
