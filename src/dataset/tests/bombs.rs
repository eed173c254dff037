//! Small files that stand for more than fits into memory are refused, or read for what they hold.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::super::DatasetError;
use super::Experiment;

/// A gigabyte of one byte, packed as a thousand zstd frames or gzip members.
fn gigabyte(byte: u8, gzip: bool) -> Vec<u8> {
    let part = vec![byte; 1_000_000];
    let packed = if gzip {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(&part).unwrap();
        writer.finish().unwrap()
    } else {
        zstd::encode_all(part.as_slice(), 1).unwrap()
    };
    packed.repeat(1000)
}

#[test]
fn a_gigabyte_of_nothing_is_refused_at_its_beginning() {
    let it = Experiment::new();
    for gzip in [true, false] {
        let error = it.table(gigabyte(0, gzip)).unwrap_err();
        assert!(error.to_string().contains("zero bytes"), "{error}");
    }
    let error = it.table(gigabyte(b'a', false)).unwrap_err();
    assert!(error.to_string().contains("are one line"), "{error}");
    assert!(error.hint().contains("one row per line"));
}

/// A workbook of one sheet with these cells; the column is a letter, as in `C7`.
fn workbook(cells: &[(String, String)]) -> Vec<u8> {
    let mut rows = String::new();
    for (at, text) in cells {
        let row: String = at.chars().filter(char::is_ascii_digit).collect();
        rows.push_str(&format!(
            r#"<row r="{row}"><c r="{at}" t="inlineStr"><is><t>{text}</t></is></c></row>"#
        ));
    }
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let relation = |kind: &str, target: &str| {
        format!(
            r#"<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{office}/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    let parts = [
        (
            "[Content_Types].xml",
            format!(r#"<Types xmlns="{package}/content-types"/>"#),
        ),
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="data" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relation("worksheet", "worksheets/sheet1.xml"),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                r#"<worksheet xmlns="{main}"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>"#
            ),
        ),
    ];
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(name, stored).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn letters(mut column: usize) -> String {
    let mut name = String::new();
    loop {
        name.insert(0, (b'A' + (column % 26) as u8) as char);
        if column < 26 {
            return name;
        }
        column = column / 26 - 1;
    }
}

#[test]
fn a_sheet_takes_the_memory_of_its_cells_and_not_of_its_corners() {
    let it = Experiment::new();
    let table = [
        ["Protein", "ctrl_1", "ctrl_2", "drug_1", "drug_2"],
        ["P04637", "1.5", "2.5", "3.5", "4.5"],
        ["P55072", "11.5", "12.5", "13.5", "14.5"],
    ];
    let mut cells: Vec<(String, String)> = Vec::new();
    for (row, line) in [1, 2, 1_048_576].into_iter().enumerate() {
        for (j, text) in table[row].iter().enumerate() {
            let column = if j == 4 { 16_383 } else { j };
            cells.push((format!("{}{line}", letters(column)), (*text).to_string()));
        }
    }
    assert!(cells.iter().any(|(at, _)| at == "XFD1048576"));
    let dataset = it.table(workbook(&cells)).unwrap();
    let assay = dataset.assay();
    assert_eq!((assay.n_features(), assay.n_samples()), (2, 4));
    assert_eq!(assay.features[1].row, 1_048_576);
    let diagonal: Vec<(String, String)> = (0..8000)
        .map(|k| (format!("{}{}", letters(k), k + 1), "x".to_string()))
        .collect();
    let error = it.table(workbook(&diagonal)).unwrap_err();
    assert!(
        matches!(&error, DatasetError::TooLarge { found, .. } if found.contains("8000 cells are filled")),
        "{error}"
    );
}

#[test]
fn a_manifest_that_unfolds_without_end_is_refused() {
    let it = Experiment::new();
    let mut aliases = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for k in 1..12 {
        let of = format!("*a{}, ", k - 1).repeat(10);
        aliases.push_str(&format!("a{k}: &a{k} [{of}]\n"));
    }
    aliases.push_str("name: *a11\n");
    let mut roles = String::from("exclude:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for k in 1..12 {
        let of = format!("*a{}, ", k - 1).repeat(10);
        roles.push_str(&format!("  a{k}: &a{k} [{of}]\n"));
    }
    let nested = format!("exclude: {}{}\n", "[".repeat(50_000), "]".repeat(50_000));
    let maps = format!("exclude: {}1\n", "{a: ".repeat(50_000));
    let lists = format!("exclude:\n  a: {}1\n", "- ".repeat(50_000));
    let long = format!("name: x\ndescription: {}\n", "long ".repeat(1_000_000));
    for text in [aliases, roles, nested, maps, lists, long] {
        it.write("dataset.yaml", &text);
        let error = it.open().unwrap_err();
        assert!(matches!(error, DatasetError::Manifest { .. }), "{error}");
        assert!(error.to_string().len() < 1000, "{error}");
    }
}

#[test]
fn thousands_of_columns_take_no_more_than_their_share() {
    let it = Experiment::new();
    let n = 20_000;
    let names: Vec<String> = (0..n).map(|k| format!("s{k:05}")).collect();
    let row = |from: usize| -> String {
        let cells: Vec<String> = (0..n).map(|k| format!("{}.5", from + k % 89)).collect();
        cells.join("\t")
    };
    let text = format!(
        "Protein\t{}\nP04637\t{}\nP55072\t{}\n",
        names.join("\t"),
        row(100),
        row(200)
    );
    let dataset = it.table(text).unwrap();
    assert_eq!(dataset.assay().n_samples(), n);
}

#[test]
fn cells_that_are_repeated_without_end_are_refused() {
    let content = r#"<office:document-content><table:table table:name="data"><table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/></table:table-row></table:table></office:document-content>"#;
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content),
    ] {
        archive.start_file(name, stored).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    let error = Experiment::new()
        .table(archive.finish().unwrap().into_inner())
        .unwrap_err();
    assert!(
        matches!(&error, DatasetError::TooLarge { found, .. } if found.contains("17179869184 cells")),
        "{error}"
    );
}
