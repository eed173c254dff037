//! The objectives of one variable: its contrasts, all its levels at once, or its slope.

use crate::dataset::{Arm, Contrast, Role, Series, Variable};
use crate::discovery::Objective;

use super::restriction::{restriction, samples_within};
use super::wording::{about_continuous, about_contrast, about_levels, about_series};
use super::{Asked, NotAsked};

/// Samples per arm below which a recorded (not designed) variable is not worth a stratum of the menu.
const CLINICAL_ARM: usize = 5;
/// Samples needed to ask about a continuous variable.
const CONTINUOUS_SAMPLES: usize = 12;
/// What a contrast of two points of a series is worth beside the series as a whole.
const POINT_BY_POINT: f64 = 0.6;
/// Levels compared one against the others at most, per recorded variable.
const LEVELS_APART: usize = 5;

pub(super) fn about_variable(
    asked: &Asked<'_>,
    variable: &Variable,
    not_asked: &mut Vec<NotAsked>,
) -> Vec<Objective> {
    let (samples, measure) = (asked.samples, asked.measure);
    let within = restriction(samples, variable);
    let kept: Vec<usize> = samples_within(samples, &within);
    let here = variable.subset(&kept);
    let designed = variable.role == Role::Condition;
    let series = Series::of(&here).filter(|_| designed);
    if let Some(numbers) = here.numbers() {
        let observed = numbers.iter().flatten().count();
        if observed < CONTINUOUS_SAMPLES {
            not_asked.push(NotAsked {
                what: variable.name.clone(),
                reason: format!("{observed} samples have a value, {CONTINUOUS_SAMPLES} are needed"),
            });
            return Vec::new();
        }
        return vec![match series {
            Some(series) => about_series(measure, variable, &series, within),
            None => about_continuous(measure, variable, observed, within),
        }];
    }
    let smallest = if designed { 1 } else { CLINICAL_ARM };
    let usable: Vec<(String, usize)> = here
        .level_counts()
        .into_iter()
        .filter(|(_, n)| *n >= smallest)
        .collect();
    if usable.len() < 2 {
        not_asked.push(NotAsked {
            what: variable.name.clone(),
            reason: format!("fewer than two levels have {smallest} or more samples"),
        });
        return Vec::new();
    }
    let declared: Vec<&Contrast> = asked
        .design
        .proposed
        .iter()
        .filter(|c| c.variable == variable.name)
        .collect();
    let mut objectives: Vec<Objective> = if designed && !declared.is_empty() {
        declared
            .iter()
            .map(|c| about_contrast(samples, measure, c, within.clone(), false))
            .collect()
    } else {
        level_contrasts(variable, &usable)
            .iter()
            .map(|c| about_contrast(samples, measure, c, within.clone(), false))
            .collect()
    };
    if let Some(series) = series {
        // The series answers at once what its contrasts ask point by point, and what all levels ask without their order.
        for contrast in &mut objectives {
            contrast.priority *= POINT_BY_POINT;
        }
        objectives.push(about_series(measure, variable, &series, within));
    } else if usable.len() > 2 {
        objectives.push(about_levels(measure, variable, &usable, within));
    }
    objectives
}

/// Two levels: one contrast. More: each of the largest levels against the others.
fn level_contrasts(variable: &Variable, usable: &[(String, usize)]) -> Vec<Contrast> {
    if let [(first, n_first), (second, n_second)] = usable {
        let reference = match &variable.reference_level {
            Some(level) if level == second => second,
            Some(level) if level == first => first,
            _ if is_absence(second) && !is_absence(first) => second,
            _ if is_absence(first) && !is_absence(second) => first,
            _ if n_second > n_first => second,
            _ => first,
        };
        let target = if reference == first { second } else { first };
        return vec![Contrast::new(
            &variable.name,
            Arm::one(target),
            Arm::one(reference),
        )];
    }
    let mut by_size: Vec<&(String, usize)> = usable.iter().collect();
    by_size.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    by_size
        .into_iter()
        .take(LEVELS_APART)
        .map(|(level, _)| {
            let others = variable
                .levels()
                .iter()
                .filter(|l| *l != level)
                .cloned()
                .collect();
            Contrast::new(
                &variable.name,
                Arm::one(level),
                Arm::pooled("other", others),
            )
        })
        .collect()
}

/// Labels that say something is not there.
fn is_absence(label: &str) -> bool {
    let label = label.trim().to_lowercase();
    [
        "0",
        "no",
        "none",
        "absent",
        "negative",
        "neg",
        "wt",
        "wild-type",
        "wildtype",
        "wild type",
        "normal",
        "false",
        "mss",
        "control",
        "unmutated",
    ]
    .contains(&label.as_str())
}
