//! The correlation between samples of one block (donor, cage, run pair), estimated per feature and agreed over all features.
//!
//! limma `duplicateCorrelation` (Smyth, Michaud & Scott 2005, doi:10.1093/bioinformatics/bti270): each feature's correlation maximises
//! the restricted likelihood of a random block effect; the consensus is tanh of the trimmed mean of atanh. Agrees with limma to 1e-6 in
//! the consensus.

use crate::Matrix;
use crate::linear_model::{LinearModelError, largest_block};
use crate::orthogonal::PivotedQr;
use crate::symmetric_eigen::symmetric_eigen;
use rayon::prelude::*;

/// Share of features trimmed from each end of the mean (limma's default).
const TRIM: f64 = 0.15;
/// Upper limit of a feature's correlation.
const HIGHEST: f64 = 0.99;

/// The consensus and what it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockCorrelationEstimate {
    /// Correlation of two samples of one block, for [`crate::linear_model::BlockCorrelation`].
    pub consensus: f64,
    /// atanh of each feature's correlation; NaN for a feature with too few observations or blocks.
    pub atanh: Vec<f64>,
}

/// Why no correlation can be estimated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BlockCorrelationError {
    /// The design does not describe the data.
    #[error(transparent)]
    Model(#[from] LinearModelError),
    /// Every block holds one sample.
    #[error("every block holds a single sample, so samples of one block cannot be compared")]
    NoRepeats,
    /// No feature has enough observations in repeated blocks.
    #[error("none of {features} features has enough observations in repeated blocks")]
    NoFeature {
        /// Rows of the data.
        features: usize,
    },
}

/// Estimates the consensus correlation of `y` (log2, features × samples, NaN missing) given `design` and a block index per sample.
///
/// A feature counts when it has more than two observations beyond the design's columns, in at least two blocks and
/// with at least two repeats. Correlations are kept within [−1/(largest block − 1) + 0.01, 0.99].
pub fn block_correlation(
    y: &Matrix,
    design: &Matrix,
    block: &[usize],
) -> Result<BlockCorrelationEstimate, BlockCorrelationError> {
    let samples = y.cols();
    if design.rows() != samples {
        return Err(LinearModelError::Samples {
            design: design.rows(),
            samples,
        }
        .into());
    }
    if block.len() != samples {
        return Err(LinearModelError::PerSample {
            what: "blocks",
            found: block.len(),
            samples,
        }
        .into());
    }
    let largest = largest_block(block);
    if largest < 2 {
        return Err(BlockCorrelationError::NoRepeats);
    }
    let lowest = -1.0 / (largest - 1) as f64 + 0.01;
    let atanh: Vec<f64> = (0..y.rows())
        .into_par_iter()
        .map(|i| {
            feature_correlation(y.row(i), design, block)
                .map_or(f64::NAN, |r| r.clamp(lowest, HIGHEST).atanh())
        })
        .collect();
    let mut known: Vec<f64> = atanh.iter().copied().filter(|a| !a.is_nan()).collect();
    if known.is_empty() {
        return Err(BlockCorrelationError::NoFeature { features: y.rows() });
    }
    known.sort_by(f64::total_cmp);
    let cut = (TRIM * known.len() as f64).floor() as usize;
    let kept = &known[cut..known.len() - cut];
    let consensus = (kept.iter().sum::<f64>() / kept.len() as f64).tanh();
    Ok(BlockCorrelationEstimate { consensus, atanh })
}

/// One feature's correlation; `None` where it has too few observations or no variance.
fn feature_correlation(y: &[f64], design: &Matrix, block: &[usize]) -> Option<f64> {
    let observed: Vec<usize> = (0..y.len()).filter(|&i| !y[i].is_nan()).collect();
    let mut blocks: Vec<usize> = observed.iter().map(|&i| block[i]).collect();
    blocks.sort_unstable();
    blocks.dedup();
    let n = observed.len();
    let enough = n > design.cols() + 2 && blocks.len() > 1 && blocks.len() + 1 < n;
    let varies = observed.iter().any(|&i| y[i] != y[observed[0]]);
    if !enough || !varies {
        return None;
    }
    let (between, within) = variance_components(&spectrum(y, design, block, &observed, &blocks))?;
    let correlation = between / (between + within);
    correlation.is_finite().then_some(correlation)
}

