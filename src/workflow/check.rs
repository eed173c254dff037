//! The check of a workflow: everything that can be known before it runs, all faults at once.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::params::check_params;
use super::plan::order;
use super::plan_error::nearest;
use super::{Plan, PlanError, PlannedStep, Source};
use crate::dataset::DatasetProfile;
use crate::discovery::ObjectiveId;
use crate::tool::{ArtifactKind, Catalog, CatalogEntry, Port, PublishedTable};

/// Steps that together answer an objective, not yet checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// The template it came from, or a name of its own.
    pub name: String,
    /// The objective.
    pub objective: ObjectiveId,
    /// Put before the name of every step folder; unique within a run, a valid file name.
    pub scope: String,
    /// The steps, in any order.
    pub steps: Vec<Step>,
}

/// One use of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Name within the workflow.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// Input port → source.
    #[serde(default)]
    pub inputs: IndexMap<String, Source>,
    /// Parameters that differ from the defaults.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// Why the step is there.
    #[serde(default)]
    pub why: String,
    /// Whether the workflow is worth having without it.
    #[serde(default)]
    pub optional: bool,
}

impl Workflow {
    /// Type-checks the workflow against the tools and the dataset.
    ///
    /// # Errors
    /// Every fault there is, in the order of the steps.
    pub fn check(
        &self,
        catalog: &Catalog,
        dataset: &DatasetProfile,
    ) -> Result<Plan, Vec<PlanError>> {
        let mut errors = self.check_names();
        let mut planned = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let Some(entry) = catalog.get(&step.tool) else {
                errors.push(PlanError::UnknownTool {
                    step: step.id.clone(),
                    tool: step.tool.clone(),
                    nearest: nearest(&step.tool, catalog.names()),
                });
                continue;
            };
            self.check_inputs(step, entry, catalog, dataset, &mut errors);
            let level = self.level_error(step, entry, dataset);
            // What the first step is told, those behind it need not be told again.
            errors.extend(level.filter(|e| !errors.iter().any(|known| known.same_level(e))));
            let params = check_params(step, entry, dataset, &mut errors);
            planned.push(PlannedStep {
                id: step.id.clone(),
                tool: step.tool.clone(),
                version: entry.spec.version,
                inputs: step.inputs.clone(),
                optional_inputs: entry
                    .spec
                    .consumes
                    .iter()
                    .filter(|(name, port)| port.optional && step.inputs.contains_key(*name))
                    .map(|(name, _)| name.clone())
                    .collect(),
                params,
                why: step.why.clone(),
                optional: step.optional,
                reads_labels: entry.spec.reads_labels,
                tainted: false,
            });
        }
        if !errors.is_empty() {
            // A cycle shows in the workflow's own steps, whatever else is wrong with them.
            errors.extend(cycles(&self.steps));
            return Err(errors);
        }
        match order(planned) {
            Ok(steps) => Ok(Plan {
                workflow: self.name.clone(),
                objective: self.objective.clone(),
                scope: self.scope.clone(),
                steps,
            }),
            Err(errors) => Err(errors),
        }
    }

    /// The step of this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|s| s.id == id)
    }

    fn check_names(&self) -> Vec<PlanError> {
        let mut errors = Vec::new();
        if self.steps.is_empty() {
            errors.push(PlanError::Empty);
        }
        let mut seen = BTreeSet::new();
        let mut told = BTreeSet::new();
        for step in &self.steps {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if step.id.is_empty() || step.id == "dataset" || !step.id.chars().all(plain) {
                errors.push(PlanError::StepName {
                    step: step.id.clone(),
                });
            }
            if !seen.insert(&step.id) && told.insert(&step.id) {
                errors.push(PlanError::DuplicateStep {
                    step: step.id.clone(),
                });
            }
        }
        errors
    }

    fn check_inputs(
        &self,
        step: &Step,
        entry: &CatalogEntry,
        catalog: &Catalog,
        dataset: &DatasetProfile,
        errors: &mut Vec<PlanError>,
    ) {
        for (name, source) in &step.inputs {
            match entry.spec.consumes.get(name) {
                None => errors.push(PlanError::UnknownPort {
                    step: step.id.clone(),
                    tool: step.tool.clone(),
                    port: name.clone(),
                    known: entry.spec.consumes.keys().cloned().collect(),
                }),
                Some(port) => {
                    let place = Place { step, name, port };
                    errors.extend(self.check_source(&place, source, catalog, dataset));
                }
            }
        }
        for (name, port) in &entry.spec.consumes {
            if !port.optional && !step.inputs.contains_key(name) {
                errors.push(PlanError::MissingInput {
                    step: step.id.clone(),
                    tool: step.tool.clone(),
                    port: name.clone(),
                    description: port.description.trim_end_matches('.').to_owned(),
                });
            }
        }
    }

    fn check_source(
        &self,
        place: &Place<'_>,
        source: &Source,
        catalog: &Catalog,
        dataset: &DatasetProfile,
    ) -> Option<PlanError> {
        match source {
            Source::Dataset { assay } => {
                if let Some(assay) = assay
                    && !dataset.assays.iter().any(|a| a.name == *assay)
                {
                    let known = dataset.assays.iter().map(|a| a.name.as_str());
                    return Some(place.unknown_source(source, nearest(assay, known)));
                }
                place.check_kind(source, ArtifactKind::Matrix)
            }
            Source::Step { step, port } => {
                let Some(from) = self.step(step) else {
                    let known = self.steps.iter().map(|s| s.id.as_str());
                    return Some(place.unknown_source(source, nearest(step, known)));
                };
                // An unknown tool is told at its own step.
                let from = catalog.get(&from.tool)?;
                let Some(output) = from.spec.produces.get(port) else {
                    return Some(PlanError::UnknownOutput {
                        step: place.step.id.clone(),
                        port: place.name.to_owned(),
                        source_name: source.to_string(),
                        known: from.spec.produces.keys().cloned().collect(),
                    });
                };
                place
                    .check_kind(source, output.kind)
                    .or_else(|| place.check_columns(source, output))
            }
        }
    }
}

