//! What bad input gets, end to end: a message that names the place and the way out, exit code 2, no panic and no run
//! that looks whole. Designs that cannot carry a comparison get a descriptive report instead.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::program::{Ended, folder_with, only_run, run_folders, start, table};

const SIX: [&str; 6] = ["c1", "c2", "c3", "t1", "t2", "t3"];
const SHEET: &str = "sample\tcondition\nc1\tcontrol\nc2\tcontrol\nc3\tcontrol\nt1\ttreated\nt2\ttreated\nt3\ttreated\n";

/// Runs on `files` and asks that the program refuses, naming every one of `words`.
fn refused(files: &[(&str, &[u8])], arguments: &[&str], words: &[&str]) -> Ended {
    let folder = folder_with(files);
    let arguments: Vec<&str> = ["run"]
        .into_iter()
        .chain(arguments.iter().copied())
        .collect();
    let ended = start(folder.path(), &arguments);
    assert_eq!(
        ended.code,
        Some(2),
        "{arguments:?}\n{}{}",
        ended.err,
        ended.out
    );
    assert!(ended.err.starts_with("error: "), "{}", ended.err);
    assert!(ended.err.contains("\nhint: "), "no hint: {}", ended.err);
    assert!(!ended.err.contains("a bug in Proteus"), "{}", ended.err);
    for word in words {
        assert!(
            ended.err.contains(word),
            "does not name `{word}`: {}",
            ended.err
        );
    }
    assert!(
        run_folders(&folder.path().join("proteus-runs")).is_empty(),
        "a run folder was left"
    );
    ended
}

/// The same on a sound table with this sheet.
fn refused_with_sheet(sheet: &str, arguments: &[&str], words: &[&str]) -> Ended {
    let text = table(&SIX, 20);
    let files: &[(&str, &[u8])] = &[
        ("table.tsv", text.as_bytes()),
        ("sheet.tsv", sheet.as_bytes()),
    ];
    let given = ["table.tsv", "--samples", "sheet.tsv"]
        .iter()
        .chain(arguments);
    refused(files, &given.copied().collect::<Vec<_>>(), words)
}

#[test]
fn a_missing_file() {
    refused(&[], &["absent.tsv"], &["`absent.tsv`"]);
}

#[test]
fn an_empty_file_and_a_header_alone() {
    refused(
        &[("empty.tsv", b"")],
        &["empty.tsv"],
        &["`empty.tsv`", "empty"],
    );
    refused(
        &[("header.tsv", b"protein\ta\tb\n")],
        &["header.tsv"],
        &["`header.tsv`"],
    );
}

#[test]
fn a_binary_file() {
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0".repeat(50);
    refused(
        &[("picture.tsv", &picture)],
        &["picture.tsv"],
        &["`picture.tsv`", "picture"],
    );
    refused(
        &[("book.csv", b"PK\x03\x04\x14\0\x06\0")],
        &["book.csv"],
        &["`book.csv`", "Excel"],
    );
}

#[test]
fn a_truncated_file() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer
        .write_all(table(&SIX, 400).as_bytes())
        .unwrap_or_else(|error| panic!("{error}"));
    let packed = packer.finish().unwrap_or_else(|error| panic!("{error}"));
    let cut = &packed[..packed.len() / 2];
    refused(
        &[("cut.tsv.gz", cut)],
        &["cut.tsv.gz"],
        &["`cut.tsv.gz`", "truncated"],
    );
    let whole = table(&SIX, 40);
    let cut = &whole.as_bytes()[..whole.len() - 20];
    refused(&[("cut.tsv", cut)], &["cut.tsv"], &["`cut.tsv`", "row, 41"]);
}

#[test]
fn a_ragged_file() {
    let mut lines: Vec<String> = table(&SIX, 20).lines().map(str::to_owned).collect();
    lines[7].push_str("\t1.0\t2.0");
    let text = lines.join("\n");
    refused(
        &[("ragged.tsv", text.as_bytes())],
        &["ragged.tsv"],
        &["`ragged.tsv`", "row 8"],
    );
}

#[test]
fn a_wrongly_encoded_file() {
    let utf16: Vec<u8> = table(&SIX, 20)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    refused(
        &[("wide.tsv", &utf16)],
        &["wide.tsv"],
        &["`wide.tsv`", "UTF-8"],
    );
}

#[test]
fn no_numeric_column() {
    let text = "protein\tnote\tother\nP1\tgood\tyes\nP2\tbad\tno\n";
    refused(
        &[("words.tsv", text.as_bytes())],
        &["words.tsv"],
        &["`words.tsv`", "numeric"],
    );
}

