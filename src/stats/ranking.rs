//! How well a score ranks what is true above what is not, and intervals for means over runs.

use crate::descriptive::{mean, ranks, standard_deviation};
use crate::distributions::student_t_two_sided_quantile;

/// Area under the receiver operating characteristic: the chance that a true item scores above a false one, ties counted
/// half (Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747). Scores that are NaN are left out; none where either
/// side is empty. Agrees with scikit-learn `roc_auc_score` to 1e-12.
pub fn auroc(true_scores: &[f64], false_scores: &[f64]) -> Option<f64> {
    let known =
        |scores: &[f64]| -> Vec<f64> { scores.iter().copied().filter(|s| !s.is_nan()).collect() };
    let (positive, negative) = (known(true_scores), known(false_scores));
    let (n, m) = (positive.len(), negative.len());
    if n == 0 || m == 0 {
        return None;
    }
    let all: Vec<f64> = positive.iter().chain(&negative).copied().collect();
    let sum: f64 = ranks(&all)[..n].iter().sum();
    let (n, m) = (n as f64, m as f64);
    Some((sum - n * (n + 1.0) / 2.0) / (n * m))
}

/// Mean over independent runs with its t interval at `level`; the interval is absent for fewer than two runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanInterval {
    /// Mean; NaN without runs.
    pub mean: f64,
    /// Ends of the interval.
    pub interval: Option<[f64; 2]>,
}

/// As [`MeanInterval`].
pub fn mean_interval(values: &[f64], level: f64) -> MeanInterval {
    let n = values.len();
    let centre = mean(values);
    let interval = (n >= 2).then(|| {
        let half = student_t_two_sided_quantile(1.0 - level, (n - 1) as f64)
            * standard_deviation(values)
            / (n as f64).sqrt();
        [centre - half, centre + half]
    });
    MeanInterval {
        mean: centre,
        interval,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Table, assert_close};

    /// Expected values: reference/power/generate.py (scikit-learn roc_auc_score).
    #[test]
    fn agrees_with_scikit_learn() {
        let table = Table::read("power/auroc_scores.tsv");
        let expected = Table::read("power/auroc.tsv");
        for (case, area) in expected
            .texts("case")
            .into_iter()
            .zip(expected.numbers("auroc"))
        {
            let rows = table.only("case", case);
            let scores = rows.numbers("score");
            let truth = rows.numbers("true");
            let of = |wanted: f64| -> Vec<f64> {
                let both = scores.iter().zip(&truth);
                both.filter(|(_, t)| **t == wanted)
                    .map(|(s, _)| *s)
                    .collect()
            };
            let found = auroc(&of(1.0), &of(0.0)).unwrap_or(f64::NAN);
            assert_close(case, &[found], &[area], 0.0, 1e-12);
        }
        assert_eq!(auroc(&[1.0], &[]), None);
        assert_eq!(auroc(&[f64::NAN], &[1.0]), None);
    }

    /// Expected values: reference/power/generate.py (SciPy t.interval).
    #[test]
    fn intervals_agree_with_scipy() {
        let table = Table::read("power/mean_interval.tsv");
        let found = mean_interval(&[0.0, 0.0, 0.1, 0.25, 0.0, 0.05], 0.95);
        let [low, high] = found.interval.unwrap_or([f64::NAN; 2]);
        let expected = [
            table.numbers("mean"),
            table.numbers("low"),
            table.numbers("high"),
        ]
        .concat();
        assert_close(
            "mean and ends",
            &[found.mean, low, high],
            &expected,
            0.0,
            1e-12,
        );
        assert!(mean_interval(&[1.0], 0.95).interval.is_none());
    }
}
