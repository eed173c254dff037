//! Every kind of input that cannot be used gets its own error, which names the place and says how to fix it.

use std::io::Write;

use super::super::{DatasetError, ReadOptions, Severity, open};
use super::{Experiment, SHEET, TABLE};

/// The error, after checking that it reads as a message to a person.
fn refused<T: std::fmt::Debug>(result: Result<T, DatasetError>) -> DatasetError {
    let error = result.unwrap_err();
    assert!(!error.to_string().is_empty() && !error.hint().is_empty());
    error
}

#[test]
fn a_missing_file() {
    let it = Experiment::new();
    assert!(matches!(
        refused(it.open_with("nothing.tsv", None)),
        DatasetError::Missing { .. }
    ));
    assert!(matches!(
        refused(it.open_with("table.tsv", Some("nothing.tsv"))),
        DatasetError::Missing { .. }
    ));
}

#[test]
fn an_empty_file_and_a_header_alone() {
    let it = Experiment::new();
    assert!(matches!(refused(it.table("")), DatasetError::Empty { .. }));
    assert!(matches!(
        refused(it.table(" \n\n")),
        DatasetError::Empty { .. }
    ));
    assert!(matches!(
        refused(it.table("a\tb\tc\n")),
        DatasetError::Empty { .. }
    ));
}

#[test]
fn a_folder_without_a_table() {
    let it = Experiment::new();
    std::fs::remove_file(it.path("table.tsv")).unwrap();
    let error = refused(it.open());
    assert!(
        matches!(&error, DatasetError::NoTable { seen, .. } if seen.contains("sheet.tsv")),
        "{error}"
    );
}

