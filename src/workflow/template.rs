//! Templates: the files of `workflows/`, each a reusable graph of tools for one kind of objective.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::check::{Step, Workflow};
use super::{Bindings, Source};
use crate::content::{Content, ContentError};
use crate::discovery::{EntityKind, Objective, ObjectiveId, Question, Target};
use crate::tool::Catalog;

/// The kinds of objective target a template can be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// Two arms.
    Contrast,
    /// Three or more levels.
    Levels,
    /// A continuous variable.
    Continuous,
    /// A series of times.
    Course,
    /// A series of doses.
    Trend,
    /// Two arms, of what an assay shows beyond another.
    ContrastBeyond,
    /// Two arms, of presence and absence.
    ContrastPresence,
    /// Two arms, of activities judged by footprints.
    ContrastActivity,
    /// Another assay, gene by gene.
    Partner,
    /// The samples' own structure.
    Structure,
}

impl From<&Objective> for TargetKind {
    fn from(objective: &Objective) -> Self {
        match &objective.target {
            Target::Contrast { .. }
                if objective
                    .questions
                    .iter()
                    .any(|q| q.subject == EntityKind::Mutation) =>
            {
                Self::ContrastPresence
            }
            Target::Contrast { .. } if objective.footprints.is_some() => Self::ContrastActivity,
            Target::Contrast { .. } if objective.beyond.is_some() => Self::ContrastBeyond,
            Target::Contrast { .. } => Self::Contrast,
            Target::Levels { .. } => Self::Levels,
            Target::Continuous { .. } => Self::Continuous,
            Target::Course { .. } => Self::Course,
            Target::Trend { .. } => Self::Trend,
            Target::Partner { .. } => Self::Partner,
            Target::Structure => Self::Structure,
        }
    }
}

/// One file of `workflows/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowTemplate {
    /// Name; the file's name.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// What it is for.
    pub when: When,
    /// The bundled dataset it is tested on.
    pub dataset: String,
    /// Its steps.
    pub steps: Vec<TemplateStep>,
}

/// When a template applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The kind of target.
    pub target: TargetKind,
}

/// One step of a template; parameters may be placeholders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateStep {
    /// Name within the workflow.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// Input port → source.
    #[serde(default)]
    pub inputs: IndexMap<String, Source>,
    /// Parameters.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// Why the step is there.
    pub why: String,
    /// Whether the workflow is worth having without it.
    #[serde(default)]
    pub optional: bool,
}

/// A template that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// Not readable.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Not a template.
    #[error(
        "`{path}` is no workflow: {reason}\nhint: compare it with a bundled one, `workflows/two_group_comparison.yaml`"
    )]
    Parse {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The name inside differs from the file's.
    #[error("`{path}` holds the workflow `{name}`\nhint: name the file `{name}.yaml`")]
    Name {
        /// The file.
        path: String,
        /// The name inside.
        name: String,
    },
}

impl WorkflowTemplate {
    /// Reads a template from the text of the file at `path`.
    pub fn parse(path: &str, text: &str) -> Result<Self, TemplateError> {
        serde_yaml::from_str(text).map_err(|e| TemplateError::Parse {
            path: path.to_owned(),
            reason: e.to_string(),
        })
    }

    /// The questions its tools answer, in the order of the steps, each once.
    pub fn questions(&self, catalog: &Catalog) -> Vec<Question> {
        let mut questions = Vec::new();
        for entry in self.steps.iter().filter_map(|s| catalog.get(&s.tool)) {
            for answer in &entry.spec.answers {
                let question = answer.question();
                if !questions.contains(&question) {
                    questions.push(question);
                }
            }
        }
        questions
    }

    /// The workflow for an objective: placeholders filled from `bindings`, `scope` before the name of every step folder. An
    /// optional step that takes an assay the objective has none for is left out, and with it what others would take from it.
    pub fn instantiate(
        &self,
        objective: &ObjectiveId,
        scope: impl Into<String>,
        bindings: &Bindings,
    ) -> Workflow {
        let has_all = |step: &&TemplateStep| {
            !step.optional || step.inputs.values().all(|s| bindings.source(s).is_some())
        };
        let kept: Vec<&TemplateStep> = self.steps.iter().filter(has_all).collect();
        let made_here = |source: &Source| {
            let left_out = |id: &str| {
                self.steps.iter().any(|s| s.id == id) && !kept.iter().any(|s| s.id == id)
            };
            !source.step().is_some_and(left_out)
        };
        let inputs = |step: &TemplateStep| {
            let kept = step.inputs.iter().filter(|(_, source)| made_here(source));
            kept.map(|(port, source)| {
                let known = bindings.source(source);
                (port.clone(), known.unwrap_or_else(|| source.clone()))
            })
            .collect()
        };
        Workflow {
            name: self.name.clone(),
            objective: objective.clone(),
            scope: scope.into(),
            steps: kept
                .iter()
                .map(|step| Step {
                    id: step.id.clone(),
                    tool: step.tool.clone(),
                    inputs: inputs(step),
                    params: bindings.apply(&step.params),
                    why: step.why.clone(),
                    optional: step.optional,
                })
                .collect(),
        }
    }
}

/// All templates, in the order of their names.
#[derive(Debug, Clone)]
pub struct Templates {
    templates: Vec<WorkflowTemplate>,
}

impl Templates {
    /// Reads every file of `workflows/`, overrides included.
    pub fn load(content: &Content) -> Result<Self, TemplateError> {
        let mut templates = Vec::new();
        for path in content.list("workflows/") {
            let Some(stem) = path
                .strip_prefix("workflows/")
                .and_then(|name| name.strip_suffix(".yaml"))
            else {
                continue;
            };
            let template = WorkflowTemplate::parse(&path, &content.text(&path)?)?;
            if template.name != stem {
                return Err(TemplateError::Name {
                    name: template.name,
                    path,
                });
            }
            templates.push(template);
        }
        Ok(Self { templates })
    }

    /// Every template.
    pub fn iter(&self) -> impl Iterator<Item = &WorkflowTemplate> {
        self.templates.iter()
    }

    /// The template of this name.
    pub fn get(&self, name: &str) -> Option<&WorkflowTemplate> {
        self.templates.iter().find(|t| t.name == name)
    }

    /// Templates for objectives with this kind of target.
    pub fn for_target(&self, target: TargetKind) -> Vec<&WorkflowTemplate> {
        self.iter().filter(|t| t.when.target == target).collect()
    }

    /// The templates for an objective, those that answer most of its questions first.
    pub fn for_objective(
        &self,
        objective: &Objective,
        catalog: &Catalog,
    ) -> Vec<&WorkflowTemplate> {
        let answered = |template: &WorkflowTemplate| {
            let questions = template.questions(catalog);
            objective
                .questions
                .iter()
                .filter(|q| questions.contains(q))
                .count()
        };
        let mut found = self.for_target(TargetKind::from(objective));
        found.sort_by_key(|t| std::cmp::Reverse(answered(t)));
        found
    }
}
