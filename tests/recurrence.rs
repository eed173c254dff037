//! `proteus recurrence`: several runs on one input, and which hypotheses come back.

#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::path::Path;

use crate::cli::json;
use crate::support::program::{Ended, folder_with, only_run, run_folders, start, table};

const SIX: [&str; 6] = ["c1", "c2", "c3", "t1", "t2", "t3"];

/// A run of a small table in `folder`, into `out`.
fn small_run(folder: &Path, table: &str, out: &str, more: &[&str]) -> Ended {
    let mut arguments = vec![
        "run",
        table,
        "--quiet",
        "--decoys",
        "40",
        "--no-packs",
        "--out",
        out,
    ];
    arguments.extend(more);
    let ended = start(folder, &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    ended
}

#[test]
fn repeats_with_other_seeds_are_made_once_and_set_side_by_side() {
    let text = table(&SIX, 300);
    let folder = folder_with(&[("t.tsv", text.as_bytes())]);
    small_run(folder.path(), "t.tsv", "runs", &[]);
    let first = only_run(&folder.path().join("runs"));
    let arguments = [
        "recurrence",
        "--seeds",
        "2",
        "--json",
        "--quiet",
        "--out",
        "runs",
    ];
    let ended = start(folder.path(), &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let found = json(&ended.out);
    let runs = found["runs"].as_array().unwrap();
    let seeds: Vec<u64> = runs.iter().filter_map(|r| r["seed"].as_u64()).collect();
    assert_eq!(seeds, [1, 2, 3]);
    assert_eq!(run_folders(&folder.path().join("runs")).len(), 3);

    // Every count is that of the runs' own records.
    for hypothesis in found["hypotheses"].as_array().unwrap() {
        let by_run = hypothesis["by_run"].as_array().unwrap();
        let listed = by_run.iter().filter(|s| !s.is_null()).count();
        let supported = by_run.iter().filter(|s| s["grade"] == "supported").count();
        assert_eq!(hypothesis["listed"], listed);
        assert_eq!(hypothesis["supported"], supported);
    }
    let own = proteus::run::RunView::open(&first)
        .unwrap()
        .hypotheses()
        .unwrap();
    let best = &found["hypotheses"][0];
    assert_eq!(
        best["supported"], 3,
        "a tenth of all proteins changes sixteenfold: {found}"
    );
    assert!(
        own.iter()
            .any(|h| h.statement == best["statement"].as_str().unwrap())
    );

    // Named again, beside the repeats that are there: nothing is made twice.
    let again = start(
        folder.path(),
        &[
            "recurrence",
            first.to_str().unwrap(),
            "--seeds",
            "2",
            "--json",
            "--out",
            "runs",
        ],
    );
    assert_eq!(again.out, ended.out, "{}", again.err);
    assert_eq!(run_folders(&folder.path().join("runs")).len(), 3);
    let told = start(
        folder.path(),
        &[
            "recurrence",
            "--seeds",
            "1",
            "--out",
            "runs",
            first.to_str().unwrap(),
        ],
    );
    assert!(
        told.out.contains("2 of 2") && told.out.contains("no replication"),
        "{}",
        told.out
    );
}

#[test]
fn runs_that_cannot_be_set_side_by_side_are_refused() {
    let (text, other) = (table(&SIX, 60), table(&SIX, 61));
    let folder = folder_with(&[("t.tsv", text.as_bytes()), ("other.tsv", other.as_bytes())]);
    small_run(folder.path(), "t.tsv", "a", &[]);
    small_run(folder.path(), "other.tsv", "b", &[]);
    small_run(folder.path(), "t.tsv", "c", &["--blind"]);
    let path = |out: &str| only_run(&folder.path().join(out)).display().to_string();
    let (a, b, blind) = (path("a"), path("b"), path("c"));
    for (arguments, words) in [
        (vec!["recurrence", &a], "`--seeds N`"),
        (vec!["recurrence", &a, &a], "named twice"),
        (vec!["recurrence", &a, &b], "same input"),
        (vec!["recurrence", &a, &blind], "hides names"),
        (vec!["recurrence", &blind, "--seeds", "1"], "hides names"),
    ] {
        let ended = start(folder.path(), &arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.out);
        assert!(
            ended.err.contains(words) && ended.err.contains("\nhint: "),
            "{}",
            ended.err
        );
    }
    assert_eq!(
        run_folders(&folder.path().join("c")).len(),
        1,
        "nothing was started"
    );
}
