//! Principal components of samples over their features.

use crate::Matrix;
use crate::descriptive::{mean, standard_deviation};
use crate::symmetric_eigen::{matrix_product, row_products, symmetric_eigen};

/// What to do with features that are not observed in every sample.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingFeatures {
    /// Use only features observed in every sample.
    Drop,
    /// Use features observed in at least this share of the samples and put their mean where they are missing, which pulls
    /// samples with much missing towards the centre.
    FillMean {
        /// Share of samples, from 0 to 1.
        observed: f64,
    },
}

/// How to compute the components.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PcaOptions {
    /// Divide each feature by its standard deviation; constant features are then left out.
    pub scale: bool,
    /// The rule for missing values.
    pub missing: MissingFeatures,
    /// Components to keep at most.
    pub components: usize,
}

/// Principal components: scores = centred data × loadings.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalComponents {
    /// Samples × components.
    pub scores: Matrix,
    /// Features used × components, columns of unit length.
    pub loadings: Matrix,
    /// Variance (divisor n − 1) along every component there is, kept or not, largest first.
    pub variance: Vec<f64>,
    /// The same as shares of the total variance.
    pub share: Vec<f64>,
    /// The features used, as rows of the input.
    pub features: Vec<usize>,
}

/// Why there are no components.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PcaError {
    /// Fewer than two samples.
    #[error("{found} samples, at least 2 are needed")]
    TooFewSamples {
        /// Samples given.
        found: usize,
    },
    /// The rule for missing values, or constancy, leaves too few features.
    #[error(
        "{found} of {of} features can be used, at least 2 are needed; hint: allow missing values, or drop samples in which much is missing"
    )]
    TooFewFeatures {
        /// Features that can be used.
        found: usize,
        /// Features given.
        of: usize,
    },
    /// An infinite value, as log2 of zero gives.
    #[error("the values are not all finite; hint: take zeros as missing before the logarithm")]
    NotFinite,
}

/// Principal components of the samples (columns) of log2 abundances `y` (features × samples, NaN missing).
///
/// Features are centred; the smaller of the two inner-product matrices is decomposed. The sign of a component is fixed by
/// making its largest loading positive. R `prcomp`: variances 1e-10, scores and loadings up to sign 1e-8.
pub fn principal_components(
    y: &Matrix,
    options: &PcaOptions,
) -> Result<PrincipalComponents, PcaError> {
    let n = y.cols();
    if n < 2 {
        return Err(PcaError::TooFewSamples { found: n });
    }
    let needed = match options.missing {
        MissingFeatures::Drop => n as f64,
        MissingFeatures::FillMean { observed } => (observed * n as f64).max(2.0),
    };
    let usable = |&i: &usize| {
        y.observed_in_row(i) as f64 >= needed
            && !(options.scale && standard_deviation(y.row(i)) <= 0.0)
    };
    let features: Vec<usize> = (0..y.rows()).filter(usable).collect();
    if features.len() < 2 {
        return Err(PcaError::TooFewFeatures {
            found: features.len(),
            of: y.rows(),
        });
    }
    let mut centred = y.select_rows(&features);
    for i in 0..centred.rows() {
        let row = centred.row_mut(i);
        let centre = mean(row);
        for v in row.iter_mut() {
            *v = if v.is_nan() { 0.0 } else { *v - centre };
        }
        if options.scale {
            let squares: f64 = row.iter().map(|v| v * v).sum();
            let spread = (squares / (n - 1) as f64).sqrt();
            row.iter_mut().for_each(|v| *v /= spread);
        }
    }
    decompose(centred, features, options.components)
}

