//! Repeated measurements of one and the same sample, and their average where that is declared.
//!
//! Which samples those are: the ones that agree in condition, subject, clinical facts and biological replicate where a
//! column of the sheet numbers technical replicates, or biological replicates met more than once in a group.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use proteus_stats::matrix::Matrix;
use serde::{Deserialize, Serialize};

use super::label::{is_separator, words};
use super::{
    Assay, DatasetError, Inference, Quantity, Role, SampleMetadata, Variable, VariableValues,
};

/// What is done with technical replicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TechnicalReplicates {
    /// Each sample becomes the mean of its measurements, on the log scale, over those that have a value.
    Average,
    /// Each measurement stays a sample of its own.
    Keep,
}

impl std::str::FromStr for TechnicalReplicates {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "average" => Ok(Self::Average),
            "keep" => Ok(Self::Keep),
            other => Err(format!("`{other}` is neither `average` nor `keep`")),
        }
    }
}

const OVERRIDE: &str = "say `--technical-replicates average` or `keep`, or `technical_replicates:` in `dataset.yaml`; \
    `--role COLUMN=technical_replicate` names the column that numbers them";

/// Which samples are measurements of one.
struct Units {
    /// Positions of samples, one group per unit, in the order of their first measurement.
    groups: Vec<Vec<usize>>,
    /// The variables they agree in.
    by: Vec<String>,
}

/// The units, where a column tells of technical replicates.
fn units(samples: &SampleMetadata) -> Option<Units> {
    let technical = (samples.with_role(Role::TechnicalReplicate)).any(|v| v.levels().len() > 1);
    let biological = |v: &Variable| {
        v.role == Role::Replicate
            && (technical || words(&v.name).iter().any(|w| w.starts_with("bio")))
    };
    if !technical && !samples.variables.values().any(biological) {
        return None;
    }
    let by: Vec<&Variable> = (samples.variables.values())
        .filter(|v| {
            matches!(v.role, Role::Condition | Role::Clinical | Role::Subject) || biological(v)
        })
        .collect();
    if by.is_empty() {
        return None;
    }
    let mut groups: IndexMap<Vec<Option<u64>>, Vec<usize>> = IndexMap::new();
    for i in 0..samples.len() {
        let key = by.iter().map(|v| value_of(v, i)).collect();
        groups.entry(key).or_default().push(i);
    }
    Some(Units {
        groups: groups.into_values().collect(),
        by: by.iter().map(|v| v.name.clone()).collect(),
    })
}

/// The value of a sample as something that can be compared; none where missing.
fn value_of(variable: &Variable, sample: usize) -> Option<u64> {
    match &variable.values {
        VariableValues::Categorical { codes, .. } => codes[sample].map(|c| c as u64),
        VariableValues::Continuous { values } => values[sample].map(f64::to_bits),
    }
}

/// Averages technical replicates where that is declared; says what they are in any case.
///
/// # Errors
/// Where they are to be averaged and no column tells which samples they are.
pub(crate) fn settle(
    declared: Option<TechnicalReplicates>,
    assays: &mut IndexMap<String, Assay>,
    samples: &mut SampleMetadata,
) -> Result<Option<Inference>, DatasetError> {
    let average = declared == Some(TechnicalReplicates::Average);
    let Some(units) = units(samples) else {
        if average {
            return Err(DatasetError::UnknownColumn {
                column: "technical_replicate".to_string(),
                found: "technical replicates are to be averaged, and no column numbers them".to_string(),
                hint: "add a column `technical_replicate` beside the one of the biological replicate or subject, or name it with `--role COLUMN=technical_replicate`".to_string(),
            });
        }
        return Ok(None);
    };
    let n = samples.len();
    let repeated = units.groups.iter().filter(|g| g.len() > 1).count();
    if repeated == 0 {
        return Ok(None);
    }
    let by: Vec<String> = units.by.iter().map(|name| format!("`{name}`")).collect();
    let same = format!("samples that agree in {} are one", by.join(", "));
    if !average {
        return Ok(Some(Inference::new(
            "technical replicates",
            format!(
                "kept as samples of their own: {n} measurements of {} samples",
                units.groups.len()
            ),
            match declared {
                Some(_) => "it is declared".to_string(),
                None => format!("it is not declared that they are to be averaged; {same}"),
            },
            OVERRIDE,
        )));
    }
    let ids = merged_ids(&samples.ids, &units.groups);
    for assay in assays.values_mut() {
        average_assay(assay, &units.groups);
    }
    merge(samples, &units.groups, ids);
    Ok(Some(Inference::new(
        "technical replicates",
        format!(
            "{n} measurements averaged to {} samples, {repeated} of them measured more than once",
            units.groups.len()
        ),
        format!("it is declared; {same}, the mean of the logarithms that were measured"),
        OVERRIDE,
    )))
}

