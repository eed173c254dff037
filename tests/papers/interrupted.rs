//! A search that was interrupted goes on where it stopped, to the same bytes.

use std::fs;
use std::path::Path;

use super::*;

/// Leaves the run as a process leaves it that was killed while papers were looked up, after so many answers.
fn cut(run: &Path, answers: usize) {
    let journal = text(run.join("journal.jsonl"));
    let lines: Vec<&str> = journal.lines().collect();
    let entered = lines
        .iter()
        .position(|line| line.contains("stage_entered") && line.contains("\"papers\""))
        .unwrap();
    let mut torn = lines[..=entered].join("\n");
    torn.push_str("\n{\"seq\":");
    fs::write(run.join("journal.jsonl"), torn).unwrap();
    for file in [
        "hypotheses.yaml",
        "findings.jsonl",
        "calibration.yaml",
        "objectives.yaml",
        "literature.yaml",
    ] {
        fs::remove_file(run.join(file)).unwrap();
    }
    fs::remove_dir_all(run.join("report")).unwrap();
    let mut kept: Vec<PathBuf> = fs::read_dir(run.join("literature"))
        .unwrap()
        .flatten()
        .map(|file| file.path())
        .filter(|path| !path.ends_with("sources.json"))
        .collect();
    kept.sort();
    assert!(kept.len() > answers, "{kept:?}");
    for path in &kept[answers..] {
        fs::remove_file(path).unwrap();
    }
    // And one that was being written.
    fs::write(run.join("literature/0.json.partial"), "{").unwrap();
}

#[test]
fn an_interrupted_search_resumes_to_the_same_bytes() {
    let folder = folder();
    let folder = folder.path();
    let run = ran(folder, "runs", &WITH_STORE);
    let expected = results(&run);
    let resume = || start(folder, &["resume", "--out", "runs", "--quiet"]);
    for answers in [0, 1] {
        cut(&run, answers);
        let away = folder.join("elsewhere.sqlite");
        fs::rename(folder.join("a.sqlite"), &away).unwrap();
        let ended = resume();
        assert_eq!(ended.code, Some(2), "{}", ended.out);
        assert!(ended.err.contains("there is no such file"), "{}", ended.err);
        fs::rename(&away, folder.join("a.sqlite")).unwrap();
        let ended = resume();
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert_eq!(results(&run), expected);
    }
}

#[test]
fn what_was_asked_to_the_end_is_resumed_without_the_store() {
    let folder = folder();
    let folder = folder.path();
    let run = ran(folder, "runs", &WITH_STORE);
    let expected = results(&run);
    let journal = text(run.join("journal.jsonl"));
    let whole: Vec<&str> = journal.lines().collect();
    let finished = whole
        .iter()
        .position(|line| line.contains("stage_finished") && line.contains("\"papers\""))
        .unwrap();
    fs::write(
        run.join("journal.jsonl"),
        whole[..=finished].join("\n") + "\n",
    )
    .unwrap();
    fs::remove_file(run.join("hypotheses.yaml")).unwrap();
    fs::remove_file(folder.join("a.sqlite")).unwrap();
    let ended = start(folder, &["resume", "--out", "runs", "--quiet"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(results(&run), expected);
}
