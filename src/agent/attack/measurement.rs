//! Cautions about the measurement behind a protein claim.

use crate::dataset::Feature;
use crate::discovery::Flag;
use crate::tool::Abundance;

/// Fraction of an arm's samples without a value from which a claim is flagged.
const MISSING: f64 = 0.5;
/// Quantile of mean abundance below which a protein counts as near the detection limit.
const NEAR_LIMIT: f64 = 0.05;
/// Prefixes and symbols of proteins that come with the skin, blood or handling of a sample.
const HANDLING: [&str; 9] = [
    "KRT", "HBA", "HBB", "HBD", "ALB", "IGHG", "IGKC", "IGLC", "TRYP",
];

/// What is known of one protein's measurement in the samples compared.
pub struct Measured<'a> {
    /// The protein.
    pub feature: &'a Feature,
    /// Its row of `matrix`.
    pub row: usize,
    /// The matrix tested.
    pub matrix: &'a Abundance,
    /// Columns of the reference and the target arm; empty where there are no arms.
    pub arms: (&'a [usize], &'a [usize]),
}

/// Every caution that applies.
pub fn flags(measured: &Measured<'_>) -> Vec<Flag> {
    let mut flags = Vec::new();
    let feature = measured.feature;
    let symbol = feature.symbol.clone().unwrap_or_else(|| feature.id.clone());
    if let Some(peptides) = feature
        .unique_peptides
        .or(feature.peptides)
        .filter(|n| *n <= 1)
    {
        flags.push(flag(
            "few_peptides",
            format!("{symbol} rests on {peptides} peptide(s)"),
            true,
        ));
    }
    if feature.symbols.len() > 1 {
        flags.push(flag(
            "ambiguous_group",
            format!(
                "the protein group of {symbol} holds {} genes ({})",
                feature.symbols.len(),
                crate::agent::wording::list(&feature.symbols)
            ),
            false,
        ));
    }
    let values = measured.matrix.values.row(measured.row);
    for (name, arm) in [("reference", measured.arms.0), ("target", measured.arms.1)] {
        let missing = arm.iter().filter(|&&j| values[j].is_nan()).count();
        if !arm.is_empty() && missing as f64 / arm.len() as f64 > MISSING {
            flags.push(flag(
                "missing_in_arm",
                format!(
                    "{symbol} has no value in {missing} of {} samples of the {name} arm",
                    arm.len()
                ),
                true,
            ));
        }
    }
    if let Some(quantile) = abundance_quantile(measured).filter(|q| *q < NEAR_LIMIT) {
        flags.push(flag(
            "near_detection_limit",
            format!(
                "{symbol} is among the {:.0} % least abundant proteins",
                (quantile * 100.0).ceil()
            ),
            false,
        ));
    }
    if HANDLING
        .iter()
        .any(|prefix| symbol.to_uppercase().starts_with(prefix))
    {
        flags.push(flag(
            "handling",
            format!("{symbol} is a common contaminant of sample handling or blood"),
            false,
        ));
    }
    flags
}

fn flag(code: &str, text: String, lowers_grade: bool) -> Flag {
    Flag {
        code: code.to_owned(),
        text,
        lowers_grade,
    }
}

/// Share of proteins with a lower mean abundance.
fn abundance_quantile(measured: &Measured<'_>) -> Option<f64> {
    let mean = |i: usize| proteus_stats::descriptive::mean(measured.matrix.values.row(i));
    let own = mean(measured.row);
    if own.is_nan() {
        return None;
    }
    let others: Vec<f64> = (0..measured.matrix.values.rows())
        .map(mean)
        .filter(|m| !m.is_nan())
        .collect();
    Some(others.iter().filter(|m| **m < own).count() as f64 / others.len().max(1) as f64)
}
