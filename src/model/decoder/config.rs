//! Sizes of a decoder, read from a GGUF's keys or a checkpoint's `config.json`.

use candle_core::quantized::gguf_file::Value as GgufValue;
use serde_json::Value;

use super::rope::{Rope, RopePairs, llama3_divisors};
use crate::error::ModelError;
use crate::weights::gguf::GgufFile;
use crate::weights::source::WeightSource;

/// Families of decoders that share one forward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Architecture {
    /// Llama 2 to 3.3, SmolLM, Mistral without sliding windows.
    Llama,
    /// Qwen 2 and 2.5: biases on queries, keys and values.
    Qwen2,
    /// Qwen 3: norms on queries and keys.
    Qwen3,
}

impl Architecture {
    const SUPPORTED: &'static str = "llama, qwen2, qwen3";

    fn named(name: &str) -> Result<Self, ModelError> {
        match name {
            "llama" | "mistral" => Ok(Self::Llama),
            "qwen2" => Ok(Self::Qwen2),
            "qwen3" => Ok(Self::Qwen3),
            other => Err(ModelError::Unsupported {
                what: "architecture",
                found: other.to_owned(),
                supported: Self::SUPPORTED.to_owned(),
            }),
        }
    }

    /// As files name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
        }
    }
}

/// Sizes and constants of a decoder.
#[derive(Debug, Clone, PartialEq)]
pub struct DecoderConfig {
    /// The family.
    pub architecture: Architecture,
    /// Blocks of attention and feed-forward.
    pub layers: usize,
    /// Values of the residual stream.
    pub hidden: usize,
    /// Values between the two feed-forward matrices.
    pub feed_forward: usize,
    /// Heads of queries.
    pub heads: usize,
    /// Heads of keys and values.
    pub kv_heads: usize,
    /// Values of a head.
    pub head_size: usize,
    /// Tokens the model reads at most.
    pub context: usize,
    /// What keeps norms from dividing by zero.
    pub norm_epsilon: f32,
    /// Positions.
    pub rope: Rope,
}

impl DecoderConfig {
    /// From the keys of a GGUF file.
    ///
    /// # Errors
    /// For architectures and position encodings that the forward pass does not compute, and for keys that are missing.
    pub(crate) fn from_gguf(file: &GgufFile) -> Result<Self, ModelError> {
        let name = file.text("general.architecture")?;
        let architecture = Architecture::named(name)?;
        let size = |key: &str| file.size(&format!("{name}.{key}"));
        let optional = |key: &str| size(key).ok();
        if optional("expert_count").is_some_and(|experts| experts > 0) {
            return Err(unsupported(
                "kind of feed-forward",
                "mixture of experts",
                "dense",
            ));
        }
        let (heads, hidden) = (size("attention.head_count")?, size("embedding_length")?);
        let head_size = optional("attention.key_length").unwrap_or(hidden / heads.max(1));
        let dimensions = optional("rope.dimension_count").unwrap_or(head_size);
        let number = |key: &str| file.get(&format!("{name}.{key}")).and_then(float);
        let base = number("rope.freq_base").unwrap_or(10_000.0);
        let divisors = if file.has("rope_freqs.weight") {
            file.vector("rope_freqs.weight")?
        } else {
            match file.get(&format!("{name}.rope.scaling.type")) {
                Some(GgufValue::String(kind)) if kind == "linear" => {
                    let factor = number("rope.scaling.factor").unwrap_or(1.0);
                    vec![factor as f32; dimensions / 2]
                }
                Some(GgufValue::String(kind)) if kind != "none" => {
                    return Err(unsupported(
                        "position scaling",
                        kind,
                        "none, linear, llama3",
                    ));
                }
                _ => Vec::new(),
            }
        };
        let pairs = match architecture {
            Architecture::Llama => RopePairs::Neighbours,
            Architecture::Qwen2 | Architecture::Qwen3 => RopePairs::Halves,
        };
        Self {
            architecture,
            layers: size("block_count")?,
            hidden,
            feed_forward: size("feed_forward_length")?,
            heads,
            kv_heads: optional("attention.head_count_kv").unwrap_or(heads),
            head_size,
            context: size("context_length")?,
            norm_epsilon: number("attention.layer_norm_rms_epsilon").unwrap_or(1e-5) as f32,
            rope: Rope {
                base,
                dimensions,
                pairs,
                divisors,
            },
        }
        .checked()
    }

