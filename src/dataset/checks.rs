//! What can be said against a comparison before any number is looked at: replicates, confounding, pseudo-replication,
//! pairing, balance.

use std::collections::{BTreeMap, BTreeSet};

use super::{Contrast, DesignCheck, DesignRule, Role, SampleMetadata, Severity, Variable};

/// Cramér's V above which a batch is said to follow the groups largely.
const STRONG_ASSOCIATION: f64 = 0.7;

/// Checks one contrast; nothing is returned for what is in order.
pub(crate) fn check(contrast: &Contrast, samples: &SampleMetadata) -> Vec<DesignCheck> {
    let (reference, target) = contrast.sample_indices(samples);
    let mut out = Vec::new();
    let mut add = |rule, severity, message: String, fix: &str| {
        out.push(DesignCheck {
            rule,
            contrast: Some(contrast.id.clone()),
            severity,
            message,
            fix: fix.to_string(),
        });
    };
    let (n, m) = (reference.len(), target.len());
    let sizes = format!(
        "{m} samples of `{}` against {n} of `{}`",
        contrast.target.label, contrast.reference.label
    );
    match n.min(m) {
        0 => add(
            DesignRule::Replicates,
            Severity::Fail,
            format!("{sizes}: one side is empty"),
            "choose levels that samples have",
        ),
        1 => add(
            DesignRule::Replicates,
            Severity::Fail,
            format!("{sizes}: without replicates on both sides no error can be measured"),
            "measure at least three samples per group",
        ),
        2 => add(
            DesignRule::Replicates,
            Severity::Warn,
            format!("{sizes}: two replicates measure the error poorly"),
            "measure at least three samples per group",
        ),
        _ => {}
    }
    if n.min(m) >= 2 && n.max(m) >= 8 * n.min(m) {
        add(
            DesignRule::Balance,
            Severity::Note,
            format!("{sizes}: the smaller group decides the power"),
            "add samples to the smaller group",
        );
    }
    if n == 0 || m == 0 {
        return out;
    }
    for variable in samples
        .variables
        .values()
        .filter(|v| matches!(v.role, Role::Batch | Role::Plex))
    {
        if let Some((severity, message)) = confounding(variable, &reference, &target) {
            add(
                DesignRule::Confounding,
                severity,
                message,
                "spread both groups over the batches; no analysis can separate them afterwards",
            );
        }
    }
    for variable in samples.with_role(Role::Subject) {
        subject_checks(variable, contrast, &reference, &target, &mut add);
    }
    out
}

fn confounding(
    variable: &Variable,
    reference: &[usize],
    target: &[usize],
) -> Option<(Severity, String)> {
    let mut table: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for &i in reference {
        table.entry(variable.group_of(i)?).or_default().0 += 1;
    }
    for &i in target {
        table.entry(variable.group_of(i)?).or_default().1 += 1;
    }
    if table.len() < 2 {
        return None;
    }
    let mixed = table.values().filter(|(a, b)| *a > 0 && *b > 0).count();
    if mixed == 0 {
        let from_names = variable.file.is_none();
        // A date in a file name may be the day of export; a declared batch is what it says.
        let severity = if from_names {
            Severity::Warn
        } else {
            Severity::Fail
        };
        return Some((
            severity,
            format!(
                "`{}` separates the two groups completely: no {} holds samples of both",
                variable.name,
                if variable.role == Role::Plex {
                    "plex"
                } else {
                    "batch"
                }
            ),
        ));
    }
    let v = cramers_v(&table.values().copied().collect::<Vec<_>>());
    (v >= STRONG_ASSOCIATION).then(|| {
        (
            Severity::Warn,
            format!(
                "`{}` follows the groups largely (Cramér's V {v:.2}; {mixed} of {} hold both)",
                variable.name,
                table.len()
            ),
        )
    })
}

/// Cramér's V of a k × 2 table.
fn cramers_v(table: &[(usize, usize)]) -> f64 {
    let (a, b): (usize, usize) = table.iter().fold((0, 0), |s, t| (s.0 + t.0, s.1 + t.1));
    let n = (a + b) as f64;
    let chi2: f64 = table
        .iter()
        .flat_map(|&(x, y)| {
            let row = (x + y) as f64;
            [
                (x as f64, row * a as f64 / n),
                (y as f64, row * b as f64 / n),
            ]
        })
        .map(|(seen, expected)| {
            if expected > 0.0 {
                (seen - expected).powi(2) / expected
            } else {
                0.0
            }
        })
        .sum();
    (chi2 / n).sqrt()
}

fn subject_checks(
    variable: &Variable,
    contrast: &Contrast,
    reference: &[usize],
    target: &[usize],
    add: &mut impl FnMut(DesignRule, Severity, String, &str),
) {
    let subjects = |arm: &[usize]| -> BTreeSet<String> {
        arm.iter()
            .filter_map(|&i| variable.group_of(i))
            .map(str::to_string)
            .collect()
    };
    let (a, b) = (subjects(reference), subjects(target));
    let pairs = a.intersection(&b).count();
    for (arm, seen, label) in [
        (reference, &a, &contrast.reference.label),
        (target, &b, &contrast.target.label),
    ] {
        let known = arm
            .iter()
            .filter(|&&i| variable.group_of(i).is_some())
            .count();
        if seen.len() < known {
            let severity = if seen.len() < 2 {
                Severity::Fail
            } else {
                Severity::Warn
            };
            add(
                DesignRule::PseudoReplication,
                severity,
                format!(
                    "{known} samples of `{label}` come from {} of `{}`",
                    seen.len(),
                    variable.name
                ),
                "take the subject as the unit: average its samples or block on it",
            );
        }
    }
    if pairs >= 2 {
        let blocked = contrast.blocking.contains(&variable.name);
        add(
            DesignRule::Pairing,
            Severity::Note,
            format!(
                "{pairs} of `{}` have samples on both sides; the comparison is {}",
                variable.name,
                if blocked { "paired" } else { "not paired" }
            ),
            "declare `blocking:` of the contrast in `dataset.yaml`",
        );
    }
}
