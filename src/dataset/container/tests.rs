//! Workbooks and Parquet: the same tables as in text, with what only these containers can get wrong.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use polars::prelude::{Column, DataFrame};
use polars_io::parquet::write::ParquetWriter;
use tempfile::TempDir;

use super::super::formats::RawTable;
use super::super::grid::Grid;
use super::super::open::CellSource;
use super::super::text::TextFile;
use super::super::{DatasetError, FeatureLevel, ReadOptions, input_formats, open};
use super::{Content, Measured, kind, table};

pub(super) fn workbook() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/dataset/container/reference/workbook.xlsx")
}

/// The sample of a format as Parquet, numbers as numbers, in row groups of seven.
pub(super) fn as_parquet(format: &str) -> Vec<u8> {
    let text = input_formats()
        .iter()
        .find(|f| f.name == format)
        .unwrap()
        .sample;
    let grid = Grid::parse(&TextFile::from_bytes(text.as_bytes(), "sample").unwrap()).unwrap();
    let columns = (0..grid.n_columns())
        .map(|j| {
            let name = grid.header[j].as_str().into();
            match grid.numbers(j) {
                Ok(numbers) => Column::new(name, numbers),
                Err(_) => Column::new(name, grid.column(j).collect::<Vec<_>>()),
            }
        })
        .collect();
    let mut frame = DataFrame::new(grid.n_rows(), columns).unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_row_group_size(Some(7))
        .finish(&mut frame)
        .unwrap();
    bytes
}

/// A table as read.
#[derive(Debug)]
struct Read {
    table: RawTable,
    format: &'static str,
}

fn load(bytes: &[u8]) -> Result<Read, DatasetError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("table");
    std::fs::write(&path, bytes).unwrap();
    read(&path, "table")
}

fn read(path: &Path, name: &str) -> Result<Read, DatasetError> {
    let loaded = table(path, name, None, &CellSource::default())?;
    match loaded.content {
        Measured::Table(table) => Ok(Read {
            table,
            format: loaded.format,
        }),
        Measured::Cells(cells) => panic!("{} samples of cells", cells.samples.len()),
    }
}

fn facts(table: &RawTable) -> String {
    format!(
        "{:?} {:?} {:?} {:?}",
        table.level, table.columns, table.features, table.values
    )
}

#[test]
fn a_workbook_is_table_and_sheet() {
    let dataset = open(&workbook(), &ReadOptions::default()).unwrap();
    let assay = &dataset.assays[0];
    assert_eq!((assay.n_features(), assay.n_samples()), (10, 4));
    assert_eq!(dataset.samples.ids, ["run_1", "run_2", "run_3", "run_4"]);
    assert_eq!(
        dataset.samples.variables["condition"].levels(),
        ["ctrl", "drug"]
    );
    assert_eq!(
        dataset.samples.variables["date"].levels(),
        ["2024-03-01", "2024-03-02"]
    );
    assert!((assay.values.get(0, 0) - 1.1e6_f64.log2()).abs() < 1e-12);
    assert!(assay.values.get(2, 1).is_nan());
    assert_eq!(assay.features[0].row, 4);
    let header = dataset
        .inferences
        .iter()
        .find(|i| i.what.starts_with("header of"))
        .unwrap();
    assert_eq!(header.value, "row 3");
    let dates = dataset
        .problems
        .iter()
        .find(|p| p.rule == "dates_among_names")
        .unwrap();
    assert_eq!(
        (dates.row, dates.column.as_deref()),
        (Some(13), Some("Gene"))
    );
}

#[test]
fn a_workbook_that_is_none_is_refused() {
    let mut bytes = std::fs::read(workbook()).unwrap();
    bytes.truncate(200);
    assert!(matches!(
        load(&bytes).err().unwrap(),
        DatasetError::Binary { .. }
    ));
}

#[test]
fn long_parquet_holds_the_same_as_text() {
    for format in ["diann_report", "maxquant_evidence", "msstats", "olink_npx"] {
        let text = input_formats()
            .iter()
            .find(|f| f.name == format)
            .unwrap()
            .sample;
        let (parquet, text) = (
            load(&as_parquet(format)).unwrap(),
            load(text.as_bytes()).unwrap(),
        );
        assert_eq!(parquet.format, format);
        assert_eq!(facts(&parquet.table), facts(&text.table));
    }
}

#[test]
fn categories_of_another_program_are_text() {
    let path = workbook().with_file_name("categories.parquet");
    let text = input_formats()
        .iter()
        .find(|f| f.name == "diann_report")
        .unwrap()
        .sample;
    let expected = facts(&load(text.as_bytes()).unwrap().table);
    assert_eq!(
        facts(&read(&path, "categories.parquet").unwrap().table),
        expected
    );
}

#[test]
fn wide_parquet_holds_the_same_as_text_and_may_be_packed() {
    let bytes = as_parquet("diann_pg_matrix");
    let text = input_formats()
        .iter()
        .find(|f| f.name == "diann_pg_matrix")
        .unwrap()
        .sample;
    let expected = facts(&load(text.as_bytes()).unwrap().table);
    assert_eq!(facts(&load(&bytes).unwrap().table), expected);
    let packed = zstd::encode_all(bytes.as_slice(), 1).unwrap();
    assert_eq!(facts(&load(&packed).unwrap().table), expected);
    let cut = load(&bytes[..bytes.len() / 2]).err().unwrap();
    assert!(matches!(cut, DatasetError::Truncated { .. }), "{cut}");
}

#[test]
fn files_of_cells_are_told_by_their_first_bytes() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("file");
    for (start, expected) in [
        (&b"FCS2.0          58     100"[..], Content::Fcs),
        (b"FCS3.1          58     100", Content::Fcs),
        (b"\x89HDF\r\n\x1a\n", Content::Hdf5),
        (b"a,b\n", Content::Text),
    ] {
        std::fs::write(&path, start).unwrap();
        assert_eq!(kind(&path, "file").unwrap(), expected);
    }
    let fault = open(&path, &ReadOptions::default()).unwrap_err();
    assert!(!fault.hint().is_empty());
    assert_eq!(
        load(as_parquet("diann_report").as_slice())
            .unwrap()
            .table
            .level,
        FeatureLevel::ProteinGroup
    );
}
