//! The whole loop on small studies with a known answer: what was planted is found, what was not is not, a stopped run
//! resumes to the same bytes.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proteus::agent::{Outcome, Request, Session, Steering};
use proteus::config::{Config, ConfigFile, DecoyBudget};
use proteus::discovery::{Archetype, Grade, Hypothesis};
use rand::{Rng, SeedableRng};
use tempfile::TempDir;

use crate::support::engine::{normal, resources};

/// A table of 400 proteins in 6 treated and 6 control samples; the first `planted` rise fourfold in the treated.
fn study(folder: &Path, planted: usize, seed: u64) -> PathBuf {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut text = String::from("protein");
    for arm in ["treated", "control"] {
        for k in 1..=6 {
            write!(text, "\t{arm}_{k}").unwrap();
        }
    }
    text.push('\n');
    for i in 0..400 {
        write!(text, "PROT{i:04}").unwrap();
        let level = 22.0 + 2.0 * normal(&mut rng);
        for j in 0..12 {
            let effect = if i < planted && j < 6 { 2.0 } else { 0.0 };
            let value = (level + effect + 0.3 * normal(&mut rng)).exp2();
            if rng.random::<f64>() < 0.05 {
                text.push_str("\tNA");
            } else {
                write!(text, "\t{value:.1}").unwrap();
            }
        }
        text.push('\n');
    }
    let path = folder.join(format!("study{seed}.tsv"));
    std::fs::write(&path, text).unwrap();
    path
}

fn request(path: PathBuf) -> Request {
    Request {
        declared: proteus::dataset::Declared::default(),
        path,
        samples: None,
        steering: Steering::default(),
        config: Config::resolve(ConfigFile {
            contrasts: Some(vec!["treated-control".to_owned()]),
            decoys: Some(DecoyBudget::Exactly(160)),
            ..ConfigFile::default()
        }),
    }
}

fn discover(request: Request, parent: &Path) -> Outcome {
    let session = Session::start(request, resources(), parent).unwrap();
    block_on(session)
}

fn block_on(session: Session) -> Outcome {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(session.run())
        .unwrap()
}

fn supported(hypotheses: &[Hypothesis]) -> Vec<&Hypothesis> {
    hypotheses
        .iter()
        .filter(|h| h.grade == Grade::Supported)
        .collect()
}

#[test]
fn planted_proteins_are_supported_and_complete_records() {
    let folder = TempDir::new().unwrap();
    let outcome = discover(request(study(folder.path(), 20, 11)), folder.path());
    let found: Vec<&Hypothesis> = supported(&outcome.hypotheses)
        .into_iter()
        .filter(|h| h.archetype == Archetype::DifferentialProtein)
        .collect();
    assert!(
        !found.is_empty(),
        "nothing supported among {:#?}",
        outcome.hypotheses
    );
    for hypothesis in &found {
        hypothesis.check().unwrap();
        for claim in &hypothesis.claims {
            let number: usize = claim.subject.id.trim_start_matches("PROT").parse().unwrap();
            assert!(number < 20, "{} was not planted", claim.subject.id);
            assert!(claim.value > 0.0, "{} goes the wrong way", claim.subject.id);
        }
        assert!(hypothesis.error_rate.q.get() <= 0.05);
        assert!(hypothesis.error_rate.p.get() >= hypothesis.error_rate.p_decoy.get() - 1e-12);
    }
    let ranks: Vec<usize> = outcome.hypotheses.iter().map(|h| h.rank).collect();
    assert_eq!(ranks, (1..=outcome.hypotheses.len()).collect::<Vec<_>>());
}

