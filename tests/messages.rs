//! What is said of input that cannot be read: each message names the file and what is wrong with it, and its hint says
//! what to do. Files that people do give in place of a table, and tables and sheets as they do come.

use std::io::Write;

use crate::support::program::{folder_with, start, table};

const SIX: [&str; 6] = ["c1", "c2", "c3", "t1", "t2", "t3"];
const SHEET: &str = "sample\tcondition\nc1\tcontrol\nc2\tcontrol\nc3\tcontrol\nt1\ttreated\nt2\ttreated\nt3\ttreated\n";

/// A file that is no table, and words of the message and of the hint.
type Case<'a> = (&'a str, Vec<u8>, &'a [&'a str]);

/// Asks that `inspect` refuses, and that message and hint hold every one of `words`.
fn refused(files: &[(&str, &[u8])], arguments: &[&str], words: &[&str]) {
    let folder = folder_with(files);
    let arguments: Vec<&str> = ["inspect"].iter().chain(arguments).copied().collect();
    let ended = start(folder.path(), &arguments);
    let said = format!("{arguments:?}\n{}{}", ended.err, ended.out);
    assert_eq!(ended.code, Some(2), "{said}");
    assert!(ended.err.starts_with("error: "), "{said}");
    assert!(ended.err.contains("\nhint: "), "no hint: {said}");
    assert!(
        ended.err.len() < 1_500,
        "a message of {} bytes: {said}",
        ended.err.len()
    );
    for word in words {
        assert!(ended.err.contains(word), "does not say `{word}`: {said}");
    }
}

fn zip(names: &[&str]) -> Vec<u8> {
    // Local headers of stored files without content, which is all that is looked at.
    let mut out = Vec::new();
    for name in names {
        out.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        out.extend((name.len() as u16).to_le_bytes());
        out.extend([0, 0]);
        out.extend(name.as_bytes());
    }
    out
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer
        .write_all(content)
        .and_then(|()| packer.finish())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn compound(stream: &str) -> Vec<u8> {
    let mut out = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    out.extend([0; 600]);
    out.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
    out.extend([0; 600]);
    out
}

#[test]
fn files_that_are_no_tables() {
    let text = table(&SIX, 20);
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let whole = gzip(table(&SIX, 400).as_bytes());
    let cases: Vec<Case<'_>> = vec![
        ("empty.tsv", vec![], &["`empty.tsv`", "empty"]),
        ("blank.tsv", b" \n\t\n".to_vec(), &["`blank.tsv`", "empty"]),
        ("header.tsv", b"protein\ta\tb\n".to_vec(), &["`header.tsv`", "no row below"]),
        ("picture.tsv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".repeat(20), &["`picture.tsv`", "a picture"]),
        ("photo.csv", b"\xff\xd8\xff\xe0\0\x10JFIF".repeat(20), &["`photo.csv`", "a picture"]),
        ("paper.pdf", b"%PDF-1.7\n1 0 obj".to_vec(), &["`paper.pdf`", "PDF", "itself"]),
        ("table.json", b"{\"proteins\": [{\"id\": \"P1\", \"a\": 1.5}]}".to_vec(), &["`table.json`", "JSON", "CSV"]),
        ("list.json", b"[{\"id\": \"P1\", \"a\": 1.5}]".to_vec(), &["`list.json`", "JSON"]),
        ("report.xls", b"<html><body><table><tr><td>x</td></tr></table></body></html>".to_vec(), &["`report.xls`", "web page", "spreadsheet"]),
        ("run.mzML", b"<?xml version=\"1.0\"?>\n<mzML></mzML>\n".to_vec(), &["`run.mzML`", "spectra"]),
        ("run.mgf", b"BEGIN IONS\nTITLE=1\nPEPMASS=500.1\n100.1 20\nEND IONS\n".to_vec(), &["`run.mgf`", "spectra"]),
        ("human.fasta", b">sp|P04637|P53_HUMAN\nMEEPQSDPSVEPPLSQETFS\n".to_vec(), &["`human.fasta`", "sequences"]),
        ("image.RData", gzip(b"RDX3\nX\n\0\0\0\x03\0\x04\x02\0"), &["`image.RData`", "R data", "write.table"]),
        ("object.rds", gzip(b"X\n\0\0\0\x03\0\x04\x02\0"), &["`object.rds`", "R data", "write.table"]),
        ("object2.rds", b"\xfd7zXZ\0\0\x04aaaaaaaa".to_vec(), &["`object2.rds`", "xz", "write.table"]),
        ("table.tsv.bz2", b"BZh91AY&SYaaaaaaaa".to_vec(), &["`table.tsv.bz2`", "bzip2", "gzip"]),
        ("library.speclib", b"SQLite format 3\0aaaa".to_vec(), &["`library.speclib`", "SQLite"]),
        ("text.docx", zip(&["[Content_Types].xml", "word/document.xml"]), &["`text.docx`", "Word document"]),
        ("talk.pptx", zip(&["[Content_Types].xml", "ppt/presentation.xml"]), &["`talk.pptx`", "presentation"]),
        ("data.zip", zip(&["table.tsv", "sheet.tsv"]), &["`data.zip`", "zip archive", "`table.tsv`", "unpack"]),
        ("book.xlsx", zip(&["[Content_Types].xml", "xl/workbook.xml"]), &["`book.xlsx`", "damaged workbook", "save it again"]),
        ("secret.xlsx", compound("EncryptedPackage"), &["`secret.xlsx`", "password", "remove"]),
        ("old.doc", compound("WordDocument"), &["`old.doc`", "Word document"]),
        ("old.xls", compound("Nothing"), &["`old.xls`", "old Excel workbook"]),
        ("wide.tsv", utf16, &["`wide.tsv`", "UTF-16", "UTF-8"]),
        ("cut.tsv.gz", whole[..whole.len() / 2].to_vec(), &["`cut.tsv.gz`", "truncated"]),
        ("bad.gz", b"\x1f\x8b\x08garbage".to_vec(), &["`bad.gz`"]),
        ("cells.fcs", [&b"FCS3.0    256    1000"[..], &[b' '; 300]].concat(), &["`cells.fcs`"]),
        ("bad.parquet", [&b"PAR1"[..], &[0; 80], b"PAR1"].concat(), &["`bad.parquet`", "Parquet"]),
        ("one.tsv", table(&["c1"], 20).into_bytes(), &["`one.tsv`", "one column of numbers", "`c1`", "two samples"]),
        ("names.tsv", b"protein\nP1\nP2\nP3\n".to_vec(), &["`names.tsv`", "no numeric column"]),
        ("mixed.tsv", (0..20).fold("protein\ta\tb\n".to_owned(), |t, i| {
            let cell = if i % 2 == 0 { i.to_string() } else { "high".to_owned() };
            format!("{t}P{i:05}\t{cell}\t{cell}\n")
        }).into_bytes(), &["`mixed.tsv`", "column `a`", "10 numbers and 10 texts", "`high`", "row 3"]),
        ("psms.tsv", b"PSMId\tpeptide\tscore\tproteinIds\n1\tPEPTIDEK\t1.5\tP04637\n2\tPEPTIDER\t2.5\tP04637\n3\tPEPTIDEKK\t3.5\tP04637\n".to_vec(), &["`psms.tsv`", "one row per spectrum", "per sample"]),
        ("tmt.tsv", b"filename\tscannr\tion_injection_time\ttmt_1\ttmt_2\na\tscan=1\t22\t1.5\t2.5\na\tscan=2\t22\t1.7\t2.9\n".to_vec(), &["`tmt.tsv`", "one row per spectrum"]),
    ];
    for (name, content, words) in &cases {
        refused(&[(name, content)], &[name], words);
    }
}

