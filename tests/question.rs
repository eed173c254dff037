//! Questions in words, blind runs and runs without packs: what is asked is narrowed before any result, what is written hides
//! names, and what the data bear is found all the same.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proteus::agent::propose::Question;
use proteus::agent::{AgentError, Outcome, Request, Session, Steering};
use proteus::config::{Config, ConfigFile, DecoyBudget};
use proteus::content::Content;
use proteus::dataset::Declared;
use proteus::discovery::{Archetype, Grade, Hypothesis, Meaning};
use proteus::knowledge::Packs;
use proteus::run::tables::read_parquet;
use proteus::run::{Event, RunView};
use proteus::tool::frame::texts;
use rand::SeedableRng;
use serde_json::Value;
use tempfile::TempDir;

use crate::support;
use crate::support::engine::{normal, resources};
use crate::support::program::{only_run, start};

/// Decoys per stratum: few, for what is tested here is not the error rate.
const DECOYS: usize = 40;

fn request(path: PathBuf, file: ConfigFile) -> Request {
    Request {
        declared: Declared::default(),
        path,
        samples: None,
        steering: Steering::default(),
        config: Config::resolve(ConfigFile {
            decoys: file.decoys.or(Some(DecoyBudget::Exactly(DECOYS))),
            ..file
        }),
    }
}

fn discover(request: Request, parent: &Path) -> Result<Outcome, AgentError> {
    let session = Session::start(request, resources(), parent)?;
    block_on(session)
}

fn block_on(session: Session) -> Result<Outcome, AgentError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(session.run())
}

fn ubilength() -> PathBuf {
    support::root().join("datasets/ubilength")
}

fn one_contrast() -> Option<Vec<String>> {
    Some(vec!["condition:Ubi6-Ctrl".to_owned()])
}

#[test]
fn sets_and_genes_of_the_packs_are_understood() {
    let packs = Packs::open(&Content::embedded()).unwrap();
    let dataset = request(ubilength(), ConfigFile::default())
        .open(&packs)
        .unwrap();
    let ask = |text: &str| Question::understand(text, &dataset, &packs);
    let names = |text: &str, meaning| -> Vec<String> {
        let asked = ask(text).unwrap().asked(0, None);
        let of = asked
            .understood
            .into_iter()
            .filter(|u| u.meaning == meaning);
        of.map(|u| u.name).collect()
    };
    let sets = names(
        "Do Ubi6 beads bring down the proteasome complex?",
        Meaning::Set,
    );
    assert!(!sets.is_empty());
    assert!(
        sets.iter()
            .all(|name| name.to_lowercase().contains("proteasome")),
        "{sets:?}"
    );
    assert_eq!(
        names("Is SQSTM1 pulled down by Ubi4?", Meaning::Protein),
        ["SQSTM1"]
    );
    // Proteins of a set are its measured members, and the set itself.
    let of_set = ask("Which proteins of the proteasome complex bind Ubi6?")
        .unwrap()
        .focus();
    assert!(
        of_set.proteins.len() > 10 && !of_set.sets.is_empty(),
        "{of_set:?}"
    );
    // A gene that exists and was not measured is not another question.
    let unmeasured = ask("Does INS bind Ubi6?").unwrap_err().to_string();
    assert!(
        unmeasured.contains("`INS`: a gene that was not measured"),
        "{unmeasured}"
    );
}

