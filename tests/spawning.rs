//! Objectives of later generations: chosen after a look from a list that was journaled before, told as such, the same again when a
//! stopped run goes on, and nothing else changes where none is spawned.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proteus::agent::{Outcome, Request, Session};
use proteus::config::{Config, ConfigFile, DecoyBudget};
use proteus::discovery::{Objective, ObjectiveStatus};
use proteus::run::{Event, RunView};
use rand::{Rng, SeedableRng};
use tempfile::TempDir;

use crate::support::engine::{normal, resources};

/// 300 proteins in 10 treated and 10 control samples, of which 5 each are of either sex; the first 25 rise eightfold in treated females
/// and twofold in treated males.
fn study(folder: &Path) -> (PathBuf, PathBuf) {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(41);
    let names: Vec<String> = (0..20).map(|j| format!("case{j:02}")).collect();
    let treated = |j: usize| j < 10;
    let female = |j: usize| j % 2 == 0;
    let mut sheet = String::from("sample\tcondition\tsex\n");
    for (j, name) in names.iter().enumerate() {
        let arm = if treated(j) { "treated" } else { "control" };
        let sex = if female(j) { "female" } else { "male" };
        writeln!(sheet, "{name}\t{arm}\t{sex}").unwrap();
    }
    let mut table = format!("protein\t{}\n", names.join("\t"));
    for i in 0..300 {
        write!(table, "PROT{i:04}").unwrap();
        let level = 22.0 + 2.0 * normal(&mut rng);
        for j in 0..20 {
            let effect = match (i < 25 && treated(j), female(j)) {
                (true, true) => 3.0,
                (true, false) => 1.0,
                _ => 0.0,
            };
            let value = (level + effect + 0.3 * normal(&mut rng)).exp2();
            if rng.random::<f64>() < 0.02 {
                table.push_str("\tNA");
            } else {
                write!(table, "\t{value:.1}").unwrap();
            }
        }
        table.push('\n');
    }
    let (data, samples) = (folder.join("study.tsv"), folder.join("samples.tsv"));
    fs::write(&data, table).unwrap();
    fs::write(&samples, sheet).unwrap();
    (data, samples)
}

fn request(folder: &Path, settings: ConfigFile) -> Request {
    let (data, samples) = study(folder);
    let config = Config::resolve(ConfigFile {
        decoys: Some(DecoyBudget::Exactly(120)),
        packs: Some(false),
        ..settings
    });
    Request {
        samples: Some(samples),
        ..Request::new(data, config)
    }
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

fn discover(folder: &Path, parent: &str, settings: ConfigFile) -> (Outcome, RunView) {
    let request = request(folder, settings);
    let outcome = block_on(Session::start(request, resources(), &folder.join(parent)).unwrap());
    let view = RunView::open(&outcome.folder).unwrap();
    (outcome, view)
}

fn spawned(view: &RunView) -> Vec<Objective> {
    let all = view.objectives().unwrap().into_iter();
    all.filter(|o| o.generation > 0).collect()
}

#[test]
fn a_contrast_is_asked_within_a_group_after_a_look_and_says_so() {
    let folder = TempDir::new().unwrap();
    let (outcome, view) = discover(folder.path(), "runs", ConfigFile::default());
    let later = spawned(&view);
    assert_eq!(later.len(), 2, "{later:#?}");
    assert_eq!([later[0].generation, later[1].generation], [1, 2]);
    let within = "condition:treated-control within sex=female";
    let female = later.iter().find(|o| o.id.0 == within).unwrap();
    assert_eq!(
        female.parent.as_ref().unwrap().0,
        "condition:treated-control"
    );
    assert!(
        female
            .why
            .contains("chosen after a look at earlier results: 1 of 1"),
        "{}",
        female.why
    );

    // Listed before any result, extended after; what is charged does not grow.
    let journal = view.journal().unwrap();
    let place = |wanted: &dyn Fn(&Event) -> bool| journal.iter().position(|e| wanted(&e.event));
    let listed = place(&|e| matches!(e, Event::LaterObjectivesListed { .. })).unwrap();
    let execute = place(
        &|e| matches!(e, Event::StageEntered { stage } if stage == proteus::agent::Stage::Execute.name()),
    )
    .unwrap();
    let extended = place(&|e| matches!(e, Event::MenuExtended { .. })).unwrap();
    assert!(listed < execute && execute < extended);
    let Event::LaterObjectivesListed { objectives } = &journal[listed].event else {
        panic!("{:?}", journal[listed]);
    };
    let charged = journal
        .iter()
        .find_map(|e| match &e.event {
            Event::MenuFrozen { strata, charged } => Some((strata.len(), *charged)),
            _ => None,
        })
        .unwrap();
    assert_eq!(
        view.calibration().unwrap().unwrap().strata_charged,
        charged.1
    );
    let shared: f64 = objectives.iter().map(|o| o.share).sum();
    assert!(shared >= 1.0 && shared <= charged.1 as f64, "{shared}");
    assert!(objectives.iter().any(|o| o.objective.id.0 == within));

    // Claims of it are told with the reason and pay the share.
    let claims: Vec<_> = outcome
        .hypotheses
        .iter()
        .filter(|h| later.iter().any(|o| o.id == h.objective))
        .collect();
    assert!(!claims.is_empty());
    for claim in claims {
        claim.check().unwrap();
        assert!(
            claim
                .grade_reasons
                .iter()
                .any(|r| r.contains("set aside before there were any")),
            "{:?}",
            claim.grade_reasons
        );
        assert!(claim.error_rate.q.get() >= claim.error_rate.q_stratum.get());
    }
    let first = outcome
        .hypotheses
        .iter()
        .filter(|h| h.objective.0 == "condition:treated-control");
    for claim in first {
        assert!(!claim.grade_reasons.iter().any(|r| r.contains("set aside")));
    }
}

#[test]
fn a_run_stopped_after_the_look_resumes_to_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let (outcome, _) = discover(folder.path(), "runs", ConfigFile::default());
    let run = outcome.folder;
    let written = ["hypotheses.yaml", "objectives.yaml", "calibration.yaml"];
    let expected: Vec<Vec<u8>> = written
        .iter()
        .map(|f| fs::read(run.join(f)).unwrap())
        .collect();
    let journal = fs::read_to_string(run.join("journal.jsonl")).unwrap();
    let lines: Vec<&str> = journal.lines().collect();
    let extended = lines
        .iter()
        .position(|l| l.contains("menu_extended"))
        .unwrap();
    let mut torn = lines[..=extended].join("\n");
    torn.push('\n');
    fs::write(run.join("journal.jsonl"), torn).unwrap();
    for file in written {
        fs::remove_file(run.join(file)).unwrap();
    }
    fs::remove_dir_all(run.join("decoys")).unwrap();
    block_on(Session::resume(&run, resources()).unwrap());
    for (file, expected) in written.iter().zip(expected) {
        assert_eq!(fs::read(run.join(file)).unwrap(), expected, "{file}");
    }
}