#[test]
fn tables_and_sheets_that_do_not_fit() {
    let text = table(&SIX, 20);
    let with = |sheet: &str, arguments: &[&str], words: &[&str]| {
        let given = ["table.tsv", "--samples", "sheet.tsv"];
        let files: &[(&str, &[u8])] = &[
            ("table.tsv", text.as_bytes()),
            ("sheet.tsv", sheet.as_bytes()),
        ];
        refused(files, &[&given[..], arguments].concat(), words);
    };
    with(
        &SHEET.replace("\nc", "\nx").replace("\nt", "\ny"),
        &[],
        &[
            "`sheet.tsv`",
            "`table.tsv`",
            "`x1`",
            "`c1`",
            "--write-sheet",
        ],
    );
    with(
        &SHEET.replace("t3\t", "tt3\t"),
        &[],
        &["row 7 `tt3`", "nearest to column `t3`"],
    );
    with(
        &SHEET.replace("c2\t", "c1\t"),
        &[],
        &["`c1`", "rows 2 and 3", "no row for `c2`"],
    );
    with(
        &SHEET.replace("control", "NA"),
        &[],
        &["`NA`", "row 2", "`condition`", "missing_codes"],
    );
    with(
        "condition\tage\ncontrol\t40\ntreated\t50\n",
        &[],
        &["no row names a column"],
    );
    with("sample\tcondition\n", &[], &["`sheet.tsv`", "empty"]);
    with(
        SHEET,
        &["--contrast", "condition:treatd-control"],
        &["`treated`", "did you mean"],
    );
    with(
        SHEET,
        &["--contrast", "group:treated-control"],
        &["`condition`"],
    );
    with(
        SHEET,
        &["--role", "batsch=batch"],
        &["`batsch`", "`condition`"],
    );
    with(
        SHEET,
        &["--technical-replicates", "average"],
        &["technical_replicate", "--role"],
    );
    with(SHEET, &["--plex-reference", "Pool"], &["`Pool`", "sheet"]);
    let swapped: &[(&str, &[u8])] = &[
        ("table.tsv", text.as_bytes()),
        ("sheet.tsv", SHEET.as_bytes()),
    ];
    refused(
        swapped,
        &["sheet.tsv", "--samples", "table.tsv"],
        &[
            "`sheet.tsv` looks like a sample sheet",
            "exchange",
            "table.tsv --samples sheet.tsv",
        ],
    );
    let runs = table(&["ctrl_1_a", "ctrl_1_b", "drug_1_a", "drug_1_b"], 20);
    refused(
        &[
            ("t.tsv", runs.as_bytes()),
            ("s.tsv", b"sample\tcondition\nctrl_1\tctrl\ndrug_1\tdrug\n"),
        ],
        &["t.tsv", "--samples", "s.tsv"],
        &[
            "stand for more than one column",
            "row 2 `ctrl_1`",
            "`ctrl_1_a`, `ctrl_1_b`",
        ],
    );
    // Groups that begin like columns are no names of samples.
    let plain = table(&["a1", "a2", "b1", "b2"], 20);
    refused(
        &[
            ("t.tsv", plain.as_bytes()),
            ("s.tsv", b"sample\tgroup\nx1\tA\nx2\tA\ny1\tB\ny2\tB\n"),
        ],
        &["t.tsv", "--samples", "s.tsv"],
        &[
            "no row names a column",
            "begins with `x1`, `x2`",
            "with `a1`, `a2`",
        ],
    );
    let mut negative = "protein\ta\tb\tc\n".to_owned();
    for i in 1..12 {
        negative.push_str(&format!(
            "P{i:05}\t{}\t-{i}\t{}\n",
            i * 1_000_000,
            i * 2_000_000
        ));
    }
    refused(
        &[("n.tsv", negative.as_bytes())],
        &["n.tsv"],
        &["column `b`", "11 negative numbers", "scale: log2"],
    );
}

