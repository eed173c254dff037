//! Contamination as an explanation of the samples' own structure: a component or groups of samples that go along with a
//! variable only because a contamination panel does.

use std::collections::BTreeMap;

use proteus_stats::Matrix;
use proteus_stats::covariate_adjustment::adjusted_effects;

use super::contamination::{self, Outcome, is_gone};
use crate::agent::answers::AnswerRow;
use crate::agent::pursuit::Pursuit;
use crate::agent::score::small;
use crate::dataset::{ModelFrame, SampleMetadata, Term};
use crate::tool::Artifact;
use crate::tool::frame::{numbers, texts};

/// What contamination explains of a claim that `row`, a structure of the samples of `pursuit`, goes along with a variable;
/// none where no panel goes along with that variable. Scores are those that the quality control of any objective gave.
pub fn outcome(
    row: &AnswerRow,
    pursuit: &Pursuit,
    pursuits: &[Pursuit],
    sheet: &SampleMetadata,
) -> Option<Outcome> {
    let variable = sheet.variables.get(row.object.as_ref()?)?;
    let (samples, structure) = structure(pursuit, &row.subject)?;
    let term = if variable.is_categorical() {
        Term::Levels(variable.name.clone())
    } else {
        Term::Continuous(variable.name.clone())
    };
    let mut beside = Vec::new();
    for (name, scores) in all_scores(pursuits) {
        let known: Vec<usize> = (0..samples.len())
            .filter(|&j| scores.contains_key(&samples[j]))
            .collect();
        let ids: Vec<String> = known.iter().map(|&j| samples[j].clone()).collect();
        let Ok(frame) = ModelFrame::build(sheet, &ids, &term, &[], None) else {
            continue;
        };
        let score: Vec<f64> = frame.columns.iter().map(|&k| scores[&ids[k]]).collect();
        let Some((_, moves)) = contamination::along(&score, &frame) else {
            continue;
        };
        let y = Matrix::from_fn(structure.len(), frame.columns.len(), |i, k| {
            structure[i][known[frame.columns[k]]]
        });
        let Ok(found) = adjusted_effects(&y, &frame.nuisance, &frame.tested, &score) else {
            continue;
        };
        if let Some(effect) = found.iter().find(|e| !e.left.is_nan())
            && found.iter().all(|e| e.left.is_nan() || is_gone(e))
        {
            return Some(Outcome::Explained(format!(
                "{} follows the {name}, {moves}; with it in the model {:.0} % of the association is left (p = {})",
                row.label,
                (100.0 * effect.left).max(0.0),
                small(effect.p)
            )));
        }
        beside.push(name);
    }
    (!beside.is_empty()).then(|| {
        Outcome::Stands(format!(
            "{} keeps its association beside the {}",
            row.label,
            beside.join(" and the ")
        ))
    })
}

/// Samples and, per sample, the scores of a component, or one row of memberships for each group of samples.
fn structure(pursuit: &Pursuit, subject: &str) -> Option<(Vec<String>, Vec<Vec<f64>>)> {
    let table = |name: &str| {
        pursuit
            .outputs
            .values()
            .find_map(|o| match o.artifacts.get(name) {
                Some(Artifact::Table(table)) => Some(table),
                _ => None,
            })
    };
    if let Some(scores) = table("scores")
        && let Ok(values) = numbers(scores, subject)
    {
        return Some((texts(scores, "sample").ok()?, vec![values]));
    }
    let clusters = table("clusters")?;
    let of_sample = numbers(clusters, "cluster").ok()?;
    let mut distinct: Vec<f64> = of_sample.clone();
    distinct.retain(|c| c.is_finite());
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let memberships = distinct
        .iter()
        .map(|c| {
            of_sample
                .iter()
                .map(|x| f64::from(u8::from(x == c)))
                .collect()
        })
        .collect();
    Some((texts(clusters, "sample").ok()?, memberships))
}

/// Scores by name, from the objectives whose quality control knows most samples.
fn all_scores(pursuits: &[Pursuit]) -> BTreeMap<String, BTreeMap<String, f64>> {
    let mut found: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for (name, scores) in pursuits.iter().flat_map(contamination::scores) {
        let scores: BTreeMap<String, f64> = scores.into_iter().collect();
        let known = found.entry(name).or_default();
        if scores.len() > known.len() {
            *known = scores;
        }
    }
    found
}
