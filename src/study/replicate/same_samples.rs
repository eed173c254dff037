//! Whether a cohort is a second one at all: its samples against those of the first study, by name and by value.
//!
//! Two searches of the same runs give other numbers under other names, but what makes one replicate differ from the next
//! is in the sample and shows in both. So profiles are compared after the mean of every group is taken out of every
//! feature: of independent samples what is left is unrelated, of one sample searched twice it is alike.

use proteus_stats::Matrix;
use proteus_stats::correlation::pearson;
use proteus_stats::descriptive::median;

/// Features compared at most, the most complete ones.
const FEATURES: usize = 1_500;
/// Features two samples must share to be compared.
const SHARED: usize = 20;
/// Share of equal values (after a common shift) that makes two columns the same numbers.
const EQUAL_SHARE: f64 = 0.9;
/// Correlation of what is left of two samples from which they may be one.
const ALIKE: f64 = 0.3;
/// The same where nothing but the values says so.
const ALIKE_UNNAMED: f64 = 0.6;
/// How much more alike than with any other sample.
const APART: f64 = 0.1;
/// Share of the smaller study's samples that must meet their like.
const MET: f64 = 0.5;

/// One side of the comparison: values of the shared features, in the same order of rows.
pub(super) struct Side<'a> {
    /// Sample ids.
    pub ids: &'a [String],
    /// Group of each sample, as far as one is known; samples without a group form one.
    pub groups: &'a [Option<usize>],
    /// Shared features × samples, log2.
    pub values: &'a Matrix,
}

/// What the comparison found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Likeness {
    /// The samples are those of the first study, in whole or in part; how that shows.
    Same(String),
    /// They are not, but something is worth a note.
    Different(Option<String>),
}

/// Compares the samples of two studies.
pub(super) fn compare(first: &Side<'_>, second: &Side<'_>) -> Likeness {
    let rows = complete_rows(first.values, second.values);
    let (a, b) = (
        first.values.select_rows(&rows),
        second.values.select_rows(&rows),
    );
    let equal = equal_columns(&a, &b);
    if let Some(&(i, j)) = equal.first() {
        return Likeness::Same(format!(
            "the values of {} are those of {} ({} of {} samples have the values of one of the first study)",
            quoted(&second.ids[j]),
            quoted(&first.ids[i]),
            equal.len(),
            second.ids.len(),
        ));
    }
    let namesakes: Vec<(usize, usize)> = first
        .ids
        .iter()
        .enumerate()
        .filter_map(|(i, id)| {
            let j = second.ids.iter().position(|other| key(other) == key(id))?;
            Some((i, j))
        })
        .collect();
    let smaller = first.ids.len().min(second.ids.len());
    let (left_a, left_b) = (residuals(&a, first.groups), residuals(&b, second.groups));
    let likeness = correlations(&left_a, &left_b);
    let met = mutual(&likeness, ALIKE);
    let named: Vec<&(usize, usize)> = namesakes.iter().filter(|p| met.contains(p)).collect();
    let of_namesakes: Vec<f64> = namesakes
        .iter()
        .map(|&(i, j)| likeness[i][j])
        .filter(|r| !r.is_nan())
        .collect();
    if !of_namesakes.is_empty() && named.len() as f64 >= MET * namesakes.len() as f64 {
        return Likeness::Same(format!(
            "{} of {} sample names are in both, and what sets a sample apart from its replicates is alike in both (median correlation {:.2} over {} proteins)",
            namesakes.len(),
            smaller,
            median(&of_namesakes),
            rows.len(),
        ));
    }
    let met = mutual(&likeness, ALIKE_UNNAMED);
    if met.len() as f64 >= MET * smaller as f64 {
        let example = met[0];
        return Likeness::Same(format!(
            "{} of {} samples meet one of the first study that is like them and like no other, as {} and {} (correlation of what sets them apart from their replicates {:.2})",
            met.len(),
            smaller,
            quoted(&first.ids[example.0]),
            quoted(&second.ids[example.1]),
            likeness[example.0][example.1],
        ));
    }
    Likeness::Different((!namesakes.is_empty()).then(|| {
        let how = if of_namesakes.is_empty() {
            "too few values to compare them by".to_owned()
        } else {
            format!(
                "the values of namesakes are unlike (median correlation {:.2})",
                median(&of_namesakes)
            )
        };
        format!(
            "{} sample names are in both studies; {how}, so the samples are taken for different ones",
            namesakes.len()
        )
    }))
}

fn quoted(id: &str) -> String {
    format!("`{id}`")
}

/// Letters and digits of a sample name in lower case.
fn key(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The rows with the most values on both sides, in order.
fn complete_rows(a: &Matrix, b: &Matrix) -> Vec<usize> {
    let mut rows: Vec<(usize, usize)> = (0..a.rows())
        .map(|i| (a.observed_in_row(i).min(1 << 20) * b.observed_in_row(i), i))
        .collect();
    rows.sort_by(|x, y| y.0.cmp(&x.0).then_with(|| x.1.cmp(&y.1)));
    let mut rows: Vec<usize> = rows.into_iter().take(FEATURES).map(|(_, i)| i).collect();
    rows.sort_unstable();
    rows
}

/// Pairs of columns that hold the same numbers, up to one shift.
fn equal_columns(a: &Matrix, b: &Matrix) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for i in 0..a.cols() {
        let own = a.column(i);
        for j in 0..b.cols() {
            let differences: Vec<f64> = (0..a.rows())
                .map(|row| b.get(row, j) - own[row])
                .filter(|d| !d.is_nan())
                .collect();
            if differences.len() < SHARED {
                continue;
            }
            let shift = median(&differences);
            let equal = differences
                .iter()
                .filter(|d| (**d - shift).abs() <= 1e-6 * (1.0 + shift.abs()))
                .count();
            if equal as f64 >= EQUAL_SHARE * differences.len() as f64 {
                found.push((i, j));
            }
        }
    }
    found
}

