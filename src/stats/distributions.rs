//! Tail probabilities and quantiles of the distributions tests refer to, with logarithms that hold far past underflow.
//!
//! `ln_…` functions return natural logarithms; the others their exponentials. A p-value of 10^-400 has no `f64`,
//! but its logarithm does. NaN in any argument gives NaN. Degrees of freedom may be fractional, and infinite where noted.

mod quantiles;

pub use quantiles::{
    beta_quantile, chi_squared_quantile, f_quantile, f_quantile_from_ln, normal_quantile,
    normal_quantile_from_ln, student_t_quantile, student_t_two_sided_quantile,
    student_t_two_sided_quantile_from_ln,
};

use crate::special::{
    LnTails, ln_beta_kernel, ln_gamma, ln_incomplete_beta, ln_incomplete_gamma, ln_normal,
};

/// From here on Student's t is transformed to a normal deviate; the continued fraction would need √df terms.
const LARGE_DF: f64 = 1e5;

fn student_t_tails(t: f64, df: f64) -> LnTails {
    let undefined = LnTails {
        lower: f64::NAN,
        upper: f64::NAN,
    };
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return undefined;
    }
    if t < 0.0 {
        let mirrored = student_t_tails(-t, df);
        return LnTails {
            lower: mirrored.upper,
            upper: mirrored.lower,
        };
    }
    if t.is_infinite() || df.is_infinite() {
        return ln_normal(t);
    }
    if df > LARGE_DF {
        return ln_normal(normal_equivalent(t, df));
    }
    let ln_two_sided = ln_student_t_two_sided(t, df);
    let upper = ln_two_sided - std::f64::consts::LN_2;
    LnTails {
        lower: (-upper.exp()).ln_1p(),
        upper,
    }
}

/// The normal deviate with the same tail as `t` on large `df` (Hill 1970, doi:10.1145/355598.355599).
fn normal_equivalent(t: f64, df: f64) -> f64 {
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let z2 = a * (t * t / df).ln_1p();
    let z = z2.sqrt();
    let second =
        (((4.0 * z2 + 33.0) * z2 + 240.0) * z2 + 855.0) / (10.0 * b * (b + 0.8 * z2 * z2 + 100.0));
    z * (1.0 + (z2 + 3.0) / b - second)
}

/// ln P(|T| ≥ |t|) for Student's t with `df` > 0 degrees of freedom (∞ allowed).
/// Agrees with R `log(2) + pt(-abs(t), df, log.p = TRUE)` to 1e-10.
pub fn ln_student_t_two_sided(t: f64, df: f64) -> f64 {
    let t = t.abs();
    if df > LARGE_DF || t.is_infinite() {
        return (student_t_tails(t, df).upper + std::f64::consts::LN_2).min(0.0);
    }
    if df <= 0.0 {
        return f64::NAN;
    }
    // Dividing by the larger of the two keeps both parts exact and free of overflow.
    let (x, complement) = if t * t > df {
        let ratio = df / t / t;
        (ratio / (1.0 + ratio), 1.0 / (1.0 + ratio))
    } else {
        let ratio = t * t / df;
        (1.0 / (1.0 + ratio), ratio / (1.0 + ratio))
    };
    ln_incomplete_beta(0.5 * df, 0.5, x, complement).lower
}

/// P(|T| ≥ |t|) for Student's t.
pub fn student_t_two_sided(t: f64, df: f64) -> f64 {
    ln_student_t_two_sided(t, df).exp()
}

/// ln P(T ≥ t) for Student's t; R `pt(t, df, lower.tail = FALSE, log.p = TRUE)`.
pub fn ln_student_t_upper(t: f64, df: f64) -> f64 {
    student_t_tails(t, df).upper
}

/// P(T ≥ t) for Student's t.
pub fn student_t_upper(t: f64, df: f64) -> f64 {
    ln_student_t_upper(t, df).exp()
}

/// P(T ≤ t) for Student's t.
pub fn student_t_lower(t: f64, df: f64) -> f64 {
    student_t_tails(t, df).lower.exp()
}

