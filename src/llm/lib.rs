//! Text in, text out: what a language model is to the rest of Proteus.
//!
//! A [`Backend`] answers a [`Request`] with a [`Reply`], or says which of a list of options it would choose. It knows
//! nothing of proteomics, of runs or of files; what a reply is worth is decided by those who asked.

pub mod backend;
pub mod error;
#[cfg(feature = "local")]
#[path = "backends/local/mod.rs"]
pub mod local;
pub mod reply;
pub mod request;

pub use backend::{Answer, Backend, BackendInfo, Place};
pub use error::LlmError;
pub use reply::{Choice, Finish, HowChosen, Reply, Usage};
pub use request::{Message, ReplyForm, Request, Speaker};
