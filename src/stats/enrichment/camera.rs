//! The competitive set test that allows for correlation between features.
//!
//! camera: Wu & Smyth 2012 (doi:10.1093/nar/gks461). The statistic it rests on, the mean of the set restandardised by the
//! mean and spread of all features, is that of Efron & Tibshirani 2007 (doi:10.1214/07-AOAS101): a change of many features
//! everywhere does not make every set significant.

use super::{EnrichmentError, FeatureSets};
use crate::Matrix;
use crate::distributions::{ln_student_t_two_sided, student_t_lower};
use rayon::prelude::*;

/// Residuals of a linear model with each feature scaled to mean square 1 over the residual degrees of freedom.
#[derive(Debug, Clone)]
pub struct StandardisedResiduals {
    scaled: Matrix,
    df: f64,
}

impl StandardisedResiduals {
    /// From residuals (features × samples) or residual effects (features × residual df; the orthogonal complement of the
    /// design) with `df` residual degrees of freedom. Scaling is by the root of Σ r² / df, mean squares below 1e-8 being
    /// raised to it as limma does. A missing residual (NaN) is set to 0 after scaling, which draws the correlation of two
    /// features towards 0 by the share of samples they do not share.
    pub fn new(residuals: Matrix, df: f64) -> Self {
        let mut scaled = residuals;
        for i in 0..scaled.rows() {
            let row = scaled.row_mut(i);
            let squares: f64 = row.iter().filter(|r| !r.is_nan()).map(|r| r * r).sum();
            let factor = 1.0 / (squares / df).max(1e-8).sqrt();
            for r in row {
                *r = if r.is_nan() { 0.0 } else { *r * factor };
            }
        }
        Self { scaled, df }
    }

    /// Residual degrees of freedom.
    pub fn df(&self) -> f64 {
        self.df
    }

    pub(super) fn check_rows(&self, sets: &FeatureSets) -> Result<(), EnrichmentError> {
        sets.check_length("rows of residuals", self.scaled.rows())
    }

    /// Variance inflation of the mean of a set over independent features: set size times the mean square of the set's
    /// mean residual.
    pub(super) fn variance_inflation(&self, members: &[usize]) -> f64 {
        let mut sums = vec![0.0; self.scaled.cols()];
        for &feature in members {
            for (sum, r) in sums.iter_mut().zip(self.scaled.row(feature)) {
                *sum += r;
            }
        }
        let squares: f64 = sums.iter().map(|s| s * s).sum();
        squares / (members.len() as f64 * self.df)
    }
}

/// How strongly the features of a set are taken to be correlated.
#[derive(Debug, Clone, Copy)]
pub enum InterFeatureCorrelation<'a> {
    /// The same correlation in every set (limma's default is 0.01).
    Preset(f64),
    /// Estimated set by set from residuals; negative estimates count as 0.
    Estimated(&'a StandardisedResiduals),
}

/// The competitive test of one set.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CameraResult {
    /// Members with a statistic.
    pub size: usize,
    /// (mean of the set − mean of all) / standard deviation of all.
    pub restandardised: f64,
    /// Correlation between members, as estimated (it may be negative) or preset; NaN for a single member.
    pub correlation: f64,
    /// Variance inflation factor used, at least 1 when estimated.
    pub variance_inflation: f64,
    /// Two-sample t of the set against the rest; positive when the set is higher.
    pub t: f64,
    /// Its degrees of freedom.
    pub df: f64,
    /// Two-sided p-value; NaN for a set without members or one that holds every feature.
    pub p: f64,
    /// Natural logarithm of `p`.
    pub ln_p: f64,
    /// p-value of the set being higher.
    pub p_up: f64,
}

/// Tests whether the statistics of each set differ from the rest.
///
/// `statistic` has one value per feature, NaN dropping the feature from sets and rest: approximately normal z-values, for
/// moderated t-statistics [`hill_z`] of them. Degrees of freedom are G − 2 for a preset correlation and the smaller of that
/// and the residual df for an estimated one. Agrees with limma `camera` and, on any statistic with a preset correlation,
/// `cameraPR`, to 1e-8 in log10 p. Sets are tested in parallel; the result does not depend on the number of threads.
pub fn camera(
    statistic: &[f64],
    sets: &FeatureSets,
    correlation: InterFeatureCorrelation<'_>,
) -> Result<Vec<CameraResult>, EnrichmentError> {
    sets.check_length("statistics", statistic.len())?;
    if let InterFeatureCorrelation::Estimated(residuals) = correlation {
        sets.check_length("rows of residuals", residuals.scaled.rows())?;
    }
    let observed = crate::descriptive::observed(statistic);
    if observed.len() < 3 {
        return Err(EnrichmentError::TooFewFeatures {
            found: observed.len(),
        });
    }
    let all = AllFeatures {
        count: observed.len() as f64,
        mean: crate::descriptive::mean(&observed),
        variance: crate::descriptive::variance(&observed),
    };
    Ok((0..sets.len())
        .into_par_iter()
        .map(|set| test_set(statistic, sets.members(set), correlation, &all))
        .collect())
}

struct AllFeatures {
    count: f64,
    mean: f64,
    variance: f64,
}

fn test_set(
    statistic: &[f64],
    members: &[usize],
    correlation: InterFeatureCorrelation<'_>,
    all: &AllFeatures,
) -> CameraResult {
    let members: Vec<usize> = members
        .iter()
        .copied()
        .filter(|&f| !statistic[f].is_nan())
        .collect();
    let m = members.len() as f64;
    let rest = all.count - m;
    let (correlation, variance_inflation, df) = match correlation {
        InterFeatureCorrelation::Preset(rho) => (rho, 1.0 + (m - 1.0) * rho, all.count - 2.0),
        InterFeatureCorrelation::Estimated(residuals) => {
            let (rho, inflation) = if members.len() > 1 {
                let inflation = residuals.variance_inflation(&members);
                ((inflation - 1.0) / (m - 1.0), inflation.max(1.0))
            } else {
                (f64::NAN, 1.0)
            };
            (rho, inflation, residuals.df.min(all.count - 2.0))
        }
    };
    let mean = members.iter().map(|&f| statistic[f]).sum::<f64>() / m;
    let difference = all.count / rest * (mean - all.mean);
    let pooled = ((all.count - 1.0) * all.variance - difference.powi(2) * m * rest / all.count)
        / (all.count - 2.0);
    let t = difference / (pooled * (variance_inflation / m + 1.0 / rest)).sqrt();
    let ln_p = ln_student_t_two_sided(t, df);
    CameraResult {
        size: members.len(),
        restandardised: (mean - all.mean) / all.variance.sqrt(),
        correlation,
        variance_inflation,
        t,
        df,
        p: ln_p.exp(),
        ln_p,
        p_up: student_t_lower(-t, df),
    }
}

/// The normal deviate of a t-statistic by Hill's approximation (doi:10.1145/355598.355599), which keeps its accuracy in
/// the far tail; `df` may be infinite. limma `zscoreT(approx = TRUE, method = "hill")` to 1e-14.
pub fn hill_z(t: f64, df: f64) -> f64 {
    let df = df.min(1e100);
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let w = a * (t / df * t).ln_1p();
    let series = (((-0.4 * w - 3.3) * w - 24.0) * w - 85.5) / (0.8 * w * w + 100.0 + b) + w + 3.0;
    (series / b + 1.0) * w.sqrt() * if t < 0.0 { -1.0 } else { 1.0 }
}
