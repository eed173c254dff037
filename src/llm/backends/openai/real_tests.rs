//! A server that nobody here wrote. `PROTEUS_TEST_OPENAI` gives its base address, such as `http://127.0.0.1:8080/v1`, with
//! `PROTEUS_TEST_OPENAI_MODEL` for its model; `PROTEUS_TEST_EMBEDDINGS` the address of one that embeds.
//! llama.cpp's server with SmolLM2-135M-Instruct is what it was written against; any that speaks the protocol will do.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Openai;
use super::testing::config;
use crate::backend::Backend;
use crate::desk::{Desk, Mode};
use crate::error::LlmError;
use crate::models::{Models, OpenaiConfig};
use crate::reply::Finish;
use crate::request::{Message, Request};
use crate::role::Role;
use crate::text::estimate_messages;

fn address(variable: &str) -> Option<String> {
    let address = std::env::var(variable).ok();
    if address.is_none() {
        eprintln!(
            "SKIPPED: `{variable}` names no server, so nothing was tested against a real one"
        );
    }
    address
}

fn settings(address: &str) -> OpenaiConfig {
    OpenaiConfig {
        address: address.to_owned(),
        model: std::env::var("PROTEUS_TEST_OPENAI_MODEL").unwrap_or_else(|_| "default".to_owned()),
        first_token_timeout_s: 120,
        timeout_s: 300,
        retries: 5,
        ..config("")
    }
}

fn user(words: &str) -> Vec<Message> {
    vec![Message::user(words)]
}

#[tokio::test]
async fn a_real_server_replies_in_prose_and_under_a_schema() {
    let Some(address) = address("PROTEUS_TEST_OPENAI") else {
        return;
    };
    let backend = Openai::new("real", &settings(&address)).unwrap();

    let asked = user("Name the main protein in red blood cells in one sentence.");
    let reply = backend.complete(&Request::text(asked, 64)).await.unwrap();
    eprintln!("prose: {reply:?}");
    assert!(
        !reply.text.is_empty() && reply.usage.prompt_tokens > 0 && reply.usage.reply_tokens > 0
    );

    let schema = json!({"type": "object", "properties": {"gene": {"type": "string", "maxLength": 12},
        "direction": {"enum": ["up", "down"]}}, "required": ["gene", "direction"], "additionalProperties": false});
    let asked = user("STAT1 is increased 3-fold. Give gene and direction as JSON.");
    let reply = backend
        .complete(&Request::json(asked, 64, "finding", schema))
        .await
        .unwrap();
    eprintln!("schema: {reply:?}, asked as {:?}", backend.dialect());
    let direction = reply.value.unwrap()["direction"].clone();
    assert!(direction == "up" || direction == "down");

    let schema = json!({"type": "object", "properties": {"words": {"type": "string", "minLength": 400}},
        "required": ["words"]});
    let cut = backend
        .complete(&Request::json(user("Write much."), 12, "much", schema))
        .await;
    assert!(matches!(cut, Err(LlmError::Truncated { .. })), "{cut:?}");

    let cut = backend
        .complete(&Request::text(user("Write a long story."), 8))
        .await
        .unwrap();
    assert_eq!(cut.finish, Finish::Truncated);
}

