//! Claims across assays and over series on data in which nothing is true: the tools' own p are uniform, and decoys made by
//! the scheme of each stratum agree with them.
#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::collections::BTreeMap;
use std::sync::Arc;

use proteus::agent::decoys::decoy_seed;
use proteus::agent::menu_making::{Prepared, make};
use proteus::agent::propose::propose;
use proteus::agent::pursuit::term_of;
use proteus::agent::{Resources, answers, planning};
use proteus::content::Content;
use proteus::dataset::{
    Assay, Dataset, Feature, FeatureLevel, ModelFrame, ModifiedSite, Quantity, Removed, Role,
    SampleMetadata, Scale, Variable,
};
use proteus::discovery::{Archetype, Objective};
use proteus::knowledge::Packs;
use proteus::tool::{Catalog, NullScheme};
use proteus::tools::CATALOG;
use proteus::workflow::{Executor, Templates};
use proteus_stats::Matrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SAMPLES: usize = 24;
const GENES: usize = 200;
const SEEDS: u64 = 4;
const DECOYS: usize = 8;

/// A draw that is near enough normal.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random_range(0.0..1.0)).sum::<f64>() - 6.0
}

fn assay(name: &str, level: FeatureLevel, quantity: Quantity, values: Matrix) -> Assay {
    let feature = |i: usize| Feature {
        id: match level {
            FeatureLevel::Site => format!("G{i}_S1"),
            _ => format!("G{i}"),
        },
        symbol: Some(format!("G{i}")),
        symbols: vec![format!("G{i}")],
        site: (level == FeatureLevel::Site).then(|| ModifiedSite {
            residue: "S1".to_owned(),
            ..ModifiedSite::default()
        }),
        ..Feature::default()
    };
    Assay {
        name: name.to_owned(),
        format: "plain_wide".to_owned(),
        level,
        quantity,
        source_scale: Scale::Log2,
        features: (0..values.rows()).map(feature).collect(),
        columns: vec![String::new(); values.cols()],
        values,
        file: std::path::PathBuf::new(),
        removed: Removed::default(),
        organism: None,
        rolled_up: None,
    }
}

/// Proteins with a common factor, sites and RNA that follow them in part, copy numbers that move in blocks, mutations of which
/// a third of the samples has many. `labels` are unrelated to all of it, and genotypes to the rest.
fn null_dataset(seed: u64, variable: &str, labels: &[&str]) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let factor: Vec<f64> = (0..SAMPLES).map(|_| normal(&mut rng)).collect();
    let mut draw = |make: &mut dyn FnMut(&mut ChaCha8Rng, usize, usize) -> f64| {
        let mut values = Matrix::filled(GENES, SAMPLES, 0.0);
        for i in 0..GENES {
            for j in 0..SAMPLES {
                values.set(i, j, make(&mut rng, i, j));
            }
        }
        values
    };
    let loading = |i: usize| 0.6 * ((i * 7 % 10) as f64 / 10.0 - 0.5);
    let proteins = draw(&mut |rng, i, j| 20.0 + loading(i) * factor[j] + 0.5 * normal(rng));
    let sites = draw(&mut |rng, i, j| {
        if rng.random_bool(0.1) {
            f64::NAN
        } else {
            proteins.get(i, j) - 2.0 + 0.4 * normal(rng)
        }
    });
    let rna = draw(&mut |rng, i, j| 0.5 * proteins.get(i, j) + 0.5 * normal(rng));
    let mut block = [0.0; SAMPLES];
    let copies = draw(&mut |rng, i, j| {
        if i % 20 == 0 {
            block[j] = 0.4 * normal(rng);
        }
        block[j] + 0.1 * normal(rng)
    });
    let mutations = draw(&mut |rng, _, j| {
        f64::from(u8::from(rng.random_bool(if j % 3 == 0 {
            0.5
        } else {
            0.2
        })))
    });
    let mut sheet = SampleMetadata::new((0..SAMPLES).map(|j| format!("s{j}")).collect());
    let labels: Vec<Option<String>> = labels.iter().map(|l| Some((*l).to_owned())).collect();
    sheet.insert(Variable::categorical(variable, &labels, Role::Condition));
    let main = assay("proteins", FeatureLevel::Gene, Quantity::Ratio, proteins);
    let mut dataset = Dataset::in_memory("null", main, sheet);
    for further in [
        assay("phosphosites", FeatureLevel::Site, Quantity::Ratio, sites),
        assay("rna", FeatureLevel::Transcript, Quantity::Other, rna),
        assay("copy_number", FeatureLevel::Gene, Quantity::Ratio, copies),
        assay("mutations", FeatureLevel::Gene, Quantity::Binary, mutations),
    ] {
        dataset.assays.insert(further.name.clone(), further);
    }
    dataset
}

fn resources() -> Resources {
    let content = Content::embedded();
    Resources {
        templates: Arc::new(Templates::load(&content).unwrap()),
        catalog: Arc::new(Catalog::new(CATALOG).unwrap()),
        packs: Arc::new(Packs::open(&content).unwrap()),
    }
}

