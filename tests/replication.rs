//! Replication in a second cohort: effects that are in both cohorts are replicated, those of one alone are not, and the
//! samples of the first study are refused.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proteus::agent::{Outcome, Request, Session, Steering};
use proteus::config::{Config, ConfigFile, DecoyBudget};
use proteus::content::Content;
use proteus::dataset::Declared;
use proteus::discovery::{Grade, ReplicationGrade};
use proteus::report::{current_replication_schema, replication_schema, write_replication};
use proteus::run::{RunKind, RunView, newest_run};
use proteus::study::replicate::{Cohort, ReplicateError, Replicated, replicate};
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::engine::{normal, resources};

/// Proteins of a cohort.
const PROTEINS: usize = 400;
/// Proteins that differ in both cohorts, and as many more in either alone.
const SHARED: usize = 12;
/// Their log2 fold change in the first and in the second cohort. With six samples per arm and a standard deviation of 0.3 an
/// effect of 0.9 has a noncentrality of 5.2: a power of 0.97 one-sided at 0.05 / 24.
const EFFECTS: [f64; 2] = [2.0, 0.9];

/// Whether a protein differs in a cohort: the first dozen in both, the second in the first cohort, the third in the second.
fn differs(protein: usize, second: bool) -> bool {
    protein < SHARED
        || (SHARED..2 * SHARED).contains(&protein) && !second
        || (2 * SHARED..3 * SHARED).contains(&protein) && second
}

