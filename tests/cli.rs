//! The command line as users and scripts meet it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

use crate::support;
use crate::support::program::{Ended, only_run, proteus, run_folders, start};

/// Arguments of a short run of a bundled dataset; the parent folder of runs is to follow.
const SHORT_RUN: [&str; 10] = [
    "run",
    "datasets/ubilength",
    "--quiet",
    "--seed",
    "7",
    "--decoys",
    "20",
    "--contrast",
    "condition:Ubi6-Ctrl",
    "--out",
];

/// A short run: what came of it, and its folder.
pub fn short_run(parent: &Path, more: &[&str]) -> (Ended, PathBuf) {
    let out = parent.display().to_string();
    let mut arguments = SHORT_RUN.to_vec();
    arguments.push(&out);
    arguments.extend(more);
    let ended = start(support::root(), &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    (ended, only_run(parent))
}

/// A finished run of a bundled dataset, made once for all tests that read one.
pub static RUN: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let parent = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let (ended, folder) = short_run(parent.path(), &[]);
    assert_eq!(
        ended.out.trim_end(),
        folder.display().to_string(),
        "--quiet prints the run folder and nothing else"
    );
    assert_eq!(ended.err, "", "--quiet is quiet");
    (parent, folder)
});

pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

pub fn parent() -> String {
    RUN.0.path().display().to_string()
}

#[test]
fn help_of_every_subcommand() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        let mut paths = vec![Vec::new()];
        while let Some(path) = paths.pop() {
            let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
            let mut command = proteus::cli::args::command();
            for word in &path {
                command = command
                    .find_subcommand(word)
                    .cloned()
                    .unwrap_or_else(|| panic!("{path:?}"));
            }
            for sub in command.get_subcommands() {
                paths.push(
                    path.iter()
                        .cloned()
                        .chain([sub.get_name().to_owned()])
                        .collect(),
                );
            }
            arguments.push("--help");
            let ended = start(support::root(), &arguments);
            assert_eq!(ended.code, Some(0));
            let name = path
                .iter()
                .fold("help".to_owned(), |name, word| format!("{name}-{word}"));
            // The list of commands is kept as it is without features.
            let lines = ended.out.split_inclusive('\n');
            let help: String = lines.filter(|line| !line.starts_with("  mcp ")).collect();
            insta::assert_snapshot!(name, help);
        }
    });
}

#[test]
fn listings_are_readable_and_parse_as_json() {
    for arguments in [
        &["tools", "list"][..],
        &["tools", "show", "differential_abundance"],
        &["workflow", "list"],
        &[
            "workflow",
            "check",
            "two_group_comparison",
            "datasets/ubilength",
        ],
        &["knowledge", "list"],
        &["inspect", "datasets/ubilength"],
        &[
            "plan",
            "datasets/ubilength",
            "--contrast",
            "condition:Ubi6-Ctrl",
        ],
        &["doctor"],
        &["runs", "list", "--out", &parent()],
    ] {
        let text = start(support::root(), arguments);
        assert_eq!(text.code, Some(0), "{arguments:?}: {}", text.err);
        assert!(text.out.lines().count() > 1, "{arguments:?}: {}", text.out);
        let as_json: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        let ended = start(support::root(), &as_json);
        assert_eq!(ended.code, Some(0), "{as_json:?}: {}", ended.err);
        let value = json(&ended.out);
        assert!(value.is_array() || value.is_object(), "{as_json:?}");
    }
}

#[test]
fn the_json_report_follows_the_schema_that_ships_with_the_binary() {
    let schema = start(support::root(), &["report", "--schema"]);
    let report = start(
        support::root(),
        &["report", "--format", "json", "--out", &parent()],
    );
    assert_eq!(report.code, Some(0), "{}", report.err);
    let (schema, report) = (json(&schema.out), json(&report.out));
    let validator = jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{error}"));
    let faults: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| error.to_string())
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let hypotheses = report["hypotheses"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    assert!(!hypotheses.is_empty());
    for (place, hypothesis) in hypotheses.iter().enumerate() {
        assert_eq!(hypothesis["rank"], Value::from(place + 1));
        for key in [
            "id",
            "statement",
            "grade",
            "q",
            "evidence_score",
            "direction",
            "entities",
            "effect",
            "n",
            "scores",
            "refuted_by",
            "next_experiment",
        ] {
            assert!(
                !hypothesis[key].is_null(),
                "hypothesis {} has no `{key}`",
                place + 1
            );
        }
    }
}

