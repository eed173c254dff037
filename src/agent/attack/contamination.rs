//! Contamination scores of the samples, as the quality control of an objective measured them, for use as covariates.

use std::collections::BTreeMap;

use crate::agent::pursuit::Pursuit;
use crate::dataset::{Role, SampleMetadata, Variable};
use crate::tool::Artifact;
use crate::tool::frame::{numbers, texts};

/// Columns of the table of samples that hold scores: mean log2 ratio of a panel of proteins to the typical sample.
const PANELS: [&str; 4] = ["keratin", "red_blood_cells", "plasma", "muscle"];
/// Standard deviation of a score over samples (log2) below which it explains nothing.
const VARIED: f64 = 0.1;

/// Residual degrees of freedom from which scores enter the model.
pub const LEAST_DF: usize = 10;

/// Scores by name, each with sample ids and values; only those known of every sample and different between them.
pub fn scores(pursuit: &Pursuit) -> BTreeMap<String, Vec<(String, f64)>> {
    let mut found = BTreeMap::new();
    for output in pursuit.outputs.values() {
        let Some(Artifact::Table(table)) = output.artifacts.get("samples") else {
            continue;
        };
        let Ok(samples) = texts(table, "sample") else {
            continue;
        };
        for panel in PANELS {
            let Ok(values) = numbers(table, panel) else {
                continue;
            };
            let spread = proteus_stats::descriptive::standard_deviation(&values);
            if values.iter().all(|v| v.is_finite()) && spread > VARIED {
                let of_samples = samples.iter().cloned().zip(values).collect();
                found.insert(format!("{} score", panel.replace('_', " ")), of_samples);
            }
        }
    }
    found
}

/// The sheet with the scores as further variables; a name that is taken stays as it is.
pub fn with_scores(sheet: &SampleMetadata, pursuit: &Pursuit) -> SampleMetadata {
    let mut sheet = sheet.clone();
    for (name, values) in scores(pursuit) {
        if sheet.variables.contains_key(&name) {
            continue;
        }
        let known: BTreeMap<&str, f64> = values.iter().map(|(id, v)| (id.as_str(), *v)).collect();
        let of_sheet = sheet.ids.iter().map(|id| known.get(id.as_str()).copied());
        let values: Vec<Option<f64>> = of_sheet.collect();
        sheet.insert(Variable::continuous(name, values, Role::Covariate));
    }
    sheet
}
