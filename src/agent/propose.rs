//! Objectives from the dataset's own variables: what was varied, what was recorded, what the samples themselves show.
//!
//! Proposals read labels only as counts (how many samples per level), never a measured value, so that everything that
//! follows can be charged to a menu that was fixed before any result.

use crate::dataset::{Arm, Contrast, Dataset, Role, SampleMetadata, Variable};
use crate::discovery::{
    EntityKind, Objective, ObjectiveId, ObjectiveStatus, Question, Relation, Target,
};

/// A variable that was considered and not asked about, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NotAsked {
    /// The variable or contrast.
    pub what: String,
    /// Why not.
    pub reason: String,
}

/// Objectives in order of priority, and what was left out.
#[derive(Debug, Clone, Default)]
pub struct Proposals {
    /// Best first, at most as many as allowed.
    pub objectives: Vec<Objective>,
    /// What was left out.
    pub not_asked: Vec<NotAsked>,
}

/// Samples per arm below which a recorded (not designed) variable is not worth a stratum of the menu.
const CLINICAL_ARM: usize = 5;
/// Samples needed to ask about a continuous variable.
const CONTINUOUS_SAMPLES: usize = 12;
/// Samples needed to look for structure among them.
const STRUCTURE_SAMPLES: usize = 12;
/// What each further objective of a variable is worth, relative to the one before.
const REPEATED: f64 = 0.93;
/// Levels compared one against the others at most, per recorded variable.
const LEVELS_APART: usize = 5;

/// Proposes objectives, at most `limit`.
pub fn propose(dataset: &Dataset, limit: usize) -> Proposals {
    let mut all: Vec<Objective> = Vec::new();
    let mut not_asked = Vec::new();
    if dataset.design.contrasts.is_empty() {
        for variable in dataset.samples.variables.values() {
            match variable.role {
                Role::Condition | Role::Clinical => {
                    if let Some(reason) = circular(dataset, variable) {
                        not_asked.push(NotAsked {
                            what: variable.name.clone(),
                            reason,
                        });
                        continue;
                    }
                    all.extend(about_variable(dataset, variable, &mut not_asked));
                }
                Role::Derived => not_asked.push(NotAsked {
                    what: variable.name.clone(),
                    reason: "derived from an assay of the same samples: described, not tested"
                        .to_owned(),
                }),
                _ => {}
            }
        }
    } else {
        all.extend(
            dataset
                .design
                .contrasts
                .iter()
                .map(|c| about_contrast(&dataset.samples, c, Vec::new(), true)),
        );
    }
    if let Some(structure) = about_structure(dataset) {
        all.push(structure);
    }
    all.sort_by(|a, b| {
        b.priority
            .total_cmp(&a.priority)
            .then_with(|| a.id.cmp(&b.id))
    });
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|o| seen.insert(o.id.clone()));
    let kept = spread(all, limit, &mut not_asked);
    Proposals {
        objectives: kept,
        not_asked,
    }
}

/// Takes the best first; each further objective of a variable counts for a little less, so that others get a place.
fn spread(mut all: Vec<Objective>, limit: usize, not_asked: &mut Vec<NotAsked>) -> Vec<Objective> {
    let mut kept: Vec<Objective> = Vec::new();
    while kept.len() < limit && !all.is_empty() {
        let worth = |o: &Objective| {
            let before = kept
                .iter()
                .filter(|k| variable_of(k) == variable_of(o))
                .count();
            o.priority * REPEATED.powi(i32::try_from(before).unwrap_or(i32::MAX))
        };
        let best = (0..all.len()).max_by(|&a, &b| {
            worth(&all[a])
                .total_cmp(&worth(&all[b]))
                .then_with(|| b.cmp(&a))
        });
        match best {
            Some(best) => kept.push(all.remove(best)),
            None => break,
        }
    }
    not_asked.extend(all.into_iter().map(|objective| NotAsked {
        what: objective.id.0,
        reason: format!("lower priority than the {limit} objectives pursued (raise `max_objectives` to include it)"),
    }));
    kept
}

/// How much people want to know of a recorded variable, by its name alone: classes of disease first, then what was done
/// or found, then what describes the person.
fn interest(variable: &Variable) -> f64 {
    let name = variable.name.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| name.contains(w));
    if says(&[
        "subtype",
        "molecular",
        "diagnos",
        "disease",
        "treatment",
        "response",
        "genotype",
    ]) {
        1.0
    } else if says(&[
        "status", "histolog", "grade", "stage", "relapse", "recur", "metasta", "outcome", "risk",
        "class",
    ]) {
        0.9
    } else if says(&[
        "mutation", "_mut", "amplif", "fusion", "deletion", "receptor", "pathway", "invasion",
    ]) {
        0.75
    } else if says(&[
        "age", "sex", "gender", "race", "ethnic", "bmi", "weight", "height", "country", "site",
        "focal", "size", "pregnan", "diabet", "smok", "alcohol",
    ]) {
        0.5
    } else {
        0.65
    }
}

