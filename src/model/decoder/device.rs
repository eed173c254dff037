//! The same forward pass in candle's tensors, for accelerators; on the processor it is the slower of the two, and its check.

use candle_core::quantized::QMatMul;
use candle_core::{D, DType, Device, Module, Tensor};

use super::config::DecoderConfig;
use super::kv::{KvCache, TensorCache};
use super::rope::{RopePairs, Rotation};
use super::transformer::Decoder;
use crate::error::ModelError;
use crate::weights::device::DeviceSource;

/// Positions that go through the layers together.
const ROWS: usize = 512;

struct Linear {
    weight: QMatMul,
    bias: Option<Tensor>,
}

impl Linear {
    fn read(source: &dyn DeviceSource, name: &str, device: &Device) -> Result<Self, ModelError> {
        let bias = format!("{name}.bias");
        Ok(Self {
            weight: source.matmul(&format!("{name}.weight"), device)?,
            bias: source
                .has(&bias)
                .then(|| source.tensor(&bias, device))
                .transpose()?,
        })
    }

    fn apply(&self, x: &Tensor) -> Result<Tensor, ModelError> {
        let y = self.weight.forward(x)?;
        Ok(match &self.bias {
            Some(bias) => y.broadcast_add(bias)?,
            None => y,
        })
    }
}

struct Layer {
    attention_norm: Tensor,
    query: Linear,
    key: Linear,
    value: Linear,
    query_norm: Option<Tensor>,
    key_norm: Option<Tensor>,
    output: Linear,
    feed_forward_norm: Tensor,
    gate: Linear,
    up: Linear,
    down: Linear,
}

/// A decoder on a device.
pub struct DeviceTransformer {
    config: DecoderConfig,
    context: usize,
    device: Device,
    rotation: Rotation,
    embedding: QMatMul,
    rows: usize,
    layers: Vec<Layer>,
    norm: Tensor,
    output: Option<QMatMul>,
}

impl DeviceTransformer {
    /// Reads the weights of `config` from `source` onto `device`.
    ///
    /// # Errors
    /// If a tensor is missing, or the device has no room.
    pub(crate) fn read(
        source: &dyn DeviceSource,
        config: DecoderConfig,
        context: usize,
        device: &Device,
    ) -> Result<Self, ModelError> {
        let layer = |i: usize| {
            let linear = |part: &str| Linear::read(source, &format!("blk.{i}.{part}"), device);
            let norm = |part: &str| source.tensor(&format!("blk.{i}.{part}.weight"), device);
            let optional = |part: &str| {
                let has = source.has(&format!("blk.{i}.{part}.weight"));
                has.then(|| norm(part)).transpose()
            };
            Ok::<_, ModelError>(Layer {
                attention_norm: norm("attn_norm")?,
                query: linear("attn_q")?,
                key: linear("attn_k")?,
                value: linear("attn_v")?,
                query_norm: optional("attn_q_norm")?,
                key_norm: optional("attn_k_norm")?,
                output: linear("attn_output")?,
                feed_forward_norm: norm("ffn_norm")?,
                gate: linear("ffn_gate")?,
                up: linear("ffn_up")?,
                down: linear("ffn_down")?,
            })
        };
        let has_output = source.has("output.weight");
        let rows = source.rows(if has_output {
            "output.weight"
        } else {
            "token_embd.weight"
        })?;
        Ok(Self {
            rotation: Rotation::new(&config.rope),
            context,
            device: device.clone(),
            embedding: source.matmul("token_embd.weight", device)?,
            rows,
            layers: (0..config.layers).map(layer).collect::<Result<_, _>>()?,
            norm: source.tensor("output_norm.weight", device)?,
            output: has_output
                .then(|| source.matmul("output.weight", device))
                .transpose()?,
            config,
        })
    }

    fn norm(&self, x: &Tensor, weight: &Tensor) -> Result<Tensor, ModelError> {
        let mean = x.sqr()?.mean_keepdim(D::Minus1)?;
        let scale = (mean + f64::from(self.config.norm_epsilon))?.sqrt()?;
        Ok(x.broadcast_div(&scale)?.broadcast_mul(weight)?)
    }

    /// Turns heads (`heads × rows × size`) by sines and cosines (`rows × pairs`).
    fn rotate(&self, x: &Tensor, sin: &Tensor, cos: &Tensor) -> Result<Tensor, ModelError> {
        let (heads, rows, size) = x.dims3()?;
        let pairs = cos.dim(1)?;
        let turning = x.narrow(2, 0, 2 * pairs)?;
        let (a, b, stacked) = match self.rotation.pairs() {
            RopePairs::Halves => (
                turning.narrow(2, 0, pairs)?,
                turning.narrow(2, pairs, pairs)?,
                2,
            ),
            RopePairs::Neighbours => {
                let split = turning.reshape((heads, rows, pairs, 2))?;
                (
                    split.narrow(3, 0, 1)?.squeeze(3)?,
                    split.narrow(3, 1, 1)?.squeeze(3)?,
                    3,
                )
            }
        };
        let low = (a.broadcast_mul(cos)? - b.broadcast_mul(sin)?)?;
        let high = (b.broadcast_mul(cos)? + a.broadcast_mul(sin)?)?;
        let turned = match stacked {
            2 => Tensor::cat(&[&low, &high], 2)?,
            _ => Tensor::stack(&[&low, &high], 3)?.reshape((heads, rows, 2 * pairs))?,
        };
        if 2 * pairs == size {
            return Ok(turned);
        }
        Ok(Tensor::cat(
            &[&turned, &x.narrow(2, 2 * pairs, size - 2 * pairs)?],
            2,
        )?)
    }

