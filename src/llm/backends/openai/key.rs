//! The key of a service: read from the environment or from a file that only its owner reads, and never shown.

use std::fs;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use crate::error::LlmError;
use crate::models::OpenaiConfig;

/// Reads the key of a configuration; nothing where it names none.
///
/// # Errors
/// [`LlmError::Configuration`] for a variable that is not set, a file that cannot be read or that others can read, an empty
/// key, or two places for one key.
pub(super) fn read(backend: &str, config: &OpenaiConfig) -> Result<Option<SecretString>, LlmError> {
    let wrong = |reason: String| LlmError::Configuration {
        backend: backend.to_owned(),
        reason,
    };
    let key = match (&config.key_env, &config.key_file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(wrong(
                "`key_env` and `key_file` both name a key; keep one".to_owned(),
            ));
        }
        (Some(variable), None) => std::env::var(variable).map_err(|_| {
            wrong(format!(
                "the environment variable `{variable}` is not set; put the key there"
            ))
        })?,
        (None, Some(file)) => {
            check_mode(file).map_err(&wrong)?;
            fs::read_to_string(file)
                .map_err(|error| wrong(format!("key file `{}`: {error}", file.display())))?
        }
    };
    let key = key.trim();
    if key.is_empty() || !key.chars().all(|character| character.is_ascii_graphic()) {
        return Err(wrong(
            "the key is empty or has characters that no key has".to_owned(),
        ));
    }
    Ok(Some(SecretString::from(key)))
}

#[cfg(unix)]
fn check_mode(file: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(file)
        .map_err(|error| format!("key file `{}`: {error}", file.display()))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(format!(
            "key file `{}` has mode {:o}, so that others can read it; run `chmod 600` on it",
            file.display(),
            mode & 0o777
        ))
    }
}

#[cfg(not(unix))]
fn check_mode(_file: &Path) -> Result<(), String> {
    Ok(())
}

/// A text without the key, should a server have echoed it.
pub(super) fn scrub(key: Option<&SecretString>, text: &str) -> String {
    match key {
        Some(key) => text.replace(key.expose_secret(), "[key]"),
        None => text.to_owned(),
    }
}
