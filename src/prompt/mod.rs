//! Prompts: what is said to a model, kept as files of `prompts/`, one folder per role.
//!
//! A file `prompts/<role>/<task>.md` begins with front matter between two lines `---` (role, version, the tokens its prompt and
//! its reply may have, and, where the reply is JSON, its schema), followed by a part `[system]` and a part `[user]`. Schema and
//! parts are Tera templates over one context, which is built from findings and profiles, never from tables.

mod error;
mod file;
mod inert;
mod prompts;

pub use error::PromptError;
pub use file::{PromptFile, parse};
pub use inert::{inert, is_unseen};
pub use prompts::{Prompts, Rendered};
