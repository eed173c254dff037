//! Plans run in parallel, through the cache, and leave their steps behind.
#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use proteus::run::{Event, NewRun, RunStore};
use proteus::tool::{ToolError, frame};
use proteus::workflow::keys::step_keys;
use proteus::workflow::{Executor, Identity, Plan, Progress, StepOutcome, StepState};

use super::fixture::{STEPS, catalog, dataset, packs, plan};

fn executor() -> Executor {
    Executor::new(catalog(), Arc::new(dataset()), packs(), 1)
}

fn store(parent: &Path) -> Arc<RunStore> {
    let run = NewRun {
        kind: proteus::run::RunKind::Discovery,
        dataset: "toy".to_owned(),
        content_hash: String::new(),
        inputs: Vec::new(),
        config: serde_json::json!({}),
        seed: 1,
        versions: Vec::new(),
    };
    Arc::new(RunStore::create(parent, run).unwrap())
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn step(&self, step: &str, _: &str, state: StepState<'_>) {
        let word = match state {
            StepState::Queued => "queued",
            StepState::Started => "started",
            StepState::Finished => "finished",
            StepState::Cached => "cached",
            StepState::Failed(_) => "failed",
            StepState::Skipped => "skipped",
        };
        self.0.lock().unwrap().push(format!("{step} {word}"));
    }
}

#[tokio::test]
async fn a_plan_gives_what_its_tools_give() {
    let execution = executor().execute(&plan(STEPS)).await.unwrap();
    assert!(execution.failures().is_empty());
    let output = execution.output("difference").unwrap();
    let table = output.artifacts["difference"].clone();
    let proteus::tool::Artifact::Table(table) = table else {
        panic!("not a table");
    };
    let differences = frame::numbers(&table, "logFC").unwrap();
    // By hand: the mean of the six values per sample moves with feature 0 and with the gap of feature 3.
    assert!((differences[0] - differences[1] - 1.0).abs() < 1e-12);
    assert!((differences[1] - differences[2]).abs() < 1e-12);
}

#[tokio::test]
async fn a_second_run_takes_everything_from_the_cache() {
    let parent = tempfile::tempdir().unwrap();
    let plan = plan(STEPS);
    let first = store(parent.path());
    let made = executor()
        .with_store(Arc::clone(&first))
        .execute(&plan)
        .await
        .unwrap();
    let second = store(parent.path());
    let heard = Arc::new(Heard::default());
    let found = executor()
        .with_store(Arc::clone(&second))
        .with_progress(heard.clone())
        .execute(&plan)
        .await
        .unwrap();
    for (id, outcome) in &found.outcomes {
        assert!(
            matches!(outcome, StepOutcome::Done { cached: true, .. }),
            "{id}"
        );
        assert_eq!(
            format!("{:?}", made.output(id).unwrap()),
            format!("{:?}", found.output(id).unwrap())
        );
        let folder = format!("condition-b-a.{id}");
        let (a, b) = (first.step(&folder).unwrap(), second.step(&folder).unwrap());
        assert_eq!(a, b);
        for name in a.outputs.values().flat_map(|o| o.files.keys()) {
            let read = |s: &RunStore| fs::read(s.step_folder(&folder).unwrap().join(name)).unwrap();
            assert_eq!(read(&first), read(&second));
        }
    }
    assert_eq!(first.steps().unwrap().len(), 3);
    assert!(
        heard
            .0
            .lock()
            .unwrap()
            .contains(&"condition-b-a.above cached".to_owned())
    );
    let events = second.journal().unwrap();
    let cached = |e: &&proteus::run::JournalEntry| matches!(e.event, Event::StepCached { .. });
    assert_eq!(events.iter().filter(cached).count(), 3);
    let record = second.step("condition-b-a.difference").unwrap();
    assert_eq!(record.inputs["matrix"].from, "condition-b-a.centred.matrix");
    let tsv = second.path("steps/condition-b-a.difference/difference.tsv");
    assert!(
        fs::read_to_string(tsv)
            .unwrap()
            .starts_with("feature\tgene\tlogFC\nP0\tG0\t")
    );
}

#[tokio::test]
async fn a_corrupted_entry_is_computed_again() {
    let parent = tempfile::tempdir().unwrap();
    let plan = plan(STEPS);
    let first = store(parent.path());
    let made = executor().with_store(first).execute(&plan).await.unwrap();
    let cache = parent.path().join("cache");
    let entries = fs::read_dir(&cache).unwrap();
    for entry in entries.flat_map(|shard| fs::read_dir(shard.unwrap().path()).unwrap()) {
        let table = entry.unwrap().path().join("difference.parquet");
        if table.exists() {
            fs::write(table, "torn").unwrap();
        }
    }
    let second = store(parent.path());
    let found = executor().with_store(second).execute(&plan).await.unwrap();
    let cached: Vec<bool> = found
        .outcomes
        .values()
        .map(|o| matches!(o, StepOutcome::Done { cached: true, .. }))
        .collect();
    assert_eq!(cached, [true, false, true]);
    assert_eq!(
        format!("{:?}", made.output("difference").unwrap()),
        format!("{:?}", found.output("difference").unwrap())
    );
}

