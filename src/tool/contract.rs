//! The trait a tool implements, its erased form, and what goes in and comes out.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use polars::prelude::DataFrame;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Abundance, Artifact, FrameError, Shared, TablesOfP};
use crate::dataset::{DatasetError, ModelError, SampleMetadata};
use crate::discovery::Check;
use crate::knowledge::Packs;

/// What a tool is given.
pub struct ToolInput<'a> {
    /// Artifacts by port name.
    pub ports: &'a BTreeMap<String, Artifact>,
    /// The sample sheet; on a decoy, with the tested labels exchanged.
    pub samples: &'a SampleMetadata,
    /// Gene sets, identifiers, interactions.
    pub knowledge: &'a Packs,
    /// What other tools of the same world have computed already.
    pub shared: &'a Shared,
    /// Seed of everything random in the step.
    pub seed: u64,
}

impl<'a> ToolInput<'a> {
    /// The matrix on `port`.
    pub fn matrix(&self, port: &str) -> Result<&'a Arc<Abundance>, ToolError> {
        match self.ports.get(port) {
            Some(Artifact::Matrix(matrix)) => Ok(matrix),
            found => Err(wrong_port(port, "a matrix", found)),
        }
    }

    /// The table on `port`.
    pub fn table(&self, port: &str) -> Result<&'a DataFrame, ToolError> {
        match self.ports.get(port) {
            Some(Artifact::Table(table)) => Ok(table),
            found => Err(wrong_port(port, "a table", found)),
        }
    }

    /// The table on an optional `port`.
    pub fn optional_table(&self, port: &str) -> Option<&'a DataFrame> {
        match self.ports.get(port) {
            Some(Artifact::Table(table)) => Some(table),
            _ => None,
        }
    }
}

fn wrong_port(port: &str, needs: &str, found: Option<&Artifact>) -> ToolError {
    let found = match found {
        Some(Artifact::Matrix(_)) => "a matrix",
        Some(Artifact::Table(_)) => "a table",
        None => "nothing",
    };
    ToolError::NotApplicable {
        needs: format!("{needs} on port `{port}`"),
        found: found.to_owned(),
    }
}

/// What a tool gives back.
#[derive(Debug, Clone, Default)]
pub struct ToolOutput {
    /// Artifacts by output port.
    pub artifacts: IndexMap<String, Artifact>,
    /// Checks it made on the way.
    pub checks: Vec<Check>,
    /// Named facts worth a line in the report or a rule of the planner (for example the method chosen).
    pub facts: IndexMap<String, Value>,
}

impl ToolOutput {
    /// An output with nothing in it yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a matrix on an output port.
    pub fn with_matrix(mut self, port: &str, matrix: Abundance) -> Self {
        self.artifacts
            .insert(port.to_owned(), Artifact::Matrix(Arc::new(matrix)));
        self
    }

    /// Adds a table on an output port.
    pub fn with_table(mut self, port: &str, table: DataFrame) -> Self {
        self.artifacts
            .insert(port.to_owned(), Artifact::Table(Arc::new(table)));
        self
    }

    /// Adds a fact.
    pub fn with_fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a check.
    pub fn with_check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }
}

/// Why a tool gave nothing. All but the last are for the planner to act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ToolError {
    /// A parameter is unknown, of the wrong type or out of range.
    #[error("invalid parameters: {reason}")]
    InvalidParams {
        /// What is wrong, with the value and the allowed range.
        reason: String,
    },
    /// The input is not what the method needs.
    #[error("needs {needs}, found {found}")]
    NotApplicable {
        /// What the method needs.
        needs: String,
        /// What it got.
        found: String,
    },
    /// Too little data to say anything.
    #[error("needs at least {needed} {what}, found {found}")]
    TooFewObservations {
        /// Of what.
        what: String,
        /// How many are needed.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// A fault of the tool itself.
    #[error("internal fault: {reason}")]
    Internal {
        /// What went wrong.
        reason: String,
    },
}

