//! Names that contradict the sheet: a sample called `N_9` among tumours, where every other `N_` is a normal.

use std::collections::BTreeMap;

use super::{Problem, Role, SampleMetadata, Severity, Variable};

/// A prefix must tell the group of this fraction of its samples before the rest is called a contradiction.
const USUAL: f64 = 0.8;

/// Samples whose names in an identifier column suggest another group than the sheet gives them.
pub(crate) fn contradictions(samples: &SampleMetadata) -> Vec<Problem> {
    let mut out = Vec::new();
    for condition in samples.with_role(Role::Condition) {
        for names in samples.with_role(Role::Identifier) {
            out.extend(in_column(samples, condition, names));
        }
    }
    out
}

/// Levels of a variable that differ only in case or spaces, with a sample of each.
pub(crate) fn similar_levels(samples: &SampleMetadata) -> Vec<Problem> {
    let used = |v: &&Variable| !matches!(v.role, Role::Identifier | Role::Ignored | Role::Derived);
    let mut out = Vec::new();
    for variable in samples.variables.values().filter(used) {
        let mut seen: BTreeMap<String, &String> = BTreeMap::new();
        for level in variable.levels() {
            let folded: String = level
                .to_lowercase()
                .chars()
                .filter(|c| !c.is_whitespace() && *c != '_')
                .collect();
            let Some(before) = seen.insert(folded, level) else {
                continue;
            };
            let sample = |level: &str| {
                let first = variable
                    .samples_of(level)
                    .first()
                    .copied()
                    .unwrap_or_default();
                samples.ids[first].clone()
            };
            let mut problem = Problem::new(
                Severity::Warn,
                "levels_differ_in_case_or_spaces",
                format!(
                    "`{before}` (as of `{}`) and `{level}` (as of `{}`) are two groups that differ only in case or spaces",
                    sample(before),
                    sample(level)
                ),
                "write the group in one way, if it is one",
            )
            .in_column(variable.name.clone());
            problem.file.clone_from(&variable.file);
            out.push(problem);
        }
    }
    out
}

fn in_column(samples: &SampleMetadata, condition: &Variable, names: &Variable) -> Vec<Problem> {
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let placed: Vec<(usize, &str, &str)> = (0..samples.len())
        .filter_map(|i| Some((i, prefix(names.group_of(i)?)?, condition.group_of(i)?)))
        .collect();
    for (_, prefix, group) in &placed {
        *counts.entry(prefix).or_default().entry(group).or_default() += 1;
    }
    let usual: BTreeMap<&str, &str> = counts
        .iter()
        .filter_map(|(prefix, groups)| {
            let total: usize = groups.values().sum();
            let (group, n) = groups.iter().max_by_key(|(_, n)| **n)?;
            (total >= 4 && *n as f64 >= USUAL * total as f64).then_some((*prefix, *group))
        })
        .collect();
    // The prefixes must tell the groups apart, or they are no names of groups.
    let told: std::collections::BTreeSet<&&str> = usual.values().collect();
    if usual.len() < 2 || usual.len() != counts.len() || told.len() != usual.len() {
        return Vec::new();
    }
    placed
        .iter()
        .filter(|(_, prefix, group)| usual.get(prefix).is_some_and(|u| u != group))
        .map(|(i, prefix, group)| {
            let mut problem = Problem::new(
                Severity::Warn,
                "name_contradicts_group",
                format!(
                    "`{}` is called `{}` but has `{group}` in `{}`; the other `{prefix}` are `{}`",
                    samples.ids[*i],
                    names.group_of(*i).unwrap_or_default(),
                    condition.name,
                    usual[prefix]
                ),
                format!("check the sample; `{}` is what counts", condition.name),
            )
            .in_column(names.name.clone());
            problem.file.clone_from(&names.file);
            problem
        })
        .collect()
}

/// The letters before the first number or separator, if a number follows.
fn prefix(name: &str) -> Option<&str> {
    let end = name.find(|c: char| !c.is_alphabetic())?;
    let rest = name[end..].trim_start_matches(['_', '-', '.', ' ']);
    (end > 0 && !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())).then(|| &name[..end])
}
