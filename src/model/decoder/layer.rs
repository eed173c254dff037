//! One block of a decoder: attention, then a gated feed-forward, each on a normed copy of the residual stream.

use super::attention::{Heads, attend};
use super::config::DecoderConfig;
use super::kv::KvCache;
use super::rope::Rotation;
use crate::error::ModelError;
use crate::kernels::elementwise::{add, gated, rms_norm, rms_norm_in_place};
use crate::kernels::matrix::Input;
use crate::kernels::{Matrix, Threads};
use crate::weights::source::WeightSource;

/// A matrix with or without something to add.
struct Linear {
    matrix: Matrix,
    bias: Option<Vec<f32>>,
}

impl Linear {
    fn read(
        source: &dyn WeightSource,
        name: &str,
        layer: usize,
        [rows, columns]: [usize; 2],
    ) -> Result<Self, ModelError> {
        let matrix = source.matrix(&format!("blk.{layer}.{name}.weight"))?;
        if [matrix.rows(), matrix.columns()] != [rows, columns] {
            return Err(ModelError::invalid(format!(
                "`{name}` of layer {layer} is {} × {}, the sizes of the model say {rows} × {columns}",
                matrix.rows(),
                matrix.columns()
            )));
        }
        let bias = format!("blk.{layer}.{name}.bias");
        let bias = if source.has(&bias) {
            Some(vector(source, &bias, rows)?)
        } else {
            None
        };
        Ok(Self { matrix, bias })
    }

    fn apply(&self, threads: &Threads, input: &Input<'_>, out: &mut [f32]) {
        self.matrix.product(threads, input, out);
        if let Some(bias) = &self.bias {
            add(out, bias);
        }
    }
}

/// A vector of a length that the model's sizes say.
pub(crate) fn vector(
    source: &dyn WeightSource,
    name: &str,
    length: usize,
) -> Result<Vec<f32>, ModelError> {
    let vector = source.vector(name)?;
    if vector.len() == length {
        Ok(vector)
    } else {
        Err(ModelError::invalid(format!(
            "`{name}` has {} values, the sizes of the model say {length}",
            vector.len()
        )))
    }
}

/// The weights of one block.
pub(crate) struct Layer {
    attention_norm: Vec<f32>,
    query: Linear,
    key: Linear,
    value: Linear,
    query_norm: Option<Vec<f32>>,
    key_norm: Option<Vec<f32>>,
    output: Linear,
    feed_forward_norm: Vec<f32>,
    gate: Linear,
    up: Linear,
    down: Linear,
}

/// Working memory of a forward pass, sized for some rows.
pub(crate) struct Scratch {
    normed: Vec<f32>,
    query: Vec<f32>,
    key: Vec<f32>,
    value: Vec<f32>,
    attended: Vec<f32>,
    gate: Vec<f32>,
    up: Vec<f32>,
}

impl Scratch {
    pub(crate) fn new(config: &DecoderConfig, rows: usize) -> Self {
        let buffer = |width: usize| vec![0f32; rows * width];
        let (queries, keys) = (
            config.heads * config.head_size,
            config.kv_heads * config.head_size,
        );
        Self {
            normed: buffer(config.hidden),
            query: buffer(queries),
            key: buffer(keys),
            value: buffer(keys),
            attended: buffer(queries),
            gate: buffer(config.feed_forward),
            up: buffer(config.feed_forward),
        }
    }
}

impl Layer {
    pub(crate) fn read(
        source: &dyn WeightSource,
        config: &DecoderConfig,
        layer: usize,
    ) -> Result<Self, ModelError> {
        let linear = |name: &str, sizes| Linear::read(source, name, layer, sizes);
        let norm =
            |name: &str, length| vector(source, &format!("blk.{layer}.{name}.weight"), length);
        let optional = |name: &str| {
            let has = source.has(&format!("blk.{layer}.{name}.weight"));
            has.then(|| norm(name, config.head_size)).transpose()
        };
        let (hidden, inner) = (config.hidden, config.feed_forward);
        let (queries, keys) = (
            config.heads * config.head_size,
            config.kv_heads * config.head_size,
        );
        Ok(Self {
            attention_norm: norm("attn_norm", hidden)?,
            query: linear("attn_q", [queries, hidden])?,
            key: linear("attn_k", [keys, hidden])?,
            value: linear("attn_v", [keys, hidden])?,
            query_norm: optional("attn_q_norm")?,
            key_norm: optional("attn_k_norm")?,
            output: linear("attn_output", [hidden, queries])?,
            feed_forward_norm: norm("ffn_norm", hidden)?,
            gate: linear("ffn_gate", [inner, hidden])?,
            up: linear("ffn_up", [inner, hidden])?,
            down: linear("ffn_down", [hidden, inner])?,
        })
    }

    /// The matrices of this block.
    pub(crate) fn matrices(&self) -> impl Iterator<Item = &Matrix> {
        let all = [
            &self.query,
            &self.key,
            &self.value,
            &self.output,
            &self.gate,
            &self.up,
            &self.down,
        ];
        all.into_iter().map(|linear| &linear.matrix)
    }

    /// Adds attention and feed-forward to `x`, whose rows follow the tokens that `cache` counts.
    #[expect(
        clippy::too_many_arguments,
        reason = "what every layer of one pass shares"
    )]
    pub(crate) fn forward(
        &self,
        index: usize,
        config: &DecoderConfig,
        threads: &Threads,
        rotation: &Rotation,
        turns: &[(f32, f32)],
        cache: &mut KvCache,
        scratch: &mut Scratch,
        x: &mut [f32],
    ) {
        let s = scratch;
        let size = config.head_size;
        let (queries, keys) = (config.heads * size, config.kv_heads * size);

        rms_norm(x, &self.attention_norm, config.norm_epsilon, &mut s.normed);
        let input = Input::new(&s.normed, config.hidden);
        self.query.apply(threads, &input, &mut s.query);
        self.key.apply(threads, &input, &mut s.key);
        self.value.apply(threads, &input, &mut s.value);
        if let Some(norm) = &self.query_norm {
            rms_norm_in_place(&mut s.query, norm, config.norm_epsilon);
        }
        if let Some(norm) = &self.key_norm {
            rms_norm_in_place(&mut s.key, norm, config.norm_epsilon);
        }
        rotation.apply(turns, &mut s.query, queries, size);
        rotation.apply(turns, &mut s.key, keys, size);
        cache.write(index, &s.key, &s.value);
        let heads = Heads {
            queries: config.heads,
            keys: config.kv_heads,
            size,
        };
        attend(
            threads,
            heads,
            &s.query,
            cache.layer(index),
            cache.len(),
            &mut s.attended,
        );
        self.output
            .apply(threads, &Input::new(&s.attended, queries), &mut s.normed);
        add(x, &s.normed);

        rms_norm(
            x,
            &self.feed_forward_norm,
            config.norm_epsilon,
            &mut s.normed,
        );
        let input = Input::new(&s.normed, config.hidden);
        self.gate.apply(threads, &input, &mut s.gate);
        self.up.apply(threads, &input, &mut s.up);
        gated(&mut s.gate, &s.up);
        self.down.apply(
            threads,
            &Input::new(&s.gate, config.feed_forward),
            &mut s.normed,
        );
        add(x, &s.normed);
    }
}
