//! What `proteus inspect` says of a dataset, as one typed record with a JSON Schema: what was read, what was inferred and
//! how to say otherwise, which comparisons the samples allow, and what is doubtful. No measured value is in it.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Arm, CellFacts, Contrast, Dataset, DesignCheck, ExcludedSample, FeatureLevel, Inference,
    Problem, Quantity, Removed, RolledUp, SampleMetadata, Scale, SourceFile, VariableProfile,
};

/// The schema as it ships with the binary.
const SCHEMA: &str = include_str!("../../reports/schema/inspection.schema.json");

/// What `proteus inspect --json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Proteus inspection")]
pub struct Inspection {
    /// Name of the dataset.
    pub name: String,
    /// Title its owner gave it.
    pub title: Option<String>,
    /// The input format of the main table, for example `maxquant_protein_groups`.
    pub format: String,
    /// Scientific name of the organism, where it could be told.
    pub organism: Option<String>,
    /// The measured tables, the main one first.
    pub assays: Vec<AssayInspection>,
    /// The cells behind the assays; null where they were not made of single cells.
    pub cells: Option<CellFacts>,
    /// The samples.
    pub samples: SamplesInspection,
    /// What is known of the samples.
    pub variables: Vec<VariableProfile>,
    /// The comparisons they allow.
    pub design: DesignInspection,
    /// What was concluded rather than read.
    pub inferences: Vec<Inference>,
    /// What is doubtful, the gravest first.
    pub problems: Vec<Problem>,
    /// What the owner declared and the files that were read.
    pub source: SourceInspection,
    /// BLAKE3 over all input bytes and overrides, hexadecimal.
    pub content_hash: String,
}

/// One measured table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AssayInspection {
    /// Name within the dataset.
    pub name: String,
    /// The file it was read from.
    pub file: String,
    /// The input format.
    pub format: String,
    /// What one row is.
    pub level: FeatureLevel,
    /// What one cell measures.
    pub quantity: Quantity,
    /// The scale of the numbers in the file.
    pub scale: Scale,
    /// Number of features that were kept.
    pub features: usize,
    /// Number of samples.
    pub samples: usize,
    /// Fraction of cells without a value.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub fraction_missing: f64,
    /// Features with a value in every sample.
    pub complete_features: usize,
    /// Fraction of features with a gene symbol.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub fraction_with_symbol: f64,
    /// Rows that were read and left out, by reason, and zeros taken as missing.
    pub removed: Removed,
    /// Scientific name of the organism, where the table tells it.
    pub organism: Option<String>,
    /// How it was made from another assay; null for a table as read.
    pub rolled_up: Option<RolledUp>,
}

/// The samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SamplesInspection {
    /// Number of samples.
    pub count: usize,
    /// Their ids, in the order of the main table.
    pub ids: Vec<String>,
    /// Samples that were in the input and were left out.
    pub excluded: Vec<ExcludedSample>,
}

/// The comparisons of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DesignInspection {
    /// Comparisons asked for, or proposed where none was, the most natural first.
    pub contrasts: Vec<ContrastInspection>,
    /// What was checked of them and did not pass silently.
    pub checks: Vec<DesignCheck>,
}

/// One comparison: target − reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContrastInspection {
    /// What it compares, for example `condition:Ubi4-Ctrl`; unique.
    pub id: String,
    /// What the user calls it.
    pub name: Option<String>,
    /// The variable whose levels are compared.
    pub variable: String,
    /// What it is subtracted from.
    pub target: ArmInspection,
    /// What is subtracted.
    pub reference: ArmInspection,
    /// Variables that define blocks (pairs, plexes), with how many span both arms.
    pub blocks: Vec<BlockInspection>,
    /// Variables to adjust for.
    pub covariates: Vec<String>,
    /// Whether it was asked for rather than proposed.
    pub requested: bool,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArmInspection {
    /// What the side is called.
    pub label: String,
    /// The levels it holds.
    pub levels: Vec<String>,
    /// Number of samples.
    pub samples: usize,
}

