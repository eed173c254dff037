//! One structure against one variable.

use proteus_stats::correlation::spearman;
use proteus_stats::descriptive::median;
use proteus_stats::hypothesis_tests::{
    chi_squared, chi_squared_permutation_p, fisher_exact, kruskal_wallis,
};

use crate::dataset::{Variable, VariableValues};

/// Structure of the samples, one entry per sample of the sheet.
#[derive(Debug)]
pub(super) enum Structure {
    /// Cluster number of each sample; none for samples that were not clustered.
    Clusters {
        of_sample: Vec<Option<usize>>,
        /// The cluster numbers, ascending.
        numbers: Vec<usize>,
    },
    /// Score of each sample on a component; NaN for samples without one.
    Component { name: String, of_sample: Vec<f64> },
}

/// What a test needs.
#[derive(Debug)]
pub(super) struct Limits {
    /// Samples with both values.
    pub(super) min_samples: usize,
    /// Samples per level.
    pub(super) min_level: usize,
    /// Seed of permutation p-values.
    pub(super) seed: u64,
}

/// A tested relation.
#[derive(Debug)]
pub(super) struct Association {
    pub(super) subject: String,
    pub(super) label: String,
    pub(super) variable: String,
    pub(super) test: &'static str,
    pub(super) statistic: f64,
    pub(super) effect: f64,
    pub(super) p: f64,
    pub(super) n: usize,
    pub(super) direction: String,
}

/// Tests `structure` against `variable` on the samples that have both; none where there are too few.
pub(super) fn relate(
    structure: &Structure,
    variable: &Variable,
    limits: &Limits,
) -> Option<Association> {
    let outcome = match (structure, &variable.values) {
        (
            Structure::Clusters { of_sample, numbers },
            VariableValues::Categorical { levels, codes, .. },
        ) => {
            let pairs = paired(of_sample, codes);
            let pairs = frequent(pairs, levels.len(), limits.min_level);
            crossed(&pairs, numbers, levels, limits)?
        }
        (Structure::Clusters { of_sample, numbers }, VariableValues::Continuous { values }) => {
            let pairs = paired(of_sample, values);
            let groups: Vec<Vec<f64>> = numbers
                .iter()
                .map(|k| pairs.iter().filter(|p| p.0 == *k).map(|p| p.1).collect())
                .collect();
            let names: Vec<String> = numbers.iter().map(|k| format!("cluster {k}")).collect();
            over_groups(groups, names, limits)?
        }
        (
            Structure::Component { of_sample, .. },
            VariableValues::Categorical { levels, codes, .. },
        ) => {
            let groups: Vec<Vec<f64>> = (0..levels.len())
                .map(|k| {
                    let of_level = of_sample.iter().zip(codes).filter(|(_, c)| **c == Some(k));
                    of_level
                        .map(|(s, _)| *s)
                        .filter(|s| s.is_finite())
                        .collect()
                })
                .collect();
            over_groups(groups, levels.clone(), limits)?
        }
        (Structure::Component { of_sample, .. }, VariableValues::Continuous { values }) => {
            monotone(of_sample, values, limits)?
        }
    };
    let (subject, label) = match structure {
        Structure::Clusters { numbers, .. } => (
            "clusters".to_owned(),
            format!("the {}-cluster structure", numbers.len()),
        ),
        Structure::Component { name, .. } => (name.clone(), name.clone()),
    };
    Some(Association {
        subject,
        label,
        variable: variable.name.clone(),
        test: outcome.test,
        statistic: outcome.statistic,
        effect: outcome.effect,
        p: outcome.p,
        n: outcome.n,
        direction: outcome.direction,
    })
}

struct Outcome {
    test: &'static str,
    statistic: f64,
    effect: f64,
    p: f64,
    n: usize,
    direction: String,
}

/// Values of the samples that have both.
fn paired<A: Copy, B: Copy>(a: &[Option<A>], b: &[Option<B>]) -> Vec<(A, B)> {
    a.iter()
        .zip(b)
        .filter_map(|(a, b)| Some(((*a)?, (*b)?)))
        .collect()
}

/// Only the samples of levels that are frequent enough.
fn frequent(
    mut pairs: Vec<(usize, usize)>,
    levels: usize,
    min_level: usize,
) -> Vec<(usize, usize)> {
    let mut counts = vec![0; levels];
    for &(_, level) in &pairs {
        counts[level] += 1;
    }
    pairs.retain(|&(_, level)| counts[level] >= min_level);
    pairs
}

