//! Replaying a plan on decoys: its label-dependent part again, in memory, on exchanged labels or replaced matrices.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::evaluate::{absent_input, dataset_matrix, p_values_of_tool, run_tool};
use super::keys::tool_seed;
use super::{Plan, PlannedStep, Source};
use crate::dataset::{Dataset, SampleMetadata};
use crate::knowledge::Packs;
use crate::tool::{Artifact, Catalog, Shared, TablesOfP, ToolError, ToolInput, ToolOutput};

/// A world the plan is replayed in.
#[derive(Debug)]
pub struct World<'a> {
    /// The sample sheet, tested labels exchanged.
    pub samples: &'a SampleMetadata,
    /// Artifacts that take the place of the dataset's or of a step's own; what depends on them is computed anew.
    pub replaced: BTreeMap<Source, Artifact>,
    /// Seed of everything random in it.
    pub seed: u64,
}

/// What a replay gives of a step of which p-values are wanted.
#[derive(Debug, Clone)]
pub enum Replayed {
    /// The p-values, where its tool has a short way to them.
    PValues(TablesOfP),
    /// All of its output otherwise.
    Output(Arc<ToolOutput>),
}

/// A step and the tables of which p-values are wanted.
pub type WantedTables<'a> = (&'a str, Vec<&'a str>);

/// A plan with what never changes on a decoy: the dataset and the outputs of label-blind steps.
pub struct Replayer {
    plan: Arc<Plan>,
    catalog: Arc<Catalog>,
    packs: Arc<Packs>,
    /// Matrices of the dataset, where a step reads one that may have to run.
    matrices: BTreeMap<Source, Artifact>,
    /// Label-blind steps whose output on the target was given.
    given: BTreeSet<String>,
    /// Those of them that are kept.
    untainted: BTreeMap<String, Arc<ToolOutput>>,
}

impl Replayer {
    /// A replayer over the target's outputs; those of label-dependent steps are not kept. Label-blind steps whose
    /// output is not given are computed when they are needed, and with them all that depends on them.
    pub fn new(
        plan: Arc<Plan>,
        catalog: Arc<Catalog>,
        packs: Arc<Packs>,
        dataset: &Dataset,
        outputs: &BTreeMap<String, Arc<ToolOutput>>,
    ) -> Self {
        let untainted: BTreeMap<String, Arc<ToolOutput>> = plan
            .steps
            .iter()
            .filter(|step| !step.tainted)
            .filter_map(|step| Some((step.id.clone(), Arc::clone(outputs.get(&step.id)?))))
            .collect();
        let may_run = |step: &&PlannedStep| !untainted.contains_key(&step.id);
        let read = plan
            .steps
            .iter()
            .filter(may_run)
            .flat_map(|s| s.inputs.values());
        let mut matrices = BTreeMap::new();
        for source in read {
            if let Source::Dataset { assay } = source
                && !matrices.contains_key(source)
                && let Some(matrix) = dataset_matrix(dataset, assay.as_deref())
            {
                matrices.insert(source.clone(), Artifact::Matrix(Arc::new(matrix)));
            }
        }
        Self {
            given: untainted.keys().cloned().collect(),
            plan,
            catalog,
            packs,
            matrices,
            untainted,
        }
    }

