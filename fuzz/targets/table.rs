//! Any bytes as a table: the text dialects, the grid, and every format told by its header.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use proteus_fuzz::{Folder, table};

static FOLDER: LazyLock<Folder> = LazyLock::new(|| Folder::new("table"));

fuzz_target!(|bytes: &[u8]| table(&FOLDER, bytes));
