//! Least-squares natural cubic spline: cubic between knots at quantiles, straight beyond the outermost (R `splines::ns` space).

use crate::descriptive::quantile;
use crate::orthogonal::PivotedQr;

/// Columns of the natural spline through `knots` (in order, at least two) at each `x`, the constant left out: x itself, scaled to the
/// span of the knots, and one bent function per inner knot. Spans the space of R `splines::ns` with the same knots.
pub fn natural_spline_columns(x: &[f64], knots: &[f64]) -> Vec<Vec<f64>> {
    let rows: Vec<Vec<f64>> = x.iter().map(|&x| basis(x, knots)).collect();
    (1..knots.len().max(2))
        .map(|k| rows.iter().map(|row| row[k]).collect())
        .collect()
}

/// A fitted natural spline.
pub(crate) struct NaturalSpline {
    knots: Vec<f64>,
    /// Coefficient per basis function; 0 where aliased.
    coefficients: Vec<f64>,
    /// Residual sum of squares over the points less the rank.
    pub(crate) mean_residual_effect: f64,
}

impl NaturalSpline {
    /// Fits `y` on `x` with `df` ≥ 2 basis functions, the constant included; inner knots at even quantiles of `x`.
    pub(crate) fn fit(x: &[f64], y: &[f64], df: usize) -> Self {
        let knots: Vec<f64> = (0..df)
            .map(|k| quantile(x, k as f64 / (df - 1) as f64))
            .collect();
        let n = x.len();
        let rows: Vec<Vec<f64>> = x.iter().map(|&x| basis(x, &knots)).collect();
        let columns = (0..df)
            .flat_map(|j| rows.iter().map(move |r| r[j]))
            .collect();
        let qr = PivotedQr::of_columns(columns, n, df);
        let mut effects = y.to_vec();
        qr.apply_q_transposed(&mut effects);
        let mut coefficients = vec![0.0; df];
        for (&j, b) in qr.independent().iter().zip(qr.solve(&effects)) {
            coefficients[j] = b;
        }
        let left_over = &effects[qr.rank()..];
        let mean_residual_effect =
            left_over.iter().map(|e| e * e).sum::<f64>() / left_over.len() as f64;
        Self {
            knots,
            coefficients,
            mean_residual_effect,
        }
    }

    /// The spline at `x`.
    pub(crate) fn value(&self, x: f64) -> f64 {
        let terms = basis(x, &self.knots);
        terms
            .iter()
            .zip(&self.coefficients)
            .map(|(a, b)| a * b)
            .sum()
    }
}

/// The natural truncated-power basis on [0, 1]-scaled x: 1, x and one bent function per inner knot.
fn basis(x: f64, knots: &[f64]) -> Vec<f64> {
    let last = knots.len() - 1;
    let scale = |v: f64| (v - knots[0]) / (knots[last] - knots[0]);
    let cube = |v: f64| v.max(0.0).powi(3);
    let bend = |k: usize| {
        let (at, knot) = (scale(x), scale(knots[k]));
        (cube(at - knot) - cube(at - 1.0)) / (1.0 - knot)
    };
    let mut terms = vec![1.0, scale(x)];
    terms.extend((0..last.saturating_sub(1)).map(|k| bend(k) - bend(last - 1)));
    terms
}
