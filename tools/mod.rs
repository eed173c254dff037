//! The analyses, one folder each: `tool.yaml` (manifest), `mod.rs` (code), `reference/` (numbers from an independent
//! implementation). [`CATALOG`] is the explicit list, in the order `proteus tools list` shows it.

pub mod over_representation;
pub mod structure_association;

mod gene_level;
mod gene_sets;

use crate::tool::AnyTool;

/// Every analysis, in listing order.
pub const CATALOG: &[&dyn AnyTool] = &[
    &over_representation::OverRepresentation,
    &structure_association::StructureAssociation,
];
