//! The method has no independent oracle: these check its distribution, its invariants and that the effect is gone.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::linear_model::fit;
use crate::moderated::{ModerationOptions, moderate};
use crate::unequal_variance::pooled_variance_ratio;
use rand::Rng;

struct Simulated {
    y: Matrix,
    nuisance: Matrix,
    tested: Matrix,
}

/// `features` × 14 samples in two groups beside a covariate; every third feature differs by 4 standard deviations.
fn simulate(features: usize, missing: f64, spread_of_second: f64, seed: u64) -> Simulated {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let n = 14;
    let second = |j: usize| j >= 8;
    let nuisance = Matrix::from_fn(n, 2, |i, j| if j == 0 { 1.0 } else { (i * i % 7) as f64 });
    let tested = Matrix::from_fn(n, 1, |i, _| f64::from(second(i)));
    let mut normal = NormalDraws::new(ChaCha8Rng::seed_from_u64(seed + 1));
    let y = Matrix::from_fn(features, n, |i, j| {
        let sd = (1.0 + (i % 5) as f64) * if second(j) { spread_of_second } else { 1.0 };
        let effect = if i % 3 == 0 && second(j) {
            4.0 * sd
        } else {
            0.0
        };
        let value = 20.0 + 0.02 * (j * j % 7) as f64 + effect + sd * normal.draw();
        if rng.random::<f64>() < missing {
            f64::NAN
        } else {
            value
        }
    });
    Simulated {
        y,
        nuisance,
        tested,
    }
}

impl Simulated {
    fn design(&self) -> Matrix {
        Matrix::from_fn(self.y.cols(), 3, |i, j| {
            if j < 2 {
                self.nuisance.get(i, j)
            } else {
                self.tested.get(i, 0)
            }
        })
    }

    fn rotation(&self, sample_scale: Option<&[f64]>) -> Rotation {
        let moderated = moderate(
            fit(&self.y, &self.design()).unwrap(),
            ModerationOptions::default(),
        )
        .unwrap();
        let model = RotationModel {
            nuisance: &self.nuisance,
            tested: &self.tested,
            sample_scale,
            blocks: None,
        };
        Rotation::new(&self.y, model, &moderated.variance.posterior_variance, 9).unwrap()
    }

    /// Ordinary two-sided p of the tested column in each row of `y`.
    fn p_values(&self, y: &Matrix) -> Vec<f64> {
        let fit = fit(y, &self.design()).unwrap();
        (0..y.rows())
            .filter(|&i| fit.df_residual[i] > 0.0 && fit.coefficients.get(i, 2).is_finite())
            .map(|i| {
                let t = fit.coefficients.get(i, 2) / (fit.stdev_unscaled.get(i, 2) * fit.sigma[i]);
                crate::distributions::student_t_two_sided(t, fit.df_residual[i])
            })
            .collect()
    }
}

/// Kolmogorov's distance of p-values from uniform, times √n; above 1.95 once in a thousand.
fn distance_from_uniform(mut p: Vec<f64>) -> f64 {
    p.sort_by(f64::total_cmp);
    let n = p.len() as f64;
    let gap = p
        .iter()
        .enumerate()
        .map(|(i, p)| (p - i as f64 / n).max((i + 1) as f64 / n - p))
        .fold(0.0, f64::max);
    gap * n.sqrt()
}

/// One p-value from each of many decoys: features of one decoy share its H, so only decoys are independent.
fn one_p_per_decoy(data: &Simulated, keep: impl Fn(usize) -> bool) -> Vec<f64> {
    let rotation = data.rotation(None);
    let features: Vec<usize> = (0..data.y.rows()).filter(|&i| keep(i)).collect();
    (0..1500)
        .flat_map(|seed| {
            let feature = features[seed % features.len()];
            data.p_values(&rotation.decoy(seed as u64).select_rows(&[feature]))
        })
        .collect()
}

#[test]
fn decoy_p_values_are_uniform_despite_a_large_effect() {
    let data = simulate(60, 0.0, 1.0, 1);
    let planted: Vec<usize> = (0..60).filter(|i| i % 3 == 0).collect();
    assert!(
        data.p_values(&data.y.select_rows(&planted))
            .iter()
            .all(|&p| p < 0.05)
    );
    assert_eq!(data.rotation(None).residual_df(), 11);
    let all = distance_from_uniform(one_p_per_decoy(&data, |_| true));
    assert!(all < 1.95, "{all}");
    let once_planted = distance_from_uniform(one_p_per_decoy(&data, |i| i % 3 == 0));
    assert!(once_planted < 1.95, "{once_planted}");
}

#[test]
fn decoys_of_incomplete_data_keep_the_mask_and_stay_uniform() {
    let data = simulate(150, 0.2, 1.0, 2);
    let decoy = data.rotation(None).decoy(0);
    for (found, original) in decoy.values().iter().zip(data.y.values()) {
        assert_eq!(found.is_nan(), original.is_nan());
    }
    let distance = distance_from_uniform(one_p_per_decoy(&data, |_| true));
    assert!(distance < 1.95, "{distance}");
}

