//! What was asked and answered, kept in files: exchanges to resume and replay from, and a log of what left the process.
//!
//! ```text
//! <folder>/<key>.json     one exchange each; the key is the hash of backend, model, operation and question
//! <folder>/egress.jsonl   one line per request body that left the process, written before it is sent
//! ```

mod atomic;
mod egress;
mod exchange;
mod store;

pub use egress::{Departure, Egress};
pub use exchange::{Attempt, Exchange, Outcome, Question};
pub use store::Store;