/// A variable that pairs or blocks the samples of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockInspection {
    /// The variable.
    pub variable: String,
    /// Blocks among the samples of the comparison.
    pub blocks: usize,
    /// Blocks with samples in both arms, the only ones that tell something of the difference.
    pub in_both_arms: usize,
}

/// Where the data come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceInspection {
    /// Licence of the data.
    pub licence: Option<String>,
    /// Where the data were published or copied from.
    pub origin: Option<String>,
    /// How to cite them.
    pub citation: Option<String>,
    /// What the data are.
    pub description: Option<String>,
    /// Files that were read, in order, with their hashes.
    pub files: Vec<SourceFile>,
}

impl Inspection {
    /// The record of a dataset.
    pub fn of(dataset: &Dataset) -> Self {
        let profile = dataset.profile();
        let assays = profile.assays.into_iter().zip(dataset.assays.values());
        let mut problems = profile.problems;
        problems.sort_by_key(|p| std::cmp::Reverse(p.severity));
        let contrasts = profile.contrasts.iter();
        Self {
            name: profile.name,
            title: dataset.source.title.clone(),
            format: dataset.assay().format.clone(),
            organism: profile.organism,
            assays: assays
                .map(|(seen, assay)| AssayInspection {
                    name: seen.name,
                    file: assay.file.to_string_lossy().replace('\\', "/"),
                    format: seen.format,
                    level: seen.level,
                    quantity: seen.quantity,
                    scale: seen.scale,
                    features: seen.features,
                    samples: seen.samples,
                    fraction_missing: seen.fraction_missing,
                    complete_features: seen.complete_features,
                    fraction_with_symbol: seen.fraction_with_symbol,
                    removed: assay.removed,
                    organism: assay.organism.clone(),
                    rolled_up: assay.rolled_up.clone(),
                })
                .collect(),
            cells: dataset.cells.clone(),
            samples: SamplesInspection {
                count: dataset.samples.len(),
                ids: dataset.samples.ids.clone(),
                excluded: dataset.samples.excluded.clone(),
            },
            variables: profile.variables,
            design: DesignInspection {
                contrasts: contrasts
                    .map(|c| ContrastInspection::of(c, &dataset.samples))
                    .collect(),
                checks: dataset.design.checks.clone(),
            },
            inferences: profile.inferences,
            problems,
            source: SourceInspection {
                licence: dataset.source.licence.clone(),
                origin: dataset.source.origin.clone(),
                citation: dataset.source.citation.clone(),
                description: dataset.source.description.clone(),
                files: dataset.source.files.clone(),
            },
            content_hash: dataset.content_hash.clone(),
        }
    }
}

impl ContrastInspection {
    fn of(contrast: &Contrast, samples: &SampleMetadata) -> Self {
        let (reference, target) = contrast.sample_indices(samples);
        let arm = |arm: &Arm, members: &[usize]| ArmInspection {
            label: arm.label.clone(),
            levels: arm.levels.clone(),
            samples: members.len(),
        };
        let blocks = contrast.blocking.iter().map(|name| {
            let block_of = |members: &[usize]| -> BTreeSet<String> {
                let variable = samples.variables.get(name);
                let groups = members.iter().filter_map(|&i| variable?.group_of(i));
                groups.map(str::to_owned).collect()
            };
            let (one, other) = (block_of(&reference), block_of(&target));
            BlockInspection {
                variable: name.clone(),
                blocks: one.union(&other).count(),
                in_both_arms: one.intersection(&other).count(),
            }
        });
        Self {
            id: contrast.id.clone(),
            name: contrast.name.clone(),
            variable: contrast.variable.clone(),
            target: arm(&contrast.target, &target),
            reference: arm(&contrast.reference, &reference),
            blocks: blocks.collect(),
            covariates: contrast.covariates.clone(),
            requested: contrast.requested,
        }
    }
}

/// The JSON Schema of [`Inspection`], as text.
pub fn inspection_schema() -> &'static str {
    SCHEMA
}

/// The JSON Schema made afresh from the types; [`inspection_schema`] is the committed copy.
pub fn current_inspection_schema() -> Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Inspection>()
        .to_value()
}
