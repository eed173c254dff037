//! Turns weighted and block-correlated errors into independent ones of equal variance.

use super::{BlockCorrelation, ErrorStructure};
use crate::Matrix;

/// Samples in the largest block; 0 without samples.
pub(crate) fn largest_block(block: &[usize]) -> usize {
    let mut sorted = block.to_vec();
    sorted.sort_unstable();
    sorted
        .chunk_by(|a, b| a == b)
        .map(<[usize]>::len)
        .max()
        .unwrap_or(0)
}

/// The observed rows of the design, whitened, column-major.
pub(super) fn whitened_columns(
    design: &Matrix,
    observed: &[usize],
    errors: ErrorStructure<'_>,
) -> Vec<f64> {
    let mut columns = Vec::with_capacity(observed.len() * design.cols());
    for j in 0..design.cols() {
        let start = columns.len();
        columns.extend(observed.iter().map(|&i| design.get(i, j)));
        whiten(&mut columns[start..], observed, errors);
    }
    columns
}

/// Multiplies values at the `observed` samples by the inverse square root of their covariance matrix.
pub(super) fn whiten(values: &mut [f64], observed: &[usize], errors: ErrorStructure<'_>) {
    if let Some(weights) = errors.weights {
        for (value, &i) in values.iter_mut().zip(observed) {
            *value *= weights[i].sqrt();
        }
    }
    if let Some(BlockCorrelation { block, correlation }) = errors.blocks {
        // A block of m samples has eigenvalue 1 + (m − 1)ρ along its mean and 1 − ρ across it.
        scale_blocks(values, observed, block, |m| {
            let along = 1.0 + (m - 1.0) * correlation;
            (along.powf(-0.5), (1.0 - correlation).powf(-0.5))
        });
    }
}

/// Within each block, scales the mean by the first factor and deviations from it by the second; factors depend on the block's size.
pub(crate) fn scale_blocks(
    values: &mut [f64],
    observed: &[usize],
    block: &[usize],
    factors: impl Fn(f64) -> (f64, f64),
) {
    let blocks = block.iter().max().map_or(0, |b| b + 1);
    let mut totals = vec![(0.0, 0.0); blocks];
    for (value, &i) in values.iter().zip(observed) {
        let (sum, count) = &mut totals[block[i]];
        *sum += value;
        *count += 1.0;
    }
    for (value, &i) in values.iter_mut().zip(observed) {
        let (sum, count) = totals[block[i]];
        let mean = sum / count;
        let (along, across) = factors(count);
        *value = mean * along + (*value - mean) * across;
    }
}
