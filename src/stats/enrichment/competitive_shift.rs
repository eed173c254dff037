//! Whether a set moved as a whole, over and above all features: sampling noise that is correlated inside the set, true
//! changes that differ from feature to feature.
//!
//! A restandardised mean (Efron & Tibshirani 2007, doi:10.1214/07-AOAS101) with camera's variance inflation (Wu & Smyth 2012,
//! doi:10.1093/nar/gks461), split in two: camera multiplies the whole spread of the statistics by the inflation, so that where
//! many features change no set of correlated features can ever stand out. Here the inflation multiplies the sampling noise
//! alone, which has variance 1 by construction; what the statistics spread beyond that are true changes, taken as
//! independent draws under the null "members change no more than other features do".

use rayon::prelude::*;

use super::{EnrichmentError, FeatureSets, StandardisedResiduals};
use crate::descriptive::{mean, observed, variance};
use crate::distributions::ln_student_t_two_sided;
use crate::variance_prior::{PriorOptions, squeeze_variance};

/// The competitive test of one set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompetitiveShift {
    /// Members with a statistic.
    pub size: usize,
    /// Mean of the set − mean of the rest, in units of the statistic.
    pub difference: f64,
    /// Correlation between the residuals of members, as estimated (it may be negative).
    pub correlation: f64,
    /// Variance inflation used: moderated over sets of like size, at least 1.
    pub variance_inflation: f64,
    /// Difference over its standard error.
    pub t: f64,
    /// Its degrees of freedom (Satterthwaite).
    pub df: f64,
    /// Natural logarithm of the two-sided p-value; NaN for a set without members or one that holds every feature.
    pub ln_p: f64,
}

/// Sets below which inflations are not moderated: a trend over size needs some.
const SETS_FOR_A_PRIOR: usize = 10;

/// Tests every set against the rest of the features.
///
/// `statistic` has one normal deviate per feature (see [`super::hill_z`]), NaN dropping the feature; `residuals` come from the
/// same model. For a set of m features, r others, inflation v on d degrees of freedom and true spread
/// τ² = max(0, pooled variance of the statistics within set and rest − 1), the variance of the difference is
/// v/m + 1/r + τ²(1/m + 1/r), its degrees of freedom those of v scaled by Satterthwaite's rule. Inflations are squeezed
/// towards their trend over ln m (limma `squeezeVar`), the prior counting at most as much as the data. Agrees with the same
/// formula in R to 1e-8; by simulation (6 v 6 and 25 v 25, half of the features changed, correlation 0.4 in sets) it keeps its
/// false discovery rate where camera finds nothing.
pub fn competitive_shift(
    statistic: &[f64],
    sets: &FeatureSets,
    residuals: &StandardisedResiduals,
) -> Result<Vec<CompetitiveShift>, EnrichmentError> {
    sets.check_length("statistics", statistic.len())?;
    residuals.check_rows(sets)?;
    let all = observed(statistic);
    if all.len() < 3 {
        return Err(EnrichmentError::TooFewFeatures { found: all.len() });
    }
    let (count, centre, spread) = (all.len() as f64, mean(&all), variance(&all));
    let members: Vec<Vec<usize>> = sets
        .iter()
        .map(|set| {
            set.iter()
                .copied()
                .filter(|&f| !statistic[f].is_nan())
                .collect()
        })
        .collect();
    let inflation: Vec<f64> = members
        .par_iter()
        .map(|m: &Vec<usize>| residuals.variance_inflation(m))
        .collect();
    let (moderated, df) = moderated_inflation(&members, &inflation, residuals.df());
    let test = |set: usize| {
        let m = members[set].len() as f64;
        let rest = count - m;
        let set_mean = members[set].iter().map(|&f| statistic[f]).sum::<f64>() / m;
        let difference = count / rest * (set_mean - centre);
        let pooled =
            ((count - 1.0) * spread - difference.powi(2) * m * rest / count) / (count - 2.0);
        let true_spread = (pooled - 1.0).max(0.0);
        let used = moderated[set].max(1.0);
        let noise = used / m;
        let total = noise + 1.0 / rest + true_spread * (1.0 / m + 1.0 / rest);
        let t = difference / total.sqrt();
        let df = (total / noise).powi(2) * df;
        CompetitiveShift {
            size: members[set].len(),
            difference,
            correlation: if m > 1.0 {
                (inflation[set] - 1.0) / (m - 1.0)
            } else {
                f64::NAN
            },
            variance_inflation: used,
            t,
            df,
            ln_p: ln_student_t_two_sided(t, df),
        }
    };
    Ok((0..sets.len()).map(test).collect())
}

/// Inflations squeezed towards their trend over set size, and their degrees of freedom.
fn moderated_inflation(members: &[Vec<usize>], inflation: &[f64], df: f64) -> (Vec<f64>, f64) {
    let usable: Vec<usize> = (0..members.len())
        .filter(|&s| members[s].len() > 1)
        .collect();
    let unmoderated = (inflation.to_vec(), df);
    if usable.len() < SETS_FOR_A_PRIOR {
        return unmoderated;
    }
    let raw: Vec<f64> = usable.iter().map(|&s| inflation[s]).collect();
    let size: Vec<f64> = usable
        .iter()
        .map(|&s| (members[s].len() as f64).ln())
        .collect();
    let varied = size.iter().any(|s| *s != size[0]);
    let dfs = vec![df; raw.len()];
    let Ok(prior) = squeeze_variance(
        &raw,
        &dfs,
        varied.then_some(&size[..]),
        PriorOptions::default(),
    ) else {
        return unmoderated;
    };
    // Overlapping sets make the prior look surer than it is.
    let prior_df = prior.prior_df.first().copied().unwrap_or(0.0).min(df);
    let mut moderated = inflation.to_vec();
    for ((&set, raw), towards) in usable.iter().zip(&raw).zip(&prior.prior_variance) {
        moderated[set] = (df * raw + prior_df * towards) / (df + prior_df);
    }
    (moderated, df + prior_df)
}

#[cfg(test)]
mod tests;
