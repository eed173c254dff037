//! What a finished run did with one thing: why a hypothesis has its grade ([`why`]), and why a protein or set is no
//! hypothesis, or which one it is ([`why_not`]). Read from what the run wrote; nothing is computed again but the smallest
//! effect that could have been seen.

mod account;
mod entities;
mod records;
mod requirements;

pub use account::{EntityAccount, ObjectiveAccount, Rule, TestAccount, why_not};
pub use entities::{Found, UnknownEntity};
pub use records::{RetraceError, Retraced};
pub use requirements::{Requirement, Why, why};
