//! The backend over the tiny models that the engine's own tests use.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::PathBuf;

use serde_json::json;

use super::{Local, LocalSettings};
use crate::backend::{Backend, Place};
use crate::error::LlmError;
use crate::reply::HowChosen;
use crate::request::{Message, Request};

fn open(name: &str, context: Option<usize>) -> Local {
    let models = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../model/reference/transformers");
    let settings = LocalSettings {
        file: models.join(name),
        model: None,
        context,
        threads: 1,
    };
    Local::open("here", &settings).unwrap()
}

fn run<T>(answer: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(answer)
}

#[test]
fn replies_have_the_form_that_was_asked_for() {
    let model = open("llama", None);
    let schema = json!({"enum": ["up", "down"]});
    let request = Request::json(vec![Message::user("which?")], 20, "direction", schema);
    // The tiny vocabulary has no quotation mark, so no JSON text can be written; numbers can.
    assert!(run(model.complete(&request)).is_err());
    let schema = json!({"type": "integer", "minimum": 0, "maximum": 9});
    let reply = run(model.complete(&Request::json(
        vec![Message::user("how many?")],
        20,
        "count",
        schema,
    )))
    .unwrap();
    assert!(
        reply
            .value
            .is_some_and(|value| value.as_i64().is_some_and(|n| (0..10).contains(&n)))
    );
    assert!(reply.usage.prompt_tokens > 0 && reply.usage.reply_tokens > 0);
    let reply = run(model.complete(&Request::text(vec![Message::user("why?")], 10))).unwrap();
    assert_eq!((reply.value, reply.model.as_str()), (None, "llama"));
}

#[test]
fn choices_rewards_and_vectors_come_from_the_models_that_give_them() {
    let request = Request::text(vec![Message::user("a or b?"), Message::assistant("a")], 5);
    let writer = open("llama", None);
    let options = ["a".to_owned(), "b".to_owned()];
    // Option letters are tokens of this vocabulary up to D.
    let choice =
        run(writer.choose(&Request::text(vec![Message::user("a or b?")], 5), &options)).unwrap();
    assert_eq!(
        (choice.how, choice.weights.len()),
        (HowChosen::Probabilities, 2)
    );
    assert!(matches!(
        run(writer.reward(&request)),
        Err(LlmError::Unsupported { .. })
    ));

    let rewarder = open("reward", None);
    assert!(run(rewarder.reward(&request)).unwrap().is_finite());
    assert!(matches!(
        run(rewarder.complete(&request)),
        Err(LlmError::Unsupported { .. })
    ));

    let encoder = open("bert", None);
    let vectors = run(encoder.embed(&["the protein".to_owned()])).unwrap();
    assert!((vectors[0].iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-5);
    assert_eq!(encoder.describe().place, Place::Here);
}

#[test]
fn long_questions_and_missing_files_say_so() {
    let model = open("llama", Some(40));
    let long = Request::text(vec![Message::user("a ".repeat(60))], 5);
    assert!(matches!(
        run(model.complete(&long)),
        Err(LlmError::TooLong { limit: 40, .. })
    ));
    let settings = LocalSettings {
        file: "nowhere.gguf".into(),
        model: None,
        context: None,
        threads: 1,
    };
    let error = Local::open("here", &settings).err().unwrap();
    assert!(error.to_string().contains("nowhere.gguf"), "{error}");
}

/// The tiny model with room for a whole question: the folder, with a longer context in its configuration.
fn roomy(name: &str) -> tempfile::TempDir {
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../model/reference/transformers")
        .join(name);
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let config = folder.path().join("config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    let short = "\"max_position_embeddings\": 256";
    assert!(text.contains(short), "{text}");
    std::fs::write(
        config,
        text.replace(short, "\"max_position_embeddings\": 8192"),
    )
    .unwrap();
    folder
}

#[test]
fn the_pace_is_measured_where_there_is_one() {
    for name in ["llama", "reward"] {
        let folder = roomy(name);
        let settings = LocalSettings {
            file: folder.path().to_owned(),
            model: None,
            context: None,
            threads: 1,
        };
        let model = Local::open("here", &settings).unwrap();
        let pace = run(model.pace()).unwrap().unwrap();
        assert!(
            pace.prompt_per_second > 0.0 && pace.reply_per_second > 0.0,
            "{name}: {pace:?}"
        );
        assert!(pace.seconds(1000.0, 10.0).is_finite());
    }
    // What is too long for a model has no pace, and an encoder answers no questions.
    assert!(matches!(
        run(open("llama", Some(40)).pace()),
        Err(LlmError::TooLong { .. })
    ));
    assert_eq!(run(open("bert", None).pace()).unwrap(), None);
}
