//! Vectors of texts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::backend::Openai;
use super::failure::Failure;
use crate::error::LlmError;
use crate::reply::Usage;
use crate::text::estimate_tokens;

/// Texts of one request.
const BATCH: usize = 64;

/// What is stored of an attempt.
#[derive(Debug, Serialize, Deserialize)]
struct Batch {
    vectors: Vec<Vec<f32>>,
    usage: Usage,
}

impl Openai {
    pub(super) async fn vectors(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, LlmError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            let body = json!({"model": self.model, "input": batch});
            let tokens = batch.iter().map(|text| estimate_tokens(text)).sum();
            let carry = || self.batch(&body, batch.len(), tokens);
            let answer = self
                .send(&body, (tokens, 0), carry, |batch: &Batch| batch.usage)
                .await
                .map_err(|failure| failure.into_error(&self.name, tokens, self.context))?;
            vectors.extend(answer.vectors);
        }
        let dimensions = vectors.first().map_or(0, Vec::len);
        if vectors.iter().any(|vector| vector.len() != dimensions) {
            return Err(self.garbled("the vectors are not all of one length"));
        }
        Ok(vectors)
    }

    async fn batch(&self, body: &Value, texts: usize, tokens: usize) -> Result<Batch, Failure> {
        let answer: Value = self.client.embeddings().create_byot(body).await?;
        let mut vectors = vec![Vec::new(); texts];
        let data = answer["data"].as_array().map_or(&[][..], Vec::as_slice);
        for (at, item) in data.iter().enumerate() {
            let at = item["index"]
                .as_u64()
                .and_then(|at| usize::try_from(at).ok())
                .unwrap_or(at);
            if let Some(vector) = vectors.get_mut(at) {
                *vector = unit(&item["embedding"]).unwrap_or_default();
            }
        }
        if vectors.iter().any(Vec::is_empty) {
            return Err(Failure::Nonsense(format!(
                "{texts} texts were sent, and not every one came back as a vector that has a direction"
            )));
        }
        let counted = answer["usage"]["prompt_tokens"].as_u64();
        Ok(Batch {
            vectors,
            usage: Usage {
                prompt_tokens: counted
                    .and_then(|counted| usize::try_from(counted).ok())
                    .unwrap_or(tokens),
                ..Usage::default()
            },
        })
    }
}

/// A vector of unit length; nothing where what came is none, is all zeros or is not finite.
fn unit(embedding: &Value) -> Option<Vec<f32>> {
    let numbers: Option<Vec<f64>> = embedding.as_array()?.iter().map(Value::as_f64).collect();
    let numbers = numbers?;
    let length = numbers
        .iter()
        .map(|number| number * number)
        .sum::<f64>()
        .sqrt();
    if !length.is_finite() || length == 0.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a vector of a model is one of single precision"
    )]
    let vector = numbers
        .iter()
        .map(|number| (number / length) as f32)
        .collect();
    Some(vector)
}
