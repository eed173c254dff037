//! A streamed completion, collected.

use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::backend::Openai;
use super::failure::Failure;
use super::key::scrub;
use super::wire::WireReply;
use crate::text::LoopBreaker;

impl Openai {
    /// Sends a body and collects what comes; stops where it goes round in circles.
    pub(super) async fn collect(&self, body: &Value) -> Result<WireReply, Failure> {
        let first_words = Instant::now() + self.first;
        let slow = |_| Failure::Slow(self.first);
        let chat = self.client.chat();
        let mut stream = timeout_at(first_words, chat.create_stream_byot::<_, Value>(body))
            .await
            .map_err(slow)??;
        let mut reply = WireReply::default();
        let mut breaker = LoopBreaker::default();
        let mut spoke = false;
        loop {
            let event = if spoke {
                stream.next().await
            } else {
                timeout_at(first_words, stream.next()).await.map_err(slow)?
            };
            let Some(event) = event else { break };
            let piece = reply
                .take(&event?)
                .map_err(|error| self.broken_by(&error))?;
            spoke |= piece.spoke;
            if breaker.takes(&piece.text) {
                reply.looped = true;
                break;
            }
        }
        if !reply.looped && reply.finish.is_none() && reply.usage.is_none() {
            return Err(Failure::Connection(
                "the stream ended before the model was done".to_owned(),
            ));
        }
        reply.text = scrub(self.key.as_ref(), &reply.text);
        Ok(reply)
    }

    /// An error that came in the middle of a stream, with its status where it names one.
    fn broken_by(&self, error: &str) -> Failure {
        let status = serde_json::from_str::<Value>(error)
            .ok()
            .and_then(|error| u16::try_from(error["code"].as_u64()?).ok());
        Failure::Status {
            status: status.unwrap_or(502),
            wait: None,
            body: scrub(self.key.as_ref(), error),
        }
    }
}
