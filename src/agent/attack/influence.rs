//! Influence: does the claim survive without any one of its samples?

use proteus_stats::Matrix;
use proteus_stats::distributions::student_t_two_sided;
use proteus_stats::linear_model;

/// Prior of the moderated variance, as the tool that made the claim estimated it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VariancePrior {
    /// Prior degrees of freedom; infinite when all variances were taken as equal.
    pub df: f64,
    /// Prior variance.
    pub variance: f64,
}

/// Refits of one row without each of its samples: how many kept the sign and p ≤ 0.05, and how many were done.
///
/// `y` is the row over the columns of the frame (log2, NaN missing), `design` the frame's design with the tested
/// column at `tested`. The variance prior stays that of the full table, one row of many.
pub fn leave_one_out(
    y: &[f64],
    design: &Matrix,
    tested: usize,
    prior: VariancePrior,
) -> Option<(usize, usize)> {
    let full = effect(y, design, tested, prior)?;
    let (mut held, mut tried) = (0, 0);
    for dropped in (0..y.len()).filter(|&j| !y[j].is_nan()) {
        let mut without = y.to_vec();
        without[dropped] = f64::NAN;
        if let Some((value, p)) = effect(&without, design, tested, prior) {
            tried += 1;
            held += usize::from(value * full.0 > 0.0 && p <= 0.05);
        }
    }
    (tried > 0).then_some((held, tried))
}

/// Coefficient and moderated p of one row.
fn effect(y: &[f64], design: &Matrix, tested: usize, prior: VariancePrior) -> Option<(f64, f64)> {
    let row = Matrix::new(1, y.len(), y.to_vec()).ok()?;
    let fit = linear_model::fit(&row, design).ok()?;
    let (value, unscaled) = (
        fit.coefficients.get(0, tested),
        fit.stdev_unscaled.get(0, tested),
    );
    let (df, sigma) = (fit.df_residual[0], fit.sigma[0]);
    if value.is_nan() || df < 1.0 {
        return None;
    }
    let (variance, total_df) = if prior.df.is_infinite() {
        (prior.variance, f64::INFINITY)
    } else {
        (
            (prior.df * prior.variance + df * sigma * sigma) / (prior.df + df),
            prior.df + df,
        )
    };
    let t = value / (unscaled * variance.sqrt());
    Some((value, student_t_two_sided(t, total_df)))
}
