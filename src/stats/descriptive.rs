//! Location and spread of one variable. Missing values (NaN) are dropped; with nothing left the answer is NaN.

/// Consistency factor that makes the median absolute deviation estimate a normal standard deviation.
pub const MAD_TO_SD: f64 = 1.4826;

/// The values that are there, in input order.
pub fn observed(x: &[f64]) -> Vec<f64> {
    x.iter().copied().filter(|v| !v.is_nan()).collect()
}

fn sorted(x: &[f64]) -> Vec<f64> {
    let mut values = observed(x);
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Arithmetic mean.
pub fn mean(x: &[f64]) -> f64 {
    let (sum, n) = x
        .iter()
        .filter(|v| !v.is_nan())
        .fold((0.0, 0_usize), |(s, n), v| (s + v, n + 1));
    sum / n as f64
}

/// Sample variance (divisor n − 1), in two passes; NaN below two values.
pub fn variance(x: &[f64]) -> f64 {
    let centre = mean(x);
    let (sum, n) = x
        .iter()
        .filter(|v| !v.is_nan())
        .fold((0.0, 0_usize), |(s, n), v| {
            (s + (v - centre).powi(2), n + 1)
        });
    if n < 2 {
        f64::NAN
    } else {
        sum / (n - 1) as f64
    }
}

/// Sample standard deviation (divisor n − 1); NaN below two values.
pub fn standard_deviation(x: &[f64]) -> f64 {
    variance(x).sqrt()
}

/// Median; the mean of the middle two when their number is even.
pub fn median(x: &[f64]) -> f64 {
    let mut values = observed(x);
    let n = values.len();
    if n == 0 {
        return f64::NAN;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 {
        upper
    } else {
        let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (lower + upper) / 2.0
    }
}

/// Median absolute deviation from the median, times [`MAD_TO_SD`] (R `mad`).
pub fn median_absolute_deviation(x: &[f64]) -> f64 {
    let centre = median(x);
    let deviations: Vec<f64> = x.iter().map(|v| (v - centre).abs()).collect();
    MAD_TO_SD * median(&deviations)
}

/// Quantile at `probability` in [0, 1] by linear interpolation of order statistics at 1 + (n − 1)·probability
/// (type 7 of Hyndman & Fan, doi:10.1080/00031305.1996.10473566; the default of R and NumPy).
pub fn quantile(x: &[f64], probability: f64) -> f64 {
    quantile_of_sorted(&sorted(x), probability)
}

/// As [`quantile`], for values already in ascending order and without NaN.
pub fn quantile_of_sorted(ascending: &[f64], probability: f64) -> f64 {
    if ascending.is_empty() || probability.is_nan() {
        return f64::NAN;
    }
    let position = (ascending.len() - 1) as f64 * probability.clamp(0.0, 1.0);
    let low = position.floor();
    let share = position - low;
    let lower = ascending[low as usize];
    if share == 0.0 {
        lower
    } else {
        lower + share * (ascending[low as usize + 1] - lower)
    }
}

/// Half-sample mode (Robertson & Cryer; Bickel & Frühwirth 2006, doi:10.1016/j.csda.2005.07.011): keep the half of the
/// sorted values that spans the least, until three or fewer remain; of three, the closer pair decides.
/// Of several equally short halves the middle one is kept, so that the answer does not lean to one side.
pub fn half_sample_mode(x: &[f64]) -> f64 {
    let values = sorted(x);
    let mut window = values.as_slice();
    loop {
        match window {
            [] => return f64::NAN,
            [a] => return *a,
            [a, b] => return (a + b) / 2.0,
            [a, b, c] => {
                let (left, right) = (b - a, c - b);
                return if left < right {
                    (a + b) / 2.0
                } else if right < left {
                    (b + c) / 2.0
                } else {
                    *b
                };
            }
            _ => {}
        }
        let half = window.len().div_ceil(2);
        let span = |start: usize| window[start + half - 1] - window[start];
        let starts = 0..=window.len() - half;
        let shortest = starts.clone().map(span).fold(f64::INFINITY, f64::min);
        let ties: Vec<usize> = starts.filter(|&s| span(s) == shortest).collect();
        let start = ties[ties.len() / 2];
        window = &window[start..start + half];
    }
}

/// Mid-ranks from 1; equal values share the mean of their ranks; NaN stays NaN (R `rank`, `na.last = "keep"`).
pub fn ranks(x: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).filter(|&i| !x[i].is_nan()).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
    let mut ranks = vec![f64::NAN; x.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && x[order[end]] == x[order[start]] {
            end += 1;
        }
        let shared = (start + end + 1) as f64 / 2.0;
        for &i in &order[start..end] {
            ranks[i] = shared;
        }
        start = end;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Table, assert_close};

    #[test]
    fn statistics_agree_with_r() {
        let values = Table::read("general/descriptive_values.tsv");
        let expected = Table::read("general/descriptive.tsv");
        for case in ["odd", "even", "tied", "one"] {
            let rows = values.only("case", case);
            let x = rows.numbers("x");
            assert_close("ranks", &ranks(&x), &rows.numbers("rank"), 0.0, 0.0);
            let expected = expected.only("case", case);
            for (name, value) in expected
                .texts("statistic")
                .iter()
                .zip(expected.numbers("value"))
            {
                let found = match *name {
                    "mean" => mean(&x),
                    "sd" => standard_deviation(&x),
                    "median" => median(&x),
                    "mad" => median_absolute_deviation(&x),
                    other => quantile(&x, other[1..].parse().unwrap_or(f64::NAN)),
                };
                assert_close(name, &[found], &[value], 1e-14, 0.0);
            }
        }
        assert!(median(&[f64::NAN]).is_nan() && quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn half_sample_mode_by_hand() {
        // Halves of 3 of 6: [4, 4.1, 4.3] is the shortest; its closer pair is 4, 4.1.
        let x = [9.0, 1.0, 4.1, f64::NAN, 4.0, 4.3, -3.0];
        assert_close("mode", &[half_sample_mode(&x)], &[4.05], 1e-15, 0.0);
        assert_eq!(half_sample_mode(&[2.0]), 2.0);
        assert_eq!(half_sample_mode(&[2.0, 3.0, 4.0]), 3.0);
        assert!(half_sample_mode(&[]).is_nan());
    }
}