#[test]
fn a_question_fixes_the_menu_before_any_result() {
    let folder = TempDir::new().unwrap();
    let question = |text: &str| ConfigFile {
        question: Some(text.to_owned()),
        decoys: Some(DecoyBudget::Exactly(200)),
        ..ConfigFile::default()
    };
    let outcome = discover(
        request(
            ubilength(),
            question("Does Ubi6 bring down SQSTM1 and HUWE1?"),
        ),
        folder.path(),
    )
    .unwrap();
    let view = RunView::open(&outcome.folder).unwrap();
    let objectives: Vec<String> = view
        .objectives()
        .unwrap()
        .into_iter()
        .map(|o| o.id.0)
        .collect();
    assert_eq!(objectives, ["condition:Ubi6-Ctrl"]);
    let tested = view.calibration().unwrap().unwrap();
    assert!(
        tested.strata.iter().all(|s| s.members <= 2),
        "{:?}",
        tested.strata
    );
    let named: BTreeSet<&str> = outcome
        .hypotheses
        .iter()
        .flat_map(|h| h.claims.iter().map(|c| c.subject.symbol.as_str()))
        .collect();
    assert_eq!(named, BTreeSet::from(["HUWE1", "SQSTM1"]));
    assert!(
        outcome
            .hypotheses
            .iter()
            .any(|h| h.grade <= Grade::Suggestive)
    );
    // Understood, then the menu frozen, then the first label-reading step.
    let journal = view.journal().unwrap();
    let place = |wanted: &dyn Fn(&Event) -> bool| {
        journal
            .iter()
            .position(|entry| wanted(&entry.event))
            .unwrap()
    };
    let understood = place(&|e| matches!(e, Event::QuestionUnderstood { .. }));
    let frozen = place(&|e| matches!(e, Event::MenuFrozen { .. }));
    let differential =
        place(&|e| matches!(e, Event::StepFinished { step, .. } if step.contains("differential")));
    assert!(
        understood < frozen && frozen < differential,
        "{understood} {frozen} {differential}"
    );
    let Event::MenuFrozen { strata, .. } = &journal[frozen].event else {
        panic!("no menu");
    };
    assert!(strata.iter().all(|s| s.members <= 2), "{strata:?}");
    assert_eq!(view.question().unwrap().unwrap().only, ["SQSTM1", "HUWE1"]);

    let before = support::program::run_folders(folder.path()).len();
    let refused = discover(
        request(ubilength(), question("the weather in Paris")),
        folder.path(),
    );
    assert!(matches!(refused, Err(AgentError::Question(_))));
    assert_eq!(
        support::program::run_folders(folder.path()).len(),
        before,
        "a refusal leaves no run behind"
    );
}

/// 300 proteins named after `genes` in 6 treated and 6 control samples; the first 15 rise fourfold, and 12 more are seen in
/// treated samples only.
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
            if (15..27).contains(&i) && j >= 6 {
                text.push('\t');
            } else {
                write!(text, "\t{value:.1}").unwrap();
            }
        }
        text.push('\n');
    }
    let path = folder.join(format!("{name}.tsv"));
    std::fs::write(&path, text).unwrap();
    path
}

/// Symbols of real genes, taken from that many places further in the list.
fn genes(shift: usize) -> Vec<String> {
    let packs = Packs::open(&Content::embedded()).unwrap();
    let of_people: Vec<String> = packs
        .identifiers()
        .unwrap()
        .genes()
        .iter()
        .map(|g| g.symbol.to_string())
        .filter(|s| s.len() > 3 && s.chars().all(|c| c.is_ascii_alphanumeric()))
        .collect();
    (0..300)
        .map(|i| of_people[(i * 7 + shift) % of_people.len()].clone())
        .collect()
}

/// What a hypothesis says, but for names.
fn numbers(h: &Hypothesis) -> String {
    let claims: Vec<String> = h
        .claims
        .iter()
        .map(|c| format!("{:?} {:?} {}", c.relation, c.direction, c.value.to_bits()))
        .collect();
    format!(
        "{} {:?} {} {:?} {} q {} p {} floor {} effect {:?} n {:?} {claims:?} flags {} held {}/{} absorbed {}",
        h.rank,
        h.archetype,
        h.objective,
        h.grade,
        h.error_rate.stratum_size,
        h.error_rate.q.get(),
        h.error_rate.p.get(),
        h.error_rate.floor,
        h.effect,
        h.n,
        h.flags.len(),
        h.robustness.held,
        h.robustness.tried,
        h.absorbed.len(),
    )
}

