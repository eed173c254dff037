//! `proteus benchmark` and `proteus simulate` as users meet them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support;
use crate::support::program::start;

/// Runs two seeds of the smallest scenario into `out`.
fn benchmark(out: &Path, jobs: &str) -> Value {
    let out = out.display().to_string();
    let ended = start(
        support::root(),
        &[
            "benchmark",
            "--only",
            "null-3v3",
            "--seeds",
            "2",
            "--proteins",
            "300",
            "--decoys",
            "20",
            "--jobs",
            jobs,
            "--quiet",
            "--json",
            "--out",
            &out,
        ],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap_or_else(|e| panic!("{e}: {}", ended.out))
}

#[test]
fn a_benchmark_goes_on_where_it_was_stopped_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let (whole, torn) = (folder.path().join("whole"), folder.path().join("torn"));
    let first = benchmark(&whole, "2");
    let journal = |path: &Path| fs::read_to_string(path.join("journal.jsonl")).unwrap_or_default();
    let complete = journal(&whole);
    assert_eq!(complete.lines().count(), 2, "{complete}");
    // Stopped while the second line was written.
    let cut = complete.find('\n').unwrap_or(0) + 40;
    fs::create_dir_all(&torn).unwrap_or_else(|e| panic!("{e}"));
    fs::write(torn.join("journal.jsonl"), &complete[..cut]).unwrap_or_else(|e| panic!("{e}"));
    let again = benchmark(&torn, "1");
    assert_eq!(journal(&torn), complete);
    assert_eq!(again, first);
    let row = &first["rows"][0];
    assert_eq!(
        (&row["runs"], &row["failed"]),
        (&Value::from(2), &Value::from(0)),
        "{row}"
    );
    assert_eq!(row["any_supported"]["of"], 2);
    // Another number of proteins is another benchmark.
    let other = start(
        support::root(),
        &[
            "benchmark",
            "--only",
            "null-3v3",
            "--seeds",
            "2",
            "--out",
            &whole.display().to_string(),
        ],
    );
    assert_eq!(other.code, Some(2));
    assert!(
        other.err.contains("is taken") && other.err.contains("hint: "),
        "{}",
        other.err
    );
}

#[test]
fn gold_columns_of_discovery_tasks_are_recovered() {
    let ended = start(
        support::root(),
        &[
            "benchmark",
            "--discoverybench",
            "tests/discovery_tasks",
            "--json",
        ],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let summary: Value = serde_json::from_str(&ended.out).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(summary["variables"], serde_json::json!([4, 4]), "{summary}");
    assert_eq!(
        summary["directions"],
        serde_json::json!([2, 2]),
        "{summary}"
    );
    assert_eq!(summary["without_gold"], 1);
}

#[test]
fn a_simulated_folder_is_inspected_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let out = folder.path().join("trial").display().to_string();
    let arguments = [
        "simulate",
        "--out",
        &out,
        "--design",
        "4v5",
        "--plants",
        "protein:4*3,keratin",
        "--proteins",
        "400",
        "--seed",
        "3",
    ];
    let ended = start(support::root(), &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(
        ended.out.contains("protein:4*3") && ended.out.contains("answer_key.yaml"),
        "{}",
        ended.out
    );
    let inspected = start(support::root(), &["inspect", &out]);
    assert_eq!(inspected.code, Some(0), "{}", inspected.err);
    assert!(
        inspected
            .out
            .contains("condition:treated-control (5 v 4 samples)"),
        "{}",
        inspected.out
    );
    let again = start(support::root(), &arguments);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("is taken"), "{}", again.err);
    for (bad, told) in [("6", "no design"), ("1v4", "from 2 to 500")] {
        let refused = start(
            support::root(),
            &["simulate", "--out", "nowhere", "--design", bad],
        );
        assert_eq!(refused.code, Some(2), "{bad}");
        assert!(
            refused.err.contains(told) && refused.err.contains("hint: "),
            "{}",
            refused.err
        );
    }
}
