//! What cannot work is refused before anything is computed.

use std::fs;

use super::*;

/// Bytes from this place on are pages of the tables.
const TABLES: usize = 4096;

#[test]
fn stores_that_are_none_blind_runs_and_contradictions_are_refused_and_leave_nothing_behind() {
    let folder = folder();
    let folder = folder.path();
    let mut bytes = fs::read(folder.join("a.sqlite")).unwrap();
    assert!(bytes.len() > 2 * TABLES);
    for byte in &mut bytes[TABLES..] {
        *byte ^= 0xA5;
    }
    fs::write(folder.join("damaged.sqlite"), bytes).unwrap();
    fs::write(folder.join("none.yaml"), "literature: {about: [kidney]}\n").unwrap();
    fs::write(
        folder.join("many.yaml"),
        "literature: {store: a.sqlite, papers: 1000}\n",
    )
    .unwrap();
    fs::write(folder.join("typo.yaml"), "literature: {stor: a.sqlite}\n").unwrap();
    let mut cases: Vec<(Vec<&str>, &str)> = vec![
        (
            vec!["--literature", "missing.sqlite"],
            "there is no such file",
        ),
        (vec!["--literature", "study.tsv"], "it is no database"),
        (vec!["--literature", "damaged.sqlite"], "it is damaged"),
        (
            vec!["--literature", "a.sqlite", "--blind"],
            "papers cannot be looked up for a blind run",
        ),
        (
            vec!["--literature-about", "kidney"],
            "`--literature-about` is given and nobody to ask",
        ),
        (
            vec!["--literature", "a.sqlite", "--literature-about", "tumors"],
            "`tumors` does not say what was studied",
        ),
        (
            vec!["--config", "none.yaml"],
            "`literature` names nobody to ask",
        ),
        (
            vec!["--config", "many.yaml"],
            "1000 papers of 20 hypotheses",
        ),
        (vec!["--config", "typo.yaml"], "unknown field `stor`"),
    ];
    if cfg!(feature = "remote") {
        cases.push((
            vec!["--literature-online", "--offline"],
            "cannot be used with '--offline'",
        ));
        cases.push((
            vec!["--literature-online", "--blind"],
            "papers cannot be looked up for a blind run",
        ));
    }
    for (arguments, told) in cases {
        let ended = run(folder, "runs", &arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(told), "{arguments:?}: {}", ended.err);
        assert!(
            !folder.join("runs").exists(),
            "{arguments:?} left something behind"
        );
    }
}

#[test]
fn offline_goes_before_a_configuration_that_asks_the_service() {
    let folder = folder();
    let folder = folder.path();
    // Nobody answers there; a request would be noted in the record.
    fs::write(
        folder.join("online.yaml"),
        "literature: {online: true, address: \"http://127.0.0.1:9\", about: [kidney]}\n",
    )
    .unwrap();
    let run = ran(folder, "runs", &["--config", "online.yaml", "--offline"]);
    assert!(!run.join("literature").exists() && !run.join("literature.yaml").exists());
    let report = json(&text(run.join("report/report.json")));
    assert_eq!(report["papers"], Value::Null);
}

#[test]
fn a_plan_asks_nobody() {
    let folder = folder();
    let folder = folder.path();
    fs::write(
        folder.join("c.yaml"),
        "literature: {store: missing.sqlite}\n",
    )
    .unwrap();
    let ended = run(folder, "runs", &["--config", "c.yaml", "--dry-run"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
}
