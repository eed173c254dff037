//! Sheets out and in, preference pairs, and how far reviewers agree.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{a_run, journal, without_reviews};
use crate::support::program::{Ended, start};

/// `proteus review RUN …`
fn review(run: &Path, more: &[&str]) -> Ended {
    let run_text = run.display().to_string();
    let mut arguments = vec!["review", &run_text];
    arguments.extend(more);
    start(run.parent().unwrap(), &arguments)
}

/// Imports a sheet of these lines.
fn import(run: &Path, lines: &[&str]) -> Ended {
    let path = run.parent().unwrap().join("sheet.csv");
    std::fs::write(&path, lines.join("\n")).unwrap();
    review(run, &["--import", &path.display().to_string()])
}

fn exported(run: &Path, more: &[&str]) -> String {
    let mut arguments = vec!["--export", "-"];
    arguments.extend(more);
    let ended = review(run, &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    ended.out
}

fn json(run: &Path) -> Value {
    let ended = review(run, &["--agreement", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap()
}

#[test]
fn what_is_exported_can_be_imported_elsewhere_and_comes_back_the_same() {
    let (_parent, run) = a_run();
    let before = without_reviews(&run);
    let done = import(
        &run,
        &[
            "\u{feff}hypothesis;reviewer;reliability;reliability_rationale;decision;flag;comment",
            "H51ab0000;Änna;5;\"'=1+1\";accept;yes;\"two\nlines; and \"\"quotes\"\"\"",
            "H51ab0001;Änna;2;'typed by hand;;;",
            "H51ab0002;=bert;;;reject;no;",
            "H51ab0003;Änna;;;;;",
        ],
    );
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert_eq!(
        done.out.trim_end(),
        "3 reviews imported, 0 rows said what stood already, 1 rows were not filled in"
    );
    let sheet = exported(&run, &[]);
    assert!(sheet.starts_with("\u{feff}hypothesis,reviewer,reliability,"));
    assert!(
        sheet.contains("'=1+1") && sheet.contains("'=bert"),
        "{sheet}"
    );
    assert!(
        !sheet.contains(",=") && !sheet.contains("supported"),
        "{sheet}"
    );

    let (_other_parent, other) = a_run();
    let path = other.parent().unwrap().join("in.csv");
    std::fs::write(&path, &sheet).unwrap();
    let path = path.display().to_string();
    let again = review(&other, &["--import", &path]);
    assert_eq!(again.code, Some(0), "{}", again.err);
    let says = |run: &Path| -> Vec<Vec<Value>> {
        let files = std::fs::read_dir(run.join("reviews")).unwrap().flatten();
        let mut journals: Vec<PathBuf> = files
            .map(|f| f.path())
            .filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
            .collect();
        journals.sort();
        journals
            .iter()
            .map(|p| journal(run, &p.file_stem().unwrap().to_string_lossy()))
            .map(|entries| entries.iter().map(|e| e["review"].clone()).collect())
            .collect()
    };
    assert_eq!(says(&other), says(&run));
    let repeated = review(&other, &["--import", &path]);
    assert!(
        repeated.out.starts_with("0 reviews imported, 3 rows"),
        "{}",
        repeated.out
    );
    assert_eq!(
        without_reviews(&run),
        before,
        "nothing but reviews was written"
    );
}

#[test]
fn a_sheet_to_fill_in_has_every_hypothesis_and_no_grade() {
    let (_parent, run) = a_run();
    let sheet = exported(&run, &["--as", "anna"]);
    assert_eq!(sheet.matches("H51ab").count(), 8, "{sheet}");
    assert!(
        !run.join("reviews").join("anna.jsonl").exists(),
        "looking is not entering"
    );
    let filled = sheet.replacen("H51ab0003,anna,", "H51ab0003,anna,4", 1);
    let path = run.parent().unwrap().join("filled.csv");
    std::fs::write(&path, filled).unwrap();
    let done = review(&run, &["--import", &path.display().to_string()]);
    assert!(
        done.out
            .starts_with("1 reviews imported, 0 rows said what stood already, 7"),
        "{}",
        done.out
    );
    assert_eq!(
        journal(&run, "anna")[1]["review"]["axes"]["reliability"]["score"],
        4
    );
}

#[test]
fn one_wrong_row_and_nothing_is_imported() {
    let (_parent, run) = a_run();
    let wrong = import(
        &run,
        &[
            "hypothesis,reviewer,novelty,decision,flag",
            "H51ab0000,anna,4,accept,",
            "H51ab0009,anna,4,,",
            "H51ab0001,anna,7,maybe,perhaps",
            "H51ab0002,a\u{202e}b,3,,",
            "H51ab0000,anna,2,,",
            "H51ab0003,anna,2,,,,",
        ],
    );
    assert_eq!(wrong.code, Some(2));
    for told in [
        "nothing was imported",
        "row 3, column `hypothesis`: the run has no hypothesis `H51ab0009`; is `H51ab000",
        "row 4, column `novelty`: `7` is no score",
        "row 4, column `decision`: `maybe` is no decision",
        "row 4, column `flag`: `perhaps`",
        "row 5, column `reviewer`",
        "row 6, column `hypothesis`: `H51ab0000` was reviewed by anna in row 2 already",
        "row 7: 7 cells under 5 columns",
    ] {
        assert!(wrong.err.contains(told), "no `{told}` in\n{}", wrong.err);
    }
    assert!(!run.join("reviews").join("anna.jsonl").exists());

    for (lines, told) in [
        (
            &["hypothesis,novlty", "H51ab0000,3"][..],
            "is `novelty` meant?",
        ),
        (
            &["hypothesis,novelty", "H51ab0000,3"],
            "column `reviewer` is missing",
        ),
        (
            &["novelty,reviewer", "3,anna"],
            "column `hypothesis` is missing",
        ),
        (&[""], "it is empty"),
    ] {
        let ended = import(&run, lines);
        assert_eq!(ended.code, Some(2), "{}", ended.out);
        assert!(ended.err.contains(told), "no `{told}` in {}", ended.err);
    }
    let path = run.parent().unwrap().join("latin.csv");
    std::fs::write(
        &path,
        b"hypothesis,reviewer,novelty\nH51ab0000,J\xfcrgen,3\n",
    )
    .unwrap();
    let ended = review(&run, &["--import", &path.display().to_string()]);
    assert!(
        ended.err.contains("line 2") && ended.err.contains("CSV UTF-8"),
        "{}",
        ended.err
    );
    let missing = review(&run, &["--import", "no-such.csv"]);
    assert_eq!(missing.code, Some(2));
}

#[test]
fn agreement_is_a_number_or_the_reason_why_there_is_none() {
    let (_parent, run) = a_run();
    let nobody = json(&run);
    assert_eq!(nobody["reviewers"].as_array().map(Vec::len), Some(0));
    let axis = &nobody["axes"][0];
    for measure in ["mean_kappa", "alpha_ordinal", "icc_single", "engine"] {
        assert!(axis[measure]["value"].is_null());
        assert!(axis[measure]["undefined"].is_string(), "{measure}");
    }
    import(
        &run,
        &[
            "hypothesis,reviewer,reliability,novelty",
            "H51ab0000,anna,5,3",
            "H51ab0001,anna,4,3",
            "H51ab0002,anna,4,3",
            "H51ab0003,anna,2,3",
            "H51ab0004,anna,1,3",
        ],
    );
    let alone = json(&run);
    let why = alone["axes"][0]["alpha_ordinal"]["undefined"]
        .as_str()
        .unwrap();
    assert!(why.contains("1 reviewer scored it"), "{why}");
    assert!(alone["axes"][0]["engine"]["value"].as_f64().unwrap() > 0.8);
    import(
        &run,
        &[
            "hypothesis,reviewer,reliability,novelty",
            "H51ab0000,bert,5,3",
            "H51ab0001,bert,5,3",
            "H51ab0002,bert,3,3",
            "H51ab0003,bert,2,3",
            "H51ab0004,bert,4,3",
        ],
    );
    let both = json(&run);
    let axis = &both["axes"][0];
    // Kappa by hand: mean squared difference 11/5; over all pairs 79/25 + … = 3.88.
    let kappa = axis["kappa"][0]["kappa"]["value"].as_f64().unwrap();
    assert!((kappa - (1.0 - 2.2 / 3.88)).abs() < 1e-12, "{kappa}");
    assert!(axis["icc_single"]["interval"].is_array());
    let constant = &both["axes"][3];
    assert_eq!(constant["axis"], "novelty");
    for measure in ["mean_kappa", "alpha_interval", "icc_average"] {
        let why = constant[measure]["undefined"].as_str().unwrap();
        assert!(why.contains("all ratings are the same"), "{measure}: {why}");
    }
    assert_eq!(both["gaps"][0]["hypothesis"], "H51ab0004");
    assert_eq!(both["gaps"][0]["highest"], serde_json::json!(["bert", 4]));
    assert_eq!(both["ranking"][0]["hypothesis"], "H51ab0000");
    let text = review(&run, &["--agreement"]);
    assert_eq!(text.code, Some(0));
    assert!(
        text.out.contains("reliability") && text.out.contains("all ratings are the same"),
        "{}",
        text.out
    );
}

#[test]
fn preference_pairs_come_from_scores_decisions_and_edits() {
    let (_parent, run) = a_run();
    import(
        &run,
        &[
            "hypothesis,reviewer,reliability,novelty,decision,proposed_statement",
            "H51ab0000,anna,5,,,",
            "H51ab0001,anna,3,5,,Better words.",
            "H51ab0002,anna,,,accept,",
            "H51ab0003,anna,,,reject,",
            "H51ab0000,bert,4,,,",
            "H51ab0001,bert,4,,,",
        ],
    );
    let ended = review(&run, &["--preferences", "-"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let pairs: Vec<Value> = ended
        .out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let reasons: Vec<&str> = pairs
        .iter()
        .map(|p| p["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        reasons,
        ["scores", "decision", "edit"],
        "ties and pairs without a common axis give none"
    );
    assert_eq!(pairs[0]["chosen_id"], "H51ab0000");
    assert_eq!(pairs[0]["margin"], 2.0);
    assert_eq!(pairs[1]["rejected_id"], "H51ab0003");
    assert_eq!(pairs[2]["chosen"], "Better words.");
    for pair in &pairs {
        for column in ["prompt", "chosen", "rejected"] {
            let text = pair[column].as_str().unwrap();
            assert!(
                !text.is_empty() && !text.contains("supported") && !text.contains("anna"),
                "{text}"
            );
        }
        assert_ne!(pair["chosen"], pair["rejected"]);
    }
}

#[test]
fn ways_that_exclude_each_other_are_refused() {
    let (_parent, run) = a_run();
    for more in [
        &["--terminal"][..],
        &["--agreement", "--export", "x.csv"],
        &["--json"],
        &["--as", "anna"],
        &["--export", "-", "--as", "\u{202e}"],
        &["--port", "99999"],
    ] {
        let ended = review(&run, more);
        assert_eq!(ended.code, Some(2), "{more:?}: {}", ended.out);
    }
}
