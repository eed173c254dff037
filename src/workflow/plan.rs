//! A plan: a workflow that passed its check, its steps in an order in which they can run.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{PlanError, Source};
use crate::discovery::ObjectiveId;

/// A checked workflow. Equal workflows give equal plans, whatever the order of their steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The template it came from, or a name of its own.
    pub workflow: String,
    /// The objective.
    pub objective: ObjectiveId,
    /// Before the name of every step folder.
    pub scope: String,
    /// Every step after all it takes input from; among those free to run, in the order of the workflow.
    pub steps: Vec<PlannedStep>,
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// Name within the workflow.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// Version of the tool.
    pub version: u32,
    /// Input port → source.
    pub inputs: IndexMap<String, Source>,
    /// Inputs that the tool can do without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub optional_inputs: Vec<String>,
    /// All parameters, defaults included.
    pub params: Map<String, Value>,
    /// Why the step is there.
    pub why: String,
    /// Whether the workflow is worth having without it: where it gives nothing, steps that can do without its outputs
    /// run without them.
    pub optional: bool,
    /// Whether its tool reads sample labels.
    pub reads_labels: bool,
    /// Whether its outputs depend on sample labels, through its tool or an earlier step: replayed on every decoy.
    pub tainted: bool,
}

impl Plan {
    /// The step of this id.
    pub fn step(&self, id: &str) -> Option<&PlannedStep> {
        self.steps.iter().find(|s| s.id == id)
    }

    /// Place of the step of this id.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.steps.iter().position(|s| s.id == id)
    }

    /// The name of a step's folder in the run: `<scope>.<id>`.
    pub fn folder(&self, id: &str) -> String {
        format!("{}.{id}", self.scope)
    }

    /// Whether `step` runs without this input when its source gave nothing.
    pub fn can_do_without(&self, step: &PlannedStep, port: &str) -> bool {
        let source = step.inputs.get(port).and_then(Source::step);
        step.optional_inputs.iter().any(|p| p == port)
            && source
                .and_then(|id| self.step(id))
                .is_some_and(|s| s.optional)
    }

    /// Whether `ancestor` is among the steps that `id` takes input from, directly or not.
    pub fn depends_on(&self, id: &str, ancestor: &str) -> bool {
        let parents = self.step(id).map(|s| s.inputs.values());
        parents
            .into_iter()
            .flatten()
            .filter_map(Source::step)
            .any(|parent| parent == ancestor || self.depends_on(parent, ancestor))
    }
}

/// Puts steps into an order in which they can run, and marks those that depend on labels. Sources that name no step
/// are passed over.
pub(super) fn order(steps: Vec<PlannedStep>) -> Result<Vec<PlannedStep>, Vec<PlanError>> {
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..steps.len()).map(|i| graph.add_node(i)).collect();
    let position = |id: &str| steps.iter().position(|s| s.id == id);
    for (to, step) in steps.iter().enumerate() {
        for from in step.inputs.values().filter_map(Source::step) {
            if let Some(from) = position(from) {
                graph.update_edge(nodes[from], nodes[to], ());
            }
        }
    }
    let mut cycles: Vec<Vec<usize>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|component| {
            component.len() > 1 || graph.find_edge(component[0], component[0]).is_some()
        })
        .map(|component| {
            let mut members: Vec<usize> = component.iter().map(|n| graph[*n]).collect();
            members.sort_unstable();
            members
        })
        .collect();
    if !cycles.is_empty() {
        cycles.sort();
        return Err(cycles
            .into_iter()
            .map(|members| PlanError::Cycle {
                steps: members.iter().map(|&i| steps[i].id.clone()).collect(),
            })
            .collect());
    }

    let mut waiting: Vec<usize> = nodes
        .iter()
        .map(|&n| graph.neighbors_directed(n, petgraph::Incoming).count())
        .collect();
    let mut ready: BTreeSet<usize> = (0..steps.len()).filter(|&i| waiting[i] == 0).collect();
    let mut sorted = Vec::with_capacity(steps.len());
    while let Some(next) = ready.pop_first() {
        sorted.push(next);
        for child in graph.neighbors(nodes[next]).map(|n| graph[n]) {
            waiting[child] -= 1;
            if waiting[child] == 0 {
                ready.insert(child);
            }
        }
    }

    let mut tainted: BTreeSet<String> = BTreeSet::new();
    let mut slots: Vec<Option<PlannedStep>> = steps.into_iter().map(Some).collect();
    let ordered = sorted.into_iter().filter_map(|i| slots[i].take());
    Ok(ordered
        .map(|mut step| {
            step.tainted = step.reads_labels
                || step
                    .inputs
                    .values()
                    .filter_map(Source::step)
                    .any(|s| tainted.contains(s));
            if step.tainted {
                tainted.insert(step.id.clone());
            }
            step
        })
        .collect())
}