    /// From a checkpoint's `config.json`, as transformers writes it.
    ///
    /// # Errors
    /// As [`from_gguf`](Self::from_gguf).
    pub(crate) fn from_json(config: &Value) -> Result<Self, ModelError> {
        let architecture = Architecture::named(config["model_type"].as_str().unwrap_or("?"))?;
        let size = |key: &str| {
            let size = config[key]
                .as_u64()
                .and_then(|size| usize::try_from(size).ok());
            size.ok_or_else(|| ModelError::invalid(format!("`config.json` has no size `{key}`")))
        };
        if config["use_sliding_window"].as_bool() == Some(true)
            || (config["model_type"] == "mistral" && config["sliding_window"].is_u64())
        {
            return Err(unsupported("attention", "sliding window", "full"));
        }
        match config["hidden_act"].as_str() {
            None | Some("silu") => {}
            Some(other) => return Err(unsupported("activation", other, "silu")),
        }
        let (heads, hidden) = (size("num_attention_heads")?, size("hidden_size")?);
        let head_size = size("head_dim").unwrap_or(hidden / heads.max(1));
        // Newer files gather the constants of positions under `rope_parameters`.
        let scaling = [&config["rope_parameters"], &config["rope_scaling"]]
            .into_iter()
            .find(|v| v.is_object());
        let scaling = scaling.unwrap_or(&Value::Null);
        let base = [&config["rope_theta"], &scaling["rope_theta"]]
            .into_iter()
            .find_map(Value::as_f64);
        let base = base.unwrap_or(10_000.0);
        let kind = scaling["rope_type"]
            .as_str()
            .or(scaling["type"].as_str())
            .unwrap_or("default");
        let constant = |key: &str| {
            let constant = scaling[key].as_f64();
            constant.ok_or_else(|| {
                ModelError::invalid(format!("`config.json` scales positions without `{key}`"))
            })
        };
        let divisors = match kind {
            "default" => Vec::new(),
            "linear" => vec![constant("factor")? as f32; head_size / 2],
            "llama3" => llama3_divisors(
                base,
                head_size,
                constant("factor")?,
                constant("low_freq_factor")?,
                constant("high_freq_factor")?,
                constant("original_max_position_embeddings")?,
            ),
            other => {
                return Err(unsupported(
                    "position scaling",
                    other,
                    "default, linear, llama3",
                ));
            }
        };
        Self {
            architecture,
            layers: size("num_hidden_layers")?,
            hidden,
            feed_forward: size("intermediate_size")?,
            heads,
            kv_heads: size("num_key_value_heads").unwrap_or(heads),
            head_size,
            context: size("max_position_embeddings")?,
            norm_epsilon: config["rms_norm_eps"].as_f64().unwrap_or(1e-6) as f32,
            rope: Rope {
                base,
                dimensions: head_size,
                pairs: RopePairs::Halves,
                divisors,
            },
        }
        .checked()
    }

    fn checked(self) -> Result<Self, ModelError> {
        let sizes = [
            self.layers,
            self.hidden,
            self.feed_forward,
            self.heads,
            self.kv_heads,
            self.head_size,
            self.context,
        ];
        let fits = sizes.iter().all(|&size| size > 0)
            && self.heads.is_multiple_of(self.kv_heads)
            && self.rope.dimensions <= self.head_size
            && self.rope.dimensions.is_multiple_of(2)
            && (self.rope.divisors.is_empty()
                || self.rope.divisors.len() == self.rope.dimensions / 2);
        if fits {
            Ok(self)
        } else {
            Err(ModelError::invalid(format!(
                "sizes do not fit together: {self:?}"
            )))
        }
    }
}

fn unsupported(what: &'static str, found: &str, supported: &str) -> ModelError {
    ModelError::Unsupported {
        what,
        found: found.to_owned(),
        supported: supported.to_owned(),
    }
}

fn float(value: &GgufValue) -> Option<f64> {
    value
        .to_f64()
        .ok()
        .or_else(|| value.to_f32().ok().map(f64::from))
}