#[tokio::test]
async fn a_real_server_chooses() {
    let Some(address) = address("PROTEUS_TEST_OPENAI") else {
        return;
    };
    let backend = Openai::new("real", &settings(&address)).unwrap();
    let options = [
        "principal component analysis",
        "hierarchical clustering",
        "moderated t-test",
    ]
    .map(str::to_owned);
    let asked = user("Which method tells which proteins differ between two groups?");
    let choice = backend
        .choose(&Request::text(asked, 32), &options)
        .await
        .unwrap();
    eprintln!("choice: {choice:?}");
    assert!((choice.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(choice.usage.prompt_tokens > 0);
}

#[tokio::test]
async fn a_real_server_says_what_is_too_long() {
    let Some(address) = address("PROTEUS_TEST_OPENAI") else {
        return;
    };
    let backend = Openai::new("real", &settings(&address)).unwrap();
    let asked = user(&"protein abundance ".repeat(8000));
    match backend.complete(&Request::text(asked, 8)).await {
        Err(error) => assert!(matches!(error, LlmError::TooLong { .. }), "{error}"),
        Ok(reply) => eprintln!(
            "it reads {} tokens, so that nothing was too long",
            reply.usage.prompt_tokens
        ),
    }
}

#[tokio::test]
async fn token_estimates_are_near_what_a_real_server_counts() {
    let Some(address) = address("PROTEUS_TEST_OPENAI") else {
        return;
    };
    let backend = Openai::new("real", &settings(&address)).unwrap();
    for words in [
        "Interferon signalling is increased in the treated samples, and the increase is larger in those that responded.",
        "STAT1 is increased 3-fold (log2 fold change 1.58, q = 0.003) in treated samples; n = 12.",
        "feature\tlog2fc\tq\nSTAT1\t1.58\t0.003\nMX1\t2.71\t0.0004\nGBP2\t-0.83\t0.041\nIFIT3\t1.02\t0.012\n",
        r#"{"feature": "STAT1", "log2_fold_change": 1.58, "q_value": 0.003, "samples": ["T1", "T2", "C1", "C2"]}"#,
        "Die Konzentration von β-Aktin (≈ 3 µg/ml) änderte sich nicht.",
    ] {
        let request = Request::text(user(words), 1);
        let counted = backend
            .complete(&request)
            .await
            .map_or(0, |reply| reply.usage.prompt_tokens);
        let estimate = estimate_messages(&request.messages);
        eprintln!("tokens: {estimate} estimated, {counted} counted: {words:.40}");
        // Templates of chats add a system message of their own, up to about 25 tokens here.
        assert!(
            estimate as f64 > 0.5 * counted as f64 - 15.0 && estimate < 2 * counted,
            "{words}"
        );
    }
}

#[tokio::test]
async fn a_real_exchange_is_recorded_and_replayed() {
    let Some(address) = address("PROTEUS_TEST_OPENAI") else {
        return;
    };
    let settings = settings(&address);
    let section: Models = serde_json::from_value(json!({
        "backends": {"real": {"kind": "openai", "address": settings.address, "model": settings.model}},
        "roles": {"writer": ["real", "rules"]}, "privacy": "full", "budget": {"calls": 3, "tokens": 2000},
    }))
    .unwrap();
    let folder = TempDir::new().unwrap();
    let request = Request::text(user("Write one sentence on actin."), 48);
    let live = Desk::open(&section, folder.path(), Mode::Live).unwrap();
    let answer = live.ask(Role::Writer, "caption", &request).await.unwrap();
    let replay = Desk::open(&section, folder.path(), Mode::Replay).unwrap();
    assert_eq!(
        replay.ask(Role::Writer, "caption", &request).await.unwrap(),
        answer
    );
    assert_eq!(replay.ledger(), live.ledger());
    eprintln!("spent: {:?}", live.spent());
}

#[tokio::test]
async fn a_real_server_embeds() {
    let Some(address) = address("PROTEUS_TEST_EMBEDDINGS") else {
        return;
    };
    let backend = Openai::new("real", &settings(&address)).unwrap();
    let texts = ["STAT1 is increased", "STAT1 goes up", "the weather is fine"].map(str::to_owned);
    let vectors = backend.embed(&texts).await.unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in &vectors {
        assert!((vector.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-3);
    }
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    let (near, far) = (dot(&vectors[0], &vectors[1]), dot(&vectors[0], &vectors[2]));
    eprintln!(
        "embeddings: {} dimensions, near {near:.3}, far {far:.3}",
        vectors[0].len()
    );
    assert!(near > far);
}

/// What servers send beside the protocol is read without complaint: every field of a real stream that we use is there.
#[tokio::test]
async fn a_real_stream_has_what_is_read_of_it() {
    let Some(address) = address("PROTEUS_TEST_OPENAI") else {
        return;
    };
    let backend = Openai::new("real", &settings(&address)).unwrap();
    let body: Value = json!({"model": backend.model, "messages": [{"role": "user", "content": "Say yes."}],
        "max_tokens": 4, "stream": true, "stream_options": {"include_usage": true}});
    let collected = backend.collect(&body).await.unwrap();
    assert!(
        collected.finish.is_some() && collected.usage.is_some() && collected.model.is_some(),
        "{collected:?}"
    );
}
