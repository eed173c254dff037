//! The analyses, one folder each: `tool.yaml` (manifest), `mod.rs` (code), `reference/` (numbers from an independent
//! implementation). [`CATALOG`] is the explicit list, in the order `proteus tools list` shows it.

use crate::tool::AnyTool;

/// Every analysis, in listing order.
pub const CATALOG: &[&dyn AnyTool] = &[];
