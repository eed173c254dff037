//! A BERT encoder (J. Devlin et al. 2018, arXiv:1810.04805), for sentence embeddings.

use serde_json::Value;

use crate::error::ModelError;
use crate::kernels::elementwise::{add, exp, softmax, vectorised};
use crate::kernels::float::{add_scaled, dot};
use crate::kernels::matrix::Input;
use crate::kernels::{Matrix, Threads};
use crate::weights::safetensors::Checkpoint;

/// Sizes of an encoder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BertConfig {
    pub layers: usize,
    pub hidden: usize,
    pub heads: usize,
    pub positions: usize,
    pub epsilon: f32,
}

impl BertConfig {
    pub(crate) fn from_json(config: &Value) -> Result<Self, ModelError> {
        let kind = config["model_type"].as_str().unwrap_or("?");
        if kind != "bert" {
            return Err(ModelError::Unsupported {
                what: "architecture of an encoder",
                found: kind.to_owned(),
                supported: "bert".to_owned(),
            });
        }
        let size = |key: &str| {
            let size = config[key]
                .as_u64()
                .and_then(|size| usize::try_from(size).ok())
                .filter(|size| *size > 0);
            size.ok_or_else(|| ModelError::invalid(format!("`config.json` has no size `{key}`")))
        };
        let config = Self {
            layers: size("num_hidden_layers")?,
            hidden: size("hidden_size")?,
            heads: size("num_attention_heads")?,
            positions: size("max_position_embeddings")?,
            epsilon: config["layer_norm_eps"].as_f64().unwrap_or(1e-12) as f32,
        };
        if config.hidden.is_multiple_of(config.heads) {
            Ok(config)
        } else {
            Err(ModelError::invalid(format!(
                "sizes do not fit together: {config:?}"
            )))
        }
    }
}

struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    /// Normalises rows in place (J. Ba et al. 2016, arXiv:1607.06450).
    fn apply(&self, x: &mut [f32]) {
        let n = self.weight.len();
        for x in x.chunks_exact_mut(n) {
            let mean = x.iter().sum::<f32>() / n as f32;
            let variance = x.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / n as f32;
            let scale = 1.0 / (variance + self.epsilon).sqrt();
            for ((x, weight), bias) in x.iter_mut().zip(&self.weight).zip(&self.bias) {
                *x = (*x - mean) * scale * weight + bias;
            }
        }
    }
}

struct Linear {
    matrix: Matrix,
    bias: Vec<f32>,
}

impl Linear {
    fn apply(&self, threads: &Threads, x: &[f32]) -> Vec<f32> {
        let mut out = vec![0f32; x.len() / self.matrix.columns() * self.matrix.rows()];
        self.matrix
            .product(threads, &Input::new(x, self.matrix.columns()), &mut out);
        add(&mut out, &self.bias);
        out
    }
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    attention_norm: Norm,
    up: Linear,
    down: Linear,
    output_norm: Norm,
}

/// An encoder: tokens to one hidden state each.
pub(crate) struct Bert {
    pub config: BertConfig,
    words: Matrix,
    positions: Matrix,
    kinds: Matrix,
    norm: Norm,
    layers: Vec<Layer>,
}

impl Bert {
    /// Reads an encoder, whose tensors may stand under `bert.`.
    pub(crate) fn read(checkpoint: &Checkpoint) -> Result<Self, ModelError> {
        let config = BertConfig::from_json(checkpoint.config())?;
        let prefix = if checkpoint.contains("embeddings.word_embeddings.weight") {
            ""
        } else {
            "bert."
        };
        let matrix = |name: &str| {
            let (shape, values) = checkpoint.single(&format!("{prefix}{name}.weight"))?;
            match shape.as_slice() {
                [rows, columns] => Matrix::from_f32(values, *rows, *columns),
                _ => Err(ModelError::invalid(format!(
                    "tensor `{name}` has shape {shape:?}, not a matrix's"
                ))),
            }
        };
        let vector =
            |name: String| Ok::<_, ModelError>(checkpoint.single(&format!("{prefix}{name}"))?.1);
        let linear = |name: String| {
            Ok::<_, ModelError>(Linear {
                matrix: matrix(&name)?,
                bias: vector(format!("{name}.bias"))?,
            })
        };
        let norm = |name: String| {
            let (weight, bias) = (
                vector(format!("{name}.weight"))?,
                vector(format!("{name}.bias"))?,
            );
            Ok::<_, ModelError>(Norm {
                weight,
                bias,
                epsilon: config.epsilon,
            })
        };
        let layer = |i: usize| {
            let name = |part: &str| format!("encoder.layer.{i}.{part}");
            Ok::<_, ModelError>(Layer {
                query: linear(name("attention.self.query"))?,
                key: linear(name("attention.self.key"))?,
                value: linear(name("attention.self.value"))?,
                output: linear(name("attention.output.dense"))?,
                attention_norm: norm(name("attention.output.LayerNorm"))?,
                up: linear(name("intermediate.dense"))?,
                down: linear(name("output.dense"))?,
                output_norm: norm(name("output.LayerNorm"))?,
            })
        };
        let layers = (0..config.layers).map(layer).collect::<Result<_, _>>()?;
        Ok(Self {
            words: matrix("embeddings.word_embeddings")?,
            positions: matrix("embeddings.position_embeddings")?,
            kinds: matrix("embeddings.token_type_embeddings")?,
            norm: norm("embeddings.LayerNorm".to_owned())?,
            layers,
            config,
        })
    }

