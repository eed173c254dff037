//! The multiverse: the same question answered with other reasonable choices, and with other variables in the model.

use serde_json::{Value, json};

use crate::dataset::{DatasetProfile, Role};

/// One changed choice: which tool's parameters are overridden by what.
#[derive(Debug, Clone, PartialEq)]
pub struct Variation {
    /// The choice in words.
    pub choice: String,
    /// The tool whose parameters change.
    pub tool: String,
    /// Parameters that replace those of the plan.
    pub params: Vec<(String, Value)>,
    /// Whether the change adds a variable to the model (an attack on confounding) rather than another way to compute.
    pub confounder: bool,
    /// Samples that are left out; then nothing else changes.
    pub without: Vec<String>,
}

/// The adjustment for the gene's other genotype: the nearest rival of a claim about one of them.
pub const OTHER_GENOTYPE: &str = "adjusted for the gene's other genotype";
/// Covariates tried at most, one at a time.
const CONFOUNDERS: usize = 6;

/// Words by which a recorded variable is known to differ between people or samples whatever is studied: what else could
/// stand behind a difference. Other clinical variables may lie on the way from cause to effect and are not adjusted for.
const BACKGROUND: [&str; 22] = [
    "age",
    "sex",
    "gender",
    "bmi",
    "race",
    "ethnicity",
    "ancestry",
    "smoking",
    "purity",
    "site",
    "centre",
    "center",
    "hospital",
    "country",
    "fasting",
    "ischemia",
    "ischaemia",
    "storage",
    "freeze",
    "haemolysis",
    "hemolysis",
    "operator",
];

/// Whether one of the words of a variable's name is a [`BACKGROUND`] word.
fn is_background(name: &str) -> bool {
    name.split(|c: char| !c.is_alphanumeric())
        .any(|word| BACKGROUND.contains(&word.to_lowercase().as_str()))
}

/// What is known where genotypes are set against abundances.
#[derive(Debug, Clone, Copy, Default)]
pub struct Genotypes<'a> {
    /// Whether another genotype of the same genes is.
    pub beside: bool,
    /// Variables of the sheet in the order in which they are adjusted for.
    pub first: &'a [String],
}

/// Variations that apply to the answer of `tool`, a label-reading step after normalisation by `normalised`. `scores` names
/// contamination scores of the samples that may enter the model.
pub fn variations(
    tool: &str,
    normalised: &str,
    own_covariates: &[String],
    variable: &str,
    profile: &DatasetProfile,
    scores: &[String],
    genotypes: Genotypes<'_>,
) -> Vec<Variation> {
    let mut all = Vec::new();
    for method in ["none", "median", "median_ratio", "mode", "quantile"] {
        if method != normalised {
            all.push(computed(
                format!("normalisation = {method}"),
                "normalise",
                &[("method", json!(method))],
            ));
        }
    }
    all.push(computed(
        "filter = values in 90 % of samples".to_owned(),
        "filter_features",
        &[("min_fraction", json!(0.9))],
    ));
    match tool {
        "differential_abundance" => {
            all.push(computed(
                "variance prior = legacy".to_owned(),
                tool,
                &[("prior", json!("legacy"))],
            ));
            all.push(computed(
                "variance trend = off".to_owned(),
                tool,
                &[("trend", json!("never"))],
            ));
            all.push(computed(
                "variance trend = on".to_owned(),
                tool,
                &[("trend", json!("always"))],
            ));
            all.push(computed(
                "variance prior = robust".to_owned(),
                tool,
                &[("robust", json!(true))],
            ));
            all.push(computed(
                "groups fitted = the two arms only".to_owned(),
                tool,
                &[("fit", json!("two_arms"))],
            ));
        }
        "assay_discordance" => {
            all.push(computed(
                "counterpart taken off by its fitted slope".to_owned(),
                "assay_difference",
                &[("method", json!("slope"))],
            ));
        }
        "cis_effect" => {
            all.push(computed(
                "how much of the genome is changed not adjusted for".to_owned(),
                tool,
                &[("adjust_burden", json!(false))],
            ));
            if genotypes.beside {
                all.push(Variation {
                    confounder: true,
                    ..computed(
                        OTHER_GENOTYPE.to_owned(),
                        tool,
                        &[("adjust_beside", json!(true))],
                    )
                });
            }
        }
        "rank_enrichment" => {
            all.push(computed(
                "set size at least 15".to_owned(),
                tool,
                &[("min_size", json!(15))],
            ));
        }
        _ => {}
    }
    let with_model = matches!(
        tool,
        "differential_abundance"
            | "rank_enrichment"
            | "clinical_association"
            | "assay_discordance"
            | "cis_effect"
            | "time_course"
    );
    // What is recorded of a tumour, such as its subtype, may stand behind a genotype and a protein, but not between them.
    let before_it = |name: &str| tool == "cis_effect" || is_background(name);
    if with_model {
        let mut candidates: Vec<&str> = profile
            .variables
            .iter()
            .filter(|v| match v.role {
                Role::Batch | Role::Plex | Role::RunOrder | Role::Covariate => true,
                Role::Clinical => v.derived_from.is_none() && before_it(&v.name),
                _ => false,
            })
            .map(|v| v.name.as_str())
            .chain(scores.iter().map(String::as_str))
            .filter(|name| *name != variable && !own_covariates.iter().any(|c| c == name))
            .collect();
        let place = |name: &str| genotypes.first.iter().position(|f| f == name);
        candidates.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
        for name in candidates.iter().take(CONFOUNDERS) {
            all.push(adjusted(tool, own_covariates, &[name]));
        }
        if candidates.len() > 1 {
            let together: Vec<&str> = candidates.iter().copied().take(CONFOUNDERS).collect();
            all.push(adjusted(tool, own_covariates, &together));
        }
    }
    all
}

fn computed(choice: String, tool: &str, params: &[(&str, Value)]) -> Variation {
    Variation {
        choice,
        tool: tool.to_owned(),
        params: params
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.clone()))
            .collect(),
        confounder: false,
        without: Vec::new(),
    }
}

fn adjusted(tool: &str, own: &[String], names: &[&str]) -> Variation {
    let covariates: Vec<&str> = own
        .iter()
        .map(String::as_str)
        .chain(names.iter().copied())
        .collect();
    Variation {
        choice: format!("adjusted for {}", names.join(", ")),
        tool: tool.to_owned(),
        params: vec![("covariates".to_owned(), json!(covariates))],
        confounder: true,
        without: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn background_variables_are_known_by_a_word_of_their_name() {
        for name in ["Age", "patient_sex", "BMI", "tumor purity", "Gender"] {
            assert!(is_background(name), "{name}");
        }
        for name in [
            "Stage",
            "Histologic_type",
            "TP53_mutation",
            "dosage",
            "Country2",
        ] {
            assert!(!is_background(name), "{name}");
        }
    }
}
