//! What a planner may see of a dataset: shapes, levels, counts and missingness, never a measured value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Contrast, Dataset, FeatureLevel, Inference, Molecule, Problem, Quantity, Role, Scale};

/// A summary of a dataset without its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatasetProfile {
    /// Name of the dataset.
    pub name: String,
    /// Scientific name of the organism, where it could be told.
    pub organism: Option<String>,
    /// Number of samples.
    pub samples: usize,
    /// The measured tables.
    pub assays: Vec<AssayProfile>,
    /// What is known of the samples.
    pub variables: Vec<VariableProfile>,
    /// Comparisons asked for, or proposed where none was.
    pub contrasts: Vec<Contrast>,
    /// What was concluded about the input.
    pub inferences: Vec<Inference>,
    /// What is doubtful about the input.
    pub problems: Vec<Problem>,
}

/// A summary of one assay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AssayProfile {
    /// Name within the dataset.
    pub name: String,
    /// The input format.
    pub format: String,
    /// What one row is.
    pub level: FeatureLevel,
    /// What kind of molecule it measures.
    #[serde(default)]
    pub molecule: Molecule,
    /// What one cell measures.
    pub quantity: Quantity,
    /// The scale of the numbers in the file.
    pub scale: Scale,
    /// Number of features.
    pub features: usize,
    /// Number of samples.
    pub samples: usize,
    /// Fraction of cells without a value.
    pub fraction_missing: f64,
    /// Features with a value in every sample.
    pub complete_features: usize,
    /// Fraction of features with a gene symbol.
    pub fraction_with_symbol: f64,
}

/// A summary of one variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariableProfile {
    /// Name, as in the sheet.
    pub name: String,
    /// What it is used for.
    pub role: Role,
    /// Why it has this role.
    pub reason: String,
    /// Whether the values are labels.
    pub categorical: bool,
    /// Whether the order of the levels means something.
    pub ordered: bool,
    /// Labels with the number of samples that have them; empty for numbers and for identifiers.
    pub levels: Vec<(String, usize)>,
    /// Samples with a value.
    pub observed: usize,
    /// The level contrasts are measured against, where there is one.
    pub reference_level: Option<String>,
    /// The assay it was computed from, if any.
    pub derived_from: Option<String>,
}

impl DatasetProfile {
    /// The main assay: the first at protein or gene level, else the first.
    pub fn main_assay(&self) -> Option<&AssayProfile> {
        self.assays
            .iter()
            .find(|a| {
                matches!(a.level, FeatureLevel::ProteinGroup | FeatureLevel::Gene)
                    && a.quantity.is_abundance()
            })
            .or(self.assays.first())
    }
}

impl Dataset {
    /// A summary without values, for planners and for people.
    pub fn profile(&self) -> DatasetProfile {
        let assays = self.assays.values().map(|a| {
            let features = a.features.len();
            AssayProfile {
                name: a.name.clone(),
                format: a.format.clone(),
                level: a.level,
                molecule: a.molecule(),
                quantity: a.quantity,
                scale: a.source_scale,
                features,
                samples: a.n_samples(),
                fraction_missing: a.values.fraction_missing(),
                complete_features: (0..features)
                    .filter(|&i| a.values.observed_in_row(i) == a.n_samples())
                    .count(),
                fraction_with_symbol: a.features.iter().filter(|f| f.symbol.is_some()).count()
                    as f64
                    / features.max(1) as f64,
            }
        });
        let variables = self.samples.variables.values().map(|v| VariableProfile {
            name: v.name.clone(),
            role: v.role,
            reason: v.reason.clone(),
            categorical: v.is_categorical(),
            ordered: matches!(
                v.values,
                super::VariableValues::Categorical { ordered: true, .. }
            ),
            levels: if matches!(v.role, Role::Identifier | Role::Ignored | Role::Subject) {
                Vec::new()
            } else {
                v.level_counts()
            },
            observed: v.observed(),
            reference_level: v.reference_level.clone(),
            derived_from: v.derived_from.clone(),
        });
        DatasetProfile {
            name: self.name.clone(),
            organism: self.organism().map(str::to_string),
            samples: self.samples.len(),
            assays: assays.collect(),
            variables: variables.collect(),
            contrasts: self.design.active().to_vec(),
            inferences: self.inferences.clone(),
            problems: self.problems.clone(),
        }
    }
}
