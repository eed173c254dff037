//! Reports of a small finished run: what they hold, that equal runs give equal bytes, and that hostile texts stay inert.

#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

pub mod fixture;
mod records;
pub mod shown_data;
mod without_values;
mod wordings;

use std::collections::BTreeSet;
use std::path::Path;

use fixture::{Texts, finished_run, unfinished_run};
use proteus::content::Content;
use proteus::report::{
    Citation, MethodNote, ReportError, ReportModel, current_schema, explain, html, json,
    json_schema, markdown, write,
};
use serde_json::Value;

fn load(run: &Path) -> ReportModel {
    let notes = vec![MethodNote {
        tool: "differential_abundance".to_owned(),
        summary: "Moderated t-tests per protein.".to_owned(),
        references: vec![Citation {
            cite: "Ritchie et al. 2015".to_owned(),
            doi: "10.1093/nar/gkv007".to_owned(),
        }],
    }];
    ReportModel::load(run).unwrap().with_methods(notes)
}

/// A page without the library that draws its figures.
fn ours(page: &str) -> String {
    let library = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/html/library/echarts.js"),
    );
    let library = library.unwrap();
    assert!(page.contains(&library), "the page holds its library whole");
    page.replace(&library, "")
}

/// Every value of `attribute="…"` in a page.
fn attributes<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let mark = format!("{attribute}=\"");
    let parts = page.split(mark.as_str()).skip(1);
    parts.filter_map(|part| part.split('"').next()).collect()
}

#[test]
fn the_html_report_is_whole_and_loads_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let model = load(&finished_run(dir.path(), &Texts::default()));
    let page = ours(&html(&model, &Content::embedded()).unwrap());
    for wanted in [
        "RAD23B",
        "&lt; 0.0011",
        "log2 fold change",
        "Refuted by",
        "11 of 12",
        "Moderated t-tests",
    ] {
        assert!(page.contains(wanted), "no `{wanted}`");
    }
    for attribute in ["src", "href"] {
        for target in attributes(&page, attribute) {
            let inside = target.starts_with('#') || target.starts_with("https://doi.org/10.");
            assert!(inside, "{attribute} leads to `{target}`");
        }
    }
    assert!(!page.contains("url(") && !page.contains("@import"));
    assert!(page.find("<h2>Found").unwrap() < page.find("<h2>Audit").unwrap());
}

#[test]
fn every_number_of_a_card_links_to_its_evidence() {
    let dir = tempfile::tempdir().unwrap();
    let model = load(&finished_run(dir.path(), &Texts::default()));
    let page = html(&model, &Content::embedded()).unwrap();
    let anchors: BTreeSet<&str> = attributes(&page, "id").into_iter().collect();
    let links = attributes(&page, "href")
        .into_iter()
        .filter_map(|l| l.strip_prefix('#'));
    for link in links {
        assert!(anchors.contains(link), "nothing has the id `{link}`");
    }
    let cards: Vec<&str> = page.split("<p class=\"numbers\">").skip(1).collect();
    assert_eq!(cards.len(), model.hypotheses.len());
    for card in cards {
        let numbers = card.split("</p>").next().unwrap();
        let spans = numbers.matches("<span>").count();
        assert_eq!(spans, numbers.matches("<a href=\"#").count(), "{numbers}");
    }
    assert!(page.contains("<dt>logFC</dt>"));
}

#[test]
fn equal_runs_give_equal_bytes_and_name_no_place() {
    let first = tempfile::tempdir().unwrap();
    let second = tempfile::tempdir().unwrap();
    let render = |dir: &Path| {
        let run = finished_run(dir, &Texts::default());
        let model = load(&run);
        let content = Content::embedded();
        let all = [
            html(&model, &content).unwrap(),
            markdown(&model, &content).unwrap(),
            json(&model).unwrap(),
        ];
        (all, run.file_name().unwrap().to_str().unwrap().to_owned())
    };
    let (a, id) = render(first.path());
    // A second run of the same input in one folder has another id.
    finished_run(second.path(), &Texts::default());
    let (b, other_id) = render(second.path());
    assert_ne!(id, other_id);
    for (one, other) in a.iter().zip(&b) {
        assert!(one == other);
        assert!(!one.contains(&other_id) && !one.contains("/somewhere/else"));
        assert!(!one.contains(first.path().to_str().unwrap()));
    }
}

