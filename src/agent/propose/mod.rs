//! Objectives from the dataset's own variables: what was varied, what was recorded, what the samples themselves show.
//!
//! Proposals read labels only as counts (how many samples per level), never a measured value, so that everything that
//! follows can be charged to a menu that was fixed before any result.

mod further;
mod later;
mod question;
mod restriction;
mod variable;
mod weighing;
mod wording;

use std::collections::BTreeSet;

use super::pursuit::term_of;
use crate::dataset::{
    Assay, Contrast, Dataset, Design, Measure, Role, SampleMetadata, Term, Variable,
};
use crate::discovery::{EntityKind, Objective, Target};

pub use later::{later_objectives, learnable_of};
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
    /// Objectives that found no place within the limit.
    pub left_out: Vec<Objective>,
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
    /// Whether names go by codes, under which footprints of genes cannot be looked up.
    pub blind: bool,
    /// Whether comparisons were given on the command line or in the configuration, so that a question picks among them.
    pub fixed: bool,
}

/// Of the objectives pursued, one in so many is kept for further assays where there are any.
const FURTHER_SHARE: usize = 2;
/// What each further objective of a variable is worth, relative to the one before.
const REPEATED: f64 = 0.93;

/// The same for each further objective of one assay beside the main one: the first says most of what it shows.
const REPEATED_ASSAY: f64 = 0.85;

/// What questions are asked of: an assay, and the samples measured in it.
pub(super) struct Asked<'a> {
    assay: &'a Assay,
    measure: Measure,
    samples: &'a SampleMetadata,
    design: &'a Design,
}

impl<'a> Asked<'a> {
    /// The main assay and all samples.
    fn main(dataset: &'a Dataset) -> Self {
        let assay = dataset.assay();
        Self {
            assay,
            measure: assay.measure(),
            samples: &dataset.samples,
            design: &dataset.design,
        }
    }
}

/// Proposes objectives, at most `limit`: the main assay's own questions first, then the same questions asked of the
/// further assays. Genotypes compared between groups come on top, since they are told only as edges of chains.
pub fn propose(dataset: &Dataset, limit: usize) -> Proposals {
    let kept = |_: &Objective| true;
    propose_of(dataset, limit, &kept)
}

/// As [`propose`], of the further assays only what is `kept`.
fn propose_of(dataset: &Dataset, limit: usize, kept: &dyn Fn(&Objective) -> bool) -> Proposals {
    let mut not_asked = Vec::new();
    let fixed = !dataset.design.contrasts.is_empty();
    let mut all = of_design(dataset);
    if !fixed {
        all.extend(of_variables(&Asked::main(dataset), &mut not_asked));
    }
    all.extend(wording::about_structure(dataset));
    let further = |o: Objective| kept(&o).then_some(o);
    chosen(all, dataset, limit, fixed, not_asked, &further)
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
    let (packs, footprints) = (scope.packs, scope.packs && !scope.blind);
    let possible = |o: &Objective| footprints || o.footprints.is_none();
    let Some(question) = scope.question else {
        let mut proposals = propose_of(dataset, limit, &possible);
        if !packs {
            without_sets(&mut proposals.objectives, &mut proposals.not_asked);
            without_sets(&mut proposals.left_out, &mut Vec::new());
        }
        return Ok(proposals);
    };
    let mut not_asked = Vec::new();
    let mut all = of_design(dataset);
    if !scope.fixed {
        all.extend(of_variables(&Asked::main(dataset), &mut not_asked));
    }
    all.extend(wording::about_structure(dataset));
    let mut seen = BTreeSet::new();
    all.retain(|o| seen.insert(o.id.clone()));
    let mut unasked = Vec::new();
    if !packs {
        without_sets(&mut all, &mut unasked);
    }
    let narrowed = question.narrow(all, dataset, &mut not_asked, scope.fixed)?;
    not_asked.extend(unasked);
    let further = |o: Objective| question.narrowed(o, dataset).filter(possible);
    let mut proposals = chosen(
        narrowed.kept,
        dataset,
        limit,
        scope.fixed,
        not_asked,
        &further,
    );
    if !packs {
        without_sets(&mut proposals.objectives, &mut Vec::new());
        without_sets(&mut proposals.left_out, &mut Vec::new());
    }
    proposals.left_out_by_question = narrowed.left_out;
    Ok(proposals)
}

/// The objective of one more comparison of two groups of a variable that was varied or recorded.
///
/// # Errors
/// Why it cannot be asked: an unknown or circular variable or group, or fewer than `smallest` samples in a group.
pub fn compared(
    dataset: &Dataset,
    variable: &str,
    target: &str,
    reference: &str,
    smallest: usize,
) -> Result<Objective, String> {
    let asked = Asked::main(dataset);
    let known = dataset
        .samples
        .variables
        .get(variable)
        .filter(|v| matches!(v.role, Role::Condition | Role::Clinical))
        .ok_or_else(|| format!("`{variable}` is not a variable that can be compared"))?;
    if let Some(reason) = circular(asked.assay, known) {
        return Err(reason);
    }
    let spec = format!("{variable}:{target}-{reference}");
    let contrast = Contrast::parse(&spec, &dataset.samples).map_err(|e| e.to_string())?;
    let (reference, target) = contrast.sample_indices(&dataset.samples);
    if reference.len().min(target.len()) < smallest {
        return Err(format!("a group has fewer than {smallest} samples"));
    }
    let within = restriction::restriction(&dataset.samples, known);
    Ok(wording::about_contrast(
        asked.samples,
        asked.measure,
        &contrast,
        within,
        false,
    ))
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
    of_contrasts(&Asked::main(dataset))
}

