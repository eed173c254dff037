//! Locally weighted straight lines through a scatter, for trends of variance with abundance.
//!
//! [`lowess`] is Cleveland 1979 (doi:10.1080/01621459.1979.10481038) with the skipping of Cleveland's program; agrees with R
//! `lowess` to 1e-10. [`weighted_lowess`] takes a weight per point and agrees with limma `weightedLowess` to 1e-9.

use crate::descriptive::median;

/// Order that sorts `x`, ties in input order.
fn ascending(x: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
    order
}

fn tricube(share: f64) -> f64 {
    let rest = 1.0 - share * share * share;
    rest * rest * rest
}

/// Robust lowess of `y` on `x` at every point: windows of `span` of the points and `iterations` reweightings by bisquare.
/// Points closer than 1 % of the range to the last fitted one are interpolated. No NaN.
pub(crate) fn lowess(x: &[f64], y: &[f64], span: f64, iterations: usize) -> Vec<f64> {
    let order = ascending(x);
    let sx: Vec<f64> = order.iter().map(|&i| x[i]).collect();
    let sy: Vec<f64> = order.iter().map(|&i| y[i]).collect();
    let n = sx.len();
    if n < 2 {
        return y.to_vec();
    }
    let window = ((span * n as f64 + 1e-7) as usize).clamp(2, n);
    let skip = 0.01 * (sx[n - 1] - sx[0]);
    let mut robustness = vec![1.0; n];
    let mut fitted = vec![0.0; n];
    for iteration in 0..=iterations {
        lowess_pass(&sx, &sy, window, skip, &robustness, &mut fitted);
        if iteration == iterations || !bisquare(&sy, &fitted, &mut robustness) {
            break;
        }
    }
    let mut result = vec![0.0; n];
    for (at, &i) in order.iter().enumerate() {
        result[i] = fitted[at];
    }
    result
}

/// Bisquare weights from residuals at six median absolute residuals; false when the fit is already exact.
fn bisquare(y: &[f64], fitted: &[f64], weights: &mut [f64]) -> bool {
    let residuals: Vec<f64> = y.iter().zip(fitted).map(|(a, b)| (a - b).abs()).collect();
    let mean = residuals.iter().sum::<f64>() / residuals.len() as f64;
    let limit = 6.0 * median(&residuals);
    if limit < 1e-7 * mean {
        return false;
    }
    for (weight, r) in weights.iter_mut().zip(residuals) {
        *weight = if r <= 0.001 * limit {
            1.0
        } else if r <= 0.999 * limit {
            let rest = 1.0 - (r / limit) * (r / limit);
            rest * rest
        } else {
            0.0
        };
    }
    true
}

fn lowess_pass(
    x: &[f64],
    y: &[f64],
    window: usize,
    skip: f64,
    robustness: &[f64],
    fitted: &mut [f64],
) {
    let n = x.len();
    let (mut left, mut right) = (0, window - 1);
    let mut last: Option<usize> = None;
    let mut i = 0;
    loop {
        while right + 1 < n && x[i] - x[left] > x[right + 1] - x[i] {
            left += 1;
            right += 1;
        }
        fitted[i] = local_line(x, y, i, (left, right), robustness).unwrap_or(y[i]);
        if let Some(last) = last {
            interpolate(x, fitted, last, i);
        }
        let mut done = i;
        let cut = x[i] + skip;
        let mut next = i + 1;
        while next < n && x[next] <= cut {
            if x[next] == x[done] {
                fitted[next] = fitted[done];
                done = next;
            }
            next += 1;
        }
        if done + 1 >= n {
            return;
        }
        last = Some(done);
        i = (done + 1).max(next - 1);
    }
}

fn interpolate(x: &[f64], fitted: &mut [f64], from: usize, to: usize) {
    let width = x[to] - x[from];
    for j in from + 1..to {
        let share = (x[j] - x[from]) / width;
        fitted[j] = share * fitted[to] + (1.0 - share) * fitted[from];
    }
}

/// Value at point `i` of the weighted line through its window; `None` without weight.
fn local_line(
    x: &[f64],
    y: &[f64],
    i: usize,
    (left, right): (usize, usize),
    robustness: &[f64],
) -> Option<f64> {
    let at = x[i];
    let reach = (at - x[left]).max(x[right] - at);
    let mut weights = Vec::with_capacity(right - left + 1);
    for j in left..x.len() {
        let distance = (x[j] - at).abs();
        if distance <= 0.999 * reach {
            let near = if distance <= 0.001 * reach {
                1.0
            } else {
                tricube(distance / reach)
            };
            weights.push(near * robustness[j]);
        } else if x[j] > at {
            break;
        } else {
            weights.push(0.0);
        }
    }
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let points = |w: &[f64]| {
        w.iter()
            .zip(&x[left..])
            .zip(&y[left..])
            .map(|((&w, &x), &y)| (w, x, y))
            .collect::<Vec<_>>()
    };
    weights.iter_mut().for_each(|w| *w /= total);
    if reach > 0.0 {
        let centre: f64 = points(&weights).iter().map(|(w, x, _)| w * x).sum();
        let spread: f64 = points(&weights)
            .iter()
            .map(|(w, x, _)| w * (x - centre) * (x - centre))
            .sum();
        if spread.sqrt() > 0.001 * (x[x.len() - 1] - x[0]) {
            let slope = (at - centre) / spread;
            for (w, x) in weights.iter_mut().zip(&x[left..]) {
                *w *= slope * (x - centre) + 1.0;
            }
        }
    }
    Some(points(&weights).iter().map(|(w, _, y)| w * y).sum())
}

