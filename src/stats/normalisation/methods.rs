//! The normalisations themselves.

use super::{Normalisation, NormalisationError};
use crate::Matrix;
use crate::descriptive::{half_sample_mode, mean, median, median_absolute_deviation, ranks};
use rayon::prelude::*;

/// Applies `method` to log2 abundances.
pub fn normalise(y: &Matrix, method: Normalisation) -> Result<Matrix, NormalisationError> {
    match method {
        Normalisation::None => Ok(y.clone()),
        Normalisation::Median => median_centred(y),
        Normalisation::MedianRatio => median_ratio_centred(y),
        Normalisation::Mode => mode_centred(y),
        Normalisation::Quantile => quantile_normalised(y),
    }
}

/// Each sample minus its median plus the median of the medians (log2 in and out). The column medians are exact, so it
/// agrees with R `sweep(y, 2, apply(y, 2, median, na.rm = TRUE))` to 1e-12.
pub fn median_centred(y: &Matrix) -> Result<Matrix, NormalisationError> {
    let medians = per_sample(y, 1, median)?;
    let centre = median(&medians);
    Ok(Matrix::from_fn(y.rows(), y.cols(), |i, j| {
        y.get(i, j) - medians[j] + centre
    }))
}

/// Each sample centred on its median and divided by its median absolute deviation, then put back on the medians of both
/// over the samples (log2 in and out). Agrees with the same formula in R to 1e-12.
pub fn mad_scaled(y: &Matrix) -> Result<Matrix, NormalisationError> {
    let medians = per_sample(y, 1, median)?;
    let spreads = per_sample(y, 1, median_absolute_deviation)?;
    if let Some(sample) = spreads.iter().position(|&s| s <= 0.0) {
        return Err(NormalisationError::NoSpread { sample });
    }
    let (centre, spread) = (median(&medians), median(&spreads));
    Ok(Matrix::from_fn(y.rows(), y.cols(), |i, j| {
        (y.get(i, j) - medians[j]) / (spreads[j] / spread) + centre
    }))
}

/// Each sample divided by its median absolute value over the geometric mean of these medians, the scale normalisation
/// of two-colour arrays: for log ratios, which lie about zero. Agrees with limma `normalizeMedianAbsValues` to 1e-12.
pub fn median_absolute_scaled(y: &Matrix) -> Result<Matrix, NormalisationError> {
    let size = |column: &[f64]| {
        let absolute: Vec<f64> = column.iter().map(|v| v.abs()).collect();
        median(&absolute).ln()
    };
    let logs = per_sample(y, 1, size)?;
    if let Some(sample) = logs.iter().position(|l| l.is_infinite()) {
        return Err(NormalisationError::NoSpread { sample });
    }
    let centre = logs.iter().sum::<f64>() / logs.len() as f64;
    let factors: Vec<f64> = logs.iter().map(|l| (l - centre).exp()).collect();
    Ok(Matrix::from_fn(y.rows(), y.cols(), |i, j| {
        y.get(i, j) / factors[j]
    }))
}

/// Each sample minus the median of its log2 ratios to the feature means, put back on the median of these offsets.
///
/// On complete data close to [`median_centred`]. Where samples differ in how many low values they lack, as pull-downs and
/// their controls do, the median of a sample's values says which features were seen; the median of its ratios does not.
/// Ratios come from features observed in at least half of the samples. The logarithm of the median-of-ratios size factor
/// of Anders & Huber 2010 (doi:10.1186/gb-2010-11-10-r106), with missing values left out instead of features.
pub fn median_ratio_centred(y: &Matrix) -> Result<Matrix, NormalisationError> {
    per_sample(y, 1, median)?;
    let offsets = Ratios::of(y).offsets;
    let centre = median(&offsets);
    Ok(Matrix::from_fn(y.rows(), y.cols(), |i, j| {
        y.get(i, j) - offsets[j] + centre
    }))
}

/// Each sample minus the mode of its log2 ratios to the feature means, put back on the median of these offsets.
///
/// The mode is where most features agree, so that a change of many features in one direction (a pull-down, a knock-out of
/// a whole compartment), which drags the median along, leaves it in place. It is the half-sample mode, moved uphill on
/// an Epanechnikov kernel density of the ratios (Silverman's bandwidth) to be less noisy. Ratios come from features observed in
/// at least half of the samples, after the samples have been brought roughly together by the medians of their ratios.
/// No package computes this; the tests check it on data with a known shift.
pub fn mode_centred(y: &Matrix) -> Result<Matrix, NormalisationError> {
    per_sample(y, 1, median)?;
    let mut offsets = Ratios::of(y).offsets;
    for _ in 0..2 {
        let ratios = shifted(y, &offsets);
        let ratios = ratios_to_feature_means(&ratios);
        offsets.par_iter_mut().enumerate().for_each(|(j, offset)| {
            *offset += density_mode(&ratios.column(j));
        });
    }
    let centre = median(&offsets);
    Ok(Matrix::from_fn(y.rows(), y.cols(), |i, j| {
        y.get(i, j) - offsets[j] + centre
    }))
}