/// A pull-down of three baits and three controls: the first 20 of 400 proteins rise eightfold, 25 more are seen in the baits only, and
/// each of the rest is missing now and then.
fn pull_down(folder: &Path) -> PathBuf {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    let mut text = String::from("protein");
    for arm in ["treated", "control"] {
        for k in 1..=3 {
            write!(text, "\t{arm}_{k}").unwrap();
        }
    }
    text.push('\n');
    for i in 0..400 {
        write!(text, "PROT{i:04}").unwrap();
        let level = 22.0 + 2.0 * normal(&mut rng);
        for j in 0..6 {
            let effect = if i < 20 && j < 3 { 3.0 } else { 0.0 };
            let value = (level + effect + 0.2 * normal(&mut rng)).exp2();
            let bait_only = (20..45).contains(&i);
            let missing = if bait_only {
                j >= 3
            } else {
                i >= 45 && rng.random::<f64>() < 0.2
            };
            if missing {
                text.push_str("\tNA");
            } else {
                write!(text, "\t{value:.1}").unwrap();
            }
        }
        text.push('\n');
    }
    let path = folder.join("pull_down.tsv");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn proteins_seen_in_the_baits_only_are_one_claim() {
    let folder = TempDir::new().unwrap();
    let outcome = discover(request(pull_down(folder.path())), folder.path());
    let of = |archetype| -> Vec<&Hypothesis> {
        let all = outcome.hypotheses.iter();
        all.filter(|h| h.archetype == archetype).collect()
    };
    assert_eq!(of(Archetype::DetectionSwitch), Vec::<&Hypothesis>::new());
    let panels = of(Archetype::DetectionPanel);
    assert_eq!(panels.len(), 1, "{panels:#?}");
    let panel = panels[0];
    panel.check().unwrap();
    // Three against three: one of twenty splits, of two directions; never supported.
    assert_eq!(panel.error_rate.p.get(), 0.05);
    assert_eq!(panel.error_rate.q_stratum.get(), 0.1);
    assert_eq!(panel.grade, Grade::Suggestive, "{:?}", panel.grade_reasons);
    let named = panel
        .claims
        .iter()
        .filter(|c| c.subject.id.starts_with("PROT"));
    let planted = named.clone().filter(|claim| {
        let number: usize = claim.subject.id.trim_start_matches("PROT").parse().unwrap();
        (20..45).contains(&number)
    });
    assert_eq!(planted.count(), 25);
    assert!(named.count() <= 27, "{}", panel.statement);
}

#[test]
fn nothing_is_supported_where_nothing_is_true() {
    let folder = TempDir::new().unwrap();
    // A true 5 % of runs may hold one; five runs with two or more would be a fault (P < 0.03).
    let runs_with_any = (0..5)
        .filter(|seed| {
            let outcome = discover(request(study(folder.path(), 0, 100 + seed)), folder.path());
            !supported(&outcome.hypotheses).is_empty()
        })
        .count();
    assert!(
        runs_with_any <= 1,
        "{runs_with_any} of 5 null runs hold a supported hypothesis"
    );
}

#[test]
fn a_stopped_run_resumes_to_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let path = study(folder.path(), 20, 12);
    let whole = discover(request(path), folder.path()).folder;
    let expected = std::fs::read(whole.join("hypotheses.yaml")).unwrap();
    let journal = std::fs::read_to_string(whole.join("journal.jsonl")).unwrap();
    let lines: Vec<&str> = journal.lines().collect();
    for share in [4, 2] {
        // As a killed process leaves it: the journal torn in the middle of a line, later files missing.
        let kept = lines.len() / share;
        let mut torn = lines[..kept].join("\n");
        torn.push('\n');
        torn.push_str(&lines[kept][..lines[kept].len() / 2]);
        std::fs::write(whole.join("journal.jsonl"), torn).unwrap();
        for file in [
            "hypotheses.yaml",
            "findings.jsonl",
            "calibration.yaml",
            "objectives.yaml",
        ] {
            std::fs::remove_file(whole.join(file)).unwrap();
        }
        if share == 4 {
            std::fs::remove_dir_all(whole.join("decoys")).unwrap();
        }
        let resumed = block_on(Session::resume(&whole, resources()).unwrap());
        assert_eq!(resumed.folder, whole);
        assert_eq!(
            std::fs::read(whole.join("hypotheses.yaml")).unwrap(),
            expected
        );
    }
}

#[test]
fn equal_runs_are_equal_bytes() {
    let folder = TempDir::new().unwrap();
    let path = study(folder.path(), 10, 13);
    let first = discover(request(path.clone()), &folder.path().join("a")).folder;
    let second = discover(request(path), &folder.path().join("b")).folder;
    for file in [
        "hypotheses.yaml",
        "findings.jsonl",
        "calibration.yaml",
        "objectives.yaml",
        "audit.yaml",
    ] {
        assert_eq!(
            std::fs::read(first.join(file)).unwrap(),
            std::fs::read(second.join(file)).unwrap(),
            "{file} differs between equal runs"
        );
    }
}