/// Values minus the mean of the feature over the sample's group, then minus the sample's own mean: NaN where missing, or
/// where a group has one value.
fn residuals(values: &Matrix, groups: &[Option<usize>]) -> Matrix {
    let mut left = Matrix::filled(values.rows(), values.cols(), f64::NAN);
    let count = groups.iter().flatten().max().map_or(0, |g| g + 1);
    for i in 0..values.rows() {
        // The last slot holds the samples without a group.
        let mut sums = vec![(0.0_f64, 0_usize); count + 1];
        let slot = |j: usize| groups.get(j).copied().flatten().unwrap_or(count);
        for (j, v) in values
            .row(i)
            .iter()
            .enumerate()
            .filter(|(_, v)| !v.is_nan())
        {
            let sum = &mut sums[slot(j)];
            sum.0 += v;
            sum.1 += 1;
        }
        for j in 0..values.cols() {
            let (sum, n) = sums[slot(j)];
            if n >= 2 && !values.get(i, j).is_nan() {
                left.set(i, j, values.get(i, j) - sum / n as f64);
            }
        }
    }
    left
}

/// Correlation of every sample of the first study with every one of the second; NaN where they share too little.
fn correlations(a: &Matrix, b: &Matrix) -> Vec<Vec<f64>> {
    let columns_b: Vec<Vec<f64>> = (0..b.cols()).map(|j| b.column(j)).collect();
    (0..a.cols())
        .map(|i| {
            let own = a.column(i);
            columns_b
                .iter()
                .map(|other| match pearson(&own, other) {
                    Ok(found) if found.n >= SHARED => found.r,
                    _ => f64::NAN,
                })
                .collect()
        })
        .collect()
}

/// Pairs that are each other's nearest, at least `alike`, and by a margin over every other pair of either.
fn mutual(likeness: &[Vec<f64>], alike: f64) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (i, row) in likeness.iter().enumerate() {
        let Some((j, best)) = best_of(row.iter().copied()) else {
            continue;
        };
        let rival_in_row = second_of(row.iter().copied(), j);
        let column = || likeness.iter().map(|r| r[j]);
        let rival_in_column = second_of(column(), i);
        let nearest = best_of(column()).is_some_and(|(k, _)| k == i);
        if nearest && best >= alike && best >= rival_in_row.max(rival_in_column) + APART {
            found.push((i, j));
        }
    }
    found
}

fn best_of(values: impl Iterator<Item = f64>) -> Option<(usize, f64)> {
    values
        .enumerate()
        .filter(|(_, v)| !v.is_nan())
        .max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| b.0.cmp(&a.0)))
}

fn second_of(values: impl Iterator<Item = f64>, but: usize) -> f64 {
    values
        .enumerate()
        .filter(|(k, v)| *k != but && !v.is_nan())
        .map(|(_, v)| v)
        .fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};

    fn names(prefix: &str, n: usize) -> Vec<String> {
        (1..=n).map(|k| format!("{prefix}_{k}")).collect()
    }

    /// 300 features in 2 groups of 4 samples, an effect between the groups and noise of one sample; `search` adds noise of
    /// its own, as a second search of the same runs does.
    fn study(samples: u64, search: u64, noise: f64) -> Matrix {
        let mut of_samples = rand_chacha::ChaCha8Rng::seed_from_u64(samples);
        let mut of_search = rand_chacha::ChaCha8Rng::seed_from_u64(1_000 + search);
        let mut of_features = rand_chacha::ChaCha8Rng::seed_from_u64(7);
        let normal = |rng: &mut rand_chacha::ChaCha8Rng| {
            (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
        };
        let levels: Vec<(f64, f64)> = (0..300)
            .map(|_| (20.0 + normal(&mut of_features), normal(&mut of_features)))
            .collect();
        Matrix::from_fn(300, 8, |i, j| {
            let effect = if j < 4 { levels[i].1 } else { 0.0 };
            levels[i].0 + effect + 0.3 * normal(&mut of_samples) + noise * normal(&mut of_search)
        })
    }

    fn likeness(a: &Matrix, b: &Matrix, names_b: &[String]) -> Likeness {
        let groups: Vec<Option<usize>> = (0..8).map(|j| Some(j / 4)).collect();
        let ids = names("S", 8);
        let side = |ids, values| Side {
            ids,
            groups: &groups,
            values,
        };
        compare(&side(&ids, a), &side(names_b, b))
    }

    #[test]
    fn the_same_runs_searched_twice_are_recognised_under_any_name() {
        let (a, b) = (study(1, 1, 0.2), study(1, 2, 0.2));
        assert!(matches!(
            likeness(&a, &b, &names("s", 8)),
            Likeness::Same(_)
        ));
        assert!(matches!(
            likeness(&a, &b, &names("run", 8)),
            Likeness::Same(_)
        ));
        let shifted = Matrix::from_fn(300, 8, |i, j| a.get(i, j) + 2.5);
        match likeness(&a, &shifted, &names("run", 8)) {
            Likeness::Same(evidence) => assert!(evidence.contains("8 of 8"), "{evidence}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn other_samples_of_the_same_biology_are_a_second_cohort_whatever_they_are_called() {
        let (a, b) = (study(1, 1, 0.2), study(2, 2, 0.2));
        assert_eq!(
            likeness(&a, &b, &names("run", 8)),
            Likeness::Different(None)
        );
        match likeness(&a, &b, &names("S", 8)) {
            Likeness::Different(Some(note)) => assert!(note.contains("8 sample names"), "{note}"),
            other => panic!("{other:?}"),
        }
    }
}
