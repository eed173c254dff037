//! Planning over what tools declare: tools that can answer a question of the objective and are not in its template are
//! added, with whatever they need before them. A new tool is used without touching a template.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::bindings::Filled;
use super::check::{Step, Workflow, missing_columns};
use super::params::property_names;
use super::{Bindings, Source};
use crate::dataset::DatasetProfile;
use crate::discovery::Question;
use crate::tool::{ArtifactKind, Catalog, CatalogEntry, Port, PublishedTable};

/// Longest chain of tools added in front of one that answers.
const MAX_CHAIN: usize = 3;

/// The workflow with every tool of the catalogue that answers one of `questions` and is not in it yet. Inputs are found
/// by backward chaining over port kinds and columns: outputs the workflow has already come first, else a further tool
/// that makes what is missing. A tool whose inputs cannot be found, or with which the workflow would no longer pass its
/// check, is left out. Added steps are optional.
pub fn extend_with_answering_tools(
    workflow: &Workflow,
    questions: &[Question],
    bindings: &Bindings,
    catalog: &Catalog,
    dataset: &DatasetProfile,
) -> Workflow {
    let mut extended = workflow.clone();
    for question in questions {
        for entry in catalog.answering(*question) {
            if extended.steps.iter().any(|s| s.tool == entry.spec.name) {
                continue;
            }
            let planner = Planner { catalog, bindings };
            let mut trial = extended.clone();
            let added = planner.add(&mut trial, entry, &mut BTreeSet::new(), 0);
            if added.is_some() && trial.check(catalog, dataset).is_ok() {
                extended = trial;
            }
        }
    }
    extended
}

struct Planner<'a> {
    catalog: &'a Catalog,
    bindings: &'a Bindings,
}

impl Planner<'_> {
    /// Adds a step for `entry` and gives its id; none where an input cannot be found.
    fn add(
        &self,
        workflow: &mut Workflow,
        entry: &CatalogEntry,
        tried: &mut BTreeSet<String>,
        depth: usize,
    ) -> Option<String> {
        if depth > MAX_CHAIN || !tried.insert(entry.spec.name.clone()) {
            return None;
        }
        let mut inputs = IndexMap::new();
        for (name, port) in &entry.spec.consumes {
            let present = self.present(workflow, name, port);
            let source = match present {
                Some(source) => Some(source),
                None if port.optional => None,
                None => Some(self.make(workflow, port, tried, depth)?),
            };
            if let Some(source) = source {
                inputs.insert(name.clone(), source);
            }
        }
        let id = free_id(workflow, &entry.spec.name);
        workflow.steps.push(Step {
            id: id.clone(),
            tool: entry.spec.name.clone(),
            inputs,
            params: self.params(entry),
            why: format!(
                "added because it can answer a question of the objective: {}",
                entry.spec.summary
            ),
            optional: true,
        });
        Some(id)
    }

    /// An output of the workflow that fits the port. A matrix: the one that most label-reading steps take, or else the
    /// last. A table: one of the port's own name, or else the last; an optional port takes only one of its own name.
    fn present(&self, workflow: &Workflow, name: &str, port: &Port) -> Option<Source> {
        let mut best: Option<((usize, usize), Source)> = None;
        if port.kind == ArtifactKind::Matrix {
            let source = self.bindings.dataset();
            best = Some(((self.readers(workflow, &source), 0), source));
        }
        for (place, step) in workflow.steps.iter().enumerate() {
            let Some(entry) = self.catalog.get(&step.tool) else {
                continue;
            };
            for (output_name, output) in &entry.spec.produces {
                let same_name = output_name == name;
                if !fits(port, output) || (port.optional && !same_name) {
                    continue;
                }
                let source = Source::output(&step.id, output_name);
                let merit = match port.kind {
                    ArtifactKind::Matrix => self.readers(workflow, &source),
                    ArtifactKind::Table => usize::from(same_name),
                };
                if best.as_ref().is_none_or(|(b, _)| *b <= (merit, place + 1)) {
                    best = Some(((merit, place + 1), source));
                }
            }
        }
        best.map(|(_, source)| source)
    }

    /// Label-reading steps that take `source`.
    fn readers(&self, workflow: &Workflow, source: &Source) -> usize {
        workflow
            .steps
            .iter()
            .filter(|step| step.inputs.values().any(|s| s == source))
            .filter(|step| {
                self.catalog
                    .get(&step.tool)
                    .is_some_and(|e| e.spec.reads_labels)
            })
            .count()
    }

    /// Adds the first tool that makes what the port needs.
    fn make(
        &self,
        workflow: &mut Workflow,
        port: &Port,
        tried: &mut BTreeSet<String>,
        depth: usize,
    ) -> Option<Source> {
        // A table of no particular columns could be any; guessing one is worse than doing without.
        if port.kind == ArtifactKind::Table && port.columns.is_empty() {
            return None;
        }
        for entry in self.catalog.iter() {
            let made = entry.spec.produces.iter().find(|(_, out)| fits(port, out));
            let Some((output, _)) = made else {
                continue;
            };
            let before = workflow.clone();
            match self.add(workflow, entry, tried, depth + 1) {
                Some(id) => return Some(Source::output(id, output)),
                None => *workflow = before,
            }
        }
        None
    }

    /// Parameters of the tool that go by the name of a binding.
    fn params(&self, entry: &CatalogEntry) -> Map<String, Value> {
        let known = property_names(&entry.params_schema, &entry.params_schema);
        Bindings::NAMES
            .iter()
            .filter_map(|placeholder| {
                let name = placeholder.trim_start_matches('$');
                match self.bindings.fill(placeholder) {
                    Filled::Value(value) if known.contains(name) => Some((name.to_owned(), value)),
                    _ => None,
                }
            })
            .collect()
    }
}

fn fits(port: &Port, output: &PublishedTable) -> bool {
    port.kind == output.kind && missing_columns(port, output).is_empty()
}

fn free_id(workflow: &Workflow, tool: &str) -> String {
    let mut id = tool.to_owned();
    let mut number = 2;
    while workflow.step(&id).is_some() {
        id = format!("{tool}_{number}");
        number += 1;
    }
    id
}
