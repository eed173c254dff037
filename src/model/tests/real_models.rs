//! Real models, where `PROTEUS_TEST_MODELS` names a folder with them, against llama.cpp (`reference/llama_cpp.py`).

use std::path::PathBuf;

use proteus_model::generation::sampler::log_probabilities;
use proteus_model::{ChatMessage, LocalModel, OpenOptions, Role, Settings};
use serde_json::{Value, json};

const MODELS: [(&str, &str); 2] = [
    ("smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),
    ("qwen2.5", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
];

/// The models that are there, with what llama.cpp says of them.
fn models() -> Vec<(&'static str, LocalModel, Value)> {
    let Ok(folder) = std::env::var("PROTEUS_TEST_MODELS") else {
        eprintln!("SKIPPED: no real models; name a folder with them in PROTEUS_TEST_MODELS");
        return Vec::new();
    };
    let reference = include_str!("../reference/llama_cpp.json");
    let reference: Value = serde_json::from_str(reference).unwrap();
    let mut models = Vec::new();
    for (name, file) in MODELS {
        let path = PathBuf::from(&folder).join(file);
        if !path.exists() {
            eprintln!("SKIPPED: `{}` is not there", path.display());
            continue;
        }
        models.push((
            name,
            LocalModel::open(&path, &OpenOptions::default()).unwrap(),
            reference[name].clone(),
        ));
    }
    models
}

fn integers(list: &Value) -> Vec<u32> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_u64().unwrap() as u32)
        .collect()
}

#[test]
fn tokens_and_log_probabilities_are_those_of_llama_cpp() {
    for (name, model, reference) in models() {
        let tokenizer = model.tokenizer().unwrap();
        for line in reference["lines"].as_array().unwrap() {
            let text = line["text"].as_str().unwrap();
            assert_eq!(
                tokenizer.encode_text(text).unwrap(),
                integers(&line["ids"]),
                "{name}: `{text}`"
            );
            assert_eq!(tokenizer.decode(&integers(&line["ids"])), text);
        }
        for line in reference["special"].as_array().unwrap() {
            let text = line["text"].as_str().unwrap();
            assert_eq!(
                tokenizer.encode_template(text).unwrap(),
                integers(&line["ids"]),
                "{name}: `{text}`"
            );
        }
        let decoder = model.decoder().unwrap();
        let mut worst = 0f64;
        for next in reference["next"].as_array().unwrap() {
            let logits = decoder
                .last_logits(&mut decoder.cache(), &integers(&next["ids"]))
                .unwrap();
            let logs = log_probabilities(&logits);
            for top in next["top"].as_array().unwrap() {
                let (id, expected) = (top[0].as_u64().unwrap() as usize, top[1].as_f64().unwrap());
                let difference = (f64::from(logs[id]) - expected).abs();
                worst = worst.max(difference);
                assert!(
                    difference < 0.6,
                    "{name}, {}: token {id}: {} for {expected}",
                    next["prompt"],
                    logs[id]
                );
            }
        }
        println!("{name}: largest difference of a log-probability {worst:.2} nat");
    }
}

#[test]
fn replies_obey_schemas_and_options() {
    for (name, model, _) in models() {
        let messages = [ChatMessage::new(
            Role::User,
            "STAT1 is increased 3-fold after interferon. Which gene, which direction?",
        )];
        let schema = json!({
            "type": "object",
            "properties": {"gene": {"type": "string", "maxLength": 12}, "direction": {"enum": ["up", "down"]}},
            "required": ["gene", "direction"],
            "additionalProperties": false
        });
        let settings = Settings {
            max_tokens: 60,
            ..Default::default()
        };
        let answer = model
            .generate(&messages, &settings, Some(&schema), &mut |_| true)
            .unwrap();
        let value = answer
            .value
            .unwrap_or_else(|| panic!("{name}: no JSON in `{}`", answer.generated.text));
        assert!(
            ["up", "down"].contains(&value["direction"].as_str().unwrap()),
            "{name}: {value}"
        );
        println!(
            "{name}: {value}, {} of {} tokens forced",
            answer.generated.forced_tokens,
            answer.generated.tokens.len()
        );

        let options = ["increase", "decrease", "no change"].map(str::to_owned);
        let chosen = model.choose(&messages, &options).unwrap();
        println!(
            "{name}: {:?}, margin {:.2}, orders agree: {}",
            options[chosen.best], chosen.margin, chosen.orders_agree
        );
        assert_eq!(chosen.weights.len(), 3);
    }
}

#[test]
fn drafts_leave_greedy_replies_as_they_are() {
    for (name, model, _) in models() {
        let table = "P04637\tTP53\tup\nP01106\tMYC\tdown\nP42224\tSTAT1\tup\n";
        let messages = [ChatMessage::new(
            Role::User,
            format!("Repeat this table exactly:\n{table}"),
        )];
        let reply = |draft| {
            let settings = Settings {
                max_tokens: 48,
                draft,
                ..Default::default()
            };
            model
                .generate(&messages, &settings, None, &mut |_| true)
                .unwrap()
                .generated
        };
        let (plain, drafted) = (reply(0), reply(8));
        assert_eq!(plain.tokens, drafted.tokens, "{name}");
        println!(
            "{name}: {} passes with drafts, {} without, {:?} drafted",
            drafted.passes, plain.passes, drafted.drafted
        );
    }
}