/// Log ratios of samples to feature means, the samples brought together by the median of their ratios.
pub(super) struct Ratios {
    /// What was subtracted from each sample.
    pub offsets: Vec<f64>,
    /// Ratios after that, over features observed in at least half of the samples.
    pub ratios: Matrix,
}

impl Ratios {
    pub(super) fn of(y: &Matrix) -> Self {
        let raw = ratios_to_feature_means(y);
        let offsets: Vec<f64> = (0..raw.cols())
            .map(|j| Some(median(&raw.column(j))).filter(|m| !m.is_nan()))
            .map(|m| m.unwrap_or(0.0))
            .collect();
        let ratios = ratios_to_feature_means(&shifted(y, &offsets));
        Self { offsets, ratios }
    }
}

fn shifted(y: &Matrix, offsets: &[f64]) -> Matrix {
    Matrix::from_fn(y.rows(), y.cols(), |i, j| y.get(i, j) - offsets[j])
}

/// Log2 ratios of each value to the mean of its feature, over features observed in at least half of the samples (all
/// features when there are none such). The mean, because the median of an odd number of samples is one of them, whose
/// ratio would then be exactly zero and pass for the mode.
fn ratios_to_feature_means(y: &Matrix) -> Matrix {
    let well_observed: Vec<usize> = (0..y.rows())
        .filter(|&i| 2 * y.observed_in_row(i) >= y.cols())
        .collect();
    let kept = if well_observed.is_empty() {
        y.clone()
    } else {
        y.select_rows(&well_observed)
    };
    let means: Vec<f64> = (0..kept.rows()).map(|i| mean(kept.row(i))).collect();
    Matrix::from_fn(kept.rows(), kept.cols(), |i, j| kept.get(i, j) - means[i])
}

/// Half-width of the Epanechnikov kernel that smooths as much as a Gaussian kernel of unit bandwidth.
const EPANECHNIKOV: f64 = 2.214;

/// The mode of a sample of ratios; 0 when there are none.
pub(super) fn density_mode(ratios: &[f64]) -> f64 {
    let mut values = crate::descriptive::observed(ratios);
    if values.is_empty() {
        return 0.0;
    }
    values.sort_unstable_by(f64::total_cmp);
    let quartile = |p| crate::descriptive::quantile_of_sorted(&values, p);
    let spread = (quartile(0.75) - quartile(0.25)) / 1.349;
    let reach = EPANECHNIKOV * 0.9 * spread * (values.len() as f64).powf(-0.2);
    let mut mode = half_sample_mode(&values);
    if reach <= 0.0 {
        return mode;
    }
    let mut sums = vec![0.0];
    sums.extend(values.iter().scan(0.0, |sum, v| {
        *sum += v;
        Some(*sum)
    }));
    // The mean of the values within reach lies uphill on this kernel's density, so each step climbs until none moves.
    for _ in 0..1000 {
        let first = values.partition_point(|&v| v < mode - reach);
        let last = values.partition_point(|&v| v <= mode + reach);
        let next = (sums[last] - sums[first]) / (last - first) as f64;
        if next == mode || last == first {
            break;
        }
        mode = next;
    }
    mode
}

/// Quantile normalisation: every sample gets the mean of the samples' quantile functions, read at its own mid-ranks, so
/// equal values stay equal (log2 in and out). A sample with missing values is stretched over the full range of ranks by
/// linear interpolation. Bolstad et al. 2003 (doi:10.1093/bioinformatics/19.2.185); agrees with limma
/// `normalizeQuantiles(ties = TRUE)`, and without missing values with preprocessCore, to 1e-10.
pub fn quantile_normalised(y: &Matrix) -> Result<Matrix, NormalisationError> {
    let (rows, cols) = (y.rows(), y.cols());
    if cols < 2 {
        return Ok(y.clone());
    }
    let columns: Vec<Vec<f64>> = (0..cols).map(|j| y.column(j)).collect();
    let mut target = vec![0.0; rows];
    for (sample, column) in columns.iter().enumerate() {
        let mut values = crate::descriptive::observed(column);
        if values.len() < 2 {
            return Err(NormalisationError::TooFewValues {
                sample,
                found: values.len(),
                needed: 2,
            });
        }
        values.sort_unstable_by(f64::total_cmp);
        for (k, total) in target.iter_mut().enumerate() {
            *total += interpolate(&values, k as f64 / (rows - 1) as f64) / cols as f64;
        }
    }
    let mut normalised = y.clone();
    for (j, column) in columns.iter().enumerate() {
        let observed = column.iter().filter(|v| !v.is_nan()).count();
        for (i, rank) in ranks(column).into_iter().enumerate() {
            if !rank.is_nan() {
                let at = (rank - 1.0) / (observed - 1) as f64;
                normalised.set(i, j, interpolate(&target, at));
            }
        }
    }
    Ok(normalised)
}

