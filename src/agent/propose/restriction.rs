//! Which samples an objective is asked of.

use crate::dataset::{Role, SampleMetadata, Variable};

/// A recorded variable is asked about within one level of the designed condition, where its samples span several:
/// otherwise the condition's own effect would be mixed in.
pub(super) fn restriction(samples: &SampleMetadata, variable: &Variable) -> Vec<String> {
    if variable.role == Role::Condition {
        return Vec::new();
    }
    let mut conditions = Vec::new();
    for condition in samples
        .with_role(Role::Condition)
        .filter(|c| c.is_categorical() && c.name != variable.name)
    {
        let mut counts: Vec<(usize, &String)> = condition
            .levels()
            .iter()
            .map(|level| {
                let n = condition
                    .samples_of(level)
                    .into_iter()
                    .filter(|&i| has_value(variable, i))
                    .count();
                (n, level)
            })
            .filter(|(n, _)| *n > 0)
            .collect();
        counts.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        if counts.len() > 1 {
            conditions.push(format!("{}={}", condition.name, counts[0].1));
        }
    }
    conditions
}

pub(super) fn has_value(variable: &Variable, sample: usize) -> bool {
    variable.group_of(sample).is_some() || variable.numbers().is_some_and(|n| n[sample].is_some())
}

/// Samples that satisfy every `variable=level` condition.
pub fn samples_within(samples: &SampleMetadata, within: &[String]) -> Vec<usize> {
    (0..samples.len())
        .filter(|&i| {
            within
                .iter()
                .all(|condition| match condition.split_once('=') {
                    Some((name, level)) => {
                        samples.variables.get(name).and_then(|v| v.group_of(i)) == Some(level)
                    }
                    None => true,
                })
        })
        .collect()
}
