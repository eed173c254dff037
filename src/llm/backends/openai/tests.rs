//! Servers as they are met, and what the backend makes of them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::Openai;
use super::testing::{Flow, backend, bodies, config, events, flow, refuses, says, server, stream};
use crate::backend::Backend;
use crate::conformance::{Situation, conforms};
use crate::error::LlmError;
use crate::reply::{Finish, HowChosen};
use crate::request::{Message, Request};

fn text() -> Request {
    Request::text(vec![Message::user("Name a protein.")], 64)
}

fn gene() -> Request {
    let schema =
        json!({"type": "object", "properties": {"gene": {"type": "string"}}, "required": ["gene"]});
    Request::json(vec![Message::user("Name a gene.")], 64, "gene", schema)
}

#[tokio::test]
async fn it_conforms() {
    let put = |situation: Situation| async move {
        let text = situation.text();
        let answers = match situation {
            Situation::Refused => vec![stream("", "content_filter")],
            Situation::TimedOut => vec![says("late").set_delay(Duration::from_secs(5))],
            Situation::Truncated => vec![stream(&text, "length")],
            Situation::Garbled => vec![says(&text), says(&text)],
            Situation::Loading => vec![refuses(503, "Loading model"), says(&text)],
            Situation::Busy => vec![
                refuses(429, "slow down").insert_header("retry-after", "0"),
                says(&text),
            ],
            Situation::SlowStream | Situation::Broken => {
                let whole = events(&text, "stop");
                let slow = Flow {
                    pieces: whole.clone(),
                    wait: Duration::from_millis(200),
                    breaks: false,
                };
                let broken = Flow {
                    pieces: whole[..2].to_vec(),
                    breaks: true,
                    ..slow.clone()
                };
                let flows = if situation == Situation::Broken {
                    vec![broken, slow]
                } else {
                    vec![slow]
                };
                let backend = Openai::new("wire", &config(&flow(flows).await)).unwrap();
                return Some(Arc::new(backend) as Arc<dyn Backend>);
            }
            Situation::Plain | Situation::Long | Situation::Structured => vec![says(&text)],
        };
        let server = Box::leak(Box::new(server(answers).await));
        Some(Arc::new(backend(server)) as Arc<dyn Backend>)
    };
    conforms(put).await;
}

#[tokio::test]
async fn the_form_that_a_server_takes_is_learned_once() {
    for status in [400, 422, 500] {
        let server = server([
            refuses(
                status,
                "'response_format.type' must be 'text' or 'json_object'",
            ),
            says("{\"gene\": \"STAT1\"}"),
            says("{\"gene\": \"MX1\"}"),
        ])
        .await;
        let backend = backend(&server);
        assert_eq!(
            backend.complete(&gene()).await.unwrap().value,
            Some(json!({"gene": "STAT1"}))
        );
        assert_eq!(
            backend.complete(&gene()).await.unwrap().value,
            Some(json!({"gene": "MX1"}))
        );
        let kinds: Vec<_> = bodies(&server)
            .await
            .iter()
            .map(|body| body["response_format"]["type"].clone())
            .collect();
        assert_eq!(kinds, ["json_schema", "json_object", "json_object"]);
    }
}

#[tokio::test]
async fn a_server_without_any_form_is_asked_in_words_and_its_fence_is_read() {
    let server = server([
        refuses(400, "response_format is not supported"),
        refuses(400, "response_format is not supported"),
        says("Here you are:\n```json\n{\"gene\": \"STAT1\"}\n```"),
    ])
    .await;
    let reply = backend(&server).complete(&gene()).await.unwrap();
    assert_eq!(reply.value, Some(json!({"gene": "STAT1"})));
    let last = bodies(&server).await.pop().unwrap();
    assert!(last.get("response_format").is_none());
    assert!(
        last["messages"][0]["content"]
            .as_str()
            .unwrap()
            .contains("JSON Schema")
    );
}

