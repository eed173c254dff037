//! Replays give what a full run would give, and compute no more than they must.
#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use proteus::dataset::{Dataset, VariableValues};
use proteus::tool::{Artifact, frame};
use proteus::workflow::{Executor, Replayer, Source, World, dataset_matrix};

use super::fixture::{CENTRE_RUNS, FEATURES, STEPS, catalog, dataset, packs, plan};

fn world(data: &Dataset) -> World<'_> {
    World {
        samples: &data.samples,
        replaced: BTreeMap::new(),
        seed: 1,
    }
}

/// The sample sheet with the conditions exchanged.
fn exchanged() -> Dataset {
    let mut data = dataset();
    if let VariableValues::Categorical { codes, .. } =
        &mut data.samples.variables["condition"].values
    {
        codes.reverse();
    }
    data
}

fn differences(outputs: &BTreeMap<String, Arc<proteus::tool::ToolOutput>>) -> Vec<f64> {
    match &outputs["difference"].artifacts["difference"] {
        Artifact::Table(table) => frame::numbers(table, "logFC").unwrap(),
        Artifact::Matrix(_) => panic!("not a table"),
    }
}

async fn replayer() -> (Replayer, BTreeMap<String, Arc<proteus::tool::ToolOutput>>) {
    let (plan, data) = (plan(STEPS), Arc::new(dataset()));
    let executor = Executor::new(catalog(), Arc::clone(&data), packs(), 1);
    let outputs = executor.execute(&plan).await.unwrap().outputs();
    (
        Replayer::new(plan, catalog(), packs(), &data, &outputs),
        outputs,
    )
}

#[tokio::test]
async fn the_target_replays_to_itself_and_exchanged_labels_to_its_opposite() {
    let (replayer, target) = replayer().await;
    let data = dataset();
    let same = replayer
        .replay(&world(&data), &["difference", "above", "centred"])
        .unwrap();
    for (id, output) in &target {
        assert_eq!(format!("{output:?}"), format!("{:?}", same[id]), "{id}");
    }
    let decoy = exchanged();
    let turned = replayer
        .replay(&world(&decoy), &["difference", "above"])
        .unwrap();
    let (a, b) = (differences(&target), differences(&turned));
    assert!(
        a.iter().zip(&b).all(|(a, b)| (a + b).abs() < 1e-12),
        "{a:?} {b:?}"
    );
    let full = Executor::new(catalog(), Arc::new(decoy), packs(), 1);
    let full = full.execute(&plan(STEPS)).await.unwrap().outputs();
    assert_eq!(
        format!("{:?}", full["above"]),
        format!("{:?}", turned["above"])
    );
}

#[tokio::test]
async fn a_replaced_matrix_reaches_what_depends_on_it() {
    let (replayer, target) = replayer().await;
    let data = dataset();
    let mut matrix = dataset_matrix(&data, None).unwrap();
    matrix.values.set(0, 0, 90.0);
    let replaced = Artifact::Matrix(Arc::new(matrix));
    let mut of_dataset = world(&data);
    of_dataset
        .replaced
        .insert(Source::main_assay(), replaced.clone());
    let outputs = replayer
        .replay(&of_dataset, &["difference", "centred"])
        .unwrap();
    assert_ne!(differences(&outputs)[0], differences(&target)[0]);
    assert_ne!(
        format!("{:?}", outputs["centred"]),
        format!("{:?}", target["centred"])
    );

    let mut of_step = world(&data);
    of_step
        .replaced
        .insert(Source::output("centred", "matrix"), replaced);
    let outputs = replayer.replay(&of_step, &["difference"]).unwrap();
    let expected = 21.04 - (90.0 + 20.01 + 20.02) / 3.0;
    assert!((differences(&outputs)[0] - expected).abs() < 1e-9);
    assert_eq!(differences(&outputs).len(), FEATURES);
}

#[tokio::test]
async fn label_blind_steps_are_not_run_again() {
    // Other tests run the same tool at the same time, so the count may only be judged when nobody else moved it.
    let (replayer, _) = replayer().await;
    let replayer = replayer.retain_for(&["above"]);
    let data = dataset();
    let quiet = (0..200).any(|_| {
        let before = CENTRE_RUNS.load(Ordering::SeqCst);
        replayer.replay(&world(&data), &["above"]).unwrap();
        CENTRE_RUNS.load(Ordering::SeqCst) == before
    });
    assert!(quiet);
}

#[test]
fn without_target_outputs_everything_is_computed() {
    let data = dataset();
    let replayer = Replayer::new(plan(STEPS), catalog(), packs(), &data, &BTreeMap::new());
    let outputs = replayer.replay(&world(&data), &["above"]).unwrap();
    assert_eq!(outputs.len(), 1);
    assert!(replayer.replay(&world(&data), &["nothing"]).is_err());
}
