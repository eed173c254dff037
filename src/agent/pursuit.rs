//! One objective, pursued: its plan, what the plan gave, and what that answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dataset::{Contrast, Dataset, Measure, ModelFrame, Molecule, Term};
use crate::discovery::{Entity, EntityKind, Objective, Target};
use crate::tool::{Abundance, Artifact, ToolOutput};
use crate::workflow::Plan;

use super::answers::Answered;
use super::wording::Comparison;

/// An objective with everything its plan gave on the data.
pub struct Pursuit {
    /// The objective.
    pub objective: Objective,
    /// The assay it was asked of.
    pub assay: String,
    /// What that assay measures.
    pub molecule: Molecule,
    /// What is tested; none for the structure of the samples.
    pub term: Option<Term>,
    /// What is compared, in words.
    pub comparison: Comparison,
    /// What the numbers of its assay are called.
    pub measure: Measure,
    /// The frozen plan.
    pub plan: Plan,
    /// Outputs by step, without the matrices that only led to those tested.
    pub outputs: BTreeMap<String, Arc<ToolOutput>>,
    /// The matrix that label-reading steps saw.
    pub matrix: Option<Arc<Abundance>>,
    /// The model over its columns.
    pub frame: Option<ModelFrame>,
    /// Answers on the data, one per stratum of the objective.
    pub answered: Vec<Answered>,
}

impl Pursuit {
    /// What the objective's subjects are related to.
    pub fn object(&self) -> Entity {
        match (&self.term, &self.objective.target) {
            (Some(Term::Contrast(contrast)), _) => Entity::new(
                EntityKind::SampleGroup,
                &contrast.id,
                &contrast.target.label,
            ),
            (Some(term), _) => Entity::new(
                EntityKind::ClinicalVariable,
                term.variable(),
                term.variable(),
            ),
            (None, Target::Partner { assay }) => {
                Entity::new(EntityKind::Gene, assay, format!("its own row in {assay}"))
            }
            (None, _) => Entity::new(EntityKind::ClinicalVariable, "structure", "sample groups"),
        }
    }

    /// The contrast, where there is one.
    pub fn contrast(&self) -> Option<&Contrast> {
        match &self.term {
            Some(Term::Contrast(contrast)) => Some(contrast),
            _ => None,
        }
    }

    /// The name checks concern its question by, in whatever assay: contrast id or variable.
    pub fn concern(&self) -> Option<&str> {
        match &self.term {
            Some(Term::Contrast(contrast)) => Some(&contrast.id),
            Some(term) => Some(term.variable()),
            None => None,
        }
    }

    /// The name of checks of its own results: what was seen in a further assay, or in a group of samples, says nothing of the others.
    pub fn own_concern(&self) -> Option<&str> {
        match (&self.objective.assay, self.objective.generation) {
            (None, 0) => self.concern(),
            _ => Some(&self.objective.id.0),
        }
    }

    /// Whether a check that is about `concerned` (none = the whole dataset) is about this objective.
    pub fn is_concerned(&self, concerned: Option<&str>) -> bool {
        concerned
            .is_none_or(|about| self.concern() == Some(about) || self.own_concern() == Some(about))
    }

    /// The value of a text column of an answer table at one row; none where there is no such column.
    pub fn cell(&self, answered: &Answered, column: &str, row: usize) -> Option<String> {
        let output = self.outputs.get(&answered.step)?;
        match output.artifacts.get(&answered.answer.table)? {
            Artifact::Table(table) => {
                let column = table.column(column).ok()?;
                let value = column.get(row).ok()?;
                (!value.is_null()).then(|| value.str_value().into_owned())
            }
            Artifact::Matrix(_) => None,
        }
    }

    /// The value of a number column of an answer table at one row; none where there is no such column or it is empty.
    pub fn number(&self, answered: &Answered, column: &str, row: usize) -> Option<f64> {
        let output = self.outputs.get(&answered.step)?;
        let Artifact::Table(table) = output.artifacts.get(&answered.answer.table)? else {
            return None;
        };
        table.column(column).ok()?.f64().ok()?.get(row)
    }

    /// A fact noted by the step that gave an answer.
    pub fn fact(&self, answered: &Answered, name: &str) -> Option<&serde_json::Value> {
        self.outputs.get(&answered.step)?.facts.get(name)
    }

    /// The same as a number. JSON has no infinity: a tool writes it as the word.
    pub fn fact_number(&self, answered: &Answered, name: &str) -> Option<f64> {
        let value = self.fact(answered, name)?;
        if value == "infinite" {
            return Some(f64::INFINITY);
        }
        value.as_f64()
    }
}

/// What an objective tests, and the words for it. The contrast is read back from its id.
pub fn term_of(
    objective: &Objective,
    dataset: &Dataset,
) -> Result<(Option<Term>, Comparison), crate::dataset::DatasetError> {
    Ok(match &objective.target {
        Target::Contrast { contrast } => {
            let contrast = match dataset.design.find(contrast) {
                Some(known) => known.clone(),
                None => Contrast::parse(contrast, &dataset.samples)?,
            };
            let comparison = Comparison::Arms {
                variable: contrast.variable.clone(),
                target: contrast.target.label.clone(),
                reference: contrast.reference.label.clone(),
            };
            (Some(Term::Contrast(contrast)), comparison)
        }
        Target::Levels { variable } => (
            Some(Term::Levels(variable.clone())),
            Comparison::Levels {
                variable: variable.clone(),
            },
        ),
        Target::Continuous { variable } => (
            Some(Term::Continuous(variable.clone())),
            Comparison::Slope {
                variable: variable.clone(),
            },
        ),
        Target::Course { variable } => (
            Some(Term::Course(variable.clone())),
            Comparison::Time {
                variable: variable.clone(),
            },
        ),
        Target::Trend { variable } => (
            Some(Term::Trend(variable.clone())),
            Comparison::Dose {
                variable: variable.clone(),
            },
        ),
        Target::Partner { assay } => (
            None,
            Comparison::Partner {
                assay: assay.clone(),
            },
        ),
        Target::Structure => (None, Comparison::Structure),
    })
}
