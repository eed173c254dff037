//! Constrained replies: whatever the model, the reply is what was asked for.

use candle_core::quantized::GgmlDType;
use proteus_model::{ChatMessage, Finish, LocalModel, OpenOptions, Role, Sampling, Settings};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use crate::micro;

/// Schemas that are tried; each with its own question and its own draws.
const SCHEMAS: u64 = 2000;

fn word(random: &mut ChaCha8Rng) -> String {
    let letters: Vec<char> = "abeilnorstußé _\"\\{}0".chars().collect();
    (0..random.random_range(1..7))
        .map(|_| *letters.choose(random).unwrap())
        .collect()
}

/// A random schema, bounded so that every reply to it is.
fn schema(random: &mut ChaCha8Rng, depth: usize) -> Value {
    match random.random_range(0..if depth == 0 { 5 } else { 7 }) {
        0 => json!({"type": "boolean"}),
        1 => {
            json!({"type": "integer", "minimum": random.random_range(-50..0), "maximum": random.random_range(0..5000)})
        }
        2 => json!({"type": "string", "maxLength": random.random_range(0..6)}),
        3 => {
            let options: Vec<String> = (0..random.random_range(1..5))
                .map(|_| word(random))
                .collect();
            json!({"enum": options})
        }
        4 => json!({"type": ["string", "null"], "maxLength": 3}),
        5 => {
            let (least, more) = (random.random_range(0..2), random.random_range(0..3));
            json!({"type": "array", "items": schema(random, depth - 1), "minItems": least, "maxItems": least + more})
        }
        _ => {
            let mut properties = Map::new();
            for _ in 0..random.random_range(1..4) {
                properties.insert(word(random), schema(random, depth - 1));
            }
            let required: Vec<String> = properties
                .keys()
                .filter(|_| random.random_bool(0.7))
                .cloned()
                .collect();
            json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
        }
    }
}

/// Whether `schema` admits `value`; for what [`schema`] makes, written apart from the engine that forces it.
fn admits(schema: &Value, value: &Value) -> bool {
    if let Some(options) = schema["enum"].as_array() {
        return options.contains(value);
    }
    let size = |key: &str, default: u64| schema[key].as_u64().unwrap_or(default) as usize;
    let of_type = |kind: &str| match kind {
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.as_i64().is_some_and(|number| {
            number >= schema["minimum"].as_i64().unwrap()
                && number <= schema["maximum"].as_i64().unwrap()
        }),
        "string" => value
            .as_str()
            .is_some_and(|text| text.chars().count() <= size("maxLength", u64::MAX)),
        "array" => value.as_array().is_some_and(|items| {
            items.len() >= size("minItems", 0)
                && items.len() <= size("maxItems", u64::MAX)
                && items.iter().all(|item| admits(&schema["items"], item))
        }),
        "object" => value.as_object().is_some_and(|fields| {
            let properties = schema["properties"].as_object().unwrap();
            let required = schema["required"].as_array().unwrap();
            required
                .iter()
                .all(|name| fields.contains_key(name.as_str().unwrap()))
                && fields.iter().all(|(name, value)| {
                    properties
                        .get(name)
                        .is_some_and(|schema| admits(schema, value))
                })
        }),
        other => panic!("type `{other}`"),
    };
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|kind| of_type(kind.as_str().unwrap())),
        kind => of_type(kind.as_str().unwrap()),
    }
}

