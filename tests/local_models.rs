//! Local models through the program: a tiny random one says nothing sensible, which is what makes it a test of everything
//! around it.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::support::program::{folder_with, proteus, start, table};

/// A llama of two layers with random weights, as transformers wrote it.
fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model/reference/transformers/llama")
}

#[test]
fn a_model_tells_what_it_is_and_writes_under_a_schema() {
    let folder = folder_with(&[(
        "schema.json",
        // Its vocabulary of some hundred tokens has no quotation mark, so that only numbers are JSON to it.
        br#"{"type": "integer", "minimum": 0, "maximum": 9}"#,
    )]);
    let tiny = tiny();
    let model = tiny.to_str().unwrap();
    let info = start(folder.path(), &["model", "info", model, "--json"]);
    assert_eq!(info.code, Some(0), "{}", info.err);
    let info: Value = serde_json::from_str(&info.out).unwrap();
    assert_eq!(info["architecture"], "llama");
    assert!(info["parameters"].as_u64().unwrap() > 1_000);
    let plain = start(folder.path(), &["model", "info", model]);
    assert!(
        plain.out.contains("quantisation") && plain.out.contains("not stated"),
        "{}",
        plain.out
    );

    for seed in ["1", "2", "3"] {
        let written = start(
            folder.path(),
            &[
                "model",
                "generate",
                model,
                "Which gene?",
                "--schema",
                "schema.json",
                "--max-tokens",
                "8",
                "--temperature",
                "1",
                "--seed",
                seed,
                "--quiet",
            ],
        );
        assert_eq!(written.code, Some(0), "{}", written.err);
        let value: Value = serde_json::from_str(&written.out).unwrap();
        assert!((0..10).contains(&value.as_i64().unwrap()), "{value}");
    }
    let nothing = start(folder.path(), &["model", "info", "nowhere.gguf"]);
    assert_eq!(nothing.code, Some(2));
    assert!(nothing.err.contains("nowhere.gguf"), "{}", nothing.err);
}

/// A server, stopped when it is dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut child = proteus(folder)
            .args(["model", "serve", tiny().to_str().unwrap(), "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .trim_start_matches("http://")
            .trim_end_matches("/v1")
            .to_owned();
        Self { child, address }
    }

    /// Status and body.
    fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}",
            self.address
        )
        .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let status = reply.split(' ').nth(1).unwrap().parse().unwrap();
        let body = reply.split_once("\r\n\r\n").unwrap().1.to_owned();
        (status, body)
    }

    fn chat(&self, body: &Value) -> (u16, Value) {
        let (status, reply) = self.ask(
            "POST",
            "/v1/chat/completions",
            "application/json",
            &body.to_string(),
        );
        (status, serde_json::from_str(&reply).unwrap_or(Value::Null))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_server_speaks_the_protocol_and_refuses_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    assert_eq!(server.ask("GET", "/health", "text/plain", "").0, 200);
    let (_, listed) = server.ask("GET", "/v1/models", "text/plain", "");
    assert!(listed.contains("\"object\":\"list\""), "{listed}");
    let question = json!([{"role": "user", "content": [{"type": "text", "text": "hello"}]}]);
    let (status, reply) =
        server.chat(&json!({"model": "any", "messages": question, "max_tokens": 5}));
    assert_eq!(status, 200, "{reply}");
    assert_eq!(reply["choices"][0]["message"]["role"], "assistant");
    assert!(reply["usage"]["completion_tokens"].as_u64().unwrap() <= 5);
    let (_, again) = server.chat(&json!({"model": "any", "messages": question, "max_tokens": 5}));
    assert_eq!(
        reply["choices"], again["choices"],
        "the same question, the same answer"
    );

    let schema = json!({"enum": [1, 2]});
    let (_, forced) = server.chat(&json!({
        "messages": question,
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}},
    }));
    let value: Value =
        serde_json::from_str(forced["choices"][0]["message"]["content"].as_str().unwrap()).unwrap();
    assert!([json!(1), json!(2)].contains(&value), "{value}");

    let body = json!({"messages": question, "max_tokens": 4, "stream": true}).to_string();
    let (status, events) = server.ask("POST", "/v1/chat/completions", "application/json", &body);
    assert_eq!(status, 200);
    assert!(
        events.contains("chat.completion.chunk") && events.contains("data: [DONE]"),
        "{events}"
    );

    let long = "word ".repeat(20_000);
    for (body, status, told) in [
        (json!({"messages": []}), 400, "empty"),
        (
            json!({"messages": [{"role": "oracle", "content": "x"}]}),
            400,
            "oracle",
        ),
        (
            json!({"messages": question, "response_format": {"type": "yaml"}}),
            400,
            "yaml",
        ),
        (
            json!({"messages": [{"role": "user", "content": long}]}),
            400,
            "do not fit the context",
        ),
    ] {
        let (found, reply) = server.chat(&body);
        assert_eq!(found, status, "{reply}");
        let message = reply["error"]["message"].as_str().unwrap();
        assert!(message.contains(told), "{message}");
    }
    // What a page in a browser can send without being asked is refused.
    assert_eq!(
        server
            .ask("POST", "/v1/chat/completions", "text/plain", "{}")
            .0,
        415
    );
    assert_eq!(
        server
            .ask(
                "POST",
                "/v1/embeddings",
                "application/json",
                r#"{"input": "x"}"#
            )
            .0,
        400
    );
}

