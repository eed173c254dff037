//! Claims across assays and over series on data in which nothing is true: the tools' own p are uniform, and decoys made by
//! the scheme of each stratum agree with them.
#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proteus::agent::decoys::decoy_seed;
use proteus::agent::menu_making::{self, Prepared, make};
use proteus::agent::propose::{Focus, propose};
use proteus::agent::pursuit::{Pursuit, term_of};
use proteus::agent::{Resources, answers, chains, planning};
use proteus::content::Content;
use proteus::dataset::{
    Assay, Dataset, Feature, FeatureLevel, ModelFrame, ModifiedSite, Molecule, Quantity, Removed,
    Role, SampleMetadata, Scale, Variable,
};
use proteus::discovery::{Archetype, Objective, Target};
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

/// p-values of the data and of decoys of one archetype of one kind of molecule.
#[derive(Default)]
struct Seen {
    data: Vec<f64>,
    decoys: Vec<f64>,
}

/// What is measured, by archetype and what its rows are: a contrast of copy numbers is another table than one of proteins.
type Kind = (Archetype, Molecule);

fn p_of(scores: Vec<(String, f64)>) -> impl Iterator<Item = f64> {
    scores
        .into_iter()
        .map(|(_, score)| 10_f64.powf(-score))
        .filter(|p| !p.is_nan())
}

/// Runs the objectives of a dataset that `wanted` takes, counts their p-values and those of `decoys` decoys.
async fn collect(
    dataset: Dataset,
    with: &Resources,
    decoys: usize,
    wanted: impl Fn(&Objective) -> bool,
    seen: &mut BTreeMap<Kind, Seen>,
) {
    let dataset = Arc::new(dataset);
    let mut all = Vec::new();
    for objective in propose(&dataset, 12).objectives.into_iter().filter(wanted) {
        all.push(prepared(objective, &dataset, with).await);
    }
    let (menu, tasks) = make(&all, &dataset, with, &Focus::default(), 1).unwrap();
    let mut pursuits = Vec::new();
    for prepared in all {
        pursuits.push(pursued(prepared, &dataset, with).await);
    }
    chains::answer(&menu, &mut pursuits);
    for (g, stratum) in menu.iter().enumerate() {
        if stratum.is_chain() {
            let p = menu_making::analytic(stratum, &pursuits);
            let tested = p.into_iter().filter(|p| !p.is_nan());
            let of = seen.entry((Archetype::Chain, Molecule::Protein));
            of.or_default().data.extend(tested);
            continue;
        }
        let Some(task) = tasks.iter().find(|t| t.strata.contains(&g)) else {
            continue;
        };
        assert_eq!(stratum.off_menu, None, "{}", stratum.id);
        let of = seen
            .entry((stratum.archetype, stratum.molecule))
            .or_default();
        let outputs = &pursuits[stratum.pursuit].outputs;
        let scores = answers::scores(&stratum.answer, &outputs[&stratum.step]).unwrap();
        of.data.extend(p_of(scores));
        for b in 0..decoys {
            let seed = decoy_seed(1, &task.name, b);
            let replayed = task.replay(&dataset, seed, &[&stratum.step]).unwrap();
            let scores = answers::scores(&stratum.answer, &replayed[&stratum.step]).unwrap();
            of.decoys.extend(p_of(scores));
        }
    }
}

/// An objective with what its plan gives on the data.
async fn pursued(prepared: Prepared, dataset: &Arc<Dataset>, with: &Resources) -> Pursuit {
    let executor = Executor::new(
        Arc::clone(&with.catalog),
        Arc::clone(dataset),
        Arc::clone(&with.packs),
        1,
    );
    let rest = executor.execute_rest(&prepared.plan, &prepared.blind).await;
    let outputs = rest.unwrap().outputs();
    let assay = dataset.assay_or_main(prepared.objective.assay.as_deref());
    let mut answered = Vec::new();
    for step in &prepared.plan.steps {
        let (Some(entry), Some(output)) = (with.catalog.get(&step.tool), outputs.get(&step.id))
        else {
            continue;
        };
        for answer in &entry.spec.answers {
            let answer = answers::about(answer, assay.molecule(), assay.measure());
            let read = answers::read(&step.id, &step.id, &step.tool, &answer, output);
            answered.push(read.unwrap());
        }
    }
    Pursuit {
        assay: assay.name.clone(),
        molecule: assay.molecule(),
        measure: assay.measure(),
        objective: prepared.objective,
        term: prepared.term,
        comparison: prepared.comparison,
        plan: Arc::unwrap_or_clone(prepared.plan),
        outputs,
        matrix: prepared.tested.map(|(_, matrix)| matrix),
        frame: prepared.frame,
        answered,
    }
}

fn share(p: &[f64], at_most: f64) -> f64 {
    p.iter().filter(|p| **p <= at_most).count() as f64 / p.len() as f64
}

