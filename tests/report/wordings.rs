//! Wordings of reviewers beside ours: told as theirs, in every form of the report, whatever they hold.

use proteus::content::Content;
use proteus::report::{ReportModel, ReviewerWording, html, json, markdown};
use serde_json::Value;

use super::fixture::{Texts, finished_run};

#[test]
fn a_wording_stands_on_its_card_with_its_author_and_is_not_taken_for_checked() {
    let dir = tempfile::tempdir().unwrap();
    let model = ReportModel::load(&finished_run(dir.path(), &Texts::default())).unwrap();
    let id = model.hypotheses[1].id.clone();
    let worded = |hypothesis: &str, text: &str| ReviewerWording {
        hypothesis: hypothesis.to_owned(),
        reviewer: "Anna <b>".to_owned(),
        text: text.to_owned(),
    };
    let hostile = format!(
        "</p><script>alert(1)</script> [a](http://evil) \u{202e}{{{{ 7 * 7 }}}} {}",
        "x".repeat(5_000)
    );
    let model = model.with_wordings(vec![
        worded(&id, "Better words"),
        worded(&id, &hostile),
        worded("H-of-another-run", "Not about this run"),
    ]);
    let content = Content::embedded();
    let page = html(&model, &content).unwrap();
    let cards: Vec<&str> = page.split("<details class=\"card").skip(1).collect();
    assert!(cards[1].contains("<b>A reviewer words it.</b> <bdi>Better words.</bdi>"));
    assert!(cards[1].contains("<bdi>Anna &lt;b&gt;</bdi>; not checked against the evidence"));
    assert_eq!(page.matches("A reviewer words it.").count(), 2);
    assert_eq!(page.matches("<script").count(), 4, "only our own scripts");
    assert!(page.contains("{{ 7 * 7 }}") && !page.contains('\u{202e}'));
    assert!(!page.contains("Not about this run"));
    let text = markdown(&model, &content).unwrap();
    assert!(text.contains("- **A reviewer words it.** Better words. (Anna &lt;b&gt;; not checked against the evidence)"));
    assert!(!text.contains("<script") && !text.contains("[a](") && !text.contains("http://"));
    let data: Value = serde_json::from_str(&json(&model).unwrap()).unwrap();
    assert_eq!(data["hypotheses"][0]["wordings"], serde_json::json!([]));
    let told = &data["hypotheses"][1]["wordings"];
    assert_eq!(
        told[0],
        serde_json::json!({"reviewer": "Anna <b>", "text": "Better words"})
    );
    assert!(told[1]["text"].as_str().unwrap().contains("characters]"));
}
