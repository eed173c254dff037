//! Knowledge: gene sets, complexes, interactions, diseases and identifiers, from dated packs.
//!
//! A pack is a folder `datasets/knowledge/<name>/` with a `pack.yaml` (version, licence, source) and its files,
//! embedded in the binary through [`crate::content`]. [`Packs`] opens them: each is parsed when it is first
//! asked for, once. Everything drawn from a pack carries a [`PackVersion`], so that an edge of the evidence graph
//! names where it came from.
//!
//! Genes are named by their HGNC symbol; [`IdentifierMap`] brings accessions and old names to it.

pub mod codes;
mod derived;
pub mod diseases;
mod error;
pub mod footprints;
pub mod gene_sets;
pub mod go;
pub mod identifiers;
pub mod interactions;
pub mod organism;
pub mod packs;
pub mod set_names;
pub mod synonyms;
mod table;
#[cfg(test)]
mod tests;

pub use codes::{Codebook, Name, NameKind};
pub use diseases::{Disease, Diseases};
pub use error::KnowledgeError;
pub use footprints::{Footprint, Footprints};
pub use gene_sets::{GeneSet, GeneSets, MeasuredSet};
pub use go::{EvidenceFilter, Go, GoGraph, GoRelation, GoTerm, Ontology};
pub use identifiers::{Gene, IdentifierKind, IdentifierMap, Mapping, MappingRate};
pub use interactions::Interactions;
pub use organism::{OrganismCall, detect_organism};
pub use packs::{PackInfo, PackKind, PackVersion, Packs};
pub use synonyms::Synonyms;

/// An HGNC gene symbol, shared between the sets and edges that name it.
pub type Symbol = std::sync::Arc<str>;
