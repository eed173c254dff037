//! Settings, inputs and features of two runs against each other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::CompareError;
use super::record::{Inputs, OneRun, SettingDifference};
use crate::agent::retrace::Retraced;
use crate::discovery::{Grade, Objective, ObjectiveStatus};
use crate::knowledge::Packs;
use crate::run::hash::of_bytes;
use crate::study::features::{FeatureIndex, of_run};

/// Features of the first run's main assay and what they are called in the second's, by id; and back.
pub(super) struct FeaturePairs {
    /// First id → second id.
    pub forward: BTreeMap<String, String>,
    /// Second id → first id.
    pub back: BTreeMap<String, String>,
}

pub(super) fn feature_pairs(
    first: &Retraced,
    second: &Retraced,
    packs: &Packs,
) -> Result<FeaturePairs, CompareError> {
    let (a, _) = of_run(first.run(), first.dataset())?;
    let (b, values) = of_run(second.run(), second.dataset())?;
    let organism = |run: &Retraced| run.dataset().profile.organism.clone();
    let same = match (organism(first), organism(second)) {
        (Some(x), Some(y)) => x.eq_ignore_ascii_case(&y),
        _ => true,
    };
    let index = FeatureIndex::new(&b, &values, packs.identifiers().ok(), same);
    let mut pairs = FeaturePairs {
        forward: BTreeMap::new(),
        back: BTreeMap::new(),
    };
    for (i, j) in index.pairs(&a) {
        pairs.forward.insert(a[i].id.clone(), b[j].id.clone());
        pairs.back.insert(b[j].id.clone(), a[i].id.clone());
    }
    Ok(pairs)
}

/// Ids of objectives that are the same but for case and separators: (first, second).
pub(super) fn shared_objectives(first: &Retraced, second: &Retraced) -> Vec<(String, String)> {
    let pursued = |o: &&Objective| !matches!(o.status, ObjectiveStatus::Retired { .. });
    first
        .objectives()
        .iter()
        .filter(pursued)
        .filter_map(|a| {
            let b = second
                .objectives()
                .iter()
                .filter(pursued)
                .find(|b| plain(&b.id.0) == plain(&a.id.0))?;
            Some((a.id.0.clone(), b.id.0.clone()))
        })
        .collect()
}

/// Letters, digits, `:` and `-` in lower case.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ':' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

pub(super) fn summary(run: &Retraced) -> OneRun {
    let of = |grade: Grade| run.hypotheses().iter().filter(|h| h.grade == grade).count();
    let profile = &run.dataset().profile;
    OneRun {
        id: run.run().id().to_owned(),
        dataset: profile.name.clone(),
        samples: profile.samples,
        features: profile.assays.first().map_or(0, |a| a.features),
        objectives: run.objectives().iter().map(|o| o.id.0.clone()).collect(),
        hypotheses: [
            of(Grade::Supported),
            of(Grade::Suggestive),
            of(Grade::Exploratory),
            of(Grade::Contradicted),
        ],
    }
}

pub(super) fn settings(first: &Retraced, second: &Retraced) -> Vec<SettingDifference> {
    let (a, b) = (flat(first), flat(second));
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    keys.into_iter()
        .filter(|key| a.get(*key) != b.get(*key))
        .map(|key| SettingDifference {
            key: key.clone(),
            first: a.get(key).cloned(),
            second: b.get(key).cloned(),
        })
        .collect()
}

/// Every setting of a run by its path; versions of the program, of packs and of tools, and what prepared the values.
fn flat(run: &Retraced) -> BTreeMap<String, String> {
    let record = run.run().record();
    let mut all = BTreeMap::new();
    flatten("", &record.config, &mut all);
    // A whole plan file is told by its hash.
    if let Some(plan) = all.get_mut("steering.plan") {
        *plan = format!("blake3 {}", &of_bytes(plan.as_bytes())[..12]);
    }
    all.insert("proteus".to_owned(), record.proteus.clone());
    for (name, version) in &record.versions {
        all.insert(format!("pack {name}"), version.clone());
    }
    for assay in run.dataset().profile.assays.iter().take(1) {
        all.insert("format".to_owned(), assay.format.clone());
        all.insert("quantity".to_owned(), format!("{:?}", assay.quantity));
    }
    for name in run.run().steps().unwrap_or_default() {
        if let Ok(step) = run.run().step(&name) {
            let tool = format!("tool {}", step.tool);
            all.insert(format!("{tool} version"), step.version.to_string());
        }
    }
    all
}

fn flatten(path: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                flatten(&path, value, all);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            all.insert(path.to_owned(), text.clone());
        }
        other => {
            all.insert(path.to_owned(), other.to_string());
        }
    }
}

pub(super) fn inputs(first: &Retraced, second: &Retraced, pairs: &FeaturePairs) -> Inputs {
    let files = |run: &Retraced| -> Vec<(String, String)> {
        let files = run.dataset().source.files.iter();
        files.map(|f| (f.name.clone(), f.hash.clone())).collect()
    };
    let (a, b) = (files(first), files(second));
    let same = |f: &(String, String), others: &[(String, String)]| {
        others.iter().any(|(_, hash)| *hash == f.1)
    };
    let names = |files: &[(String, String)], others: &[(String, String)], wanted: bool| {
        files
            .iter()
            .filter(|f| same(f, others) == wanted)
            .map(|f| f.0.clone())
            .collect::<Vec<_>>()
    };
    let ids = |run: &Retraced| -> BTreeSet<String> {
        run.dataset().samples.ids.iter().cloned().collect()
    };
    let shared = shared_objectives(first, second);
    let alone = |run: &Retraced, of: fn(&(String, String)) -> &String| -> Vec<String> {
        run.objectives()
            .iter()
            .map(|o| o.id.0.clone())
            .filter(|id| !shared.iter().any(|pair| of(pair) == id))
            .collect()
    };
    Inputs {
        same_content: first.dataset().content_hash == second.dataset().content_hash,
        same_files: names(&a, &b, true),
        only_first: names(&a, &b, false),
        only_second: names(&b, &a, false),
        shared_samples: ids(first).intersection(&ids(second)).count(),
        shared_features: pairs.forward.len(),
        objectives_only_first: alone(first, |p| &p.0),
        objectives_only_second: alone(second, |p| &p.1),
        shared_objectives: shared.iter().map(|(a, _)| a.clone()).collect(),
    }
}