fn of_contrasts(asked: &Asked<'_>) -> Vec<Objective> {
    let contrasts = asked.design.contrasts.iter();
    contrasts
        .map(|c| wording::about_contrast(asked.samples, asked.measure, c, Vec::new(), true))
        .collect()
}

/// The objectives of one assay, whatever their number.
fn questions(asked: &Asked<'_>, not_asked: &mut Vec<NotAsked>) -> Vec<Objective> {
    if asked.design.contrasts.is_empty() {
        of_variables(asked, not_asked)
    } else {
        of_contrasts(asked)
    }
}

/// The objectives of every variable that was varied or recorded.
fn of_variables(asked: &Asked<'_>, not_asked: &mut Vec<NotAsked>) -> Vec<Objective> {
    let mut all = Vec::new();
    for variable in asked.samples.variables.values() {
        match variable.role {
            Role::Condition | Role::Clinical => {
                if let Some(reason) = circular(asked.assay, variable) {
                    not_asked.push(NotAsked {
                        what: variable.name.clone(),
                        reason,
                    });
                    continue;
                }
                all.extend(variable::about_variable(asked, variable, not_asked));
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

/// The best of `all` and of what `further` keeps of the questions over further assays, at most `limit`; repeats are asked only
/// where the comparisons were given (`fixed`).
fn chosen(
    mut all: Vec<Objective>,
    dataset: &Dataset,
    limit: usize,
    fixed: bool,
    mut not_asked: Vec<NotAsked>,
    further: &dyn Fn(Objective) -> Option<Objective>,
) -> Proposals {
    by_priority(&mut all);
    // What was asked for is asked, repeats included.
    let all = if fixed {
        all
    } else {
        without_repeats(all, dataset, &mut not_asked)
    };
    let mut more = further::questions(dataset, &all);
    more.extend(further::between_assays(dataset, &all));
    more.extend(further::by_footprints(dataset, &all));
    let mut more: Vec<Objective> = more.into_iter().filter_map(further).collect();
    by_priority(&mut more);
    let (edges, more): (Vec<Objective>, Vec<Objective>) =
        more.into_iter().partition(|o| further::is_edge(o, dataset));
    let reserved = more.len().min(limit / FURTHER_SHARE);
    let (mut kept, mut left_out) = spread(all, limit - reserved);
    let more = further::of_those_asked(more, &kept);
    let room = limit - kept.len();
    let (more, more_left_out) = spread(more, room);
    kept.extend(more);
    for (limit, objectives) in [(limit - reserved, &left_out), (room, &more_left_out)] {
        not_asked.extend(objectives.iter().map(|objective| NotAsked {
            what: objective.id.0.clone(),
            reason: format!("lower priority than the {limit} objectives pursued (raise `max_objectives` to include it)"),
        }));
    }
    left_out.extend(more_left_out);
    let edges = further::edges_of(edges, &kept);
    kept.extend(edges);
    Proposals {
        objectives: kept,
        not_asked,
        left_out,
        left_out_by_question: 0,
    }
}

/// Best first, each once.
fn by_priority(all: &mut Vec<Objective>) {
    all.sort_by(|a, b| {
        b.priority
            .total_cmp(&a.priority)
            .then_with(|| a.id.cmp(&b.id))
    });
    let mut seen = BTreeSet::new();
    all.retain(|o| seen.insert(o.id.clone()));
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

/// Takes the best first; each further objective of a variable, or of a further assay, counts for a little less, so that others get
/// a place. Those taken and those left.
fn spread(mut all: Vec<Objective>, limit: usize) -> (Vec<Objective>, Vec<Objective>) {
    let mut kept: Vec<Objective> = Vec::new();
    while kept.len() < limit && !all.is_empty() {
        let worth = |o: &Objective| {
            let times = |weight: f64, same: &dyn Fn(&&Objective) -> bool| {
                let before = kept.iter().filter(same).count();
                weight.powi(i32::try_from(before).unwrap_or(i32::MAX))
            };
            let further = o.assay.is_some() || o.beyond.is_some();
            let in_assay = |k: &&Objective| further && k.assay == o.assay && k.beyond == o.beyond;
            o.priority
                * times(REPEATED, &|k| variable_of(k) == variable_of(o))
                * times(REPEATED_ASSAY, &in_assay)
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
    (kept, all)
}

/// What an objective is about: a variable, an assay of genotypes, or the structure of the samples.
pub(crate) fn variable_of(objective: &Objective) -> String {
    match &objective.target {
        Target::Contrast { contrast } => contrast.split(':').next().unwrap_or_default().to_owned(),
        Target::Levels { variable }
        | Target::Continuous { variable }
        | Target::Course { variable }
        | Target::Trend { variable } => variable.clone(),
        Target::Partner { assay } => assay.clone(),
        Target::Structure => "structure".to_owned(),
    }
}

fn circular(assay: &Assay, variable: &Variable) -> Option<String> {
    let source = variable.derived_from.as_ref()?;
    (source == &assay.name || source.to_lowercase().contains("proteom")).then(|| {
        format!("derived from `{source}`, the assay under test: the association would be circular")
    })
}