/// What the names of a unit's measurements share, if every unit has a name of its own then, else the first of them.
fn merged_ids(ids: &[String], groups: &[Vec<usize>]) -> Vec<String> {
    let first = |group: &Vec<usize>| ids[group[0]].clone();
    let shared: Vec<String> = groups
        .iter()
        .map(|group| {
            let names: Vec<&str> = group.iter().map(|&i| ids[i].as_str()).collect();
            let end = super::label::common_prefix(&names);
            let name = names[0][..end].trim_end_matches(is_separator);
            if name.is_empty() {
                first(group)
            } else {
                name.to_string()
            }
        })
        .collect();
    let mut distinct = shared.clone();
    distinct.sort();
    distinct.dedup();
    if distinct.len() == shared.len() {
        shared
    } else {
        groups.iter().map(first).collect()
    }
}

/// The mean over the measurements of each unit that have a value, as limma's `avearrays`; presence is the presence in any
/// of them.
fn average_assay(assay: &mut Assay, groups: &[Vec<usize>]) {
    let values = &assay.values;
    assay.values = Matrix::from_fn(values.rows(), groups.len(), |i, g| {
        let seen: Vec<f64> = (groups[g].iter())
            .map(|&j| values.get(i, j))
            .filter(|v| !v.is_nan())
            .collect();
        match (seen.as_slice(), assay.quantity) {
            ([], _) => f64::NAN,
            (seen, Quantity::Binary) => seen.iter().copied().fold(0.0, f64::max),
            (seen, _) => seen.iter().sum::<f64>() / seen.len() as f64,
        }
    });
    assay.columns = groups
        .iter()
        .map(|group| {
            let headers: Vec<&str> = (group.iter())
                .map(|&j| assay.columns[j].as_str())
                .filter(|h| !h.is_empty())
                .collect();
            headers.join(" + ")
        })
        .collect();
}

/// One sample per unit. Labels in which the measurements of a unit differ (runs, batches) are no facts of the sample any
/// more; numbers are averaged.
fn merge(samples: &mut SampleMetadata, groups: &[Vec<usize>], ids: Vec<String>) {
    let firsts: Vec<usize> = groups.iter().map(|g| g[0]).collect();
    let mut merged = samples.subset(&firsts);
    merged.ids = ids;
    for (name, variable) in &mut merged.variables {
        let old = &samples.variables[name];
        let differs: BTreeMap<usize, &Vec<usize>> = groups
            .iter()
            .enumerate()
            .filter(|(_, g)| g.iter().any(|&i| value_of(old, i) != value_of(old, g[0])))
            .collect();
        if differs.is_empty() {
            continue;
        }
        match &mut variable.values {
            VariableValues::Continuous { values } => {
                for (&g, group) in &differs {
                    let known: Vec<f64> = (group.iter())
                        .filter_map(|&i| old.numbers().and_then(|n| n[i]))
                        .collect();
                    values[g] =
                        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
                }
            }
            VariableValues::Categorical { .. } => {
                variable.role = Role::Ignored;
                variable.reason =
                    "technical replicates, which are averaged, differ in it".to_string();
            }
        }
    }
    *samples = merged;
}
