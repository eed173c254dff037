//! Telling how a plan comes along.

use crate::tool::ToolError;

/// A change in the state of a step.
#[derive(Debug, Clone, Copy)]
pub enum StepState<'a> {
    /// Waits for its inputs or for a free core.
    Queued,
    /// Computes.
    Started,
    /// Gave its outputs.
    Finished,
    /// Its outputs were in the cache.
    Cached,
    /// Its tool complained.
    Failed(&'a ToolError),
    /// Not run, because a step it takes input from gave nothing.
    Skipped,
}

/// Someone who is told. Called from several threads; must return quickly.
pub trait Progress: Send + Sync {
    /// The step with this folder name changed its state.
    fn step(&self, step: &str, tool: &str, state: StepState<'_>);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _step: &str, _tool: &str, _state: StepState<'_>) {}
}
