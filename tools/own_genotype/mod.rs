//! The genotype of every row's own gene: its mutations taken together, or its row in the other assay.

use proteus_stats::Matrix;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::{Feature, FeatureLevel, Quantity};
use crate::tool::{Abundance, TableBuilder, Tool, ToolError, ToolInput, ToolOutput};
use crate::tools::partner::{BURDEN, is_presence, partners, presence_by_gene, samples_in_both};

/// Parameters of [`OwnGenotype`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Samples that must carry a mutation of the gene, and samples that must not, at least.
    #[schemars(range(min = 2))]
    pub min_carriers: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self { min_carriers: 4 }
    }
}

/// The tool.
pub struct OwnGenotype;

impl Tool for OwnGenotype {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let (matrix, partner) = (input.matrix("matrix")?, input.matrix("partner")?);
        let carriers = params.min_carriers.max(2);
        let binary = is_presence(partner);
        let by_gene = binary.then(|| presence_by_gene(partner));
        let whole = by_gene.as_ref().unwrap_or(partner);
        let columns: Vec<(usize, usize)> = samples_in_both(matrix, whole)
            .into_iter()
            .filter(|&(_, from)| knows(whole, from))
            .collect();
        if columns.len() < 2 * carriers {
            return Err(ToolError::TooFewObservations {
                what: "samples with a value in both assays".to_owned(),
                needed: 2 * carriers,
                found: columns.len(),
            });
        }
        let value = |row: usize, k: usize| whole.values.get(row, columns[k].1);
        let varies = |row: usize| {
            let seen: Vec<f64> = (0..columns.len())
                .map(|k| value(row, k))
                .filter(|v| !v.is_nan())
                .collect();
            if binary {
                let present = seen.iter().filter(|v| **v > 0.5).count();
                present >= carriers && seen.len() - present >= carriers
            } else {
                seen.len() >= 2 * carriers && seen.iter().any(|v| *v != seen[0])
            }
        };
        let of_row = partners(matrix, whole);
        let kept: Vec<(usize, usize)> = of_row
            .iter()
            .enumerate()
            .filter_map(|(row, partner)| Some((row, (*partner)?)))
            .filter(|&(_, partner)| varies(partner))
            .collect();
        if kept.is_empty() {
            return Err(ToolError::NotApplicable {
                needs: format!(
                    "genes of both assays that vary, present and absent in {carriers} samples each where they are counted"
                ),
                found: format!("none of {} rows", matrix.features.len()),
            });
        }
        let burden = Feature {
            id: BURDEN.to_owned(),
            ..Feature::default()
        };
        let features = kept
            .iter()
            .map(|&(row, _)| matrix.features[row].clone())
            .chain([burden])
            .collect();
        let values = Matrix::from_fn(kept.len() + 1, columns.len(), |i, k| match kept.get(i) {
            Some(&(_, partner)) => value(partner, k),
            None => burden_of(whole, columns[k].1, binary),
        });
        let kind = match (binary, partner.level) {
            (true, _) => Quantity::Binary,
            (false, FeatureLevel::Transcript) => partner.quantity,
            (false, _) => Quantity::CopyNumber,
        };
        let table = TableBuilder::new()
            .features(kept.iter().map(|&(row, _)| &matrix.features[row]))
            .text(
                "partner",
                kept.iter()
                    .map(|&(_, partner)| whole.features[partner].label().into_owned())
                    .collect(),
            )
            .build()?;
        Ok(ToolOutput::new()
            .with_fact("rows", kept.len())
            .with_fact("samples", columns.len())
            .with_matrix(
                "genotype",
                Abundance {
                    level: matrix.level,
                    quantity: kind,
                    features: std::sync::Arc::new(features),
                    samples: std::sync::Arc::new(
                        columns
                            .iter()
                            .map(|c| matrix.samples[c.0].clone())
                            .collect(),
                    ),
                    values,
                },
            )
            .with_table("pairs", table))
    }
}

/// Whether the partner knows anything of a sample.
fn knows(partner: &Abundance, sample: usize) -> bool {
    (0..partner.values.rows()).any(|i| !partner.values.get(i, sample).is_nan())
}

/// How much of a sample's genome is changed: log2 of 1 + its mutated genes, or the mean distance of its log2 values from 0.
fn burden_of(partner: &Abundance, sample: usize, binary: bool) -> f64 {
    let column = (0..partner.values.rows()).map(|i| partner.values.get(i, sample));
    let known: Vec<f64> = column.filter(|v| !v.is_nan()).map(f64::abs).collect();
    let sum: f64 = known.iter().sum();
    if binary {
        (1.0 + sum).log2()
    } else {
        sum / known.len() as f64
    }
}

#[cfg(test)]
mod tests;