#[test]
fn a_run_with_a_model_that_knows_nothing_is_the_run_of_the_rules() {
    let samples = ["t_1", "t_2", "t_3", "t_4", "c_1", "c_2", "c_3", "c_4"];
    let folder = folder_with(&[("study.tsv", table(&samples, 80).as_bytes())]);
    let tiny = tiny();
    let common = [
        "run",
        "study.tsv",
        "--decoys",
        "20",
        "--no-packs",
        "--quiet",
    ];
    let rules = start(folder.path(), &common);
    let mut with_model = common.to_vec();
    with_model.extend([
        "--model",
        tiny.to_str().unwrap(),
        "--model-minutes",
        "5",
        "--offline",
    ]);
    let model = start(folder.path(), &with_model);
    assert_eq!(model.code, Some(0), "{}", model.err);
    let read =
        |out: &str, file: &str| std::fs::read_to_string(folder.path().join(out.trim()).join(file));
    let hypotheses = |out: &str| read(out, "hypotheses.yaml").unwrap();
    assert_eq!(hypotheses(&rules.out), hypotheses(&model.out));
    assert!(
        read(&model.out, "llm/egress.jsonl")
            .unwrap_or_default()
            .is_empty(),
        "nothing leaves"
    );
    let again = start(folder.path(), &["replay", model.out.trim(), "--quiet"]);
    assert_eq!(again.code, Some(0), "{}", again.err);
}

#[test]
fn what_a_model_would_be_asked_is_told_and_nothing_is_written() {
    let samples = ["t_1", "t_2", "t_3", "t_4", "c_1", "c_2", "c_3", "c_4"];
    let folder = folder_with(&[("study.tsv", table(&samples, 80).as_bytes())]);
    let tiny = tiny();
    let dry = ["run", "study.tsv", "--no-packs", "--dry-run"];
    let mut with_model = dry.to_vec();
    with_model.extend(["--model", tiny.to_str().unwrap()]);
    let told = start(folder.path(), &with_model);
    assert_eq!(told.code, Some(0), "{}", told.err);
    let expected = told
        .err
        .lines()
        .find(|line| line.starts_with("models: about "))
        .unwrap_or_else(|| panic!("{}", told.err));
    assert!(expected.contains(" questions likely, "), "{expected}");
    assert!(!folder.path().join("proteus-runs").exists());
    with_model.push("--quiet");
    assert!(!start(folder.path(), &with_model).err.contains("models:"));
    assert!(!start(folder.path(), &dry).err.contains("models:"));
}
