//! Chains, routes, ledgers and budgets, with scripted models.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::{Desk, Mode};
use crate::backend::{Answer, Backend, BackendInfo, Place};
use crate::backends::Scripted;
use crate::conformance::{Situation, conforms};
use crate::error::LlmError;
use crate::models::Models;
use crate::reply::{Choice, HowChosen, Reply, Usage};
use crate::request::{Message, Request};
use crate::role::Role;
use crate::text::estimate_request;

fn models(section: serde_json::Value) -> Models {
    serde_json::from_value(section).unwrap()
}

fn question(words: &str) -> Request {
    Request::text(vec![Message::user(words)], 64)
}

fn unavailable(backend: &str) -> LlmError {
    LlmError::Unavailable {
        backend: backend.to_owned(),
        reason: "gone".to_owned(),
    }
}

/// A backend whose choices are given, and that counts how often it is asked.
struct Chooser {
    name: &'static str,
    choice: Result<(usize, f64, bool), LlmError>,
    asked: AtomicUsize,
}

impl Chooser {
    fn new(name: &'static str, choice: Result<(usize, f64, bool), LlmError>) -> Arc<Self> {
        Arc::new(Self {
            name,
            choice,
            asked: AtomicUsize::new(0),
        })
    }
}

impl Backend for Chooser {
    fn describe(&self) -> BackendInfo {
        BackendInfo {
            name: self.name.to_owned(),
            kind: "scripted".to_owned(),
            model: "chooser".to_owned(),
            place: Place::Here,
            context: None,
        }
    }

    fn complete<'a>(&'a self, _request: &'a Request) -> Answer<'a, Reply> {
        Box::pin(async { Err(unavailable(self.name)) })
    }

    fn choose<'a>(&'a self, _request: &'a Request, options: &'a [String]) -> Answer<'a, Choice> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let (index, margin, orders_agree) = self.choice.clone()?;
            let mut weights = vec![(1.0 - margin) / options.len() as f64; options.len()];
            weights[index] += margin;
            Ok(Choice {
                index,
                weights,
                margin,
                orders_agree,
                how: HowChosen::Probabilities,
                usage: Usage {
                    prompt_tokens: 10,
                    reused_tokens: 0,
                    reply_tokens: 1,
                },
                model: self.name.to_owned(),
            })
        })
    }
}

#[tokio::test]
async fn without_models_everything_is_left_to_rules() {
    let desk = Desk::rules();
    assert!(
        Role::ALL
            .iter()
            .all(|role| !desk.answers(*role) && !desk.leaves(*role))
    );
    let error = desk
        .ask(Role::Writer, "test", &question("?"))
        .await
        .unwrap_err();
    assert!(error.leaves_it_to_rules());
    assert!(desk.ledger().is_empty());
    assert_eq!(desk.spent().calls, 0);
}

#[test]
fn questions_can_be_asked_from_any_thread() {
    fn can<T: Send>(_: T) {}
    let (desk, request) = (Desk::rules(), question("?"));
    can(desk.ask(Role::Writer, "test", &request));
    can(desk.choose(Role::Planner, "test", &request, &[], None));
    can(desk.ask_those(Role::Judge, "test", &request, &[]));
    can(desk.reward("judge", "test", &request));
    can(desk.pace("judge"));
    can(desk.clone());
}

