//! Expected values: reference/linear/limma.R; the unequal-df tables come from limma 3.63.2, the others from 3.54.1.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::linear_model::tests::{adjusted, group_means, study};
use crate::linear_model::{contrasts_fit, fit};
use crate::reference::{Table, assert_close};
use crate::variance_prior::HyperparameterMethod;
use std::f64::consts::LN_10;

fn group_difference() -> (LinearFit, Vec<String>) {
    let (y, sheet) = study();
    let (design, contrast) = group_means(&sheet);
    let difference = contrasts_fit(&fit(&y, &design).unwrap(), &contrast).unwrap();
    let names = Table::read("linear/legacy.tsv.gz");
    (
        difference,
        names.texts("feature").iter().map(|&n| n.into()).collect(),
    )
}

fn options(method: HyperparameterMethod, trend: bool, robust: bool) -> ModerationOptions {
    ModerationOptions {
        prior: PriorOptions {
            method,
            robust,
            ..PriorOptions::default()
        },
        trend,
    }
}

struct Tolerance {
    prior: f64,
    t: f64,
    log10_p: f64,
    log_odds: f64,
}

/// Compares on the features of the table; those it leaves out were never observed.
fn check(table: &str, options: ModerationOptions, tolerance: &Tolerance) {
    let expected = Table::read(&format!("linear/{table}.tsv.gz"));
    let (difference, names) = group_difference();
    let wanted = expected.texts("feature");
    let rows: Vec<usize> = wanted
        .iter()
        .map(|w| names.iter().position(|n| n == w).unwrap())
        .collect();
    // The tables without the feature never observed were made without it.
    let kept = LinearFit {
        coefficients: difference.coefficients.select_rows(&rows),
        stdev_unscaled: difference.stdev_unscaled.select_rows(&rows),
        sigma: rows.iter().map(|&i| difference.sigma[i]).collect(),
        df_residual: rows.iter().map(|&i| difference.df_residual[i]).collect(),
        ave_expr: rows.iter().map(|&i| difference.ave_expr[i]).collect(),
        coefficient_covariance: difference.coefficient_covariance.clone(),
    };
    let found = moderate(kept, options).unwrap();
    let test = found.test(0);
    let numbers = |c: &str| expected.numbers(c);
    assert_close(
        "s2 prior",
        &found.variance.prior_variance,
        &numbers("s2_prior"),
        tolerance.prior,
        0.0,
    );
    assert_close(
        "df prior",
        &found.variance.prior_df,
        &numbers("df_prior"),
        tolerance.prior,
        0.0,
    );
    assert_close(
        "s2 post",
        &found.variance.posterior_variance,
        &numbers("s2_post"),
        tolerance.prior,
        0.0,
    );
    assert_close(
        "df total",
        &test.df,
        &numbers("df_total"),
        tolerance.prior,
        0.0,
    );
    assert_close("t", &test.t, &numbers("t"), tolerance.t, 1e-12);
    let log10_p: Vec<f64> = test.ln_p.iter().map(|p| p / LN_10).collect();
    assert_close(
        "log10 p",
        &log10_p,
        &numbers("log10_p"),
        0.0,
        tolerance.log10_p,
    );
    if tolerance.log_odds > 0.0 {
        let log_odds = found.log_odds(0, LogOddsOptions::default());
        assert_close("B", &log_odds, &numbers("B"), 0.0, tolerance.log_odds);
    }
    if options.trend {
        let all = moderate(difference, options).unwrap();
        assert_eq!(all.left_out.len(), names.len() - wanted.len());
        let posterior: Vec<f64> = rows
            .iter()
            .map(|&i| all.variance.posterior_variance[i])
            .collect();
        assert_eq!(posterior, found.variance.posterior_variance);
        assert!(all.left_out.iter().all(|&i| all.test(0).ln_p[i].is_nan()));
    }
}

const EXACT: Tolerance = Tolerance {
    prior: 1e-9,
    t: 1e-9,
    log10_p: 1e-8,
    log_odds: 1e-6,
};
const ROBUST: Tolerance = Tolerance {
    prior: 1e-6,
    t: 1e-6,
    log10_p: 1e-6,
    log_odds: 1e-5,
};
const UNEQUAL: Tolerance = Tolerance {
    prior: 1e-8,
    t: 1e-8,
    log10_p: 1e-8,
    log_odds: 0.0,
};

#[test]
fn legacy_agrees_with_limma() {
    use HyperparameterMethod::Legacy;
    check("legacy", options(Legacy, false, false), &EXACT);
    check("legacy_trend", options(Legacy, true, false), &EXACT);
    check("legacy_robust", options(Legacy, false, true), &ROBUST);
    check("legacy_trend_robust", options(Legacy, true, true), &ROBUST);
}

