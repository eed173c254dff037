//! What can be said against a comparison before any number is looked at: replicates, confounding, pseudo-replication,
//! pairing, balance.

use std::collections::{BTreeMap, BTreeSet};

use super::label::words;
use super::{
    Contrast, DesignCheck, DesignRule, ModelError, ModelFrame, Role, SampleMetadata, Severity,
    Term, Variable,
};

/// Cramér's V above which a batch is said to follow the groups largely.
const STRONG_ASSOCIATION: f64 = 0.7;
/// Part of all pairs of samples in which the one of the same group was measured later, above which order is noted.
const MOSTLY_LATER: f64 = 0.85;

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
            format!(
                "{sizes}: without replicates on both sides no error can be measured; the values can only be described"
            ),
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
    for variable in samples.with_role(Role::Covariate) {
        if let Some((_, message)) = confounding(variable, &reference, &target) {
            add(
                DesignRule::Confounding,
                Severity::Warn,
                message,
                "read results as those of either; adjusting for it would remove the difference",
            );
        }
    }
    for variable in samples.with_role(Role::RunOrder) {
        if let Some((severity, message)) = run_order(variable, &reference, &target) {
            add(
                DesignRule::Confounding,
                severity,
                message,
                "measure in random order; drift of the instrument cannot be told from the difference",
            );
        }
    }
    for variable in samples.with_role(Role::Subject) {
        subject_checks(variable, contrast, &reference, &target, &mut add);
    }
    if samples.with_role(Role::Subject).next().is_none() {
        repeated_measurements(samples, contrast, &reference, &target, &mut add);
    }
    rank(samples, contrast, &mut add);
    out
}

/// Whether the arms were measured one after the other.
fn run_order(
    variable: &Variable,
    reference: &[usize],
    target: &[usize],
) -> Option<(Severity, String)> {
    let positions = |arm: &[usize]| -> Option<Vec<f64>> {
        arm.iter()
            .map(|&i| match variable.numbers() {
                Some(numbers) => numbers[i],
                None => variable.group_of(i)?.parse().ok(),
            })
            .collect()
    };
    let (a, b) = (positions(reference)?, positions(target)?);
    if a.len().min(b.len()) < 2 {
        return None;
    }
    let later = b
        .iter()
        .flat_map(|y| a.iter().map(move |x| f64::from(u8::from(y > x))))
        .sum::<f64>()
        / (a.len() * b.len()) as f64;
    let apart = later.max(1.0 - later);
    if apart == 1.0 {
        let message = format!(
            "`{}` separates the two groups: one was measured after the other",
            variable.name
        );
        return Some((Severity::Warn, message));
    }
    (apart >= MOSTLY_LATER && a.len().min(b.len()) >= 3).then(|| {
        (
            Severity::Note,
            format!(
                "`{}` follows the groups: in {:.0} % of pairs the sample of one group was measured later",
                variable.name,
                100.0 * apart
            ),
        )
    })
}

/// Samples that the sheet calls repeated measurements of one biological replicate.
fn repeated_measurements(
    samples: &SampleMetadata,
    contrast: &Contrast,
    reference: &[usize],
    target: &[usize],
    add: &mut impl FnMut(DesignRule, Severity, String, &str),
) {
    let technical: Vec<&Variable> = samples
        .with_role(Role::TechnicalReplicate)
        .filter(|v| v.levels().len() > 1)
        .collect();
    let biological: Vec<&Variable> = samples
        .with_role(Role::Replicate)
        .filter(|v| !technical.is_empty() || words(&v.name).iter().any(|w| w.starts_with("bio")))
        .collect();
    let Some(unit) = biological.first() else {
        return;
    };
    for (arm, label) in [
        (reference, &contrast.reference.label),
        (target, &contrast.target.label),
    ] {
        let group = samples.variables.get(&contrast.variable);
        let keys: Vec<(&str, &str)> = arm
            .iter()
            .filter_map(|&i| Some((group?.group_of(i)?, unit.group_of(i)?)))
            .collect();
        let units: BTreeSet<&(&str, &str)> = keys.iter().collect();
        if keys.len() != arm.len() || units.len() == keys.len() {
            continue;
        }
        let severity = if units.len() < 2 {
            Severity::Fail
        } else {
            Severity::Warn
        };
        add(
            DesignRule::PseudoReplication,
            severity,
            format!(
                "{} samples of `{label}` are repeated measurements of {} biological replicates (`{}`)",
                keys.len(),
                units.len(),
                unit.name
            ),
            "the biological replicate is the unit: average its measurements with `--technical-replicates average`, or give each replicate its own label in a column `subject` and block on it",
        );
    }
}

/// Whether what is compared can be told apart from what it is adjusted for or blocked on.
fn rank(
    samples: &SampleMetadata,
    contrast: &Contrast,
    add: &mut impl FnMut(DesignRule, Severity, String, &str),
) {
    if contrast.covariates.is_empty() && contrast.blocking.is_empty() {
        return;
    }
    let frame = ModelFrame::build(
        samples,
        &samples.ids,
        &Term::Contrast(contrast.clone()),
        &contrast.covariates,
        contrast.blocking.first().map(String::as_str),
    );
    if let Err(error @ ModelError::Confounded { .. }) = frame {
        add(
            DesignRule::Rank,
            Severity::Fail,
            error.to_string(),
            "take the variable out of `blocking:` or `covariates:` of the contrast in `dataset.yaml`",
        );
    }
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
                match variable.role {
                    Role::Plex => "plex",
                    Role::Batch => "batch",
                    _ => "level",
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
                "take the subject as the unit: block on it, or average repeated measurements of one sample with `--technical-replicates average`",
            );
        }
    }
    let alone: Vec<&str> = a.symmetric_difference(&b).map(String::as_str).collect();
    if pairs >= 2 && !alone.is_empty() {
        let shown: Vec<String> = alone.iter().take(5).map(|s| format!("`{s}`")).collect();
        let more = if alone.len() > 5 {
            format!(" and {} more", alone.len() - 5)
        } else {
            String::new()
        };
        let (severity, message) = if contrast.blocking.contains(&variable.name) {
            (Severity::Note, "which leaves them out")
        } else {
            (Severity::Warn, "so too few for a paired comparison")
        };
        add(
            DesignRule::Pairing,
            severity,
            format!(
                "{pairs} of `{}` have samples on both sides and {} on one only ({}{more}), {message}",
                variable.name,
                alone.len(),
                shown.join(", ")
            ),
            "add the missing samples, or correct the names of the subjects",
        );
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