fn variable_of(objective: &Objective) -> String {
    match &objective.target {
        Target::Contrast { contrast } => contrast.split(':').next().unwrap_or_default().to_owned(),
        Target::Levels { variable } | Target::Continuous { variable } => variable.clone(),
        Target::Structure => "structure".to_owned(),
    }
}

fn circular(dataset: &Dataset, variable: &Variable) -> Option<String> {
    let source = variable.derived_from.as_ref()?;
    let assay = dataset.assay();
    (source == &assay.name || source.to_lowercase().contains("proteom")).then(|| {
        format!("derived from `{source}`, the assay under test: the association would be circular")
    })
}

fn about_variable(
    dataset: &Dataset,
    variable: &Variable,
    not_asked: &mut Vec<NotAsked>,
) -> Vec<Objective> {
    let samples = &dataset.samples;
    let within = restriction(samples, variable);
    let kept: Vec<usize> = samples_within(samples, &within);
    let here = variable.subset(&kept);
    if let Some(numbers) = here.numbers() {
        let observed = numbers.iter().flatten().count();
        if observed < CONTINUOUS_SAMPLES {
            not_asked.push(NotAsked {
                what: variable.name.clone(),
                reason: format!("{observed} samples have a value, {CONTINUOUS_SAMPLES} are needed"),
            });
            return Vec::new();
        }
        return vec![about_continuous(variable, observed, within)];
    }
    let designed = variable.role == Role::Condition;
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
    let declared: Vec<&Contrast> = dataset
        .design
        .proposed
        .iter()
        .filter(|c| c.variable == variable.name)
        .collect();
    let mut objectives: Vec<Objective> = if designed && !declared.is_empty() {
        declared
            .iter()
            .map(|c| about_contrast(samples, c, within.clone(), false))
            .collect()
    } else {
        level_contrasts(variable, &usable)
            .iter()
            .map(|c| about_contrast(samples, c, within.clone(), false))
            .collect()
    };
    if usable.len() > 2 {
        objectives.push(about_levels(variable, &usable, within));
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

fn harmonic(a: usize, b: usize) -> f64 {
    if a == 0 || b == 0 {
        0.0
    } else {
        2.0 / (1.0 / a as f64 + 1.0 / b as f64)
    }
}

/// How much there is to learn: grows with the effective arm size, saturating at a few dozen.
fn learnable(effective: f64) -> f64 {
    effective / (effective + 8.0)
}

fn about_contrast(
    samples: &SampleMetadata,
    contrast: &Contrast,
    within: Vec<String>,
    requested: bool,
) -> Objective {
    let role = samples.variables.get(&contrast.variable).map(|v| v.role);
    let kept = samples_within(samples, &within);
    let (reference, target) = contrast.sample_indices(samples);
    let count = |arm: &[usize]| arm.iter().filter(|i| kept.contains(i)).count();
    let (n_reference, n_target) = (count(&reference), count(&target));
    let interest = samples
        .variables
        .get(&contrast.variable)
        .map_or(0.65, interest);
    let weight = if requested {
        2.0
    } else if role == Some(Role::Condition) {
        1.0
    } else {
        0.7 * interest
    };
    let priority = weight * learnable(harmonic(n_reference, n_target));
    let sides = format!(
        "{} ({n_target} samples) than in {} ({n_reference})",
        contrast.target.label, contrast.reference.label
    );
    Objective {
        id: ObjectiveId(contrast.id.clone()),
        text: format!(
            "Which proteins, complexes and pathways are more or less abundant in {} = {sides}?",
            contrast.variable
        ),
        questions: vec![
            question(
                EntityKind::Protein,
                Relation::DiffersBetween,
                EntityKind::SampleGroup,
            ),
            question(
                EntityKind::Pathway,
                Relation::DiffersBetween,
                EntityKind::SampleGroup,
            ),
            question(
                EntityKind::Complex,
                Relation::DiffersBetween,
                EntityKind::SampleGroup,
            ),
            question(
                EntityKind::Protein,
                Relation::DetectionDiffersBetween,
                EntityKind::SampleGroup,
            ),
        ],
        target: Target::Contrast {
            contrast: contrast.id.clone(),
        },
        why: if requested {
            "asked for".to_owned()
        } else if role == Some(Role::Condition) {
            format!("`{}` is what the experiment varied", contrast.variable)
        } else {
            format!("`{}` was recorded for these samples", contrast.variable)
        },
        covariates: contrast.covariates.clone(),
        blocking: contrast.blocking.first().cloned(),
        within,
        priority,
        prior: prior(priority, weight),
        generation: 0,
        parent: None,
        status: ObjectiveStatus::Proposed,
    }
}

fn about_levels(variable: &Variable, usable: &[(String, usize)], within: Vec<String>) -> Objective {
    let smallest = usable.iter().map(|(_, n)| *n).min().unwrap_or(0);
    let weight = if variable.role == Role::Condition {
        0.8
    } else {
        0.5 * interest(variable)
    };
    let priority = weight * learnable(smallest as f64 * 1.5);
    let names: Vec<String> = usable
        .iter()
        .map(|(level, n)| format!("{level} ({n})"))
        .collect();
    Objective {
        id: ObjectiveId(format!("{}:levels", variable.name)),
        text: format!(
            "Which proteins vary across {} = {}?",
            variable.name,
            names.join(", ")
        ),
        questions: vec![question(
            EntityKind::Protein,
            Relation::VariesAcross,
            EntityKind::ClinicalVariable,
        )],
        target: Target::Levels {
            variable: variable.name.clone(),
        },
        why: format!("`{}` has {} levels", variable.name, usable.len()),
        covariates: Vec::new(),
        blocking: None,
        within,
        priority,
        prior: prior(priority, weight),
        generation: 0,
        parent: None,
        status: ObjectiveStatus::Proposed,
    }
}

fn about_continuous(variable: &Variable, observed: usize, within: Vec<String>) -> Objective {
    let weight = if variable.role == Role::Condition {
        1.0
    } else {
        0.45 * interest(variable)
    };
    let priority = weight * learnable(observed as f64 / 2.0);
    Objective {
        id: ObjectiveId(format!("{}:slope", variable.name)),
        text: format!(
            "Which proteins rise or fall with {} ({observed} samples)?",
            variable.name
        ),
        questions: vec![question(
            EntityKind::Protein,
            Relation::AssociatedWith,
            EntityKind::ClinicalVariable,
        )],
        target: Target::Continuous {
            variable: variable.name.clone(),
        },
        why: format!(
            "`{}` is a number recorded for {observed} samples",
            variable.name
        ),
        covariates: Vec::new(),
        blocking: None,
        within,
        priority,
        prior: prior(priority, weight),
        generation: 0,
        parent: None,
        status: ObjectiveStatus::Proposed,
    }
}

fn about_structure(dataset: &Dataset) -> Option<Objective> {
    let n = dataset.samples.len();
    let outside = dataset
        .samples
        .variables
        .values()
        .filter(|v| {
            matches!(
                v.role,
                Role::Condition | Role::Clinical | Role::Batch | Role::Plex
            )
        })
        .count();
    if n < STRUCTURE_SAMPLES || outside == 0 {
        return None;
    }
    Some(Objective {
        id: ObjectiveId("structure".to_owned()),
        text: format!(
            "Do the {n} samples fall into groups of their own, and what do these groups mean?"
        ),
        questions: vec![
            question(
                EntityKind::Subtype,
                Relation::AssociatedWith,
                EntityKind::ClinicalVariable,
            ),
            question(
                EntityKind::Component,
                Relation::AssociatedWith,
                EntityKind::ClinicalVariable,
            ),
        ],
        target: Target::Structure,
        why: "the samples' own structure may cut across the labels, or follow a batch".to_owned(),
        covariates: Vec::new(),
        blocking: None,
        within: Vec::new(),
        priority: 0.6 * learnable(n as f64 / 4.0),
        prior: 0.5,
        generation: 0,
        parent: None,
        status: ObjectiveStatus::Proposed,
    })
}

fn question(subject: EntityKind, relation: Relation, object: EntityKind) -> Question {
    Question {
        subject,
        relation,
        object,
    }
}

/// Probability, before results, that anything is found: designed contrasts usually show something, recorded ones less.
fn prior(priority: f64, weight: f64) -> f64 {
    let base = if weight >= 1.0 { 0.75 } else { 0.4 };
    (base * (0.5 + 0.5 * (priority / weight))).clamp(0.05, 0.95)
}

/// A recorded variable is asked about within one level of the designed condition, where its samples span several:
/// otherwise the condition's own effect would be mixed in.
fn restriction(samples: &SampleMetadata, variable: &Variable) -> Vec<String> {
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

fn has_value(variable: &Variable, sample: usize) -> bool {
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
