//! Workbooks and Parquet files with a few bytes changed: refused in words or read, never a panic.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use tempfile::TempDir;

use super::super::DatasetError;
use super::super::open::CellSource;
use super::tests::{as_parquet, workbook};
use super::{Measured, table};

fn load(bytes: &[u8]) -> Result<usize, DatasetError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("table");
    std::fs::write(&path, bytes).unwrap();
    table(&path, "table", None, &CellSource::default()).map(|loaded| match loaded.content {
        Measured::Table(table) => table.features.len(),
        Measured::Cells(_) => panic!("a workbook holds no single cells"),
    })
}

fn old_workbook() -> Vec<u8> {
    std::fs::read(workbook().with_file_name("old.xls")).unwrap()
}

/// How many of so many copies with a few bytes changed, most of them near the end, are read and how many refused.
fn spoiled(bytes: &[u8], copies: usize, tail: usize) -> (usize, usize) {
    let mut state = 7u64;
    let mut below = move |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20) as usize % n
    };
    let (mut read, mut refused) = (0, 0);
    for _ in 0..copies {
        let mut copy = bytes.to_vec();
        for _ in 0..1 + below(3) {
            let near = if below(2) == 0 { tail } else { copy.len() };
            let at = copy.len() - 1 - below(near);
            copy[at] = [0, 0xff, 0x7f, 0x80, below(256) as u8][below(5)];
        }
        match load(&copy) {
            Ok(_) => read += 1,
            Err(error) => {
                assert!(!error.to_string().is_empty() && !error.hint().is_empty());
                refused += 1;
            }
        }
    }
    (read, refused)
}

#[test]
fn spoiled_parquet_is_read_or_refused() {
    let bytes = as_parquet("plain_long");
    let (read, refused) = spoiled(&bytes, 600, 900);
    assert!(read > 0 && refused > 100, "{read} read, {refused} refused");
}

#[test]
fn spoiled_workbooks_are_read_or_refused() {
    let old = old_workbook();
    assert_eq!(load(&old).unwrap(), 2);
    for bytes in [old, std::fs::read(workbook()).unwrap()] {
        let (read, refused) = spoiled(&bytes, 300, 3000);
        assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
    }
}

#[test]
fn an_old_workbook_whose_sectors_run_in_a_circle_is_refused() {
    let mut bytes = old_workbook();
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let (directory, table) = (number(48), 512 * (number(76) + 1));
    let itself = (directory as u32).to_le_bytes();
    bytes[table + 4 * directory..][..4].copy_from_slice(&itself);
    let error = load(&bytes).unwrap_err();
    assert!(error.to_string().contains("circle"), "{error}");
}
