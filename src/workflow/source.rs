//! Where an input of a step comes from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The dataset or an output of another step; as text `dataset`, `dataset.<assay>` or `<step>.<port>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Source {
    /// A matrix of the dataset.
    Dataset {
        /// The assay; the main one where absent.
        assay: Option<String>,
    },
    /// An output of a step of the same workflow.
    Step {
        /// The step.
        step: String,
        /// Its output port.
        port: String,
    },
}

/// A text that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no source\nhint: write `dataset`, `dataset.<assay>` or `<step>.<output>`")]
pub struct SourceError(pub String);

impl Source {
    /// The main assay of the dataset.
    pub fn main_assay() -> Self {
        Self::Dataset { assay: None }
    }

    /// An output of a step.
    pub fn output(step: impl Into<String>, port: impl Into<String>) -> Self {
        Self::Step {
            step: step.into(),
            port: port.into(),
        }
    }

    /// The step it comes from, if it comes from one.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Dataset { .. } => None,
            Self::Step { step, .. } => Some(step),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dataset { assay: None } => f.write_str("dataset"),
            Self::Dataset { assay: Some(assay) } => write!(f, "dataset.{assay}"),
            Self::Step { step, port } => write!(f, "{step}.{port}"),
        }
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        if text == "dataset" {
            return Ok(Self::main_assay());
        }
        match text.split_once('.') {
            Some((step, port)) if !step.is_empty() && !port.is_empty() => {
                Ok(if step == "dataset" {
                    Self::Dataset {
                        assay: Some(port.to_owned()),
                    }
                } else {
                    Self::output(step, port)
                })
            }
            _ => Err(SourceError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Source {
    type Error = SourceError;

    fn try_from(text: String) -> Result<Self, SourceError> {
        text.parse()
    }
}

impl From<Source> for String {
    fn from(source: Source) -> String {
        source.to_string()
    }
}
