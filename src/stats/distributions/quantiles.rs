//! Quantiles: Newton steps on the logarithm of the smaller tail, kept inside a bracket.

use crate::special::{
    ln_beta_kernel, ln_gamma, ln_incomplete_beta, ln_incomplete_gamma, ln_normal,
};

/// The z with P(Z ≤ z) = `p`; R `qnorm` to 1e-13. ±∞ at 1 and 0, NaN outside [0, 1].
pub fn normal_quantile(p: f64) -> f64 {
    if p.is_nan() || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p > 0.5 {
        -normal_quantile_from_ln((-p).ln_1p())
    } else {
        normal_quantile_from_ln(p.ln())
    }
}

/// The z ≤ 0 with ln P(Z ≤ z) = `ln_p`, for `ln_p` ≤ ln ½; R `qnorm(ln_p, log.p = TRUE)`.
pub fn normal_quantile_from_ln(ln_p: f64) -> f64 {
    if ln_p == f64::NEG_INFINITY {
        return ln_p;
    }
    let root = (-2.0 * ln_p).sqrt();
    let mut z = (root
        - (2.307_53 + 0.270_61 * root) / (1.0 + 0.992_29 * root + 0.044_81 * root * root))
        .max(0.0);
    for _ in 0..20 {
        let ln_tail = ln_normal(z).upper;
        let ln_density = -0.5 * z * z - 0.5 * (2.0 * std::f64::consts::PI).ln();
        let step = (ln_tail - ln_p) * (ln_tail - ln_density).exp();
        z += step;
        if step.abs() <= 1e-15 * z.abs().max(1e-2) {
            break;
        }
    }
    -z
}

/// The root u of the increasing `value(u)` = `target`, where `value` returns the function and its slope: Newton steps kept inside a bracket.
fn increasing_root(target: f64, start: f64, value: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = (-750.0, 750.0);
    let mut u = start;
    for _ in 0..200 {
        let (found, slope) = value(u);
        let gap = target - found;
        if gap == 0.0 {
            return u;
        }
        if gap > 0.0 {
            low = u;
        } else {
            high = u;
        }
        let newton = u + gap / slope;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - u).abs() <= 1e-15 * u.abs().max(1e-1) {
            return next;
        }
        u = next;
    }
    u
}

/// A tail probability as its logarithm, and the side it lies on.
#[derive(Clone, Copy)]
struct Tail {
    ln: f64,
    upper: bool,
}

impl Tail {
    /// The smaller of the two tails a lower tail of `p` leaves, where the logarithm resolves it; `None` outside [0, 1].
    fn from_lower(p: f64) -> Option<Self> {
        (0.0..=1.0).contains(&p).then(|| Self {
            ln: if p > 0.5 { (-p).ln_1p() } else { p.ln() },
            upper: p > 0.5,
        })
    }

    fn mirrored(self) -> Self {
        Self {
            upper: !self.upper,
            ..self
        }
    }

    /// The end of the range a tail of zero points to, or a full one points away from.
    fn end(self) -> Option<f64> {
        if self.ln == f64::NEG_INFINITY || self.ln == 0.0 {
            let high = self.upper == (self.ln == f64::NEG_INFINITY);
            Some(if high {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            })
        } else {
            None
        }
    }
}

/// ln(x / (1 − x)) at the point of the beta(a, b) distribution with the given tail.
fn beta_logit_quantile(tail: Tail, a: f64, b: f64) -> f64 {
    let defined = tail.ln <= 0.0 && a > 0.0 && b > 0.0;
    if !defined {
        return f64::NAN;
    }
    if let Some(end) = tail.end() {
        return end;
    }
    let point = |u: f64| (1.0 / (1.0 + (-u).exp()), 1.0 / (1.0 + u.exp()));
    let sign = if tail.upper { -1.0 } else { 1.0 };
    increasing_root(sign * tail.ln, (a / b).ln(), |u| {
        let (x, complement) = point(u);
        let tails = ln_incomplete_beta(a, b, x, complement);
        let ln_tail = if tail.upper { tails.upper } else { tails.lower };
        let slope = (ln_beta_kernel(a, b, x, complement) - ln_tail).exp();
        (sign * ln_tail, slope)
    })
}

