//! What can be wrong with the input: one variant per kind of fault, each naming file, column and row, each with a hint.

/// Input that cannot be used. The message says what was looked for and what was found; [`DatasetError::hint`] says how
/// to fix it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatasetError {
    /// A contrast that cannot be read against the samples.
    #[error("no contrast `{spec}` in these samples: {found}")]
    UnknownContrast {
        /// What was asked for.
        spec: String,
        /// What there is.
        found: String,
        /// What to write instead.
        hint: String,
    },
}

impl DatasetError {
    /// How to fix it.
    pub fn hint(&self) -> String {
        match self {
            Self::UnknownContrast { hint, .. } => hint.clone(),
        }
    }
}