/// A blind and an open run of the same: the same hypotheses in the same order but for names.
fn same_but_for_names(path: &Path, file: &ConfigFile, folder: &Path) -> [Outcome; 2] {
    let run = |blind| {
        let file = ConfigFile {
            blind: Some(blind),
            ..file.clone()
        };
        discover(request(path.to_owned(), file), folder).unwrap()
    };
    let both = [run(false), run(true)];
    let [open, blind] = &both;
    let key = RunView::open(&blind.folder)
        .unwrap()
        .key()
        .unwrap()
        .unwrap();
    let shown = |h: &Hypothesis| -> Vec<String> {
        h.claims
            .iter()
            .map(|c| key.reveal(&c.subject.symbol))
            .collect()
    };
    assert_eq!(open.hypotheses.len(), blind.hypotheses.len());
    assert!(open.hypotheses.len() > 3);
    for (a, b) in open.hypotheses.iter().zip(&blind.hypotheses) {
        assert_eq!(numbers(a), numbers(b));
        let names: Vec<String> = a.claims.iter().map(|c| c.subject.symbol.clone()).collect();
        assert_eq!(
            names,
            shown(b),
            "of `{}` and `{}`",
            a.statement,
            b.statement
        );
        // Variables, groups and numbers stand as they are; names come back out of the key.
        assert_eq!(a.statement, key.reveal(&b.statement));
        let structure = matches!(
            a.archetype,
            Archetype::SubtypeAssociation | Archetype::ComponentAssociation
        );
        assert!(structure || a.statement != b.statement, "{}", b.statement);
    }
    both
}

#[test]
fn a_blind_run_without_packs_finds_the_same_on_a_bundled_dataset() {
    let folder = TempDir::new().unwrap();
    let file = ConfigFile {
        packs: Some(false),
        contrasts: one_contrast(),
        ..ConfigFile::default()
    };
    let [open, blind] = same_but_for_names(&ubilength(), &file, folder.path());
    for outcome in [&open, &blind] {
        let kinds: BTreeSet<Archetype> = outcome.hypotheses.iter().map(|h| h.archetype).collect();
        assert!(
            !kinds.contains(&Archetype::PathwayShift) && !kinds.contains(&Archetype::ComplexShift)
        );
        assert!(outcome.hypotheses.iter().all(|h| h.support.is_empty()));
        let view = RunView::open(&outcome.folder).unwrap();
        assert!(view.record().versions.is_empty(), "no pack shaped the run");
        let journal = view.journal().unwrap();
        let failed = |e: &Event| matches!(e, Event::StepFailed { .. });
        assert!(
            !journal.iter().any(|entry| failed(&entry.event)),
            "a step failed for want of packs"
        );
        let not_asked = std::fs::read_to_string(view.path("not_asked.yaml")).unwrap();
        assert!(
            not_asked.contains("no knowledge pack is read"),
            "{not_asked}"
        );
    }
}

#[test]
fn a_blind_run_with_packs_tests_the_same_sets() {
    let folder = TempDir::new().unwrap();
    let file = ConfigFile {
        contrasts: one_contrast(),
        ..ConfigFile::default()
    };
    let [open, blind] = same_but_for_names(&ubilength(), &file, folder.path());
    let sets = |outcome: &Outcome| {
        let of = |h: &&Hypothesis| {
            matches!(
                h.archetype,
                Archetype::PathwayShift | Archetype::ComplexShift
            )
        };
        outcome.hypotheses.iter().filter(of).count()
    };
    assert!(sets(&open) > 0);
    assert_eq!(sets(&open), sets(&blind));
}

