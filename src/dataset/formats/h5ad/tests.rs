//! Files of `reference/` against what was written in them, and files with holes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use hdf5_pure::{AttrValue, File, FileBuilder};
use proptest::prelude::*;

use super::super::super::container::Measured;
use super::super::super::container::packed::Packing;
use super::super::super::open::CellSource;
use super::super::super::{DatasetError, FeatureLevel};
use super::{contents, shape, sound};

const FILES: [(&str, &[u8]); 3] = [
    (
        "cells_as_samples.h5ad",
        include_bytes!("reference/cells_as_samples.h5ad.gz"),
    ),
    (
        "panel_scaled.h5ad",
        include_bytes!("reference/panel_scaled.h5ad.gz"),
    ),
    (
        "panel_csc.h5ad",
        include_bytes!("reference/panel_csc.h5ad.gz"),
    ),
];

fn bytes(name: &str) -> Vec<u8> {
    let packed = FILES.iter().find(|(n, _)| *n == name).unwrap().1;
    Packing::Gzip.unpack_all(packed, name).unwrap()
}

fn read(bytes: Vec<u8>) -> Result<Measured, DatasetError> {
    let name = "a.h5ad";
    let contents = sound(
        name,
        || File::from_bytes(bytes),
        |file| contents(file, name, &CellSource::default()),
    )?;
    shape::measured(contents, name)
}

fn expected(name: &str) -> Vec<Vec<f64>> {
    let all: BTreeMap<String, Vec<Vec<f64>>> =
        serde_json::from_str(include_str!("reference/expected.json")).unwrap();
    all[name].clone()
}

#[test]
fn few_cells_are_samples_of_proteins() {
    let Measured::Table(table) = read(bytes("cells_as_samples.h5ad")).unwrap() else {
        panic!("cells are samples");
    };
    assert_eq!(table.level, FeatureLevel::ProteinGroup);
    let ids: Vec<&str> = table.features.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["P04637", "P55072", "P60709"]);
    assert_eq!(table.features[0].symbol.as_deref(), Some("TP53"));
    for (i, row) in expected("cells_as_samples.h5ad").iter().enumerate() {
        for (j, x) in row.iter().enumerate() {
            assert_eq!(table.values[j * 6 + i] as f32, *x as f32);
        }
    }
    let sheet = table.sheet.unwrap();
    assert_eq!(
        sheet.header,
        [
            "cell",
            "cell_type",
            "batch",
            "diameter",
            "passage",
            "viable"
        ]
    );
    assert_eq!(sheet.rows[2], ["cell2", "monocyte", "a", "", "2", "true"]);
    assert_eq!(
        sheet.rows[1],
        ["cell1", "macrophage", "a", "11", "", "false"]
    );
}

#[test]
fn a_panel_over_many_cells_is_read_by_sample_and_counts_go_before_scaled_values() {
    let Measured::Cells(cells) = read(bytes("panel_scaled.h5ad")).unwrap() else {
        panic!("cells belong to samples");
    };
    let counts = expected("panel_scaled.h5ad");
    let names: Vec<&str> = cells
        .samples
        .iter()
        .map(|s| s.column.label.as_str())
        .collect();
    assert_eq!(names, ["ref1", "stim1", "ref2", "stim2"]);
    let read: Vec<f32> = cells
        .samples
        .iter()
        .flat_map(|s| s.values.clone())
        .collect();
    let written: Vec<f32> = counts.iter().flatten().map(|x| *x as f32).collect();
    assert_eq!(read, written);
    assert!(
        cells
            .inferences
            .iter()
            .any(|i| i.value.contains("layers/counts") && i.because.contains("negative"))
    );
    let sheet = cells.sheet.unwrap();
    assert_eq!(sheet.header, ["sample_id", "condition", "donor"]);
    assert_eq!(sheet.rows[1], ["stim1", "stim", "1"]);
}