/// `centred` is features × samples without NaN.
fn decompose(
    centred: Matrix,
    features: Vec<usize>,
    components: usize,
) -> Result<PrincipalComponents, PcaError> {
    let (p, n) = (centred.rows(), centred.cols());
    let samples = centred.transposed();
    let by_samples = n <= p;
    let products = row_products(if by_samples { &samples } else { &centred });
    let eigen = symmetric_eigen(&products).ok_or(PcaError::NotFinite)?;
    let variance: Vec<f64> = eigen
        .values
        .iter()
        .map(|v| v.max(0.0) / (n - 1) as f64)
        .collect();
    let total: f64 = variance.iter().sum();
    let kept = components.min(eigen.values.len());
    let columns: Vec<usize> = (0..kept).collect();
    let vectors = eigen.vectors.select_columns(&columns);
    let size = |k: usize| eigen.values[k].max(0.0).sqrt();
    let other = matrix_product(if by_samples { &centred } else { &samples }, &vectors)
        .ok_or(PcaError::NotFinite)?;
    // One side has unit columns, the other carries the size; scores carry it, loadings do not.
    let sized = |unit: &Matrix| Matrix::from_fn(unit.rows(), kept, |i, k| unit.get(i, k) * size(k));
    let unsized_columns = |m: &Matrix| {
        Matrix::from_fn(m.rows(), kept, |i, k| {
            if size(k) > 0.0 {
                m.get(i, k) / size(k)
            } else {
                0.0
            }
        })
    };
    let (mut scores, mut loadings) = if by_samples {
        (sized(&vectors), unsized_columns(&other))
    } else {
        (other, vectors)
    };
    for k in 0..kept {
        let largest = (0..p).map(|i| loadings.get(i, k)).fold(0.0_f64, |best, l| {
            if l.abs() > best.abs() { l } else { best }
        });
        if largest < 0.0 {
            for matrix in [&mut scores, &mut loadings] {
                for i in 0..matrix.rows() {
                    matrix.set(i, k, -matrix.get(i, k));
                }
            }
        }
    }
    let share = variance.iter().map(|v| v / total).collect();
    Ok(PrincipalComponents {
        scores,
        loadings,
        variance,
        share,
        features,
    })
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        reason = "a failing test should stop where it fails"
    )]

    use super::*;
    use crate::reference::{Table, assert_close};

    fn complete() -> Matrix {
        let table = Table::read("sim1_small/complete.tsv");
        let (_, raw) = table.matrix();
        Matrix::from_fn(raw.rows(), raw.cols(), |i, j| raw.get(i, j).log2())
    }

    fn assert_columns_up_to_sign(name: &str, found: &Matrix, columns: usize) {
        let table = Table::read(&format!("general/{name}.tsv"));
        let (_, expected) = table.matrix();
        for k in 0..columns {
            let (f, e) = (found.column(k), expected.column(k));
            let agreement: f64 = f.iter().zip(&e).map(|(a, b)| a * b).sum();
            let turned: Vec<f64> = e.iter().map(|v| v * agreement.signum()).collect();
            assert_close(name, &f, &turned, 1e-8, 1e-8);
        }
    }

    #[test]
    fn components_agree_with_prcomp() {
        for (scale, name) in [(false, "pca_centred"), (true, "pca_scaled")] {
            let options = PcaOptions {
                scale,
                missing: MissingFeatures::Drop,
                components: 10,
            };
            let pca = principal_components(&complete(), &options).unwrap();
            let expected = Table::read(&format!("general/{name}_variance.tsv"));
            assert_close(
                "variance",
                &pca.variance,
                &expected.numbers("variance"),
                1e-10,
                1e-9,
            );
            assert_close(
                "share",
                &pca.share,
                &expected.numbers("share"),
                1e-10,
                1e-11,
            );
            assert_columns_up_to_sign(&format!("{name}_scores"), &pca.scores, 10);
            assert_columns_up_to_sign(&format!("{name}_loadings"), &pca.loadings, 3);
        }
    }

    #[test]
    fn few_features_and_many_samples_give_the_same_components() {
        // The other inner-product matrix must tell the same story.
        let y = complete().select_rows(&[1, 5, 9, 20, 33]);
        let options = PcaOptions {
            scale: false,
            missing: MissingFeatures::Drop,
            components: 5,
        };
        let pca = principal_components(&y, &options).unwrap();
        assert_eq!(
            (pca.variance.len(), pca.scores.rows(), pca.loadings.rows()),
            (5, 12, 5)
        );
        for k in 0..5 {
            let scores = pca.scores.column(k);
            let spread: f64 = scores.iter().map(|s| s * s).sum::<f64>() / 11.0;
            assert!((spread / pca.variance[k] - 1.0).abs() < 1e-10);
        }
        let total: f64 = (0..5).map(|i| standard_deviation(y.row(i)).powi(2)).sum();
        assert!((pca.variance.iter().sum::<f64>() / total - 1.0).abs() < 1e-12);
    }

    #[test]
    fn missing_values_follow_the_stated_rule() {
        let mut y = complete();
        y.set(3, 2, f64::NAN);
        for j in 0..7 {
            y.set(8, j, f64::NAN);
        }
        let with = |missing| {
            let options = PcaOptions {
                scale: true,
                missing,
                components: 2,
            };
            principal_components(&y, &options).unwrap()
        };
        let dropped = with(MissingFeatures::Drop);
        assert_eq!(dropped.features.len(), y.rows() - 2);
        let filled = with(MissingFeatures::FillMean { observed: 0.5 });
        assert_eq!(filled.features.len(), y.rows() - 1);
        assert!(filled.features.contains(&3) && !filled.features.contains(&8));
        let empty = Matrix::filled(4, 3, f64::NAN);
        let options = PcaOptions {
            scale: false,
            missing: MissingFeatures::Drop,
            components: 2,
        };
        assert!(matches!(
            principal_components(&empty, &options),
            Err(PcaError::TooFewFeatures { found: 0, of: 4 })
        ));
        let infinite = Matrix::filled(4, 3, f64::NEG_INFINITY);
        assert_eq!(
            principal_components(&infinite, &options).unwrap_err(),
            PcaError::NotFinite
        );
    }
}
