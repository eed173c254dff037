//! Expected values: reference/linear/distributions.R (R 4.2.2, limma 3.54.1, statmod 1.5.0).
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
    let table = include_str!("../reference/linear/distributions.tsv");
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
