//! Random lists of genes as an explanation of an activity: where most genes differ between the groups, a weighted sum over any
//! list of genes differs too, in every pair of samples alike, and a test over samples calls it significant. An activity says
//! something of its pathway only where it moves further than lists drawn at random would.
//!
//! Under weights drawn at random the activities of the samples are normal with variance 1 and, between two samples, the
//! correlation of their genes' changes, which the tool gives. The effect is linear in the activities, `Δ = Σ c_j a_j`, so that its
//! variance is `c'Cc`: the competitive null of gene-set tests (Goeman and Bühlmann 2007, doi:10.1093/bioinformatics/btm051).
//! Targets that move together for other reasons make the true variance larger; the test is lenient there.

use std::collections::BTreeMap;

use proteus_stats::Matrix;
use proteus_stats::distributions::normal_upper;
use proteus_stats::linear_model::fit;

use super::contamination::Outcome;
use crate::agent::answers::AnswerRow;
use crate::agent::pursuit::Pursuit;
use crate::agent::score::small;
use crate::dataset::ModelFrame;
use crate::tool::Artifact;
use crate::tool::frame::{numbers, texts};

/// p over all regulators looked at from which random lists explain an activity.
const LEVEL: f64 = 0.05;

/// What random lists explain of a difference in activity, one of `regulators` that were looked at; none where it is not known how
/// alike the samples are.
pub fn outcome(row: &AnswerRow, regulators: usize, pursuit: &Pursuit) -> Option<Outcome> {
    let (frame, matrix) = (pursuit.frame.as_ref()?, pursuit.matrix.as_ref()?);
    let samples: Vec<&str> = frame
        .columns
        .iter()
        .map(|&j| matrix.samples[j].as_str())
        .collect();
    let spread = random_spread(&coefficients(frame)?, &likeness(pursuit, &samples)?);
    let z = row.effect.abs() / spread;
    let p = (2.0 * normal_upper(z) * regulators as f64).min(1.0);
    if !p.is_finite() {
        return None;
    }
    let told = |verb: &str| {
        format!(
            "random lists of genes {verb} move as far as {}: {:.1} of their standard deviations, p = {} over {regulators} regulators",
            row.label,
            z,
            small(p)
        )
    };
    Some(if p <= LEVEL {
        Outcome::Stands(told("hardly"))
    } else {
        Outcome::Explained(told("often"))
    })
}

/// What each sample's value counts in the tested coefficient.
fn coefficients(frame: &ModelFrame) -> Option<Vec<f64>> {
    if frame.tested.cols() != 1 {
        return None;
    }
    let n = frame.columns.len();
    let own = frame.nuisance.cols();
    let design = Matrix::from_fn(n, own + 1, |i, j| {
        if j < own {
            frame.nuisance.get(i, j)
        } else {
            frame.tested.get(i, 0)
        }
    });
    let units = Matrix::from_fn(n, n, |i, j| f64::from(u8::from(i == j)));
    let found = fit(&units, &design).ok()?;
    Some((0..n).map(|i| found.coefficients.get(i, own)).collect())
}

/// Correlations of the samples' changes, as the tool of activities gave them; none where one of `samples` is not among them.
fn likeness(pursuit: &Pursuit, samples: &[&str]) -> Option<Matrix> {
    let table = pursuit
        .outputs
        .values()
        .find_map(|o| match o.artifacts.get("likeness") {
            Some(Artifact::Table(table)) => Some(table),
            _ => None,
        })?;
    let (one, other) = (texts(table, "sample").ok()?, texts(table, "other").ok()?);
    let correlations = numbers(table, "correlation").ok()?;
    let known: BTreeMap<(&str, &str), f64> = one
        .iter()
        .zip(&other)
        .zip(&correlations)
        .flat_map(|((a, b), &r)| [((a.as_str(), b.as_str()), r), ((b.as_str(), a.as_str()), r)])
        .collect();
    let of = |i: usize, j: usize| match i == j {
        true => Some(1.0),
        false => known.get(&(samples[i], samples[j])).copied(),
    };
    let n = samples.len();
    if (0..n).any(|i| (0..n).any(|j| of(i, j).is_none_or(f64::is_nan))) {
        return None;
    }
    Some(Matrix::from_fn(n, n, |i, j| of(i, j).unwrap_or(f64::NAN)))
}

/// Standard deviation of `Σ c_j a_j` over weights drawn at random.
fn random_spread(c: &[f64], likeness: &Matrix) -> f64 {
    let mut variance = 0.0;
    for (i, ci) in c.iter().enumerate() {
        for (j, cj) in c.iter().enumerate() {
            variance += ci * cj * likeness.get(i, j);
        }
    }
    variance.max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arms_that_mirror_each_other_double_what_random_lists_move() {
        // Two against two; within an arm all changes are alike, between arms opposite: the sums are z and -z.
        let sign = |i: usize| if i < 2 { 1.0 } else { -1.0 };
        let mirrored = Matrix::from_fn(4, 4, |i, j| sign(i) * sign(j));
        let c = [-0.5, -0.5, 0.5, 0.5];
        assert!((random_spread(&c, &mirrored) - 2.0).abs() < 1e-12);
        // Samples that have nothing in common: the difference of two means of two.
        let apart = Matrix::from_fn(4, 4, |i, j| f64::from(u8::from(i == j)));
        assert!((random_spread(&c, &apart) - 1.0).abs() < 1e-12);
    }
}