#[test]
fn a_donor_under_a_condition_is_a_sample() {
    let Measured::Cells(cells) = read(bytes("panel_csc.h5ad")).unwrap() else {
        panic!("cells belong to samples");
    };
    let names: Vec<&str> = cells
        .samples
        .iter()
        .map(|s| s.column.label.as_str())
        .collect();
    assert_eq!(names, ["1 ref", "1 stim", "2 ref", "2 stim"]);
    let read: Vec<f32> = cells
        .samples
        .iter()
        .flat_map(|s| s.values.clone())
        .collect();
    let written: Vec<f32> = expected("panel_scaled.h5ad")
        .iter()
        .flatten()
        .map(|x| *x as f32)
        .collect();
    assert_eq!(read, written);
}

/// A file of three cells and two features with one thing wrong.
fn with(change: &str) -> Vec<u8> {
    let mut file = FileBuilder::new();
    for (name, n) in [("obs", 3u64), ("var", 2)] {
        if change == name {
            continue;
        }
        let mut group = file.create_group(name);
        group.set_attr("_index", AttrValue::String("_index".into()));
        let names: Vec<i64> = (0..n as i64).collect();
        if change != "index" {
            group
                .create_dataset("_index")
                .with_i64_data(&names)
                .with_shape(&[n]);
        }
        group
            .create_dataset("age")
            .with_f64_data(&[1.0])
            .with_shape(&[1]);
        file.add_group(group.finish());
    }
    match change {
        "matrix" => {}
        "shape" => {
            file.create_dataset("X")
                .with_f32_data(&[1.0, 2.0])
                .with_shape(&[1, 2]);
        }
        "sparse" | "pointer" | "encoding" => {
            let mut group = file.create_group("X");
            let encoding = if change == "encoding" {
                "coo"
            } else {
                "csr_matrix"
            };
            group.set_attr("encoding-type", AttrValue::String(encoding.into()));
            group
                .create_dataset("data")
                .with_f32_data(&[1.0, 2.0])
                .with_shape(&[2]);
            group
                .create_dataset("indices")
                .with_i64_data(&[0, 7])
                .with_shape(&[2]);
            let last = if change == "pointer" { i64::MAX } else { 2 };
            group
                .create_dataset("indptr")
                .with_i64_data(&[0, 1, 1, last])
                .with_shape(&[4]);
            file.add_group(group.finish());
        }
        _ => {
            let values = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0];
            file.create_dataset("X")
                .with_f32_data(&values)
                .with_shape(&[3, 2]);
        }
    }
    file.finish().unwrap()
}

#[test]
fn holes_are_told() {
    assert!(read(with("nothing")).is_ok());
    for (change, words) in [
        ("obs", "no group `obs`"),
        ("var", "no group `var`"),
        ("index", "no index `_index`"),
        ("matrix", "there is no `X`"),
        ("shape", "`X` is [1, 2]"),
        ("sparse", "does not fit"),
        ("pointer", "does not fit"),
        ("encoding", "encoding `coo`"),
    ] {
        let error = read(with(change)).err().unwrap();
        assert!(error.to_string().contains(words), "{change}: {error}");
        assert!(!error.hint().is_empty());
    }
    let error = read(b"\x89HDF\r\n\x1a\n and no more".to_vec())
        .err()
        .unwrap();
    assert!(error.to_string().contains("no sound HDF5 file"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn spoiled_files(
        which in 0..FILES.len(),
        edits in prop::collection::vec((0.0..1.0f64, any::<u8>()), 1..40),
        keep in 0.3..1.2f64,
    ) {
        let mut bytes = bytes(FILES[which].0);
        for (at, byte) in edits {
            let place = (at * bytes.len() as f64) as usize;
            bytes[place] = byte;
        }
        bytes.truncate((keep * bytes.len() as f64) as usize);
        if let Err(error) = read(bytes) {
            prop_assert!(!error.to_string().is_empty() && !error.hint().is_empty());
        }
    }
}
