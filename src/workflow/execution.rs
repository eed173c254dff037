//! What running a plan gave, step by step.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::tool::{ToolError, ToolOutput};

/// What became of a step.
#[derive(Debug, Clone)]
pub enum StepOutcome {
    /// It gave its outputs.
    Done {
        /// The outputs.
        output: Arc<ToolOutput>,
        /// Their content address.
        key: String,
        /// Whether they came from the cache.
        cached: bool,
    },
    /// Its tool complained.
    Failed {
        /// The complaint.
        error: ToolError,
    },
    /// It could not run, because a step it takes input from gave nothing.
    Skipped {
        /// That step.
        because: String,
    },
}

/// What became of every step of a plan, in the order of the plan.
#[derive(Debug, Clone, Default)]
pub struct Execution {
    /// Outcome by step.
    pub outcomes: IndexMap<String, StepOutcome>,
}

impl Execution {
    /// The outputs of a step, if it gave any.
    pub fn output(&self, step: &str) -> Option<&Arc<ToolOutput>> {
        match self.outcomes.get(step)? {
            StepOutcome::Done { output, .. } => Some(output),
            _ => None,
        }
    }

    /// The outputs of all steps that gave any.
    pub fn outputs(&self) -> BTreeMap<String, Arc<ToolOutput>> {
        self.outcomes
            .keys()
            .filter_map(|id| Some((id.clone(), Arc::clone(self.output(id)?))))
            .collect()
    }

    /// The complaints, in the order of the plan.
    pub fn failures(&self) -> Vec<(&str, &ToolError)> {
        self.outcomes
            .iter()
            .filter_map(|(id, outcome)| match outcome {
                StepOutcome::Failed { error } => Some((id.as_str(), error)),
                _ => None,
            })
            .collect()
    }
}
