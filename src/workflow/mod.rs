//! Workflows: from a template or a list of steps to a checked plan, and from a plan to results.
//!
//! A [`WorkflowTemplate`] (a file of `workflows/`) with [`Bindings`] gives a [`Workflow`]; [`Workflow::check`] finds
//! all its faults at once, before anything runs, and gives a [`Plan`]: steps in a fixed order, each known to read
//! sample labels or not. The [`Executor`] runs a plan in parallel with a content-addressed cache; the [`Replayer`]
//! runs its label-reading part again on decoys, in memory.
//!
//! The catalogue of tools is handed in as a value: nothing here knows which tools there are.

pub mod artifact_store;
pub mod bindings;
pub mod check;
pub mod evaluate;
pub mod execution;
pub mod executor;
pub mod extend;
pub mod keys;
mod levels;
mod params;
pub mod picture;
pub mod plan;
pub mod plan_error;
pub mod plan_text;
pub mod progress;
pub mod replay;
pub mod source;
mod step_runner;
pub mod template;

pub use bindings::Bindings;
pub use check::{Step, Workflow};
pub use evaluate::dataset_matrix;
pub use execution::{Execution, StepOutcome};
pub use executor::Executor;
pub use extend::extend_with_answering_tools;
pub use keys::Identity;
pub use picture::picture;
pub use plan::{Plan, PlannedStep};
pub use plan_error::PlanError;
pub use progress::{Progress, Silent, StepState};
pub use replay::{Replayed, Replayer, WantedTables, World};
pub use source::Source;
pub use template::{TargetKind, TemplateError, Templates, WorkflowTemplate};