/// Lowess of `y` on `x` with positive weights, without robustness: each window holds `span` of the total weight.
///
/// Fitted at about 200 anchor points and interpolated between them. No NaN.
pub(crate) fn weighted_lowess(x: &[f64], y: &[f64], weights: &[f64], span: f64) -> Vec<f64> {
    const ANCHORS: usize = 200;
    let order = ascending(x);
    let pick = |v: &[f64]| order.iter().map(|&i| v[i]).collect::<Vec<f64>>();
    let (sx, sy, sw) = (pick(x), pick(y), pick(weights));
    let n = sx.len();
    if n < 2 {
        return y.to_vec();
    }
    let skip = if n <= ANCHORS {
        0.0
    } else {
        anchor_distance(&sx, ANCHORS)
    };
    let window_weight = span * sw.iter().sum::<f64>();
    let mut fitted = vec![0.0; n];
    let mut last = 0;
    for i in 0..n {
        if i > 0 && i < n - 1 && sx[i] - sx[last] <= skip {
            continue;
        }
        fitted[i] = heavy_window_line(&sx, &sy, &sw, i, window_weight);
        if i > last + 1 {
            if sx[i] > sx[last] {
                interpolate(&sx, &mut fitted, last, i);
            } else {
                let value = fitted[i];
                fitted[last + 1..i].fill(value);
            }
        }
        last = i;
    }
    let mut result = vec![0.0; n];
    for (at, &i) in order.iter().enumerate() {
        result[i] = fitted[at];
    }
    result
}

/// The spacing that covers the range with `anchors` points, when up to all but one of the widest gaps are left uncovered.
fn anchor_distance(x: &[f64], anchors: usize) -> f64 {
    let mut gaps: Vec<f64> = x.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_by(f64::total_cmp);
    let covered: Vec<f64> = gaps
        .iter()
        .scan(0.0, |sum, gap| {
            *sum += gap;
            Some(*sum)
        })
        .collect();
    (0..anchors)
        .map(|left_out| covered[covered.len() - 1 - left_out] / (anchors - left_out) as f64)
        .fold(f64::INFINITY, f64::min)
}

fn heavy_window_line(x: &[f64], y: &[f64], w: &[f64], i: usize, window_weight: f64) -> f64 {
    const NO_SPREAD: f64 = 1e-7;
    let n = x.len();
    let (mut left, mut right, mut weight) = (i, i, w[i]);
    while weight < window_weight && (left > 0 || right + 1 < n) {
        let leftwards = right + 1 == n || (left > 0 && x[i] - x[left - 1] < x[right + 1] - x[i]);
        if leftwards {
            left -= 1;
            weight += w[left];
        } else {
            right += 1;
            weight += w[right];
        }
    }
    while left > 0 && x[left - 1] == x[left] {
        left -= 1;
    }
    while right + 1 < n && x[right + 1] == x[right] {
        right += 1;
    }
    let reach = (x[i] - x[left]).max(x[right] - x[i]);
    let near = |j: usize| {
        if reach < NO_SPREAD {
            w[j]
        } else {
            w[j] * tricube((x[j] - x[i]).abs() / reach)
        }
    };
    let (mut total, mut mean_x, mut mean_y) = (0.0, 0.0, 0.0);
    for j in left..=right {
        let v = near(j);
        total += v;
        mean_x += v * x[j];
        mean_y += v * y[j];
    }
    mean_x /= total;
    mean_y /= total;
    if reach < NO_SPREAD {
        return mean_y;
    }
    let (mut variance, mut covariance) = (0.0, 0.0);
    for j in left..=right {
        let v = near(j) * (x[j] - mean_x);
        variance += v * (x[j] - mean_x);
        covariance += v * (y[j] - mean_y);
    }
    if variance < NO_SPREAD * NO_SPREAD {
        return mean_y;
    }
    mean_y + covariance / variance * (x[i] - mean_x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Table, assert_close};

    /// Expected values: reference/linear/limma.R.
    #[test]
    fn smoothers_agree_with_limma() {
        let table = Table::read("linear/smoothers.tsv.gz");
        let [x, z, w] = ["x", "z", "w"].map(|c| table.numbers(c));
        let expected = table.numbers("lowess");
        assert_close("lowess", &lowess(&x, &z, 0.4, 3), &expected, 1e-10, 1e-12);
        let w: Vec<f64> = w.iter().map(|w| w.clamp(1e-8, 100.0)).collect();
        let expected = table.numbers("weighted");
        assert_close(
            "weighted",
            &weighted_lowess(&x, &z, &w, 0.3),
            &expected,
            1e-9,
            1e-11,
        );
        let expected = table.numbers("weighted_wide");
        assert_close(
            "wide",
            &weighted_lowess(&x, &z, &w, 0.8),
            &expected,
            1e-9,
            1e-11,
        );
    }
}
