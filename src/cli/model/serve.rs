//! The server: the part of the OpenAI protocol that chat programs use, answered by a local model, one question at a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use clap::Args;
use proteus_model::{
    Answer, ChatMessage, Finish, LocalModel, ModelError, Role, Sampling, Settings as Writing,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::Opened;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;
use crate::cli::settings::Settings;

/// Largest question, in bytes.
const LARGEST: usize = 4 << 20;
/// Tokens of a reply where the question does not say.
const REPLY: usize = 512;
/// Pieces of a streamed reply that wait for a slow reader.
const WAITING: usize = 64;

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    opened: Opened,
    /// Port; 0 takes any that is free
    #[arg(long, value_name = "N", default_value_t = 8080)]
    port: u16,
}

/// What a handler needs.
#[derive(Clone)]
struct Served {
    model: Arc<LocalModel>,
    name: Arc<str>,
}

/// A question as clients send it; what is not known is passed over.
#[derive(Deserialize)]
struct ChatRequest {
    messages: Vec<WireMessage>,
    #[serde(default)]
    stream: bool,
    max_tokens: Option<usize>,
    max_completion_tokens: Option<usize>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    seed: Option<i64>,
    stop: Option<OneOrMany>,
    response_format: Option<ResponseFormat>,
}

#[derive(Deserialize)]
struct WireMessage {
    role: String,
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct ResponseFormat {
    r#type: String,
    json_schema: Option<JsonSchema>,
    /// Some clients put the schema here.
    schema: Option<Value>,
}

#[derive(Deserialize)]
struct JsonSchema {
    schema: Option<Value>,
}

#[derive(Deserialize)]
struct EmbeddingRequest {
    input: OneOrMany,
}

/// Why a question is not answered, in the form clients understand.
struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    fn bad(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
        }
    }
}

impl From<ModelError> for Refusal {
    fn from(error: ModelError) -> Self {
        Self::bad(error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let kind = if self.status.is_server_error() {
            "server_error"
        } else {
            "invalid_request_error"
        };
        let body =
            json!({"error": {"message": self.message, "type": kind, "param": null, "code": null}});
        answered(self.status, &body)
    }
}

/// Serves until it is stopped.
pub(super) fn run(args: &ServeArgs, settings: &Settings) -> Result<(), Failure> {
    let model = args.opened.open()?;
    let name: Arc<str> = model.info().name.as_str().into();
    let served = Served {
        model: Arc::new(model),
        name,
    };
    settings.runtime()?.block_on(async move {
        let address = SocketAddr::from(([127, 0, 0, 1], args.port));
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Failure::bad_input(
                format!("cannot listen on port {}: {error}", args.port),
                "choose another with `--port`, or `--port 0` for any that is free",
            )
        })?;
        let at = listener
            .local_addr()
            .map_err(|error| Failure::from_error(Exit::Bug, &error))?;
        output::line(&format!("http://{at}/v1"))?;
        axum::serve(listener, router(served))
            .await
            .map_err(|error| Failure::from_error(Exit::Bug, &error))
    })
}

fn router(served: Served) -> Router {
    Router::new()
        .route(
            "/health",
            get(|| async { answered(StatusCode::OK, &json!({"status": "ok"})) }),
        )
        .route("/v1/models", get(models))
        .route("/v1/chat/completions", post(chat))
        .route("/v1/embeddings", post(embeddings))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(served)
}

/// A value as JSON.
fn answered(status: StatusCode, value: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json")];
    (status, headers, value.to_string()).into_response()
}

async fn models(State(served): State<Served>) -> Response {
    let one = json!({"id": &*served.name, "object": "model", "created": 0, "owned_by": "local"});
    answered(StatusCode::OK, &json!({"object": "list", "data": [one]}))
}

/// Reads a body. Pages of a browser cannot send this content type without asking first, and nobody answers that question, so
/// that no page the user happens to visit can use the model.
fn body<T: for<'de> Deserialize<'de>>(headers: &HeaderMap, bytes: &Bytes) -> Result<T, Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(Refusal {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            message: "send `content-type: application/json`".to_owned(),
        });
    }
    serde_json::from_slice(bytes).map_err(|error| Refusal::bad(format!("the body: {error}")))
}

async fn chat(
    State(served): State<Served>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let request: ChatRequest = body(&headers, &bytes)?;
    let messages = messages(&request.messages)?;
    let mut writing = writing(&request);
    if request
        .max_completion_tokens
        .or(request.max_tokens)
        .is_none()
    {
        let room = served
            .model
            .info()
            .context
            .saturating_sub(served.model.encode(&messages)?.len());
        writing.max_tokens = writing.max_tokens.min(room.max(1));
    }
    let schema = schema(request.response_format)?;
    let stamp = Stamp::new(&served);
    if request.stream {
        return Ok(streamed(served, stamp, messages, writing, schema));
    }
    let model = Arc::clone(&served.model);
    let answer = on_a_thread(move || {
        Ok(model.generate(&messages, &writing, schema.as_ref(), &mut |_| true)?)
    })
    .await?;
    Ok(answered(StatusCode::OK, &stamp.whole(&answer)))
}

async fn embeddings(
    State(served): State<Served>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let request: EmbeddingRequest = body(&headers, &bytes)?;
    let texts = match request.input {
        OneOrMany::One(text) => vec![text],
        OneOrMany::Many(texts) => texts,
    };
    let model = Arc::clone(&served.model);
    let vectors = on_a_thread(move || Ok(model.embed(&texts)?)).await?;
    let data: Vec<Value> = vectors
        .into_iter()
        .enumerate()
        .map(|(index, vector)| json!({"object": "embedding", "index": index, "embedding": vector}))
        .collect();
    let list = json!({
        "object": "list", "data": data, "model": &*served.name,
        "usage": {"prompt_tokens": 0, "total_tokens": 0},
    });
    Ok(answered(StatusCode::OK, &list))
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(Refusal {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: format!("the model stopped: {error}"),
        })
    })
}

