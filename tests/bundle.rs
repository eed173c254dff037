//! Runs handed on: the bundle is whole, its script repeats the run elsewhere, and a changed file is noticed.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::program::{Ended, folder_with, start, table};

const SAMPLES: [&str; 8] = ["t_1", "t_2", "t_3", "t_4", "c_1", "c_2", "c_3", "c_4"];

fn unpack(bundle: &Path, into: &Path) -> BTreeSet<String> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(bundle).unwrap()).unwrap();
    archive.extract(into).unwrap();
    archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect()
}

fn script(folder: &Path, arguments: &[&str]) -> Ended {
    let program = Path::new(env!("CARGO_BIN_EXE_proteus"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let output = Command::new("sh")
        .arg(folder.join("rerun.sh"))
        .args(arguments)
        .env("PATH", path)
        .output();
    output.unwrap().into()
}

#[test]
#[cfg(unix)]
fn a_bundle_is_whole_and_repeats_its_run_elsewhere() {
    let text = table(&SAMPLES, 120);
    let folder = folder_with(&[("study.tsv", text.as_bytes())]);
    let ran = start(
        folder.path(),
        &[
            "run",
            "study.tsv",
            "--decoys",
            "20",
            "--no-packs",
            "--quiet",
        ],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let made = start(
        folder.path(),
        &["report", "--bundle", "study.zip", "--quiet"],
    );
    assert_eq!(made.code, Some(0), "{}", made.err);

    let elsewhere = tempfile::tempdir().unwrap();
    let at = elsewhere.path().join("handed-on");
    let names = unpack(&folder.path().join("study.zip"), &at);
    for wanted in [
        "report/index.html",
        "run.yaml",
        "hypotheses.yaml",
        "rerun.sh",
        "MANIFEST.sha256",
    ] {
        assert!(names.contains(wanted), "no {wanted} in {names:?}");
    }
    // Every file but the manifest itself is in it, with the sum that another program computes.
    let sums = Command::new("sha256sum")
        .args(["--check", "--quiet", "MANIFEST.sha256"])
        .current_dir(&at)
        .output()
        .unwrap();
    assert!(
        sums.status.success(),
        "{}",
        String::from_utf8_lossy(&sums.stdout)
    );
    let manifest = std::fs::read_to_string(at.join("MANIFEST.sha256")).unwrap();
    assert_eq!(manifest.lines().count() + 1, names.len());
    let crated: Value =
        serde_json::from_slice(&std::fs::read(at.join("ro-crate-metadata.json")).unwrap()).unwrap();
    let graph = crated["@graph"].as_array().unwrap();
    let ids: BTreeSet<&str> = graph
        .iter()
        .filter_map(|node| node["@id"].as_str())
        .collect();
    let root = graph.iter().find(|node| node["@id"] == "./").unwrap();
    for part in root["hasPart"].as_array().unwrap() {
        assert!(
            ids.contains(part["@id"].as_str().unwrap()),
            "{part} is not described"
        );
    }
    assert!(
        root["datePublished"].as_str().unwrap().len() == 10,
        "{root}"
    );

    // The input went with its owner to another place.
    let moved = elsewhere.path().join("data");
    std::fs::create_dir(&moved).unwrap();
    std::fs::rename(folder.path().join("study.tsv"), moved.join("study.tsv")).unwrap();
    let again = script(&at, &[moved.join("study.tsv").to_str().unwrap()]);
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);
    assert!(again.out.contains("the same bytes again"), "{}", again.out);
    let left: Vec<_> = std::fs::read_dir(elsewhere.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing is left of the repetition");

    // What was changed by hand is told.
    let hypotheses = std::fs::read_to_string(at.join("hypotheses.yaml")).unwrap();
    std::fs::write(at.join("hypotheses.yaml"), hypotheses + "# by hand\n").unwrap();
    let changed = script(&at, &[moved.join("study.tsv").to_str().unwrap()]);
    assert_eq!(changed.code, Some(2), "{}", changed.out);
    assert!(changed.err.contains("hypotheses.yaml"), "{}", changed.err);

    // So is an input that is no longer the same.
    std::fs::write(
        moved.join("study.tsv"),
        text.replacen("P00000", "P99999", 1),
    )
    .unwrap();
    let other = script(&at, &[moved.join("study.tsv").to_str().unwrap()]);
    assert_eq!(other.code, Some(2));
    assert!(other.err.contains("has changed"), "{}", other.err);
}

#[test]
fn a_bundle_without_values_is_the_report_alone_and_names_no_sample() {
    let text = table(&SAMPLES, 60);
    let folder = folder_with(&[("study.tsv", text.as_bytes())]);
    let more = ["--decoys", "20", "--no-packs", "--quiet"];
    let ran = start(folder.path(), &[&["run", "study.tsv"][..], &more].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let made = start(
        folder.path(),
        &["report", "--without-values", "--bundle", "study.zip"],
    );
    assert_eq!(made.code, Some(0), "{}", made.err);
    let at = folder.path().join("handed-on");
    let names = unpack(&folder.path().join("study.zip"), &at);
    assert!(names.contains("report/index.html") && names.contains("MANIFEST.sha256"));
    for name in &names {
        let known = name.starts_with("report/")
            || ["MANIFEST.sha256", "ro-crate-metadata.json"].contains(&name.as_str());
        assert!(known, "{name} is handed on");
        let text = std::fs::read_to_string(at.join(name)).unwrap();
        for sample in SAMPLES {
            assert!(!text.contains(sample), "{sample} in {name}");
        }
    }

    // By itself it goes into a folder of its own, and the report of the run stays.
    let made = start(folder.path(), &["report", "--without-values"]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    let page = std::path::PathBuf::from(made.out.trim());
    assert!(
        page.ends_with("report-without-values/index.html"),
        "{}",
        made.out
    );
    let page = std::fs::read_to_string(folder.path().join(page)).unwrap();
    assert!(page.contains("Values and names of single samples are left out"));
    let data = start(
        folder.path(),
        &["report", "--without-values", "--format", "json"],
    );
    let data: Value = serde_json::from_str(&data.out).unwrap();
    assert_eq!(data["samples_left_out"], true);
}

#[test]
fn a_model_that_cannot_be_asked_is_told_before_anything_runs() {
    let text = table(&SAMPLES, 40);
    let folder = folder_with(&[("study.tsv", text.as_bytes())]);
    for (arguments, code, told) in [
        (
            vec!["--model", "nowhere.gguf"],
            2,
            "neither a file nor an address",
        ),
        (
            vec!["--model", "http://127.0.0.1:9/v1"],
            2,
            "does not say which model",
        ),
        (
            vec!["--model", "http://127.0.0.1:9/v1#m", "--offline"],
            2,
            "offline",
        ),
    ] {
        let mut all = vec!["run", "study.tsv", "--quiet", "--no-packs"];
        all.extend(&arguments);
        let ended = start(folder.path(), &all);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(told), "{arguments:?}: {}", ended.err);
    }
    // Every role falls back on rules, so that a server that is gone stops nothing; what it would have been asked is recorded.
    std::fs::write(
        folder.path().join("proteus.yaml"),
        "decoys: 20\nmodels:\n  backends: {gone: {kind: openai, address: 'http://127.0.0.1:9/v1', model: m, retries: 0}}\n  \
         roles: {writer: [gone, rules], judge: [gone]}\n  privacy: summaries\n",
    )
    .unwrap();
    let ended = start(
        folder.path(),
        &[
            "run",
            "study.tsv",
            "--no-packs",
            "--quiet",
            "--config",
            "proteus.yaml",
        ],
    );
    // The judge's chain does not end in rules: what was found is kept, and the run says that it stopped early.
    assert_eq!(ended.code, Some(4), "{}", ended.err);
    let run = folder.path().join(ended.out.trim());
    assert!(run.join("report/index.html").exists());
    let readings = std::fs::read_to_string(run.join("readings.yaml")).unwrap();
    assert!(
        readings.contains("stopped:") && readings.contains("answered_by: rules"),
        "{readings}"
    );
}