#[test]
fn names_decide_nothing_that_is_found() {
    let folder = TempDir::new().unwrap();
    let mut found = Vec::new();
    for shift in [0, 1_000] {
        let genes = genes(shift);
        let path = study(folder.path(), &format!("names{shift}"), &genes);
        let file = ConfigFile {
            packs: Some(false),
            contrasts: Some(vec!["treated-control".to_owned()]),
            ..ConfigFile::default()
        };
        let outcome = discover(request(path, file), folder.path()).unwrap();
        let places: Vec<Vec<usize>> = outcome
            .hypotheses
            .iter()
            .map(|h| {
                let ids = h.claims.iter().map(|c| &c.subject.id);
                ids.filter_map(|id| genes.iter().position(|g| g == id))
                    .collect()
            })
            .collect();
        assert!(
            places.iter().flatten().filter(|i| **i < 15).count() >= 10,
            "{places:?}"
        );
        found.push(places);
    }
    assert_eq!(found[0], found[1]);
}

/// Every file under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What a file says: its text, or the texts of a table.
fn text_of(file: &Path) -> String {
    if file.extension().is_none_or(|e| e != "parquet") {
        return String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
    }
    let table = read_parquet(file).unwrap();
    let mut text = String::new();
    for name in table.get_column_names_owned() {
        writeln!(text, "{name}").unwrap();
        for cell in texts(&table, &name).unwrap_or_default() {
            writeln!(text, "{cell}").unwrap();
        }
    }
    text
}

#[test]
fn nothing_but_the_key_of_a_blind_run_names_what_was_measured() {
    let folder = TempDir::new().unwrap();
    let genes = genes(0);
    let path = study(folder.path(), "secret_study", &genes);
    let out = folder.path().join("runs");
    let arguments = |more: &[&str]| -> Vec<String> {
        let fixed = [
            "run",
            path.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ];
        let options = [
            "--quiet",
            "--decoys",
            "40",
            "--contrast",
            "treated-control",
            "--blind",
        ];
        fixed
            .iter()
            .chain(&options)
            .chain(more)
            .map(|s| (*s).to_owned())
            .collect()
    };
    let question = format!("Does {} rise in treated, and zzyzx?", genes[0]);
    let all = arguments(&["--question", &question]);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let ended = start(folder.path(), &all);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let run = only_run(&out);
    let known: BTreeSet<&str> = genes.iter().map(String::as_str).collect();
    let mut read = 0;
    for file in files(&run) {
        let name = file
            .strip_prefix(&run)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        // The key, and what says where the run came from: its path and settings.
        if matches!(name.as_str(), "codes.yaml" | "run.yaml" | "journal.jsonl") {
            continue;
        }
        let text = text_of(&file);
        let leaks: Vec<&str> = text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| known.contains(word))
            .collect();
        assert!(leaks.is_empty(), "`{name}` names {leaks:?}");
        assert!(!text.contains("secret_study"), "`{name}` names the study");
        assert!(
            !text.contains("zzyzx"),
            "`{name}` repeats a word that may be a name"
        );
        read += 1;
    }
    assert!(read > 20, "{read} files");
    let page = std::fs::read_to_string(run.join("report/report.md")).unwrap();
    assert!(
        page.contains("GENE0") && page.contains("names hidden"),
        "{page}"
    );

    // With the key the names come back, in every form, beside the report that hides them.
    let name = run.display().to_string();
    let unblinded = start(folder.path(), &["report", &name, "--unblind"]);
    assert_eq!(unblinded.code, Some(0), "{}", unblinded.err);
    let target = run.join("report-unblinded");
    for form in ["index.html", "report.md", "report.json"] {
        let text = std::fs::read_to_string(target.join(form)).unwrap();
        assert!(text.contains(&genes[0]), "`{form}`");
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let codes: Vec<&str> = words
            .filter(|w| w.starts_with("GENE0") || w.starts_with("PROT0"))
            .collect();
        assert!(codes.is_empty(), "`{form}` still says {codes:?}");
    }
    let json = start(
        folder.path(),
        &["report", &name, "--unblind", "--format", "json"],
    );
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["names_hidden"], Value::Bool(false));
    let explained = start(
        folder.path(),
        &["explain", "1", "--run", &name, "--unblind"],
    );
    assert!(explained.out.contains(&genes[0]), "{}", explained.out);
    let hidden = start(folder.path(), &["explain", "1", "--run", &name]);
    assert!(
        !hidden.out.contains(&genes[0]) && hidden.out.contains("GENE0"),
        "{}",
        hidden.out
    );
    // Without the key they do not.
    std::fs::remove_file(run.join("codes.yaml")).unwrap();
    let gone = start(folder.path(), &["report", &name, "--unblind"]);
    assert_eq!(gone.code, Some(2));
    assert!(gone.err.contains("codes.yaml"), "{}", gone.err);
}

