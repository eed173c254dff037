//! How a request leaves: logged first, and its refusal read whole, with the status and the wait that `async-openai` drops.

use std::task::{Context, Poll};
use std::time::Duration;

use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures_util::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use secrecy::SecretString;
use tower::Service;

use super::failure::Failure;
use super::key::scrub;
use crate::errand::Errand;

/// Bytes of a refusal that are kept.
const REFUSAL: usize = 4000;
/// The longest wait that a service can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Carries requests by `reqwest`.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    pub(super) client: reqwest::Client,
    pub(super) key: Option<SecretString>,
}

impl Service<HttpRequestFactory> for Transport {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = BoxFuture<'static, Result<reqwest::Response, OpenAIError>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let request = request.build().await?;
            this.carry(request)
                .await
                .map_err(|failure| OpenAIError::Boxed(Box::new(failure)))
        })
    }
}

impl Transport {
    async fn carry(&self, request: reqwest::Request) -> Result<reqwest::Response, Failure> {
        let body = request
            .body()
            .and_then(reqwest::Body::as_bytes)
            .unwrap_or_default();
        if let Some(errand) = Errand::current() {
            errand
                .leaves(request.url().as_str(), body, &blake3::hash(body).to_hex())
                .map_err(Failure::Ours)?;
        }
        let response = self
            .client
            .execute(request)
            .await
            .map_err(|error| Failure::from_reqwest(&error.without_url()))?;
        let status = response.status();
        if !status.is_success() {
            let wait = response
                .headers()
                .get(RETRY_AFTER)
                .and_then(|wait| wait.to_str().ok()?.trim().parse().ok())
                .map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
            let body = response.text().await.unwrap_or_default();
            let mut body = scrub(self.key.as_ref(), &body);
            body.truncate(body.floor_char_boundary(REFUSAL));
            return Err(Failure::Status {
                status: status.as_u16(),
                wait,
                body,
            });
        }
        as_events(response).await
    }
}

/// The answer of a server that was asked to stream a completion and sent it whole, as a stream of one event.
async fn as_events(response: reqwest::Response) -> Result<reqwest::Response, Failure> {
    let whole = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"));
    if !whole || !response.url().path().ends_with("/chat/completions") {
        return Ok(response);
    }
    let body = response
        .bytes()
        .await
        .map_err(|error| Failure::from_reqwest(&error.without_url()))?;
    // One line, since a line ends an event's data.
    let value: serde_json::Value = serde_json::from_slice(&body)
        .map_err(|error| Failure::Nonsense(format!("no JSON came back: {error}")))?;
    Ok(http::Response::new(format!("data: {value}\n\ndata: [DONE]\n\n")).into())
}