#[test]
fn unequal_df_agrees_with_limma() {
    use HyperparameterMethod::UnequalDf;
    check("unequal_df", options(UnequalDf, false, false), &UNEQUAL);
    check(
        "unequal_df_robust",
        options(UnequalDf, false, true),
        &UNEQUAL,
    );
}

#[test]
fn unequal_df_trend_agrees_with_limma() {
    use HyperparameterMethod::UnequalDf;
    check(
        "unequal_df_trend",
        options(UnequalDf, true, false),
        &UNEQUAL,
    );
    check(
        "unequal_df_trend_robust",
        options(UnequalDf, true, true),
        &UNEQUAL,
    );
}

fn legacy_fit() -> ModeratedFit {
    moderate(
        group_difference().0,
        options(HyperparameterMethod::Legacy, false, false),
    )
    .unwrap()
}

#[test]
fn intervals_and_treat_agree_with_limma() {
    let found = legacy_fit();
    let names = group_difference().1;
    let (low, high): (Vec<f64>, Vec<f64>) = found.intervals(0, 0.95).into_iter().unzip();
    let expected = Table::read("linear/interval.tsv.gz");
    assert_close("low", &low, &expected.numbers("low"), 1e-9, 1e-11);
    assert_close("high", &high, &expected.numbers("high"), 1e-9, 1e-11);
    let expected = Table::read("linear/treat.tsv.gz");
    let estimable = Table::read("linear/treat.tsv.gz");
    let rows: Vec<usize> = estimable
        .texts("feature")
        .iter()
        .map(|w| names.iter().position(|n| n == w).unwrap())
        .collect();
    // limma needs the features it cannot treat removed before, which changes the prior.
    let part = LinearFit {
        coefficients: found.fit.coefficients.select_rows(&rows),
        stdev_unscaled: found.fit.stdev_unscaled.select_rows(&rows),
        sigma: rows.iter().map(|&i| found.fit.sigma[i]).collect(),
        df_residual: rows.iter().map(|&i| found.fit.df_residual[i]).collect(),
        ave_expr: rows.iter().map(|&i| found.fit.ave_expr[i]).collect(),
        coefficient_covariance: found.fit.coefficient_covariance.clone(),
    };
    let part = moderate(part, options(HyperparameterMethod::Legacy, false, false)).unwrap();
    let test = part.test_beyond(0, 0.5);
    let t: Vec<f64> = test
        .t
        .iter()
        .map(|t| if *t == 0.0 { 0.0 } else { *t })
        .collect();
    assert_close("t", &t, &expected.numbers("t"), 1e-9, 1e-11);
    let log10_p: Vec<f64> = test.ln_p.iter().map(|p| p / LN_10).collect();
    assert_close("log10 p", &log10_p, &expected.numbers("log10_p"), 0.0, 1e-9);
}

#[test]
fn joint_tests_agree_with_limma() {
    let (y, sheet) = study();
    let several = fit(&y, &adjusted(&sheet)).unwrap();
    let found = moderate(several, options(HyperparameterMethod::Legacy, false, false)).unwrap();
    let joint = found.joint_test(&[1, 2, 3]);
    let expected = Table::read("linear/moderated_f.tsv.gz");
    assert_close("F", &joint.f, &expected.numbers("F"), 1e-9, 1e-12);
    assert_eq!(joint.df1, expected.numbers("df1")[0]);
    assert_close("df2", &joint.df2, &expected.numbers("df2"), 1e-9, 0.0);
    let log10_p: Vec<f64> = joint.ln_p.iter().map(|p| p / LN_10).collect();
    assert_close("log10 p", &log10_p, &expected.numbers("log10_p"), 0.0, 1e-8);
}

/// The hand-made features of the study: extremes that must not give NaN or ∞ where limma gives numbers.
#[test]
fn edge_features_behave() {
    let found = legacy_fit();
    let names = group_difference().1;
    let row = |name: &str| names.iter().position(|n| n == name).unwrap();
    let test = found.test(0);
    let prior_df = found.variance.prior_df[0];
    let one_each = row("EDGE_one_each");
    assert_eq!(found.fit.df_residual[one_each], 0.0);
    assert_eq!(test.df[one_each], prior_df);
    assert!((test.t[one_each].abs() - 1.11).abs() < 0.01);
    assert!((test.ln_p[one_each].exp() - 0.36).abs() < 0.01);
    let shifted = row("EDGE_constant_shift");
    assert!(found.fit.sigma[shifted] < 1e-13);
    assert!((test.t[shifted].abs() - 6.04).abs() < 0.01);
}
