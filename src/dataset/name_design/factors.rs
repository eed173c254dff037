//! Factors of an experiment that the parts of sample names cross: `WT_0h`, `WT_2h`, `KO_0h`, `KO_2h`.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::is_time;
use super::{Inference, NameDesign, OVERRIDE, Role, made, shown};

/// More levels than this of one part are people or runs, not levels of a factor.
const MOST_LEVELS: usize = 8;

/// Whether two or more parts vary independently: every combination of their levels has two samples or more. Then each
/// part is a question of its own, and groups joined of them would compare one combination with all others.
pub(super) fn are_crossed(columns: &[Vec<&str>]) -> bool {
    let samples = columns.first().map_or(0, Vec::len);
    let mut counts: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for i in 0..samples {
        *counts
            .entry(columns.iter().map(|c| c[i]).collect())
            .or_default() += 1;
    }
    let levels: Vec<usize> = columns
        .iter()
        .map(|c| c.iter().collect::<BTreeSet<_>>().len())
        .collect();
    columns.len() > 1
        && levels.iter().all(|&n| (2..=MOST_LEVELS).contains(&n))
        && counts.len() == levels.iter().product::<usize>()
        && counts.values().all(|&n| n > 1)
}

/// Adds one variable per factor: `time` where its levels are times, else `condition`, `condition 2`.
pub(super) fn add(columns: &[Vec<&str>], names: &[String], design: &mut NameDesign) {
    let mut times = 0;
    let mut conditions = 0;
    let mut told = Vec::new();
    for column in columns {
        let (stem, count) = if column.iter().all(|label| is_time(label)) {
            ("time", &mut times)
        } else {
            ("condition", &mut conditions)
        };
        *count += 1;
        let name = if *count > 1 {
            format!("{stem} {count}")
        } else {
            stem.to_string()
        };
        let labels: Vec<Option<String>> = column.iter().map(|l| Some((*l).to_string())).collect();
        let variable = made(
            &name,
            &labels,
            Role::Condition,
            "a part of the sample names that varies whatever the other parts are",
        );
        told.push(format!(
            "`{name}` {}",
            shown(variable.levels().iter().map(String::as_str))
        ));
        design.variables.push(variable);
    }
    design.inferences.push(Inference::new(
        "design",
        format!("{} crossed factors: {}", columns.len(), told.join("; ")),
        format!(
            "read from sample names such as `{}`; no sample sheet was given",
            names[0]
        ),
        OVERRIDE,
    ));
}
