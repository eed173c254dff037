//! `proteus inspect --json` against the schema that ships with the binary.

use std::path::Path;

use proteus::dataset::{current_inspection_schema, inspection_schema};
use serde_json::Value;

use crate::support;
use crate::support::program::{folder_with, start, table};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_inspection_schema_that_ships_is_current() {
    if json(inspection_schema()) == current_inspection_schema() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/schema/inspection.schema.json");
    assert!(
        std::env::var_os("UPDATE_SCHEMA").is_some(),
        "`reports/schema/inspection.schema.json` is out of date: set UPDATE_SCHEMA=1 and run this test"
    );
    let text = serde_json::to_string_pretty(&current_inspection_schema())
        .unwrap_or_else(|error| panic!("{error}"));
    std::fs::write(&path, format!("{text}\n")).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn inspections_follow_the_schema() {
    let schema = start(support::root(), &["inspect", "--schema"]);
    assert_eq!(schema.code, Some(0), "{}", schema.err);
    let validator =
        jsonschema::validator_for(&json(&schema.out)).unwrap_or_else(|error| panic!("{error}"));
    let valid = |folder: &Path, arguments: &[&str]| -> Value {
        let ended = start(folder, &[&["inspect", "--json"], arguments].concat());
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.err);
        let seen = json(&ended.out);
        let faults: Vec<String> = validator
            .iter_errors(&seen)
            .map(|e| e.to_string())
            .collect();
        assert!(faults.is_empty(), "{arguments:?}: {}", faults.join("\n"));
        seen
    };
    for dataset in [
        "datasets/ubilength",
        "datasets/ups-yeast-ramus",
        "datasets/cptac-ucec",
    ] {
        valid(support::root(), &[dataset]);
    }
    let subjects = [
        "anna", "bert", "cara", "dora", "anna", "bert", "cara", "eva",
    ];
    let samples = ["c1", "c2", "c3", "c4", "t1", "t2", "t3", "t4"];
    let mut pairs = "sample\tcondition\tsubject\n".to_owned();
    for (sample, subject) in samples.iter().zip(subjects) {
        let group = if sample.starts_with('c') {
            "control"
        } else {
            "treated"
        };
        pairs.push_str(&format!("{sample}\t{group}\t{subject}\n"));
    }
    let folder = folder_with(&[
        ("table.tsv", table(&samples, 20).as_bytes()),
        ("sheet.tsv", pairs.as_bytes()),
    ]);
    let seen = valid(folder.path(), &["table.tsv", "--samples", "sheet.tsv"]);
    assert_eq!(seen["format"], "plain_wide");
    assert_eq!(seen["samples"]["count"], 8);
    assert_eq!(seen["samples"]["ids"][4], "t1");
    let assay = &seen["assays"][0];
    assert_eq!(assay["features"], 20);
    assert_eq!(assay["scale"], "log2");
    assert_eq!(assay["fraction_missing"], 0.0);
    let contrast = &seen["design"]["contrasts"][0];
    assert_eq!(contrast["id"], "condition:treated-control");
    assert_eq!(contrast["target"]["samples"], 4);
    assert_eq!(contrast["blocks"][0]["variable"], "subject");
    assert_eq!(contrast["blocks"][0]["blocks"], 5);
    assert_eq!(contrast["blocks"][0]["in_both_arms"], 3);
    let files = seen["source"]["files"].as_array().map_or(0, Vec::len);
    assert_eq!(files, 2);
    assert!(seen["inferences"][0]["override_with"].is_string());
}
