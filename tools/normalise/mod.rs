//! Brings the samples onto one scale, by a method chosen from label-blind evidence unless one is asked for.

use proteus_stats::Matrix;
use proteus_stats::descriptive::median;
use proteus_stats::normalisation::{
    Normalisation, NormalisationError, NormalisationEvidence, evidence, normalise,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::Quantity;
use crate::tool::{Abundance, TableBuilder, Tool, ToolError, ToolInput, ToolOutput};

/// How samples are brought onto one scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Whichever of the others the data ask for.
    #[default]
    Auto,
    /// Values stay as they are.
    None,
    /// Equal sample medians.
    Median,
    /// Equal medians of the samples' log ratios to the feature means; unlike `median` not moved by low values that some
    /// samples lack.
    MedianRatio,
    /// Equal modes of the samples' log ratios; robust when many features change in one direction.
    Mode,
    /// Equal distributions.
    Quantile,
}

/// Parameters of [`Normalise`].
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// How samples are brought onto one scale; `auto` weighs the evidence without looking at labels.
    pub method: Method,
}

/// The tool.
pub struct Normalise;

impl Tool for Normalise {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        if matrix.values.cols() == 0 || matrix.values.rows() == 0 {
            return Err(ToolError::TooFewObservations {
                what: "features and samples".to_owned(),
                needed: 1,
                found: 0,
            });
        }
        let own_scale = matches!(
            matrix.quantity,
            Quantity::MarkerSignal | Quantity::CellShare
        );
        let (method, found) = match params.method {
            // Signals of single cells have one scale in all samples, and shares of populations are relative already;
            // among few rows that may all move, centring would hide what it is to leave alone.
            Method::Auto if own_scale => (Normalisation::None, None),
            Method::Auto => {
                let found = evidence(&matrix.values).map_err(|e| refused(e, matrix))?;
                (found.recommended, Some(found))
            }
            Method::None => (Normalisation::None, None),
            Method::Median => (Normalisation::Median, None),
            Method::MedianRatio => (Normalisation::MedianRatio, None),
            Method::Mode => (Normalisation::Mode, None),
            Method::Quantile => (Normalisation::Quantile, None),
        };
        let values = normalise(&matrix.values, method).map_err(|e| refused(e, matrix))?;
        let factors = factors(matrix, &values)?;
        let output = match &found {
            Some(found) => with_evidence(ToolOutput::new(), found),
            None if params.method == Method::Auto => ToolOutput::new().with_fact(
                "reason",
                "signals and shares of single cells have one scale",
            ),
            None => ToolOutput::new().with_fact("reason", "asked for"),
        };
        Ok(output
            .with_fact("method", name(method))
            .with_matrix("matrix", matrix.with_values(values))
            .with_table("factors", factors))
    }
}

fn name(method: Normalisation) -> &'static str {
    match method {
        Normalisation::None => "none",
        Normalisation::Median => "median",
        Normalisation::MedianRatio => "median_ratio",
        Normalisation::Mode => "mode",
        Normalisation::Quantile => "quantile",
    }
}

fn with_evidence(output: ToolOutput, found: &NormalisationEvidence) -> ToolOutput {
    output
        .with_fact("reason", found.reason())
        .with_fact(
            "asymmetric_change",
            found.recommended == Normalisation::Mode,
        )
        .with_fact("features_weighed", found.features)
        .with_fact("location_spread", found.location_spread)
        .with_fact("ratio_spread", found.ratio_spread)
        .with_fact("asymmetry", found.asymmetry)
        .with_fact("asymmetry_noise", found.asymmetry_noise)
        .with_fact("shape_difference", found.shape_difference)
}

/// One row per sample: where its values lay before and after, and by how much a typical value was moved.
fn factors(
    before: &Abundance,
    after: &Matrix,
) -> Result<polars::prelude::DataFrame, crate::tool::FrameError> {
    let columns = 0..before.samples.len();
    let moved: Vec<f64> = columns
        .clone()
        .map(|j| {
            let shifts: Vec<f64> = (0..after.rows())
                .map(|i| after.get(i, j) - before.values.get(i, j))
                .collect();
            median(&shifts)
        })
        .collect();
    let medians = |values: &Matrix| -> Vec<f64> {
        columns.clone().map(|j| median(&values.column(j))).collect()
    };
    TableBuilder::new()
        .text("sample", before.samples.to_vec())
        .number("shift", &moved)
        .number("median_before", &medians(&before.values))
        .number("median_after", &medians(after))
        .build()
}

/// The error with the sample's name instead of its number.
fn refused(error: NormalisationError, matrix: &Abundance) -> ToolError {
    let name = |j: usize| matrix.samples.get(j).map_or("", String::as_str);
    match error {
        NormalisationError::TooFewValues {
            sample,
            found,
            needed,
        } => ToolError::TooFewObservations {
            what: format!(
                "values in sample `{}` (leave the sample out, or loosen the filter before)",
                name(sample)
            ),
            needed,
            found,
        },
        NormalisationError::NoSpread { sample } => ToolError::NotApplicable {
            needs: "samples whose values spread".to_owned(),
            found: format!("sample `{}` with one value throughout", name(sample)),
        },
    }
}

#[cfg(test)]
mod tests;
