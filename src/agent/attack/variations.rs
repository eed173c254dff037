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
}

/// Covariates tried at most, one at a time.
const CONFOUNDERS: usize = 6;

/// Variations that apply to the answer of `tool`, a label-reading step after normalisation by `normalised`.
pub fn variations(
    tool: &str,
    normalised: &str,
    own_covariates: &[String],
    variable: &str,
    profile: &DatasetProfile,
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
        "differential_abundance" | "rank_enrichment" | "clinical_association"
    );
    if with_model {
        let candidates: Vec<&str> = profile
            .variables
            .iter()
            .filter(|v| {
                matches!(
                    v.role,
                    Role::Batch | Role::Plex | Role::RunOrder | Role::Covariate
                )
            })
            .filter(|v| v.derived_from.is_none() || v.role != Role::Derived)
            .map(|v| v.name.as_str())
            .filter(|name| *name != variable && !own_covariates.iter().any(|c| c == name))
            .collect();
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
    }
}