#[test]
fn json_under_random_schemas_always_validates() {
    let model = LocalModel::open(
        &micro::gguf("llama", GgmlDType::Q8_0, 1),
        &OpenOptions::default(),
    )
    .unwrap();
    let (mut tried, mut cut, mut forced, mut written) = (0, 0, 0, 0);
    for seed in 0..SCHEMAS {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let schema = schema(&mut random, 2);
        let messages = [ChatMessage::new(Role::User, word(&mut random))];
        let temperature = if seed % 4 == 0 { 0.0 } else { 1.5 };
        let settings = Settings {
            max_tokens: 400,
            sampling: Sampling {
                temperature,
                seed,
                ..Default::default()
            },
            draft: if seed % 2 == 0 { 0 } else { 6 },
            break_loops: false,
            ..Default::default()
        };
        let answer = model
            .generate(&messages, &settings, Some(&schema), &mut |_| true)
            .unwrap();
        tried += 1;
        forced += answer.generated.forced_tokens;
        written += answer.generated.tokens.len();
        if answer.generated.finish == Finish::Length {
            cut += 1;
            continue;
        }
        let text = &answer.generated.text;
        let value = answer
            .value
            .unwrap_or_else(|| panic!("no JSON under {schema}: `{text}`"));
        assert!(admits(&schema, &value), "{value} under {schema}");
    }
    println!(
        "{tried} schemas, {} whole replies, all valid; {cut} cut off at 400 tokens; {forced} of {written} tokens forced",
        tried - cut
    );
    assert!(cut * 50 < tried, "{cut} of {tried} replies were cut off");
}

#[test]
fn options_are_all_a_reply_can_be() {
    let model = LocalModel::open(
        &micro::gguf("qwen2", GgmlDType::Q4K, 3),
        &OpenOptions::default(),
    )
    .unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(9);
    for seed in 0..300 {
        let mut options: Vec<String> = (0..random.random_range(1..9))
            .map(|_| word(&mut random))
            .collect();
        // One that begins like another.
        options.push(format!("{}x", options[0]));
        let messages = [ChatMessage::new(Role::User, word(&mut random))];
        let settings = Settings {
            sampling: Sampling {
                temperature: 1.0,
                seed,
                ..Default::default()
            },
            ..Default::default()
        };
        let reply = model
            .generate_option(&messages, &settings, &options)
            .unwrap();
        assert_eq!(reply.finish, Finish::Done);
        assert!(
            options.contains(&reply.text),
            "`{}` of {options:?}",
            reply.text
        );
    }
}

#[test]
fn choices_are_in_the_list_and_do_not_depend_on_its_order() {
    let model = LocalModel::open(
        &micro::gguf("llama", GgmlDType::Q6K, 4),
        &OpenOptions::default(),
    )
    .unwrap();
    let messages = [ChatMessage::new(Role::User, "which?")];
    for count in [1, 2, 6, 26, 30] {
        let options: Vec<String> = (0..count).map(|i| format!("option {i}")).collect();
        let forward = model.choose(&messages, &options).unwrap();
        assert!(forward.best < count);
        assert!((forward.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(forward.margin >= 0.0 && forward.margin <= 1.0);
        let reversed: Vec<String> = options.iter().rev().cloned().collect();
        let backward = model.choose(&messages, &reversed).unwrap();
        for (a, b) in forward
            .log_probabilities
            .iter()
            .zip(backward.log_probabilities.iter().rev())
        {
            assert!((a - b).abs() < 1e-9, "{count} options: {a} and {b}");
        }
        assert_eq!(forward.best, count - 1 - backward.best);
        assert_eq!(forward.orders_agree, backward.orders_agree);
    }
    assert!(model.choose(&messages, &[]).is_err());
}

#[test]
fn schemas_that_nothing_can_meet_are_refused() {
    let model = LocalModel::open(
        &micro::gguf("llama", GgmlDType::Q8_0, 1),
        &OpenOptions::default(),
    )
    .unwrap();
    let messages = [ChatMessage::new(Role::User, "a")];
    let settings = Settings::default();
    for schema in [
        json!({"type": "integer", "minimum": 3, "maximum": 2}),
        json!({"type": "nonsense"}),
    ] {
        let error = model
            .generate(&messages, &settings, Some(&schema), &mut |_| true)
            .unwrap_err();
        assert!(
            error.to_string().starts_with("cannot constrain a reply"),
            "{error}"
        );
    }
}
