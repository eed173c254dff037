//! What was concluded rather than read, and what is doubtful: both are shown to the user, never swallowed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A conclusion drawn from the input, with its evidence and the way to overrule it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inference {
    /// What was concluded about, for example `scale of proteins`.
    pub what: String,
    /// What was concluded.
    pub value: String,
    /// The evidence.
    pub because: String,
    /// How to say otherwise: a flag or a key of `dataset.yaml`.
    pub override_with: String,
}

impl Inference {
    /// A conclusion from its four parts.
    pub fn new(
        what: impl Into<String>,
        value: impl Into<String>,
        because: impl Into<String>,
        override_with: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            value: value.into(),
            because: because.into(),
            override_with: override_with.into(),
        }
    }
}

/// How serious a [`Problem`] or a design check is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Read results with this in mind.
    Warn,
    /// No hypothesis may be drawn from what this touches.
    Fail,
}

/// Something doubtful in the input that did not stop the reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// How serious it is.
    pub severity: Severity,
    /// The file, relative to the dataset's folder.
    pub file: Option<String>,
    /// The column header.
    pub column: Option<String>,
    /// 1-based line (the header is line 1).
    pub row: Option<usize>,
    /// The rule that was broken, as a short name.
    pub rule: String,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub fix: String,
    /// The contrast it touches; none means the whole dataset.
    pub contrast: Option<String>,
}

impl Problem {
    /// A problem of the whole dataset; place it with [`Problem::in_file`] and the other methods.
    pub fn new(
        severity: Severity,
        rule: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            file: None,
            column: None,
            row: None,
            rule: rule.into(),
            message: message.into(),
            fix: fix.into(),
            contrast: None,
        }
    }

    /// Names the file.
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Names the column.
    pub fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// Names the line.
    pub fn at_row(mut self, row: usize) -> Self {
        self.row = Some(row);
        self
    }

    /// In one line: where, what, and what to do about it.
    pub fn line(&self) -> String {
        let mut place = self.file.clone().unwrap_or_default();
        if let Some(column) = &self.column {
            place.push_str(&format!(", column `{column}`"));
        }
        if let Some(row) = self.row {
            place.push_str(&format!(", row {row}"));
        }
        if !place.is_empty() {
            place.push_str(": ");
        }
        format!("{place}{}; {}", self.message, self.fix)
    }

    /// Names the contrast it touches.
    pub fn of_contrast(mut self, contrast: impl Into<String>) -> Self {
        self.contrast = Some(contrast.into());
        self
    }
}
