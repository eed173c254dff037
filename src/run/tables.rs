//! Tables as Parquet (bit-exact) and as TSV (for people and other programs; missing values are empty cells).

use std::fs;
use std::io::Cursor;
use std::path::Path;

use polars::prelude::{DataFrame, PolarsError};
use polars_io::SerReader as _;
use polars_io::SerWriter as _;
use polars_io::csv::write::CsvWriter;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{ParquetCompression, ParquetWriter};

use super::{RunError, atomic, hash};

/// Writes `table` as Parquet into a folder being filled ([`atomic::write_folder`]) and gives the BLAKE3 of the file.
pub fn write_parquet(path: &Path, table: &DataFrame) -> Result<String, RunError> {
    let bytes = encoded(table).map_err(|e| cannot_write(path, &e))?;
    atomic::write_within(path, &bytes)?;
    Ok(hash::of_bytes(&bytes))
}

/// `table` as the bytes of a Parquet file, the same whatever the number of threads.
pub fn parquet_bytes(table: &DataFrame) -> Result<Vec<u8>, RunError> {
    encoded(table).map_err(|e| cannot_write(Path::new("a table"), &e))
}

fn encoded(table: &DataFrame) -> Result<Vec<u8>, PolarsError> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .set_parallel(false)
        .finish(&mut table.clone())?;
    Ok(bytes)
}

/// Reads a Parquet file.
pub fn read_parquet(path: &Path) -> Result<DataFrame, RunError> {
    let bytes = fs::read(path).map_err(|e| RunError::reading(path, e))?;
    ParquetReader::new(Cursor::new(bytes))
        .finish()
        .map_err(|e| RunError::damaged(path, "the table", e))
}

/// Writes `table` as tab-separated text with a header into a folder being filled ([`atomic::write_folder`]) and gives the
/// BLAKE3 of the file.
pub fn write_tsv(path: &Path, table: &DataFrame) -> Result<String, RunError> {
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes)
        .with_separator(b'\t')
        .n_threads(1)
        .finish(&mut table.clone())
        .map_err(|e| cannot_write(path, &e))?;
    atomic::write_within(path, &bytes)?;
    Ok(hash::of_bytes(&bytes))
}

fn cannot_write(path: &Path, error: &PolarsError) -> RunError {
    RunError::NotSerialisable {
        path: path.to_path_buf(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]
    use super::*;
    use polars::prelude::{NamedFrom, Series};

    #[test]
    fn parquet_keeps_every_bit_and_tsv_leaves_gaps_empty() {
        let numbers = [Some(0.1 + 0.2), None, Some(-0.0), Some(f64::MIN_POSITIVE)];
        let table = DataFrame::new_infer_height(vec![
            Series::new("name".into(), ["a", "b\tc", "\"d\"", "é"]).into(),
            Series::new("value".into(), numbers).into(),
            Series::new("count".into(), [1_i64, 2, 3, 4]).into(),
            Series::new("flag".into(), [true, false, true, false]).into(),
        ])
        .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.parquet");
        let first = write_parquet(&path, &table).unwrap();
        assert_eq!(first, write_parquet(&path, &table).unwrap());
        let back = read_parquet(&path).unwrap();
        assert!(back.equals_missing(&table));
        let bits: Vec<Option<u64>> = back
            .column("value")
            .unwrap()
            .f64()
            .unwrap()
            .iter()
            .map(|v| v.map(f64::to_bits))
            .collect();
        assert_eq!(bits, numbers.map(|v| v.map(f64::to_bits)));
        let tsv = dir.path().join("t.tsv");
        write_tsv(&tsv, &table).unwrap();
        let text = fs::read_to_string(&tsv).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "name\tvalue\tcount\tflag");
        assert_eq!(lines[1], "a\t0.30000000000000004\t1\ttrue");
        assert_eq!(lines[2], "\"b\tc\"\t\t2\tfalse");
    }

    #[test]
    fn a_file_that_is_not_parquet_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.parquet");
        fs::write(&path, "no").unwrap();
        let error = read_parquet(&path).unwrap_err();
        assert!(matches!(error, RunError::Damaged { .. }), "{error}");
    }
}
