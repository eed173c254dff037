//! Questions in words, blind runs and runs without packs: what is asked is narrowed, what is told hides names, and what
//! the data bear is found all the same.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proteus::agent::propose::{propose_about, understand};
use proteus::agent::{AgentError, Outcome, Request, Resources, Session};
use proteus::config::{Config, ConfigFile, DecoyBudget};
use proteus::content::Content;
use proteus::dataset::{Dataset, Declared};
use proteus::discovery::{EntityKind, Grade, Hypothesis};
use proteus::knowledge::Packs;
use proteus::run::RunView;
use proteus::tool::Catalog;
use proteus::tools::CATALOG;
use proteus::workflow::Templates;
use rand::{Rng, SeedableRng};
use tempfile::TempDir;

use crate::support;

fn resources() -> Resources {
    let content = Content::embedded();
    Resources {
        templates: Arc::new(Templates::load(&content).unwrap()),
        catalog: Arc::new(Catalog::new(CATALOG).unwrap()),
        packs: Arc::new(Packs::open(&content).unwrap()),
    }
}

fn request(path: PathBuf, file: ConfigFile) -> Request {
    Request {
        declared: Declared::default(),
        path,
        samples: None,
        config: Config::resolve(ConfigFile {
            decoys: Some(DecoyBudget::Exactly(40)),
            ..file
        }),
    }
}

fn discover(request: Request, parent: &Path) -> Result<Outcome, AgentError> {
    let session = Session::start(request, resources(), parent)?;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(session.run())
}

fn bundled(packs: &Packs) -> Dataset {
    request(
        support::root().join("datasets/ubilength"),
        ConfigFile::default(),
    )
    .open(packs)
    .unwrap()
}

fn asked(text: &str, dataset: &Dataset, packs: &Packs) -> Vec<String> {
    let question = understand(text, dataset, packs).unwrap();
    let found = propose_about(dataset, 12, Some(&question)).objectives;
    found.into_iter().map(|o| o.id.0).collect()
}

#[test]
fn words_are_matched_to_groups_variables_proteins_sets_and_kinds() {
    let packs = Packs::open(&Content::embedded()).unwrap();
    let dataset = bundled(&packs);
    let one = asked("Which proteins bind Ubi6 more than ctrl?", &dataset, &packs);
    assert_eq!(one, ["condition:Ubi6-Ctrl"]);
    // A comparison that nobody proposed is made.
    let other = asked("Ubi6 versus Ubi1", &dataset, &packs);
    assert_eq!(other, ["condition:Ubi6-Ubi1"]);
    let by_variable = asked("Does the condition matter?", &dataset, &packs);
    assert!(by_variable.len() > 2, "{by_variable:?}");

    let question = understand("Is SQSTM1 pulled down by Ubi4?", &dataset, &packs).unwrap();
    assert_eq!(question.proteins, ["SQSTM1"]);
    assert_eq!(question.levels, [("condition".to_owned(), "Ubi4".to_owned())]);
    assert!(question.words().contains("SQSTM1") && question.words().contains("pulled"));
    for objective in propose_about(&dataset, 12, Some(&question)).objectives {
        assert!(objective.questions.iter().all(|q| q.subject == EntityKind::Protein));
    }

    let question = understand("Do Ubi6 beads bring down the proteasome complex?", &dataset, &packs);
    let question = question.unwrap();
    assert!(!question.sets.is_empty(), "{}", question.words());
    assert!(question.sets.iter().all(|(_, name)| name.to_lowercase().contains("proteasom")));

    let detection = understand("what is detected only with Ubi1", &dataset, &packs).unwrap();
    assert!(detection.detection);

    let nothing = understand("How is the weather in Paris?", &dataset, &packs).unwrap_err();
    let text = nothing.to_string();
    assert!(text.contains("condition") && text.contains("Ubi4"), "{text}");
}

#[test]
fn a_run_with_a_question_tests_only_what_it_names() {
    let folder = TempDir::new().unwrap();
    let question = |text: &str| ConfigFile {
        question: Some(text.to_owned()),
        ..ConfigFile::default()
    };
    let path = support::root().join("datasets/ubilength");
    let outcome = discover(
        request(path.clone(), question("Does Ubi6 bring down SQSTM1 and HUWE1?")),
        folder.path(),
    )
    .unwrap();
    let view = RunView::open(&outcome.folder).unwrap();
    let objectives: Vec<String> = view.objectives().unwrap().into_iter().map(|o| o.id.0).collect();
    assert_eq!(objectives, ["condition:Ubi6-Ctrl"]);
    let tested = view.calibration().unwrap().unwrap();
    assert!(tested.strata.iter().all(|s| s.members <= 2), "{tested:?}");
    let named: BTreeSet<String> = outcome
        .hypotheses
        .iter()
        .flat_map(|h| h.claims.iter().map(|c| c.subject.symbol.clone()))
        .collect();
    assert!(!named.is_empty());
    assert!(named.iter().all(|s| s == "SQSTM1" || s == "HUWE1"), "{named:?}");
    let refused = discover(request(path, question("the weather in Paris")), folder.path());
    assert!(matches!(refused, Err(AgentError::Question(_))));
}

