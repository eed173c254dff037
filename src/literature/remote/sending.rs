//! One request at a time until it is answered, no longer and no oftener than is polite.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};
use tokio::time::Instant;

use super::EuropePmc;
use crate::error::LiteratureError;

/// The longest answer read, bytes: a hundred papers have about one million.
const LONGEST: usize = 16 << 20;
/// The longest wait a service can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Why a request gave nothing.
struct Refusal {
    reason: String,
    /// Whether the same may work later.
    passes: bool,
    /// How long the service wants to be left alone.
    wait: Option<Duration>,
}

impl EuropePmc {
    /// The body of an answer.
    ///
    /// # Errors
    /// [`LiteratureError::Service`] with the last refusal.
    pub(super) async fn get(&self, parameters: &[(&str, &str)]) -> Result<String, LiteratureError> {
        let mut turn = self.turn.lock().await;
        let mut wait = self.manners.pause;
        let mut tries = 0;
        loop {
            if let Some(last) = *turn {
                tokio::time::sleep_until(last + self.manners.pause).await;
            }
            let answer = self.once(parameters).await;
            *turn = Some(Instant::now());
            match answer {
                Ok(body) => return Ok(body),
                Err(refusal) if refusal.passes && tries < self.manners.retries => {
                    tokio::time::sleep(refusal.wait.unwrap_or(wait).min(LONGEST_WAIT)).await;
                    wait *= 2;
                    tries += 1;
                }
                Err(refusal) => {
                    return Err(LiteratureError::Service {
                        reason: if tries == 0 {
                            refusal.reason
                        } else {
                            format!("{}, asked {} times", refusal.reason, tries + 1)
                        },
                    });
                }
            }
        }
    }

    async fn once(&self, parameters: &[(&str, &str)]) -> Result<String, Refusal> {
        let failed = |error: reqwest::Error| Refusal {
            reason: if error.is_timeout() {
                format!("no answer within {} s", self.manners.patience.as_secs_f64())
            } else {
                format!("not reached: {}", root(&error))
            },
            passes: true,
            wait: None,
        };
        let response = self
            .client
            .get(self.search.clone())
            .query(parameters)
            .send()
            .await
            .map_err(|error| failed(error.without_url()))?;
        if !response.status().is_success() {
            return Err(refused(&response));
        }
        let mut bytes = Vec::new();
        let mut response = response;
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| failed(error.without_url()))?
        {
            if bytes.len() + chunk.len() > LONGEST {
                return Err(Refusal {
                    reason: format!("its answer has more than {LONGEST} bytes"),
                    passes: false,
                    wait: None,
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).map_err(|_| Refusal {
            reason: "its answer is not UTF-8".to_owned(),
            passes: false,
            wait: None,
        })
    }
}

fn refused(response: &Response) -> Refusal {
    let status = response.status();
    Refusal {
        reason: format!("it answered with status {status}"),
        passes: status.is_server_error()
            || matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
            ),
        wait: response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|wait| wait.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs),
    }
}

/// What is at the bottom of an error.
fn root(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