#[test]
fn every_form_of_the_report_can_be_printed_and_written() {
    let root = support::root();
    for (format, begins) in [
        ("html", "<!"),
        ("md", "# "),
        ("json", "{"),
        ("tsv", "rank\t"),
    ] {
        let ended = start(root, &["report", "--format", format, "--out", &parent()]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(
            ended.out.to_lowercase().starts_with(begins),
            "{format}: {}",
            &ended.out[..40.min(ended.out.len())]
        );
        let file = RUN.0.path().join(format!("copy.{format}"));
        let name = file.display().to_string();
        let written = start(
            root,
            &[
                "report",
                &RUN.1.display().to_string(),
                "--format",
                format,
                "--output",
                &name,
            ],
        );
        assert_eq!(
            (written.code, written.out.as_str()),
            (Some(0), ""),
            "{}",
            written.err
        );
        assert_eq!(
            std::fs::read_to_string(&file).unwrap_or_default(),
            ended.out
        );
    }
    for file in ["index.html", "report.md", "report.json"] {
        assert!(
            RUN.1.join("report").join(file).is_file(),
            "the run folder holds report/{file}"
        );
    }
}

#[test]
fn a_hypothesis_is_explained_by_rank_and_by_id_down_to_the_input_file() {
    let report = json(
        &start(
            support::root(),
            &["report", "--format", "json", "--out", &parent()],
        )
        .out,
    );
    let id = report["hypotheses"][0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let by_rank = start(support::root(), &["explain", "H1", "--out", &parent()]);
    let by_id = start(
        support::root(),
        &["explain", &id, "--run", &RUN.1.display().to_string()],
    );
    assert_eq!(by_rank.code, Some(0), "{}", by_rank.err);
    assert_eq!(by_rank.out, by_id.out);
    assert!(
        by_rank.out.contains("proteinGroups.tsv.gz"),
        "{}",
        by_rank.out
    );
    let unknown = start(support::root(), &["explain", "H999999", "--out", &parent()]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.err.contains("error: ") && unknown.err.contains("\nhint: "),
        "{}",
        unknown.err
    );
}

#[test]
fn a_finished_run_resumed_stays_as_it_is() {
    let before = std::fs::read(RUN.1.join("hypotheses.yaml")).unwrap_or_default();
    let ended = start(support::root(), &["resume", "--out", &parent()]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(!before.is_empty());
    assert_eq!(
        std::fs::read(RUN.1.join("hypotheses.yaml")).unwrap_or_default(),
        before
    );
}

#[test]
fn the_same_input_and_seed_give_the_same_bytes_on_one_thread() {
    let parent = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let (_, again) = short_run(parent.path(), &["--threads", "1"]);
    for file in [
        "hypotheses.yaml",
        "findings.jsonl",
        "calibration.yaml",
        "report/report.md",
        "report/report.json",
        "report/index.html",
    ] {
        let (first, second) = (
            std::fs::read(RUN.1.join(file)),
            std::fs::read(again.join(file)),
        );
        assert_eq!(
            first.ok(),
            second.ok(),
            "`{file}` differs between equal runs"
        );
    }
}

#[test]
fn a_dry_run_shows_plans_and_makes_no_folder() {
    let here = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let dataset = support::root()
        .join("datasets/ubilength")
        .display()
        .to_string();
    let ended = start(
        here.path(),
        &[
            "run",
            &dataset,
            "--dry-run",
            "--contrast",
            "condition:Ubi6-Ctrl",
        ],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(
        ended.out.contains("differential_abundance"),
        "{}",
        ended.out
    );
    assert!(!here.path().join("proteus-runs").exists());
}

#[test]
fn one_tool_runs_alone_and_takes_parameters() {
    let arguments = [
        "tools",
        "run",
        "detected_only",
        "datasets/ubilength",
        "--contrast",
        "condition:Ubi4-Ctrl",
        "--params",
        "{\"min_present_fraction\": 0.9}",
        "--json",
        "--quiet",
    ];
    let ended = start(support::root(), &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let value = json(&ended.out);
    let rows = value
        .as_object()
        .and_then(|steps| steps.values().next())
        .map(|step| &step["tables"]["detection"]);
    assert!(
        rows.and_then(Value::as_array)
            .is_some_and(|rows| !rows.is_empty()),
        "{}",
        ended.out
    );
    let wrong = start(
        support::root(),
        &[
            "tools",
            "run",
            "detected_only",
            "datasets/ubilength",
            "--params",
            "{\"min_presnt\": 1}",
        ],
    );
    assert_eq!(wrong.code, Some(2), "{}", wrong.err);
    assert!(wrong.err.contains("min_presnt"), "{}", wrong.err);
}

#[test]
fn wrong_arguments_end_with_code_2_and_a_hint() {
    for arguments in [
        &["rnu"][..],
        &["run"],
        &["run", "datasets/ubilength", "--decoys", "many"],
        &["run", "datasets/ubilength", "--threads", "0"],
        &["tools", "show", "diferential_abundance"],
        &["report", "no-such-run"],
        &["workflow", "check", "no-such.yaml", "datasets/ubilength"],
        &["--content", "no-such-folder", "doctor"],
    ] {
        let ended = start(support::root(), arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.err);
        assert!(
            ended.err.starts_with("error: "),
            "{arguments:?}: {}",
            ended.err
        );
        assert_eq!(ended.out, "", "{arguments:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = proteus(support::root())
        .args(["tools", "list", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{error}"));
    drop(child.stdout.take());
    let output = child
        .wait_with_output()
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn an_interrupted_run_is_unfinished_and_resumes_to_the_same_hypotheses() {
    let parent = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let out = parent.path().display().to_string();
    let mut arguments = SHORT_RUN.to_vec();
    arguments.push(&out);
    let begun = background(&arguments);
    let folder = wait_for_steps(parent.path());
    let run = folder.display().to_string();
    let signal = ["-INT".to_owned(), begun.id().to_string()];
    let sent = Command::new("kill").args(signal).status();
    assert!(sent.is_ok_and(|status| status.success()));
    let stopped = begun.wait_with_output().map(Ended::from);
    let stopped = stopped.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(stopped.code, Some(4), "{}", stopped.err);
    assert!(
        stopped.err.contains(&format!("proteus resume {run}")),
        "{}",
        stopped.err
    );

    let reported = start(support::root(), &["report", &run]);
    assert_eq!(
        reported.code,
        Some(2),
        "an unfinished run has no report: {}",
        reported.out
    );
    assert!(reported.err.contains("proteus resume"), "{}", reported.err);

    let mut killed = background(&["resume", &run, "--quiet"]);
    wait_for(|| folder.join("audit.yaml").exists().then_some(()));
    killed.kill().unwrap_or_else(|error| panic!("{error}"));
    let _ = killed.wait();

    let resumed = start(support::root(), &["resume", &run, "--quiet"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.err);
    for file in ["hypotheses.yaml", "report/report.json"] {
        let (whole, resumed) = (
            std::fs::read(RUN.1.join(file)),
            std::fs::read(folder.join(file)),
        );
        assert_eq!(
            whole.ok(),
            resumed.ok(),
            "`{file}` differs after a stop, a kill and a resume"
        );
    }
}

fn background(arguments: &[&str]) -> Child {
    let child = proteus(support::root())
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    child.unwrap_or_else(|error| panic!("{error}"))
}

/// Waits until the run under `parent` has written its first step.
fn wait_for_steps(parent: &Path) -> PathBuf {
    wait_for(|| {
        let run = run_folders(parent).into_iter().next();
        run.filter(|run| run.join("steps").is_dir())
    })
}

/// Waits up to two minutes for something to be there.
fn wait_for<T>(look: impl Fn() -> Option<T>) -> T {
    for _ in 0..12_000 {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("waited two minutes in vain");
}
