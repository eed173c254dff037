//! The backend at a desk: interrupted in every way, it pays for nothing twice; and its key is nowhere.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::MockServer;

use super::testing::{bodies, give, refuses, says, server};
use crate::desk::{Answered, Desk, Mode};
use crate::error::LlmError;
use crate::models::{Models, Privacy};
use crate::reply::Reply;
use crate::request::{Message, Request};
use crate::role::Role;

fn models(address: &str, budget: Value) -> Models {
    serde_json::from_value(json!({
        "backends": {"big": {
            "kind": "openai", "address": format!("{address}/v1"), "model": "m", "retries": 0, "timeout_s": 20,
            "price": {"prompt_per_million": 1000.0, "reply_per_million": 10000.0},
        }},
        "roles": {"proposer": ["big"]},
        "budget": budget,
        "privacy": "summaries",
    }))
    .unwrap()
}

fn gene() -> Request {
    let schema =
        json!({"type": "object", "properties": {"gene": {"type": "string"}}, "required": ["gene"]});
    Request::json(vec![Message::user("Name a gene.")], 64, "gene", schema)
}

async fn ask(desk: &Desk) -> Result<Answered<Reply>, LlmError> {
    desk.ask(Role::Proposer, "name a gene", &gene()).await
}

/// After the first answer was paid for and the run ended before the second, only the second is asked.
async fn resumes(server: &MockServer, folder: &Path) {
    give(server, [says("{\"gene\": \"STAT1\"}")]).await;
    let desk = Desk::open(&models(&server.uri(), json!({})), folder, Mode::Live).unwrap();
    let answer = ask(&desk).await.unwrap();
    assert_eq!(answer.value.value, Some(json!({"gene": "STAT1"})));
    let asked = bodies(server).await;
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0]["messages"].as_array().unwrap().len(),
        3,
        "the repair, not the question"
    );
    let spent = desk.spent();
    assert_eq!(
        (spent.calls, spent.calls_from_store, spent.tokens()),
        (2, 1, 30)
    );
    // Twice 10 tokens at 0.001 and 5 at 0.01.
    assert!((spent.money - 0.12).abs() < 1e-12);
    let replay = Desk::open(
        &models("http://127.0.0.1:9", json!({})),
        folder,
        Mode::Replay,
    )
    .unwrap();
    assert_eq!(ask(&replay).await.unwrap(), answer);
    assert_eq!(replay.ledger()[0].usage.total(), 30);
}

#[tokio::test]
async fn a_budget_that_ends_in_the_middle_loses_nothing() {
    let server = server([says("prose")]).await;
    let folder = TempDir::new().unwrap();
    let desk = Desk::open(
        &models(&server.uri(), json!({"calls": 1})),
        folder.path(),
        Mode::Live,
    )
    .unwrap();
    assert!(matches!(ask(&desk).await, Err(LlmError::Budget { .. })));
    assert_eq!(bodies(&server).await.len(), 1);
    assert_eq!(desk.spent().calls, 1);
    resumes(&server, folder.path()).await;
}

#[tokio::test]
async fn a_network_that_is_lost_in_the_middle_loses_nothing() {
    let server = server([says("prose"), refuses(503, "gone")]).await;
    let folder = TempDir::new().unwrap();
    let desk = Desk::open(&models(&server.uri(), json!({})), folder.path(), Mode::Live).unwrap();
    assert!(matches!(
        ask(&desk).await,
        Err(LlmError::Unavailable { .. })
    ));
    resumes(&server, folder.path()).await;
}

#[tokio::test]
async fn minutes_that_run_out_in_the_middle_of_a_call_end_it() {
    let server = server([
        says("prose"),
        says("late").set_delay(Duration::from_secs(10)),
    ])
    .await;
    let folder = TempDir::new().unwrap();
    let section = models(&server.uri(), json!({"minutes": 1.0}));
    let clock = Arc::new(|| Duration::from_millis(59_500));
    let desk = Desk::builder(&section)
        .clock(clock)
        .open(folder.path(), Mode::Live)
        .unwrap();
    let started = std::time::Instant::now();
    let error = ask(&desk).await.unwrap_err();
    assert!(
        matches!(&error, LlmError::Budget { what, .. } if what == "minutes"),
        "{error}"
    );
    assert!(started.elapsed() < Duration::from_secs(8));
    resumes(&server, folder.path()).await;
}

#[tokio::test]
async fn a_wait_that_a_service_asks_for_is_kept_unless_the_run_ends_before() {
    for (asked_s, minutes, waits_s, answered) in [("1", 1.0, 1..5, true), ("50", 0.5, 0..5, false)]
    {
        let busy = refuses(429, "slow down").insert_header("retry-after", asked_s);
        let server = server([busy, says("{\"gene\": \"MX1\"}")]).await;
        let folder = TempDir::new().unwrap();
        let mut section =
            serde_json::to_value(models(&server.uri(), json!({"minutes": minutes}))).unwrap();
        section["backends"]["big"]["retries"] = json!(2);
        let section: Models = serde_json::from_value(section).unwrap();
        let clock = Arc::new(|| Duration::ZERO);
        let desk = Desk::builder(&section)
            .clock(clock)
            .open(folder.path(), Mode::Live)
            .unwrap();
        let started = std::time::Instant::now();
        let answer = ask(&desk).await;
        assert_eq!(answer.is_ok(), answered, "{answer:?}");
        assert!(
            waits_s.contains(&started.elapsed().as_secs()),
            "{:?}",
            started.elapsed()
        );
        assert_eq!(bodies(&server).await.len(), 1 + usize::from(answered));
    }
}

