//! How well the effects of two runs agree.

use std::collections::HashMap;

use proteus_stats::correlation::pearson;

use super::differences::FeaturePairs;
use super::record::Concordance;
use crate::agent::answers::{AnswerRow, rows_of};
use crate::agent::draft::is_set;
use crate::agent::fates::StratumFate;
use crate::agent::retrace::Retraced;
use crate::discovery::Archetype;
use crate::run::tables::read_parquet;
use crate::tool::{Answer, Catalog};

/// Subjects needed for an agreement to be stated.
const ENOUGH: usize = 3;
/// BH q at which a subject counts as significant.
const SIGNIFICANT: f64 = 0.05;

/// Agreement per shared objective and kind of test.
pub(super) fn effects(
    first: &Retraced,
    second: &Retraced,
    pairs: &FeaturePairs,
    objectives: &[(String, String)],
    catalog: &Catalog,
) -> Vec<Concordance> {
    let mut found = Vec::new();
    for (a, b) in objectives {
        for stratum in first.strata().iter().filter(|s| s.objective.0 == *a) {
            let directed = !matches!(
                stratum.archetype,
                Archetype::ProteinAcrossGroups
                    | Archetype::TimeCourse
                    | Archetype::SubtypeAssociation
                    | Archetype::ComponentAssociation
                    | Archetype::OverRepresentation
            );
            let other = second
                .strata()
                .iter()
                .find(|s| s.objective.0 == *b && s.archetype == stratum.archetype);
            let (true, Some(other)) = (directed, other) else {
                continue;
            };
            let (Some((answer, rows)), Some((_, others))) = (
                table(first, stratum, catalog),
                table(second, other, catalog),
            ) else {
                continue;
            };
            let by_subject: HashMap<&str, &AnswerRow> =
                others.iter().map(|r| (r.subject.as_str(), r)).collect();
            let sets = is_set(answer.subject);
            let joined: Vec<(&AnswerRow, &AnswerRow)> = rows
                .iter()
                .filter_map(|row| {
                    let subject = if sets {
                        row.subject.as_str()
                    } else {
                        pairs.forward.get(&row.subject)?.as_str()
                    };
                    Some((row, *by_subject.get(subject)?))
                })
                .filter(|(x, y)| x.effect.is_finite() && y.effect.is_finite())
                .filter(|(x, y)| !x.p.is_nan() && !y.p.is_nan())
                .collect();
            if joined.len() >= ENOUGH {
                found.push(agreement(
                    [a.clone(), b.clone()],
                    stratum.archetype,
                    &answer.unit,
                    &joined,
                ));
            }
        }
    }
    found
}

fn table<'c>(
    run: &Retraced,
    stratum: &StratumFate,
    catalog: &'c Catalog,
) -> Option<(&'c Answer, Vec<AnswerRow>)> {
    let answer = catalog
        .get(&stratum.tool)?
        .spec
        .answers
        .iter()
        .find(|a| a.table == stratum.table && a.archetype == stratum.archetype)?;
    let path = format!("steps/{}/{}.parquet", stratum.step, stratum.table);
    let frame = read_parquet(&run.run().path(&path)).ok()?;
    Some((answer, rows_of(answer, &frame).ok()?))
}

fn agreement(
    objectives: [String; 2],
    archetype: Archetype,
    unit: &str,
    joined: &[(&AnswerRow, &AnswerRow)],
) -> Concordance {
    let x: Vec<f64> = joined.iter().map(|(a, _)| a.effect).collect();
    let y: Vec<f64> = joined.iter().map(|(_, b)| b.effect).collect();
    let n = joined.len() as f64;
    let agrees = |(a, b): &(&AnswerRow, &AnswerRow)| a.effect * b.effect > 0.0;
    let share = |some: &[&(&AnswerRow, &AnswerRow)]| {
        some.iter().filter(|pair| agrees(pair)).count() as f64 / some.len() as f64
    };
    let all: Vec<&(&AnswerRow, &AnswerRow)> = joined.iter().collect();
    let significant: Vec<&(&AnswerRow, &AnswerRow)> = joined
        .iter()
        .filter(|(a, b)| a.q <= SIGNIFICANT || b.q <= SIGNIFICANT)
        .collect();
    let differences: Vec<f64> = x.iter().zip(&y).map(|(a, b)| b - a).collect();
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let spread = 1.96 * variance.sqrt();
    Concordance {
        objectives,
        archetype,
        n: joined.len(),
        r: pearson(&x, &y).ok().map(|c| c.r).filter(|r| r.is_finite()),
        same_sign: share(&all),
        significant: significant.len(),
        same_sign_significant: (!significant.is_empty()).then(|| share(&significant)),
        mean_difference: mean,
        limits: [mean - spread, mean + spread],
        unit: unit.to_owned(),
    }
}
