//! `why`, `why-not` and `compare` on a finished run: what became of what, and by which rule.

use serde_json::Value;

use crate::cli::{RUN, json, parent, short_run};
use crate::support;
use crate::support::program::start;

/// The JSON a command prints about the shared run.
fn asked(arguments: &[&str]) -> Value {
    let parent = parent();
    let all: Vec<&str> = arguments
        .iter()
        .copied()
        .chain(["--json", "--out", &parent])
        .collect();
    let ended = start(support::root(), &all);
    assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.err);
    json(&ended.out)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Column of a table of a step of the shared run, as text.
fn column(step: &str, table: &str, name: &str) -> Vec<String> {
    let view = proteus::run::RunView::open(&RUN.1).unwrap_or_else(|e| panic!("{e}"));
    let frame = view.table(step, table).unwrap_or_else(|e| panic!("{e}"));
    proteus::tool::frame::texts(&frame, name).unwrap_or_else(|e| panic!("{e}"))
}

/// The folder of the step of the shared run that ran `tool`.
fn step_of(tool: &str) -> String {
    let view = proteus::run::RunView::open(&RUN.1).unwrap_or_else(|e| panic!("{e}"));
    let steps = view.steps().unwrap_or_else(|e| panic!("{e}"));
    steps
        .into_iter()
        .find(|name| view.step(name).is_ok_and(|step| step.tool == tool))
        .unwrap_or_else(|| panic!("no step of {tool}"))
}

#[test]
fn why_lists_every_requirement_and_agrees_with_the_grade() {
    let report = json(
        &start(
            support::root(),
            &["report", "--format", "json", "--out", &parent()],
        )
        .out,
    );
    for hypothesis in list(&report["hypotheses"]).iter().take(6) {
        let rank = hypothesis["rank"].to_string();
        let why = asked(&["why", &rank]);
        assert_eq!(why["grade"], hypothesis["grade"]);
        assert_eq!(why["id"], hypothesis["id"]);
        let requirements = list(&why["requirements"]);
        assert!(requirements.len() >= 8, "{why}");
        let failed = requirements
            .iter()
            .filter(|r| r["met"] == Value::Bool(false))
            .count();
        if hypothesis["grade"] == "supported" {
            assert_eq!(failed, 0, "{why}");
        } else {
            assert!(failed > 0, "{why}");
        }
    }
    let text = start(support::root(), &["why", "H1", "--out", &parent()]);
    assert!(text.out.contains("q over the whole menu"), "{}", text.out);
    let unknown = start(support::root(), &["why", "H99999", "--out", &parent()]);
    assert_eq!(unknown.code, Some(2));
}

