//! A report to hand on: no value and no name of a single sample is left in it, and it says so.

use std::fs;
use std::path::{Path, PathBuf};

use proteus::content::Content;
use proteus::report::{ReportModel, html, markdown, write};

use super::fixture::{Texts, finished_run};
use super::shown_data::data_of;

/// A run in which a check, an attack and a variation of the analysis name samples.
fn run_that_names_samples(parent: &Path) -> PathBuf {
    let run = finished_run(parent, &Texts::default());
    for (file, from, to) in [
        (
            "audit.yaml",
            "three samples per group leave four residual degrees of freedom",
            "the sample `Ubi4_2` lies 2.7183 log2 below the others",
        ),
        (
            "hypotheses.yaml",
            "normalisation = quantile",
            "without Ctrl_3, Ubi4_1",
        ),
        (
            "hypotheses.yaml",
            "holds in 6 of 6 refits without one sample or donor",
            "weakest without Ubi4_3",
        ),
    ] {
        let path = run.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} says no `{from}`");
        fs::write(&path, text.replace(from, to)).unwrap();
    }
    run
}

#[test]
fn no_value_and_no_name_of_a_sample_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_that_names_samples(dir.path());
    let whole = ReportModel::load(&run).unwrap();
    let matrix = whole.table("normalise-1", "matrix").unwrap();
    let samples = whole.dataset.samples.ids.clone();
    let values: Vec<String> = samples
        .iter()
        .flat_map(|sample| matrix.numbers(sample).unwrap())
        .filter(|value| value.is_finite())
        .map(|value| value.to_string())
        .collect();
    let texts = |model: &ReportModel, name: &str| -> Vec<(PathBuf, String)> {
        let files = write(model, &Content::embedded(), &dir.path().join(name)).unwrap();
        let read = files.into_iter();
        read.map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
            .collect()
    };
    let before = texts(&whole, "whole");
    let named = |texts: &[(PathBuf, String)], sample: &str| {
        texts
            .iter()
            .filter(|(_, text)| text.contains(sample))
            .count()
    };
    for sample in &samples {
        assert!(named(&before, sample) > 1, "{sample} is named otherwise");
    }
    assert!(
        before
            .iter()
            .any(|(path, _)| path.ends_with("tables/quality-1.samples.tsv"))
    );

    let model = ReportModel::load(&run).unwrap().without_values().unwrap();
    let after = texts(&model, "without");
    assert!(after.len() > 10, "{}", after.len());
    for (path, text) in &after {
        for sample in &samples {
            assert!(
                !text.contains(sample.as_str()),
                "{sample} in {}",
                path.display()
            );
        }
        for value in &values {
            assert!(
                !text.contains(value.as_str()),
                "{value} in {}",
                path.display()
            );
        }
        assert!(!text.contains("2.7183"), "what a check tells of a sample");
    }
    let page = html(&model, &Content::embedded()).unwrap();
    let text = markdown(&model, &Content::embedded()).unwrap();
    for shown in [&page, &text] {
        assert!(shown.contains("Values and names of single samples are left out"));
        assert!(shown.contains("speaks of single samples"));
    }
    assert!(page.contains("without [not named], [not named]"));
    // What is told of groups stays.
    for wanted in ["Ubi4", "RAD23B", "volcano-1", "sets-1"] {
        assert!(page.contains(wanted), "no `{wanted}`");
    }
}

#[test]
fn the_data_of_such_a_page_hold_comparisons_and_no_sample() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_that_names_samples(dir.path());
    let content = Content::embedded();
    let whole = data_of(&html(&ReportModel::load(&run).unwrap(), &content).unwrap());
    let model = ReportModel::load(&run).unwrap().without_values().unwrap();
    let data = data_of(&html(&model, &content).unwrap());
    assert_eq!(whole["samples_left_out"], false);
    assert_eq!(data["samples_left_out"], true);
    let empty = serde_json::json!([]);
    assert_eq!(data["samples"]["ids"], empty);
    assert_eq!(data["samples"]["variables"], empty);
    assert_eq!(data["matrices"], empty);
    assert!(data["components"].is_null() && data["comparisons"][0]["matrix"].is_null());
    for arm in 0..2 {
        let (shown, was) = (
            &data["comparisons"][0]["arms"][arm],
            &whole["comparisons"][0]["arms"][arm],
        );
        assert_eq!(shown["label"], was["label"]);
        assert_eq!(shown["samples"], empty);
    }
    // Every column left is one of a comparison: none is as long as a matrix.
    let columns = |data: &serde_json::Value| data["columns"].as_array().unwrap().len();
    assert_eq!(
        columns(&data) + 1,
        columns(&whole),
        "the matrix alone is gone"
    );
    assert_eq!(
        data["comparisons"][0]["effect"],
        whole["comparisons"][0]["effect"]
    );
}
