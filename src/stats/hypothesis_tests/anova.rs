//! One-way analysis of variance.

use super::TestError;
use crate::descriptive::{mean, variance};
use crate::distributions::ln_f_upper;
use std::collections::BTreeMap;

/// An F-test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FTest {
    /// The F statistic.
    pub f: f64,
    /// Numerator degrees of freedom.
    pub df1: f64,
    /// Denominator degrees of freedom.
    pub df2: f64,
    /// Upper tail p-value.
    pub p: f64,
    /// Natural logarithm of the p-value.
    pub ln_p: f64,
}

impl FTest {
    fn new(f: f64, df1: f64, df2: f64) -> Result<Self, TestError> {
        if f.is_nan() || df2.is_nan() {
            return Err(TestError::Constant);
        }
        let ln_p = ln_f_upper(f, df1, df2);
        Ok(Self {
            f,
            df1,
            df2,
            p: ln_p.exp(),
            ln_p,
        })
    }
}

/// Analysis of variance of `values` by `groups` with one common variance.
/// R `oneway.test(var.equal = TRUE)` to 1e-12, log10 p 1e-10. Every group that is present needs two observed values.
pub fn one_way_anova(values: &[f64], groups: &[usize]) -> Result<FTest, TestError> {
    let groups = grouped(values, groups)?;
    let n: usize = groups.iter().map(Vec::len).sum();
    let k = groups.len();
    let all: Vec<f64> = groups.concat();
    let grand = mean(&all);
    let mut between = 0.0;
    let mut within = 0.0;
    for group in &groups {
        let centre = mean(group);
        between += group.len() as f64 * (centre - grand).powi(2);
        within += variance(group) * (group.len() - 1) as f64;
    }
    let (df1, df2) = ((k - 1) as f64, (n - k) as f64);
    FTest::new(between / df1 / (within / df2), df1, df2)
}

/// Welch's analysis of variance with unequal variances (doi:10.1093/biomet/38.3-4.330).
/// R `oneway.test()` to 1e-12, log10 p 1e-10. Every group that is present needs two observed values.
pub fn welch_anova(values: &[f64], groups: &[usize]) -> Result<FTest, TestError> {
    let groups = grouped(values, groups)?;
    let k = groups.len() as f64;
    let weights: Vec<f64> = groups
        .iter()
        .map(|g| g.len() as f64 / variance(g))
        .collect();
    let means: Vec<f64> = groups.iter().map(|g| mean(g)).collect();
    let total: f64 = weights.iter().sum();
    let centre = weights.iter().zip(&means).map(|(w, m)| w * m).sum::<f64>() / total;
    let lack: f64 = weights
        .iter()
        .zip(&groups)
        .map(|(w, g)| (1.0 - w / total).powi(2) / (g.len() - 1) as f64)
        .sum::<f64>()
        / (k * k - 1.0);
    let between: f64 = weights
        .iter()
        .zip(&means)
        .map(|(w, m)| w * (m - centre).powi(2))
        .sum();
    let f = between / ((k - 1.0) * (1.0 + 2.0 * (k - 2.0) * lack));
    FTest::new(f, k - 1.0, 1.0 / (3.0 * lack))
}

/// Share of the variance of `values` that `groups` explain, corrected for their number (ε², Kelley 1935,
/// doi:10.1073/pnas.21.9.554): 1 − (SS_within/(n − k)) / (SS_total/(n − 1)), at most 1, about 0 and possibly below where
/// groups explain no more than chance. A missing value or group leaves the sample out; groups may be of one. None below
/// two groups, without residual degrees of freedom, or without spread. R `summary(lm(y ~ g))$adj.r.squared` to 1e-12.
pub fn explained_share(values: &[f64], groups: &[Option<usize>]) -> Option<f64> {
    let mut members: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (&value, group) in values.iter().zip(groups) {
        if let (false, Some(group)) = (value.is_nan(), group) {
            members.entry(*group).or_default().push(value);
        }
    }
    let all: Vec<f64> = members.values().flatten().copied().collect();
    let (n, k) = (all.len(), members.len());
    if k < 2 || n <= k {
        return None;
    }
    let squares = |values: &[f64]| {
        let centre = mean(values);
        values.iter().map(|v| (v - centre).powi(2)).sum::<f64>()
    };
    let total = squares(&all);
    let within: f64 = members.values().map(|m| squares(m)).sum();
    (total > 0.0).then(|| 1.0 - (within / (n - k) as f64) / (total / (n - 1) as f64))
}

/// The observed values of each group that has any, groups in ascending order; each needs two, and there must be two.
fn grouped(values: &[f64], groups: &[usize]) -> Result<Vec<Vec<f64>>, TestError> {
    if values.len() != groups.len() {
        return Err(TestError::LengthMismatch {
            first: values.len(),
            second: groups.len(),
        });
    }
    let mut members: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (&value, &group) in values.iter().zip(groups) {
        if !value.is_nan() {
            members.entry(group).or_default().push(value);
        }
    }
    let members: Vec<Vec<f64>> = members.into_values().collect();
    if members.len() < 2 {
        return Err(TestError::TooFew {
            what: "the set of groups",
            found: members.len(),
            needed: 2,
        });
    }
    if let Some(small) = members.iter().find(|m| m.len() < 2) {
        return Err(TestError::TooFew {
            what: "a group",
            found: small.len(),
            needed: 2,
        });
    }
    Ok(members)
}
