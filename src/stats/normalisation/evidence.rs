//! Which normalisation the data ask for, read without looking at any label.

use super::methods::{Ratios, density_mode};
use super::{Normalisation, NormalisationError};
use crate::Matrix;
use crate::descriptive::{mean, median, quantile, standard_deviation};
use rayon::prelude::*;

/// Median ratios that differ by less than this share of the ratio spread are left alone.
const LOCATION_SHARE: f64 = 0.1;
/// Asymmetry, as a share of the ratio spread, from which the median is no longer trusted.
const ASYMMETRY_SHARE: f64 = 0.2;
/// Asymmetry must also stand out this many times from its own noise.
const ASYMMETRY_SIGNAL: f64 = 3.0;
/// Difference in shape, as a share of the ratio spread, from which shifting is not enough.
const SHAPE_SHARE: f64 = 0.3;

/// What speaks for and against each normalisation; all in log2 units, from label-blind summaries.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NormalisationEvidence {
    /// Features observed in at least half of the samples, on which the rest is computed.
    pub features: usize,
    /// Standard deviation over samples of the median log ratio to the feature means.
    pub location_spread: f64,
    /// Median over samples of the spread of log ratios within a sample (interquartile range / 1.349).
    pub ratio_spread: f64,
    /// Root mean square over samples of median minus mode of the log ratios, centred over samples: how far a one-sided
    /// change of many features drags the median.
    pub asymmetry: f64,
    /// The part of `asymmetry` that is noise of estimation, from two halves of the features.
    pub asymmetry_noise: f64,
    /// Root mean square difference of the samples' quantile functions from their mean after centring: what no shift can
    /// mend.
    pub shape_difference: f64,
    /// The normalisation these numbers ask for.
    pub recommended: Normalisation,
}

impl NormalisationEvidence {
    /// The recommendation and the numbers behind it as one sentence.
    pub fn reason(&self) -> String {
        let Self {
            location_spread,
            ratio_spread,
            asymmetry,
            shape_difference,
            ..
        } = self;
        match self.recommended {
            Normalisation::Mode => format!(
                "medians and modes of the samples' log2 ratios disagree by {asymmetry:.3} (ratio spread {ratio_spread:.3}): many features change in one direction, so samples are centred on the mode"
            ),
            Normalisation::Quantile => format!(
                "after centring, the samples' distributions still differ by {shape_difference:.3} log2 (ratio spread {ratio_spread:.3}), which no shift can mend, so quantiles are aligned"
            ),
            Normalisation::Median | Normalisation::MedianRatio => format!(
                "the samples' median log2 ratios differ by {location_spread:.3} (ratio spread {ratio_spread:.3}) with no sign of one-sided change, so samples are centred on their median ratio"
            ),
            Normalisation::None => format!(
                "median log2 ratios differ by only {location_spread:.3} (ratio spread {ratio_spread:.3}): the samples are on one scale already"
            ),
        }
    }
}

/// Weighs the evidence for a normalisation of log2 abundances (features × samples, NaN missing).
///
/// Many features changing in one direction → mode; else distributions of different shape → quantile; else median
/// ratios that differ → median ratio; else none. The thresholds are shares of the spread of log ratios within samples
/// (0.2, 0.3 and 0.1). No package computes this; the tests check it on simulated data of each kind.
pub fn evidence(y: &Matrix) -> Result<NormalisationEvidence, NormalisationError> {
    for sample in 0..y.cols() {
        if y.column(sample).iter().all(|v| v.is_nan()) {
            return Err(NormalisationError::TooFewValues {
                sample,
                found: 0,
                needed: 1,
            });
        }
    }
    let Ratios { offsets, ratios } = Ratios::of(y);
    let columns: Vec<Vec<f64>> = (0..ratios.cols()).map(|j| ratios.column(j)).collect();
    let medians: Vec<f64> = columns.iter().map(|c| median(c)).collect();
    let spreads: Vec<f64> = columns
        .iter()
        .map(|c| (quantile(c, 0.75) - quantile(c, 0.25)) / 1.349)
        .collect();
    let half = |parity: usize| {
        let lean: Vec<f64> = columns
            .par_iter()
            .map(|c| {
                let part: Vec<f64> = c.iter().copied().skip(parity).step_by(2).collect();
                median(&part) - density_mode(&part)
            })
            .collect();
        centred(&lean)
    };
    let lean: Vec<f64> = columns
        .par_iter()
        .zip(&medians)
        .map(|(c, m)| m - density_mode(c))
        .collect();
    let halves: Vec<f64> = half(0)
        .iter()
        .zip(half(1))
        .map(|(a, b)| (a - b) / 2.0)
        .collect();
    let mut evidence = NormalisationEvidence {
        features: ratios.rows(),
        location_spread: standard_deviation(&offsets),
        ratio_spread: median(&spreads),
        asymmetry: root_mean_square(&centred(&lean)),
        asymmetry_noise: root_mean_square(&halves),
        shape_difference: shape_difference(y),
        recommended: Normalisation::None,
    };
    let share = |x: f64| x / evidence.ratio_spread;
    evidence.recommended = if share(evidence.asymmetry) > ASYMMETRY_SHARE
        && evidence.asymmetry > ASYMMETRY_SIGNAL * evidence.asymmetry_noise
    {
        Normalisation::Mode
    } else if share(evidence.shape_difference) > SHAPE_SHARE {
        Normalisation::Quantile
    } else if share(evidence.location_spread) > LOCATION_SHARE {
        Normalisation::MedianRatio
    } else {
        Normalisation::None
    };
    Ok(evidence)
}

