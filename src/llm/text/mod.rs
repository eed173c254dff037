//! What can be told from text alone: how many tokens it may be, what in it is reasoning, JSON, or a loop.

mod json;
mod loops;
mod reading;
mod reasoning;
mod tokens;

pub use json::first_value;
pub use loops::LoopBreaker;
pub use reading::{check_schema, read_reply};
pub use reasoning::without_reasoning;
pub use tokens::{estimate_messages, estimate_request, estimate_tokens};