#[test]
fn text_in_a_column_of_numbers() {
    let text = table(&SIX, 20).replacen("\nP00004\t", "\nP00004\tbroken", 1);
    refused(
        &[("table.tsv", text.as_bytes())],
        &["table.tsv"],
        &["`table.tsv`", "row 6", "`c1`"],
    );
}

#[test]
fn a_sheet_that_does_not_match() {
    let sheet = "sample\tcondition\nx1\tcontrol\nx2\tcontrol\nx3\ttreated\nx4\ttreated\n";
    refused_with_sheet(sheet, &[], &["`sheet.tsv`", "`table.tsv`"]);
}

#[test]
fn a_sample_that_the_sheet_leaves_out_is_told_when_the_run_begins() {
    let (names, text) = (SIX.join("\tx\n"), table(&SIX, 20));
    let sheet = format!("sample\tcondition\n{names}\tx\n").replace(SIX[5], "other22");
    let folder = folder_with(&[
        ("table.tsv", text.as_bytes()),
        ("sheet.tsv", sheet.as_bytes()),
    ]);
    let arguments = [
        "run",
        "table.tsv",
        "--samples",
        "sheet.tsv",
        "--decoys",
        "20",
    ];
    let told = start(folder.path(), &arguments);
    assert_eq!(told.code, Some(0), "{}", told.err);
    for words in [
        "warning: sheet.tsv",
        "`other22` (row 7)",
        &format!("`{}`", SIX[5]),
    ] {
        assert!(told.err.contains(words), "no `{words}` in {}", told.err);
    }
    let quiet = start(folder.path(), &[&arguments[..], &["--quiet"]].concat());
    assert_eq!(quiet.err, "");
}

#[test]
fn a_group_called_na() {
    let sheet = SHEET.replace("control", "NA");
    refused_with_sheet(
        &sheet,
        &[],
        &["`sheet.tsv`", "`condition`", "`NA`", "row 2"],
    );
}

#[test]
fn samples_and_proteins_met_twice() {
    let columns = table(&["c1", "c1", "t1", "t2"], 20);
    refused(
        &[("twice.tsv", columns.as_bytes())],
        &["twice.tsv"],
        &["`twice.tsv`", "`c1`"],
    );
    let sheet = SHEET.replace("c2\t", "c1\t");
    refused_with_sheet(&sheet, &[], &["`sheet.tsv`", "`c1`"]);
    let rows = table(&SIX, 20).replace("P00007\t", "P00003\t");
    refused(
        &[("rows.tsv", rows.as_bytes())],
        &["rows.tsv"],
        &["`rows.tsv`", "`P00003`", "5", "9"],
    );
}

#[test]
fn a_sample_without_a_single_value() {
    let lines: Vec<String> = table(&SIX, 20)
        .lines()
        .enumerate()
        .map(|(i, line)| {
            let mut cells: Vec<&str> = line.split('\t').collect();
            if i > 0 {
                cells[4] = "NA";
            }
            cells.join("\t")
        })
        .collect();
    refused(
        &[("hole.tsv", lines.join("\n").as_bytes())],
        &["hole.tsv"],
        &["`hole.tsv`", "`t1`"],
    );
}

#[test]
fn a_contrast_that_does_not_exist() {
    refused_with_sheet(
        SHEET,
        &["--contrast", "condition:treatd-control"],
        &["`condition:treatd-control`", "`treated`"],
    );
}

#[test]
fn a_configuration_with_an_unknown_key() {
    let text = table(&SIX, 20);
    let files: &[(&str, &[u8])] = &[
        ("table.tsv", text.as_bytes()),
        ("proteus.yaml", b"sede: 4\n"),
    ];
    refused(
        files,
        &["table.tsv", "--config", "proteus.yaml"],
        &["`proteus.yaml`", "`sede`", "`seed`"],
    );
}

#[test]
fn an_out_folder_that_cannot_be_written() {
    let text = table(&SIX, 20);
    let files: &[(&str, &[u8])] = &[("table.tsv", text.as_bytes()), ("file", b"x")];
    refused(files, &["table.tsv", "--out", "file"], &["`file"]);
    refused(files, &["table.tsv", "--out", "file/below"], &["file"]);
    if cfg!(target_os = "linux") {
        refused(
            files,
            &["table.tsv", "--out", "/proc/none"],
            &["/proc/none", "--out DIR"],
        );
    }
}

