//! From what a user writes about a backend to the backend.

use std::sync::Arc;

use super::cassette::Cassette;
use super::scripted::Scripted;
use crate::backend::{Backend, BackendInfo, Place};
use crate::error::LlmError;
use crate::models::{BackendConfig, LocalConfig, OpenaiConfig, Privacy};

/// What a backend is, known without opening anything.
pub(crate) fn describe(name: &str, config: &BackendConfig) -> BackendInfo {
    BackendInfo {
        name: name.to_owned(),
        kind: config.kind().to_owned(),
        model: config.model(),
        place: match config {
            BackendConfig::Openai(OpenaiConfig { address, .. }) => Place::Remote {
                address: address.clone(),
            },
            _ => Place::Here,
        },
        context: config.context(),
    }
}

/// Opens a backend: reads its key or its checkpoint, builds its client. Nothing is sent.
///
/// # Errors
/// [`LlmError::Configuration`] for what cannot work, or must not in this privacy mode.
pub(crate) fn open(
    name: &str,
    config: &BackendConfig,
    privacy: Privacy,
) -> Result<Arc<dyn Backend>, LlmError> {
    match config {
        BackendConfig::Openai(config) => open_remote(name, config, privacy),
        BackendConfig::Local(config) => open_local(name, config),
        BackendConfig::Cassette(config) => Ok(Arc::new(Cassette::new(name, config))),
        BackendConfig::Scripted(config) => Ok(Arc::new(Scripted::texts(name, &config.replies))),
    }
}

fn open_remote(
    name: &str,
    config: &OpenaiConfig,
    privacy: Privacy,
) -> Result<Arc<dyn Backend>, LlmError> {
    if privacy == Privacy::Offline {
        return Err(LlmError::Configuration {
            backend: name.to_owned(),
            reason: format!(
                "the privacy mode is `offline`, which builds no client, and `{}` is an address; write `privacy: summaries` \
                 to let aggregates out, or take the backend out of `roles` and `route`",
                config.address
            ),
        });
    }
    connect(name, config)
}

#[cfg(feature = "remote")]
fn connect(name: &str, config: &OpenaiConfig) -> Result<Arc<dyn Backend>, LlmError> {
    Ok(Arc::new(super::openai::Openai::new(name, config)?))
}

#[cfg(not(feature = "remote"))]
fn connect(name: &str, config: &OpenaiConfig) -> Result<Arc<dyn Backend>, LlmError> {
    Err(LlmError::Configuration {
        backend: name.to_owned(),
        reason: format!(
            "`{}` needs a client, which this build lacks; build with `--features remote`",
            config.address
        ),
    })
}

#[cfg(feature = "local")]
fn open_local(name: &str, config: &LocalConfig) -> Result<Arc<dyn Backend>, LlmError> {
    let settings = super::local::LocalSettings {
        file: config.file.clone(),
        // The name that keys of exchanges have, known without opening anything.
        model: Some(BackendConfig::Local(config.clone()).model()),
        context: config.context,
        threads: config.threads.unwrap_or(1),
    };
    Ok(Arc::new(super::local::Local::open(name, &settings)?))
}

/// This build has no engine for checkpoints.
#[cfg(not(feature = "local"))]
fn open_local(name: &str, config: &LocalConfig) -> Result<Arc<dyn Backend>, LlmError> {
    Err(LlmError::Configuration {
        backend: name.to_owned(),
        reason: format!(
            "`{}` needs an engine for checkpoints, which this build lacks; build with `--features local`",
            config.file.display()
        ),
    })
}
