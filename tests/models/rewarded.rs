//! Reward models as judges: they score, are tested on twins like others, and choose among drafts; nothing of a hypothesis changes.

use proteus::discovery::JudgeKind;
use proteus_llm::backend::Answer;
use proteus_llm::{BackendInfo, Place, Reply};

use super::*;

/// A reward model that scores by a function of the evidence and the version.
struct Rater {
    score: fn(&str, &str) -> f64,
}

impl Backend for Rater {
    fn describe(&self) -> BackendInfo {
        BackendInfo {
            name: "rater".to_owned(),
            kind: "local".to_owned(),
            model: "rater-8b".to_owned(),
            place: Place::Here,
            context: None,
        }
    }

    fn complete<'a>(&'a self, _request: &'a Question) -> Answer<'a, Reply> {
        Box::pin(async {
            Err(LlmError::Unsupported {
                backend: "rater".to_owned(),
                what: "write".to_owned(),
            })
        })
    }

    fn reward<'a>(&'a self, request: &'a Question) -> Answer<'a, f64> {
        Box::pin(async move {
            let [_, evidence, version] = request.messages.as_slice() else {
                panic!("{} messages", request.messages.len());
            };
            Ok((self.score)(&evidence.text, &version.text))
        })
    }
}

/// Every role asked of the script, judging of the reward model.
fn with_rater() -> Models {
    let mut models = models();
    let judges = vec!["rater".to_owned(), "rules".to_owned()];
    models.roles.insert(Role::Judge, judges);
    models
}

/// Honest, and with another wording where some variety is asked for: a shorter one, and one that does not pass.
fn with_variety(question: &Question) -> Result<String, LlmError> {
    if name_of(question) != "writer_hypothesis" || question.seed == 1 {
        return honest(question);
    }
    let (subject, direction) = first_claim(asked(question));
    let sentence = match (question.seed, direction) {
        (2, "undirected") => format!("{subject} differs."),
        (2, _) => format!("{subject} is {direction} in the first group."),
        _ => format!("{subject} cures the first group."),
    };
    let claims = [json!({"subject": subject, "direction": direction})];
    Ok(json!({"claims": claims, "sentence": sentence}).to_string())
}

fn rated(folder: &Path, parent: &str, score: fn(&str, &str) -> f64) -> Outcome {
    with_backends(
        folder,
        parent,
        Mode::Live,
        None,
        &with_rater(),
        vec![
            Arc::new(Scripted::function("script", with_variety)),
            Arc::new(Rater { score }),
        ],
    )
}

#[test]
fn a_reward_model_that_tells_twins_apart_scores_and_chooses_drafts() {
    let folder = TempDir::new().unwrap();
    study(folder.path());
    let careful = |evidence: &str, version: &str| {
        let wrong = f64::from(u8::from(is_wrong(evidence, version)));
        // Of sound ones it prefers the shorter.
        -wrong - version.len() as f64 / 10_000.0
    };
    let outcome = rated(folder.path(), "careful", careful);
    let readings = outcome.readings.as_ref().unwrap();
    assert_eq!(readings.stopped, None);
    let [judge] = readings.judges.as_slice() else {
        panic!("{:?}", readings.judges);
    };
    assert_eq!(
        (judge.kind, judge.model.as_str()),
        (JudgeKind::Scores, "rater-8b")
    );
    let total = judge.total();
    assert!(
        total.shown >= 15 && total.preferred == total.shown,
        "{total:?}"
    );
    assert!(judge.trusted);
    let first = &readings.hypotheses[&outcome.hypotheses[0].id];
    let wording = first.wording.as_ref().unwrap();
    assert!(
        wording
            .text
            .as_ref()
            .unwrap()
            .ends_with("in the first group."),
        "{wording:?}"
    );
    let preferred = wording.preferred.as_ref().unwrap();
    assert_eq!((preferred.model.as_str(), preferred.among), ("rater-8b", 2));
    let places: BTreeSet<usize> = readings
        .hypotheses
        .values()
        .flat_map(|reading| reading.rewards.iter().map(|reward| reward.place))
        .collect();
    assert!(places.contains(&1), "{places:?}");
    assert!(
        readings
            .hypotheses
            .values()
            .all(|r| r.judgements.is_empty())
    );
    let model = proteus::report::ReportModel::load(&outcome.folder).unwrap();
    let page = proteus::report::markdown(&model, &Content::embedded()).unwrap();
    assert!(page.contains("scoring one") && page.contains("no unit), place 1 of"));
    assert!(page.contains("the one that rater-8b scored highest"));

    // One that scores all alike fails the test: nothing of it is shown, and the hypotheses are the same.
    let blunt = rated(folder.path(), "blunt", |_, _| 0.5);
    assert_eq!(
        statements(&outcome.hypotheses),
        statements(&blunt.hypotheses)
    );
    let grades = |outcome: &Outcome| -> Vec<proteus::discovery::Grade> {
        outcome.hypotheses.iter().map(|h| h.grade).collect()
    };
    assert_eq!(grades(&outcome), grades(&blunt));
    let readings = blunt.readings.unwrap();
    assert!(!readings.judges[0].trusted && readings.judges[0].total().preferred == 0);
    for reading in readings.hypotheses.values() {
        assert!(reading.rewards.is_empty());
        let preferred = reading.wording.as_ref().and_then(|w| w.preferred.as_ref());
        assert!(preferred.is_none(), "{reading:?}");
    }
}