#[test]
fn a_full_disk_leaves_no_run_that_looks_whole() {
    let folder = folder_with(&[
        ("table.tsv", table(&SIX, 2_000).as_bytes()),
        ("sheet.tsv", SHEET.as_bytes()),
    ]);
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap_or_else(|error| panic!("{error}"));
    // A file system of 200 kB in a mount name space of its own: seen by this one process, gone with it.
    let script = "mount -t tmpfs -o size=200k tmpfs disk && \
                  { \"$0\" run table.tsv --samples sheet.tsv --out disk; code=$?; \
                    cat disk/*/journal.jsonl >journal 2>/dev/null; exit $code; }";
    let tried = Command::new("unshare")
        .args([
            "--mount",
            "--map-root-user",
            "sh",
            "-c",
            script,
            env!("CARGO_BIN_EXE_proteus"),
        ])
        .current_dir(folder.path())
        .output();
    let ended: Ended = match tried {
        Ok(output) => output.into(),
        Err(error) => return skip(&error.to_string()),
    };
    if ended.err.contains("unshare:") || ended.err.contains("mount:") {
        return skip(&ended.err);
    }
    assert_eq!(ended.code, Some(2), "{}{}", ended.err, ended.out);
    assert!(
        ended.err.contains("no space left") && ended.err.contains("\nhint: "),
        "{}",
        ended.err
    );
    let journal = std::fs::read_to_string(folder.path().join("journal")).unwrap_or_default();
    assert!(!journal.contains("run_finished"), "{journal}");
}

fn skip(why: &str) {
    // Printed even where the test passes, so that a machine that cannot try this says so.
    let _ = writeln!(
        std::io::stderr().lock(),
        "SKIPPED: a full disk could not be made: {why}"
    );
}

#[test]
fn one_sample_per_group_gets_a_descriptive_report() {
    let text = table(&["c1", "t1"], 300);
    let sheet = "sample\tcondition\nc1\tcontrol\nt1\ttreated\n";
    let report = described(&[
        ("table.tsv", text.as_bytes()),
        ("sheet.tsv", sheet.as_bytes()),
    ]);
    nothing_above_exploratory(&report);
}

#[test]
fn a_design_confounded_with_batch_gets_a_descriptive_report() {
    let text = table(&SIX, 300);
    let sheet = "sample\tcondition\tbatch\nc1\tcontrol\tA\nc2\tcontrol\tA\nc3\tcontrol\tA\nt1\ttreated\tB\nt2\ttreated\tB\nt3\ttreated\tB\n";
    let report = described(&[
        ("table.tsv", text.as_bytes()),
        ("sheet.tsv", sheet.as_bytes()),
    ]);
    nothing_above_exploratory(&report);
}

#[test]
fn the_same_design_without_the_fault_supports_hypotheses() {
    let text = table(&SIX, 300);
    let report = described(&[
        ("table.tsv", text.as_bytes()),
        ("sheet.tsv", SHEET.as_bytes()),
    ]);
    let grades: Vec<&str> = grades(&report);
    assert!(grades.contains(&"supported"), "{grades:?}");
}

/// Runs on `files`, which must end well, and gives the JSON report.
fn described(files: &[(&str, &[u8])]) -> Value {
    let folder = folder_with(files);
    let arguments = ["run", "table.tsv", "--samples", "sheet.tsv", "--quiet"];
    let ended = start(folder.path(), &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let run = only_run(&folder.path().join("proteus-runs"));
    read_report(folder.path(), &run)
}

fn read_report(folder: &Path, run: &Path) -> Value {
    assert!(run.join("report/index.html").is_file());
    let ended = start(
        folder,
        &["report", &run.display().to_string(), "--format", "json"],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}"))
}

fn grades(report: &Value) -> Vec<&str> {
    let hypotheses = report["hypotheses"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    hypotheses
        .iter()
        .filter_map(|h| h["grade"].as_str())
        .collect()
}

fn nothing_above_exploratory(report: &Value) {
    let grades = grades(report);
    assert!(
        grades
            .iter()
            .all(|grade| *grade == "exploratory" || *grade == "contradicted"),
        "{grades:?}"
    );
    let verdicts = &report["audit"]["by_contrast"];
    let failed = verdicts
        .as_object()
        .is_some_and(|map| map.values().any(|v| v == "fail" || v == "FAIL"));
    assert!(failed, "no contrast is marked FAIL: {verdicts}");
}
