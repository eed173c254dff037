//! The run store as its users meet it: made, written, killed, resumed, refused.
#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::fs;
use std::path::Path;

use proteus::discovery::{
    Entity, EntityKind, Estimate, Evidence, Finding, FindingId, ObjectiveId, PValue, QValue,
    Relation, SampleCounts,
};
use proteus::run::{
    Event, LedgerEntry, NewRun, Purpose, RunError, RunStatus, RunStore, RunView, ledger, list_runs,
    newest_run,
};
use serde_json::json;

fn new_run(dataset: &str) -> NewRun {
    NewRun {
        kind: proteus::run::RunKind::Discovery,
        dataset: dataset.to_owned(),
        content_hash: "00ff".to_owned(),
        inputs: Vec::new(),
        config: json!({"seed": 1, "decoys": {"first": 20}}),
        seed: 1,
        versions: vec![("go".to_owned(), "2026-10".to_owned())],
    }
}

fn finding(effect: f64) -> Finding {
    Finding {
        id: FindingId("s.differential/differential/P1".to_owned()),
        objective: ObjectiveId("condition:B-A".to_owned()),
        subject: Entity::new(EntityKind::Protein, "P1", "GENE1"),
        relation: Relation::HigherIn,
        object: Entity::new(EntityKind::SampleGroup, "condition:B-A", "B"),
        effect: Estimate {
            value: effect,
            low: None,
            high: Some(0.1 + 0.2),
            level: 0.95,
            unit: "log2 fold change".to_owned(),
        },
        statistic: 1.0 / 3.0,
        p: PValue::try_from(1.234_567_890_123_456_7e-17).unwrap(),
        q: QValue::try_from(0.049).unwrap(),
        n: SampleCounts::default(),
        family_size: 10,
        evidence: Evidence {
            step: "s.differential".to_owned(),
            tool: "differential_abundance".to_owned(),
            table: "differential".to_owned(),
            key_column: "feature".to_owned(),
            key: "P1".to_owned(),
        },
    }
}

fn entry(tests: usize) -> LedgerEntry {
    LedgerEntry {
        objective: ObjectiveId("condition:B-A".to_owned()),
        step: "s.differential".to_owned(),
        table: "differential".to_owned(),
        round: 0,
        purpose: Purpose::Discovery,
        repeats: 1,
        tests,
    }
}

#[test]
fn names_are_readable_and_never_reused() {
    let parent = tempfile::tempdir().unwrap();
    let first = RunStore::create(parent.path(), new_run("Ubi length (1)")).unwrap();
    let second = RunStore::create(parent.path(), new_run("Ubi length (1)")).unwrap();
    assert!(first.id().starts_with("ubi-length-1-"), "{}", first.id());
    assert_eq!(first.id().len(), "ubi-length-1-".len() + 8);
    assert_eq!(second.id(), format!("{}-2", first.id()));
    let mut other = new_run("Ubi length (1)");
    other.config = json!({"decoys": {"first": 21}, "seed": 1});
    assert_ne!(other.base_id(), first.id());
    let mut same = new_run("Ubi length (1)");
    same.config = json!({"decoys": {"first": 20}, "seed": 1});
    assert_eq!(same.base_id(), first.id());
    assert_eq!(list_runs(parent.path()).unwrap().len(), 2);
    assert_eq!(newest_run(parent.path()).unwrap().id(), second.id());
}

#[test]
fn what_is_written_comes_back_bit_for_bit() {
    let parent = tempfile::tempdir().unwrap();
    let store = RunStore::create(parent.path(), new_run("d")).unwrap();
    let findings = [finding(0.1 + 0.7), finding(f64::NAN)];
    store.write_findings(&findings).unwrap();
    let back = store.findings().unwrap();
    assert_eq!(back[0], findings[0]);
    assert!(back[1].effect.value.is_nan());
    store.append_ledger(&[entry(10), entry(12)]).unwrap();
    store.append_ledger(&[entry(12)]).unwrap();
    assert_eq!(
        ledger::tests_run(&store.ledger().unwrap(), Purpose::Discovery),
        22
    );
    store.write_plan("d", &json!({"steps": []})).unwrap();
    assert_eq!(store.plans().unwrap(), ["d"]);
    assert_eq!(store.hypotheses().unwrap(), []);
    assert_eq!(store.audit().unwrap(), None);
    for outside in ["../x.yaml", "a//b", "/x", ".hidden", ""] {
        assert!(store.write_yaml(outside, &1).is_err(), "{outside}");
        assert!(store.step_folder(outside).is_err(), "{outside}");
    }
}