#[test]
fn what_a_reward_model_said_is_not_asked_again() {
    let folder = TempDir::new().unwrap();
    study(folder.path());
    let careful = |evidence: &str, version: &str| -f64::from(u8::from(is_wrong(evidence, version)));
    let first = rated(folder.path(), "first", careful);
    let again = with_backends(
        folder.path(),
        "replayed",
        Mode::Replay,
        Some(&first.folder.join("llm")),
        &with_rater(),
        vec![
            Arc::new(Scripted::texts("script", &[])),
            Arc::new(Rater {
                score: |_, _| panic!("asked again"),
            }),
        ],
    );
    let read =
        |outcome: &Outcome| std::fs::read_to_string(outcome.folder.join("readings.yaml")).unwrap();
    assert_eq!(read(&first), read(&again));
}

/// The tiny random reward model of the engine's own tests, with room for a whole question.
#[cfg(feature = "local")]
fn tiny_rater() -> TempDir {
    let from =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model/reference/transformers/reward");
    let folder = TempDir::new().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let config = folder.path().join("config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    let short = "\"max_position_embeddings\": 256";
    assert!(text.contains(short), "{text}");
    let long = "\"max_position_embeddings\": 8192";
    std::fs::write(config, text.replace(short, long)).unwrap();
    folder
}

#[cfg(feature = "local")]
#[test]
fn a_random_reward_model_is_tested_like_any_judge_and_stops_nothing() {
    let folder = TempDir::new().unwrap();
    study(folder.path());
    let weights = tiny_rater();
    let mut section = serde_json::to_value(with_rater()).unwrap();
    section["backends"]["rater"] =
        json!({"kind": "local", "file": weights.path(), "model": "tiny"});
    let models: Models = serde_json::from_value(section).unwrap();
    let run_with = |parent: &str, mode: Mode, exchanges: Option<&Path>| {
        let script: Arc<dyn Backend> = Arc::new(Scripted::function("script", with_variety));
        with_backends(
            folder.path(),
            parent,
            mode,
            exchanges,
            &models,
            vec![script],
        )
    };
    let outcome = run_with("tiny", Mode::Live, None);
    let readings = outcome.readings.as_ref().unwrap();
    assert_eq!(readings.stopped, None);
    let [judge] = readings.judges.as_slice() else {
        panic!("{:?}", readings.judges);
    };
    assert_eq!(
        (judge.kind, judge.model.as_str()),
        (JudgeKind::Scores, "tiny")
    );
    assert!(judge.total().shown >= 15, "{judge:?}");
    for reading in readings.hypotheses.values() {
        assert_eq!(reading.rewards.is_empty(), !judge.trusted);
        assert!(reading.wording.is_some());
    }
    let blunt = rated(folder.path(), "blunt", |_, _| 0.5);
    assert_eq!(
        statements(&outcome.hypotheses),
        statements(&blunt.hypotheses)
    );
    let again = run_with("again", Mode::Replay, Some(&outcome.folder.join("llm")));
    assert_eq!(Some(readings), again.readings.as_ref());
}