#[tokio::test]
async fn an_answer_that_the_schema_refuses_is_asked_for_once_more_with_the_reason() {
    let server = server([says("{\"gene\": 7}"), says("{\"gene\": \"STAT1\"}")]).await;
    let reply = backend(&server).complete(&gene()).await.unwrap();
    assert_eq!(reply.value, Some(json!({"gene": "STAT1"})));
    assert_eq!(
        (reply.usage.prompt_tokens, reply.usage.reply_tokens),
        (20, 10)
    );
    let second = bodies(&server).await.pop().unwrap();
    let said = second["messages"].as_array().unwrap();
    assert_eq!(said[1]["role"], "assistant");
    let told = said[2]["content"].as_str().unwrap();
    assert!(
        told.contains("`/gene`") && told.contains("JSON Schema"),
        "{told}"
    );
}

#[tokio::test]
async fn a_whole_answer_in_parts_without_usage_is_read() {
    let whole = json!({"choices": [{"message": {"content": [{"type": "text", "text": "Actin."}]}, "finish_reason": ""}]});
    let server = server([ResponseTemplate::new(200).set_body_json(whole)]).await;
    let reply = backend(&server).complete(&text()).await.unwrap();
    assert_eq!(
        (reply.text.as_str(), reply.finish),
        ("Actin.", Finish::Unknown)
    );
    assert_eq!(reply.model, "a-model");
    assert!(reply.usage.total() > 0);
}

#[tokio::test]
async fn circles_are_cut() {
    let server = server([says(
        &"the evidence suggests that it plays a crucial role in ".repeat(200),
    )])
    .await;
    let error = backend(&server).complete(&text()).await.unwrap_err();
    assert!(
        matches!(&error, LlmError::Garbled { reason, .. } if reason.contains("same words")),
        "{error}"
    );
}

/// The event of a first token that could have been others.
fn likely(tokens: &[(&str, f64)]) -> ResponseTemplate {
    let top: Vec<Value> = tokens
        .iter()
        .map(|(token, share)| json!({"token": token, "logprob": share.ln(), "bytes": null}))
        .collect();
    let logprobs =
        json!({"content": [{"token": tokens[0].0, "logprob": 0.0, "top_logprobs": top}]});
    let event = json!({"choices": [{"delta": {"content": tokens[0].0}, "logprobs": logprobs, "finish_reason": "length"}]});
    ResponseTemplate::new(200).set_body_raw(
        format!("data: {event}\n\ndata: [DONE]\n\n"),
        "text/event-stream",
    )
}

fn options() -> Vec<String> {
    ["cluster", "test", "network"].map(str::to_owned).to_vec()
}