/// An input port of a step.
struct Place<'a> {
    step: &'a Step,
    name: &'a str,
    port: &'a Port,
}

impl Place<'_> {
    fn unknown_source(&self, source: &Source, nearest: Option<String>) -> PlanError {
        PlanError::UnknownSource {
            step: self.step.id.clone(),
            port: self.name.to_owned(),
            source_name: source.to_string(),
            nearest,
        }
    }

    fn check_kind(&self, source: &Source, found: ArtifactKind) -> Option<PlanError> {
        (found != self.port.kind).then(|| PlanError::WrongKind {
            step: self.step.id.clone(),
            port: self.name.to_owned(),
            source_name: source.to_string(),
            needs: kind_word(self.port.kind),
            found: kind_word(found),
        })
    }

    fn check_columns(&self, source: &Source, output: &PublishedTable) -> Option<PlanError> {
        let missing = missing_columns(self.port, output);
        (!missing.is_empty()).then(|| PlanError::MissingColumns {
            step: self.step.id.clone(),
            port: self.name.to_owned(),
            source_name: source.to_string(),
            missing,
            found: output.columns.iter().map(|c| c.name.clone()).collect(),
        })
    }
}

/// Columns that `port` needs and `output` does not have.
pub(super) fn missing_columns(port: &Port, output: &PublishedTable) -> Vec<String> {
    port.columns
        .iter()
        .filter(|needed| !output.columns.iter().any(|c| c.name == **needed))
        .cloned()
        .collect()
}

fn kind_word(kind: ArtifactKind) -> &'static str {
    match kind {
        ArtifactKind::Matrix => "matrix",
        ArtifactKind::Table => "table",
    }
}

fn cycles(steps: &[Step]) -> Vec<PlanError> {
    let bare = steps.iter().map(|step| PlannedStep {
        id: step.id.clone(),
        tool: step.tool.clone(),
        version: 0,
        inputs: step.inputs.clone(),
        optional_inputs: Vec::new(),
        params: Map::new(),
        why: String::new(),
        optional: step.optional,
        reads_labels: false,
        tainted: false,
    });
    order(bare.collect()).err().unwrap_or_default()
}
