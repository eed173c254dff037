//! Tests on ranks: Wilcoxon's two, and Kruskal–Wallis.

use super::TestError;
use crate::descriptive::{observed, ranks};
use crate::distributions::{chi_squared_upper, normal_lower, normal_upper};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Below this many values (per group, for two groups) and without ties, p-values are exact.
const EXACT_BELOW: usize = 50;

/// A test on ranks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankTest {
    /// W, V or H.
    pub statistic: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Whether `p` is exact rather than from the limiting distribution.
    pub exact: bool,
    /// The effect on a scale from 0 to 1: for W the share of pairs (x, y) with x > y, ties counting half; for V the
    /// share of the rank sum that is positive; for H, η² = (H − k + 1) / (n − k), not below 0.
    pub effect: f64,
}

/// Wilcoxon–Mann–Whitney test of two samples. W is the rank sum of `x` less its minimum. Exact when both groups have
/// fewer than 50 values and none are tied, otherwise as [`rank_sum_normal`].
/// R `wilcox.test(x, y)`: W exact, log10 p 1e-12 (doi:10.1214/aoms/1177730491).
pub fn rank_sum(x: &[f64], y: &[f64]) -> Result<RankTest, TestError> {
    let (x, y) = (observed(x), observed(y));
    let summary = RankSum::of(&x, &y)?;
    if x.len() >= EXACT_BELOW || y.len() >= EXACT_BELOW || summary.tie_sum > 0.0 {
        return summary.normal();
    }
    let p = rank_sum_cumulative(x.len(), y.len()).two_sided(summary.w);
    Ok(RankTest {
        statistic: summary.w,
        p,
        exact: true,
        effect: summary.superiority(),
    })
}

/// As [`rank_sum`] from the normal limit with tie and continuity correction; R `wilcox.test(x, y, exact = FALSE)`.
pub fn rank_sum_normal(x: &[f64], y: &[f64]) -> Result<RankTest, TestError> {
    RankSum::of(&observed(x), &observed(y))?.normal()
}

struct RankSum {
    w: f64,
    nx: f64,
    ny: f64,
    tie_sum: f64,
}

impl RankSum {
    fn of(x: &[f64], y: &[f64]) -> Result<Self, TestError> {
        for (what, values) in [("the first group", x), ("the second group", y)] {
            if values.is_empty() {
                return Err(TestError::TooFew {
                    what,
                    found: 0,
                    needed: 1,
                });
            }
        }
        let together = [x, y].concat();
        let ranks = ranks(&together);
        let nx = x.len() as f64;
        Ok(Self {
            w: ranks[..x.len()].iter().sum::<f64>() - nx * (nx + 1.0) / 2.0,
            nx,
            ny: y.len() as f64,
            tie_sum: tie_sum(&together),
        })
    }

    fn superiority(&self) -> f64 {
        self.w / (self.nx * self.ny)
    }

    fn normal(&self) -> Result<RankTest, TestError> {
        let n = self.nx + self.ny;
        let spread =
            (self.nx * self.ny / 12.0 * ((n + 1.0) - self.tie_sum / (n * (n - 1.0)))).sqrt();
        let p = corrected_normal(self.w - self.nx * self.ny / 2.0, spread)?;
        Ok(RankTest {
            statistic: self.w,
            p,
            exact: false,
            effect: self.superiority(),
        })
    }
}

/// Wilcoxon's signed-rank test of differences against zero. V is the sum of the ranks of |d| with d > 0. Exact with
/// fewer than 50 differences, none tied in size and none zero, otherwise as [`signed_rank_normal`].
/// R `wilcox.test(d)`: V exact, log10 p 1e-12 (doi:10.2307/3001968).
pub fn signed_rank(differences: &[f64]) -> Result<RankTest, TestError> {
    let d = observed(differences);
    let summary = SignedRank::of(&d)?;
    if d.len() >= EXACT_BELOW || summary.tie_sum > 0.0 || summary.n != d.len() {
        return summary.normal();
    }
    Ok(RankTest {
        statistic: summary.v,
        p: signed_rank_cumulative(d.len()).two_sided(summary.v),
        exact: true,
        effect: summary.share(),
    })
}

/// As [`signed_rank`] from the normal limit with tie and continuity correction, zeros dropped;
/// R `wilcox.test(d, exact = FALSE)`.
pub fn signed_rank_normal(differences: &[f64]) -> Result<RankTest, TestError> {
    SignedRank::of(&observed(differences))?.normal()
}

struct SignedRank {
    v: f64,
    /// Differences that are not zero.
    n: usize,
    tie_sum: f64,
}

impl SignedRank {
    fn of(d: &[f64]) -> Result<Self, TestError> {
        let nonzero: Vec<f64> = d.iter().copied().filter(|&d| d != 0.0).collect();
        if nonzero.is_empty() {
            return Err(if d.is_empty() {
                TestError::TooFew {
                    what: "the set of differences",
                    found: 0,
                    needed: 1,
                }
            } else {
                TestError::Constant
            });
        }
        let sizes: Vec<f64> = nonzero.iter().map(|d| d.abs()).collect();
        let v = ranks(&sizes)
            .iter()
            .zip(&nonzero)
            .filter(|(_, d)| **d > 0.0)
            .map(|(r, _)| r)
            .sum();
        Ok(Self {
            v,
            n: nonzero.len(),
            tie_sum: tie_sum(&sizes),
        })
    }

    fn share(&self) -> f64 {
        let n = self.n as f64;
        self.v / (n * (n + 1.0) / 2.0)
    }

