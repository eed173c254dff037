//! Whether groups of samples differ in spread, and the scale per sample that evens it out.

use crate::Matrix;

/// Spread of each group pooled over features.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSpread {
    /// Variance of each group relative to the others, with a mean of 1; NaN for a group without replicates.
    pub variance: Vec<f64>,
    /// Largest over smallest of those variances; 1 with fewer than two groups to compare.
    pub ratio: f64,
    /// Standard deviation of each sample's group, scaled to a mean square of 1; 1 where unknown.
    pub sample_scale: Vec<f64>,
}

/// Variances of log2 abundance within each group when every feature has its own variance times one factor per group.
///
/// Maximum likelihood of SS = σ²_feature · v_group · χ²: each v is the mean over features of the group's sums of squares divided by the
/// feature's variance, and the features' variances are pooled over groups after division by v, repeated until still. `groups` holds a
/// group index per sample (column of `y`); missing cells are ignored. No independent implementation is known; tests use simulated ratios.
pub fn pooled_variance_ratio(y: &Matrix, groups: &[usize]) -> GroupSpread {
    let count = groups.iter().max().map_or(0, |g| g + 1);
    let features = within_group_squares(y, groups, count);
    let mut freedom = vec![0.0; count];
    for feature in &features {
        for (total, (_, df)) in freedom.iter_mut().zip(feature) {
            *total += df;
        }
    }
    let mut variance: Vec<f64> = freedom
        .iter()
        .map(|&df| if df > 0.0 { 1.0 } else { f64::NAN })
        .collect();
    for _ in 0..200 {
        let mut standardised = vec![0.0; count];
        for feature in &features {
            let replicated = || {
                feature
                    .iter()
                    .zip(&variance)
                    .filter(|((_, df), _)| *df > 0.0)
            };
            let squares: f64 = replicated().map(|((ss, _), v)| ss / v).sum();
            let df: f64 = replicated().map(|((_, df), _)| df).sum();
            for (sum, (ss, _)) in standardised.iter_mut().zip(feature) {
                *sum += ss * df / squares;
            }
        }
        let next: Vec<f64> = standardised
            .iter()
            .zip(&freedom)
            .map(|(s, df)| s / df)
            .collect();
        let known = || next.iter().copied().filter(|v| v.is_finite());
        let mean = known().sum::<f64>() / known().count() as f64;
        let mut change = 0.0f64;
        for (v, next) in variance
            .iter_mut()
            .zip(&next)
            .filter(|(v, _)| v.is_finite())
        {
            let scaled = (next / mean).max(f64::MIN_POSITIVE);
            change = change.max((scaled / *v).ln().abs());
            *v = scaled;
        }
        if change < 1e-10 {
            break;
        }
    }
    let known = || variance.iter().copied().filter(|v| v.is_finite());
    let (low, high) = known().fold((f64::INFINITY, 0.0f64), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    let ratio = if high > 0.0 { high / low } else { 1.0 };
    let of_sample = |g: &usize| {
        if variance[*g].is_finite() {
            variance[*g]
        } else {
            1.0
        }
    };
    let mean = groups.iter().map(of_sample).sum::<f64>() / groups.len() as f64;
    let sample_scale = groups
        .iter()
        .map(|g| (of_sample(g) / mean).sqrt())
        .collect();
    GroupSpread {
        variance,
        ratio,
        sample_scale,
    }
}

/// Sum of squares and degrees of freedom within each group, for the features that vary within some group.
fn within_group_squares(y: &Matrix, groups: &[usize], count: usize) -> Vec<Vec<(f64, f64)>> {
    let mut features = Vec::with_capacity(y.rows());
    for i in 0..y.rows() {
        let observed = || y.row(i).iter().zip(groups).filter(|(v, _)| !v.is_nan());
        let mut totals = vec![(0.0f64, 0.0f64); count];
        for (value, &g) in observed() {
            totals[g].0 += value;
            totals[g].1 += 1.0;
        }
        let mut feature: Vec<(f64, f64)> = totals
            .iter()
            .map(|(_, n)| (0.0, (n - 1.0).max(0.0)))
            .collect();
        for (value, &g) in observed() {
            let deviation = value - totals[g].0 / totals[g].1;
            feature[g].0 += deviation * deviation;
        }
        if feature.iter().map(|(ss, _)| ss).sum::<f64>() > 0.0 {
            features.push(feature);
        }
    }
    features
}