fn f_tails(f: f64, df1: f64, df2: f64) -> LnTails {
    if f.is_nan() || df1.is_nan() || df2.is_nan() || df1 <= 0.0 || df2 <= 0.0 {
        return LnTails {
            lower: f64::NAN,
            upper: f64::NAN,
        };
    }
    let f = f.max(0.0);
    if f.is_infinite() {
        return LnTails {
            lower: 0.0,
            upper: f64::NEG_INFINITY,
        };
    }
    if df1.is_infinite() && df2.is_infinite() {
        let below = f < 1.0;
        return LnTails {
            lower: if below { f64::NEG_INFINITY } else { 0.0 },
            upper: if below { 0.0 } else { f64::NEG_INFINITY },
        };
    }
    if df2.is_infinite() {
        return ln_incomplete_gamma(0.5 * df1, 0.5 * df1 * f);
    }
    if df1.is_infinite() {
        let tails = ln_incomplete_gamma(0.5 * df2, 0.5 * df2 / f);
        return LnTails {
            lower: tails.upper,
            upper: tails.lower,
        };
    }
    let ratio = df1 * f / df2;
    let (x, complement) = if ratio > 1.0 {
        (
            1.0 / (1.0 + 1.0 / ratio),
            (1.0 / ratio) / (1.0 + 1.0 / ratio),
        )
    } else {
        (ratio / (1.0 + ratio), 1.0 / (1.0 + ratio))
    };
    ln_incomplete_beta(0.5 * df1, 0.5 * df2, x, complement)
}

/// ln P(F ≥ f) with `df1` and `df2` degrees of freedom (either may be ∞); R `pf(…, lower.tail = FALSE, log.p = TRUE)` to 1e-10.
pub fn ln_f_upper(f: f64, df1: f64, df2: f64) -> f64 {
    f_tails(f, df1, df2).upper
}

/// ln P(F ≤ f).
pub fn ln_f_lower(f: f64, df1: f64, df2: f64) -> f64 {
    f_tails(f, df1, df2).lower
}

/// P(F ≥ f).
pub fn f_upper(f: f64, df1: f64, df2: f64) -> f64 {
    ln_f_upper(f, df1, df2).exp()
}

/// ln P(X ≥ x) for the chi-squared distribution with `df` > 0; R `pchisq(…, lower.tail = FALSE, log.p = TRUE)` to 1e-10.
pub fn ln_chi_squared_upper(x: f64, df: f64) -> f64 {
    ln_incomplete_gamma(0.5 * df, 0.5 * x.max(0.0)).upper
}

/// P(X ≥ x) for the chi-squared distribution.
pub fn chi_squared_upper(x: f64, df: f64) -> f64 {
    ln_chi_squared_upper(x, df).exp()
}

/// ln P(Z ≥ z) for the standard normal distribution.
pub fn ln_normal_upper(z: f64) -> f64 {
    ln_normal(z).upper
}

/// P(Z ≥ z) for the standard normal distribution.
pub fn normal_upper(z: f64) -> f64 {
    ln_normal(z).upper.exp()
}

/// P(Z ≤ z) for the standard normal distribution.
pub fn normal_lower(z: f64) -> f64 {
    ln_normal(z).lower.exp()
}

/// ln P(|Z| ≥ |z|) for the standard normal distribution.
pub fn ln_normal_two_sided(z: f64) -> f64 {
    (ln_normal(z.abs()).upper + std::f64::consts::LN_2).min(0.0)
}

/// P(X ≤ x) for the beta distribution with shapes `a`, `b`; R `pbeta`.
pub fn beta_lower(x: f64, a: f64, b: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    ln_incomplete_beta(a, b, x, 1.0 - x).lower.exp()
}

/// Logarithm of the density of F at `f` (`df2` may be ∞); R `df(log = TRUE)`.
pub fn f_ln_density(f: f64, df1: f64, df2: f64) -> f64 {
    if df2.is_infinite() {
        let a = 0.5 * df1;
        return a * (a * f).ln() - a * f - ln_gamma(a) - f.ln();
    }
    let total = df1 * f + df2;
    ln_beta_kernel(0.5 * df1, 0.5 * df2, df1 * f / total, df2 / total) - f.ln()
}

#[cfg(test)]
mod tests;