    /// Keeps only what replays of these steps read: with many objectives over a large matrix, the rest is most of the
    /// memory. Other steps cannot be replayed any more.
    pub fn retain_for(mut self, wanted: &[&str]) -> Self {
        let read = |id: &str| {
            wanted.contains(&id)
                || self.plan.steps.iter().any(|step| {
                    let replayed = step.tainted
                        && wanted
                            .iter()
                            .any(|w| *w == step.id || self.plan.depends_on(w, &step.id));
                    replayed && step.inputs.values().any(|s| s.step() == Some(id))
                })
        };
        let kept: Vec<String> = self
            .untainted
            .keys()
            .filter(|id| read(id))
            .cloned()
            .collect();
        self.untainted.retain(|id, _| kept.contains(id));
        self
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What `source` gives on the target: an output of a label-blind step that is kept, or a matrix of the dataset that a
    /// step reads which may have to run.
    pub fn target_artifact(&self, source: &Source) -> Option<&Artifact> {
        match source {
            Source::Dataset { .. } => self.matrices.get(source),
            Source::Step { step, port } => self.untainted.get(step)?.artifacts.get(port),
        }
    }

    /// The outputs of the `wanted` steps in `world`. Only steps they depend on, and of these only those that depend on
    /// labels or on something replaced, are run.
    ///
    /// # Errors
    /// The first complaint of a tool, in the order of the plan.
    pub fn replay(
        &self,
        world: &World<'_>,
        wanted: &[&str],
    ) -> Result<BTreeMap<String, Arc<ToolOutput>>, ToolError> {
        let all: Vec<WantedTables<'_>> = wanted.iter().map(|id| (*id, Vec::new())).collect();
        let outputs = self.replay_p_values(world, &all)?.into_iter();
        Ok(outputs
            .filter_map(|(id, replayed)| match replayed {
                Replayed::Output(output) => Some((id, output)),
                Replayed::PValues(_) => None,
            })
            .collect())
    }

    /// As [`Replayer::replay`], but of steps of which only the p-values of some tables are wanted no more is computed than
    /// these, where their tool can and no other step needs the rest. A step without tables is run as it is.
    ///
    /// # Errors
    /// The first complaint of a tool, in the order of the plan.
    pub fn replay_p_values(
        &self,
        world: &World<'_>,
        wanted: &[WantedTables<'_>],
    ) -> Result<BTreeMap<String, Replayed>, ToolError> {
        let ids: Vec<&str> = wanted.iter().map(|(id, _)| *id).collect();
        let stale = self.stale(world);
        let needed = self.needed(world, &stale, &ids)?;
        let shared = Shared::default();
        let mut made: BTreeMap<&str, Arc<ToolOutput>> = BTreeMap::new();
        let mut short: BTreeMap<&str, TablesOfP> = BTreeMap::new();
        let steps = || self.plan.steps.iter();
        for step in steps().filter(|s| needed.contains(s.id.as_str())) {
            let read_by_another = steps()
                .filter(|s| needed.contains(s.id.as_str()))
                .any(|s| s.inputs.values().any(|i| i.step() == Some(&step.id)));
            let tables = wanted
                .iter()
                .find(|(id, tables)| *id == step.id && !tables.is_empty() && !read_by_another)
                .map(|(_, tables)| &tables[..]);
            let replayed = self.run(step, world, &made, &shared, tables.unwrap_or_default());
            match replayed {
                Ok(Replayed::Output(output)) => {
                    made.insert(&step.id, output);
                }
                Ok(Replayed::PValues(tables)) => {
                    short.insert(&step.id, tables);
                }
                // As in a full run: what needs its output complains in its turn.
                Err(_) if step.optional && !ids.contains(&step.id.as_str()) => {}
                Err(error) => return Err(error),
            }
        }
        let replayed = |&id: &&str| {
            let replayed = match short.get(id) {
                Some(tables) => Replayed::PValues(tables.clone()),
                None => {
                    let output = made.get(id).or_else(|| self.untainted.get(id))?;
                    Replayed::Output(Arc::clone(output))
                }
            };
            Some((id.to_owned(), replayed))
        };
        Ok(ids.iter().filter_map(replayed).collect())
    }

    /// Steps whose output on the target does not hold in `world`.
    fn stale(&self, world: &World<'_>) -> BTreeSet<&str> {
        let mut stale: BTreeSet<&str> = BTreeSet::new();
        for step in &self.plan.steps {
            let moved = |source: &Source| {
                world.replaced.contains_key(source)
                    || source.step().is_some_and(|s| stale.contains(s))
            };
            if step.tainted || !self.given.contains(&step.id) || step.inputs.values().any(moved) {
                stale.insert(&step.id);
            }
        }
        stale
    }

    /// The steps to run for the wanted ones, themselves included: those that are stale or not kept. What is replaced
    /// needs no step.
    fn needed(
        &self,
        world: &World<'_>,
        stale: &BTreeSet<&str>,
        wanted: &[&str],
    ) -> Result<BTreeSet<&str>, ToolError> {
        let mut needed = BTreeSet::new();
        let mut open: Vec<&PlannedStep> = Vec::new();
        for id in wanted {
            open.push(self.plan.step(id).ok_or_else(|| ToolError::Internal {
                reason: format!("the plan of `{}` has no step `{id}`", self.plan.objective),
            })?);
        }
        while let Some(step) = open.pop() {
            let kept = !stale.contains(step.id.as_str()) && self.untainted.contains_key(&step.id);
            if kept || !needed.insert(step.id.as_str()) {
                continue;
            }
            let sources = step
                .inputs
                .values()
                .filter(|s| !world.replaced.contains_key(s));
            open.extend(
                sources
                    .filter_map(Source::step)
                    .filter_map(|s| self.plan.step(s)),
            );
        }
        Ok(needed)
    }

    fn run(
        &self,
        step: &PlannedStep,
        world: &World<'_>,
        made: &BTreeMap<&str, Arc<ToolOutput>>,
        shared: &Shared,
        tables: &[&str],
    ) -> Result<Replayed, ToolError> {
        let entry = self
            .catalog
            .get(&step.tool)
            .ok_or_else(|| ToolError::Internal {
                reason: format!("no tool `{}` in the catalogue", step.tool),
            })?;
        let mut ports = BTreeMap::new();
        for (port, source) in &step.inputs {
            let made_here = match source {
                Source::Step { step, port } => {
                    made.get(step.as_str()).and_then(|o| o.artifacts.get(port))
                }
                Source::Dataset { .. } => None,
            };
            let artifact = world
                .replaced
                .get(source)
                .or(made_here)
                .or_else(|| self.target_artifact(source))
                .cloned();
            match artifact {
                Some(artifact) => {
                    ports.insert(port.clone(), artifact);
                }
                None if self.plan.can_do_without(step, port) => {}
                None => return Err(absent_input(port, source)),
            }
        }
        let input = ToolInput {
            ports: &ports,
            samples: world.samples,
            knowledge: &self.packs,
            shared,
            seed: tool_seed(world.seed, &step.tool),
        };
        if !tables.is_empty()
            && let Some(found) = p_values_of_tool(step, entry, &input, tables)?
        {
            return Ok(Replayed::PValues(found));
        }
        Ok(Replayed::Output(Arc::new(run_tool(step, entry, &input)?)))
    }
}
