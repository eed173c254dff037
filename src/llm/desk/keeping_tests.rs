//! Nothing is paid for twice, and nothing is used that is not stored.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tempfile::TempDir;

use super::{Desk, Mode};
use crate::backend::{Answer, Backend, BackendInfo, Place, unsupported};
use crate::backends::Scripted;
use crate::error::LlmError;
use crate::models::{Models, Privacy};
use crate::reply::Reply;
use crate::request::{Message, Request};
use crate::role::Role;

fn writer() -> Models {
    serde_json::from_value(json!({"roles": {"writer": ["x", "rules"]}})).unwrap()
}

fn question(words: &str) -> Request {
    Request::text(vec![Message::user(words)], 64)
}

/// A desk whose model counts how often it is asked.
fn desk(folder: &Path, asked: &Arc<AtomicUsize>, mode: Mode) -> Desk {
    let asked = Arc::clone(asked);
    let echo = move |request: &Request| {
        asked.fetch_add(1, Ordering::SeqCst);
        Ok(format!("answer to {}", request.messages[0].text))
    };
    let backend = Arc::new(Scripted::function("x", echo));
    Desk::builder(&writer())
        .backend(backend)
        .open(folder, mode)
        .unwrap()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect()
}

#[tokio::test]
async fn what_is_stored_is_not_asked_again_and_equal_runs_are_equal_bytes() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let mut ledgers = Vec::new();
    for folder in [&one, &other] {
        let desk = desk(folder.path(), &asked, Mode::Live);
        for words in ["a", "b", "a"] {
            desk.ask(Role::Writer, "test", &question(words))
                .await
                .unwrap();
        }
        assert_eq!((desk.spent().calls, desk.spent().calls_from_store), (2, 0));
        ledgers.push(desk.ledger());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    assert_eq!(files(one.path()), files(other.path()));
    assert_eq!(ledgers[0], ledgers[1]);

    let resumed = desk(one.path(), &asked, Mode::Live);
    for words in ["a", "b", "a"] {
        resumed
            .ask(Role::Writer, "test", &question(words))
            .await
            .unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    assert_eq!(
        (resumed.spent().calls, resumed.spent().calls_from_store),
        (2, 2)
    );
    assert_eq!(resumed.ledger(), ledgers[0]);

    let replay = desk(one.path(), &asked, Mode::Replay);
    let answer = replay
        .ask(Role::Writer, "test", &question("b"))
        .await
        .unwrap();
    assert_eq!(answer.value.text, "answer to b");
    let error = replay
        .ask(Role::Writer, "test", &question("c"))
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::NotRecorded { .. }));
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    assert_eq!(files(one.path()), files(other.path()));
}

#[tokio::test]
async fn the_same_question_asked_twice_at_once_is_paid_for_once() {
    let folder = TempDir::new().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let desk = desk(folder.path(), &asked, Mode::Live);
    let request = question("a");
    let both = futures_util::future::join_all([
        desk.ask(Role::Writer, "test", &request),
        desk.ask(Role::Writer, "test", &request),
    ])
    .await;
    assert!(both.iter().all(Result::is_ok));
    assert_eq!((asked.load(Ordering::SeqCst), desk.spent().calls), (1, 1));
}

#[tokio::test]
async fn outages_are_asked_again_by_a_resumed_run_and_replayed_as_they_were() {
    let folder = TempDir::new().unwrap();
    let gone = LlmError::Unavailable {
        backend: "x".to_owned(),
        reason: "gone".to_owned(),
    };
    let open = |outcomes: Vec<Result<String, LlmError>>, mode| {
        let backend = Arc::new(Scripted::outcomes("x", outcomes));
        Desk::builder(&writer())
            .backend(backend)
            .open(folder.path(), mode)
            .unwrap()
    };
    let first = open(vec![Err(gone)], Mode::Live);
    assert!(
        first
            .ask(Role::Writer, "test", &question("a"))
            .await
            .is_err()
    );
    let replay = open(Vec::new(), Mode::Replay);
    assert!(
        replay
            .ask(Role::Writer, "test", &question("a"))
            .await
            .unwrap_err()
            .leaves_it_to_rules()
    );
    assert_eq!(replay.ledger(), first.ledger());
    let resumed = open(vec![Ok("here".to_owned())], Mode::Live);
    assert!(
        resumed
            .ask(Role::Writer, "test", &question("a"))
            .await
            .is_ok()
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_asks_nothing_and_uses_nothing() {
    let folder = TempDir::new().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let desk = desk(folder.path(), &asked, Mode::Live);
    let key = {
        let question = crate::record::Question::Complete {
            request: question("a"),
        };
        question.key("x", "scripted")
    };
    // A device on which every write fails for want of space.
    let beside = folder.path().join(format!("{key}.json.partial"));
    std::os::unix::fs::symlink("/dev/full", &beside).unwrap();
    let error = desk
        .ask(Role::Writer, "test", &question("a"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, LlmError::Storage { reason } if reason.contains("space")),
        "{error}"
    );
    assert!(!error.leaves_it_to_rules());
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    assert!(!folder.path().join(format!("{key}.json")).exists());
    assert!(desk.ask(Role::Writer, "test", &question("a")).await.is_ok());
}

#[tokio::test]
async fn an_answer_that_cannot_be_stored_is_not_used() {
    let folder = TempDir::new().unwrap();
    let inside = folder.path().join("exchanges");
    let there = inside.clone();
    let vanish = move |_: &Request| {
        fs::remove_dir_all(&there).unwrap();
        Ok("words".to_owned())
    };
    let backend = Arc::new(Scripted::function("x", vanish));
    let desk = Desk::builder(&writer())
        .backend(backend)
        .open(&inside, Mode::Live)
        .unwrap();
    let error = desk
        .ask(Role::Writer, "test", &question("a"))
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::Storage { .. }), "{error}");
}

