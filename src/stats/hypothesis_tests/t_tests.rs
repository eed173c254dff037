//! Student's and Welch's t-tests.

use super::{TestError, observed_pairs};
use crate::descriptive::{mean, observed, variance};
use crate::distributions::{ln_student_t_two_sided, student_t_two_sided_quantile};

/// A t-test of a mean or a difference of means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TTest {
    /// The mean, or first mean minus second mean (log2 fold change for log2 abundances).
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// estimate / standard error.
    pub t: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Natural logarithm of the p-value, for p too small for a float.
    pub ln_p: f64,
}

impl TTest {
    fn new(estimate: f64, standard_error: f64, df: f64, scale: f64) -> Result<Self, TestError> {
        // R refuses the same data: a standard error within rounding of the values themselves.
        if standard_error.is_nan() || standard_error < 10.0 * f64::EPSILON * scale {
            return Err(TestError::Constant);
        }
        let t = estimate / standard_error;
        let ln_p = ln_student_t_two_sided(t, df);
        Ok(Self {
            estimate,
            standard_error,
            t,
            df,
            p: ln_p.exp(),
            ln_p,
        })
    }

    /// Confidence interval of the estimate at `level` (0.95 for 95 %).
    pub fn interval(&self, level: f64) -> [f64; 2] {
        let half = student_t_two_sided_quantile(1.0 - level, self.df) * self.standard_error;
        [self.estimate - half, self.estimate + half]
    }
}

/// Welch's test of two means with unequal variances and Satterthwaite's degrees of freedom
/// (doi:10.1093/biomet/34.1-2.28). R `t.test(x, y)` to 1e-12, log10 p 1e-10.
pub fn welch_t(x: &[f64], y: &[f64]) -> Result<TTest, TestError> {
    let (x, y) = (observed(x), observed(y));
    at_least("the first group", &x, 2)?;
    at_least("the second group", &y, 2)?;
    let (mx, my) = (mean(&x), mean(&y));
    let (ex, ey) = (variance(&x) / x.len() as f64, variance(&y) / y.len() as f64);
    let pooled = ex + ey;
    let df = pooled * pooled / (ex * ex / (x.len() - 1) as f64 + ey * ey / (y.len() - 1) as f64);
    TTest::new(mx - my, pooled.sqrt(), df, mx.abs().max(my.abs()))
}

/// Student's test of two means with one common variance. R `t.test(x, y, var.equal = TRUE)` to 1e-12, log10 p 1e-10.
pub fn student_t(x: &[f64], y: &[f64]) -> Result<TTest, TestError> {
    let (x, y) = (observed(x), observed(y));
    at_least("the first group", &x, 1)?;
    at_least("the second group", &y, 1)?;
    let (nx, ny) = (x.len() as f64, y.len() as f64);
    if x.len() + y.len() < 3 {
        return Err(TestError::TooFew {
            what: "the two groups together",
            found: x.len() + y.len(),
            needed: 3,
        });
    }
    let (mx, my) = (mean(&x), mean(&y));
    let squares =
        |values: &[f64], centre: f64| -> f64 { values.iter().map(|v| (v - centre).powi(2)).sum() };
    let df = nx + ny - 2.0;
    let pooled = (squares(&x, mx) + squares(&y, my)) / df;
    let error = (pooled * (1.0 / nx + 1.0 / ny)).sqrt();
    TTest::new(mx - my, error, df, mx.abs().max(my.abs()))
}

/// Student's test of a mean against zero. R `t.test(x)` to 1e-12, log10 p 1e-10.
pub fn one_sample_t(x: &[f64]) -> Result<TTest, TestError> {
    let x = observed(x);
    at_least("the sample", &x, 2)?;
    let centre = mean(&x);
    let error = (variance(&x) / x.len() as f64).sqrt();
    TTest::new(centre, error, (x.len() - 1) as f64, centre.abs())
}

/// Student's test of the mean difference of pairs, x − y, over pairs observed on both sides.
/// R `t.test(x, y, paired = TRUE)` to 1e-12, log10 p 1e-10.
pub fn paired_t(x: &[f64], y: &[f64]) -> Result<TTest, TestError> {
    let (x, y) = observed_pairs(x, y)?;
    let differences: Vec<f64> = x.iter().zip(&y).map(|(a, b)| a - b).collect();
    one_sample_t(&differences)
}

fn at_least(what: &'static str, values: &[f64], needed: usize) -> Result<(), TestError> {
    let found = values.len();
    if found < needed {
        Err(TestError::TooFew {
            what,
            found,
            needed,
        })
    } else {
        Ok(())
    }
}