#[tokio::test]
async fn a_complaint_stops_only_what_needs_the_output() {
    let steps = r#"
- {id: bad, tool: fault, inputs: {matrix: dataset}}
- {id: worse, tool: fault, inputs: {matrix: dataset}, params: {panic: true}}
- {id: after, tool: centre, inputs: {matrix: bad.matrix}}
- {id: later, tool: centre, inputs: {matrix: after.matrix}}
- {id: good, tool: centre, inputs: {matrix: dataset}}
"#;
    let parent = tempfile::tempdir().unwrap();
    let store = store(parent.path());
    let heard = Arc::new(Heard::default());
    let execution = executor()
        .with_store(Arc::clone(&store))
        .with_progress(heard.clone())
        .execute(&plan(steps))
        .await
        .unwrap();
    let failures = execution.failures();
    assert_eq!(failures.len(), 2);
    assert!(matches!(
        failures[0],
        ("bad", ToolError::TooFewObservations { needed: 100, .. })
    ));
    let (_, ToolError::Internal { reason }) = failures[1] else {
        panic!("{:?}", failures[1]);
    };
    assert_eq!(reason, "`fault` panicked: as asked");
    assert!(
        matches!(&execution.outcomes["after"], StepOutcome::Skipped { because } if because == "bad")
    );
    assert!(
        matches!(&execution.outcomes["later"], StepOutcome::Skipped { because } if because == "after")
    );
    assert!(execution.output("good").is_some());
    assert_eq!(store.steps().unwrap(), ["condition-b-a.good"]);
    let heard: BTreeSet<String> = heard.0.lock().unwrap().iter().cloned().collect();
    for line in [
        "bad failed",
        "after skipped",
        "later skipped",
        "good finished",
        "good queued",
    ] {
        assert!(heard.contains(&format!("condition-b-a.{line}")), "{line}");
    }
}

#[test]
fn keys_change_with_all_they_depend_on_and_with_nothing_else() {
    let data = dataset();
    let identity = Identity::of(&data, "packs", 1);
    let keys = |plan: &Plan, identity: &Identity| step_keys(plan, identity);
    let base = keys(&plan(STEPS), &identity);
    let distinct: BTreeSet<&String> = base.values().collect();
    assert_eq!(distinct.len(), 3);

    let mut renamed = plan(STEPS).as_ref().clone();
    renamed.scope = "other".to_owned();
    renamed.steps[0].why = "another reason".to_owned();
    assert_eq!(keys(&renamed, &identity), base);

    let changed = plan(&STEPS.replace(
        "matrix: dataset}",
        "matrix: dataset}, params: {offset: 1.0}",
    ));
    assert!(
        keys(&changed, &identity)
            .iter()
            .all(|(id, key)| base[id] != *key)
    );
    let last = plan(&STEPS.replace(
        "difference.difference}",
        "difference.difference}, params: {offset: 1}",
    ));
    let last = keys(&last, &identity);
    assert_eq!(
        (&last["centred"], &last["difference"]),
        (&base["centred"], &base["difference"])
    );
    assert_ne!(last["above"], base["above"]);

    let mut moved = data.clone();
    if let Some(assay) = moved.assays.values_mut().next() {
        assay.values.set(0, 0, 1.0);
    }
    let mut relabelled = data.clone();
    relabelled.samples.ids.swap(0, 1);
    for other in [
        Identity::of(&moved, "packs", 1),
        Identity::of(&relabelled, "packs", 1),
        Identity::of(&data, "newer packs", 1),
        Identity::of(&data, "packs", 2),
    ] {
        assert_ne!(keys(&plan(STEPS), &other)["centred"], base["centred"]);
    }
}

#[tokio::test]
async fn an_optional_input_is_done_without_when_its_optional_step_gives_nothing() {
    let steps = r#"
- {id: bad, tool: fault, inputs: {matrix: dataset}, optional: true}
- {id: difference, tool: difference, inputs: {matrix: dataset, weights: bad.matrix}, params: {contrast: "condition:B-A"}}
"#;
    let execution = executor().execute(&plan(steps)).await.unwrap();
    assert!(execution.output("difference").is_some());
    let strict = steps.replace(", optional: true", "");
    let execution = executor().execute(&plan(&strict)).await.unwrap();
    assert!(matches!(
        &execution.outcomes["difference"],
        StepOutcome::Skipped { because } if because == "bad"
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn plans_with_steps_in_common_run_side_by_side() {
    let parent = tempfile::tempdir().unwrap();
    let store = store(parent.path());
    let executor = executor().with_store(Arc::clone(&store));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12 {
        let mut plan = plan(STEPS).as_ref().clone();
        plan.scope = format!("scope-{number}");
        let executor = executor.clone();
        tasks.spawn(async move { executor.execute(&Arc::new(plan)).await });
    }
    while let Some(execution) = tasks.join_next().await {
        let execution = execution.unwrap().unwrap();
        assert_eq!(execution.outputs().len(), 3);
    }
    assert_eq!(store.steps().unwrap().len(), 36);
}