/// The quantile function through equally spaced points, at `share` in [0, 1].
fn interpolate(points: &[f64], share: f64) -> f64 {
    crate::descriptive::quantile_of_sorted(points, share)
}

/// A statistic of each column, an error where a column has fewer than `needed` values.
fn per_sample(
    y: &Matrix,
    needed: usize,
    statistic: impl Fn(&[f64]) -> f64,
) -> Result<Vec<f64>, NormalisationError> {
    (0..y.cols())
        .map(|sample| {
            let column = y.column(sample);
            let found = column.iter().filter(|v| !v.is_nan()).count();
            if found < needed {
                return Err(NormalisationError::TooFewValues {
                    sample,
                    found,
                    needed,
                });
            }
            Ok(statistic(&column))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        reason = "a failing test should stop where it fails"
    )]

    use super::*;
    use crate::reference::{Table, assert_close};

    fn log2_intensities(path: &str) -> Matrix {
        let table = Table::read(path);
        let (_, raw) = table.matrix();
        Matrix::from_fn(raw.rows(), raw.cols(), |i, j| raw.get(i, j).log2())
    }

    fn assert_matrix(name: &str, found: &Matrix, tolerance: f64) {
        let table = Table::read(&format!("general/{name}.tsv"));
        let (_, expected) = table.matrix();
        assert_close(name, found.values(), expected.values(), tolerance, 0.0);
    }

    #[test]
    fn shifts_and_scales_agree_with_r() {
        let y = log2_intensities("sim1_small/abundance.tsv");
        assert_matrix("median_centred", &median_centred(&y).unwrap(), 1e-12);
        assert_matrix("mad_scaled", &mad_scaled(&y).unwrap(), 1e-12);
        let scaled = median_absolute_scaled(&y).unwrap();
        assert_matrix("median_absolute_scaled", &scaled, 1e-12);
    }

    #[test]
    fn median_ratios_do_not_take_missing_low_values_for_a_shift() {
        // 900 features at levels 18 to 30; the first three of six samples lack those below 22; the last is 0.7 higher.
        let level = |i: usize| 18.0 + i as f64 / 75.0;
        let y = Matrix::from_fn(900, 6, |i, j| match j {
            0..3 if level(i) < 22.0 => f64::NAN,
            5 => level(i) + 0.7,
            _ => level(i),
        });
        let shift_of_unchanged =
            |normalised: &Matrix| normalised.get(899, 0) - normalised.get(899, 4);
        let by_ratio = median_ratio_centred(&y).unwrap();
        assert!(shift_of_unchanged(&by_ratio).abs() < 1e-9);
        assert!((by_ratio.get(899, 5) - by_ratio.get(899, 4)).abs() < 1e-9);
        assert!(shift_of_unchanged(&median_centred(&y).unwrap()) < -1.0);
    }

    #[test]
    fn quantiles_agree_with_limma_and_preprocess_core() {
        let y = log2_intensities("sim1_small/abundance.tsv");
        assert_matrix("quantile_missing", &quantile_normalised(&y).unwrap(), 1e-12);
        let y = log2_intensities("sim1_small/complete.tsv");
        assert_matrix(
            "quantile_complete",
            &quantile_normalised(&y).unwrap(),
            1e-12,
        );
    }

    #[test]
    fn an_empty_sample_is_an_error_that_names_it() {
        let y = Matrix::from_fn(4, 3, |i, j| if j == 1 { f64::NAN } else { i as f64 });
        for method in [
            Normalisation::Median,
            Normalisation::Mode,
            Normalisation::Quantile,
        ] {
            let error = normalise(&y, method).unwrap_err();
            assert!(matches!(
                error,
                NormalisationError::TooFewValues {
                    sample: 1,
                    found: 0,
                    ..
                }
            ));
        }
        assert_eq!(normalise(&y, Normalisation::None).unwrap().get(2, 0), 2.0);
    }
}