impl From<FrameError> for ToolError {
    fn from(error: FrameError) -> Self {
        Self::Internal {
            reason: error.to_string(),
        }
    }
}

impl From<ModelError> for ToolError {
    fn from(error: ModelError) -> Self {
        let message = error.to_string();
        match error {
            ModelError::UnknownVariable { .. } | ModelError::WrongType { .. } => {
                Self::InvalidParams { reason: message }
            }
            ModelError::TooFew {
                what,
                found,
                needed,
            } => Self::TooFewObservations {
                what: format!("samples with a value in {what}"),
                needed,
                found,
            },
            ModelError::Confounded { with, .. } => Self::NotApplicable {
                needs: format!("a tested variable that {with} do not determine"),
                found: message,
            },
        }
    }
}

impl From<DatasetError> for ToolError {
    fn from(error: DatasetError) -> Self {
        Self::InvalidParams {
            reason: format!("{error}\nhint: {}", error.hint()),
        }
    }
}

/// One analysis. Parameters are a type, so schema, defaults and documentation cannot drift from the code.
pub trait Tool: Send + Sync + 'static {
    /// Parameters; `Default` gives the recommended values.
    type Params: DeserializeOwned + Serialize + JsonSchema + Default;

    /// The text of `tool.yaml`.
    const MANIFEST: &'static str;

    /// Runs the analysis.
    fn run(&self, input: &ToolInput<'_>, params: &Self::Params) -> Result<ToolOutput, ToolError>;

    /// The p-values and effects alone that [`Tool::run`] would write into `tables`, to the last bit: what a decoy is counted by and
    /// a variation of the analysis judged by. None where there is no shorter way than to run the tool, which is the default; the catalogue's tests compare the two.
    fn p_values(
        &self,
        input: &ToolInput<'_>,
        params: &Self::Params,
        tables: &[&str],
    ) -> Result<Option<TablesOfP>, ToolError> {
        let _ = (input, params, tables);
        Ok(None)
    }
}

/// The object-safe view of a tool: all that the workflow and the agent see. Implemented once, for every [`Tool`].
pub trait AnyTool: Send + Sync {
    /// The text of the manifest.
    fn manifest(&self) -> &'static str;

    /// JSON Schema of the parameters.
    fn params_schema(&self) -> Value;

    /// Default parameters.
    fn default_params(&self) -> Value;

    /// Runs with parameters given as JSON; missing ones take their defaults, unknown ones are refused by the plan check.
    fn run_json(&self, input: &ToolInput<'_>, params: &Value) -> Result<ToolOutput, ToolError>;

    /// [`Tool::p_values`] with parameters given as JSON.
    fn p_values_json(
        &self,
        input: &ToolInput<'_>,
        params: &Value,
        tables: &[&str],
    ) -> Result<Option<TablesOfP>, ToolError>;
}

impl<T: Tool> AnyTool for T {
    fn manifest(&self) -> &'static str {
        T::MANIFEST
    }

    fn params_schema(&self) -> Value {
        schemars::schema_for!(T::Params).to_value()
    }

    fn default_params(&self) -> Value {
        serde_json::to_value(T::Params::default()).unwrap_or(Value::Null)
    }

    fn run_json(&self, input: &ToolInput<'_>, params: &Value) -> Result<ToolOutput, ToolError> {
        self.run(input, &typed::<T>(params)?)
    }

    fn p_values_json(
        &self,
        input: &ToolInput<'_>,
        params: &Value,
        tables: &[&str],
    ) -> Result<Option<TablesOfP>, ToolError> {
        self.p_values(input, &typed::<T>(params)?, tables)
    }
}

fn typed<T: Tool>(params: &Value) -> Result<T::Params, ToolError> {
    serde_json::from_value(params.clone()).map_err(|error| ToolError::InvalidParams {
        reason: error.to_string(),
    })
}
