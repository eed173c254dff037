//! Text in, text out: what a language model is to the rest of Proteus.
//!
//! A [`Backend`] answers a [`Request`] with a [`Reply`], or says which of a list of options it would choose. It knows
//! nothing of proteomics, of runs or of files; what a reply is worth is decided by those who asked. They ask at a [`Desk`],
//! which maps [roles](Role) to backends as a configuration says ([`Models`]), keeps every exchange, and holds the budget.

pub mod backend;
pub mod backends;
#[cfg(test)]
mod conformance;
pub mod desk;
pub mod errand;
pub mod error;
pub mod models;
pub mod record;
pub mod reply;
pub mod request;
pub mod role;
pub mod text;

pub use backend::{Answer, Backend, BackendInfo, Pace, Place};
pub use desk::{
    Answered, Clock, Decision, Desk, DeskBuilder, HandOver, MeterReader, Mode, Spent, Tried,
};
pub use error::LlmError;
pub use models::{BackendConfig, Budget, Models, Price, Privacy, Route, ValuesPermit};
pub use reply::{Choice, Finish, HowChosen, Reply, Usage};
pub use request::{Message, ReplyForm, Request, Speaker};
pub use role::Role;
