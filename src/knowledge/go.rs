//! The Gene Ontology: terms, their graph, and the annotation of genes.
//!
//! Annotations are stored as made (direct) and propagated on request: a gene annotated to a term is a member of
//! every term above it along is-a and part-of, the true-path rule (doi:10.1038/75556). Regulation is no membership.

mod annotation;
mod graph;

pub use annotation::{EvidenceFilter, Go};
pub use graph::{GoGraph, GoRelation, GoTerm, Ontology};
