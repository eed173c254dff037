//! What a tool is: the contract every analysis in `tools/` fulfils, and what the planner sees of it.
//!
//! A tool takes artifacts (matrices and tables) on named ports and typed parameters, and gives artifacts back. Its
//! manifest (`tool.yaml`) says what it consumes and produces, which questions it can answer, under which null its
//! decoys are made and whether it reads sample labels. A tool cannot reach a model, a clock or the network, so every
//! number it gives is deterministic.

pub mod artifact;
pub mod catalog;
pub mod contract;
pub mod frame;
pub mod short_way;
pub mod spec;

pub use crate::discovery::{Check, Verdict};
pub use artifact::{Abundance, Artifact, ArtifactKind};
pub use catalog::{Catalog, CatalogEntry, CatalogError};
pub use contract::{AnyTool, Tool, ToolError, ToolInput, ToolOutput};
pub use frame::{FrameError, TableBuilder};
pub use short_way::{PValues, Shared, Subjects, TablesOfP};
pub use spec::{
    Answer, AnswerColumns, Example, NullScheme, Oracle, Port, PublishedTable, Reference,
    TableColumn, ToolSpec,
};