    fn attend(
        &self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        seen: usize,
    ) -> Result<Tensor, ModelError> {
        let (heads, rows, size) = q.dims3()?;
        let all = k.dim(1)?;
        let group = heads / self.config.kv_heads;
        // Queries that share keys lie in one matrix, so that keys are not repeated.
        let q = q.reshape((self.config.kv_heads, group * rows, size))?;
        let scores = (q.matmul(&k.transpose(1, 2)?.contiguous()?)? * (1.0 / (size as f64).sqrt()))?;
        let scores = scores.reshape((heads, rows, all))?;
        let scores = if rows > 1 {
            let mask: Vec<f32> = (0..rows)
                .flat_map(|row| {
                    (0..all).map(move |at| {
                        if at > seen + row {
                            f32::NEG_INFINITY
                        } else {
                            0.0
                        }
                    })
                })
                .collect();
            scores.broadcast_add(&Tensor::from_vec(mask, (rows, all), &self.device)?)?
        } else {
            scores
        };
        let weights = scores
            .broadcast_sub(&scores.max_keepdim(D::Minus1)?)?
            .exp()?;
        let weights = weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)?;
        let weights = weights.reshape((self.config.kv_heads, group * rows, all))?;
        Ok(weights.matmul(v)?.reshape((heads, rows, size))?)
    }

    fn layer(
        &self,
        layer: &Layer,
        cache: &mut TensorCache,
        seen: usize,
        (sin, cos): (&Tensor, &Tensor),
        x: &Tensor,
    ) -> Result<Tensor, ModelError> {
        let (rows, size) = (x.dim(0)?, self.config.head_size);
        let split = |x: &Tensor, heads: usize| {
            x.reshape((rows, heads, size))?
                .transpose(0, 1)?
                .contiguous()
        };
        let normed = self.norm(x, &layer.attention_norm)?;
        let mut q = split(&layer.query.apply(&normed)?, self.config.heads)?;
        let mut k = split(&layer.key.apply(&normed)?, self.config.kv_heads)?;
        let v = split(&layer.value.apply(&normed)?, self.config.kv_heads)?;
        if let Some(norm) = &layer.query_norm {
            q = self.norm(&q, norm)?;
        }
        if let Some(norm) = &layer.key_norm {
            k = self.norm(&k, norm)?;
        }
        let q = self.rotate(&q, sin, cos)?;
        let (k, v) = cache.append(self.rotate(&k, sin, cos)?, v, seen)?;
        let attended = self.attend(&q, &k, &v, seen)?;
        let attended = attended
            .transpose(0, 1)?
            .reshape((rows, self.config.heads * size))?;
        let x = (x + layer.output.apply(&attended.contiguous()?)?)?;
        let normed = self.norm(&x, &layer.feed_forward_norm)?;
        let gate = layer.gate.apply(&normed)?.silu()?;
        let inner = (gate * layer.up.apply(&normed)?)?;
        Ok((&x + layer.down.apply(&inner)?)?)
    }

    fn read_rows(&self, cache: &mut KvCache, tokens: &[u32]) -> Result<Tensor, ModelError> {
        let ids = Tensor::new(tokens, &self.device)?;
        let mut x = self.embedding.embedding(&ids)?.to_dtype(DType::F32)?;
        let seen = cache.len();
        let (sin, cos): (Vec<f32>, Vec<f32>) =
            self.rotation.turns(seen, tokens.len()).into_iter().unzip();
        let shape = (tokens.len(), self.config.rope.dimensions / 2);
        let sin = Tensor::from_vec(sin, shape, &self.device)?;
        let cos = Tensor::from_vec(cos, shape, &self.device)?;
        for (index, layer) in self.layers.iter().enumerate() {
            x = self.layer(layer, cache.tensors(index), seen, (&sin, &cos), &x)?;
        }
        Ok(x)
    }
}

impl Decoder for DeviceTransformer {
    fn config(&self) -> &DecoderConfig {
        &self.config
    }

    fn context(&self) -> usize {
        self.context
    }

    fn vocabulary(&self) -> usize {
        self.rows
    }

    fn cache(&self) -> KvCache {
        KvCache::on_device(&self.config)
    }

    fn hidden(
        &self,
        cache: &mut KvCache,
        tokens: &[u32],
        from: usize,
    ) -> Result<Vec<f32>, ModelError> {
        self.check(cache, tokens)?;
        if cache.is_on_processor() {
            return Err(ModelError::invalid(
                "the cache belongs to a model on the processor",
            ));
        }
        let mut hidden = Vec::new();
        let before = cache.len();
        for (chunk, tokens) in tokens.chunks(ROWS).enumerate() {
            let x = match self.read_rows(cache, tokens) {
                Ok(x) => x,
                Err(error) => {
                    cache.truncate(before);
                    return Err(error);
                }
            };
            cache.advance(tokens.len());
            let wanted = from.saturating_sub(chunk * ROWS).min(tokens.len());
            if wanted < tokens.len() {
                let x = self.norm(&x.narrow(0, wanted, tokens.len() - wanted)?, &self.norm)?;
                hidden.extend(x.flatten_all()?.to_vec1::<f32>()?);
            }
        }
        Ok(hidden)
    }

    fn logits(&self, hidden: &[f32]) -> Result<Vec<f32>, ModelError> {
        let width = self.config.hidden;
        let x = Tensor::from_slice(hidden, (hidden.len() / width, width), &self.device)?;
        let logits = self
            .output
            .as_ref()
            .unwrap_or(&self.embedding)
            .forward(&x)?;
        Ok(logits.flatten_all()?.to_vec1::<f32>()?)
    }
}