/// Cluster against level: Fisher's exact test of a 2 × 2 table, else chi-square, by permutation where counts are small.
fn crossed(
    pairs: &[(usize, usize)],
    clusters: &[usize],
    levels: &[String],
    limits: &Limits,
) -> Option<Outcome> {
    let rows: Vec<usize> = pairs
        .iter()
        .map(|p| clusters.iter().position(|c| *c == p.0).unwrap_or(0))
        .collect();
    let columns: Vec<usize> = pairs.iter().map(|p| p.1).collect();
    let mut counts = vec![vec![0_u64; levels.len()]; clusters.len()];
    for (&row, &column) in rows.iter().zip(&columns) {
        counts[row][column] += 1;
    }
    let used_rows: Vec<usize> = used(&rows);
    let used_columns: Vec<usize> = used(&columns);
    if pairs.len() < limits.min_samples || used_rows.len() < 2 || used_columns.len() < 2 {
        return None;
    }
    let limit = chi_squared(&counts).ok()?;
    let (test, statistic, p) = if let (&[r0, r1], &[c0, c1]) = (&used_rows[..], &used_columns[..]) {
        let exact = fisher_exact([
            [counts[r0][c0], counts[r0][c1]],
            [counts[r1][c0], counts[r1][c1]],
        ]);
        let p = exact.p.min(1.0);
        ("Fisher's exact test", -p.max(f64::MIN_POSITIVE).log10(), p)
    } else if limit.smallest_expected >= 5.0 {
        ("chi-square test", limit.chi_squared, limit.p)
    } else {
        let p = permutation_p(&rows, &columns, limits.seed)?;
        ("chi-square test by permutation", limit.chi_squared, p)
    };
    Some(Outcome {
        test,
        statistic,
        effect: limit.cramers_v,
        p,
        n: pairs.len(),
        direction: most_overfilled(&counts, clusters, levels),
    })
}

/// A short permutation run settles most variables; only promising ones get the fine resolution.
fn permutation_p(rows: &[usize], columns: &[usize], seed: u64) -> Option<f64> {
    const SHORT: usize = 199;
    const LONG: usize = 9999;
    let short = chi_squared_permutation_p(rows, columns, SHORT, seed).ok()?;
    if short > 0.1 {
        return Some(short);
    }
    chi_squared_permutation_p(rows, columns, LONG, seed.wrapping_add(1)).ok()
}

fn used(codes: &[usize]) -> Vec<usize> {
    let mut codes = codes.to_vec();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The cell furthest above what independence expects, in words.
fn most_overfilled(counts: &[Vec<u64>], clusters: &[usize], levels: &[String]) -> String {
    let of_row: Vec<u64> = counts.iter().map(|r| r.iter().sum()).collect();
    let of_column: Vec<u64> = (0..levels.len())
        .map(|j| counts.iter().map(|r| r[j]).sum())
        .collect();
    let n = of_row.iter().sum::<u64>() as f64;
    let mut best = (f64::NEG_INFINITY, 0, 0);
    for (i, row) in counts.iter().enumerate() {
        for (j, &count) in row.iter().enumerate() {
            let expected = of_row[i] as f64 * of_column[j] as f64 / n;
            let residual = (count as f64 - expected) / expected.sqrt();
            if residual > best.0 {
                best = (residual, i, j);
            }
        }
    }
    let (_, i, j) = best;
    format!(
        "`{}` is over-represented in cluster {}: {} of {} there, {} of {} in all",
        levels[j], clusters[i], counts[i][j], of_row[i], of_column[j], n
    )
}

/// Values over groups: Kruskal–Wallis.
fn over_groups(groups: Vec<Vec<f64>>, names: Vec<String>, limits: &Limits) -> Option<Outcome> {
    let (groups, names): (Vec<Vec<f64>>, Vec<String>) = groups
        .into_iter()
        .zip(names)
        .filter(|(values, _)| values.len() >= limits.min_level)
        .unzip();
    let codes: Vec<usize> = groups
        .iter()
        .enumerate()
        .flat_map(|(k, values)| std::iter::repeat_n(k, values.len()))
        .collect();
    let values: Vec<f64> = groups.concat();
    if groups.len() < 2 || values.len() < limits.min_samples {
        return None;
    }
    let test = kruskal_wallis(&values, &codes).ok()?;
    let medians: Vec<f64> = groups.iter().map(|values| median(values)).collect();
    let extreme = |sign: f64| {
        (0..medians.len())
            .reduce(|a, b| {
                if sign * medians[b] > sign * medians[a] {
                    b
                } else {
                    a
                }
            })
            .unwrap_or(0)
    };
    let (high, low) = (extreme(1.0), extreme(-1.0));
    Some(Outcome {
        test: "Kruskal–Wallis test",
        statistic: test.statistic,
        effect: test.effect,
        p: test.p,
        n: values.len(),
        direction: format!(
            "highest in `{}` (median {:.3}, n {}), lowest in `{}` (median {:.3}, n {})",
            names[high],
            medians[high],
            groups[high].len(),
            names[low],
            medians[low],
            groups[low].len()
        ),
    })
}

/// Score against a number: Spearman's rank correlation.
fn monotone(scores: &[f64], values: &[Option<f64>], limits: &Limits) -> Option<Outcome> {
    let values: Vec<f64> = values.iter().map(|v| v.unwrap_or(f64::NAN)).collect();
    let test = spearman(scores, &values).ok()?;
    if test.n < limits.min_samples || test.r.is_nan() {
        return None;
    }
    Some(Outcome {
        test: "Spearman correlation",
        statistic: test.r,
        effect: test.r,
        p: test.p,
        n: test.n,
        direction: if test.r < 0.0 { "falls" } else { "rises" }.to_owned(),
    })
}
