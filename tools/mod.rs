//! The analyses, one folder each: `tool.yaml` (manifest), `mod.rs` (code), `reference/` (numbers from an independent
//! implementation). [`CATALOG`] is the explicit list, in the order `proteus tools list` shows it.

pub mod assay_difference;
pub mod assay_discordance;
pub mod cis_effect;
pub mod clinical_association;
pub mod detected_only;
pub mod differential_abundance;
pub mod filter_features;
pub mod footprint_activity;
pub mod mutation_frequency;
pub mod normalise;
pub mod over_representation;
pub mod own_genotype;
pub mod principal_components;
pub mod quality_control;
pub mod rank_enrichment;
pub mod sample_clustering;
pub mod select_samples;
pub mod structure_association;
pub mod time_course;

mod fitted_model;
mod gene_level;
mod gene_sets;
mod partner;

#[cfg(test)]
mod fixture;

use crate::tool::AnyTool;

/// Every analysis, in listing order.
pub const CATALOG: &[&dyn AnyTool] = &[
    &select_samples::SelectSamples,
    &filter_features::FilterFeatures,
    &normalise::Normalise,
    &quality_control::QualityControl,
    &differential_abundance::DifferentialAbundance,
    &detected_only::DetectedOnly,
    &over_representation::OverRepresentation,
    &rank_enrichment::RankEnrichment,
    &footprint_activity::FootprintActivity,
    &clinical_association::ClinicalAssociation,
    &time_course::TimeCourse,
    &assay_difference::AssayDifference,
    &assay_discordance::AssayDiscordance,
    &own_genotype::OwnGenotype,
    &cis_effect::CisEffect,
    &mutation_frequency::MutationFrequency,
    &principal_components::PrincipalComponentsTool,
    &sample_clustering::SampleClustering,
    &structure_association::StructureAssociation,
];
