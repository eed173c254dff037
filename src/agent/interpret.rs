//! What results mean for an objective: checks of their shape, its status, and the audit they add up to.

use crate::dataset::{Dataset, Severity};
use crate::discovery::{AuditReport, Check, ObjectiveStatus, Verdict};
use crate::tool::NullScheme;

use super::attack::circularity;
use super::pursuit::Pursuit;

/// Tests needed to judge the shape of a p-value histogram.
const SHAPE_TESTS: usize = 200;
/// Share of proteins significant from which a contrast is called global.
const GLOBAL: f64 = 0.5;

/// Checks of the input that were made while reading it.
pub fn input_checks(dataset: &Dataset) -> Vec<Check> {
    let verdict = |severity: Severity| match severity {
        Severity::Note => Verdict::Pass,
        Severity::Warn => Verdict::Warn,
        Severity::Fail => Verdict::Fail,
    };
    let problems = dataset.problems.iter().map(|p| Check {
        code: p.rule.clone(),
        verdict: verdict(p.severity),
        reason: p.message.clone(),
        fix: p.fix.clone(),
        concerns: p.contrast.clone(),
    });
    let design = dataset.design.checks.iter().map(|c| Check {
        code: serde_json::to_value(c.rule)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default(),
        verdict: verdict(c.severity),
        reason: c.message.clone(),
        fix: c.fix.clone(),
        concerns: c.contrast.clone(),
    });
    problems.chain(design).collect()
}

/// Checks of the results of one objective: the shape of its p-values and how much of the proteome moves.
pub fn result_checks(pursuit: &Pursuit) -> Vec<Check> {
    let mut checks = Vec::new();
    let concerns = pursuit.own_concern().map(str::to_owned);
    for answered in pursuit
        .answered
        .iter()
        .filter(|a| a.answer.null == NullScheme::Labels && a.answer.pivotal)
    {
        let p: Vec<f64> = answered
            .rows
            .iter()
            .map(|r| r.p)
            .filter(|p| !p.is_nan())
            .collect();
        if p.len() < SHAPE_TESTS {
            continue;
        }
        let share = |low: f64, high: f64| {
            p.iter().filter(|p| **p > low && **p <= high).count() as f64 / p.len() as f64
        };
        let (top, middle) = (share(0.9, 1.0), share(0.4, 0.6) / 2.0);
        if top > 0.16 && top > 1.6 * middle {
            checks.push(Check {
                code: "conservative_p_values".to_owned(),
                verdict: Verdict::Warn,
                reason: format!(
                    "{:.0} % of p-values of `{}` lie above 0.9 (10 % would be even): variation that is not in the model, or too wide errors",
                    top * 100.0,
                    answered.folder
                ),
                fix: "name batch or pairing variables in the sample sheet, so that they enter the model".to_owned(),
                concerns: concerns.clone(),
            });
        }
        let significant = answered.rows.iter().filter(|r| r.q <= 0.05).count() as f64
            / answered.rows.len().max(1) as f64;
        if significant > GLOBAL {
            checks.push(Check {
                code: "global_change".to_owned(),
                verdict: Verdict::Warn,
                reason: format!(
                    "{:.0} % of the tested subjects of `{}` differ: a global change, a confounder, or a normalisation that does not fit",
                    significant * 100.0,
                    answered.folder
                ),
                fix: "look at the normalisation factors and at what else differs between the groups".to_owned(),
                concerns: concerns.clone(),
            });
        }
        if answered.tool == "differential_abundance" {
            checks.extend(one_sided_shift(pursuit, answered));
        }
    }
    checks
}

/// Warns when nearly all significant proteins move the same way.
fn one_sided_shift(pursuit: &Pursuit, answered: &super::answers::Answered) -> Option<Check> {
    let significant: Vec<f64> = answered
        .rows
        .iter()
        .filter(|r| r.q <= 0.05)
        .map(|r| r.effect)
        .filter(|e| !e.is_nan())
        .collect();
    let up = significant.iter().filter(|e| **e > 0.0).count();
    let share = up.max(significant.len() - up) as f64 / significant.len().max(1) as f64;
    (significant.len() >= 50 && share > 0.95).then(|| Check {
        code: "one_sided".to_owned(),
        verdict: Verdict::Warn,
        reason: format!(
            "{:.0} % of {} significant proteins move the same way, as in an enrichment experiment or after a shifted normalisation",
            share * 100.0,
            significant.len()
        ),
        fix: "for a pull-down this is expected; otherwise check the normalisation".to_owned(),
        concerns: pursuit.own_concern().map(str::to_owned),
    })
}

/// A check of a further assay concerns what is asked of that assay, and says so.
fn of_assay(check: &Check, pursuit: &Pursuit) -> Check {
    let Some(assay) = &pursuit.objective.assay else {
        return check.clone();
    };
    Check {
        reason: format!("in `{assay}`: {}", check.reason),
        concerns: pursuit.own_concern().map(str::to_owned),
        ..check.clone()
    }
}

/// All checks of a run, summed up.
pub fn audit(dataset: &Dataset, pursuits: &[Pursuit]) -> AuditReport {
    let mut checks = input_checks(dataset);
    let mut concerned: Vec<String> = Vec::new();
    for pursuit in pursuits {
        concerned.extend(pursuit.concern().map(str::to_owned));
        concerned.extend(pursuit.own_concern().map(str::to_owned));
        for output in pursuit.outputs.values() {
            checks.extend(output.checks.iter().map(|check| of_assay(check, pursuit)));
        }
        checks.extend(result_checks(pursuit));
        checks.extend(circularity::check(pursuit, dataset));
    }
    checks.retain(|c| c.verdict != Verdict::Pass);
    concerned.sort();
    concerned.dedup();
    AuditReport::new(checks, &concerned)
}

/// What became of an objective, with the smallest effect it could have seen where nothing was found.
pub fn status(pursuit: &Pursuit, supported: usize, suggestive: usize) -> ObjectiveStatus {
    if pursuit
        .answered
        .iter()
        .all(|a| a.rows.iter().all(|r| r.p.is_nan()))
    {
        return ObjectiveStatus::Retired {
            reason: "its plan gave no testable answer".to_owned(),
        };
    }
    if supported + suggestive > 0 {
        return ObjectiveStatus::Answered {
            summary: format!("{supported} supported and {suggestive} suggestive hypotheses"),
        };
    }
    match detectable(pursuit) {
        Some((effect, unit)) => ObjectiveStatus::Answered {
            summary: format!(
                "nothing passed; typical {} would have had to change by {effect:.2} ({unit}) to be seen with 80 % power at p = 0.001, so smaller changes are not excluded",
                pursuit.measure.rows
            ),
        },
        None => ObjectiveStatus::Answered {
            summary: "nothing passed; absence of a finding is not evidence of absence".to_owned(),
        },
    }
}

/// Effect that a protein of median standard error shows with 80 % power at p = 0.001.
fn detectable(pursuit: &Pursuit) -> Option<(f64, String)> {
    let answered = pursuit
        .answered
        .iter()
        .find(|a| a.answer.null == NullScheme::Labels && a.answer.pivotal)?;
    let errors: Vec<f64> = answered
        .rows
        .iter()
        .map(|r| (r.effect / r.statistic).abs())
        .filter(|e| e.is_finite())
        .collect();
    if errors.is_empty() {
        return None;
    }
    let z = proteus_stats::distributions::normal_quantile(0.9995)
        + proteus_stats::distributions::normal_quantile(0.8);
    Some((
        z * proteus_stats::descriptive::median(&errors),
        answered.answer.unit.clone(),
    ))
}