/// One cohort as a table: six samples per arm, abundances that both cohorts share, effects of alternating sign, 4 % missing.
fn cohort(folder: &Path, name: &str, seed: u64, second: bool) -> PathBuf {
    let mut levels = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut text = String::from("protein");
    for arm in ["treated", "control"] {
        for k in 1..=6 {
            write!(text, "\t{arm}_{k}").unwrap();
        }
    }
    text.push('\n');
    for i in 0..PROTEINS {
        write!(text, "PROT{i:04}").unwrap();
        let level = 22.0 + 2.0 * normal(&mut levels);
        let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
        for j in 0..12 {
            let effect = if differs(i, second) && j < 6 {
                sign * EFFECTS[usize::from(second)]
            } else {
                0.0
            };
            if rng.random::<f64>() < 0.04 {
                text.push_str("\tNA");
            } else {
                let value = (level + effect + 0.3 * normal(&mut rng)).exp2();
                write!(text, "\t{value:.1}").unwrap();
            }
        }
        text.push('\n');
    }
    let path = folder.join(format!("{name}.tsv"));
    std::fs::write(&path, text).unwrap();
    path
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn discover(path: PathBuf, contrast: &str, parent: &Path) -> Outcome {
    let request = Request {
        declared: Declared::default(),
        path,
        samples: None,
        steering: Steering::default(),
        config: Config::resolve(ConfigFile {
            contrasts: Some(vec![contrast.to_owned()]),
            decoys: Some(DecoyBudget::Exactly(160)),
            ..ConfigFile::default()
        }),
    };
    block_on(Session::start(request, resources(), parent).unwrap().run()).unwrap()
}

fn second(path: PathBuf) -> Cohort {
    Cohort {
        path,
        samples: None,
        declared: Declared::default(),
        map: Vec::new(),
        least: Grade::Suggestive,
    }
}

fn replicated(run: &Path, cohort: &Cohort, parent: &Path) -> Result<Replicated, ReplicateError> {
    block_on(replicate(run, cohort, &resources(), parent))
}

/// Number of the protein a claim is about.
fn number(id: &str) -> usize {
    id.trim_start_matches("PROT").parse().unwrap()
}

/// What came of replicating several first cohorts.
#[derive(Debug, Default)]
struct Counted {
    /// Hypotheses tested that are true in both cohorts, and those of them that were replicated.
    shared: usize,
    hits: usize,
    /// Hypotheses tested that are not, and those of them that were replicated.
    unshared: usize,
    false_hits: usize,
    /// Mean share of random lists that is replicated, per pair of cohorts.
    chance: Vec<f64>,
}

impl Counted {
    fn precision(&self) -> f64 {
        self.hits as f64 / (self.hits + self.false_hits) as f64
    }

    fn recall(&self) -> f64 {
        self.hits as f64 / self.shared as f64
    }
}

fn measured(seeds: std::ops::Range<u64>) -> Counted {
    let mut counted = Counted::default();
    for seed in seeds {
        let folder = TempDir::new().unwrap();
        let first = cohort(folder.path(), "first", 2 * seed + 1, false);
        let other = cohort(folder.path(), "second", 2 * seed + 2, true);
        let run = discover(first, "treated-control", folder.path());
        let made = replicated(&run.folder, &second(other), folder.path()).unwrap();
        for h in &made.replication.hypotheses {
            let hit = usize::from(h.grade == ReplicationGrade::Replicated);
            if h.claims.iter().all(|c| number(&c.subject.id) < SHARED) {
                counted.shared += 1;
                counted.hits += hit;
            } else {
                counted.unshared += 1;
                counted.false_hits += hit;
            }
        }
        let baseline = made.replication.baseline.clone().unwrap();
        assert!(baseline.observed_share > baseline.interval[1]);
        counted.chance.push(baseline.mean_share);
    }
    counted
}

#[test]
fn effects_of_both_cohorts_are_replicated_and_those_of_one_are_not() {
    let counted = measured(0..4);
    assert!(
        counted.shared >= 12 && counted.unshared >= 12,
        "{counted:?}"
    );
    assert!(counted.precision() >= 0.95, "{counted:?}");
    assert!(counted.recall() >= 0.8, "{counted:?}");
    assert!(
        counted.chance.iter().all(|share| *share < 0.1),
        "{counted:?}"
    );
}

#[test]
#[ignore = "the same over forty pairs of cohorts, for the record: minutes"]
fn precision_and_recall_over_many_seeds() {
    let counted = measured(0..40);
    eprintln!(
        "precision {:.3}, recall {:.3}: {counted:?}",
        counted.precision(),
        counted.recall()
    );
    assert!(counted.precision() >= 0.95 && counted.recall() >= 0.8);
}

#[test]
fn a_replication_is_a_folder_with_a_journal_and_no_run_for_other_commands() {
    let folder = TempDir::new().unwrap();
    let run = discover(
        cohort(folder.path(), "first", 21, false),
        "treated-control",
        folder.path(),
    );
    let other = second(cohort(folder.path(), "second", 22, true));
    let made = replicated(&run.folder, &other, folder.path()).unwrap();
    let view = RunView::open(&made.folder).unwrap();
    assert_eq!(view.record().kind, RunKind::Replication);
    assert_eq!(view.replication().unwrap().unwrap(), made.replication);
    assert!(matches!(
        view.status().unwrap(),
        proteus::run::RunStatus::Finished { .. }
    ));
    assert_eq!(newest_run(folder.path()).unwrap().root(), run.folder);
    // The same replication again gives the same bytes.
    let again = replicated(&run.folder, &other, &folder.path().join("again")).unwrap();
    assert_eq!(
        std::fs::read(made.folder.join("replication.yaml")).unwrap(),
        std::fs::read(again.folder.join("replication.yaml")).unwrap()
    );
    // The evidence it names can be read.
    let claim = made.replication.hypotheses[0].claims[0]
        .evidence
        .clone()
        .unwrap();
    let [step, table, key] = claim.split('/').collect::<Vec<_>>()[..] else {
        panic!("{claim}");
    };
    let frame = view.table(step, table).unwrap();
    let keys = frame.column("feature").unwrap().str().unwrap().clone();
    assert!(keys.iter().any(|k| k == Some(key)));
}

#[test]
fn the_report_is_written_in_every_form_and_follows_the_schema_that_ships() {
    let folder = TempDir::new().unwrap();
    let run = discover(
        cohort(folder.path(), "first", 51, false),
        "treated-control",
        folder.path(),
    );
    let other = second(cohort(folder.path(), "second", 52, true));
    let made = replicated(&run.folder, &other, folder.path()).unwrap();
    let current = current_replication_schema();
    let committed: Value = serde_json::from_str(replication_schema()).unwrap();
    if committed != current {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/schema/replication.schema.json");
        assert!(
            std::env::var_os("UPDATE_SCHEMA").is_some(),
            "`reports/schema/replication.schema.json` is out of date: set UPDATE_SCHEMA=1 and run this test"
        );
        let text = serde_json::to_string_pretty(&current).unwrap();
        std::fs::write(&path, format!("{text}\n")).unwrap();
    }
    let files = write_replication(
        &made.replication,
        &Content::embedded(),
        &made.folder.join("report"),
    )
    .unwrap();
    let read = |name: &str| std::fs::read_to_string(made.folder.join("report").join(name)).unwrap();
    let value: Value = serde_json::from_str(&read("report.json")).unwrap();
    let validator = jsonschema::validator_for(&current).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| error.to_string())
        .collect();
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(files.len(), 4);
    for text in [read("index.html"), read("report.md")] {
        for h in &made.replication.hypotheses {
            assert!(
                text.contains(&h.frozen[..16]),
                "{} is not in the report",
                h.id
            );
        }
        assert!(text.contains("random hypotheses of the same kind"));
        assert!(!text.contains(folder.path().to_str().unwrap()));
    }
}

