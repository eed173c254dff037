//! Every file of `workflows/` type-checks against the catalogue and runs on the dataset it names.
#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use proteus::content::Content;
use proteus::dataset::{Dataset, ReadOptions, Role, Series, Variable, open};
use proteus::discovery::{Objective, Target};
use proteus::knowledge::Packs;
use proteus::tool::Catalog;
use proteus::tools::CATALOG;
use proteus::workflow::{Bindings, Executor, TargetKind, Templates, WorkflowTemplate};

/// Rows of a dataset that are enough to see whether a workflow runs.
const ROWS: usize = 600;

fn bundled(name: &str) -> Dataset {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("datasets")
        .join(name);
    let mut dataset = open(&folder, &ReadOptions::default()).unwrap();
    for assay in dataset.assays.values_mut() {
        let step = assay.n_features().div_ceil(ROWS).max(1);
        let rows: Vec<usize> = (0..assay.n_features()).step_by(step).collect();
        *assay = assay.select_features(&rows);
    }
    dataset
}

/// The first variable of the sheet that suits the kind of target, with enough samples behind it.
fn target(kind: TargetKind, dataset: &Dataset) -> Option<Target> {
    let asked = |v: &&Variable| matches!(v.role, Role::Condition | Role::Clinical);
    let mut variables = dataset.samples.variables.values().filter(asked);
    match kind {
        TargetKind::Structure => Some(Target::Structure),
        TargetKind::Course | TargetKind::Trend => {
            let series = |v: &&Variable| Series::of(v).is_some();
            variables.find(series).map(|v| {
                let variable = v.name.clone();
                match kind {
                    TargetKind::Course => Target::Course { variable },
                    _ => Target::Trend { variable },
                }
            })
        }
        // Genotypes are known of tumours only, so that tissues cannot be compared in them.
        TargetKind::ContrastPresence => dataset
            .design
            .active()
            .iter()
            .find(|c| c.variable == "MSI_status")
            .map(|c| Target::Contrast {
                contrast: c.id.clone(),
            }),
        TargetKind::Partner => Some(Target::Partner {
            assay: "mutations".to_owned(),
        }),
        TargetKind::Contrast | TargetKind::ContrastBeyond | TargetKind::ContrastActivity => {
            dataset.design.active().first().map(|c| Target::Contrast {
                contrast: c.id.clone(),
            })
        }
        TargetKind::Levels => {
            let large = |v: &&Variable| {
                let counts = v.level_counts();
                (3..=6).contains(&counts.len()) && counts.iter().all(|(_, n)| *n >= 3)
            };
            variables.find(large).map(|v| Target::Levels {
                variable: v.name.clone(),
            })
        }
        TargetKind::Continuous => {
            let large = |v: &&Variable| !v.is_categorical() && v.observed() >= 20;
            variables.find(large).map(|v| Target::Continuous {
                variable: v.name.clone(),
            })
        }
    }
}

fn objective(target: Target) -> Objective {
    Objective {
        text: "Does the template run?".to_owned(),
        why: "a test".to_owned(),
        ..Objective::new("test", target, Vec::new())
    }
}

async fn run(
    template: &WorkflowTemplate,
    dataset: &Arc<Dataset>,
    catalog: &Arc<Catalog>,
    packs: &Arc<Packs>,
) {
    let name = &template.name;
    let target = target(template.when.target, dataset)
        .unwrap_or_else(|| panic!("`{}` has nothing to ask for `{name}`", template.dataset));
    let mut objective = objective(target);
    if template.when.target == TargetKind::ContrastBeyond {
        objective = objective.in_assay("phosphosites").beyond("proteins");
    }
    if template.when.target == TargetKind::ContrastPresence {
        objective = objective.in_assay("mutations");
    }
    if template.when.target == TargetKind::Partner {
        objective.beside = Some("copy_number".to_owned());
    }
    if template.when.target == TargetKind::ContrastActivity {
        objective = objective.by_footprints("progeny");
    }
    let bindings = Bindings::of(&objective, &dataset.samples);
    let plan = template
        .instantiate(&objective.id, "test", &bindings)
        .check(catalog, &dataset.profile())
        .unwrap_or_else(|errors| {
            let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("`{name}` does not pass its check:\n{}", told.join("\n"))
        });
    insta::assert_snapshot!(name.as_str(), plan.to_string());
    let executor = Executor::new(
        Arc::clone(catalog),
        Arc::clone(dataset),
        Arc::clone(packs),
        1,
    );
    let execution = executor.execute(&Arc::new(plan)).await.unwrap();
    assert_eq!(execution.failures(), [], "`{name}`");
    for (id, output) in execution.outputs() {
        assert!(
            !output.artifacts.is_empty(),
            "`{name}`: step `{id}` gave nothing"
        );
    }
}

#[tokio::test]
async fn every_template_checks_and_runs() {
    let content = Content::embedded();
    let templates = Templates::load(&content).unwrap();
    let catalog = Arc::new(Catalog::new(CATALOG).unwrap());
    let packs = Arc::new(Packs::open(&content).unwrap());
    let mut datasets: BTreeMap<String, Arc<Dataset>> = BTreeMap::new();
    for template in templates.iter() {
        assert!(!template.summary.is_empty(), "{}", template.name);
        assert!(
            !template.questions(&catalog).is_empty(),
            "{}",
            template.name
        );
        for step in &template.steps {
            assert!(!step.why.is_empty(), "{}: {}", template.name, step.id);
        }
        let dataset = datasets
            .entry(template.dataset.clone())
            .or_insert_with(|| Arc::new(bundled(&template.dataset)));
        run(template, dataset, &catalog, &packs).await;
    }
}

#[test]
fn every_kind_of_target_has_a_template() {
    let templates = Templates::load(&Content::embedded()).unwrap();
    for kind in [
        TargetKind::Contrast,
        TargetKind::Levels,
        TargetKind::Continuous,
        TargetKind::Course,
        TargetKind::Trend,
        TargetKind::ContrastBeyond,
        TargetKind::ContrastActivity,
        TargetKind::ContrastPresence,
        TargetKind::Partner,
        TargetKind::Structure,
    ] {
        assert!(!templates.for_target(kind).is_empty(), "{kind:?}");
    }
}
