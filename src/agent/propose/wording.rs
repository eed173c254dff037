//! The objectives themselves: what is asked, of what, in words, and why.

use crate::dataset::{
    Contrast, Dataset, Measure, Role, SampleMetadata, Series, SeriesKind, Variable,
};
use crate::discovery::EntityKind::{
    self, ClinicalVariable, Complex, Component, Module, Pathway, Protein, SampleGroup, Subtype,
};
use crate::discovery::Relation::{
    self, AssociatedWith, ChangesOver, DetectionDiffersBetween, DiffersBetween, Follows,
    VariesAcross,
};
use crate::discovery::{Objective, Question, Target};

use super::restriction::samples_within;
use super::weighing::{harmonic, interest, learnable, prior};

/// Samples needed to look for structure among them.
const STRUCTURE_SAMPLES: usize = 12;

pub(super) fn about_contrast(
    samples: &SampleMetadata,
    measure: Measure,
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
        text: format!(
            "Which {} in {} = {sides}?",
            measure.question, contrast.variable
        ),
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
        ..Objective::new(
            &contrast.id,
            Target::Contrast {
                contrast: contrast.id.clone(),
            },
            vec![
                question(Protein, DiffersBetween, SampleGroup),
                question(Pathway, DiffersBetween, SampleGroup),
                question(Complex, DiffersBetween, SampleGroup),
                question(Protein, DetectionDiffersBetween, SampleGroup),
                question(Module, DetectionDiffersBetween, SampleGroup),
            ],
        )
    }
}

pub(super) fn about_levels(
    measure: Measure,
    variable: &Variable,
    usable: &[(String, usize)],
    within: Vec<String>,
) -> Objective {
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
        text: format!(
            "Which {} vary across {} = {}?",
            measure.rows,
            variable.name,
            names.join(", ")
        ),
        why: format!("`{}` has {} levels", variable.name, usable.len()),
        within,
        priority,
        prior: prior(priority, weight),
        ..Objective::new(
            &format!("{}:levels", variable.name),
            Target::Levels {
                variable: variable.name.clone(),
            },
            vec![question(Protein, VariesAcross, ClinicalVariable)],
        )
    }
}

pub(super) fn about_continuous(
    measure: Measure,
    variable: &Variable,
    observed: usize,
    within: Vec<String>,
) -> Objective {
    let weight = if variable.role == Role::Condition {
        1.0
    } else {
        0.45 * interest(variable)
    };
    let priority = weight * learnable(observed as f64 / 2.0);
    Objective {
        text: format!(
            "Which {} rise or fall with {} ({observed} samples)?",
            measure.rows, variable.name
        ),
        why: format!(
            "`{}` is a number recorded for {observed} samples",
            variable.name
        ),
        within,
        priority,
        prior: prior(priority, weight),
        ..Objective::new(
            &format!("{}:slope", variable.name),
            Target::Continuous {
                variable: variable.name.clone(),
            },
            vec![question(Protein, AssociatedWith, ClinicalVariable)],
        )
    }
}

pub(super) fn about_series(
    measure: Measure,
    variable: &Variable,
    series: &Series,
    within: Vec<String>,
) -> Objective {
    let observed = series.positions.iter().flatten().count();
    let priority = learnable(observed as f64 / 2.0);
    let points: Vec<&str> = series.points.iter().map(|p| p.1.as_str()).collect();
    let (id, target, relation, what) = match series.kind {
        SeriesKind::Time => (
            "course",
            Target::Course {
                variable: variable.name.clone(),
            },
            ChangesOver,
            "change over time, in whatever shape,",
        ),
        SeriesKind::Dose => (
            "trend",
            Target::Trend {
                variable: variable.name.clone(),
            },
            Follows,
            "rise or fall with the dose",
        ),
    };
    Objective {
        text: format!(
            "Which {} {what} from {} to {} ({observed} samples at {} points of {})?",
            measure.rows,
            points.first().unwrap_or(&""),
            points.last().unwrap_or(&""),
            points.len(),
            variable.name
        ),
        why: format!("the levels of `{}` are a series", variable.name),
        within,
        priority,
        prior: prior(priority, 1.0),
        ..Objective::new(
            &format!("{}:{id}", variable.name),
            target,
            vec![question(Protein, relation, ClinicalVariable)],
        )
    }
}

pub(super) fn about_structure(dataset: &Dataset) -> Option<Objective> {
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
        text: format!(
            "Do the {n} samples fall into groups of their own, and what do these groups mean?"
        ),
        why: "the samples' own structure may cut across the labels, or follow a batch".to_owned(),
        priority: 0.6 * learnable(n as f64 / 4.0),
        prior: 0.5,
        ..Objective::new(
            "structure",
            Target::Structure,
            vec![
                question(Subtype, AssociatedWith, ClinicalVariable),
                question(Component, AssociatedWith, ClinicalVariable),
            ],
        )
    })
}

/// How a question about two groups begins that asks for everything.
const EVERYTHING: &str = "proteins, complexes and pathways";

/// Brings the words of an objective in line with what is left of its questions.
pub(super) fn name_subjects(objective: &mut Objective) {
    let asked = |kinds: &[EntityKind]| {
        let mut questions = objective.questions.iter();
        questions.any(|q| kinds.contains(&q.subject))
    };
    let nouns: Vec<&str> = [
        (&[Protein, Module][..], "proteins"),
        (&[Complex][..], "complexes"),
        (&[Pathway][..], "pathways"),
    ]
    .into_iter()
    .filter(|(kinds, _)| asked(kinds))
    .map(|(_, noun)| noun)
    .collect();
    let named = match nouns.as_slice() {
        [] => return,
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    objective.text = objective.text.replacen(EVERYTHING, &named, 1);
}

fn question(subject: EntityKind, relation: Relation, object: EntityKind) -> Question {
    Question {
        subject,
        relation,
        object,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Measure;

    #[test]
    fn an_objective_is_worded_by_what_it_asks() {
        assert!(Measure::default().question.starts_with(EVERYTHING));
        let target = Target::Structure;
        let worded = |kinds: &[EntityKind]| {
            let questions = kinds
                .iter()
                .map(|k| question(*k, DiffersBetween, SampleGroup));
            let mut objective = Objective::new("o", target.clone(), questions.collect());
            objective.text = format!("Which {} in T than C?", Measure::default().question);
            name_subjects(&mut objective);
            objective.text
        };
        assert_eq!(
            worded(&[Protein, Module]),
            "Which proteins are more or less abundant in T than C?"
        );
        assert!(worded(&[Pathway, Complex]).starts_with("Which complexes and pathways are"));
        assert!(
            worded(&[Protein, Pathway, Complex]).starts_with(&format!("Which {EVERYTHING} are"))
        );
    }
}