#[test]
fn inner_products_between_features_are_kept() {
    let data = simulate(40, 0.0, 1.0, 3);
    let rotation = data.rotation(None);
    let decoy = rotation.decoy(5);
    let grown = 12.0 / 11.0;
    let free = |i: usize, j: usize| decoy.get(i, j) - rotation.nuisance_part.get(i, j);
    for a in 0..40 {
        for b in 0..40 {
            let product: f64 = (0..14).map(|j| free(a, j) * free(b, j)).sum();
            let effects = rotation.effects.row(a).iter().zip(rotation.effects.row(b));
            let expected: f64 = grown * effects.map(|(x, y)| x * y).sum::<f64>();
            assert!((product - expected).abs() < 1e-9 * (1.0 + expected.abs()));
        }
    }
}

#[test]
fn the_nuisance_fit_is_kept_exactly() {
    let data = simulate(30, 0.0, 1.0, 4);
    let decoy = data.rotation(None).decoy(1);
    let before = fit(&data.y, &data.nuisance).unwrap();
    let after = fit(&decoy, &data.nuisance).unwrap();
    for (a, b) in before
        .coefficients
        .values()
        .iter()
        .zip(after.coefficients.values())
    {
        assert!((a - b).abs() < 1e-9);
    }
}

#[test]
fn whitening_keeps_unequal_spread() {
    let data = simulate(400, 0.0, 2.0, 5);
    let groups: Vec<usize> = (0..14).map(|j| usize::from(j >= 8)).collect();
    let spread = pooled_variance_ratio(&data.y, &groups);
    assert!((spread.ratio - 4.0).abs() < 0.4, "{}", spread.ratio);
    let whitened = data.rotation(Some(&spread.sample_scale));
    let plain = data.rotation(None);
    let typical_ratio = |r: &Rotation| {
        let logs = (0..40).map(|seed| {
            let variance = pooled_variance_ratio(&r.decoy(seed), &groups).variance;
            (variance[1] / variance[0]).ln()
        });
        (logs.sum::<f64>() / 40.0).exp()
    };
    let (kept, lost) = (typical_ratio(&whitened), typical_ratio(&plain));
    assert!((kept - spread.ratio).abs() < 0.8, "{kept} {}", spread.ratio);
    assert!((0.6..1.6).contains(&lost), "{lost}");
}

#[test]
fn blocks_keep_their_correlation() {
    let (n, features) = (16, 1500);
    let block: Vec<usize> = (0..n).map(|j| j / 2).collect();
    let mut normal = NormalDraws::new(ChaCha8Rng::seed_from_u64(11));
    let mut y = Matrix::filled(features, n, 0.0);
    for i in 0..features {
        for b in 0..n / 2 {
            let shared = normal.draw() * 0.6f64.sqrt();
            for j in [2 * b, 2 * b + 1] {
                y.set(i, j, 10.0 + shared + normal.draw() * 0.4f64.sqrt());
            }
        }
    }
    let nuisance = Matrix::filled(n, 1, 1.0);
    let tested = Matrix::from_fn(n, 1, |i, _| f64::from(i % 2 == 0));
    let model = RotationModel {
        nuisance: &nuisance,
        tested: &tested,
        sample_scale: None,
        blocks: Some(BlockCorrelation {
            block: &block,
            correlation: 0.6,
        }),
    };
    let decoy = Rotation::new(&y, model, &[], 1).unwrap().decoy(8);
    let (mut within, mut total) = (0.0, 0.0);
    for i in 0..features {
        let row = decoy.row(i);
        let mean = row.iter().sum::<f64>() / n as f64;
        total += row.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n as f64;
        within += row
            .chunks(2)
            .map(|p| (p[0] - mean) * (p[1] - mean))
            .sum::<f64>()
            * 2.0
            / n as f64;
    }
    let correlation = within / total;
    assert!((correlation - 0.57).abs() < 0.06, "{correlation}");
}

#[test]
fn decoys_depend_on_the_seed_only() {
    let data = simulate(700, 0.1, 1.0, 6);
    let rotation = data.rotation(None);
    let bits = |m: Matrix| m.values().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let one_thread = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let many = rayon::ThreadPoolBuilder::new()
        .num_threads(5)
        .build()
        .unwrap();
    let first = one_thread.install(|| bits(data.rotation(None).decoy(2)));
    assert_eq!(first, many.install(|| bits(rotation.decoy(2))));
    assert_ne!(first, bits(rotation.decoy(3)));
}

#[test]
fn impossible_models_are_refused() {
    let data = simulate(5, 0.0, 1.0, 7);
    let model = |nuisance, tested| RotationModel {
        nuisance,
        tested,
        sample_scale: None,
        blocks: None,
    };
    let confounded = Rotation::new(&data.y, model(&data.nuisance, &data.nuisance), &[], 1);
    assert_eq!(confounded.unwrap_err(), RotationError::Confounded);
    let ones = Matrix::filled(14, 1, 1.0);
    let saturated = Matrix::from_fn(14, 13, |i, j| f64::from(i == j));
    let full = Rotation::new(&data.y, model(&saturated, &ones), &[], 1);
    let expected = RotationError::NoResidualDf {
        samples: 14,
        rank: 14,
    };
    assert_eq!(full.unwrap_err(), expected);
    let mut holed = data.y.clone();
    holed.set(2, 3, f64::NAN);
    let unfilled = Rotation::new(&holed, model(&data.nuisance, &data.tested), &[], 1);
    assert!(matches!(
        unfilled,
        Err(RotationError::Variance { feature: 2, .. })
    ));
}
