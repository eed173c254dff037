//! Logits, rewards and vectors against PyTorch (`reference/transformers_models.py` made the values), to 1e-3.

use std::path::PathBuf;

use proteus_model::{ChatMessage, Keep, Kind, LocalModel, OpenOptions, Role};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("reference/transformers")
        .join(name)
}

fn expected(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder(name).join("expected.json")).unwrap()).unwrap()
}

fn messages(list: &Value) -> Vec<ChatMessage> {
    let message = |m: &Value| {
        let role = match m["role"].as_str().unwrap() {
            "system" => Role::System,
            "user" => Role::User,
            _ => Role::Assistant,
        };
        ChatMessage::new(role, m["content"].as_str().unwrap())
    };
    list.as_array().unwrap().iter().map(message).collect()
}

fn integers(list: &Value) -> Vec<u32> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_u64().unwrap() as u32)
        .collect()
}

fn floats(list: &Value) -> Vec<f64> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

#[test]
fn decoders_give_the_logits_of_pytorch() {
    for name in ["llama", "llama-3.1", "qwen2", "qwen3"] {
        let model = LocalModel::open(&folder(name), &OpenOptions::default()).unwrap();
        let expected = expected(name);
        let decoder = model.decoder().unwrap();
        let logits = decoder
            .all_logits(&mut decoder.cache(), &integers(&expected["ids"]))
            .unwrap();
        let rows: Vec<&[f32]> = logits.chunks_exact(decoder.vocabulary()).collect();
        let mut worst = 0f64;
        for (position, expected) in integers(&expected["positions"])
            .into_iter()
            .zip(expected["logits"].as_array().unwrap())
        {
            for (a, b) in rows[position as usize].iter().zip(floats(expected)) {
                worst = worst.max((f64::from(*a) - b).abs());
            }
        }
        println!("{name}: largest difference of a logit {worst:.1e}");
        assert!(worst < 1e-3, "{name}: {worst}");
    }
}

#[test]
fn chat_templates_give_the_tokens_of_transformers() {
    for name in ["llama", "qwen3"] {
        let model = LocalModel::open(&folder(name), &OpenOptions::default()).unwrap();
        let expected = expected(name);
        assert!(model.info().own_template);
        assert_eq!(
            model.encode(&messages(&expected["messages"])).unwrap(),
            integers(&expected["chat"]),
            "{name}"
        );
    }
}

#[test]
fn a_reward_model_gives_the_reward_of_pytorch_and_does_not_write() {
    let model = LocalModel::open(&folder("reward"), &OpenOptions::default()).unwrap();
    assert_eq!(model.info().kind, Kind::Reward);
    let expected = expected("reward");
    let answered = messages(&expected["answered"]);
    let reward = model.reward(&answered).unwrap();
    assert!(
        (reward - expected["reward"].as_f64().unwrap()).abs() < 1e-3,
        "{reward} for {}",
        expected["reward"]
    );
    assert!(model.choose(&answered, &["a".to_owned()]).is_err());
}

#[test]
fn sentences_get_the_vectors_of_pytorch() {
    let model = LocalModel::open(&folder("bert"), &OpenOptions::default()).unwrap();
    let expected = expected("bert");
    let texts: Vec<String> = expected["texts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t.as_str().unwrap().to_owned())
        .collect();
    for (vector, expected) in model
        .embed(&texts)
        .unwrap()
        .iter()
        .zip(expected["vectors"].as_array().unwrap())
    {
        for (a, b) in vector.iter().zip(floats(expected)) {
            assert!((f64::from(*a) - b).abs() < 1e-3, "{a} for {b}");
        }
        let length: f32 = vector.iter().map(|v| v * v).sum();
        assert!((length - 1.0).abs() < 1e-5);
    }
}

#[test]
fn eight_bits_stay_close() {
    let logits = |keep| {
        let model = LocalModel::open(
            &folder("llama"),
            &OpenOptions {
                keep,
                ..Default::default()
            },
        )
        .unwrap();
        let decoder = model.decoder().unwrap();
        let ids = integers(&expected("llama")["ids"]);
        (
            model.info().memory,
            decoder.all_logits(&mut decoder.cache(), &ids).unwrap(),
        )
    };
    let ((whole, exact), (less, eight)) = (logits(Keep::AsStored), logits(Keep::Q8_0));
    assert!(less < whole * 6 / 10, "{less} of {whole} bytes");
    let norm = |values: &[f32]| values.iter().map(|v| v * v).sum::<f32>().sqrt();
    let difference: Vec<f32> = exact.iter().zip(&eight).map(|(a, b)| a - b).collect();
    assert!(norm(&difference) < 0.05 * norm(&exact));
}
