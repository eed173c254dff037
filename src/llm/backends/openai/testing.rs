//! Servers for tests: answers in order over `wiremock`, and one that sends its pieces when it pleases.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use super::Openai;
use crate::models::{OpenaiConfig, Price};

/// Gives its answers in order, and 418 past the last.
pub(crate) struct InOrder(Mutex<VecDeque<ResponseTemplate>>);

impl Respond for InOrder {
    fn respond(&self, _request: &wiremock::Request) -> ResponseTemplate {
        let next = self.0.lock().unwrap().pop_front();
        next.unwrap_or_else(|| {
            ResponseTemplate::new(418).set_body_string("nothing is left to answer")
        })
    }
}

/// A server that gives answers in order.
pub(crate) async fn server(answers: impl IntoIterator<Item = ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    give(&server, answers).await;
    server
}

/// New answers for a server.
pub(crate) async fn give(server: &MockServer, answers: impl IntoIterator<Item = ResponseTemplate>) {
    server.reset().await;
    let answers = InOrder(Mutex::new(answers.into_iter().collect()));
    Mock::given(any()).respond_with(answers).mount(server).await;
}

/// The bodies that a server got.
pub(crate) async fn bodies(server: &MockServer) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    requests
        .iter()
        .map(|request| request.body_json().unwrap())
        .collect()
}

/// The events of a streamed text, a few letters each.
pub(crate) fn events(text: &str, finish: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let pieces = letters.chunks(7).map(|piece| {
        json!({"model": "wire-model", "choices": [{"delta": {"content": piece.iter().collect::<String>()}}]})
    });
    let end = [
        json!({"choices": [{"delta": {}, "finish_reason": finish}]}),
        json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5}}),
    ];
    pieces
        .chain(end)
        .map(|event| format!("data: {event}\n\n"))
        .chain(["data: [DONE]\n\n".to_owned()])
        .collect()
}

/// A streamed text.
pub(crate) fn stream(text: &str, finish: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(events(text, finish).concat(), "text/event-stream")
}

/// A streamed text that ends as it should.
pub(crate) fn says(text: &str) -> ResponseTemplate {
    stream(text, "stop")
}

/// A refusal.
pub(crate) fn refuses(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"error": {"message": message}}))
}

/// A backend's configuration that waits for nothing long.
pub(crate) fn config(address: &str) -> OpenaiConfig {
    OpenaiConfig {
        address: format!("{address}/v1"),
        model: "a-model".to_owned(),
        key_env: None,
        key_file: None,
        context: None,
        connect_timeout_s: 2,
        first_token_timeout_s: 2,
        timeout_s: 4,
        retries: 1,
        price: Price {
            prompt_per_million: 1000.0,
            reply_per_million: 10_000.0,
        },
    }
}

/// A backend of a server.
pub(crate) fn backend(server: &MockServer) -> Openai {
    Openai::new("wire", &config(&server.uri())).unwrap()
}

/// One connection of [`flow`]: pieces with the wait before each; the connection breaks after them unless they are all.
#[derive(Clone)]
pub(crate) struct Flow {
    pub(crate) pieces: Vec<String>,
    pub(crate) wait: Duration,
    pub(crate) breaks: bool,
}

/// A server that streams one flow per connection; its address.
pub(crate) async fn flow(flows: Vec<Flow>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let flows = Arc::new(Mutex::new(VecDeque::from(flows)));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let Some(flow) = flows.lock().unwrap().pop_front() else {
                return;
            };
            tokio::spawn(async move {
                let mut asked = vec![0; 1 << 16];
                let _ = socket.read(&mut asked).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
                let _ = socket.write_all(head.as_bytes()).await;
                for piece in flow.pieces {
                    tokio::time::sleep(flow.wait).await;
                    let _ = socket
                        .write_all(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes())
                        .await;
                }
                if !flow.breaks {
                    let _ = socket.write_all(b"0\r\n\r\n").await;
                }
            });
        }
    });
    address
}