/// Holds the shares of small p-values of every kind to what it may be: uniform, or fewer where a test is discrete or a claim
/// needs several things at once.
fn assert_level(seen: &BTreeMap<Kind, Seen>, expected: &[Kind]) {
    for kind in expected {
        assert!(seen.contains_key(kind), "{kind:?} was not asked");
    }
    for (kind, seen) in seen {
        let told = format!(
            "{kind:?}: p ≤ 0.05 in {:.4} of {} on data, {:.4} of {} on decoys; p ≤ 0.01 in {:.4} and {:.4}",
            share(&seen.data, 0.05),
            seen.data.len(),
            share(&seen.decoys, 0.05),
            seen.decoys.len(),
            share(&seen.data, 0.01),
            share(&seen.decoys, 0.01),
        );
        // Exact tests of counts are discrete.
        let discrete = matches!(
            kind.0,
            Archetype::MutationDifference | Archetype::DetectionSwitch
        );
        let on_data = match kind.0 {
            // All edges at once, in directions that fit.
            Archetype::Chain => 0.0..0.02,
            // Fourteen pathways that share their targets: what holds is held on the decoys.
            Archetype::RegulatorActivity => 0.0..0.15,
            _ if discrete => 0.0..0.085,
            _ => 0.025..0.085,
        };
        // Features share a factor, so the shares of one seed scatter far more than those of independent tests.
        assert!(on_data.contains(&share(&seen.data, 0.05)), "{told}");
        if kind.0 == Archetype::Chain {
            continue;
        }
        let on_decoys = if discrete { 0.0..0.06 } else { 0.03..0.07 };
        assert!(on_decoys.contains(&share(&seen.decoys, 0.05)), "{told}");
        assert!(share(&seen.decoys, 0.01) < 0.02, "{told}");
    }
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
        let arm = null_dataset(seed, "arm", &arms);
        let rows = |o: &Objective| o.footprints.is_none() && o.target != Target::Structure;
        collect(arm, &with, DECOYS, rows, &mut seen).await;
        for (variable, labels) in [("time", &times), ("dose", &doses)] {
            let series =
                |o: &Objective| matches!(o.target, Target::Course { .. } | Target::Trend { .. });
            let data = null_dataset(seed, variable, labels);
            collect(data, &with, DECOYS, series, &mut seen).await;
        }
    }
    use Archetype as A;
    assert_level(
        &seen,
        &[
            (A::TimeCourse, Molecule::Protein),
            (A::DoseTrend, Molecule::Protein),
            (A::SiteBeyondProtein, Molecule::Phosphosite),
            (A::ProteinBeyondRna, Molecule::Protein),
            (A::MutationEffect, Molecule::Protein),
            (A::CopyNumberEffect, Molecule::Protein),
            (A::MutationDifference, Molecule::Mutation),
            (A::DifferentialProtein, Molecule::CopyNumber),
            (A::DifferentialProtein, Molecule::Phosphosite),
            (A::DifferentialProtein, Molecule::Transcript),
            (A::Chain, Molecule::Protein),
        ],
    );
}

/// RNA of all targets of the bundled footprints and of genes that are none, with a common factor and nothing else.
fn null_expression(seed: u64, with: &Resources) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(100 + seed);
    let footprints = with.packs.footprints("progeny").unwrap();
    let mut genes: BTreeSet<String> = footprints
        .iter()
        .flat_map(|f| f.targets.iter().map(|(gene, _)| gene.to_string()))
        .collect();
    genes.extend((0..2_000).map(|i| format!("NONE{i}")));
    let factor: Vec<f64> = (0..SAMPLES).map(|_| normal(&mut rng)).collect();
    let mut values = Matrix::filled(genes.len(), SAMPLES, 0.0);
    for i in 0..genes.len() {
        for (j, factor) in factor.iter().enumerate() {
            let shared = 0.2 * ((i * 7 % 10) as f64 / 10.0 - 0.5) * factor;
            values.set(i, j, 10.0 + shared + 0.5 * normal(&mut rng));
        }
    }
    let labels: Vec<Option<String>> = (0..SAMPLES)
        .map(|j| Some(if j % 2 == 0 { "a" } else { "b" }.to_owned()))
        .collect();
    let mut sheet = SampleMetadata::new((0..SAMPLES).map(|j| format!("s{j}")).collect());
    sheet.insert(Variable::categorical("arm", &labels, Role::Condition));
    let mut main = assay("proteins", FeatureLevel::Gene, Quantity::Ratio, values);
    for (feature, gene) in main.features.iter_mut().zip(genes) {
        feature.id.clone_from(&gene);
        feature.symbols = vec![gene.clone()];
        feature.symbol = Some(gene);
    }
    Dataset::in_memory("null", main, sheet)
}

#[tokio::test(flavor = "multi_thread")]
async fn activities_by_footprints_differ_no_more_often_than_chance_where_nothing_is_true() {
    let with = resources();
    let mut seen = BTreeMap::new();
    for seed in 0..2 * SEEDS {
        let data = null_expression(seed, &with);
        collect(
            data,
            &with,
            4 * DECOYS,
            |o| o.footprints.is_some(),
            &mut seen,
        )
        .await;
    }
    assert_level(&seen, &[(Archetype::RegulatorActivity, Molecule::Protein)]);
}
