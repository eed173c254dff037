//! A tiny random model in a GGUF file, with a byte-level tokenizer.

use std::path::PathBuf;

use candle_core::quantized::gguf_file::{Value, write};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const HIDDEN: usize = 256;
const FEED_FORWARD: usize = 512;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const LAYERS: usize = 2;

/// The 256 bytes as byte-level vocabularies write them.
pub fn byte_names() -> Vec<String> {
    let mut next = 0x100u32;
    (0..=255u8)
        .map(|byte| {
            let printable = matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
            let code = if printable {
                u32::from(byte)
            } else {
                next += 1;
                next - 1
            };
            char::from_u32(code).unwrap().to_string()
        })
        .collect()
}

/// Merges of the micro tokenizer: common pairs of JSON and English.
const MERGES: [(&str, &str); 10] = [
    ("t", "h"),
    ("th", "e"),
    ("i", "n"),
    ("e", "r"),
    ("\"", ":"),
    ("Ġ", "the"),
    ("t", "r"),
    ("tr", "u"),
    ("tru", "e"),
    ("{", "\""),
];

/// Writes a random model of `architecture` whose matrices have `format`; a file of its own per call.
pub fn gguf(architecture: &str, format: GgmlDType, seed: u64) -> PathBuf {
    let mut names = byte_names();
    names.extend(MERGES.iter().map(|(a, b)| format!("{a}{b}")));
    let text = names.len();
    names.extend(["<|im_start|>", "<|im_end|>", "<|endoftext|>"].map(str::to_owned));
    let vocabulary = names.len().next_multiple_of(16);
    while names.len() < vocabulary {
        names.push(format!("<unused{}>", names.len()));
    }
    let kinds = (0..vocabulary).map(|id| {
        Value::I32(if id < text {
            1
        } else if id < text + 3 {
            3
        } else {
            5
        })
    });

    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut tensors: Vec<(String, QTensor)> = Vec::new();
    let mut add = |name: String, shape: &[usize], format: GgmlDType, centre: f32| {
        let count: usize = shape.iter().product();
        let spread = if centre == 0.0 {
            1.7 / (shape[shape.len() - 1] as f32).sqrt()
        } else {
            0.1
        };
        let values: Vec<f32> = (0..count)
            .map(|_| centre + random.random_range(-spread..spread))
            .collect();
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
        tensors.push((name, QTensor::quantize(&tensor, format).unwrap()));
    };
    let head = HIDDEN / HEADS;
    add(
        "token_embd.weight".to_owned(),
        &[vocabulary, HIDDEN],
        format,
        0.0,
    );
    add(
        "output.weight".to_owned(),
        &[vocabulary, HIDDEN],
        format,
        0.0,
    );
    add(
        "output_norm.weight".to_owned(),
        &[HIDDEN],
        GgmlDType::F32,
        1.0,
    );
    for layer in 0..LAYERS {
        let name = |part: &str| format!("blk.{layer}.{part}");
        add(name("attn_norm.weight"), &[HIDDEN], GgmlDType::F32, 1.0);
        add(name("ffn_norm.weight"), &[HIDDEN], GgmlDType::F32, 1.0);
        add(name("attn_q.weight"), &[HIDDEN, HIDDEN], format, 0.0);
        add(
            name("attn_k.weight"),
            &[KV_HEADS * head, HIDDEN],
            format,
            0.0,
        );
        add(
            name("attn_v.weight"),
            &[KV_HEADS * head, HIDDEN],
            format,
            0.0,
        );
        add(name("attn_output.weight"), &[HIDDEN, HIDDEN], format, 0.0);
        add(
            name("ffn_gate.weight"),
            &[FEED_FORWARD, HIDDEN],
            format,
            0.0,
        );
        add(name("ffn_up.weight"), &[FEED_FORWARD, HIDDEN], format, 0.0);
        add(
            name("ffn_down.weight"),
            &[HIDDEN, FEED_FORWARD],
            format,
            0.0,
        );
        if architecture == "qwen2" {
            add(name("attn_q.bias"), &[HIDDEN], GgmlDType::F32, 0.1);
            add(name("attn_k.bias"), &[KV_HEADS * head], GgmlDType::F32, 0.1);
            add(name("attn_v.bias"), &[KV_HEADS * head], GgmlDType::F32, 0.1);
        }
        if architecture == "qwen3" {
            add(name("attn_q_norm.weight"), &[head], GgmlDType::F32, 1.0);
            add(name("attn_k_norm.weight"), &[head], GgmlDType::F32, 1.0);
        }
    }

    let text_value = |text: &str| Value::String(text.to_owned());
    let key = |part: &str| format!("{architecture}.{part}");
    let metadata: Vec<(String, Value)> = vec![
        ("general.architecture".to_owned(), text_value(architecture)),
        ("general.name".to_owned(), text_value("micro")),
        ("general.license".to_owned(), text_value("mit")),
        (key("block_count"), Value::U32(LAYERS as u32)),
        (key("embedding_length"), Value::U32(HIDDEN as u32)),
        (key("feed_forward_length"), Value::U32(FEED_FORWARD as u32)),
        (key("attention.head_count"), Value::U32(HEADS as u32)),
        (key("attention.head_count_kv"), Value::U32(KV_HEADS as u32)),
        (key("context_length"), Value::U32(2048)),
        (key("attention.layer_norm_rms_epsilon"), Value::F32(1e-5)),
        (key("rope.freq_base"), Value::F32(10_000.0)),
        ("tokenizer.ggml.model".to_owned(), text_value("gpt2")),
        ("tokenizer.ggml.pre".to_owned(), text_value("smollm")),
        (
            "tokenizer.ggml.tokens".to_owned(),
            Value::Array(names.iter().map(|name| text_value(name)).collect()),
        ),
        (
            "tokenizer.ggml.token_type".to_owned(),
            Value::Array(kinds.collect()),
        ),
        (
            "tokenizer.ggml.merges".to_owned(),
            Value::Array(
                MERGES
                    .iter()
                    .map(|(a, b)| Value::String(format!("{a} {b}")))
                    .collect(),
            ),
        ),
        (
            "tokenizer.ggml.eos_token_id".to_owned(),
            Value::U32(text as u32 + 1),
        ),
    ];
    let folder = std::env::temp_dir().join(format!("proteus-model-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!(
        "{architecture}-{format:?}-{seed}-{:?}.gguf",
        std::thread::current().id()
    ));
    let metadata: Vec<(&str, &Value)> = metadata
        .iter()
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    let tensors: Vec<(&str, &QTensor)> = tensors
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    write(
        &mut std::fs::File::create(&path).unwrap(),
        &metadata,
        &tensors,
    )
    .unwrap();
    path
}
