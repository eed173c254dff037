//! What a finding is about, and how two such things can be related.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of things a proteomics study can say something about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// A protein or protein group.
    Protein,
    /// A gene.
    Gene,
    /// A modified site on a protein.
    Site,
    /// A gene's RNA.
    Transcript,
    /// Mutations of a gene.
    Mutation,
    /// Copies of a gene.
    CopyNumber,
    /// A peptide or precursor.
    Peptide,
    /// A protein complex.
    Complex,
    /// A pathway or other gene set.
    Pathway,
    /// A kinase.
    Kinase,
    /// A transcription factor or other regulator.
    Regulator,
    /// A module of co-abundant proteins.
    Module,
    /// A cell population.
    CellPopulation,
    /// A cytometry marker.
    Marker,
    /// A group of samples, such as one arm of a contrast.
    SampleGroup,
    /// A subtype found in the data itself.
    Subtype,
    /// A principal component of the samples.
    Component,
    /// A variable of the sample sheet.
    ClinicalVariable,
    /// A time-to-event outcome.
    Outcome,
}

impl EntityKind {
    /// The noun people use, singular.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Protein => "protein",
            Self::Gene => "gene",
            Self::Site => "site",
            Self::Transcript => "transcript",
            Self::Mutation => "mutation",
            Self::CopyNumber => "copy number",
            Self::Peptide => "peptide",
            Self::Complex => "complex",
            Self::Pathway => "pathway",
            Self::Kinase => "kinase",
            Self::Regulator => "regulator",
            Self::Module => "module",
            Self::CellPopulation => "cell population",
            Self::Marker => "marker",
            Self::SampleGroup => "sample group",
            Self::Subtype => "subtype",
            Self::Component => "principal component",
            Self::ClinicalVariable => "clinical variable",
            Self::Outcome => "outcome",
        }
    }
}

/// One thing: its kind, a stable identifier for machines and a label for people.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Entity {
    /// What kind of thing it is.
    pub kind: EntityKind,
    /// Stable identifier: accession, set id, `variable:target-reference`, variable name.
    pub id: String,
    /// What people call it: gene symbol, set name, arm label.
    pub symbol: String,
}

impl Entity {
    /// An entity from its parts.
    pub fn new(kind: EntityKind, id: impl Into<String>, symbol: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
            symbol: symbol.into(),
        }
    }
}

impl Entity {
    /// The gene it belongs to, as far as its name says: that of a site is `GENE residue`.
    pub fn gene(&self) -> &str {
        match self.kind {
            EntityKind::Site => self.symbol.split(' ').next().unwrap_or(&self.symbol),
            _ => &self.symbol,
        }
    }
}

/// How a subject is related to an object. Questions use the undirected forms; findings the directed ones.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Differs between the two arms of a contrast, either way.
    DiffersBetween,
    /// More abundant in the target arm.
    HigherIn,
    /// Less abundant in the target arm.
    LowerIn,
    /// Not equally abundant over three or more groups.
    VariesAcross,
    /// Detection differs between two arms, either way.
    DetectionDiffersBetween,
    /// Detected in one arm and hardly or not at all in the other.
    DetectedOnlyIn,
    /// Abundance rises or falls with a continuous variable, either way.
    AssociatedWith,
    /// Abundance rises with a continuous variable.
    RisesWith,
    /// Abundance falls with a continuous variable.
    FallsWith,
    /// Changes over a series of times, whatever the shape.
    ChangesOver,
    /// Rises or falls with a dose, either way.
    Follows,
    /// Changes between two arms beyond what its counterpart in another assay does, either way.
    DiffersBeyond,
    /// Rises beyond its counterpart in the target arm.
    HigherBeyond,
    /// Falls beyond its counterpart in the target arm.
    LowerBeyond,
    /// Over-represented among the selected proteins of a contrast.
    EnrichedIn,
    /// Part of a complex, pathway or set (knowledge edge).
    MemberOf,
    /// Physical or functional interaction (knowledge edge).
    InteractsWith,
    /// Linked to a disease in a knowledge pack (knowledge edge).
    LinkedToDisease,
}

impl Relation {
    /// The directed form of a question's relation for an effect of the given sign.
    pub fn directed(self, effect: f64) -> Self {
        match (self, effect < 0.0) {
            (Self::DiffersBetween, false) => Self::HigherIn,
            (Self::DiffersBetween, true) => Self::LowerIn,
            (Self::Follows, false) => Self::RisesWith,
            (Self::Follows, true) => Self::FallsWith,
            (Self::AssociatedWith, false) => Self::RisesWith,
            (Self::AssociatedWith, true) => Self::FallsWith,
            (Self::DiffersBeyond, false) => Self::HigherBeyond,
            (Self::DiffersBeyond, true) => Self::LowerBeyond,
            (Self::DetectionDiffersBetween, _) => Self::DetectedOnlyIn,
            (other, _) => other,
        }
    }

    /// The verb phrase of a sentence, "is higher in" and the like.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::DiffersBetween => "differs between",
            Self::HigherIn => "is higher in",
            Self::LowerIn => "is lower in",
            Self::VariesAcross => "varies across",
            Self::DetectionDiffersBetween => "is detected differently between",
            Self::DetectedOnlyIn => "is detected only in",
            Self::AssociatedWith => "is associated with",
            Self::RisesWith => "rises with",
            Self::FallsWith => "falls with",
            Self::ChangesOver => "changes over",
            Self::Follows => "follows",
            Self::DiffersBeyond => "differs, beyond its counterpart, between",
            Self::HigherBeyond => "is higher, beyond its counterpart, in",
            Self::LowerBeyond => "is lower, beyond its counterpart, in",
            Self::EnrichedIn => "is enriched in",
            Self::MemberOf => "is a member of",
            Self::InteractsWith => "interacts with",
            Self::LinkedToDisease => "is linked to",
        }
    }
}
