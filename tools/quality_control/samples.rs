//! Checks of single samples: outlying, swapped, duplicated, or less deeply measured in one group.

use proteus_stats::descriptive::median;
use proteus_stats::hypothesis_tests::{kruskal_wallis, rank_sum};

use super::profile::typical;
use super::{Groups, Profile, listed, pass, short_p, warn};
use crate::dataset::Quantity;
use crate::tool::{Abundance, Check};

/// Robust z below which a sample is unlike the others.
const OUTLYING_Z: f64 = -3.5;
/// Fewest samples among which an outlier can be told.
const ENOUGH_SAMPLES: usize = 6;
/// How much better a sample must agree with another group, in correlation of log ratios, to look swapped.
const SWAP_MARGIN: f64 = 0.25;
/// Log ratios correlated beyond this, with the same cells missing, are one measurement twice.
const DUPLICATE_CORRELATION: f64 = 0.9999;
/// Ratio of identifications between groups from which their difference matters.
const DEPTH_RATIO: f64 = 1.25;
/// Ratio of identifications that only an enrichment (pull-down against mock) gives.
const PULL_DOWN_RATIO: f64 = 1.5;

pub(super) fn checks(matrix: &Abundance, profile: &Profile, groups: &Groups) -> Vec<Check> {
    let mut checks = vec![outliers(matrix, profile)];
    checks.push(duplicates(matrix, profile));
    if groups.variable.is_some() && groups.sides().len() > 1 {
        checks.push(swaps(matrix, profile, groups));
        checks.extend(depth(matrix, profile, groups));
    }
    checks
}

fn outliers(matrix: &Abundance, profile: &Profile) -> Check {
    let n = matrix.samples.len();
    let found: Vec<usize> = (0..n)
        .filter(|&j| n >= ENOUGH_SAMPLES && profile.outlier_z[j] < OUTLYING_Z)
        .collect();
    if found.is_empty() {
        return pass(
            "outlying_samples",
            format!(
                "median correlation with samples of the same group is {:.3}, no sample stands out",
                median(&profile.own)
            ),
            None,
        );
    }
    let worst: Vec<String> = found
        .iter()
        .take(6)
        .map(|&j| {
            format!(
                "`{}` (r = {:.2}, z = {:.1}, {} identified)",
                matrix.samples[j], profile.own[j], profile.outlier_z[j], profile.identified[j]
            )
        })
        .collect();
    warn(
        "outlying_samples",
        format!(
            "{} of {n} samples correlate less with their group (typical r = {:.2}): {}{}",
            found.len(),
            median(&profile.own),
            worst.join(", "),
            if found.len() > 6 { ", …" } else { "" }
        ),
        "look at these samples; repeat the analysis without them if there is a technical reason",
        None,
    )
}

fn duplicates(matrix: &Abundance, profile: &Profile) -> Check {
    let n = matrix.samples.len();
    let same_cells = |a: usize, b: usize| {
        (0..matrix.values.rows())
            .all(|i| matrix.values.get(i, a).is_nan() == matrix.values.get(i, b).is_nan())
    };
    let mut pairs = Vec::new();
    for a in 0..n {
        for b in a + 1..n {
            if profile.correlation.get(a, b) > DUPLICATE_CORRELATION && same_cells(a, b) {
                pairs.push(format!("`{}` = `{}`", matrix.samples[a], matrix.samples[b]));
            }
        }
    }
    if pairs.is_empty() {
        return pass(
            "duplicated_samples",
            "no two samples hold the same values".to_owned(),
            None,
        );
    }
    warn(
        "duplicated_samples",
        format!("the same values under two names: {}", pairs.join(", ")),
        "keep one of each; they are not independent",
        None,
    )
}

