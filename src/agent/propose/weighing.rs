//! What an objective is worth before any result is seen: how much people want to know, and how much its samples can tell.

use crate::dataset::Variable;

/// How much people want to know of a recorded variable, by its name alone: classes of disease first, then what was done
/// or found, then what describes the person.
pub(super) fn interest(variable: &Variable) -> f64 {
    let name = variable.name.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| name.contains(w));
    if says(&[
        "subtype",
        "molecular",
        "diagnos",
        "disease",
        "treatment",
        "response",
        "genotype",
    ]) {
        1.0
    } else if says(&[
        "status", "histolog", "grade", "stage", "relapse", "recur", "metasta", "outcome", "risk",
        "class",
    ]) {
        0.9
    } else if says(&[
        "mutation", "_mut", "amplif", "fusion", "deletion", "receptor", "pathway", "invasion",
    ]) {
        0.75
    } else if says(&[
        "age", "sex", "gender", "race", "ethnic", "bmi", "weight", "height", "country", "site",
        "focal", "size", "pregnan", "diabet", "smok", "alcohol",
    ]) {
        0.5
    } else {
        0.65
    }
}

pub(super) fn harmonic(a: usize, b: usize) -> f64 {
    if a == 0 || b == 0 {
        0.0
    } else {
        2.0 / (1.0 / a as f64 + 1.0 / b as f64)
    }
}

/// How much there is to learn: grows with the effective arm size, saturating at a few dozen.
pub(super) fn learnable(effective: f64) -> f64 {
    effective / (effective + 8.0)
}

/// Probability, before results, that anything is found: designed contrasts usually show something, recorded ones less.
pub(super) fn prior(priority: f64, weight: f64) -> f64 {
    let base = if weight >= 1.0 { 0.75 } else { 0.4 };
    (base * (0.5 + 0.5 * (priority / weight))).clamp(0.05, 0.95)
}
