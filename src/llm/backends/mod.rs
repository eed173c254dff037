//! The kinds of backend.

mod cassette;
mod opening;
mod scripted;

pub use cassette::Cassette;
pub use scripted::{Script, Scripted};

pub(crate) use opening::{describe, open};
