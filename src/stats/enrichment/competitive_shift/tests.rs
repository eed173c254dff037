//! The formula is checked against R where the tool that uses it is; here its size and power, by simulation.

#![expect(
    clippy::unwrap_used,
    reason = "a failing test should stop where it fails"
)]

use super::*;
use crate::Matrix;
use crate::enrichment::{InterFeatureCorrelation, camera, hill_z};
use crate::linear_model::{fit, fitted_values};
use crate::moderated::{ModerationOptions, moderate};
use crate::multiplicity::benjamini_hochberg;
use rand::distr::{Distribution, Open01};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SETS: usize = 30;
const SIZE: usize = 20;

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (Open01.sample(rng), Open01.sample(rng));
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Two arms of `per_arm`; features of a set share a factor (correlation 0.4); each feature changes with chance `changing`
/// by a normal draw, and those of the first `shifted` sets by 0.8 more.
fn world(
    per_arm: usize,
    changing: f64,
    shifted: usize,
    seed: u64,
) -> (Vec<f64>, StandardisedResiduals, FeatureSets) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let samples = 2 * per_arm;
    let mut y = Matrix::filled(SETS * SIZE, samples, 0.0);
    for set in 0..SETS {
        let factor: Vec<f64> = (0..samples).map(|_| normal(&mut rng)).collect();
        for member in 0..SIZE {
            let mut change = if rng.random::<f64>() < changing {
                normal(&mut rng)
            } else {
                0.0
            };
            if set < shifted {
                change += 0.8;
            }
            for (j, shared) in factor.iter().enumerate() {
                let noise = 0.5 * (0.4_f64.sqrt() * shared + 0.6_f64.sqrt() * normal(&mut rng));
                let value = noise + if j < per_arm { 0.0 } else { change };
                y.set(set * SIZE + member, j, value);
            }
        }
    }
    let design = Matrix::from_fn(
        samples,
        2,
        |i, j| if j == 0 || i >= per_arm { 1.0 } else { 0.0 },
    );
    let fitted = fit(&y, &design).unwrap();
    let centre = fitted_values(&fitted, &design);
    let residuals = Matrix::from_fn(y.rows(), samples, |i, j| y.get(i, j) - centre.get(i, j));
    let moderated = moderate(fitted, ModerationOptions::default()).unwrap();
    let z = (0..y.rows())
        .map(|i| hill_z(moderated.t(i, 1), moderated.df_total[i]))
        .collect();
    let members = (0..SETS)
        .map(|s| (s * SIZE..(s + 1) * SIZE).collect())
        .collect();
    (
        z,
        StandardisedResiduals::new(residuals, (samples - 2) as f64),
        FeatureSets::new(SETS * SIZE, members).unwrap(),
    )
}

fn selected(ln_p: &[f64]) -> Vec<bool> {
    let p: Vec<f64> = ln_p.iter().map(|l| l.exp()).collect();
    benjamini_hochberg(&p).iter().map(|q| *q <= 0.05).collect()
}

#[test]
fn a_shift_is_found_where_half_of_the_features_change() {
    const SHIFTED: usize = 3;
    const WORLDS: usize = 20;
    let (mut found, mut by_camera, mut wrong) = (0, 0, 0.0);
    for seed in 0..WORLDS as u64 {
        let (z, residuals, sets) = world(12, 0.5, SHIFTED, seed);
        let tests = competitive_shift(&z, &sets, &residuals).unwrap();
        let hits = selected(&tests.iter().map(|t| t.ln_p).collect::<Vec<_>>());
        let (right, all) = (
            hits[..SHIFTED].iter().filter(|h| **h).count(),
            hits.iter().filter(|h| **h).count(),
        );
        found += right;
        wrong += (all - right) as f64 / all.max(1) as f64;
        let plain = camera(&z, &sets, InterFeatureCorrelation::Estimated(&residuals)).unwrap();
        let hits = selected(&plain.iter().map(|t| t.ln_p).collect::<Vec<_>>());
        by_camera += hits[..SHIFTED].iter().filter(|h| **h).count();
    }
    // Power 0.5 at least; false discovery proportion 0.05 on average, plus three standard errors of 20 worlds.
    assert!(2 * found >= SHIFTED * WORLDS, "found {found}");
    assert!(wrong / WORLDS as f64 <= 0.15, "wrong {wrong}");
    assert!(by_camera < found, "camera finds {by_camera} of {found}");
}

#[test]
fn nothing_is_found_where_nothing_moves() {
    let mut small = 0;
    for seed in 100..130 {
        let (z, residuals, sets) = world(6, 0.0, 0, seed);
        let tests = competitive_shift(&z, &sets, &residuals).unwrap();
        small += tests.iter().filter(|t| t.ln_p < 0.05_f64.ln()).count();
    }
    // 900 tests, 45 expected; sets are compared with each other, so counts spread a little more than binomial.
    assert!(small <= 70, "{small} of 900 below 0.05");
}

#[test]
fn a_set_without_members_or_with_all_features_has_no_p() {
    let (z, residuals, _) = world(4, 0.0, 0, 1);
    let sets = FeatureSets::new(z.len(), vec![vec![], (0..z.len()).collect(), vec![0, 1]]).unwrap();
    let tests = competitive_shift(&z, &sets, &residuals).unwrap();
    assert!(tests[0].ln_p.is_nan() && tests[1].ln_p.is_nan() && tests[2].ln_p.is_finite());
    assert!(competitive_shift(&z[1..], &sets, &residuals).is_err());
}