#[test]
fn the_same_samples_and_a_changed_hypothesis_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = cohort(folder.path(), "first", 31, false);
    let run = discover(path.clone(), "treated-control", folder.path());
    // The same table under another name, scaled, without its last sample.
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().enumerate().map(|(i, line)| {
        let mut cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        cells.pop();
        if i > 0 {
            for cell in &mut cells[1..] {
                if let Ok(value) = cell.parse::<f64>() {
                    *cell = format!("{}", value * 8.0);
                }
            }
        } else {
            for cell in &mut cells[1..] {
                *cell = cell.replace('_', "_run");
            }
        }
        cells.join("\t") + "\n"
    });
    let copy = folder.path().join("copy.tsv");
    std::fs::write(&copy, lines.collect::<String>()).unwrap();
    for same in [path, copy] {
        let refused = replicated(&run.folder, &second(same), folder.path());
        assert!(
            matches!(refused, Err(ReplicateError::SameSamples { .. })),
            "{refused:?}"
        );
    }
    let file = run.folder.join("hypotheses.yaml");
    let record = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        record.replacen("direction: higher", "direction: lower", 2),
    )
    .unwrap();
    let other = second(cohort(folder.path(), "second", 32, true));
    let refused = replicated(&run.folder, &other, folder.path());
    assert!(
        matches!(refused, Err(ReplicateError::Moved { .. })),
        "{refused:?}"
    );
}

#[test]
fn groups_of_other_names_are_asked_for_and_mapped() {
    let folder = TempDir::new().unwrap();
    let run = discover(
        cohort(folder.path(), "first", 41, false),
        "treated-control",
        folder.path(),
    );
    let path = cohort(folder.path(), "second", 42, true);
    let text = std::fs::read_to_string(&path).unwrap();
    let renamed = text
        .replace("treated_", "drug_")
        .replace("control_", "vehicle_");
    std::fs::write(&path, renamed).unwrap();
    let mut other = second(path);
    let contrast = run.hypotheses[0].contrast.clone().unwrap();
    match replicated(&run.folder, &other, folder.path()) {
        Err(error @ ReplicateError::Unmatched { .. }) => {
            let text = error.to_string();
            assert!(text.contains(&contrast) && text.contains("--map"), "{text}");
        }
        unexpected => panic!("{unexpected:?}"),
    }
    other.map = vec![format!("{contrast}=drug-vehicle")];
    let made = replicated(&run.folder, &other, folder.path()).unwrap();
    assert_eq!(made.replication.targets[0].how, "as mapped");
    assert!(
        made.replication
            .hypotheses
            .iter()
            .any(|h| h.grade == ReplicationGrade::Replicated)
    );
    other.map = vec!["no-such=drug-vehicle".to_owned()];
    let refused = replicated(&run.folder, &other, folder.path());
    assert!(
        matches!(refused, Err(ReplicateError::Mapping { .. })),
        "{refused:?}"
    );
}