/// ln x at the point of the gamma(a, 1) distribution with the given tail.
fn gamma_ln_quantile(tail: Tail, a: f64) -> f64 {
    let defined = tail.ln <= 0.0 && a > 0.0;
    if !defined {
        return f64::NAN;
    }
    if let Some(end) = tail.end() {
        return end;
    }
    let sign = if tail.upper { -1.0 } else { 1.0 };
    increasing_root(sign * tail.ln, a.ln(), |u| {
        let tails = ln_incomplete_gamma(a, u.exp());
        let ln_tail = if tail.upper { tails.upper } else { tails.lower };
        let slope = (a * u - u.exp() - ln_gamma(a) - ln_tail).exp();
        (sign * ln_tail, slope)
    })
}

/// The x with P(X ≤ x) = `p` for the beta distribution with shapes `a`, `b`; R `qbeta` to 1e-10 relative.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let logit = Tail::from_lower(p).map_or(f64::NAN, |tail| beta_logit_quantile(tail, a, b));
    1.0 / (1.0 + (-logit).exp())
}

/// The x with P(X ≤ x) = `p` for the chi-squared distribution with `df` > 0; R `qchisq` to 1e-10 relative.
pub fn chi_squared_quantile(p: f64, df: f64) -> f64 {
    Tail::from_lower(p).map_or(f64::NAN, |tail| {
        2.0 * gamma_ln_quantile(tail, 0.5 * df).exp()
    })
}

fn f_quantile_of(tail: Tail, df1: f64, df2: f64) -> f64 {
    if df2.is_infinite() {
        2.0 / df1 * gamma_ln_quantile(tail, 0.5 * df1).exp()
    } else {
        df2 / df1 * beta_logit_quantile(tail, 0.5 * df1, 0.5 * df2).exp()
    }
}

/// The f with P(F ≤ f) = `p` (`df2` may be ∞); R `qf` to 1e-10 relative.
pub fn f_quantile(p: f64, df1: f64, df2: f64) -> f64 {
    Tail::from_lower(p).map_or(f64::NAN, |tail| f_quantile_of(tail, df1, df2))
}

/// The f whose upper (or lower) tail has logarithm `ln_p`; R `qf(ln_p, log.p = TRUE)`.
pub fn f_quantile_from_ln(ln_p: f64, upper: bool, df1: f64, df2: f64) -> f64 {
    f_quantile_of(Tail { ln: ln_p, upper }, df1, df2)
}

/// The t > 0 with P(|T| ≥ t) = `p`, the half-width of a two-sided 1 − p interval in standard errors (`df` may be ∞);
/// R `qt(p / 2, df, lower.tail = FALSE)` to 1e-10 relative.
pub fn student_t_two_sided_quantile(p: f64, df: f64) -> f64 {
    Tail::from_lower(p).map_or(f64::NAN, |tail| t_quantile_of(tail.mirrored(), df))
}

/// The t > 0 with ln P(|T| ≥ t) = `ln_p`.
pub fn student_t_two_sided_quantile_from_ln(ln_p: f64, df: f64) -> f64 {
    let tail = Tail {
        ln: ln_p,
        upper: true,
    };
    t_quantile_of(tail, df)
}

/// The |t| at which the two-sided tail (`upper`) or its complement is given.
fn t_quantile_of(tail: Tail, df: f64) -> f64 {
    if df > 1e10 {
        return (2.0 * gamma_ln_quantile(tail, 0.5).exp()).sqrt();
    }
    (df * beta_logit_quantile(tail, 0.5, 0.5 * df).exp()).sqrt()
}

/// The t with P(T ≤ t) = `p`; R `qt`.
pub fn student_t_quantile(p: f64, df: f64) -> f64 {
    if p > 0.5 {
        student_t_two_sided_quantile(2.0 * (1.0 - p), df)
    } else {
        -student_t_two_sided_quantile(2.0 * p, df)
    }
}