#[test]
fn why_not_names_the_rule_for_what_is_told_left_out_and_not_listed() {
    let report = json(
        &start(
            support::root(),
            &["report", "--format", "json", "--out", &parent()],
        )
        .out,
    );
    // A protein that leads a hypothesis.
    let told = list(&report["hypotheses"])
        .iter()
        .find(|h| h["archetype"] == "differential_protein")
        .unwrap_or_else(|| panic!("no protein in {report}"));
    let symbol = told["claims"][0]["subject"]["symbol"]
        .as_str()
        .unwrap_or_default();
    let account = asked(&["why-not", symbol]);
    let tests: Vec<&Value> = list(&account["objectives"])
        .iter()
        .flat_map(|o| list(&o["tests"]))
        .collect();
    assert!(
        tests
            .iter()
            .any(|t| t["rule"] == "told" && t["rank"] == told["rank"]),
        "{account}"
    );
    // A protein the filter dropped, by the reason the filter wrote.
    let filter = step_of("filter_features");
    let (ids, reasons) = (
        column(&filter, "dropped", "feature"),
        column(&filter, "dropped", "reason"),
    );
    let account = asked(&["why-not", &ids[0]]);
    let left_out = list(&account["objectives"])
        .iter()
        .flat_map(|o| list(&o["tests"]))
        .find(|t| t["rule"] == "left_out");
    assert!(
        left_out
            .is_some_and(|t| t["reason"] == reasons[0].as_str() && t["tool"] == "filter_features"),
        "{account}"
    );
    // The least significant protein of the table: a q above the level, with the effect that could have been seen.
    let test = step_of("differential_abundance");
    let ids = column(&test, "differential", "feature");
    let p = column_of_numbers(&test, "differential", "P.Value");
    let last = (0..ids.len())
        .filter(|&i| !p[i].is_nan())
        .max_by(|&a, &b| p[a].total_cmp(&p[b]))
        .unwrap_or(0);
    let account = asked(&["why-not", &ids[last], "--contrast", "Ubi6"]);
    let found = list(&account["objectives"])
        .iter()
        .flat_map(|o| list(&o["tests"]))
        .find(|t| t["archetype"] == "differential_protein")
        .unwrap_or_else(|| panic!("{account}"));
    assert_eq!(found["rule"], "q_too_large", "{account}");
    assert!(
        found["detectable"].as_f64().is_some_and(|e| e > 0.0),
        "{account}"
    );
    assert!(
        found["p_tool"]
            .as_f64()
            .is_some_and(|x| (x - p[last]).abs() < 1e-12)
    );
    let text = start(
        support::root(),
        &["why-not", &ids[last], "--out", &parent()],
    );
    assert!(text.out.contains("80 % power"), "{}", text.out);
}

fn column_of_numbers(step: &str, table: &str, name: &str) -> Vec<f64> {
    let view = proteus::run::RunView::open(&RUN.1).unwrap_or_else(|e| panic!("{e}"));
    let frame = view.table(step, table).unwrap_or_else(|e| panic!("{e}"));
    proteus::tool::frame::numbers(&frame, name).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn why_not_suggests_what_may_have_been_meant() {
    for (arguments, expected) in [
        (["why-not", "SQSTM11", "--out"], "did you mean"),
        (["why-not", "zzzzzzzz", "--out"], "gene symbol"),
    ] {
        let parent = parent();
        let all: Vec<&str> = arguments.iter().copied().chain([parent.as_str()]).collect();
        let ended = start(support::root(), &all);
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        assert!(ended.err.contains(expected), "{}", ended.err);
    }
    let ended = start(
        support::root(),
        &[
            "why-not",
            "SQSTM1",
            "--contrast",
            "no-such",
            "--out",
            &parent(),
        ],
    );
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("Ubi6"), "{}", ended.err);
}

#[test]
fn a_run_agrees_with_itself_and_differs_from_another_by_what_was_changed() {
    let name = RUN.1.display().to_string();
    let same = asked(&["compare", &name, &name]);
    assert!(list(&same["settings"]).is_empty(), "{same}");
    assert!(list(&same["disagreements"]).is_empty(), "{same}");
    assert_eq!(same["inputs"]["same_content"], true);
    assert_eq!(same["overlap"]["only_first"], 0);
    for effects in list(&same["effects"]) {
        assert!(
            effects["r"].as_f64().is_none_or(|r| r > 0.999_999),
            "{same}"
        );
        assert_eq!(effects["mean_difference"], 0.0);
    }
    assert!(!list(&same["effects"]).is_empty());

    let elsewhere = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let (_, other) = short_run(elsewhere.path(), &["--contrast", "condition:Ubi4-Ctrl"]);
    let differs = asked(&["compare", &name, &other.display().to_string()]);
    assert!(
        list(&differs["settings"])
            .iter()
            .any(|s| s["key"].as_str().is_some_and(|k| k.ends_with("contrasts"))),
        "{differs}"
    );
    assert!(
        list(&differs["inputs"]["objectives_only_second"])
            .iter()
            .any(|o| o == "condition:Ubi4-Ctrl"),
        "{differs}"
    );
    let text = start(
        support::root(),
        &["compare", &name, &other.display().to_string()],
    );
    assert_eq!(text.code, Some(0), "{}", text.err);
    assert!(text.out.contains("limits of agreement"), "{}", text.out);
}
