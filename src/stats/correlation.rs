//! Correlation of two variables over the samples where both are observed (NaN is missing).

use crate::Matrix;
use crate::descriptive::{mean, ranks};
use crate::distributions::{normal_quantile, student_t_two_sided};
use crate::hypothesis_tests::{TestError, observed_pairs};
use std::sync::OnceLock;

/// A correlation coefficient with its test against zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// The coefficient, from −1 to 1.
    pub r: f64,
    /// Pairs observed on both sides.
    pub n: usize,
    /// Two-sided p-value.
    pub p: f64,
}

impl Correlation {
    /// Confidence interval at `level` by Fisher's z transformation (standard error 1/√(n − 3)); none below four pairs.
    /// For Pearson R `cor.test` to 1e-12; for Spearman an approximation.
    pub fn interval(&self, level: f64) -> Option<[f64; 2]> {
        if self.n < 4 {
            return None;
        }
        let half = normal_quantile(0.5 + level / 2.0) / ((self.n - 3) as f64).sqrt();
        let z = self.r.atanh();
        Some([(z - half).tanh(), (z + half).tanh()])
    }

    /// Confidence interval of a Spearman coefficient at `level`, by Fisher's z transformation with standard error
    /// √((1 + r²/2)/(n − 3)) (Bonett & Wright 2000, doi:10.1007/BF02294183); none below four pairs. R `statpsych::ci.spear` to
    /// 1e-12. Meant for measured values: where many are tied, as scores of few steps are, it is an approximation.
    pub fn rank_interval(&self, level: f64) -> Option<[f64; 2]> {
        if self.n < 4 {
            return None;
        }
        let error = ((1.0 + self.r * self.r / 2.0) / (self.n - 3) as f64).sqrt();
        let half = normal_quantile(0.5 + level / 2.0) * error;
        let z = self.r.atanh();
        Some([(z - half).tanh(), (z + half).tanh()])
    }
}

/// Pearson correlation; p from t = r·√((n − 2)/(1 − r²)) with n − 2 degrees of freedom.
/// R `cor.test` to 1e-12, log10 p 1e-10. Needs three pairs.
pub fn pearson(x: &[f64], y: &[f64]) -> Result<Correlation, TestError> {
    let (x, y) = observed_pairs(x, y)?;
    enough(&x)?;
    let r = coefficient(&x, &y);
    if r.is_nan() {
        return Err(TestError::Constant);
    }
    Ok(Correlation {
        r,
        n: x.len(),
        p: t_limit(r, x.len()),
    })
}

/// Spearman rank correlation, Pearson's on mid-ranks. p is exact for up to nine pairs without ties, otherwise from the
/// t limit. R `cor.test(method = "spearman", exact = n <= 9)`: coefficient 1e-12, log10 p 1e-10. Needs three pairs.
pub fn spearman(x: &[f64], y: &[f64]) -> Result<Correlation, TestError> {
    let (x, y) = observed_pairs(x, y)?;
    enough(&x)?;
    let (rx, ry) = (ranks(&x), ranks(&y));
    let r = coefficient(&rx, &ry);
    if r.is_nan() {
        return Err(TestError::Constant);
    }
    let n = x.len();
    let untied = |ranks: &[f64]| {
        let mut sorted = ranks.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.windows(2).all(|w| w[0] < w[1])
    };
    let p = if n <= LARGEST_EXACT && untied(&rx) && untied(&ry) {
        let distance: f64 = rx.iter().zip(&ry).map(|(a, b)| (a - b).powi(2)).sum();
        exact_spearman_p(distance.round() as usize, n)
    } else {
        t_limit(r, n)
    };
    Ok(Correlation { r, n, p })
}

/// Pearson correlations between all rows, each over the columns observed in both; NaN with fewer than two such columns or
/// no spread. R `cor(t(y), use = "pairwise.complete.obs")` to 1e-12.
pub fn row_correlations(y: &Matrix) -> Matrix {
    let mut correlations = Matrix::filled(y.rows(), y.rows(), f64::NAN);
    for i in 0..y.rows() {
        for j in 0..=i {
            if let Ok((a, b)) = observed_pairs(y.row(i), y.row(j)) {
                let r = if a.len() < 2 {
                    f64::NAN
                } else {
                    coefficient(&a, &b)
                };
                correlations.set(i, j, r);
                correlations.set(j, i, r);
            }
        }
    }
    correlations
}

/// Mean of the correlations of all pairs of rows (see [`row_correlations`]), pairs that have none left out; NaN where no
/// pair has one.
pub fn mean_row_correlation(y: &Matrix) -> f64 {
    let all = row_correlations(y);
    let pairs = (0..y.rows()).flat_map(|a| (0..a).map(move |b| (a, b)));
    let known: Vec<f64> = pairs
        .map(|(a, b)| all.get(a, b))
        .filter(|r| !r.is_nan())
        .collect();
    mean(&known)
}

/// Covariance over the product of the spreads, within [−1, 1]; NaN when a side is constant.
fn coefficient(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        let (a, b) = (a - mx, b - my);
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    let constant = |squares: f64, centre: f64| {
        squares.sqrt() <= 10.0 * f64::EPSILON * centre.abs() * (x.len() as f64).sqrt()
    };
    if constant(xx, mx) || constant(yy, my) {
        return f64::NAN;
    }
    (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0)
}

fn t_limit(r: f64, n: usize) -> f64 {
    let df = (n - 2) as f64;
    student_t_two_sided(r * (df / (1.0 - r * r)).sqrt(), df)
}

fn enough(pairs: &[f64]) -> Result<(), TestError> {
    if pairs.len() < 3 {
        return Err(TestError::TooFew {
            what: "the set of pairs",
            found: pairs.len(),
            needed: 3,
        });
    }
    Ok(())
}

