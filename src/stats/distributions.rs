//! Tail probabilities and quantiles of the distributions tests refer to, with logarithms that hold far past underflow.
//!
//! `ln_…` functions return natural logarithms; the others their exponentials. A p-value of 10^-400 has no `f64`,
//! but its logarithm does. NaN in any argument gives NaN. Degrees of freedom may be fractional, and infinite where noted.

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

/// Logarithm of the density of F at `f` (`df2` may be ∞); R `df(log = TRUE)`.
pub fn f_ln_density(f: f64, df1: f64, df2: f64) -> f64 {
    if df2.is_infinite() {
        let a = 0.5 * df1;
        return a * (a * f).ln() - a * f - ln_gamma(a) - f.ln();
    }
    let total = df1 * f + df2;
    ln_beta_kernel(0.5 * df1, 0.5 * df2, df1 * f / total, df2 / total) - f.ln()
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::special::{
        digamma, ln_beta, ln_choose, ln_minus_digamma, tetragamma, trigamma, trigamma_inverse,
    };

    fn compute(name: &str, a: f64, b: f64, c: f64) -> f64 {
        match name {
            "ln_gamma" => ln_gamma(a),
            "digamma" => digamma(a),
            "trigamma" => trigamma(a),
            "tetragamma" => tetragamma(a),
            "ln_minus_digamma" => ln_minus_digamma(a),
            "trigamma_inverse" => trigamma_inverse(a),
            "ln_beta" => ln_beta(a, b),
            "ln_choose" => ln_choose(a, b),
            "ln_student_t_two_sided" => ln_student_t_two_sided(a, b),
            "ln_student_t_upper" => ln_student_t_upper(a, b),
            "ln_f_upper" => ln_f_upper(a, b, c),
            "ln_f_lower" => ln_f_lower(a, b, c),
            "ln_chi_squared_upper" => ln_chi_squared_upper(a, b),
            "ln_normal_upper" => ln_normal_upper(a),
            "normal_quantile" => normal_quantile(a),
            "student_t_quantile" => student_t_quantile(a, b),
            "chi_squared_quantile" => chi_squared_quantile(a, b),
            "f_quantile" => f_quantile(a, b, c),
            "beta_quantile" => beta_quantile(a, b, c),
            other => panic!("no function `{other}`"),
        }
    }

    /// Expected values: reference/linear/distributions.R.
    #[test]
    fn agrees_with_r() {
        let number = |text: &str| match text.trim() {
            "NA" => f64::NAN,
            "Inf" => f64::INFINITY,
            "-Inf" => f64::NEG_INFINITY,
            other => other.parse::<f64>().unwrap(),
        };
        let table = include_str!("reference/linear/distributions.tsv");
        let mut wrong = Vec::new();
        let mut checked = 0;
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let [a, b, c, expected] = [1, 2, 3, 4].map(|k| number(cells[k]));
            let found = compute(cells[0], a, b, c);
            // R's own quantiles stop at about 1e-11.
            let relative = if cells[0].ends_with("quantile") {
                1e-10
            } else {
                1e-11
            };
            let tolerance = 1e-12 + relative * expected.abs();
            if found != expected && (found - expected).abs() > tolerance {
                wrong.push(format!("{line} found {found:e}"));
            }
            checked += 1;
        }
        assert!(checked > 700);
        assert!(
            wrong.is_empty(),
            "{} of {checked}:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }

    #[test]
    fn the_tails_sum_to_one() {
        for df in [0.7, 3.0, 41.0, 2e5] {
            for t in [-9.0, -0.3, 0.0, 1.2, 30.0] {
                let total = student_t_upper(t, df) + student_t_lower(t, df);
                assert!((total - 1.0).abs() < 1e-14, "t {t} df {df}: {total}");
            }
        }
        assert!(student_t_two_sided(f64::NAN, 3.0).is_nan());
        assert!(f_upper(1.0, f64::NAN, 3.0).is_nan());
        assert_eq!(
            ln_student_t_two_sided(f64::INFINITY, 3.0),
            f64::NEG_INFINITY
        );
    }
}