#[test]
fn only_a_journal_that_ends_in_run_finished_makes_a_run_whole() {
    let parent = tempfile::tempdir().unwrap();
    let store = RunStore::create(parent.path(), new_run("d")).unwrap();
    assert_eq!(
        store.status().unwrap(),
        RunStatus::Unfinished { stage: None }
    );
    let stage = "describe".to_owned();
    store
        .append(Event::StageEntered {
            stage: stage.clone(),
        })
        .unwrap();
    store.write_hypotheses(&[]).unwrap();
    assert_eq!(
        store.status().unwrap(),
        RunStatus::Unfinished { stage: Some(stage) }
    );
    store.append(Event::RunFinished { hypotheses: 0 }).unwrap();
    let file = "report/report.html".to_owned();
    store.append(Event::ReportWritten { file }).unwrap();
    assert_eq!(
        store.status().unwrap(),
        RunStatus::Finished { hypotheses: 0 }
    );
}

#[test]
fn a_killed_run_is_taken_up_where_its_journal_is_whole() {
    let parent = tempfile::tempdir().unwrap();
    let store = RunStore::create(parent.path(), new_run("d")).unwrap();
    let stage = "audit".to_owned();
    store.append(Event::StageEntered { stage }).unwrap();
    store.append_ledger(&[entry(10)]).unwrap();
    let root = store.root().to_path_buf();

    let busy = RunStore::resume(&root).unwrap_err();
    assert!(matches!(busy, RunError::Locked { .. }), "{busy}");
    assert!(busy.to_string().contains(&std::process::id().to_string()));
    assert!(RunView::open(&root).is_ok(), "reading needs no lock");
    drop(store);

    for file in ["journal.jsonl", "ledger.jsonl"] {
        let path = root.join(file);
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(b"{\"seq\":2,\"event\":\"stage_fin");
        fs::write(&path, bytes).unwrap();
    }
    fs::create_dir_all(root.join("steps/.s.differential.1-2.part")).unwrap();
    fs::write(root.join(".findings.jsonl.1-3.part"), "{").unwrap();
    let store = RunStore::resume(&root).unwrap();
    assert!(!root.join("steps/.s.differential.1-2.part").exists());
    assert!(!root.join(".findings.jsonl.1-3.part").exists());
    let journal = store.journal().unwrap();
    assert_eq!(journal.len(), 3);
    assert_eq!(journal[2].event, Event::RunResumed { entries: 2 });
    assert!(journal.iter().zip(0..).all(|(entry, seq)| entry.seq == seq));
    store.append_ledger(&[entry(10)]).unwrap();
    assert_eq!(store.ledger().unwrap(), [entry(10)]);
}

#[test]
fn what_is_no_run_or_of_another_version_is_refused_with_a_hint() {
    let parent = tempfile::tempdir().unwrap();
    let absent = RunView::open(&parent.path().join("absent")).unwrap_err();
    assert!(matches!(absent, RunError::NotARun { .. }), "{absent}");
    assert!(absent.to_string().contains("hint:"), "{absent}");
    assert!(matches!(
        newest_run(parent.path()),
        Err(RunError::NoRuns { .. })
    ));
    for (name, content) in [("newer", "format: 2\nid: x\n"), ("none", "id: x\n")] {
        let root = parent.path().join(name);
        fs::create_dir(&root).unwrap();
        fs::write(root.join("run.yaml"), content).unwrap();
        let error = RunStore::resume(&root).unwrap_err();
        assert!(matches!(error, RunError::Format { .. }), "{error}");
        assert!(error.to_string().contains("hint:"), "{error}");
    }
    let torn = parent.path().join("torn");
    fs::create_dir(&torn).unwrap();
    fs::write(torn.join("run.yaml"), "format: 1\nid: [").unwrap();
    assert!(matches!(
        RunView::open(&torn),
        Err(RunError::Damaged { .. })
    ));
    assert!(list_runs(parent.path()).unwrap().is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_leaves_no_run() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = RunStore::create(&file, new_run("d")).unwrap_err();
    assert!(matches!(error, RunError::NotWritable { .. }), "{error}");
    assert!(error.to_string().contains("hint:"), "{error}");
    if let Some(locked) = read_only_folder(parent.path()) {
        let error = RunStore::create(&locked, new_run("d")).unwrap_err();
        assert!(matches!(error, RunError::NotWritable { .. }), "{error}");
        assert!(list_runs(&locked).unwrap().is_empty());
    }
}

/// A folder that refuses new entries; none for a user whom permissions do not bind.
fn read_only_folder(parent: &Path) -> Option<std::path::PathBuf> {
    let folder = parent.join("read-only");
    fs::create_dir(&folder).unwrap();
    let mut permissions = fs::metadata(&folder).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&folder, permissions).unwrap();
    fs::write(folder.join("probe"), "x")
        .is_err()
        .then_some(folder)
}

#[test]
fn a_gap_in_the_journal_is_told() {
    let parent = tempfile::tempdir().unwrap();
    let store = RunStore::create(parent.path(), new_run("d")).unwrap();
    store.append(Event::RunFinished { hypotheses: 0 }).unwrap();
    let path = store.path("journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"seq\":1", "\"seq\":7")).unwrap();
    let error = store.journal().unwrap_err();
    assert!(matches!(error, RunError::Damaged { .. }), "{error}");
}
