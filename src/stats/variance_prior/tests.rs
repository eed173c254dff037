//! Expected values: reference/linear/limma.R.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::reference::{Table, assert_close};
use proptest::prelude::*;

fn check_against(table: &str, trend: bool, robust: bool, relative: f64) {
    let table = Table::read(&format!("linear/{table}.tsv.gz"));
    let [variance, df, ave] = ["variance", "df", "ave"].map(|c| table.numbers(c));
    let options = PriorOptions {
        method: HyperparameterMethod::Legacy,
        robust,
        ..PriorOptions::default()
    };
    let found = squeeze_variance(&variance, &df, trend.then_some(&ave), options).unwrap();
    assert_close(
        "prior",
        &found.prior_variance,
        &table.numbers("prior"),
        relative,
        0.0,
    );
    assert_close(
        "prior df",
        &found.prior_df,
        &table.numbers("prior_df"),
        relative,
        0.0,
    );
    assert_close(
        "posterior",
        &found.posterior_variance,
        &table.numbers("posterior"),
        relative,
        0.0,
    );
}

#[test]
fn legacy_agrees_with_limma() {
    check_against("squeezed_plain", false, false, 1e-9);
}

#[test]
fn legacy_trend_agrees_with_limma() {
    check_against("squeezed_trend", true, false, 1e-9);
}

#[test]
fn legacy_robust_agrees_with_limma() {
    check_against("squeezed_robust", false, true, 1e-6);
}

#[test]
fn legacy_trend_robust_agrees_with_limma() {
    check_against("squeezed_trend_robust", true, true, 1e-6);
}

#[test]
fn chance_spread_gives_an_infinite_prior() {
    check_against("squeezed_pure_chance", false, false, 1e-9);
    check_against("squeezed_pure_chance_robust", false, true, 1e-6);
}

#[test]
fn bad_input_is_explained() {
    let options = PriorOptions::default();
    let none = squeeze_variance(&[1.0, 2.0, 3.0], &[0.0, 0.0, 0.0], None, options);
    assert_eq!(none, Err(VariancePriorError::TooFew { informative: 0 }));
    let short = squeeze_variance(&[1.0, 2.0, 3.0], &[1.0], None, options);
    assert!(matches!(
        short,
        Err(VariancePriorError::Lengths { found: 1, .. })
    ));
    let trend = squeeze_variance(
        &[1.0, 2.0, 3.0],
        &[1.0; 3],
        Some(&[1.0, f64::NAN, 2.0]),
        options,
    );
    assert!(matches!(
        trend,
        Err(VariancePriorError::Covariate { feature: 1, .. })
    ));
}

proptest! {
    /// A squeezed variance lies between the feature's own and the prior, and rescaling the data rescales it.
    #[test]
    fn squeezing_is_between_and_scales(seed in 0u64..200, robust: bool, legacy: bool) {
        use rand::{Rng, SeedableRng};
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let variance: Vec<f64> = (0..60).map(|_| (3.0 * rng.random::<f64>() - 1.0).exp()).collect();
        let df: Vec<f64> = (0..60).map(|_| f64::from(rng.random_range(1..9))).collect();
        let method = if legacy { HyperparameterMethod::Legacy } else { HyperparameterMethod::UnequalDf };
        let options = PriorOptions { method, robust, ..PriorOptions::default() };
        let found = squeeze_variance(&variance, &df, None, options).unwrap();
        for ((&own, &prior), &posterior) in variance.iter().zip(&found.prior_variance).zip(&found.posterior_variance) {
            let (low, high) = (own.min(prior), own.max(prior));
            prop_assert!(posterior >= low * (1.0 - 1e-12) && posterior <= high * (1.0 + 1e-12));
        }
        let doubled: Vec<f64> = variance.iter().map(|v| 4.0 * v).collect();
        let again = squeeze_variance(&doubled, &df, None, options).unwrap();
        let expected: Vec<f64> = found.posterior_variance.iter().map(|v| 4.0 * v).collect();
        assert_close("scaled", &again.posterior_variance, &expected, 1e-6, 0.0);
    }
}
