//! What the rows of one assay show beyond those of another, sample by sample, without looking at sample labels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use proteus_stats::Matrix;
use proteus_stats::correlation::pearson;

use crate::dataset::Quantity;
use crate::tool::{Abundance, TableBuilder, Tool, ToolError, ToolInput, ToolOutput};
use crate::tools::partner::{partners, samples_in_both};

/// How the other assay is taken off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The plain difference of log2 values: a site that moves as its protein does stays at nought.
    #[default]
    Difference,
    /// The other assay times the row's own least-squares slope on it over all samples, kept between 0 and 1: allows for an
    /// assay that is compressed or noisy.
    Slope,
}

/// Parameters of [`AssayDifference`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// How the other assay is taken off.
    pub method: Method,
    /// Samples in which both must be observed, at least; rows with fewer are left out.
    #[schemars(range(min = 2))]
    pub min_both: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            method: Method::default(),
            min_both: 4,
        }
    }
}

/// The tool.
pub struct AssayDifference;

impl Tool for AssayDifference {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let (matrix, base) = (input.matrix("matrix")?, input.matrix("base")?);
        let columns = samples_in_both(matrix, base);
        let needed = params.min_both.max(2);
        if columns.len() < needed {
            return Err(ToolError::TooFewObservations {
                what: "samples measured in both assays".to_owned(),
                needed,
                found: columns.len(),
            });
        }
        let partner = partners(matrix, base);
        let matched = partner.iter().flatten().count();
        let mut pairs: Vec<Pair> = Vec::new();
        for (row, &other) in partner.iter().enumerate() {
            let Some(other) = other else { continue };
            let own: Vec<f64> = columns
                .iter()
                .map(|c| matrix.values.get(row, c.0))
                .collect();
            let of: Vec<f64> = columns
                .iter()
                .map(|c| base.values.get(other, c.1))
                .collect();
            pairs.extend(Pair::new(row, other, &own, &of, params.method, needed));
        }
        if pairs.is_empty() {
            return Err(ToolError::NotApplicable {
                needs: format!(
                    "rows of both assays about the same gene, observed together in {needed} or more samples"
                ),
                found: format!(
                    "{matched} of {} rows with a partner, none of them seen together so often",
                    matrix.features.len()
                ),
            });
        }
        let features = pairs
            .iter()
            .map(|p| matrix.features[p.row].clone())
            .collect();
        let table = TableBuilder::new()
            .features(pairs.iter().map(|p| &matrix.features[p.row]))
            .text(
                "partner",
                pairs
                    .iter()
                    .map(|p| base.features[p.other].id.clone())
                    .collect(),
            )
            .count("n_both", &pairs.iter().map(|p| p.both).collect::<Vec<_>>())
            .number(
                "correlation",
                &pairs.iter().map(|p| p.correlation).collect::<Vec<_>>(),
            )
            .number("slope", &pairs.iter().map(|p| p.slope).collect::<Vec<_>>())
            .build()?;
        Ok(ToolOutput::new()
            .with_fact("rows_with_partner", matched)
            .with_fact("rows_without_partner", matrix.features.len() - matched)
            .with_fact("samples_in_both", columns.len())
            .with_matrix(
                "matrix",
                Abundance {
                    level: matrix.level,
                    quantity: Quantity::Ratio,
                    features: std::sync::Arc::new(features),
                    samples: std::sync::Arc::new(
                        columns
                            .iter()
                            .map(|c| matrix.samples[c.0].clone())
                            .collect(),
                    ),
                    values: Matrix::from_fn(pairs.len(), columns.len(), |i, j| pairs[i].values[j]),
                },
            )
            .with_table("pairs", table))
    }
}

/// A row and its partner.
struct Pair {
    row: usize,
    other: usize,
    both: usize,
    correlation: f64,
    slope: f64,
    values: Vec<f64>,
}

impl Pair {
    /// None where too few samples have a value in both.
    fn new(
        row: usize,
        other: usize,
        own: &[f64],
        of: &[f64],
        method: Method,
        needed: usize,
    ) -> Option<Self> {
        let seen: Vec<(f64, f64)> = own
            .iter()
            .zip(of)
            .filter(|(a, b)| !a.is_nan() && !b.is_nan())
            .map(|(a, b)| (*a, *b))
            .collect();
        if seen.len() < needed {
            return None;
        }
        let slope = match method {
            Method::Difference => 1.0,
            Method::Slope => slope(&seen).clamp(0.0, 1.0),
        };
        Some(Self {
            row,
            other,
            both: seen.len(),
            correlation: pearson(own, of).map_or(f64::NAN, |c| c.r),
            slope,
            values: own.iter().zip(of).map(|(a, b)| a - slope * b).collect(),
        })
    }
}

/// Least-squares slope of the first on the second; 1 where the second does not vary.
fn slope(seen: &[(f64, f64)]) -> f64 {
    let n = seen.len() as f64;
    let (mean_own, mean_of) = (
        seen.iter().map(|s| s.0).sum::<f64>() / n,
        seen.iter().map(|s| s.1).sum::<f64>() / n,
    );
    let squares: f64 = seen.iter().map(|s| (s.1 - mean_of).powi(2)).sum();
    let products: f64 = seen
        .iter()
        .map(|s| (s.0 - mean_own) * (s.1 - mean_of))
        .sum();
    if squares > 0.0 {
        products / squares
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests;
