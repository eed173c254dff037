//! From logits to replies: sampling, constraints, drafts, loops, choices.

pub mod choice;
pub mod constraint;
pub(crate) mod draft;
pub mod generate;
pub(crate) mod loops;
pub mod sampler;
pub mod session;
pub(crate) mod stop;

pub use choice::{OptionScores, choose_by_letter, score_options};
pub use constraint::{Constraint, Grammars};
pub use generate::{Finish, Generated, Generation, Settings, generate};
pub use sampler::{Sampler, Sampling};
pub use session::Session;
