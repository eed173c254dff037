//! The objectives a question is about, and comparisons that it asks for and nobody proposed.

use super::{Aside, Question, QuestionError};
use crate::agent::propose::restriction::restriction;
use crate::agent::propose::wording::{about_contrast, name_subjects};
use crate::agent::propose::{NotAsked, variable_of};
use crate::dataset::{Arm, Contrast, Dataset, Role};
use crate::discovery::{EntityKind, Objective, Relation, Target};

/// What a question leaves of the objectives of a dataset.
pub(in crate::agent::propose) struct Narrowed {
    pub(in crate::agent::propose) kept: Vec<Objective>,
    /// How many it does not ask.
    pub(in crate::agent::propose) left_out: usize,
}

impl Question {
    /// The objectives it is about: of its variables and groups, with the questions of its kinds. A comparison that nobody
    /// proposed is added, unless the comparisons were given (`fixed`).
    ///
    /// # Errors
    /// None is left.
    pub(in crate::agent::propose) fn narrow(
        &mut self,
        all: Vec<Objective>,
        dataset: &mut Dataset,
        not_asked: &mut Vec<NotAsked>,
        fixed: bool,
    ) -> Result<Narrowed, QuestionError> {
        let offered = all.len();
        let (mut kept, others): (Vec<Objective>, Vec<Objective>) =
            all.into_iter().partition(|o| self.is_about(o, dataset));
        if !fixed {
            kept.extend(self.made(&kept, dataset));
        }
        let mut left_out = others.len();
        not_asked.extend(others.into_iter().map(|o| NotAsked {
            what: o.id.0,
            reason: "not what the question asks".to_owned(),
        }));
        for objective in &mut kept {
            objective
                .questions
                .retain(|q| self.asks_for(q.subject, q.relation));
            name_subjects(objective);
        }
        let (kept, empty): (Vec<Objective>, Vec<Objective>) =
            kept.into_iter().partition(|o| !o.questions.is_empty());
        left_out += empty.len();
        not_asked.extend(empty.into_iter().map(|o| NotAsked {
            what: o.id.0,
            reason: "does not ask for the kind of claim that the question names".to_owned(),
        }));
        self.tell_why_not(&kept, not_asked);
        if kept.is_empty() {
            if fixed {
                self.left_out.push(Aside::plain(
                    "the comparisons asked for",
                    format!(
                        "none of the {offered} objectives they allow is what the question asks"
                    ),
                ));
            }
            return Err(self.refused());
        }
        Ok(Narrowed { kept, left_out })
    }

    /// An objective over a further assay as far as it is asked; none where it is not.
    pub(in crate::agent::propose) fn narrowed(
        &self,
        mut objective: Objective,
        dataset: &Dataset,
    ) -> Option<Objective> {
        objective
            .questions
            .retain(|q| self.asks_for(q.subject, q.relation));
        (self.is_about(&objective, dataset) && !objective.questions.is_empty()).then_some(objective)
    }

    /// Adds the reasons why a variable that was named is not asked about.
    fn tell_why_not(&mut self, kept: &[Objective], not_asked: &[NotAsked]) {
        let asked = |variable: &str| kept.iter().any(|o| variable_of(o) == variable);
        let named: Vec<&str> = self
            .variables
            .iter()
            .map(|(name, _)| name.as_str())
            .chain(self.levels.iter().map(|(variable, _, _)| variable.as_str()))
            .filter(|variable| !asked(variable))
            .collect();
        let concerns = |what: &str| {
            let variable = what.split(':').next().unwrap_or(what);
            named.contains(&variable)
        };
        let reasons: Vec<Aside> = not_asked
            .iter()
            .filter(|n| concerns(&n.what))
            .filter(|n| self.left_out.iter().all(|l| l.told.what != n.what))
            .map(|n| Aside::plain(n.what.clone(), n.reason.clone()))
            .collect();
        self.left_out.extend(reasons);
    }

    fn names_variable(&self, variable: &str) -> bool {
        self.variables.iter().any(|(v, _)| v == variable)
    }

