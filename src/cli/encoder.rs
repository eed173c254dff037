//! A sentence encoder that puts papers in order: opened, tried once, and named by what its files hold.

use std::path::Path;
use std::sync::Arc;

use proteus_llm::Backend;

use super::failure::Failure;

/// What to give in place of something that is no encoder.
const WANTED: &str = "give the folder of an encoder of BERT's kind, such as MiniLM, with config.json, tokenizer.json and safetensors";

/// An encoder, ready to be asked.
pub(super) struct Encoder {
    /// The name of its folder and the beginning of the BLAKE3 of its files.
    pub name: String,
    pub backend: Arc<dyn Backend>,
}

/// Opens the encoder in a folder and has it read a word.
///
/// # Errors
/// There is none, or this program was built without an engine for it.
#[cfg(feature = "local")]
pub(super) fn open(folder: &Path) -> Result<Encoder, Failure> {
    use proteus_llm::LlmError;
    use proteus_llm::backends::local::{Local, LocalSettings};

    use super::failure::Exit;
    use crate::report::text::{self, tidy};

    let none = |reason: &str| {
        let shown = folder.display();
        Failure::bad_input(
            format!("`{shown}` is no sentence encoder: {reason}"),
            WANTED,
        )
    };
    if !folder.is_dir() {
        return Err(none("there is no such folder"));
    }
    let refused = |error: &LlmError| match error {
        LlmError::Configuration { reason, .. } | LlmError::Unavailable { reason, .. } => {
            none(reason)
        }
        other => none(&other.to_string()),
    };
    let settings = LocalSettings {
        file: folder.to_owned(),
        model: None,
        context: None,
        threads: rayon::current_num_threads(),
    };
    let backend = Local::open("encoder", &settings).map_err(|error| refused(&error))?;
    let word = ["protein".to_owned()];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| Failure::from_error(Exit::Bug, &error))?;
    let tried = runtime.block_on(backend.embed(&word));
    tried.map_err(|error| refused(&error))?;
    let hash = hash(folder).map_err(|error| Failure::unreadable(folder, &error))?;
    let whole = folder.canonicalize().ok();
    let called = whole.as_deref().unwrap_or(folder).file_name();
    let called = called.map_or_else(|| "encoder".into(), |name| name.to_string_lossy());
    Ok(Encoder {
        name: format!("{}, BLAKE3 {}", tidy(&called, text::NAME), &hash[..16]),
        backend: Arc::new(backend),
    })
}

/// This program has no engine for encoders.
#[cfg(not(feature = "local"))]
pub(super) fn open(folder: &Path) -> Result<Encoder, Failure> {
    Err(Failure::bad_input(
        format!(
            "`{}` needs an engine for encoders, which this program was built without",
            folder.display()
        ),
        format!("build it with the feature `local`, then {WANTED}"),
    ))
}

/// BLAKE3 of what an encoder computes with.
#[cfg(feature = "local")]
fn hash(folder: &Path) -> std::io::Result<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| {
        file.is_file()
            && file
                .extension()
                .is_some_and(|kind| kind == "json" || kind == "safetensors")
    });
    files.sort();
    let mut hash = blake3::Hasher::new();
    for file in files {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        hash.update(&(name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(&file.metadata()?.len().to_le_bytes());
        hash.update_reader(std::fs::File::open(&file)?)?;
    }
    Ok(hash.finalize().to_hex().to_string())
}