#[test]
fn sections_that_cannot_work_are_refused_with_a_reason() {
    let open = |section: serde_json::Value| {
        let section: Models = serde_json::from_value(section).unwrap();
        Desk::open(&section, Path::new("/nonexistent"), Mode::Live)
            .unwrap_err()
            .to_string()
    };
    for (section, says) in [
        (
            json!({"roles": {"writer": ["nobody"]}}),
            "no backend has this name",
        ),
        (
            json!({"roles": {"writer": []}}),
            "chain of role `writer` is empty",
        ),
        (
            json!({"roles": {"writer": ["rules", "rules"]}}),
            "before the end",
        ),
        (json!({"budget": {"money": -1.0}}), "budget of money"),
        (
            json!({"backends": {"a": {"kind": "local", "file": "m.gguf"}}, "roles": {"writer": ["a"]}}),
            if cfg!(feature = "local") {
                "cannot read `m.gguf`"
            } else {
                "--features local"
            },
        ),
        (
            json!({"backends": {"a": {"kind": "openai", "address": "http://127.0.0.1:1/v1", "model": "m"}},
                "roles": {"writer": ["a", "rules"]}}),
            "privacy mode is `offline`",
        ),
    ] {
        let error = open(section);
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn offline_opens_nothing_that_is_not_used_and_a_replay_opens_nothing() {
    let remote = json!({"kind": "openai", "address": "http://127.0.0.1:1/v1", "model": "m",
        "key_env": "PROTEUS_TEST_NO_SUCH_VARIABLE"});
    let unused: Models =
        serde_json::from_value(json!({"backends": {"a": remote.clone()}})).unwrap();
    let folder = TempDir::new().unwrap();
    assert!(Desk::open(&unused, folder.path(), Mode::Live).is_ok());
    assert!(files(folder.path()).is_empty());
    let used = json!({"backends": {"a": remote}, "roles": {"writer": ["a"]}});
    let used: Models = serde_json::from_value(used).unwrap();
    let replay = Desk::open(&used, folder.path(), Mode::Replay).unwrap();
    assert!(replay.answers(Role::Writer) && replay.leaves(Role::Writer));
}

#[test]
fn what_a_user_misspells_is_refused() {
    for section in [
        json!({"backend": {}}),
        json!({"backends": {"a": {"kind": "scripted", "replies": [], "extra": 1}}}),
        json!({"backends": {"a": {"kind": "openai", "address": "x", "model": "m", "key": "secret"}}}),
        json!({"roles": {"poet": ["a"]}}),
        json!({"budget": {"cents": 1}}),
    ] {
        assert!(
            serde_json::from_value::<Models>(section.clone()).is_err(),
            "{section}"
        );
    }
}

#[test]
fn the_schema_of_the_section_admits_what_is_read() {
    let schema = serde_json::to_value(schemars::schema_for!(Models)).unwrap();
    let section = json!({
        "backends": {
            "big": {"kind": "openai", "address": "http://127.0.0.1:1/v1", "model": "m", "key_env": "KEY",
                "price": {"prompt_per_million": 1.0}},
            "small": {"kind": "local", "file": "m.gguf", "threads": 1},
            "tape": {"kind": "cassette", "folder": "exchanges", "model": "m"},
            "script": {"kind": "scripted", "replies": ["a"]},
        },
        "roles": {"proposer": ["big", "small", "rules"]},
        "route": {"fast": "small", "slow": "big", "margin": 0.3},
        "budget": {"calls": 10, "money": 0.5},
        "privacy": "summaries",
    });
    crate::text::check_schema(&schema, &section).unwrap();
    let mut models: Models = serde_json::from_value(section.clone()).unwrap();
    assert_eq!(
        models.used().into_iter().collect::<Vec<_>>(),
        ["big", "small"]
    );
    models.check(&["big", "small"].into()).unwrap();
    let written = serde_json::to_value(&models).unwrap();
    crate::text::check_schema(&schema, &written).unwrap();
    assert_eq!(serde_json::from_value::<Models>(written).unwrap(), models);
    models.route = Some(crate::Route {
        fast: "big".to_owned(),
        slow: "big".to_owned(),
        margin: 0.3,
    });
    assert!(models.check(&["big", "small"].into()).is_err());
    let mut misspelt = section;
    misspelt["backends"]["big"]["modle"] = json!("m");
    assert!(crate::text::check_schema(&schema, &misspelt).is_err());
}

#[tokio::test]
async fn values_of_samples_are_asked_about_in_mode_full_alone() {
    let leave = Privacy::Full.values_permit().unwrap();
    assert_eq!(Privacy::Offline.values_permit(), None);
    assert_eq!(Privacy::Summaries.values_permit(), None);
    let plain = question("What of SAMPLE_7?");
    let with_values = plain.clone().with_sample_values(leave);
    for (privacy, asked) in [("offline", false), ("summaries", false), ("full", true)] {
        let folder = TempDir::new().unwrap();
        let section = json!({"roles": {"writer": ["x"]}, "privacy": privacy});
        let section: Models = serde_json::from_value(section).unwrap();
        let backend = Scripted::function("x", |_: &Request| Ok("words".to_owned()));
        let desk = Desk::builder(&section)
            .backend(Arc::new(backend))
            .open(folder.path(), Mode::Live)
            .unwrap();
        let answer = desk.ask(Role::Writer, "test", &with_values).await;
        assert_eq!(answer.is_ok(), asked, "{privacy}: {answer:?}");
        desk.ask(Role::Writer, "test", &plain).await.unwrap();
        let told: Vec<bool> = desk.ledger().iter().map(|d| d.sample_values).collect();
        assert_eq!(told, [true, false], "{privacy}");
        // What was refused left no exchange behind.
        let kept = files(folder.path());
        let kept = kept
            .values()
            .filter(|bytes| String::from_utf8_lossy(bytes).contains("\"sample_values\": true"));
        assert_eq!(kept.count(), usize::from(asked), "{privacy}");
        if let Err(error) = answer {
            let told = error.to_string();
            assert!(
                told.contains(privacy) && told.contains("write `privacy: full`"),
                "{told}"
            );
        }
    }
}

#[tokio::test]
async fn a_judge_that_cannot_write_may_score() {
    struct Rater;
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

        fn complete<'a>(&'a self, _request: &'a Request) -> Answer<'a, Reply> {
            unsupported(self.describe(), "write")
        }

        fn reward<'a>(&'a self, request: &'a Request) -> Answer<'a, f64> {
            Box::pin(async move { Ok(request.messages[0].text.len() as f64) })
        }
    }
    let folder = TempDir::new().unwrap();
    let section = json!({"backends": {"words": {"kind": "scripted", "replies": ["first"]}},
        "roles": {"judge": ["words", "rater", "rules"]}});
    let section: Models = serde_json::from_value(section).unwrap();
    let open = |mode| {
        let desk = Desk::builder(&section).backend(Arc::new(Rater));
        desk.open(folder.path(), mode).unwrap()
    };
    for mode in [Mode::Live, Mode::Replay] {
        let desk = open(mode);
        let judges = desk.backends(Role::Judge);
        assert_eq!(judges, ["words", "rater"]);
        let answers = desk
            .ask_those(Role::Judge, "pair", &question("?"), &judges)
            .await;
        assert!(answers[0].1.is_ok());
        assert!(matches!(answers[1].1, Err(LlmError::Unsupported { .. })));
        let score = desk
            .reward("rater", "one", &question("four"))
            .await
            .unwrap();
        assert!((score.value - 4.0).abs() < 1e-12);
        assert_eq!(score.model, "rater-8b");
        let none = desk.reward("words", "one", &question("four")).await;
        assert!(
            matches!(none, Err(LlmError::Unsupported { .. })),
            "{none:?}"
        );
        assert_eq!(desk.model("rater"), Some("rater-8b"));
        assert_eq!(desk.pace("rater").await, None, "{mode:?}");
        assert_eq!(desk.spent().calls, 2);
    }
}