    fn levels_of<'q>(&'q self, variable: &str) -> Vec<&'q String> {
        let levels = self.levels.iter();
        levels
            .filter(|(v, _, _)| v == variable)
            .map(|(_, level, _)| level)
            .collect()
    }

    fn is_about(&self, objective: &Objective, dataset: &Dataset) -> bool {
        let asks_structure = self
            .kinds
            .iter()
            .any(|(k, _)| matches!(k, EntityKind::Subtype | EntityKind::Component));
        if self.variables.is_empty() && self.levels.is_empty() {
            // Without a word of the sheet the kinds of claim alone decide, question by question.
            return true;
        }
        let variable = variable_of(objective);
        let levels = self.levels_of(&variable);
        match &objective.target {
            Target::Structure => asks_structure,
            Target::Continuous { .. } => self.names_variable(&variable),
            // Genotypes are no variable of the sheet.
            Target::Partner { .. } => false,
            Target::Levels { .. } | Target::Course { .. } | Target::Trend { .. } => {
                self.names_variable(&variable) && levels.is_empty()
            }
            Target::Contrast { contrast } => {
                let declared = dataset.design.find(contrast).cloned();
                let parsed = declared
                    .map(Ok)
                    .unwrap_or_else(|| Contrast::parse(contrast, &dataset.samples));
                let Ok(contrast) = parsed else {
                    return false;
                };
                match levels.as_slice() {
                    [] => self.names_variable(&variable),
                    [one] => holds(&contrast, one),
                    several => several.iter().filter(|l| holds(&contrast, l)).count() >= 2,
                }
            }
        }
    }

    /// Comparisons of levels it names that no kept objective makes: of two levels of one variable, of one with the level
    /// that others are measured against, else with all others.
    fn made(&self, kept: &[Objective], dataset: &mut Dataset) -> Vec<Objective> {
        let mut variables: Vec<&String> = Vec::new();
        for (variable, _, _) in &self.levels {
            if !variables.contains(&variable) {
                variables.push(variable);
            }
        }
        let compared = |variable: &str| {
            kept.iter()
                .any(|o| matches!(o.target, Target::Contrast { .. }) && variable_of(o) == variable)
        };
        let mut made = Vec::new();
        for name in variables.into_iter().filter(|v| !compared(v)) {
            let Some(variable) = dataset.samples.variables.get(name) else {
                continue;
            };
            if !matches!(variable.role, Role::Condition | Role::Clinical) {
                continue;
            }
            let reference = variable.reference_level.clone();
            let levels = self.levels_of(name);
            let (target, against) = match levels.as_slice() {
                [first, second, ..] if reference.as_ref() == Some(*first) => {
                    (Arm::one(second.as_str()), Arm::one(first.as_str()))
                }
                [first, second, ..] => (Arm::one(first.as_str()), Arm::one(second.as_str())),
                [one] => {
                    let others: Vec<String> = variable
                        .levels()
                        .iter()
                        .filter(|l| l != one)
                        .cloned()
                        .collect();
                    let against = match (reference.filter(|r| r != *one), others.as_slice()) {
                        (Some(reference), _) => Arm::one(reference),
                        (None, [other]) => Arm::one(other),
                        (None, _) => Arm::pooled("other", others),
                    };
                    (Arm::one(one.as_str()), against)
                }
                [] => continue,
            };
            if against.levels.is_empty() {
                continue;
            }
            let within = restriction(&dataset.samples, variable);
            let contrast = dataset.compare(name.clone(), target, against);
            let measure = dataset.assay().measure();
            made.push(about_contrast(
                &dataset.samples,
                measure,
                &contrast,
                within,
                true,
            ));
        }
        made
    }

    /// Whether it asks for claims about this kind of subject.
    fn asks_for(&self, subject: EntityKind, relation: Relation) -> bool {
        let about_detection = relation == Relation::DetectionDiffersBetween;
        if subject == EntityKind::Module && self.names_subjects() {
            // How many proteins switch says nothing of a single one.
            return false;
        }
        let kind = match subject {
            EntityKind::Module => EntityKind::Protein,
            other => other,
        };
        let mut kinds: Vec<EntityKind> = self.kinds.iter().map(|(k, _)| *k).collect();
        if !self.proteins.is_empty() {
            kinds.push(EntityKind::Protein);
        }
        if !self.sets.is_empty() {
            kinds.extend([EntityKind::Pathway, EntityKind::Complex]);
        }
        match self.detection {
            Some(_) if about_detection => true,
            Some(_) => kinds
                .iter()
                .any(|k| *k == kind && *k != EntityKind::Protein),
            None => kinds.is_empty() || kinds.contains(&kind),
        }
    }
}

/// Whether one arm is this level, or the target holds it.
fn holds(contrast: &Contrast, level: &String) -> bool {
    contrast.target.levels.contains(level)
        || (contrast.reference.levels.len() == 1 && contrast.reference.levels.contains(level))
}