#[tokio::test]
async fn a_choice_is_read_from_probabilities_in_two_orders() {
    let server = server([
        likely(&[("B", 0.6), (" A", 0.2), ("C", 0.1), ("x", 0.1)]),
        likely(&[("B", 0.7), ("A", 0.2), ("C", 0.1)]),
    ])
    .await;
    let choice = backend(&server).choose(&text(), &options()).await.unwrap();
    assert_eq!(
        (choice.index, choice.how, choice.orders_agree),
        (1, HowChosen::Probabilities, true)
    );
    // By hand: (6/9 + 0.7) / 2 less the larger of (2/9 + 0.1) / 2 and (1/9 + 0.2) / 2.
    assert!((choice.margin - (0.6 / 0.9 + 0.7 - 0.2 / 0.9 - 0.1) / 2.0).abs() < 1e-9);
    assert!((choice.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let asked = bodies(&server).await;
    let words = |body: &Value| body["messages"][0]["content"].as_str().unwrap().to_owned();
    assert!(words(&asked[0]).contains("A. cluster") && words(&asked[1]).contains("A. network"));
}

#[tokio::test]
async fn a_model_that_always_takes_the_first_option_chooses_nothing() {
    let first = || likely(&[("A", 0.9), ("B", 0.05), ("C", 0.05)]);
    let server = server([first(), first()]).await;
    let choice = backend(&server).choose(&text(), &options()).await.unwrap();
    assert!(!choice.orders_agree);
    assert!(choice.margin.abs() < 1e-9);
}

#[tokio::test]
async fn a_choice_is_read_from_replies_where_there_are_no_probabilities() {
    let server = server([
        says("A"),
        says("{\"choice\": \"test\"}"),
        says("{\"choice\": \"test\"}"),
        says("{\"choice\": \"test\"}"),
        says("{\"choice\": \"cluster\"}"),
    ])
    .await;
    let backend = backend(&server);
    let choice = backend.choose(&text(), &options()).await.unwrap();
    assert_eq!(
        (choice.index, choice.how, choice.margin),
        (1, HowChosen::Replies, 1.0)
    );
    let choice = backend.choose(&text(), &options()).await.unwrap();
    assert!(!choice.orders_agree);
    assert_eq!(choice.weights, [0.5, 0.5, 0.0]);
    let named = &bodies(&server).await[1]["response_format"]["json_schema"]["schema"];
    assert_eq!(named["properties"]["choice"]["enum"], json!(options()));
}

#[tokio::test]
async fn texts_become_vectors_of_unit_length_in_their_order() {
    let answer = json!({"data": [{"index": 1, "embedding": [0.0, 2.0]}, {"index": 0, "embedding": [3.0, 4.0]}],
        "usage": {"prompt_tokens": 4}});
    let short = json!({"data": [{"index": 0, "embedding": [1.0]}]});
    let server =
        server([answer, short].map(|answer| ResponseTemplate::new(200).set_body_json(answer)))
            .await;
    let backend = backend(&server);
    let texts = ["a".to_owned(), "b".to_owned()];
    assert_eq!(
        backend.embed(&texts).await.unwrap(),
        [vec![0.6, 0.8], vec![0.0, 1.0]]
    );
    assert!(matches!(
        backend.embed(&texts).await,
        Err(LlmError::Garbled { .. })
    ));
}

#[tokio::test]
async fn what_is_too_long_is_not_sent_and_the_servers_word_is_understood() {
    let server = server([ResponseTemplate::new(400).set_body_json(json!({"error": {"code": 400,
        "type": "exceed_context_size_error", "message": "the request exceeds the available context size", "n_ctx": 512}}))])
    .await;
    let short = super::testing::config(&server.uri());
    let short = Openai::new(
        "wire",
        &crate::models::OpenaiConfig {
            context: Some(50),
            ..short
        },
    )
    .unwrap();
    assert!(matches!(
        short.complete(&text()).await,
        Err(LlmError::TooLong { limit: 50, .. })
    ));
    assert!(bodies(&server).await.is_empty());
    let error = backend(&server).complete(&text()).await.unwrap_err();
    assert!(
        matches!(error, LlmError::TooLong { limit: 512, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn refusals_and_outages_are_told_apart() {
    let cases = [
        (refuses(401, "no such key"), false),
        (refuses(404, "no such model"), false),
        (refuses(429, "insufficient_quota"), false),
        (refuses(400, "blocked by content_filter"), true),
    ];
    for (answer, refused) in cases {
        let error = backend(&server([answer]).await)
            .complete(&text())
            .await
            .unwrap_err();
        assert_eq!(
            matches!(error, LlmError::Refused { .. }),
            refused,
            "{error}"
        );
        assert_eq!(error.is_transient(), !refused, "{error}");
    }
    let nobody = Openai::new("wire", &config("http://127.0.0.1:9")).unwrap();
    assert!(matches!(
        nobody.complete(&text()).await,
        Err(LlmError::Unavailable { .. })
    ));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = server([says("leaked")]).await;
    let away =
        ResponseTemplate::new(307).insert_header("location", format!("{}/x", elsewhere.uri()));
    let server = server([away]).await;
    assert!(backend(&server).complete(&text()).await.is_err());
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[test]
fn addresses_that_are_none_or_hold_a_password_are_refused_unseen() {
    for address in [
        "nowhere",
        "ftp://host",
        "http://user:hunter2@host/v1",
        "http://host/v1?key=hunter2",
    ] {
        let mut config = config("http://127.0.0.1:1");
        config.address = address.to_owned();
        let error = Openai::new("wire", &config).unwrap_err();
        assert!(matches!(error, LlmError::Configuration { .. }));
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_key_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "hunter2\n").unwrap();
    let mut config = config("http://127.0.0.1:1");
    config.key_file = Some(file.clone());
    for (mode, fine) in [(0o644, false), (0o640, false), (0o600, true)] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let opened = Openai::new("wire", &config);
        assert_eq!(opened.is_ok(), fine, "{mode:o}");
        let shown = format!("{opened:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    config.key_file = None;
    config.key_env = Some("PROTEUS_TEST_NO_SUCH_VARIABLE".to_owned());
    let error = Openai::new("wire", &config).unwrap_err().to_string();
    assert!(error.contains("PROTEUS_TEST_NO_SUCH_VARIABLE"), "{error}");
}
