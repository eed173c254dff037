//! Reviewing line by line, over a pipe.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use super::{a_run, journal};
use crate::support::program::{Ended, proteus};

fn answer(run: &Path, more: &[&str], lines: &str) -> Ended {
    let mut child = proteus(run.parent().unwrap())
        .arg("review")
        .arg(run)
        .args(["--terminal", "--as", "anna"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap().into()
}

#[test]
fn answers_are_kept_as_they_come_and_the_end_of_the_input_keeps_a_draft() {
    let (_parent, run) = a_run();
    let lines = "5 holds in every variation\n9\n4\n\nb\n3\n2\n1\na\nworth a blot\n4 half done\n";
    let ended = answer(&run, &[], lines);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("`9` is no answer here"), "{}", ended.out);
    assert!(
        ended
            .err
            .contains("1 reviews kept and a draft, 7 hypotheses left"),
        "{}",
        ended.err
    );
    let entries = journal(&run, "anna");
    assert_eq!(entries.len(), 2);
    let review = &entries[1]["review"];
    assert_eq!(review["axes"]["reliability"]["score"], 5);
    assert_eq!(
        review["axes"]["reliability"]["rationale"],
        "holds in every variation"
    );
    assert_eq!(review["axes"]["coherence"]["score"], 4);
    assert_eq!(
        review["axes"]["alignment"]["score"], 3,
        "answered after going back"
    );
    assert_eq!(review["axes"]["novelty"]["score"], 2);
    assert_eq!(review["axes"]["evaluability"]["score"], 1);
    assert_eq!(review["decision"], "accept");
    assert_eq!(review["comment"], "worth a blot");
    assert_eq!(entries[1]["via"], "terminal");

    let resumed = answer(&run, &[], "\n\n\n\n\n\n\nq\n");
    assert_eq!(resumed.code, Some(0), "{}", resumed.err);
    assert!(
        resumed.out.contains("[4]"),
        "the draft is there: {}",
        resumed.out
    );
    let entries = journal(&run, "anna");
    assert_eq!(entries.len(), 3);
    assert_eq!(
        entries[2]["review"]["axes"]["reliability"]["rationale"],
        "half done"
    );
}

#[test]
fn blinded_review_in_a_terminal_tells_no_grade_but_every_cell() {
    let (_parent, run) = a_run();
    let ended = answer(&run, &["--blinded"], "d\n?\ns\nq\n");
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("row of steps/"), "{}", ended.out);
    for word in ["supported", "suggestive", "exploratory", "ranked"] {
        assert!(!ended.out.contains(word), "tells {word}: {}", ended.out);
    }
    assert_eq!(journal(&run, "anna")[0]["blinded"], true);
    let empty = answer(&run, &[], "");
    assert_eq!(empty.code, Some(0), "{}", empty.err);
    assert_eq!(journal(&run, "anna").len(), 1);
}