#[test]
fn what_the_limit_left_out_may_be_asked_later_or_is_given_up_with_the_reason() {
    let folder = TempDir::new().unwrap();
    let settings = ConfigFile {
        max_objectives: Some(1),
        spawned_objectives: Some(1),
        ..ConfigFile::default()
    };
    let (_, view) = discover(folder.path(), "runs", settings);
    let all = view.objectives().unwrap();
    assert_eq!(
        all.iter().filter(|o| o.generation == 0).count() + 1,
        all.len()
    );
    assert_eq!(spawned(&view).len(), 1);
    // Both sexes and what the limit left out were listed; all but one are given up.
    let given_up: Vec<&str> = all
        .iter()
        .filter_map(|o| match &o.status {
            ObjectiveStatus::Retired { reason } => Some(reason.as_str()),
            _ => None,
        })
        .collect();
    assert!(given_up.len() >= 2, "{given_up:?}");
    assert!(
        given_up
            .iter()
            .all(|r| r.contains("could have been asked after the first results")),
        "{given_up:?}"
    );
}

#[test]
fn nothing_changes_where_nothing_is_spawned() {
    let folder = TempDir::new().unwrap();
    let of = |parent: &str, settings: ConfigFile| {
        let (outcome, view) = discover(folder.path(), parent, settings);
        assert!(spawned(&view).is_empty(), "{parent}");
        fs::read_to_string(outcome.folder.join("hypotheses.yaml")).unwrap()
    };
    // The sexes are not known: there is nothing to list.
    let plain = |most| ConfigFile {
        spawned_objectives: Some(most),
        ..ConfigFile::default()
    };
    let none = of("none", plain(0));
    let samples = folder.path().join("samples.tsv");
    let mut without = request(folder.path(), plain(2));
    let sheet = fs::read_to_string(&samples).unwrap();
    let sheet: String = sheet
        .lines()
        .map(|line| format!("{}\n", line.rsplit_once('\t').unwrap().0))
        .collect();
    let narrow = folder.path().join("narrow.tsv");
    fs::write(&narrow, sheet).unwrap();
    without.samples = Some(narrow);
    let run = |request: Request, parent: &str| {
        let session = Session::start(request, resources(), &folder.path().join(parent)).unwrap();
        let outcome = block_on(session);
        assert!(spawned(&RunView::open(&outcome.folder).unwrap()).is_empty());
        fs::read_to_string(outcome.folder.join("hypotheses.yaml")).unwrap()
    };
    let mut off = without.clone();
    off.config.spawned_objectives = 0;
    assert_eq!(run(without, "may"), run(off, "may not"));
    // Who asks a question is not asked about more.
    let asked = of(
        "asked",
        ConfigFile {
            question: Some("Which proteins differ between treated and control?".to_owned()),
            ..ConfigFile::default()
        },
    );
    assert!(!none.is_empty() && !asked.is_empty());
}
