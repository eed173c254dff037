//! A person decides while a run is made: plans changed by hand, objectives approved, reviewers' proposals taken up. What is
//! decided is decided before any result, decoys follow it, and nothing that was decided is lost.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use proteus::agent::steering::{Approver, Choice, Proposal};
use proteus::agent::{AgentError, Request, Session, Steering};
use proteus::config::{Config, ConfigFile, DecoyBudget};
use proteus::discovery::{ObjectiveId, ObjectiveStatus};
use proteus::run::{Event, RunView};
use rand::{Rng, SeedableRng};
use tempfile::TempDir;

use crate::support;
use crate::support::engine::{normal, resources};
use crate::support::program::{Ended, run_folders, start};

/// 200 proteins in twelve samples that differ in `arm`, `genotype` and `age`; the first twenty rise in the treated.
fn study() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(8);
    let mut table = String::from("protein");
    let mut sheet = String::from("sample\tarm\tgenotype\tage\n");
    for j in 0..12 {
        write!(table, "\ts{j}").unwrap();
        let arm = if j < 6 { "treated" } else { "control" };
        let genotype = if j % 2 == 0 { "ko" } else { "wt" };
        writeln!(sheet, "s{j}\t{arm}\t{genotype}\t{}", 40 + (j * 7) % 23).unwrap();
    }
    table.push('\n');
    for i in 0..200 {
        write!(table, "PROT{i:04}").unwrap();
        let level = 22.0 + 2.0 * normal(&mut rng);
        for j in 0..12 {
            let effect = if i < 20 && j < 6 { 1.5 } else { 0.0 };
            let value = (level + effect + 0.3 * normal(&mut rng)).exp2();
            if rng.random::<f64>() < 0.05 {
                table.push_str("\tNA");
            } else {
                write!(table, "\t{value:.1}").unwrap();
            }
        }
        table.push('\n');
    }
    fs::write(folder.path().join("study.tsv"), table).unwrap();
    fs::write(folder.path().join("design.tsv"), sheet).unwrap();
    folder
}

/// The program on the study, without packs.
fn on_study(folder: &Path, command: &str, more: &[&str]) -> Ended {
    let mut arguments = vec![command, "study.tsv", "--samples", "design.tsv", "--quiet"];
    arguments.extend(more);
    start(folder, &arguments)
}

