//! Objectives from the dataset's own variables: what was varied, what was recorded, what the samples themselves show.
//!
//! Proposals read labels only as counts (how many samples per level), never a measured value, so that everything that
//! follows can be charged to a menu that was fixed before any result.

mod question;
mod restriction;
mod variable;
mod weighing;
mod wording;

use std::collections::BTreeSet;

use super::pursuit::term_of;
use crate::dataset::{Dataset, Role, Term, Variable};
use crate::discovery::{EntityKind, Objective, Target};

pub use question::{Focus, Question, QuestionError};
pub use restriction::samples_within;

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
    /// Objectives that a question in words does not ask.
    pub left_out_by_question: usize,
}

/// What narrows the objectives, fixed before any result.
#[derive(Debug)]
pub struct Scope<'q> {
    /// A question in words.
    pub question: Option<&'q mut Question>,
    /// Whether knowledge packs are read: without them there are no pathways and complexes to ask about.
    pub packs: bool,
    /// Whether comparisons were given on the command line or in the configuration, so that a question picks among them.
    pub fixed: bool,
}

/// What each further objective of a variable is worth, relative to the one before.
const REPEATED: f64 = 0.93;

/// Proposes objectives, at most `limit`.
pub fn propose(dataset: &Dataset, limit: usize) -> Proposals {
    let mut not_asked = Vec::new();
    let declared = !dataset.design.contrasts.is_empty();
    let mut all = Vec::new();
    if declared {
        all.extend(of_design(dataset));
    } else {
        all.extend(of_variables(dataset, &mut not_asked));
    }
    all.extend(wording::about_structure(dataset));
    chosen(all, dataset, limit, declared, not_asked)
}

/// Proposes objectives within a scope, at most `limit`. A question is asked of all that the dataset allows, so that it finds
/// what would otherwise be too far down the list; a comparison it makes itself is added to the design.
///
/// # Errors
/// The question leaves no objective.
pub fn propose_within(
    dataset: &mut Dataset,
    limit: usize,
    scope: Scope<'_>,
) -> Result<Proposals, QuestionError> {
    let Some(question) = scope.question else {
        let mut proposals = propose(dataset, limit);
        if !scope.packs {
            without_sets(&mut proposals.objectives, &mut proposals.not_asked);
        }
        return Ok(proposals);
    };
    let mut not_asked = Vec::new();
    let mut all = of_design(dataset);
    if !scope.fixed {
        all.extend(of_variables(dataset, &mut not_asked));
    }
    all.extend(wording::about_structure(dataset));
    let mut seen = BTreeSet::new();
    all.retain(|o| seen.insert(o.id.clone()));
    let mut unasked = Vec::new();
    if !scope.packs {
        without_sets(&mut all, &mut unasked);
    }
    let narrowed = question.narrow(all, dataset, &mut not_asked, scope.fixed)?;
    not_asked.extend(unasked);
    let mut proposals = chosen(narrowed.kept, dataset, limit, scope.fixed, not_asked);
    proposals.left_out_by_question = narrowed.left_out;
    Ok(proposals)
}

/// Drops the questions about pathways and complexes.
fn without_sets(objectives: &mut Vec<Objective>, not_asked: &mut Vec<NotAsked>) {
    let before: usize = objectives.iter().map(|o| o.questions.len()).sum();
    for objective in objectives.iter_mut() {
        objective
            .questions
            .retain(|q| !matches!(q.subject, EntityKind::Pathway | EntityKind::Complex));
        wording::name_subjects(objective);
    }
    objectives.retain(|o| !o.questions.is_empty());
    if objectives.iter().map(|o| o.questions.len()).sum::<usize>() < before {
        not_asked.push(NotAsked {
            what: "pathways and complexes".to_owned(),
            reason: "no knowledge pack is read in this run".to_owned(),
        });
    }
}

/// An objective per comparison that was asked for or declared.
fn of_design(dataset: &Dataset) -> Vec<Objective> {
    let contrasts = dataset.design.contrasts.iter();
    contrasts
        .map(|c| wording::about_contrast(dataset, c, Vec::new(), true))
        .collect()
}

/// The objectives of every variable that was varied or recorded.
fn of_variables(dataset: &Dataset, not_asked: &mut Vec<NotAsked>) -> Vec<Objective> {
    let mut all = Vec::new();
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
                all.extend(variable::about_variable(dataset, variable, not_asked));
            }
            Role::Derived => not_asked.push(NotAsked {
                what: variable.name.clone(),
                reason: "derived from an assay of the same samples: described, not tested"
                    .to_owned(),
            }),
            _ => {}
        }
    }
    all
}

/// The best of `all`, at most `limit`; repeats are asked only where the comparisons were given (`fixed`).
fn chosen(
    mut all: Vec<Objective>,
    dataset: &Dataset,
    limit: usize,
    fixed: bool,
    mut not_asked: Vec<NotAsked>,
) -> Proposals {
    all.sort_by(|a, b| {
        b.priority
            .total_cmp(&a.priority)
            .then_with(|| a.id.cmp(&b.id))
    });
    let mut seen = BTreeSet::new();
    all.retain(|o| seen.insert(o.id.clone()));
    // What was asked for is asked, repeats included.
    let all = if fixed {
        all
    } else {
        without_repeats(all, dataset, &mut not_asked)
    };
    let kept = spread(all, limit, &mut not_asked);
    Proposals {
        objectives: kept,
        not_asked,
        left_out_by_question: 0,
    }
}

/// Share of samples in common, in both arms, from which two contrasts ask the same.
const SAME_SAMPLES: f64 = 0.9;

/// Drops contrasts that split the samples as one of higher priority does, whatever the variable is called: asked twice
/// they would take two places on the menu and say one thing.
fn without_repeats(
    all: Vec<Objective>,
    dataset: &Dataset,
    not_asked: &mut Vec<NotAsked>,
) -> Vec<Objective> {
    let mut kept: Vec<(Objective, Option<[BTreeSet<usize>; 2]>)> = Vec::new();
    for objective in all {
        let arms = arms_of(&objective, dataset);
        let repeats = kept.iter().find(|(_, other)| match (&arms, other) {
            (Some([a, b]), Some([c, d])) => {
                (alike(a, c) && alike(b, d)) || (alike(a, d) && alike(b, c))
            }
            _ => false,
        });
        match repeats {
            Some((first, _)) => not_asked.push(NotAsked {
                reason: format!("splits the samples as `{}` does", first.id),
                what: objective.id.0,
            }),
            None => kept.push((objective, arms)),
        }
    }
    kept.into_iter().map(|(objective, _)| objective).collect()
}

/// Samples of the reference and the target arm of a contrast.
fn arms_of(objective: &Objective, dataset: &Dataset) -> Option<[BTreeSet<usize>; 2]> {
    let Ok((Some(Term::Contrast(contrast)), _)) = term_of(objective, dataset) else {
        return None;
    };
    let within = samples_within(&dataset.samples, &objective.within);
    let (reference, target) = contrast.sample_indices(&dataset.samples);
    let inside = |arm: Vec<usize>| arm.into_iter().filter(|i| within.contains(i)).collect();
    Some([inside(reference), inside(target)])
}

fn alike(a: &BTreeSet<usize>, b: &BTreeSet<usize>) -> bool {
    let shared = a.intersection(b).count();
    shared > 0 && shared as f64 >= SAME_SAMPLES * (a.len() + b.len() - shared) as f64
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
