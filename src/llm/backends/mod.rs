//! The kinds of backend.

mod cassette;
#[cfg(feature = "local")]
pub mod local;
#[cfg(feature = "remote")]
pub(crate) mod openai;
mod opening;
mod scripted;

pub use cassette::Cassette;
#[cfg(feature = "remote")]
pub use openai::Openai;
pub use scripted::{Script, Scripted};

pub(crate) use opening::{describe, open};