/// Root mean square distance of the centred samples' quantiles (5 % to 95 % by 5 %) from their mean over samples, on
/// features observed everywhere: missing low values would otherwise pass for a difference in shape. 0 below 50 such
/// features, too few to judge a shape.
fn shape_difference(y: &Matrix) -> f64 {
    let complete: Vec<usize> = (0..y.rows())
        .filter(|&i| y.observed_in_row(i) == y.cols())
        .collect();
    if complete.len() < 50 {
        return 0.0;
    }
    let y = y.select_rows(&complete);
    let quantiles: Vec<Vec<f64>> = (0..y.cols())
        .map(|j| {
            let mut column = y.column(j);
            column.sort_unstable_by(f64::total_cmp);
            let at = |p| crate::descriptive::quantile_of_sorted(&column, p);
            (1..20).map(|k| at(f64::from(k) * 0.05) - at(0.5)).collect()
        })
        .collect();
    let differences: Vec<f64> = (0..19)
        .flat_map(|k| centred(&quantiles.iter().map(|q| q[k]).collect::<Vec<_>>()))
        .collect();
    root_mean_square(&differences)
}

fn centred(x: &[f64]) -> Vec<f64> {
    let centre = mean(x);
    x.iter().map(|v| v - centre).collect()
}

fn root_mean_square(x: &[f64]) -> f64 {
    (x.iter().map(|v| v * v).sum::<f64>() / x.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        reason = "a failing test should stop where it fails"
    )]

    use super::*;
    use crate::normalisation::{median_centred, mode_centred};
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// 3,000 features × 12 samples, feature level SD 2, noise SD 0.3; `change(feature, sample, level)` is added.
    fn simulated(seed: u64, change: impl Fn(usize, usize, f64) -> f64) -> Matrix {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = move || {
            let sum: f64 = (0..12).map(|_| rng.random::<f64>()).sum();
            sum - 6.0
        };
        let levels: Vec<f64> = (0..3000).map(|_| 25.0 + 2.0 * normal()).collect();
        Matrix::from_fn(3000, 12, |i, j| {
            levels[i] + change(i, j, levels[i]) + 0.3 * normal()
        })
    }

    fn shift(sample: usize) -> f64 {
        [
            0.5, -0.4, 0.1, 0.0, 0.8, -0.6, 0.2, 0.3, -0.1, 0.4, -0.7, 0.0,
        ][sample]
    }

    #[test]
    fn each_kind_of_data_gets_its_normalisation() {
        for seed in 0..5 {
            let aligned = evidence(&simulated(seed, |_, _, _| 0.0)).unwrap();
            assert_eq!(aligned.recommended, Normalisation::None, "{aligned:?}");
            let shifted = evidence(&simulated(seed, |_, j, _| shift(j))).unwrap();
            assert_eq!(
                shifted.recommended,
                Normalisation::MedianRatio,
                "{shifted:?}"
            );
            let symmetric = |i: usize, j: usize| {
                let sign = if i.is_multiple_of(2) { 1.0 } else { -1.0 };
                if i < 600 && j < 6 { sign * 1.5 } else { 0.0 }
            };
            let balanced = simulated(seed, |i, j, _| shift(j) + symmetric(i, j));
            let balanced = evidence(&balanced).unwrap();
            assert_eq!(
                balanced.recommended,
                Normalisation::MedianRatio,
                "{balanced:?}"
            );
            let one_sided = |i: usize, j: usize| if i < 1000 && j < 6 { 2.0 } else { 0.0 };
            let lopsided = simulated(seed, |i, j, _| shift(j) + one_sided(i, j));
            let lopsided = evidence(&lopsided).unwrap();
            assert_eq!(lopsided.recommended, Normalisation::Mode, "{lopsided:?}");
            let bend = |j: usize, level: f64| (level - 25.0) * 0.1 * (j % 3) as f64;
            let stretched = evidence(&simulated(seed, |_, j, l| bend(j, l))).unwrap();
            assert_eq!(
                stretched.recommended,
                Normalisation::Quantile,
                "{stretched:?}"
            );
            assert!(lopsided.reason().contains("mode"));
        }
    }

    #[test]
    fn the_mode_is_not_dragged_by_a_one_sided_change() {
        // A third of the features goes up by 2 in half of the samples: unchanged features must not move.
        let y = simulated(7, |i, j, _| {
            shift(j) + if i < 1000 && j < 6 { 2.0 } else { 0.0 }
        });
        let bias = |normalised: &Matrix| {
            let unchanged: Vec<f64> = (1000..3000)
                .map(|i| mean(&normalised.row(i)[..6]) - mean(&normalised.row(i)[6..]))
                .collect();
            mean(&unchanged).abs()
        };
        let mode = bias(&mode_centred(&y).unwrap());
        assert!(mode < 0.05, "bias of the mode {mode}");
        assert!(bias(&median_centred(&y).unwrap()) > 0.1);
    }
}
