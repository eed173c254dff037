//! Influence: does the claim survive without any one of its units of replication (samples, or donors with all their samples)?

use std::collections::BTreeSet;

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

/// Refits of one row without each of its units: how many kept the sign and p ≤ 0.05, and how many were done.
///
/// `y` is the row over the columns of the frame (log2, NaN missing), `units` the unit of replication of each, `design` the
/// frame's design with the tested column at `tested`. The variance prior stays that of the full table, one row of many.
pub fn leave_one_out(
    y: &[f64],
    units: &[usize],
    design: &Matrix,
    tested: usize,
    prior: VariancePrior,
) -> Option<(usize, usize)> {
    let full = effect(y, design, tested, prior)?;
    let (mut held, mut tried) = (0, 0);
    let observed = (0..y.len()).filter(|&j| !y[j].is_nan());
    let dropped: BTreeSet<usize> = observed.map(|j| units[j]).collect();
    for unit in dropped {
        let left = y.iter().zip(units);
        let without: Vec<f64> = left
            .map(|(&value, &of)| if of == unit { f64::NAN } else { value })
            .collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: VariancePrior = VariancePrior {
        df: 0.0,
        variance: 0.0,
    };

    fn two_arms() -> Matrix {
        Matrix::from_fn(8, 2, |i, j| if j == 0 || i >= 4 { 1.0 } else { 0.0 })
    }

    #[test]
    fn one_wild_sample_does_not_stand_when_it_is_left_out() {
        let steady = [0.0, 0.1, -0.1, 0.05, 2.0, 2.1, 1.9, 2.05];
        let units: Vec<usize> = (0..8).collect();
        assert_eq!(
            leave_one_out(&steady, &units, &two_arms(), 1, PRIOR),
            Some((8, 8))
        );
        let wild = [0.0, 0.4, -0.3, 0.1, 0.1, -0.2, 0.3, 40.0];
        let (held, tried) = leave_one_out(&wild, &units, &two_arms(), 1, PRIOR).unwrap_or((9, 9));
        assert_eq!((held, tried), (0, 8));
    }

    #[test]
    fn a_donor_goes_with_all_its_samples() {
        let steady = [0.0, 0.1, -0.1, 0.05, 2.0, 2.1, 1.9, 2.05];
        let donors = [0, 0, 1, 1, 2, 2, 3, 3];
        assert_eq!(
            leave_one_out(&steady, &donors, &two_arms(), 1, PRIOR),
            Some((4, 4))
        );
    }
}
