//! The forward pass of Llama, Qwen 2 and Qwen 3.

use super::config::DecoderConfig;
use super::kv::KvCache;
use super::layer::{Layer, Scratch, vector};
use super::rope::Rotation;
use crate::error::ModelError;
use crate::kernels::elementwise::rms_norm;
use crate::kernels::matrix::Input;
use crate::kernels::{Matrix, Threads};
use crate::weights::source::WeightSource;

/// Positions that go through the layers together: enough to read each weight once for many, few enough to stay in cache.
const ROWS: usize = 64;

/// A model that reads tokens and says what comes next.
pub trait Decoder: Send + Sync {
    /// Its sizes.
    fn config(&self) -> &DecoderConfig;

    /// Tokens it knows, padding of the file included.
    fn vocabulary(&self) -> usize;

    /// Tokens it reads at most, here.
    fn context(&self) -> usize;

    /// A cache with nothing read.
    fn cache(&self) -> KvCache;

    /// Reads `tokens` after those in `cache` and gives the last hidden states (after the final norm) of the tokens from
    /// index `from` on: `(tokens − from) × hidden`.
    ///
    /// # Errors
    /// If a token is unknown, or there are more than the context holds; `cache` is then as it was.
    fn hidden(
        &self,
        cache: &mut KvCache,
        tokens: &[u32],
        from: usize,
    ) -> Result<Vec<f32>, ModelError>;

    /// Logits of hidden states: `rows × vocabulary`.
    ///
    /// # Errors
    /// If a device fails.
    fn logits(&self, hidden: &[f32]) -> Result<Vec<f32>, ModelError>;

    /// Whether `tokens` are known and fit after those in `cache`.
    ///
    /// # Errors
    /// If not.
    fn check(&self, cache: &KvCache, tokens: &[u32]) -> Result<(), ModelError> {
        let all = cache.len() + tokens.len();
        if all > self.context() {
            return Err(ModelError::TooLong {
                tokens: all,
                limit: self.context(),
            });
        }
        match tokens
            .iter()
            .find(|token| **token as usize >= self.vocabulary())
        {
            Some(token) => Err(ModelError::invalid(format!(
                "token `{token}` is not in the vocabulary"
            ))),
            None => Ok(()),
        }
    }

    /// Logits at every position of `tokens`: `tokens × vocabulary`.
    ///
    /// # Errors
    /// As [`hidden`](Self::hidden).
    fn all_logits(&self, cache: &mut KvCache, tokens: &[u32]) -> Result<Vec<f32>, ModelError> {
        self.logits(&self.hidden(cache, tokens, 0)?)
    }

    /// Logits after the last of `tokens`, of which there is at least one.
    ///
    /// # Errors
    /// As [`hidden`](Self::hidden).
    fn last_logits(&self, cache: &mut KvCache, tokens: &[u32]) -> Result<Vec<f32>, ModelError> {
        self.logits(&self.hidden(cache, tokens, tokens.len().saturating_sub(1))?)
    }
}

/// A decoder on the processor.
pub struct Transformer {
    config: DecoderConfig,
    context: usize,
    threads: Threads,
    rotation: Rotation,
    embedding: Matrix,
    layers: Vec<Layer>,
    norm: Vec<f32>,
    output: Option<Matrix>,
}

impl Transformer {
    /// Reads the weights of `config` from `source`. A model without an output matrix of its own uses its embedding.
    ///
    /// # Errors
    /// If a tensor is missing or has another shape than `config` says.
    pub(crate) fn read(
        source: &dyn WeightSource,
        config: DecoderConfig,
        context: usize,
        threads: Threads,
    ) -> Result<Self, ModelError> {
        let embedding = source.matrix("token_embd.weight")?;
        let output = if source.has("output.weight") {
            Some(source.matrix("output.weight")?)
        } else {
            None
        };
        let shape = |matrix: &Matrix| [matrix.rows(), matrix.columns()];
        if embedding.columns() != config.hidden
            || output
                .as_ref()
                .is_some_and(|o| shape(o) != shape(&embedding))
        {
            return Err(ModelError::invalid(format!(
                "the embedding is {:?} and the output {:?}, the sizes of the model say {} columns",
                shape(&embedding),
                output.as_ref().map(shape),
                config.hidden
            )));
        }
        let layers = (0..config.layers).map(|layer| Layer::read(source, &config, layer));
        Ok(Self {
            rotation: Rotation::new(&config.rope),
            context,
            threads,
            embedding,
            layers: layers.collect::<Result<_, _>>()?,
            norm: vector(source, "output_norm.weight", config.hidden)?,
            output,
            config,
        })
    }

    /// Bytes of weights in memory.
    pub fn bytes(&self) -> usize {
        let matrices = self.layers.iter().flat_map(Layer::matrices);
        matrices
            .chain([&self.embedding])
            .chain(&self.output)
            .map(Matrix::bytes)
            .sum()
    }
}

impl Decoder for Transformer {
    fn config(&self) -> &DecoderConfig {
        &self.config
    }

    fn vocabulary(&self) -> usize {
        self.output.as_ref().unwrap_or(&self.embedding).rows()
    }

    fn context(&self) -> usize {
        self.context
    }

    fn cache(&self) -> KvCache {
        KvCache::new(&self.config)
    }

    fn hidden(
        &self,
        cache: &mut KvCache,
        tokens: &[u32],
        from: usize,
    ) -> Result<Vec<f32>, ModelError> {
        self.check(cache, tokens)?;
        if !cache.is_on_processor() {
            return Err(ModelError::invalid(
                "the cache belongs to a model on a device",
            ));
        }
        let width = self.config.hidden;
        let mut hidden = Vec::with_capacity(tokens.len().saturating_sub(from) * width);
        let mut done = 0;
        for tokens in tokens.chunks(ROWS) {
            let mut x = vec![0f32; tokens.len() * width];
            for (x, token) in x.chunks_exact_mut(width).zip(tokens) {
                self.embedding.row(*token as usize, x);
            }
            let mut scratch = Scratch::new(&self.config, tokens.len());
            let turns = self.rotation.turns(cache.len(), tokens.len());
            for (index, layer) in self.layers.iter().enumerate() {
                layer.forward(
                    index,
                    &self.config,
                    &self.threads,
                    &self.rotation,
                    &turns,
                    cache,
                    &mut scratch,
                    &mut x,
                );
            }
            cache.advance(tokens.len());
            let wanted = from.saturating_sub(done).min(tokens.len());
            let start = hidden.len();
            hidden.resize(start + (tokens.len() - wanted) * width, 0.0);
            rms_norm(
                &x[wanted * width..],
                &self.norm,
                self.config.norm_epsilon,
                &mut hidden[start..],
            );
            done += tokens.len();
        }
        Ok(hidden)
    }

    fn logits(&self, hidden: &[f32]) -> Result<Vec<f32>, ModelError> {
        let matrix = self.output.as_ref().unwrap_or(&self.embedding);
        let mut logits = vec![0f32; hidden.len() / self.config.hidden * matrix.rows()];
        matrix.product(
            &self.threads,
            &Input::new(hidden, self.config.hidden),
            &mut logits,
        );
        Ok(logits)
    }
}