/// Up to this many pairs all n! orders are counted.
const LARGEST_EXACT: usize = 9;

/// Two-sided p of Σ (rank difference)²: twice the smaller tail, each tail including the observed value.
fn exact_spearman_p(distance: usize, n: usize) -> f64 {
    static COUNTS: [OnceLock<Vec<u64>>; LARGEST_EXACT + 1] =
        [const { OnceLock::new() }; LARGEST_EXACT + 1];
    let counts = COUNTS[n].get_or_init(|| {
        let mut counts = vec![0; n * (n * n - 1) / 3 + 1];
        count_distances(0, 0, 0, n, &mut counts);
        counts
    });
    let total: u64 = counts.iter().sum();
    let lower: u64 = counts[..=distance].iter().sum();
    let upper: u64 = counts[distance..].iter().sum();
    (2.0 * lower.min(upper) as f64 / total as f64).min(1.0)
}

/// Counts Σ (i − order[i])² over all ways to place the ranks not yet in the `used` bit set at `position` and after.
fn count_distances(position: usize, used: u32, distance: usize, n: usize, counts: &mut [u64]) {
    if position == n {
        counts[distance] += 1;
        return;
    }
    for rank in (0..n).filter(|r| used & (1 << r) == 0) {
        let further = distance + position.abs_diff(rank).pow(2);
        count_distances(position + 1, used | 1 << rank, further, n, counts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Table, assert_close, assert_p_close};

    fn compare(found: &[(Option<Correlation>, Option<Correlation>)], expected: &Table) {
        let column = |get: fn(&Correlation) -> f64, of_spearman: bool| -> Vec<f64> {
            let pick = |(p, s): &(Option<Correlation>, Option<Correlation>)| {
                if of_spearman { *s } else { *p }
            };
            found
                .iter()
                .map(|f| pick(f).map_or(f64::NAN, |c| get(&c)))
                .collect()
        };
        let end = |c: &Correlation, i: usize| c.interval(0.95).map_or(f64::NAN, |ci| ci[i]);
        assert_close(
            "r",
            &column(|c| c.r, false),
            &expected.numbers("pearson"),
            1e-12,
            1e-13,
        );
        assert_p_close(
            "p",
            &column(|c| c.p, false),
            &expected.numbers("pearson_p"),
            1e-10,
        );
        assert_close(
            "rho",
            &column(|c| c.r, true),
            &expected.numbers("spearman"),
            1e-12,
            1e-13,
        );
        assert_p_close(
            "rho p",
            &column(|c| c.p, true),
            &expected.numbers("spearman_p"),
            1e-10,
        );
        for (i, name) in ["low", "high"].into_iter().enumerate() {
            let ends: Vec<f64> = found
                .iter()
                .map(|(p, _)| p.map_or(f64::NAN, |c| end(&c, i)))
                .collect();
            assert_close(name, &ends, &expected.numbers(name), 1e-11, 1e-12);
        }
    }

    #[test]
    fn correlations_of_features_agree_with_r() {
        let table = Table::read("sim1_small/abundance.tsv");
        let (names, y) = table.matrix();
        let expected = Table::read("general/correlations.tsv");
        let log2 = |i: usize| y.row(i).iter().map(|v| v.log2()).collect::<Vec<f64>>();
        let found: Vec<_> = expected
            .texts("feature")
            .iter()
            .map(|feature| {
                let row = names
                    .iter()
                    .position(|n| n == feature)
                    .expect("a known feature");
                (
                    pearson(&log2(35), &log2(row)).ok(),
                    spearman(&log2(35), &log2(row)).ok(),
                )
            })
            .collect();
        compare(&found, &expected);
    }

    #[test]
    fn correlations_of_longer_samples_agree_with_r() {
        let values = Table::read("general/correlation_values.tsv");
        let expected = Table::read("general/correlation_tests.tsv");
        let found: Vec<_> = expected
            .texts("case")
            .iter()
            .map(|case| {
                let rows = values.only("case", case);
                let (x, y) = (rows.numbers("x"), rows.numbers("y"));
                (pearson(&x, &y).ok(), spearman(&x, &y).ok())
            })
            .collect();
        compare(&found, &expected);
    }

    /// Expected values: reference/agreement/rank_interval.R, with the function of one who proposed the interval.
    #[test]
    fn intervals_of_rank_correlations_agree_with_statpsych() {
        let values = Table::read("agreement/rank_values.tsv");
        let expected = Table::read("agreement/rank_interval.tsv");
        assert_eq!(expected.texts("case").len(), 4);
        for (k, case) in expected.texts("case").into_iter().enumerate() {
            let rows = values.only("case", case);
            let found = spearman(&rows.numbers("x"), &rows.numbers("y")).expect("two variables");
            let [low, high] = found.rank_interval(0.95).expect("more than three pairs");
            let wanted = ["rho", "n", "low", "high"].map(|column| expected.numbers(column)[k]);
            assert_close(
                case,
                &[found.r, found.n as f64, low, high],
                &wanted,
                1e-12,
                1e-12,
            );
        }
        let few = Correlation {
            r: 0.5,
            n: 3,
            p: 1.0,
        };
        assert_eq!(few.rank_interval(0.95), None);
    }

    #[test]
    fn rows_correlate_over_their_common_columns() {
        let nan = f64::NAN;
        let y = Matrix::new(
            3,
            4,
            vec![1.0, 2.0, 3.0, nan, 2.0, 4.0, 6.0, 9.0, 5.0, nan, nan, 1.0],
        );
        let r = row_correlations(&y.expect("3 × 4"));
        assert_close("r", &r.column(0), &[1.0, 1.0, nan], 1e-15, 0.0);
        assert!((r.get(1, 2) + 1.0).abs() < 1e-15);
    }
}