fn messages(wire: &[WireMessage]) -> Result<Vec<ChatMessage>, Refusal> {
    if wire.is_empty() {
        return Err(Refusal::bad("`messages` is empty"));
    }
    wire.iter()
        .map(|message| {
            let role = match message.role.as_str() {
                "system" | "developer" => Role::System,
                "user" => Role::User,
                "assistant" => Role::Assistant,
                other => {
                    return Err(Refusal::bad(format!(
                        "role `{other}` is not known; the roles are system, user and assistant"
                    )));
                }
            };
            let content = match &message.content {
                None => String::new(),
                Some(Content::Text(text)) => text.clone(),
                Some(Content::Parts(parts)) => parts
                    .iter()
                    .filter_map(|part| part.text.as_deref())
                    .collect(),
            };
            Ok(ChatMessage::new(role, content))
        })
        .collect()
}

fn writing(request: &ChatRequest) -> Writing {
    let stop = match &request.stop {
        None => Vec::new(),
        Some(OneOrMany::One(text)) => vec![text.clone()],
        Some(OneOrMany::Many(texts)) => texts.clone(),
    };
    Writing {
        max_tokens: request
            .max_completion_tokens
            .or(request.max_tokens)
            .unwrap_or(REPLY),
        sampling: Sampling {
            // The protocol's default is 1; a local model answers the same question the same way unless asked otherwise.
            temperature: request.temperature.unwrap_or(0.0).max(0.0),
            top_p: request.top_p.unwrap_or(1.0).clamp(0.0, 1.0),
            seed: request.seed.map_or(1, i64::unsigned_abs),
            ..Sampling::default()
        },
        stop,
        ..Writing::default()
    }
}

/// The schema that a reply must meet; none for prose.
fn schema(format: Option<ResponseFormat>) -> Result<Option<Value>, Refusal> {
    let Some(format) = format else {
        return Ok(None);
    };
    match format.r#type.as_str() {
        "text" => Ok(None),
        "json_object" => Ok(Some(
            format.schema.unwrap_or_else(|| json!({"type": "object"})),
        )),
        "json_schema" => format
            .json_schema
            .and_then(|s| s.schema)
            .or(format.schema)
            .map(Some)
            .ok_or_else(|| Refusal::bad("`response_format` has no `json_schema.schema`")),
        other => Err(Refusal::bad(format!(
            "`response_format` of type `{other}` is not known; the types are text, json_object and json_schema"
        ))),
    }
}

/// What all parts of one reply have in common.
#[derive(Clone)]
struct Stamp {
    id: String,
    created: u64,
    model: Arc<str>,
}

impl Stamp {
    fn new(served: &Served) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            id: format!("chatcmpl-{:x}", now.as_nanos()),
            created: now.as_secs(),
            model: Arc::clone(&served.name),
        }
    }

    fn whole(&self, answer: &Answer) -> Value {
        json!({
            "id": self.id, "object": "chat.completion", "created": self.created, "model": &*self.model,
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": answer.generated.text},
                "finish_reason": finish(answer.generated.finish),
                "logprobs": null,
            }],
            "usage": usage(answer),
        })
    }

    fn piece(&self, delta: Value, finish: Option<&str>) -> Value {
        json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": &*self.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        })
    }
}

fn finish(finish: Finish) -> &'static str {
    match finish {
        Finish::Done | Finish::Stop | Finish::Loop | Finish::Cancelled => "stop",
        Finish::Length => "length",
    }
}

fn usage(answer: &Answer) -> Value {
    let made = &answer.generated;
    let reply = made.tokens.len();
    json!({
        "prompt_tokens": made.prompt_tokens,
        "completion_tokens": reply,
        "total_tokens": made.prompt_tokens + reply,
        "prompt_tokens_details": {"cached_tokens": made.reused_tokens},
    })
}

/// A reply as server-sent events; writing ends when the reader goes away.
fn streamed(
    served: Served,
    stamp: Stamp,
    messages: Vec<ChatMessage>,
    writing: Writing,
    schema: Option<Value>,
) -> Response {
    let (sender, receiver) = mpsc::channel::<Bytes>(WAITING);
    tokio::task::spawn_blocking(move || {
        let send = |value: &Value| sender.blocking_send(event(&value.to_string())).is_ok();
        if !send(&stamp.piece(json!({"role": "assistant", "content": ""}), None)) {
            return;
        }
        let mut listen = |text: &str| send(&stamp.piece(json!({ "content": text }), None));
        let made = served
            .model
            .generate(&messages, &writing, schema.as_ref(), &mut listen);
        match made {
            Ok(answer) => {
                let mut last = stamp.piece(json!({}), Some(finish(answer.generated.finish)));
                last["usage"] = usage(&answer);
                send(&last);
            }
            Err(error) => {
                send(
                    &json!({"error": {"message": error.to_string(), "type": "invalid_request_error"}}),
                );
            }
        }
        // A reader that has gone needs no end.
        let _ = sender.blocking_send(event("[DONE]"));
    });
    let pieces = futures_util::stream::unfold(receiver, |mut receiver| async move {
        let piece = receiver.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(piece), receiver))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

fn event(data: &str) -> Bytes {
    Bytes::from(format!("data: {data}\n\n"))
}