const CHILD: &str = "PROTEUS_TEST_KILLED_CHILD";

#[tokio::test]
async fn a_killed_process_loses_nothing() {
    let server = server([
        says("prose"),
        says("late").set_delay(Duration::from_secs(60)),
    ])
    .await;
    let folder = TempDir::new().unwrap();
    let place = json!({"address": server.uri(), "folder": folder.path()}).to_string();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "backends::openai::desk_tests::the_process_that_is_killed",
        ])
        .env(CHILD, place)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..600 {
        if server.received_requests().await.unwrap().len() >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(bodies(&server).await.len(), 2);
    resumes(&server, folder.path()).await;
}

/// Does nothing unless it is the child of the test above.
#[tokio::test]
async fn the_process_that_is_killed() {
    let Ok(place) = std::env::var(CHILD) else {
        return;
    };
    let place: Value = serde_json::from_str(&place).unwrap();
    let section = models(place["address"].as_str().unwrap(), json!({}));
    let desk = Desk::open(
        &section,
        Path::new(place["folder"].as_str().unwrap()),
        Mode::Live,
    )
    .unwrap();
    drop(ask(&desk).await);
}

#[cfg(unix)]
#[tokio::test]
async fn the_key_is_in_no_file_and_no_error_and_everything_that_leaves_is_logged() {
    use std::os::unix::fs::PermissionsExt;

    const KEY: &str = "sk-hunter2-hunter2";
    let server = server([
        says("prose"),
        says(&format!("{{\"gene\": \"{KEY}\"}}")),
        refuses(401, &format!("the key {KEY} is not known")),
    ])
    .await;
    let folder = TempDir::new().unwrap();
    let key = TempDir::new().unwrap();
    let key = key.path().join("key");
    fs::write(&key, KEY).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let mut section = serde_json::to_value(models(&server.uri(), json!({}))).unwrap();
    section["backends"]["big"]["key_file"] = json!(key);
    let section: Models = serde_json::from_value(section).unwrap();
    let desk = Desk::open(&section, folder.path(), Mode::Live).unwrap();
    let answer = ask(&desk).await.unwrap();
    assert_eq!(answer.value.value, Some(json!({"gene": "[key]"})));
    let other = Request::text(vec![Message::user("Another.")], 8);
    let error = desk.ask(Role::Proposer, "other", &other).await.unwrap_err();
    let shown = format!("{desk:?} {error:?} {error} {:?}", desk.ledger());
    assert!(
        !shown.contains("hunter2") && error.to_string().contains("401"),
        "{shown}"
    );

    let sent = server.received_requests().await.unwrap();
    assert!(
        sent.iter()
            .all(|request| request.headers["authorization"] == format!("Bearer {KEY}"))
    );
    let log = fs::read_to_string(folder.path().join("egress.jsonl")).unwrap();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), sent.len());
    for (line, request) in lines.iter().zip(&sent) {
        assert_eq!(
            line["blake3"],
            blake3::hash(&request.body).to_hex().as_str()
        );
        assert_eq!(line["bytes"], request.body.len());
        assert_eq!(
            (&line["role"], &line["privacy"], &line["sample_values"]),
            (&json!("proposer"), &json!("summaries"), &json!(false))
        );
    }
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        assert!(
            !fs::read_to_string(&path).unwrap().contains("hunter2"),
            "{}",
            path.display()
        );
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_cannot_be_logged_does_not_leave() {
    let server = server([says("words")]).await;
    let folder = TempDir::new().unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path().join("egress.jsonl")).unwrap();
    let desk = Desk::open(&models(&server.uri(), json!({})), folder.path(), Mode::Live).unwrap();
    assert!(matches!(ask(&desk).await, Err(LlmError::Storage { .. })));
    assert!(bodies(&server).await.is_empty());
}

#[tokio::test]
async fn the_log_says_where_values_of_samples_left() {
    let server = server([says("words"), says("more words")]).await;
    let folder = TempDir::new().unwrap();
    let mut section = models(&server.uri(), json!({}));
    section.privacy = Privacy::Full;
    let desk = Desk::open(&section, folder.path(), Mode::Live).unwrap();
    let plain = Request::text(vec![Message::user("Which protein?")], 8);
    let leave = section.privacy.values_permit().unwrap();
    let values = Request::text(vec![Message::user("S1 24.31")], 8).with_sample_values(leave);
    for request in [&plain, &values] {
        desk.ask(Role::Proposer, "test", request).await.unwrap();
    }
    let log = fs::read_to_string(folder.path().join("egress.jsonl")).unwrap();
    let told: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["sample_values"].clone())
        .collect();
    assert_eq!(told, [json!(false), json!(true)]);
    let sent = bodies(&server).await;
    assert!(
        sent.iter()
            .all(|body| !body.to_string().contains("sample_values")),
        "the mark itself stays here"
    );
}