async fn prepared(objective: Objective, dataset: &Arc<Dataset>, with: &Resources) -> Prepared {
    let (term, comparison) = term_of(&objective, dataset).unwrap();
    let plan = planning::plan(
        &objective,
        dataset,
        &dataset.profile(),
        &with.templates,
        &with.catalog,
        &mut std::collections::BTreeSet::new(),
    )
    .unwrap_or_else(|reason| panic!("{}: {reason}", objective.id));
    let executor = Executor::new(
        Arc::clone(&with.catalog),
        Arc::clone(dataset),
        Arc::clone(&with.packs),
        1,
    );
    let blind = executor
        .execute(&Arc::new(planning::blind_part(&plan)))
        .await
        .unwrap()
        .outputs();
    let steps = planning::answering_steps(&plan, &objective, NullScheme::Labels, &with.catalog);
    let tested = planning::tested_matrix(&plan, &steps, dataset, &blind);
    let frame = match (&term, &tested) {
        (Some(term), Some((_, matrix))) => {
            ModelFrame::build(&dataset.samples, &matrix.samples, term, &[], None).ok()
        }
        _ => None,
    };
    Prepared {
        objective,
        term,
        comparison,
        plan: Arc::new(plan),
        blind,
        tested,
        frame,
    }
}

/// p-values of the data and of decoys, by archetype.
#[derive(Default)]
struct Seen {
    data: Vec<f64>,
    decoys: Vec<f64>,
}

fn p_of(scores: Vec<(String, f64)>) -> impl Iterator<Item = f64> {
    scores
        .into_iter()
        .map(|(_, score)| 10_f64.powf(-score))
        .filter(|p| !p.is_nan())
}

async fn collect(dataset: Dataset, with: &Resources, seen: &mut BTreeMap<Archetype, Seen>) {
    let dataset = Arc::new(dataset);
    for objective in propose(&dataset, 12).objectives {
        let wanted = with.catalog.iter().any(|entry| {
            let new = ["assay_discordance", "cis_effect", "time_course"];
            new.contains(&entry.spec.name.as_str())
                && entry
                    .spec
                    .answers
                    .iter()
                    .any(|a| objective.questions.contains(&a.question()))
        });
        if !wanted {
            continue;
        }
        let prepared = prepared(objective, &dataset, with).await;
        let plan = Arc::clone(&prepared.plan);
        let (menu, tasks) = make(&[prepared], &dataset, with, 1).unwrap();
        let executor = Executor::new(
            Arc::clone(&with.catalog),
            Arc::clone(&dataset),
            Arc::clone(&with.packs),
            1,
        );
        let outputs = executor.execute(&plan).await.unwrap().outputs();
        for stratum in &menu {
            assert_eq!(stratum.off_menu, None, "{}", stratum.id);
            let of = seen.entry(stratum.archetype).or_default();
            let scores = answers::scores(&stratum.answer, &outputs[&stratum.step]).unwrap();
            of.data.extend(p_of(scores));
            let task = tasks
                .iter()
                .find(|t| t.null == stratum.null_scheme())
                .unwrap();
            for b in 0..DECOYS {
                let seed = decoy_seed(1, &task.name, b);
                let replayed = task.replay(&dataset, seed, &[&stratum.step]).unwrap();
                let scores = answers::scores(&stratum.answer, &replayed[&stratum.step]).unwrap();
                of.decoys.extend(p_of(scores));
            }
        }
    }
}

fn share(p: &[f64], at_most: f64) -> f64 {
    p.iter().filter(|p| **p <= at_most).count() as f64 / p.len() as f64
}

#[tokio::test(flavor = "multi_thread")]
async fn p_values_are_uniform_and_decoys_agree_where_nothing_is_true() {
    let with = resources();
    let arms: Vec<&str> = (0..SAMPLES)
        .map(|j| if j % 2 == 0 { "a" } else { "b" })
        .collect();
    let times: Vec<&str> = (0..SAMPLES)
        .map(|j| ["0s", "30s", "1m", "5m"][j % 4])
        .collect();
    let doses: Vec<&str> = (0..SAMPLES)
        .map(|j| ["0uM", "1uM", "3uM", "9uM"][j % 4])
        .collect();
    let mut seen = BTreeMap::new();
    for seed in 0..SEEDS {
        for (variable, labels) in [("arm", &arms), ("time", &times), ("dose", &doses)] {
            collect(null_dataset(seed, variable, labels), &with, &mut seen).await;
        }
    }
    let found: Vec<Archetype> = seen.keys().copied().collect();
    for expected in [
        Archetype::TimeCourse,
        Archetype::DoseTrend,
        Archetype::SiteBeyondProtein,
        Archetype::ProteinBeyondRna,
        Archetype::MutationEffect,
        Archetype::CopyNumberEffect,
    ] {
        assert!(
            found.contains(&expected),
            "{expected:?} was not asked: {found:?}"
        );
    }
    for (archetype, seen) in &seen {
        let told = format!(
            "{archetype:?}: p ≤ 0.05 in {:.4} of {} on data, {:.4} of {} on decoys; p ≤ 0.01 in {:.4} and {:.4}",
            share(&seen.data, 0.05),
            seen.data.len(),
            share(&seen.decoys, 0.05),
            seen.decoys.len(),
            share(&seen.data, 0.01),
            share(&seen.decoys, 0.01),
        );
        // Features share a factor, so the shares of one seed scatter far more than those of independent tests.
        for p in [&seen.data, &seen.decoys] {
            assert!((0.025..0.085).contains(&share(p, 0.05)), "{told}");
            assert!(share(p, 0.01) < 0.025, "{told}");
        }
    }
}
