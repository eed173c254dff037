//! What the order of claims takes from their tables: where the leading row stands, and how large a change is there.

use proteus_stats::descriptive::{MAD_TO_SD, median};

use crate::discovery::Archetype;

use super::draft::{Draft, Judged};
use super::pursuit::Pursuit;

/// Place of the leading row among those of its table, by effect size times evidence and what the proteins' own genes add: 1
/// for the first, towards 0.
pub fn standing(draft: &Draft, judged: &Judged<'_>) -> f64 {
    let lead = judged.notable[draft.rows[0]];
    let better = judged.notable.iter().filter(|n| **n > lead).count();
    1.0 / (1.0 + better as f64 / 10.0)
}

/// log2 fold change that counts half of what a very large one does where single proteins change by no more than that, as
/// they do in most tissues and body fluids; elsewhere the usual change of a protein is that half.
const HALF_SIZE: f64 = 0.5;

/// How the units of tools begin that are differences of log2 values, before they are told in the words of the assay.
const CHANGES: [&str; 4] = [
    "log2 fold change",
    "log2 change",
    "log2 difference",
    "difference of log2",
];

/// How large the change told by `draft` is, between 0 and 1: a log2 fold change, or its like on another scale, beside those
/// of single proteins, a panel of switches beside the number that run depth alone gives; a half where the unit is neither.
pub fn size(draft: &Draft, judged: &Judged<'_>, all: &[Judged<'_>], pursuit: &Pursuit) -> f64 {
    let row = draft.rows[0];
    let change = judged.answered.rows[row].effect.abs();
    let beside = if judged.stratum.archetype == Archetype::DetectionPanel {
        pursuit.number(judged.answered, "expected", row)
    } else if CHANGES.iter().any(|unit| {
        let unit = pursuit.measure.told(unit);
        judged.answered.answer.unit.starts_with(&unit)
    }) {
        Some(usual_change(judged, all).unwrap_or_default().max(HALF_SIZE))
    } else {
        None
    };
    match beside {
        Some(usual) if change.is_finite() => change / (change + usual),
        _ => 0.5,
    }
}

/// How far single proteins change in the contrast of `judged`, as the robust standard deviation of their log2 fold
/// changes about zero: what makes a change of a set, or of one protein, large or small there. A pull-down can spread them
/// over units, plasma over a tenth of one. None where the objective compares no two groups.
fn usual_change(judged: &Judged<'_>, all: &[Judged<'_>]) -> Option<f64> {
    let proteins = all.iter().find(|other| {
        other.stratum.pursuit == judged.stratum.pursuit
            && other.stratum.archetype == Archetype::DifferentialProtein
    })?;
    spread(proteins.answered.rows.iter().map(|row| row.effect))
}

/// Robust standard deviation about zero of the finite ones among `changes`; none of nothing, or where more than half are 0.
fn spread(changes: impl Iterator<Item = f64>) -> Option<f64> {
    let sizes: Vec<f64> = changes
        .map(f64::abs)
        .filter(|size| size.is_finite())
        .collect();
    let spread = MAD_TO_SD * median(&sizes);
    (spread.is_finite() && spread > 0.0).then_some(spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_change_is_robust_and_needs_changes() {
        let changes = [-1.0, 0.5, f64::NAN, 1.0, 40.0];
        assert_eq!(spread(changes.into_iter()), Some(MAD_TO_SD));
        assert_eq!(spread([f64::NAN].into_iter()), None);
        assert_eq!(spread([0.0, 0.0, 0.0, 2.0].into_iter()), None);
    }
}