#[tokio::test]
async fn a_chain_is_gone_down_and_written_down() {
    let folder = TempDir::new().unwrap();
    let section =
        models(json!({"roles": {"writer": ["big", "small", "rules"], "critic": ["big"]}}));
    let desk = Desk::builder(&section)
        .backend(Arc::new(Scripted::outcomes(
            "big",
            std::iter::repeat_n(Err(unavailable("big")), 3),
        )))
        .backend(Arc::new(Scripted::texts("small", &["words".to_owned()])))
        .open(folder.path(), Mode::Live)
        .unwrap();
    let answer = desk
        .ask(Role::Writer, "caption", &question("?"))
        .await
        .unwrap();
    assert_eq!(
        (answer.backend.as_str(), answer.value.text.as_str()),
        ("small", "words")
    );
    let error = desk
        .ask(Role::Writer, "title", &question("other"))
        .await
        .unwrap_err();
    assert!(error.leaves_it_to_rules());
    let error = desk
        .ask(Role::Critic, "check", &question("third"))
        .await
        .unwrap_err();
    assert_eq!(error, unavailable("big"));
    let ledger = desk.ledger();
    assert_eq!(ledger.len(), 3);
    assert_eq!(
        (ledger[0].purpose.as_str(), ledger[0].tried.len()),
        ("caption", 1)
    );
    assert_eq!(
        (ledger[1].backend.as_ref(), ledger[1].tried.len()),
        (None, 2)
    );
}

#[tokio::test]
async fn unsure_decisions_go_to_the_slow_backend() {
    let options = ["a", "b"].map(str::to_owned).to_vec();
    let garbled = LlmError::Garbled {
        backend: "fast".to_owned(),
        reason: "x".to_owned(),
    };
    let slow = Ok((1, 0.9, true));
    let cases = [
        (Ok((0, 0.5, true)), slow.clone(), Some("fast"), None),
        (
            Ok((0, 0.1, true)),
            slow.clone(),
            Some("slow"),
            Some("margin 0.100 is below 0.2"),
        ),
        (
            Ok((0, 0.5, false)),
            slow.clone(),
            Some("slow"),
            Some("orders of the options disagree"),
        ),
        (
            Err(garbled.clone()),
            slow,
            Some("slow"),
            Some("something else than asked"),
        ),
        (
            Ok((0, 0.1, true)),
            Err(unavailable("slow")),
            Some("fast"),
            Some("below"),
        ),
        (
            Err(garbled),
            Err(unavailable("slow")),
            None,
            Some("something else"),
        ),
    ];
    for (fast, slow, answers, reason) in cases {
        let folder = TempDir::new().unwrap();
        let section = models(json!({"roles": {"planner": ["fast", "slow", "rules"]},
            "route": {"fast": "fast", "slow": "slow"}}));
        let slow = Chooser::new("slow", slow);
        let desk = Desk::builder(&section)
            .backend(Chooser::new("fast", fast.clone()))
            .backend(slow.clone())
            .open(folder.path(), Mode::Live)
            .unwrap();
        let answer = desk
            .choose(Role::Planner, "step", &question("?"), &options, Some(1))
            .await;
        assert_eq!(
            answer.as_ref().ok().map(|answer| answer.backend.as_str()),
            answers
        );
        let decision = desk.ledger().pop().unwrap();
        assert_eq!(decision.baseline, Some(1));
        let handed = decision.handed_over.map(|over| over.reason);
        assert_eq!(handed.is_some(), reason.is_some());
        assert!(
            handed
                .unwrap_or_default()
                .contains(reason.unwrap_or_default())
        );
        assert!(slow.asked.load(Ordering::SeqCst) <= 1);
        match answer {
            Ok(answer) => assert_eq!(decision.chosen, Some(answer.value.index)),
            Err(error) => assert!(error.leaves_it_to_rules()),
        }
    }
}

#[tokio::test]
async fn several_judges_answer_side_by_side() {
    let folder = TempDir::new().unwrap();
    let section = models(json!({"backends": {
        "one": {"kind": "scripted", "replies": ["yes"]}, "two": {"kind": "scripted", "replies": []}},
        "roles": {"judge": ["one", "two", "rules"]}}));
    let desk = Desk::open(&section, folder.path(), Mode::Live).unwrap();
    let judges = desk.backends(Role::Judge);
    let answers = desk
        .ask_those(Role::Judge, "pair", &question("?"), &judges)
        .await;
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0].1.as_ref().unwrap().value.text, "yes");
    assert!(matches!(answers[1].1, Err(LlmError::Unavailable { .. })));
}

