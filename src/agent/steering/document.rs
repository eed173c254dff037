//! The plan file: what it holds, and reading it.

use std::path::Path;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::fault::{PlanFault, PlanFileError};
use crate::config::{Config, ConfigFile};
use crate::dataset::Dataset;
use crate::discovery::ObjectiveId;
use crate::run::hash;
use crate::workflow::Step;

/// The format this version writes and reads.
pub const FORMAT: u32 = 1;

/// A plan file as its owner wrote it, comments included: it is kept with the run, so that a resumed or repeated run reads the
/// same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct PlanFile {
    /// What messages call it.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl From<String> for PlanFile {
    fn from(text: String) -> Self {
        Self {
            name: Self::KEPT_AS.to_owned(),
            text,
        }
    }
}

impl From<PlanFile> for String {
    fn from(file: PlanFile) -> Self {
        file.text
    }
}

/// Every planned graph of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanDocument {
    /// [`FORMAT`].
    pub format: u32,
    /// The data it was made for.
    pub data: PlannedData,
    /// What was asked for when it was made.
    pub asked: AskedFor,
    /// What is to be pursued, in this order.
    pub objectives: Vec<PlannedObjective>,
    /// What the rules proposed, to tell what a person changed.
    pub proposed: IndexMap<ObjectiveId, Proposed>,
}

/// The data that plans were made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedData {
    /// Its name.
    pub name: String,
    /// BLAKE3 over its input, and how it is read.
    pub hash: String,
    /// Number of samples.
    pub samples: usize,
    /// What is known of the samples: variable → role.
    pub variables: IndexMap<String, String>,
}

/// The settings that decide which objectives there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedFor {
    /// Comparisons.
    #[serde(default)]
    pub contrasts: Vec<String>,
    /// Objectives at most.
    pub max_objectives: usize,
    /// A question in words.
    #[serde(default)]
    pub question: Option<String>,
    /// Whether knowledge packs are read.
    pub packs: bool,
}

/// One objective with its graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedObjective {
    /// Which objective.
    pub id: ObjectiveId,
    /// The question in words; says what `id` says and is not changed.
    pub title: String,
    /// Why it is asked.
    #[serde(default)]
    pub why: String,
    /// Variables every test is adjusted for.
    #[serde(default)]
    pub covariates: Vec<String>,
    /// The variable that names blocks.
    #[serde(default)]
    pub blocking: Option<String>,
    /// Conditions `variable=level` on the samples.
    #[serde(default)]
    pub within: Vec<String>,
    /// The template.
    pub workflow: String,
    /// The graph.
    pub steps: Vec<Step>,
}

/// What the rules proposed of an objective.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    /// Covariates, those found in the samples' own structure included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covariates: Vec<String>,
    /// The block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking: Option<String>,
}

impl PlanFile {
    /// What the copy in a run folder is called.
    pub const KEPT_AS: &'static str = "plan.yaml";

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read as text.
    pub fn read(path: &Path) -> Result<Self, PlanFileError> {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self { name, text }),
            Err(error) => Err(PlanFileError::Unreadable {
                file: name,
                reason: error.to_string(),
            }),
        }
    }

    /// BLAKE3 of the text.
    pub fn hash(&self) -> String {
        hash::of_bytes(self.text.as_bytes())
    }

    /// What it holds.
    ///
    /// # Errors
    /// It is no YAML, not of the form of a plan file, or of another format.
    pub fn document(&self) -> Result<PlanDocument, PlanFileError> {
        let refused = |line: Option<usize>, rule: String, fix: &str| PlanFileError::Faults {
            file: self.name.clone(),
            faults: vec![PlanFault {
                line,
                place: String::new(),
                rule,
                fix: fix.to_owned(),
            }],
        };
        let document: PlanDocument = serde_yaml::from_str(&self.text).map_err(|error| {
            let line = error.location().map(|at| at.line());
            refused(
                line,
                error.to_string(),
                "compare it with a plan as `proteus plan PATH --edit` writes it",
            )
        })?;
        if document.format != FORMAT {
            return Err(refused(
                None,
                format!(
                    "it has format {}, and this version reads format {FORMAT}",
                    document.format
                ),
                "make the plan again with this version",
            ));
        }
        Ok(document)
    }
}

impl PlannedData {
    /// What identifies a dataset.
    pub fn of(dataset: &Dataset) -> Self {
        let variables = dataset.samples.variables.values();
        Self {
            name: dataset.name.clone(),
            hash: dataset.content_hash.clone(),
            samples: dataset.samples.len(),
            variables: variables
                .map(|v| (v.name.clone(), v.role.name().to_owned()))
                .collect(),
        }
    }

    /// Why plans made for `self` are not for `found`; nothing where they are.
    pub fn differences(&self, found: &Self) -> Vec<String> {
        let mut told = Vec::new();
        let lacking = |a: &Self, b: &Self| -> Vec<String> {
            let only = a.variables.keys().filter(|v| !b.variables.contains_key(*v));
            only.map(|v| format!("`{v}`")).collect()
        };
        if self.samples != found.samples {
            told.push(format!(
                "the plan is for {} samples and there are {}",
                self.samples, found.samples
            ));
        }
        let (gone, new) = (lacking(self, found), lacking(found, self));
        if !gone.is_empty() {
            told.push(format!("no column {}", gone.join(", ")));
        }
        if !new.is_empty() {
            told.push(format!(
                "the plan does not know the column {}",
                new.join(", ")
            ));
        }
        for (variable, role) in &self.variables {
            if let Some(other) = found.variables.get(variable).filter(|r| *r != role) {
                told.push(format!(
                    "`{variable}` is read as {other} and was read as {role}"
                ));
            }
        }
        if told.is_empty() && self.hash != found.hash {
            told.push("the input has other bytes, or is read in another way".to_owned());
        }
        told
    }
}

impl AskedFor {
    /// These settings of a run.
    pub fn of(config: &Config) -> Self {
        Self {
            contrasts: config.contrasts.clone(),
            max_objectives: config.max_objectives,
            question: config.question.clone(),
            packs: config.packs,
        }
    }

    /// Fills these settings in; the name of the first that was set to something else.
    pub fn fill(&self, file: &mut ConfigFile) -> Result<(), &'static str> {
        fn agree<T: PartialEq + Clone>(
            key: &'static str,
            set: &mut Option<T>,
            planned: &T,
        ) -> Result<(), &'static str> {
            match set {
                Some(set) if set != planned => Err(key),
                _ => {
                    *set = Some(planned.clone());
                    Ok(())
                }
            }
        }
        agree("contrasts", &mut file.contrasts, &self.contrasts)?;
        agree(
            "max_objectives",
            &mut file.max_objectives,
            &self.max_objectives,
        )?;
        agree("packs", &mut file.packs, &self.packs)?;
        if file.question.is_some() && file.question != self.question {
            return Err("question");
        }
        file.question.clone_from(&self.question);
        Ok(())
    }
}