#[test]
fn a_binary_file() {
    let it = Experiment::new();
    let error = refused(it.table(b"PK\x03\x04 and so on"));
    assert!(error.to_string().contains("Excel"), "{error}");
    assert!(matches!(
        refused(it.table([0u8, 1, 2, 0, 9, 200, 7])),
        DatasetError::Binary { .. }
    ));
    let noise: Vec<u8> = (0..4000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    assert!(matches!(
        refused(it.table(noise)),
        DatasetError::Binary { .. }
    ));
}

#[test]
fn a_truncated_archive_and_a_truncated_table() {
    let it = Experiment::new();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(TABLE.as_bytes()).unwrap();
    let packed = gz.finish().unwrap();
    assert!(it.table(&packed).is_ok());
    let cut = &packed[..packed.len() / 2];
    assert!(matches!(
        refused(it.table(cut)),
        DatasetError::Truncated { .. }
    ));
    let cut = &TABLE[..TABLE.len() - 20];
    assert!(matches!(
        refused(it.table(cut)),
        DatasetError::Truncated { .. } | DatasetError::Ragged { .. }
    ));
}

#[test]
fn a_ragged_table_names_the_row() {
    let it = Experiment::new();
    let error = refused(it.table(TABLE.replace("P55072\tVCP\t", "P55072\tVCP\t1\t")));
    assert!(
        matches!(
            error,
            DatasetError::Ragged {
                row: 3,
                expected: 8,
                found: 9,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_table_without_numbers() {
    let it = Experiment::new();
    let error = refused(it.table("Protein\tGene\tNote\nP04637\tTP53\tgood\nP55072\tVCP\tbad\n"));
    assert!(matches!(error, DatasetError::NoNumbers { .. }), "{error}");
}

#[test]
fn text_among_numbers_names_the_cell() {
    let it = Experiment::new();
    let rows: String = (0..20)
        .map(|i| format!("P{i:05}\tG{i}\t1{i}.5\t2{i}.1\t2{i}.0\t1{i}.0\t2{i}.2\t1{i}.9\n"))
        .collect();
    let table = format!("Protein\tGene\tctrl_1\tctrl_2\tctrl_3\tdrug_1\tdrug_2\tdrug_3\n{rows}")
        .replace("110.5", "11O.5");
    let error = refused(it.table(table));
    assert!(
        matches!(&error, DatasetError::NotANumber { column, row: 12, value, .. } if column == "ctrl_1" && value == "11O.5"),
        "{error}"
    );
}

#[test]
fn a_sheet_of_other_samples() {
    let it = Experiment::new();
    let error = refused(it.sheet("sample\tcondition\nfoo\ta\nbar\tb\n"));
    assert!(
        matches!(&error, DatasetError::SheetMismatch { found, .. } if found.contains("`foo`")),
        "{error}"
    );
}

#[test]
fn a_misspelt_sample_is_named_with_its_row() {
    let it = Experiment::new();
    let error = refused(it.sheet(SHEET.replace("drug_2", "drog_2")));
    assert!(error.to_string().contains("`drog_2` (row 6)"), "{error}");
    assert!(error.hint().contains("`drug_2`"), "{}", error.hint());
}

#[test]
fn samples_met_twice() {
    let it = Experiment::new();
    let error = refused(it.table(TABLE.replace("ctrl_2", "ctrl_1")));
    assert!(
        matches!(&error, DatasetError::DuplicatedSample { name, .. } if name == "ctrl_1"),
        "{error}"
    );
    let error = refused(it.sheet(format!("{SHEET}ctrl_1\tdrug\ta\n")));
    assert!(
        matches!(&error, DatasetError::DuplicatedSample { places, .. } if places.starts_with("rows 2 and 8, with `ctrl` and `drug`")),
        "{error}"
    );
}

#[test]
fn ids_met_twice_name_both_rows() {
    let it = Experiment::new();
    let error = refused(it.table(TABLE.replace("P55072\tVCP", "P04637\tTP53")));
    assert!(
        matches!(&error, DatasetError::DuplicatedFeature { id, rows, .. } if id == "P04637" && rows == "2 and 3"),
        "{error}"
    );
}

#[test]
fn a_sample_without_values() {
    let it = Experiment::new();
    let table = TABLE
        .replace("\t2.4e6\t", "\t\t")
        .replace("\t1.2e7\t", "\tNA\t")
        .replace("\t5.0e4\t", "\t0\t");
    let error = refused(it.table(table));
    assert!(
        matches!(&error, DatasetError::AllMissing { column, .. } if column == "drug_1"),
        "{error}"
    );
}

#[test]
fn a_group_called_na_is_a_question_unless_names_answer_it() {
    let it = Experiment::new();
    let error = refused(it.sheet(SHEET.replace("\tctrl\t", "\tNA\t")));
    assert!(
        matches!(&error, DatasetError::AmbiguousLabel { column, row: 2, .. } if column == "condition"),
        "{error}"
    );
    it.write("table.tsv", TABLE.replace("ctrl_", "NA_"));
    let named = it
        .sheet(SHEET.replace("\tctrl\t", "\tNA\t").replace("ctrl_", "NA_"))
        .unwrap();
    assert_eq!(
        named.samples.variables["condition"].level_counts(),
        [("NA".into(), 3), ("drug".into(), 3)]
    );
    assert!(
        named
            .problems
            .iter()
            .any(|p| p.rule == "group_named_na" && p.severity == Severity::Warn)
    );
}

#[test]
fn a_contrast_that_does_not_exist_suggests_one() {
    let it = Experiment::new();
    let ask = |spec: &str| {
        let options = ReadOptions {
            contrasts: vec![spec.to_string()],
            ..ReadOptions::default()
        };
        open(it.folder.path(), &options)
    };
    let error = refused(ask("condition:drg-ctrl"));
    assert!(
        error.hint().contains("did you mean `drug`"),
        "{}",
        error.hint()
    );
    let error = refused(ask("conditon:drug-ctrl"));
    assert!(error.hint().contains("`condition`"), "{}", error.hint());
    let found = ask("drug-ctrl").unwrap();
    assert_eq!(found.design.contrasts[0].id, "condition:drug-ctrl");
    assert!(found.design.contrasts[0].requested);
}

#[test]
fn an_unknown_key_of_the_manifest_suggests_one() {
    let it = Experiment::new();
    it.write(
        "dataset.yaml",
        "name: x\nlicense: MIT\ntables: [{file: table.tsv}]\n",
    );
    let error = refused(it.open());
    assert!(
        error.hint().contains("`licence`"),
        "{error} {}",
        error.hint()
    );
    it.write("dataset.yaml", "name: x\ntables: [{file: table.tsv}]\nsamples: [{file: sheet.tsv}]\nroles: {bach: batch}\n");
    let error = refused(it.open());
    assert!(error.hint().contains("`batch`"), "{error} {}", error.hint());
    it.write("dataset.yaml", "tables: [{file: ../table.tsv}]\n");
    assert!(matches!(refused(it.open()), DatasetError::Manifest { .. }));
}

#[test]
fn odd_but_readable_files() {
    let it = Experiment::new();
    let same = |content: Vec<u8>| {
        let d = it.table(content).unwrap();
        assert_eq!((d.assay().n_features(), d.assay().n_samples()), (3, 6));
        assert!((d.assay().values.get(0, 0) - 1.1e6_f64.log2()).abs() < 1e-9);
        d
    };
    same(format!("\u{feff}{TABLE}").into_bytes());
    same(TABLE.replace('\n', "\r\n").into_bytes());
    same(TABLE.replace('\t', ",").into_bytes());
    same(TABLE.replace("TP53", "\"TP\n53\"").into_bytes());
    same(TABLE.replace("TP53", "5\"-tidase").into_bytes());
    let utf16: Vec<u8> = std::iter::once(0xfeffu16)
        .chain(TABLE.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    same(utf16);
    let mut cp1252 = TABLE.as_bytes().to_vec();
    let at = TABLE.find("CCNL2").unwrap();
    cp1252[at] = 0xe9;
    let d = same(cp1252);
    assert!(d.inferences.iter().any(|i| i.value == "Windows-1252"));
    let commas: String = TABLE.replace('\t', ";").replace('.', ",");
    let d = same(commas.into_bytes());
    assert!(d.inferences.iter().any(|i| i.value == "decimal commas"));
}

#[test]
fn lines_are_counted_with_windows_line_ends_and_quoted_newlines() {
    let it = Experiment::new();
    let spoiled = TABLE.replace("P55072\tVCP\t", "P55072\tVCP\t1\t");
    let row = |error: DatasetError| match error {
        DatasetError::Ragged { row, .. } => row,
        other => panic!("{other}"),
    };
    assert_eq!(row(refused(it.table(spoiled.replace('\n', "\r\n")))), 3);
    assert_eq!(
        row(refused(it.table(spoiled.replace("TP53", "\"TP\n53\"")))),
        4
    );
    assert_eq!(
        row(refused(it.table(format!("# made by hand\n{spoiled}")))),
        4
    );
}

#[test]
fn a_last_row_cut_short_is_a_truncated_file() {
    let it = Experiment::new();
    let error = refused(it.table(&TABLE[..TABLE.len() - 20]));
    assert!(
        matches!(&error, DatasetError::Truncated { detail, .. } if detail.contains("row, 4,")),
        "{error}"
    );
}