/// Squared residual contrasts that share an expected value within + eigenvalue × between.
#[derive(Debug, Clone, Copy)]
struct Contrasts {
    /// Eigenvalue of the block structure after the design is removed.
    eigenvalue: f64,
    /// Sum of their squares.
    squares: f64,
    /// How many.
    count: f64,
}

/// The residual contrasts along the eigenvectors of the block structure, all of those with eigenvalue 0 together.
fn spectrum(
    y: &[f64],
    design: &Matrix,
    block: &[usize],
    observed: &[usize],
    blocks: &[usize],
) -> Vec<Contrasts> {
    const NEGLIGIBLE: f64 = 1e-10;
    let n = observed.len();
    let columns = (0..design.cols())
        .flat_map(|j| observed.iter().map(move |&i| design.get(i, j)))
        .collect();
    let qr = PivotedQr::of_columns(columns, n, design.cols());
    let residual_effects = |mut values: Vec<f64>| {
        qr.apply_q_transposed(&mut values);
        values.split_off(qr.rank())
    };
    let effects = residual_effects(observed.iter().map(|&i| y[i]).collect());
    let indicators: Vec<Vec<f64>> = blocks
        .iter()
        .map(|b| {
            residual_effects(
                observed
                    .iter()
                    .map(|&i| f64::from(block[i] == *b))
                    .collect(),
            )
        })
        .collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let projected: Vec<f64> = indicators.iter().map(|z| dot(z, &effects)).collect();
    let gram = Matrix::from_fn(blocks.len(), blocks.len(), |i, j| {
        dot(&indicators[i], &indicators[j])
    });
    let mut left = Contrasts {
        eigenvalue: 0.0,
        squares: dot(&effects, &effects),
        count: effects.len() as f64,
    };
    let mut contrasts = Vec::new();
    if let Some(eigen) = symmetric_eigen(&gram) {
        for (k, &eigenvalue) in eigen.values.iter().enumerate() {
            if eigenvalue > NEGLIGIBLE {
                let along: f64 = projected
                    .iter()
                    .enumerate()
                    .map(|(i, p)| p * eigen.vectors.get(i, k))
                    .sum();
                let squares = along * along / eigenvalue;
                left.squares -= squares;
                left.count -= 1.0;
                contrasts.push(Contrasts {
                    eigenvalue,
                    squares,
                    count: 1.0,
                });
            }
        }
    }
    if left.count > 0.5 {
        left.squares = left.squares.max(0.0);
        contrasts.push(left);
    }
    contrasts
}