/// Samples that look more like another group than like their own, where groups can be told apart at all.
fn swaps(matrix: &Abundance, profile: &Profile, groups: &Groups) -> Check {
    let compared = groups.compared();
    let margin = |j: usize, own: usize| -> Option<(f64, usize)> {
        let with = |g: usize| {
            typical(&profile.ratio_correlation, j, |k| {
                groups.of_sample[k] == Some(g)
            })
        };
        let best = compared
            .iter()
            .filter(|&&g| g != own && groups.members(g).len() > 1)
            .map(|&g| (with(g), g))
            .filter(|(r, _)| !r.is_nan())
            .max_by(|a, b| a.0.total_cmp(&b.0))?;
        Some((best.0 - with(own), best.1)).filter(|(m, _)| !m.is_nan())
    };
    let scored: Vec<(usize, f64, usize)> = (0..matrix.samples.len())
        .filter_map(|j| {
            let own = groups.of_sample[j].filter(|g| compared.contains(g))?;
            let (m, g) = margin(j, own).filter(|_| groups.members(own).len() > 2)?;
            Some((j, m, g))
        })
        .collect();
    // Groups that hardly differ have margins about 0 throughout; a swap only shows where most samples sit with their own.
    let usual = median(&scored.iter().map(|s| s.1).collect::<Vec<_>>());
    let found: Vec<&(usize, f64, usize)> = scored
        .iter()
        .filter(|(_, m, _)| usual < -SWAP_MARGIN && *m > SWAP_MARGIN)
        .collect();
    let concerns = groups.concerns.clone();
    if found.is_empty() {
        return pass(
            "swapped_samples",
            "no sample clearly resembles another group more than its own".to_owned(),
            concerns,
        );
    }
    let named: Vec<String> = found
        .iter()
        .take(6)
        .map(|(j, m, g)| {
            format!(
                "`{}` resembles `{}` (correlation of log ratios higher by {m:.2})",
                matrix.samples[*j], groups.labels[*g]
            )
        })
        .collect();
    warn(
        "swapped_samples",
        named.join("; "),
        "check the labels and tubes of these samples",
        concerns,
    )
}

/// Whether one side is measured less deeply, and whether that is what an enrichment looks like.
fn depth(matrix: &Abundance, profile: &Profile, groups: &Groups) -> Vec<Check> {
    let sides: Vec<(String, Vec<f64>)> = groups
        .sides()
        .into_iter()
        .map(|(label, columns)| {
            (
                label,
                columns.iter().map(|&j| profile.identified[j]).collect(),
            )
        })
        .filter(|(_, values): &(String, Vec<f64>)| !values.is_empty())
        .collect();
    if sides.len() < 2 {
        return Vec::new();
    }
    let medians: Vec<f64> = sides.iter().map(|(_, v)| median(v)).collect();
    let by_size = |a: &usize, b: &usize| medians[*a].total_cmp(&medians[*b]);
    let (Some(low), Some(high)) = (
        (0..sides.len()).min_by(by_size),
        (0..sides.len()).max_by(by_size),
    ) else {
        return Vec::new();
    };
    let ratio = medians[high] / medians[low].max(1.0);
    let separated = sides[low].1.iter().copied().fold(f64::MIN, f64::max)
        < sides[high].1.iter().copied().fold(f64::MAX, f64::min);
    let test = if let [(_, a), (_, b)] = sides.as_slice() {
        rank_sum(a, b)
    } else {
        let values: Vec<f64> = sides.iter().flat_map(|(_, v)| v.clone()).collect();
        let of: Vec<usize> = sides
            .iter()
            .enumerate()
            .flat_map(|(g, (_, v))| vec![g; v.len()])
            .collect();
        kruskal_wallis(&values, &of)
    };
    // One sample per side, or equal depth throughout: nothing can be tested and nothing differs beyond chance.
    let p = test.map_or(1.0, |t| t.p);
    let listing = sides
        .iter()
        .zip(&medians)
        .take(6)
        .map(|((label, _), m)| format!("`{label}` {m:.0}"))
        .collect::<Vec<_>>()
        .join(", ");
    let concerns = groups.concerns.clone();
    let reason = format!(
        "median identifications per sample: {listing} of {} (ratio {ratio:.2}, p = {})",
        matrix.features.len(),
        short_p(p)
    );
    let mut checks = Vec::new();
    if ratio >= DEPTH_RATIO && (p < 0.05 || separated) {
        checks.push(warn(
            "identifications_differ",
            reason,
            "read proteins missing from the side with fewer identifications with care: depth, not biology, may explain them",
            concerns.clone(),
        ));
    } else {
        checks.push(pass("identifications_differ", reason, concerns.clone()));
    }
    let label_free = matches!(
        matrix.quantity,
        Quantity::LfqIntensity | Quantity::Intensity
    );
    if label_free && separated && ratio >= PULL_DOWN_RATIO {
        checks.push(warn(
            "pull_down",
            format!(
                "`{}` has {ratio:.1} times the identifications of `{}`, as in a pull-down against its control",
                sides[high].0, sides[low].0
            ),
            "normalise on the mode or not at all: equal medians would hide the enrichment and push background proteins down",
            concerns,
        ));
    }
    let shallow: Vec<&str> = (0..matrix.samples.len())
        .filter(|&j| profile.identified[j] < 0.5 * median(&profile.identified))
        .map(|j| matrix.samples[j].as_str())
        .collect();
    if !shallow.is_empty() {
        checks.push(warn(
            "shallow_samples",
            format!(
                "fewer than half of the typical {:.0} identifications in {}",
                median(&profile.identified),
                listed(&shallow)
            ),
            "check loading and chromatography of these runs, or leave them out",
            None,
        ));
    }
    checks
}
