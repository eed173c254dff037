//! Attacks as rows of the record: each that was made, what came of it, whether it lowered the grade.

use super::contamination::Outcome;
use crate::agent::examine::Examined;
use crate::agent::wording;
use crate::discovery::{Attack, AttackKind};

/// The rows of one draft; attacks that do not apply to it have none.
pub fn attack_rows(found: &Examined, lowered_by: &[AttackKind]) -> Vec<Attack> {
    let mut rows = Vec::new();
    let mut row = |kind: AttackKind, outcome: String| {
        rows.push(Attack {
            kind,
            outcome,
            lowered: lowered_by.contains(&kind),
        });
    };
    let robustness = &found.robustness;
    if robustness.tried > 0 {
        let breaking = robustness.breaking.as_ref();
        let broken = breaking.map_or(String::new(), |b| format!("; first broken by {b}"));
        let (held, tried) = (robustness.held, robustness.tried);
        let outcome = format!("holds in {held} of {tried} variations of the analysis{broken}");
        row(AttackKind::Multiverse, outcome);
    }
    let (broke, tried) = found.confounders;
    if tried > 0 {
        let held = tried - broke;
        let rival = found.rival.as_ref();
        let outcome = format!(
            "holds in {held} of {tried} models with other variables or contamination scores, one at a time and together{}",
            rival.map_or(String::new(), |rival| format!("; {rival}"))
        );
        row(AttackKind::Confounding, outcome);
    }
    if let Some(Outcome::Explained(what) | Outcome::Stands(what)) = &found.contamination {
        row(AttackKind::Contamination, what.clone());
    }
    if let Some(Outcome::Explained(what) | Outcome::Stands(what)) = &found.random_lists {
        row(AttackKind::RandomLists, what.clone());
    }
    if let Some(circular) = &found.circular {
        row(AttackKind::Circularity, circular.clone());
    }
    if let Some((held, tried)) = robustness.leave_one_out {
        let outcome = format!("holds in {held} of {tried} refits without one sample or donor");
        row(AttackKind::Influence, outcome);
    }
    if !found.flags.is_empty() {
        let cautions: Vec<String> = found.flags.iter().map(|f| f.text.clone()).collect();
        row(AttackKind::Measurement, cautions.join("; "));
    }
    if !found.alternatives.is_empty() {
        let rivals = found.alternatives.iter().map(|r| wording::name(r));
        let rivals: Vec<String> = rivals.collect();
        row(AttackKind::Alternatives, rivals.join("; "));
    }
    if let Some(power) = found.power {
        let outcome = format!(
            "{:.0} % power in this design for the effect to be expected after selection",
            power * 100.0
        );
        row(AttackKind::Power, outcome);
    }
    rows
}