#[test]
fn a_blind_run_is_not_set_beside_one_with_names() {
    let folder = TempDir::new().unwrap();
    let path = study(folder.path(), "study", &genes(0));
    let out = folder.path().join("runs").display().to_string();
    let path = path.display().to_string();
    let mut runs = Vec::new();
    for more in [
        &[][..],
        &["--blind"],
        &["--blind", "--max-objectives", "11"],
        &["--blind", "--seed", "2"],
    ] {
        let mut arguments = vec!["run", &path, "--out", &out, "--quiet", "--decoys", "20"];
        arguments.extend(["--contrast", "treated-control", "--no-packs"]);
        arguments.extend(more);
        let ended = start(folder.path(), &arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        runs.push(ended.out.trim().to_owned());
    }
    let compare = |a: &str, b: &str| start(folder.path(), &["compare", a, b]);
    let mixed = compare(&runs[0], &runs[1]);
    assert_eq!(mixed.code, Some(2));
    assert!(
        mixed.err.contains("hides names behind codes"),
        "{}",
        mixed.err
    );
    assert_eq!(compare(&runs[1], &runs[3]).code, Some(2));
    let same = compare(&runs[1], &runs[2]);
    assert_eq!(same.code, Some(0), "{}", same.err);
    assert!(
        same.out.contains("0 only in 1, 0 only in 2"),
        "{}",
        same.out
    );
    let replicated = start(folder.path(), &["replicate", &runs[1], "--cohort", &path]);
    assert_eq!(replicated.code, Some(2));
    assert!(
        replicated.err.contains("the run is blind"),
        "{}",
        replicated.err
    );
    let why_not = start(folder.path(), &["why-not", "TP53", "--run", &runs[1]]);
    assert!(why_not.err.contains("the run is blind"), "{}", why_not.err);
    let open = start(folder.path(), &["report", &runs[0], "--unblind"]);
    assert_eq!(open.code, Some(2));
    assert!(open.err.contains("the run is not blind"), "{}", open.err);
}

#[test]
fn an_interrupted_run_resumes_with_its_question_blind_and_without_packs() {
    let folder = TempDir::new().unwrap();
    let genes = genes(0);
    let path = study(folder.path(), "study", &genes);
    let file = ConfigFile {
        question: Some(format!(
            "Which proteins differ between treated and control, {}?",
            genes[3]
        )),
        blind: Some(true),
        packs: Some(false),
        ..ConfigFile::default()
    };
    let whole = discover(
        request(path.clone(), file.clone()),
        &folder.path().join("a"),
    )
    .unwrap();
    let parent = folder.path().join("b");
    let cut = Session::start(request(path, file), resources(), &parent)
        .unwrap()
        .folder();
    let resumed = block_on(Session::resume(&cut, resources()).unwrap()).unwrap();
    let same = [
        "question.yaml",
        "codes.yaml",
        "objectives.yaml",
        "findings.jsonl",
        "hypotheses.yaml",
        "dataset.yaml",
    ];
    for name in same {
        let read = |run: &Path| std::fs::read(run.join(name)).unwrap();
        assert_eq!(read(&whole.folder), read(&resumed.folder), "`{name}`");
    }
    assert_eq!(
        RunView::open(&cut)
            .unwrap()
            .question()
            .unwrap()
            .unwrap()
            .only
            .len(),
        1
    );
}

#[test]
fn a_question_is_told_on_the_way_and_refused_in_words() {
    let folder = TempDir::new().unwrap();
    let data = ubilength().display().to_string();
    let hostile =
        "Does Ubi6 bind SQSTM1 more than Ctrl? \u{1b}[31m<script>alert('x')</script> {{ 7*7 }}";
    let out = folder.path().display().to_string();
    let run = [
        "run",
        &data,
        "--decoys",
        "20",
        "--out",
        &out,
        "--question",
        hostile,
        "--dry-run",
    ];
    let ended = start(folder.path(), &run);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(
        ended.out.starts_with("Asked: Does Ubi6 bind SQSTM1"),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("“SQSTM1”: the protein SQSTM1"),
        "{}",
        ended.out
    );
    assert!(
        ended
            .out
            .contains("left out: “script”, names nothing in this dataset"),
        "{}",
        ended.out
    );
    assert!(!ended.out.contains('\u{1b}'));
    let refused = start(
        folder.path(),
        &["plan", &data, "--question", "the weather in Paris"],
    );
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.err.contains("names nothing that can be asked"),
        "{}",
        refused.err
    );
    assert!(
        refused
            .err
            .contains("hint: name a variable or its groups: `condition` (Ubi4, Ubi6, Ctrl, Ubi1)"),
        "{}",
        refused.err
    );
    let ended = start(folder.path(), &run[..run.len() - 1]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let report = only_run(folder.path()).join("report");
    let html = std::fs::read_to_string(report.join("index.html")).unwrap();
    assert!(
        html.contains("&lt;script&gt;") && !html.contains("<script>alert"),
        "the question is inert"
    );
    assert!(html.contains("{{ 7*7 }}") && html.contains("<h2>The question</h2>"));
    let markdown = std::fs::read_to_string(report.join("report.md")).unwrap();
    assert!(markdown.contains("## The question") && !markdown.contains("<script"));
    let json: Value =
        serde_json::from_slice(&std::fs::read(report.join("report.json")).unwrap()).unwrap();
    assert_eq!(json["question"]["only"], serde_json::json!(["SQSTM1"]));
    assert_eq!(json["packs_read"], Value::Bool(true));
}

#[test]
fn a_damaged_pack_is_named_with_the_way_to_do_without() {
    let content = support::program::folder_with(&[]);
    let pack = content.path().join("datasets/knowledge/hallmark");
    std::fs::create_dir_all(&pack).unwrap();
    std::fs::write(
        pack.join("msigdb_hallmark_v7.0.gmt.gz"),
        [0x1f, 0x8b, 8, 0, 1, 2, 3],
    )
    .unwrap();
    let folder = TempDir::new().unwrap();
    let table = support::program::table(&["t1", "t2", "t3", "c1", "c2", "c3"], 60);
    std::fs::write(folder.path().join("table.tsv"), table).unwrap();
    let content = content.path().display().to_string();
    let run = [
        "run",
        "table.tsv",
        "--decoys",
        "20",
        "--quiet",
        "--content",
        &content,
    ];
    let refused = start(folder.path(), &run);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(
        refused
            .err
            .contains("knowledge pack `hallmark` cannot be used"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains("--no-packs"), "{}", refused.err);
    std::fs::write(pack.join("pack.yaml"), "name: [").unwrap();
    let refused = start(folder.path(), &run);
    assert!(
        refused
            .err
            .contains("knowledge pack `hallmark` cannot be used"),
        "{}",
        refused.err
    );
    let mut without = run.to_vec();
    without.push("--no-packs");
    let ended = start(folder.path(), &without);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let report = folder
        .path()
        .join(ended.out.trim())
        .join("report/report.md");
    let text = std::fs::read_to_string(report).unwrap();
    assert!(
        text.contains("no knowledge packs") && text.contains("No knowledge pack was read"),
        "{text}"
    );
    // The configuration file says the same.
    std::fs::write(
        folder.path().join("settings.yaml"),
        "packs: false\nseed: 3\n",
    )
    .unwrap();
    let mut by_file = run.to_vec();
    by_file.extend(["--config", "settings.yaml"]);
    assert_eq!(start(folder.path(), &by_file).code, Some(0));
}
