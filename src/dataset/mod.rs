//! What an experiment is: a [`Dataset`] of one or more [`Assay`]s over one set of samples, what is known of those
//! samples ([`SampleMetadata`]), and which comparisons they allow ([`Design`]).
//!
//! Invariants, whatever the input: [`Assay::values`] is on a log2-like scale with NaN for missing; its columns are in
//! the order of [`SampleMetadata::ids`] for every assay; feature ids are unique within an assay; a dataset holds at
//! least one assay. Everything concluded rather than read is an [`Inference`] that says how to override it, and
//! everything doubtful is a [`Problem`] that names file, column, row, rule and fix.

mod antibody;
mod assay;
mod assemble;
mod blind;
mod body;
mod cells;
mod channel;
mod checks;
mod container;
mod contrast;
mod controls;
mod convert;
mod copy_number;
mod crossed_labels;
mod error;
mod experiment;
mod feature_table;
mod folder;
mod formats;
mod grid;
mod header_rows;
mod identifiers;
mod inference;
mod inspection;
mod join;
mod label;
mod long;
mod manifest;
mod matching;
mod measure;
mod metadata;
mod model_frame;
mod molecule;
mod na_label;
mod name_check;
mod name_design;
mod number;
mod open;
mod plex_reference;
mod profile;
mod proposals;
mod protein_groups;
mod reader;
mod record;
mod roles;
mod roll_up;
mod samples;
mod scale;
mod sections;
mod series;
mod shape;
mod sheet;
mod sheet_draft;
mod sheet_layout;
mod sheet_match;
#[cfg(test)]
mod tests;
mod spectra;
mod technical_replicates;
mod text;
mod typing;

pub use assay::{
    Assay, CellPopulation, Feature, FeatureLevel, ModifiedSite, Peptidoform, Quantity, Removed,
    RollUpMethod, RolledUp, Scale,
};
pub use cells::{CellFacts, ChannelApart, PopulationFacts, SampleCells};
pub use container::decoding;
pub use contrast::{Arm, Contrast, Design, DesignCheck, DesignRule};
pub use convert::Converted;
pub use error::DatasetError;
pub use experiment::{Dataset, KnownTruth, Source, SourceFile};
pub use formats::{FormatInfo, list as input_formats};
pub use inference::{Inference, Problem, Severity};
pub use inspection::{
    ArmInspection, AssayInspection, BlockInspection, ContrastInspection, DesignInspection,
    Inspection, SamplesInspection, SourceInspection, current_inspection_schema, inspection_schema,
};
pub use measure::Measure;
pub use model_frame::{ModelError, ModelFrame, Pairing, Term, nuisance_columns};
pub use molecule::Molecule;
pub use open::{Declared, ReadOptions, draft_sheet, open};
pub use profile::{AssayProfile, DatasetProfile, VariableProfile};
pub use record::{AssayRecord, DatasetRecord, VALUE_PREFIX};
pub use samples::{ExcludedSample, Role, SampleMetadata, Variable, VariableValues};
pub use series::{Series, SeriesKind};
pub use sheet_draft::SheetDraft;
pub use technical_replicates::TechnicalReplicates;