#[tokio::test]
async fn budgets_end_a_run_and_are_told_before() {
    let reply = |_: &Request| Ok("four words of reply".to_owned());
    for (budget, ends_after) in [
        (json!({"calls": 2}), 2),
        (json!({"tokens": 90}), 2),
        (json!({"minutes": 3.0}), 3),
        (json!({}), 9),
    ] {
        let folder = TempDir::new().unwrap();
        let section = models(json!({"roles": {"writer": ["x"]}, "budget": budget}));
        let minutes = Arc::new(AtomicUsize::new(0));
        let clock = Arc::clone(&minutes);
        let read = Arc::new(Mutex::new(Vec::new()));
        let reader = Arc::clone(&read);
        let desk = Desk::builder(&section)
            .backend(Arc::new(Scripted::function("x", reply)))
            .clock(Arc::new(move || {
                Duration::from_secs(60 * clock.load(Ordering::SeqCst) as u64)
            }))
            .meter(Arc::new(move |spent| {
                reader.lock().unwrap().push(spent.calls)
            }))
            .open(folder.path(), Mode::Live)
            .unwrap();
        assert_eq!(estimate_request(&question("0")), 7);
        assert_eq!(*desk.budget(), section.budget);
        let mut answered = 0;
        for ask in 0..9 {
            match desk
                .ask(Role::Writer, "test", &question(&ask.to_string()))
                .await
            {
                Ok(_) => answered += 1,
                Err(error) => assert!(matches!(error, LlmError::Budget { .. }), "{error}"),
            }
            minutes.fetch_add(1, Ordering::SeqCst);
        }
        assert_eq!(answered, ends_after, "{budget}");
        assert_eq!(
            *read.lock().unwrap(),
            (1..=ends_after).collect::<Vec<u64>>()
        );
        // What ended the run ends its replay at the same question, without any budget.
        let replay = models(json!({"roles": {"writer": ["x"]}}));
        let replay = Desk::builder(&replay)
            .backend(Arc::new(Scripted::texts("x", &[])))
            .open(folder.path(), Mode::Replay)
            .unwrap();
        for ask in 0..9 {
            let again = replay
                .ask(Role::Writer, "test", &question(&ask.to_string()))
                .await;
            assert_eq!(again.is_ok(), ask < ends_after, "{again:?}");
        }
        assert_eq!(replay.ledger(), desk.ledger());
    }
}

#[tokio::test]
async fn scripted_backends_and_their_cassettes_conform() {
    let script = |situation: Situation| {
        let backend = "tape".to_owned();
        let outcome = match situation {
            Situation::Refused => Err(LlmError::Refused {
                backend,
                reason: "no".to_owned(),
            }),
            Situation::TimedOut => Err(LlmError::TimedOut {
                backend,
                seconds: 1,
            }),
            Situation::Truncated => Err(LlmError::Truncated { backend, tokens: 3 }),
            Situation::SlowStream | Situation::Loading | Situation::Busy | Situation::Broken => {
                return None;
            }
            _ => Ok(situation.text()),
        };
        Some(Scripted::outcomes("tape", [outcome]))
    };
    conforms(|situation| async move {
        script(situation).map(|backend| Arc::new(backend) as Arc<dyn Backend>)
    })
    .await;

    let folder = TempDir::new().unwrap();
    let section = models(json!({"roles": {"writer": ["tape"]}}));
    for situation in Situation::ALL {
        if let Some(backend) = script(situation) {
            let desk = Desk::builder(&section).backend(Arc::new(backend));
            let desk = desk.open(folder.path(), Mode::Live).unwrap();
            drop(desk.ask(Role::Writer, "record", &situation.request()).await);
        }
    }
    let config = crate::models::CassetteConfig {
        folder: folder.path().to_owned(),
        backend: None,
        model: "scripted".to_owned(),
    };
    let cassette = crate::backends::Cassette::new("tape", &config);
    conforms(|situation| {
        let cassette = cassette.clone();
        async move { script(situation).map(|_| Arc::new(cassette) as Arc<dyn Backend>) }
    })
    .await;
    let error = cassette
        .complete(&question("never asked"))
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::NotRecorded { .. }));
}