    /// Last hidden states of one sentence: `tokens × hidden`.
    pub(crate) fn hidden(&self, threads: &Threads, tokens: &[u32]) -> Result<Vec<f32>, ModelError> {
        if tokens.len() > self.config.positions {
            return Err(ModelError::TooLong {
                tokens: tokens.len(),
                limit: self.config.positions,
            });
        }
        let width = self.config.hidden;
        let mut x = vec![0f32; tokens.len() * width];
        let mut row = vec![0f32; width];
        for (position, (x, token)) in x.chunks_exact_mut(width).zip(tokens).enumerate() {
            if *token as usize >= self.words.rows() {
                return Err(ModelError::invalid(format!(
                    "token `{token}` is not in the vocabulary"
                )));
            }
            self.words.row(*token as usize, x);
            self.positions.row(position, &mut row);
            add(x, &row);
            self.kinds.row(0, &mut row);
            add(x, &row);
        }
        self.norm.apply(&mut x);
        for layer in &self.layers {
            let [query, key, value] =
                [&layer.query, &layer.key, &layer.value].map(|linear| linear.apply(threads, &x));
            let attended = attend(&query, &key, &value, width, self.config.heads);
            add(&mut x, &layer.output.apply(threads, &attended));
            layer.attention_norm.apply(&mut x);
            let mut inner = layer.up.apply(threads, &x);
            gelu(&mut inner);
            add(&mut x, &layer.down.apply(threads, &inner));
            layer.output_norm.apply(&mut x);
        }
        Ok(x)
    }
}

/// Attention of every position to every position.
fn attend(query: &[f32], key: &[f32], value: &[f32], width: usize, heads: usize) -> Vec<f32> {
    let size = width / heads;
    let scale = 1.0 / (size as f32).sqrt();
    let mut out = vec![0f32; query.len()];
    let mut scores = vec![0f32; query.len() / width];
    vectorised(
        #[inline(always)]
        || {
            for (out, query) in out.chunks_exact_mut(width).zip(query.chunks_exact(width)) {
                for head in 0..heads {
                    let span = head * size..(head + 1) * size;
                    for (score, key) in scores.iter_mut().zip(key.chunks_exact(width)) {
                        *score = scale * dot(&query[span.clone()], &key[span.clone()]);
                    }
                    softmax(&mut scores);
                    for (weight, value) in scores.iter().zip(value.chunks_exact(width)) {
                        add_scaled(&mut out[span.clone()], *weight, &value[span.clone()]);
                    }
                }
            }
        },
    );
    out
}

/// `x Φ(x)` (D. Hendrycks, K. Gimpel 2016, arXiv:1606.08415), the error function to 1.5e-7 by Abramowitz and Stegun 7.1.26.
fn gelu(x: &mut [f32]) {
    vectorised(
        #[inline(always)]
        || {
            for x in x.iter_mut() {
                let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
                let t = 1.0 / (1.0 + 0.327_591_1 * z);
                let p = ((((1.061_405_4 * t - 1.453_152) * t + 1.421_413_7) * t - 0.284_496_74)
                    * t
                    + 0.254_829_6)
                    * t;
                let erf = (1.0 - p * exp(-z * z)).copysign(*x);
                *x *= 0.5 * (1.0 + erf);
            }
        },
    );
}