/// A short run of the study with its own parent folder; the run folder.
fn short_run(folder: &Path, parent: &str, more: &[&str]) -> PathBuf {
    let mut arguments = vec!["--out", parent];
    if !more.contains(&"--decoys") {
        arguments.extend(["--decoys", "20"]);
    }
    arguments.extend(more);
    let ended = on_study(folder, "run", &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    folder.join(ended.out.trim())
}

/// The plan of the study as it is written.
fn plan_file(folder: &Path) -> String {
    let ended = on_study(folder, "plan", &["--no-packs", "--edit"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(ended.out, "plan.yaml\nplan.svg\n");
    fs::read_to_string(folder.join("plan.yaml")).unwrap()
}

const RESULTS: [&str; 6] = [
    "hypotheses.yaml",
    "findings.jsonl",
    "calibration.yaml",
    "report/report.md",
    "report/report.json",
    "report/index.html",
];

fn assert_same(first: &Path, second: &Path, files: &[&str]) {
    for file in files {
        let read = |run: &Path| fs::read(run.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert!(read(first) == read(second), "`{file}` differs");
    }
}

fn decoy_files(run: &Path) -> Vec<String> {
    let entries = fs::read_dir(run.join("decoys")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| format!("decoys/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    names.sort();
    names
}

fn retired(run: &Path) -> Vec<(String, String)> {
    let objectives = RunView::open(run).unwrap().objectives().unwrap();
    objectives
        .into_iter()
        .filter_map(|o| match o.status {
            ObjectiveStatus::Retired { reason } => Some((o.id.0, reason)),
            _ => None,
        })
        .collect()
}

/// The text of one objective of a plan file, from its line on.
fn without_objective(plan: &str, id: &str) -> String {
    let start = plan.find(&format!("\n  - id: {id}\n")).unwrap();
    let rest = &plan[start + 1..];
    let end = rest.find("\n\n").unwrap();
    format!("{}{}", &plan[..start], &rest[end..])
}

#[test]
fn a_plan_that_nobody_changed_gives_the_run_of_the_rules() {
    let folder = study();
    let text = plan_file(folder.path());
    let picture = fs::read_to_string(folder.path().join("plan.svg")).unwrap();
    assert!(
        picture.starts_with("<svg") && picture.contains("differential"),
        "{picture}"
    );
    for shown in [
        "# depends on sample labels",
        "covariates: $covariates",
        "proposed:",
    ] {
        assert!(text.contains(shown), "no `{shown}` in\n{text}");
    }
    let rules = short_run(folder.path(), "rules", &["--no-packs"]);
    let planned = short_run(folder.path(), "planned", &["--plan", "plan.yaml"]);
    assert_same(&rules, &planned, &RESULTS);
    assert_same(&rules, &planned, &["objectives.yaml"]);
    assert_eq!(fs::read_to_string(planned.join("plan.yaml")).unwrap(), text);
    // It is in the record, so that the run repeats without the file.
    fs::remove_file(folder.path().join("plan.yaml")).unwrap();
    let again = start(
        folder.path(),
        &["replay", planned.to_str().unwrap(), "--quiet"],
    );
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);
}

#[test]
fn what_is_changed_reaches_the_data_and_every_decoy() {
    let folder = study();
    let text = plan_file(folder.path());
    let changed = without_objective(&text, "structure").replace(
        "          contrast: $contrast\n          covariates: $covariates\n",
        "          contrast: $contrast\n          robust: true\n          covariates: $covariates\n",
    );
    assert_ne!(changed.matches("robust: true").count(), 0, "{text}");
    fs::write(folder.path().join("plan.yaml"), &changed).unwrap();
    let checked = start(
        folder.path(),
        &["plan", "study.tsv", "--samples", "design.tsv", "--edit"],
    );
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    assert!(
        checked
            .err
            .contains("changed: objective `structure` left out")
            && checked.err.contains("`robust` true (was false)"),
        "{}",
        checked.err
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("plan.yaml")).unwrap(),
        changed
    );
    let run = short_run(folder.path(), "changed", &["--plan", "plan.yaml"]);
    let left_out = retired(&run);
    assert!(
        left_out
            .iter()
            .any(|(id, reason)| id == "structure" && reason.contains("left out by the user")),
        "{left_out:?}"
    );
    let journal = RunView::open(&run).unwrap().journal().unwrap();
    let place = |wanted: &dyn Fn(&Event) -> bool| journal.iter().position(|e| wanted(&e.event));
    let given = place(&|e| matches!(e, Event::PlansGiven { changes, .. } if !changes.is_empty()));
    let frozen = place(&|e| matches!(e, Event::MenuFrozen { .. }));
    assert!(given.is_some() && given < frozen, "{given:?} {frozen:?}");

    // A template that says the same from the start gives the same tests and the same decoys, byte for byte.
    let content = folder.path().join("content");
    fs::create_dir_all(content.join("workflows")).unwrap();
    for name in ["two_group_comparison", "multi_group_comparison"] {
        let file = format!("workflows/{name}.yaml");
        let template = support::read(&file);
        let template = template.replace(
            "covariates: $covariates,",
            "robust: true, covariates: $covariates,",
        );
        fs::write(content.join(&file), template).unwrap();
    }
    let by_template = short_run(
        folder.path(),
        "template",
        &["--no-packs", "--content", "content"],
    );
    let ours = decoy_files(&run);
    let theirs: BTreeSet<String> = decoy_files(&by_template).into_iter().collect();
    assert!(
        !ours.is_empty() && ours.iter().all(|f| theirs.contains(f)),
        "{ours:?} {theirs:?}"
    );
    let rules = short_run(folder.path(), "rules", &["--no-packs"]);
    let mut differ = 0;
    for file in &ours {
        let of = |run: &Path| fs::read(run.join(file)).unwrap();
        assert!(of(&run) == of(&by_template), "`{file}` differs");
        differ += usize::from(of(&run) != of(&rules));
    }
    assert!(differ > 0, "the change reached no decoy");
}

#[test]
fn every_fault_of_a_plan_is_told_with_its_place_and_nothing_is_run() {
    let folder = study();
    let text = plan_file(folder.path());
    let refused = |changed: String, told: &[&str]| {
        assert_ne!(changed, text, "nothing changed for {told:?}");
        fs::write(folder.path().join("bad.yaml"), &changed).unwrap();
        let ended = on_study(folder.path(), "run", &["--plan", "bad.yaml"]);
        assert_eq!(ended.code, Some(2), "{told:?}: {}", ended.err);
        for words in told {
            assert!(ended.err.contains(words), "no `{words}` in {}", ended.err);
        }
        assert!(ended.err.contains("bad.yaml"), "{}", ended.err);
        assert_eq!(
            fs::read_to_string(folder.path().join("bad.yaml")).unwrap(),
            changed
        );
        assert!(!folder.path().join("proteus-runs").exists());
    };
    let once = |from: &str, to: &str| text.replacen(from, to, 1);
    refused(
        once("tool: filter_features", "tool: filter_fetures"),
        &["line ", "step `filter`", "filter_features"],
    );
    refused(
        once("matrix: select.matrix", "matrix: selct.matrix"),
        &["`selct.matrix`", "select"],
    );
    refused(
        once("smallest_group: $smallest_group", "min_fraction: 7"),
        &["step `filter`", "min_fraction", "proteus tools show"],
    );
    refused(
        once("covariates: [genotype]", "covariates: [weight]"),
        &["no column `weight`", "`age`"],
    );
    refused(
        once("covariates: $covariates", "covariates: [age]"),
        &[
            "its decoys are made for",
            "change `covariates` of the objective",
        ],
    );
    refused(
        once("contrast: $contrast", "contrast: \"genotype:ko-wt\""),
        &["`contrast` is", "another objective"],
    );
    refused(
        once("title: ", "title: Not "),
        &["`title` says what is tested"],
    );
    refused(
        once("- id: \"arm:", "- id: \"arm:x"),
        &["these data are not asked this", "arm:treated-control"],
    );
    refused(once("format: 1", "format: 9"), &["format 9"]);
    refused(once("steps:", "stpes:"), &["line ", "stpes"]);
    refused(
        once("samples: 12", "samples: 13"),
        &["made for other data", "13 samples and there are 12"],
    );
    refused(
        once("    age: ", "    weight: "),
        &["made for other data", "no column `weight`", "`age`"],
    );
    let again = text.replacen(
        "      - id: differential ",
        "      - {id: once_more, tool: differential_abundance, inputs: {matrix: normalise.matrix}, params: {contrast: $contrast, covariates: $covariates, blocking: $blocking}}\n      - id: differential ",
        1,
    );
    refused(again, &["answer the same question", "`once_more`"]);
    let cycle = text.replacen(
        "inputs: {matrix: dataset}",
        "inputs: {matrix: normalise.matrix}",
        1,
    );
    refused(cycle, &["wait for each other"]);
    // Settings come from the plan.
    fs::write(folder.path().join("good.yaml"), &text).unwrap();
    let other = on_study(
        folder.path(),
        "run",
        &["--plan", "good.yaml", "--contrast", "genotype:ko-wt"],
    );
    assert_eq!(other.code, Some(2), "{}", other.err);
    assert!(
        other.err.contains("made with another `contrasts`"),
        "{}",
        other.err
    );
}

#[test]
fn a_model_changed_in_one_place_is_followed_by_every_step_and_by_the_decoys() {
    let folder = study();
    let text = plan_file(folder.path());
    fs::write(
        folder.path().join("plan.yaml"),
        text.replacen("covariates: [genotype]", "covariates: [genotype, age]", 1),
    )
    .unwrap();
    let run = short_run(folder.path(), "adjusted", &["--plan", "plan.yaml"]);
    let view = RunView::open(&run).unwrap();
    let objectives = view.objectives().unwrap();
    let adjusted = objectives
        .iter()
        .find(|o| o.covariates == ["genotype", "age"])
        .unwrap();
    assert!(
        adjusted
            .why
            .contains("adjusted for genotype, age (was genotype)"),
        "{}",
        adjusted.why
    );
    let differential = view
        .steps()
        .unwrap()
        .into_iter()
        .map(|name| view.step(&name).unwrap())
        .find(|s| s.tool == "differential_abundance" && s.objective == adjusted.id)
        .unwrap();
    assert_eq!(
        differential.params["covariates"],
        serde_json::json!(["genotype", "age"])
    );
}

fn objective_ids(folder: &Path) -> Vec<String> {
    let ended = start(
        folder,
        &[
            "plan",
            "study.tsv",
            "--samples",
            "design.tsv",
            "--no-packs",
            "--json",
        ],
    );
    let plans: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let planned = plans["planned"].as_array().unwrap();
    planned
        .iter()
        .filter(|p| !p["plan"].is_null())
        .map(|p| p["objective"]["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn objectives_are_approved_before_the_menu_and_never_asked_twice() {
    let folder = study();
    let nobody = on_study(folder.path(), "run", &["--no-packs", "--approve"]);
    assert_eq!(nobody.code, Some(2), "{}", nobody.err);
    assert!(nobody.err.contains("--approve-from FILE"), "{}", nobody.err);
    assert!(!folder.path().join("proteus-runs").exists());

    let ids = objective_ids(folder.path());
    assert!(ids.len() > 2, "{ids:?}");
    let answers = |text: String| fs::write(folder.path().join("answers.yaml"), text).unwrap();
    answers(format!(
        "\"{}\": approve\n\"{}\": skip\nrest: quit\n",
        ids[0], ids[1]
    ));
    let paused = on_study(
        folder.path(),
        "run",
        &[
            "--no-packs",
            "--decoys",
            "20",
            "--approve-from",
            "answers.yaml",
        ],
    );
    assert_eq!(paused.code, Some(4), "{}", paused.err);
    assert!(
        paused.err.contains("2 of ") && paused.err.contains("proteus resume"),
        "{}",
        paused.err
    );
    let run = run_folders(&folder.path().join("proteus-runs")).remove(0);
    assert!(!run.join("plans").exists() && !run.join("decoys").exists());
    let stranger = run.to_str().unwrap();
    let unattended = start(folder.path(), &["resume", stranger, "--quiet"]);
    assert_eq!(unattended.code, Some(2), "{}", unattended.err);
    answers("\"no such\": skip\nrest: approve\n".to_owned());
    let resume = [
        "resume",
        stranger,
        "--approve-from",
        "answers.yaml",
        "--quiet",
    ];
    let unknown = start(folder.path(), &resume);
    assert_eq!(unknown.code, Some(2), "{}", unknown.err);
    assert!(
        unknown.err.contains("`no such`") && unknown.err.contains(&ids[0]),
        "{}",
        unknown.err
    );
    // Another answer to what was answered changes nothing.
    answers(format!(
        "\"{}\": skip\n\"{}\": approve\nrest: skip\n",
        ids[0], ids[1]
    ));
    let resumed = start(folder.path(), &resume);
    assert_eq!(resumed.code, Some(0), "{}", resumed.err);
    let view = RunView::open(&run).unwrap();
    let journal = view.journal().unwrap();
    let decided: Vec<(&ObjectiveId, bool)> = journal
        .iter()
        .filter_map(|e| match &e.event {
            Event::ObjectiveDecided {
                objective,
                approved,
                ..
            } => Some((objective, *approved)),
            _ => None,
        })
        .collect();
    assert_eq!(decided.len(), ids.len(), "each once: {decided:?}");
    assert!(
        decided
            .iter()
            .all(|(id, approved)| *approved == (id.0 == ids[0])),
        "{decided:?}"
    );
    let menu = journal.iter().find_map(|e| match &e.event {
        Event::MenuFrozen { strata, charged } => Some((strata.clone(), *charged)),
        _ => None,
    });
    let (strata, _) = menu.unwrap();
    assert!(
        strata.iter().all(|s| s.objective.0 == ids[0]) && !strata.is_empty(),
        "{strata:?}"
    );
    let given_up = retired(&run);
    assert_eq!(
        given_up
            .iter()
            .filter(|(_, r)| r.contains("not approved"))
            .count(),
        ids.len() - 1
    );
    // Repeated from its record, it is approved the same way.
    let again = start(folder.path(), &["replay", stranger, "--quiet"]);
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);
    // What is left is what was asked for alone.
    let whole = start(folder.path(), &["resume", stranger, "--quiet"]);
    assert_eq!(whole.code, Some(0), "{}", whole.err);
}

/// Answers until it has none left, as a process that is killed.
struct Mortal {
    left: Mutex<usize>,
    asked: Mutex<Vec<String>>,
}

impl Approver for Mortal {
    fn by(&self) -> &'static str {
        "test"
    }

    fn check(&self, _asked: &[&ObjectiveId]) -> Result<(), String> {
        Ok(())
    }

    fn decide(&self, proposal: &Proposal<'_>) -> Result<Choice, String> {
        let mut left = self.left.lock().unwrap();
        if *left == 0 {
            return Err("killed".to_owned());
        }
        *left -= 1;
        assert!(!proposal.tests.is_empty() || !proposal.off_menu.is_empty());
        self.asked
            .lock()
            .unwrap()
            .push(proposal.objective.id.0.clone());
        Ok(Choice::Approve)
    }
}

fn mortal(left: usize) -> Arc<Mortal> {
    Arc::new(Mortal {
        left: Mutex::new(left),
        asked: Mutex::default(),
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn a_run_killed_while_it_asks_goes_on_where_it_was() {
    let folder = study();
    let request = |approve: bool| Request {
        samples: Some(folder.path().join("design.tsv")),
        steering: Steering {
            approve,
            ..Steering::default()
        },
        ..Request::new(
            folder.path().join("study.tsv"),
            Config::resolve(ConfigFile {
                decoys: Some(DecoyBudget::Exactly(20)),
                packs: Some(false),
                ..ConfigFile::default()
            }),
        )
    };
    let first = mortal(1);
    let session = Session::start(request(true), resources(), &folder.path().join("asked")).unwrap();
    let run = session.folder();
    let killed = block_on(session.asking(first.clone()).run()).unwrap_err();
    assert!(matches!(killed, AgentError::NotApproved { .. }), "{killed}");
    let second = mortal(usize::MAX);
    let session = Session::resume(&run, resources()).unwrap();
    block_on(session.asking(second.clone()).run()).unwrap();
    let (before, after) = (first.asked.lock().unwrap(), second.asked.lock().unwrap());
    assert!(
        !after.is_empty() && !after.contains(&before[0]),
        "{before:?} {after:?}"
    );
    // Who approves everything has the run of one who was not asked.
    let session =
        Session::start(request(false), resources(), &folder.path().join("rules")).unwrap();
    let unasked = session.folder();
    block_on(session.run()).unwrap();
    assert_same(
        &run,
        &unasked,
        &["hypotheses.yaml", "findings.jsonl", "calibration.yaml"],
    );
}

/// A review about the first hypothesis of a run, from a CSV sheet.
fn review(folder: &Path, run: &Path, name: &str, statement: &str, question: &str) {
    let view = RunView::open(run).unwrap();
    let id = view.hypotheses().unwrap()[0].id.clone();
    let sheet = format!(
        "hypothesis,comment,proposed_statement,proposed_question\n{id},seen,{statement},{question}\n"
    );
    fs::write(folder.join("sheet.csv"), sheet).unwrap();
    let run = run.to_str().unwrap();
    let ended = start(
        folder,
        &["review", run, "--import", "sheet.csv", "--as", name],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.err);
}

#[test]
fn what_reviewers_propose_is_taken_up_once_beside_the_run_and_never_graded_as_evidence() {
    let folder = study();
    let parent = short_run(folder.path(), "runs", &["--no-packs", "--decoys", "200"]);
    let untouched = crate::review::without_reviews(&parent);
    review(
        folder.path(),
        &parent,
        "anna",
        "PROT0001 goes up.",
        "Does PROT0003 follow arm?",
    );
    review(
        folder.path(),
        &parent,
        "ben",
        "",
        "does PROT0003  follow ARM?",
    );
    review(folder.path(), &parent, "carl", "", "What of the weather?");
    let resume = || {
        let ended = start(folder.path(), &["resume", parent.to_str().unwrap()]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.out
    };
    let told = resume();
    for words in [
        "anna proposes a question: Does PROT0003 follow arm?",
        "kept beside ours",
        "not taken up",
        "names nothing that can be asked",
    ] {
        assert!(told.contains(words), "no `{words}` in {told}");
    }
    let runs = run_folders(&folder.path().join("runs"));
    assert_eq!(runs.len(), 2, "two people, one question: {runs:?}");
    let follow_up = runs.iter().find(|r| **r != parent).unwrap();
    assert!(
        told.matches(&*follow_up.file_name().unwrap().to_string_lossy())
            .count()
            >= 2
    );
    let view = RunView::open(follow_up).unwrap();
    let config = &view.record().config;
    assert_eq!(
        config["steering"]["follow_up"]["proposed_by"],
        serde_json::json!(["anna", "ben"])
    );
    let hypotheses = view.hypotheses().unwrap();
    assert!(!hypotheses.is_empty(), "a planted protein is found again");
    for hypothesis in &hypotheses {
        assert_eq!(hypothesis.grade.word(), "exploratory");
        assert!(
            hypothesis
                .flags
                .iter()
                .any(|f| f.code == "asked_after_results")
        );
        assert!(
            hypothesis
                .grade_reasons
                .iter()
                .any(|r| r.contains("a lead"))
        );
    }
    assert!(
        hypotheses.iter().any(|h| h.error_rate.q.get() <= 0.05),
        "q is its own"
    );
    let why = start(
        folder.path(),
        &["why", "1", "--run", follow_up.to_str().unwrap()],
    );
    assert!(
        why.out.contains("asked before any result"),
        "{}{}",
        why.out,
        why.err
    );

    // Once is enough, and what is read does not change what was found.
    let account = |out: &str| out[out.find("Proposed by reviewers").unwrap()..].to_owned();
    assert_eq!(account(&resume()), account(&told));
    assert_eq!(run_folders(&folder.path().join("runs")).len(), 2);
    let kept = fs::read_to_string(parent.join("reviews/taken-up.yaml")).unwrap();
    assert!(
        kept.contains("PROT0001 goes up.") && kept.contains("\n  outcome: beside_ours"),
        "{kept}"
    );
    let same: Vec<_> = untouched
        .iter()
        .filter(|(path, bytes)| {
            let of_report = path.starts_with(parent.join("report"));
            let grows = path.ends_with("journal.jsonl");
            !of_report && !grows && fs::read(path).unwrap() != **bytes
        })
        .collect();
    assert!(
        same.is_empty(),
        "{:?}",
        same.iter().map(|s| s.0).collect::<Vec<_>>()
    );

    // The wording stands in the report, which is repeated with it.
    let page = fs::read_to_string(parent.join("report/index.html")).unwrap();
    assert_eq!(page.matches("A reviewer words it.").count(), 1);
    assert!(page.contains("<bdi>PROT0001 goes up.</bdi>"));
    let text = fs::read_to_string(parent.join("report/report.md")).unwrap();
    assert!(text.contains("PROT0001 goes up. (anna; not checked against the evidence)"));
    let again = start(
        folder.path(),
        &["replay", parent.to_str().unwrap(), "--quiet"],
    );
    assert_eq!(again.code, Some(0), "{}", again.err);
}

#[test]
fn a_run_is_shown_with_its_decisions_and_the_cache_is_cleared_of_what_no_run_needs() {
    let folder = study();
    let kept = short_run(folder.path(), "runs", &["--no-packs"]);
    let gone = short_run(folder.path(), "runs", &["--no-packs", "--seed", "2"]);
    let shown = start(folder.path(), &["runs", "show", kept.to_str().unwrap()]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    for words in ["state: finished", "input: study.tsv", "max_objectives: 12"] {
        assert!(shown.out.contains(words), "no `{words}` in {}", shown.out);
    }
    let gc = |more: &[&str]| {
        let mut arguments = vec!["runs", "gc", "--out", "runs"];
        arguments.extend(more);
        let ended = start(folder.path(), &arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.out
    };
    assert!(gc(&[]).starts_with("not needed: 0 entries"), "{}", gc(&[]));
    let before = support::files_in(&kept);
    fs::remove_dir_all(&gone).unwrap();
    let listed = gc(&[]);
    assert!(!listed.contains(" 0 entries"), "{listed}");
    let removed = gc(&["--delete"]);
    assert_eq!(removed.replace("removed", "not needed"), listed);
    assert!(gc(&[]).starts_with("not needed: 0 entries"));
    assert_eq!(support::files_in(&kept), before);
    let again = start(
        folder.path(),
        &["replay", kept.to_str().unwrap(), "--quiet"],
    );
    assert_eq!(again.code, Some(0), "{}", again.err);
}
