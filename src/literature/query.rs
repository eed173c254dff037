//! What is looked for: papers that name a subject, those first that also name the circumstances.

use serde::{Deserialize, Serialize};

/// A question to a store or a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Names of the subject; a paper must hold one of them.
    pub names: Vec<String>,
    /// Words of the circumstances; papers that hold them come first, and only they are taken where `narrow`.
    pub context: Vec<String>,
    /// Whether a paper must also hold a word of the circumstances.
    pub narrow: bool,
    /// Papers wanted at most.
    pub limit: usize,
}

impl Query {
    /// Whether nothing could answer it: no name that can be looked for.
    pub fn is_empty(&self) -> bool {
        !self.names.iter().any(|name| searchable(name))
    }

    /// Names that can be looked for.
    pub fn searched_names(&self) -> impl Iterator<Item = &str> {
        self.names
            .iter()
            .map(String::as_str)
            .filter(|name| searchable(name))
    }

    /// Words of the circumstances that can be looked for.
    pub fn searched_context(&self) -> impl Iterator<Item = &str> {
        self.context
            .iter()
            .map(String::as_str)
            .filter(|word| searchable(word))
    }
}

/// Whether a word has anything an index keeps.
fn searchable(word: &str) -> bool {
    word.chars().any(char::is_alphanumeric)
}
