//! Sample sheets, beside a table that is sound.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use proteus_fuzz::{Folder, TABLE, with_sheet};

static FOLDER: LazyLock<Folder> = LazyLock::new(|| Folder::new("sheet"));
static SOUND: LazyLock<PathBuf> = LazyLock::new(|| FOLDER.write("table.tsv", TABLE.as_bytes()));

fuzz_target!(|bytes: &[u8]| {
    let sheet = FOLDER.write("sheet.tsv", bytes);
    with_sheet(&SOUND, &sheet);
});
