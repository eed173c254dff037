//! Leaves out features that are observed too rarely to say anything about, without looking at sample labels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tool::{TableBuilder, Tool, ToolError, ToolInput, ToolOutput};

/// Parameters of [`FilterFeatures`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Fraction of `smallest_group` (of all samples where that is not given) in which a feature must be observed,
    /// 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_fraction: f64,
    /// Fewest samples in which a feature must be observed, at least 1.
    #[schemars(range(min = 1))]
    pub min_observed: usize,
    /// Number of samples of the smallest group that will be compared. A feature seen in that group alone then passes.
    pub smallest_group: Option<usize>,
    /// Fewest peptides (razor and unique) of a feature whose table states them; 0 turns this off.
    pub min_peptides: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            min_fraction: 0.7,
            min_observed: 2,
            smallest_group: None,
            min_peptides: 0,
        }
    }
}

/// The tool.
pub struct FilterFeatures;

impl Tool for FilterFeatures {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        if !(0.0..=1.0).contains(&params.min_fraction) {
            return Err(ToolError::InvalidParams {
                reason: format!(
                    "`min_fraction` is `{}`, expected 0 to 1",
                    params.min_fraction
                ),
            });
        }
        let matrix = input.matrix("matrix")?;
        let samples = matrix.samples.len();
        let base = params.smallest_group.unwrap_or(samples).min(samples);
        let needed = required(params, base).min(samples.max(1));

        let mut keep = Vec::with_capacity(matrix.features.len());
        let (mut ids, mut genes, mut counts, mut reasons) = (vec![], vec![], vec![], vec![]);
        for (i, feature) in matrix.features.iter().enumerate() {
            let observed = matrix.values.observed_in_row(i);
            let few_peptides = feature
                .peptides
                .is_some_and(|peptides| peptides < params.min_peptides);
            let reason = if observed == 0 {
                "never observed".to_owned()
            } else if observed < needed {
                format!("observed in {observed} of {samples} samples, {needed} needed")
            } else if few_peptides {
                format!(
                    "{} peptides, {} needed",
                    feature.peptides.unwrap_or_default(),
                    params.min_peptides
                )
            } else {
                keep.push(i);
                continue;
            };
            ids.push(feature.id.clone());
            genes.push(feature.label().into_owned());
            counts.push(observed);
            reasons.push(reason);
        }
        if keep.is_empty() {
            return Err(ToolError::TooFewObservations {
                what: format!("features observed in {needed} or more of {samples} samples"),
                needed: 1,
                found: 0,
            });
        }
        let dropped = TableBuilder::new()
            .text("feature", ids)
            .text("gene", genes)
            .count("observed", &counts)
            .text("reason", reasons)
            .build()?;
        Ok(ToolOutput::new()
            .with_fact("features_kept", keep.len())
            .with_fact("features_dropped", counts.len())
            .with_fact("needed_samples", needed)
            .with_matrix("matrix", matrix.select_features(&keep))
            .with_table("dropped", dropped))
    }
}

/// Samples in which a feature must be observed.
fn required(params: &Params, base: usize) -> usize {
    // The small slack keeps 0.7 × 10 at 7 where the product is a hair above it.
    let of_fraction = (params.min_fraction * base as f64 - 1e-9).ceil().max(0.0) as usize;
    of_fraction.max(params.min_observed).max(1)
}

#[cfg(test)]
mod tests;