#[test]
fn json_follows_the_schema_that_ships() {
    let committed: Value = serde_json::from_str(json_schema()).unwrap();
    if committed != current_schema() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/schema/report.schema.json");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            let text = serde_json::to_string_pretty(&current_schema()).unwrap();
            std::fs::write(&path, format!("{text}\n")).unwrap();
        } else {
            panic!(
                "`reports/schema/report.schema.json` is out of date: set UPDATE_SCHEMA=1 and run this test"
            );
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let model = load(&finished_run(dir.path(), &Texts::default()));
    let value: Value = serde_json::from_str(&json(&model).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&current_schema()).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&value)
        .map(|e| e.to_string())
        .collect();
    assert!(faults.is_empty(), "{faults:?}");

    let first = &value["hypotheses"][0];
    assert_eq!(first["rank"], 1);
    assert_eq!(first["grade"], "supported");
    assert_eq!(first["q"], 0.0011);
    assert_eq!(first["direction"], "higher");
    assert_eq!(first["contrast"], "condition:Ubi4-Ctrl");
    assert_eq!(first["entities"][0]["symbol"], "RAD23B");
    assert_eq!(first["scores"]["alignment"]["rule"], Value::Null);
    assert!(first["effect"]["low"].as_f64() < first["effect"]["value"].as_f64());
    assert_eq!(first["robustness"]["rows"][1]["effect"], Value::Null);
    assert_eq!(value["audit"]["verdict"], "PASS");
    assert_eq!(value["audit"]["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn hostile_texts_are_inert_and_cut_visibly() {
    let dir = tempfile::tempdir().unwrap();
    let texts = Texts {
        symbol: "<script>alert(1)</script>".to_owned(),
        set: format!("=HYPERLINK(\"http://evil\")|{}", "x".repeat(10_000)),
        title: "\u{202e}evil</title><img src=x onerror=alert(1)> [a](javascript:b) {{ 7 * 7 }}"
            .to_owned(),
    };
    let model = load(&finished_run(dir.path(), &texts));
    let content = Content::embedded();
    let out = dir.path().join("report");
    let files = write(&model, &content, &out).unwrap();
    let page = html(&model, &content).unwrap();
    let page = ours(&page);
    assert_eq!(page.matches("<script").count(), 4, "only our own scripts");
    assert_eq!(page.matches("</script").count(), 4);
    assert!(!page.contains("<img") && page.contains("&lt;img"));
    assert!(page.contains("{{ 7 * 7 }}"), "a text is never a template");
    let text = markdown(&model, &content).unwrap();
    assert!(!text.contains("<script") && !text.contains("<img"));
    assert!(!text.contains("[a](") && !text.contains("http://"));
    let data = json(&model).unwrap();
    assert!(!data.contains('<') && !data.contains('>'));
    for output in [&page, &text, &data] {
        assert!(!output.contains('\u{202e}') && output.contains('\u{fffd}'));
        assert!(!output.contains(&"x".repeat(1_200)));
        assert!(output.contains("characters"), "cut without saying so");
    }
    for file in files {
        let written = std::fs::read_to_string(&file).unwrap();
        match file.extension().and_then(|e| e.to_str()) {
            Some("svg") => assert!(!written.contains("<script"), "{}", file.display()),
            Some("tsv") => assert!(!written.contains("\t=") && !written.contains("\n=")),
            _ => {}
        }
    }
}

#[test]
fn explain_goes_down_to_the_cell() {
    let dir = tempfile::tempdir().unwrap();
    let model = load(&finished_run(dir.path(), &Texts::default()));
    let text = explain(&model, "1").unwrap();
    let wanted = [
        "RAD23B",
        "claim:",
        "finding differential-1/differential/P10000",
        "step differential-1: differential_abundance v1",
        "logFC = ",
        "after step normalise-1 (port matrix)",
        "file proteinGroups.txt, BLAKE3 abab",
        "line 2 (the header is line 1)",
        "Ubi4_1  ← column `LFQ intensity Ubi4_1`",
    ];
    let mut rest = text.as_str();
    for part in wanted {
        let at = rest.find(part);
        assert!(at.is_some(), "no `{part}` in the rest of:\n{text}");
        rest = &rest[at.unwrap()..];
    }
    let set = explain(&model, &model.hypotheses[3].id).unwrap();
    assert!(set.contains("strongest member, P10002"), "{set}");
    let error = explain(&model, "H99").unwrap_err().to_string();
    assert!(
        error.contains("`H99`") && error.contains("hint:"),
        "{error}"
    );
}

#[test]
fn an_unfinished_run_is_refused_with_a_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let store = unfinished_run(dir.path(), &Texts::default());
    let error = ReportModel::load(store.root()).unwrap_err();
    assert!(matches!(error, ReportError::Unfinished { .. }), "{error}");
    assert!(error.to_string().contains("proteus resume"), "{error}");
    let error = ReportModel::load(dir.path()).unwrap_err();
    assert!(matches!(error, ReportError::Run(_)), "{error}");
}