    fn normal(&self) -> Result<RankTest, TestError> {
        let n = self.n as f64;
        let spread = (n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - self.tie_sum / 48.0).sqrt();
        let p = corrected_normal(self.v - n * (n + 1.0) / 4.0, spread)?;
        Ok(RankTest {
            statistic: self.v,
            p,
            exact: false,
            effect: self.share(),
        })
    }
}

/// Kruskal–Wallis test of `values` by `groups`, with tie correction; R `kruskal.test`, log10 p 1e-12
/// (doi:10.1080/01621459.1952.10483441).
pub fn kruskal_wallis(values: &[f64], groups: &[usize]) -> Result<RankTest, TestError> {
    if values.len() != groups.len() {
        return Err(TestError::LengthMismatch {
            first: values.len(),
            second: groups.len(),
        });
    }
    let mut sums: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (rank, &group) in ranks(values).into_iter().zip(groups) {
        if !rank.is_nan() {
            let (sum, count) = sums.entry(group).or_default();
            *sum += rank;
            *count += 1.0;
        }
    }
    if sums.len() < 2 {
        return Err(TestError::TooFew {
            what: "the set of groups",
            found: sums.len(),
            needed: 2,
        });
    }
    let n: f64 = sums.values().map(|(_, count)| count).sum();
    let squares: f64 = sums.values().map(|(sum, count)| sum * sum / count).sum();
    let ties = tie_sum(&observed(values));
    let h = (12.0 * squares / (n * (n + 1.0)) - 3.0 * (n + 1.0)) / (1.0 - ties / (n * n * n - n));
    if h.is_nan() || ties == n * n * n - n {
        return Err(TestError::Constant);
    }
    let k = sums.len() as f64;
    Ok(RankTest {
        statistic: h,
        p: chi_squared_upper(h, k - 1.0),
        exact: false,
        effect: ((h - k + 1.0) / (n - k)).max(0.0),
    })
}

/// Σ (t³ − t) over groups of t equal values.
fn tie_sum(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
        .chunk_by(|a, b| a == b)
        .map(|group| group.len() as f64)
        .map(|t| t * t * t - t)
        .sum()
}

/// Two-sided p of a difference from its null mean, moved half a step towards it.
fn corrected_normal(difference: f64, spread: f64) -> Result<f64, TestError> {
    if spread.is_nan() || spread <= 0.0 {
        return Err(TestError::Constant);
    }
    let step = if difference == 0.0 {
        0.0
    } else {
        0.5 * difference.signum()
    };
    let z = (difference - step) / spread;
    Ok((2.0 * normal_lower(z).min(normal_upper(z))).min(1.0))
}

/// The cumulative null distribution of a statistic on 0..=max that is symmetric about max / 2, up to its middle.
struct Cumulative {
    lower: Vec<f64>,
    max: usize,
}

impl Cumulative {
    /// From the number of ways to reach each value up to the middle; the rest follows by symmetry.
    fn from_counts(counts: &[f64], max: usize) -> Self {
        let below_middle: f64 = counts[..max.div_ceil(2)].iter().sum();
        let middle = if max.is_multiple_of(2) {
            counts[max / 2]
        } else {
            0.0
        };
        let total = 2.0 * below_middle + middle;
        let mut running = 0.0;
        let lower = counts
            .iter()
            .map(|c| {
                running += c;
                running / total
            })
            .collect();
        Self { lower, max }
    }

    /// Twice the smaller tail, which includes `value` itself, at most 1.
    fn two_sided(&self, value: f64) -> f64 {
        let value = value.round() as usize;
        let near = value.min(self.max - value);
        (2.0 * self.lower[near]).min(1.0)
    }
}

/// Null distributions already computed; a table has the same few group sizes over and over.
type Computed<K> = RwLock<BTreeMap<K, Arc<Cumulative>>>;
static RANK_SUMS: Computed<(usize, usize)> = RwLock::new(BTreeMap::new());
static SIGNED_RANKS: Computed<usize> = RwLock::new(BTreeMap::new());

fn computed<K: Ord + Copy>(
    known: &Computed<K>,
    key: K,
    make: impl Fn() -> Cumulative,
) -> Arc<Cumulative> {
    if let Some(found) = known
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&key)
    {
        return Arc::clone(found);
    }
    let made = Arc::new(make());
    let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(key).or_insert(made))
}

/// W of groups of `m` and `n`: coefficients of the Gaussian binomial, built factor by factor as (1 − q^(n+i))/(1 − q^i).
fn rank_sum_cumulative(m: usize, n: usize) -> Arc<Cumulative> {
    computed(&RANK_SUMS, (m, n), || {
        let max = m * n;
        let mut counts = vec![0.0; max / 2 + 1];
        counts[0] = 1.0;
        for i in 1..=m {
            for w in (n + i..counts.len()).rev() {
                counts[w] -= counts[w - n - i];
            }
            for w in i..counts.len() {
                counts[w] += counts[w - i];
            }
        }
        Cumulative::from_counts(&counts, max)
    })
}

/// V of `n` differences: the number of subsets of 1..=n with each sum.
fn signed_rank_cumulative(n: usize) -> Arc<Cumulative> {
    computed(&SIGNED_RANKS, n, || {
        let max = n * (n + 1) / 2;
        let mut counts = vec![0.0; max / 2 + 1];
        counts[0] = 1.0;
        for rank in 1..=n {
            for v in (rank..counts.len()).rev() {
                counts[v] += counts[v - rank];
            }
        }
        Cumulative::from_counts(&counts, max)
    })
}