/// Between-block and within-block variance: squared contrasts are gamma with mean within + eigenvalue × between.
///
/// Damped Fisher scoring with the start, damping and stopping rule of statmod `mixedModel2Fit`, because features it leaves
/// short of convergence enter limma's consensus as they are.
fn variance_components(contrasts: &[Contrasts]) -> Option<(f64, f64)> {
    const TOLERANCE: f64 = 1e-6;
    const ITERATIONS: usize = 21;
    let count: f64 = contrasts.iter().map(|c| c.count).sum();
    let mean = |value: &dyn Fn(&Contrasts) -> f64| contrasts.iter().map(value).sum::<f64>() / count;
    let mean_square = mean(&|c| c.squares);
    let mean_eigenvalue = mean(&|c| c.count * c.eigenvalue);
    let spread = mean(&|c| c.count * (c.eigenvalue - mean_eigenvalue).powi(2));
    if mean_square == 0.0 || spread <= 1e-15 {
        return None;
    }
    let slope = mean(&|c| (c.eigenvalue - mean_eigenvalue) * c.squares) / spread;
    let mut beta = [mean_square - slope * mean_eigenvalue, slope];
    let expected = |beta: [f64; 2], c: &Contrasts| beta[0] + beta[1] * c.eigenvalue;
    let repeated = contrasts.iter().filter(|c| c.eigenvalue > 0.0).count();
    if repeated < 2 || count < 3.0 {
        return Some((beta[1], beta[0]));
    }
    if contrasts.iter().any(|c| expected(beta, c) < 0.0) {
        beta = [mean_square, 0.0];
    }
    let deviance = |beta: [f64; 2]| {
        contrasts
            .iter()
            .map(|c| {
                let mu = expected(beta, c);
                if mu < 0.0 {
                    f64::INFINITY
                } else {
                    2.0 * (c.squares / mu + c.count * mu.ln())
                }
            })
            .sum::<f64>()
    };
    let mut current = deviance(beta);
    let mut damping = f64::NAN;
    for iteration in 0..ITERATIONS {
        let largest = contrasts
            .iter()
            .map(|c| expected(beta, c).powi(2))
            .fold(0.0, f64::max);
        let (mut information, mut score) = ([0.0; 3], [0.0; 2]);
        for c in contrasts {
            let mu = expected(beta, c);
            let variance = (mu * mu).max(largest / 1000.0);
            let excess = (c.squares - c.count * mu) / variance;
            information[0] += c.count / variance;
            information[1] += c.count * c.eigenvalue / variance;
            information[2] += c.count * c.eigenvalue * c.eigenvalue / variance;
            score[0] += excess;
            score[1] += excess * c.eigenvalue;
        }
        if iteration == 0 {
            damping = (information[0] + information[2]) / 4.0;
        }
        let limit = 1e15 * information[0].max(information[2]);
        let mut first_try = true;
        let step = loop {
            let (a, b, d) = (
                information[0] + damping,
                information[1],
                information[2] + damping,
            );
            let determinant = a * d - b * b;
            let step = [
                (d * score[0] - b * score[1]) / determinant,
                (a * score[1] - b * score[0]) / determinant,
            ];
            let trial = [beta[0] + step[0], beta[1] + step[1]];
            let found = deviance(trial);
            if found <= current {
                (beta, current) = (trial, found);
                break step;
            }
            if damping > limit || found.is_nan() {
                return Some((beta[1], beta[0]));
            }
            damping *= 2.0;
            first_try = false;
        };
        if first_try {
            damping /= 10.0;
        }
        if score[0] * step[0] + score[1] * step[1] < TOLERANCE {
            break;
        }
    }
    Some((beta[1], beta[0]))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::linear_model::tests::{group_means, study};
    use crate::reference::Table;

    fn donors(sheet: &Table) -> Vec<usize> {
        let labels = sheet.texts("donor");
        let position = |d: &str| labels.iter().position(|x| *x == d).unwrap();
        labels.iter().map(|d| position(d)).collect()
    }

    /// Expected values: reference/linear/limma.R.
    #[test]
    fn consensus_agrees_with_limma() {
        let (y, sheet) = study();
        let (design, _) = group_means(&sheet);
        let found = block_correlation(&y, &design, &donors(&sheet)).unwrap();
        let expected = Table::read("linear/duplicate_correlation.tsv.gz").numbers("atanh_rho");
        let names = Table::read("linear/duplicate_correlation.tsv.gz");
        let names = names.texts("feature");
        let mut apart = Vec::new();
        for (i, (f, e)) in found.atanh.iter().zip(&expected).enumerate() {
            let near = (f - e).abs() < 1e-6 || (f.is_nan() && e.is_nan());
            if !near {
                apart.push(format!("{} found {f} expected {e}", names[i]));
            }
        }
        let consensus = Table::read("linear/consensus.tsv.gz").numbers("consensus")[0];
        let gap = (found.consensus - consensus).abs();
        assert!(
            gap < 1e-6,
            "{} found, {consensus} expected\n{}",
            found.consensus,
            apart.join("\n")
        );
        assert!(apart.len() < 5, "{}", apart.join("\n"));
    }

    #[test]
    fn what_has_no_repeats_is_refused() {
        let y = Matrix::filled(2, 4, 1.0);
        let design = Matrix::filled(4, 1, 1.0);
        let lone = block_correlation(&y, &design, &[0, 1, 2, 3]);
        assert_eq!(lone, Err(BlockCorrelationError::NoRepeats));
        let constant = block_correlation(&y, &design, &[0, 0, 1, 1]);
        assert_eq!(
            constant,
            Err(BlockCorrelationError::NoFeature { features: 2 })
        );
    }
}