#[test]
fn manifests_that_cannot_be_followed() {
    let text = table(&SIX, 20);
    let with = |manifest: &str, words: &[&str]| {
        let files: &[(&str, &[u8])] = &[
            ("dataset.yaml", manifest.as_bytes()),
            ("table.tsv", text.as_bytes()),
            ("sheet.tsv", SHEET.as_bytes()),
        ];
        refused(files, &["."], words);
    };
    with(
        "tabels:\n  - file: table.tsv\n",
        &["`tabels`", "did you mean `tables`"],
    );
    with(
        "tables:\n  - file: tabel.tsv\n",
        &["`tabel.tsv`", "did you mean `table.tsv`"],
    );
    with(
        "tables:\n  - file: ../table.tsv\n",
        &["`../table.tsv`", "outside"],
    );
    with("tables: [file: {\n", &["`dataset.yaml`"]);
    let both = "tables:\n  - file: table.tsv\nsamples:\n  - file: sheet.tsv\n";
    with(
        &format!("{both}roles: {{conditon: condition}}\n"),
        &["`conditon`", "did you mean `condition`"],
    );
    with(
        &format!("{both}exclude: {{condition: [control, treated]}}\n"),
        &["no sample is left", "all 6", "`condition` is `control`"],
    );
    with(
        &format!("{both}reference_levels: {{condition: contrl}}\n"),
        &["`contrl`", "`control`"],
    );
    with(
        &format!("{both}features:\n  - file: sheet.tsv\n"),
        &["`features`", "`sheet.tsv`"],
    );
    with(&format!("{both}technical_replicates: mean\n"), &["average"]);
}

#[test]
fn a_folder_below_a_file_cannot_be_written() {
    let text = table(&SIX, 20);
    let folder = folder_with(&[("table.tsv", text.as_bytes()), ("file", b"x")]);
    let ended = start(
        folder.path(),
        &["convert", "table.tsv", "--out", "file/below"],
    );
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(
        ended.err.contains("`file/below`") && ended.err.contains("`file` is a file"),
        "{}",
        ended.err
    );
}

#[test]
fn a_line_end_in_a_name_does_not_tear_the_message() {
    refused(
        &[("ta\nble.tsv", b"protein\ta\tb\n")],
        &["ta\nble.tsv"],
        &["`ta\\nble.tsv`"],
    );
}