/// A standard normal number (Box and Muller).
fn normal(rng: &mut impl Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random_range(f64::EPSILON..1.0), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// 300 proteins named after `genes` in 6 treated and 6 control samples; the first 15 rise fourfold.
fn study(folder: &Path, name: &str, genes: &[String]) -> PathBuf {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    let mut text = String::from("gene");
    for arm in ["treated", "control"] {
        for k in 1..=6 {
            write!(text, "\t{arm}_{k}").unwrap();
        }
    }
    text.push('\n');
    for (i, gene) in genes.iter().enumerate() {
        text.push_str(gene);
        let level = 22.0 + 2.0 * normal(&mut rng);
        for j in 0..12 {
            let effect = if i < 15 && j < 6 { 2.0 } else { 0.0 };
            let value = (level + effect + 0.3 * normal(&mut rng)).exp2();
            write!(text, "\t{value:.1}").unwrap();
        }
        text.push('\n');
    }
    let path = folder.join(format!("{name}.tsv"));
    std::fs::write(&path, text).unwrap();
    path
}

/// Symbols of real genes, the given number of places further in the list.
fn genes(shift: usize) -> Vec<String> {
    let packs = Packs::open(&Content::embedded()).unwrap();
    let genes = packs.identifiers().unwrap().genes();
    let of_people: Vec<String> = genes
        .iter()
        .map(|g| g.symbol.to_string())
        .filter(|s| s.chars().all(|c| c.is_ascii_alphanumeric()))
        .collect();
    (0..300)
        .map(|i| of_people[(i * 7 + shift) % of_people.len()].clone())
        .collect()
}

/// Places in the list of genes of the proteins that supported hypotheses claim.
fn claimed(hypotheses: &[Hypothesis], genes: &[String]) -> BTreeSet<usize> {
    hypotheses
        .iter()
        .filter(|h| h.grade == Grade::Supported)
        .flat_map(|h| &h.claims)
        .filter_map(|c| genes.iter().position(|g| *g == c.subject.id))
        .collect()
}

#[test]
fn without_packs_and_with_scrambled_names_the_same_is_found() {
    let folder = TempDir::new().unwrap();
    let mut found = Vec::new();
    for shift in [0, 1_000] {
        let genes = genes(shift);
        let path = study(folder.path(), &format!("names{shift}"), &genes);
        let outcome = discover(
            request(
                path,
                ConfigFile {
                    blind: Some(true),
                    knowledge: Some(false),
                    contrasts: Some(vec!["treated-control".to_owned()]),
                    ..ConfigFile::default()
                },
            ),
            folder.path(),
        )
        .unwrap();
        assert!(outcome.hypotheses.iter().all(|h| h.support.is_empty()));
        let claimed = claimed(&outcome.hypotheses, &genes);
        assert!(claimed.len() >= 10, "{claimed:?}");
        assert!(claimed.iter().all(|i| *i < 15), "{claimed:?}");
        found.push(claimed);
    }
    assert_eq!(found[0], found[1], "names decided what was found");
}

#[test]
fn a_blind_run_writes_codes_and_reads_back_as_names() {
    let folder = TempDir::new().unwrap();
    let genes = genes(0);
    let path = study(folder.path(), "blind", &genes);
    let ask = |blind| ConfigFile {
        blind: Some(blind),
        contrasts: Some(vec!["treated-control".to_owned()]),
        ..ConfigFile::default()
    };
    let outcome = discover(request(path, ask(true)), folder.path()).unwrap();
    let view = RunView::open(&outcome.folder).unwrap();
    assert_eq!(
        serde_yaml::to_string(&view.hypotheses().unwrap()).unwrap(),
        serde_yaml::to_string(&outcome.hypotheses).unwrap()
    );
    let known: BTreeSet<&str> = genes.iter().map(String::as_str).collect();
    for file in ["hypotheses.yaml", "findings.jsonl", "drafts.yaml"] {
        let text = std::fs::read_to_string(outcome.folder.join(file)).unwrap();
        assert!(text.contains("Prot0"), "{file}");
        let leaks: Vec<&str> = text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| known.contains(word))
            .collect();
        assert!(leaks.is_empty(), "{file} names {leaks:?}");
    }
    assert!(outcome.hypotheses.iter().all(Hypothesis::is_as_frozen));
    assert!(view
        .findings()
        .unwrap()
        .iter()
        .any(|f| known.contains(f.subject.id.as_str())));
}
