//! Running one step of a plan within a run: cache, folder of the step, journal.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use indexmap::IndexMap;
use serde_json::Value;

use super::artifact_store::{StoredOutput, read_index, read_output, write_output};
use super::evaluate::{absent_input, dataset_matrix, run_tool};
use super::keys::{Identity, source_key, tool_seed};
use super::{Plan, PlannedStep, Progress, Source, StepOutcome, StepState};
use crate::dataset::Dataset;
use crate::knowledge::Packs;
use crate::run::{Event, RunError, RunStore, StepInput, StepRecord, atomic};
use crate::tool::{Artifact, Catalog, Shared, ToolError, ToolInput, ToolOutput};

/// Everything a step needs besides its inputs.
#[derive(Clone)]
pub(super) struct StepRunner {
    pub(super) catalog: Arc<Catalog>,
    pub(super) dataset: Arc<Dataset>,
    pub(super) packs: Arc<Packs>,
    pub(super) identity: Identity,
    pub(super) store: Option<Arc<RunStore>>,
    pub(super) progress: Arc<dyn Progress>,
    pub(super) parallel: usize,
    pub(super) held: Arc<Held>,
}

/// Outputs that somebody still holds, by key, so that equal steps of several plans are one output in memory.
#[derive(Debug, Default)]
pub(super) struct Held {
    outputs: Mutex<BTreeMap<String, Weak<ToolOutput>>>,
}

impl Held {
    fn find(&self, key: &str) -> Option<Arc<ToolOutput>> {
        self.lock().get(key)?.upgrade()
    }

    fn hold(&self, key: &str, output: &Arc<ToolOutput>) {
        let mut outputs = self.lock();
        outputs.retain(|_, held| held.strong_count() > 0);
        outputs.insert(key.to_owned(), Arc::downgrade(output));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Weak<ToolOutput>>> {
        // A panic elsewhere leaves only whole entries behind.
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StepRunner {
    pub(super) fn tell(&self, plan: &Plan, step: &PlannedStep, state: StepState<'_>) {
        self.progress
            .step(&plan.folder(&step.id), &step.tool, state);
    }

    /// The inputs that a step takes from other steps, from the outcomes so far.
    pub(super) fn ports(
        &self,
        plan: &Plan,
        index: usize,
        outcomes: &[Option<StepOutcome>],
    ) -> Result<BTreeMap<String, Artifact>, ToolError> {
        let mut ports = BTreeMap::new();
        let this = &plan.steps[index];
        for (port, source) in &this.inputs {
            let Source::Step { step, port: output } = source else {
                continue;
            };
            let artifact = plan.position(step).and_then(|i| match &outcomes[i] {
                Some(StepOutcome::Done { output: given, .. }) => given.artifacts.get(output),
                _ => None,
            });
            match artifact {
                Some(artifact) => {
                    ports.insert(port.clone(), artifact.clone());
                }
                None if plan.can_do_without(this, port) => {}
                None => return Err(absent_input(port, source)),
            }
        }
        Ok(ports)
    }

    /// Takes the step's outputs from the cache, or computes and stores them.
    pub(super) fn run_step(
        &self,
        plan: &Plan,
        index: usize,
        ports: BTreeMap<String, Artifact>,
        keys: &IndexMap<String, String>,
    ) -> Result<StepOutcome, RunError> {
        let step = &plan.steps[index];
        let key = keys.get(&step.id).cloned().unwrap_or_default();
        if let Some(store) = &self.store
            && let Some(entry) = store.cache().find(&key)
            && let Ok((output, stored)) = self.cached(&key, &entry)
        {
            self.write_step(store, plan, step, keys, &stored, &entry)?;
            self.held.hold(&key, &output);
            return Ok(StepOutcome::Done {
                output,
                key,
                cached: true,
            });
        }
        self.tell(plan, step, StepState::Started);
        if let Some(store) = &self.store {
            store.append(Event::StepStarted {
                step: plan.folder(&step.id),
                tool: step.tool.clone(),
            })?;
        }
        let output = match self.run_one(step, ports) {
            Ok(output) => Arc::new(output),
            Err(error) => return Ok(StepOutcome::Failed { error }),
        };
        if let Some(store) = &self.store {
            let mut stored = None;
            let entry = store.cache().store(&key, |folder| {
                stored = Some(write_output(folder, &output)?);
                Ok(())
            })?;
            if let Some(stored) = stored {
                self.write_step(store, plan, step, keys, &stored, &entry)?;
            }
        }
        self.held.hold(&key, &output);
        Ok(StepOutcome::Done {
            output,
            key,
            cached: false,
        })
    }

    /// An output of the cache: the one in memory where it is held, else as its files have it.
    fn cached(&self, key: &str, entry: &Path) -> Result<(Arc<ToolOutput>, StoredOutput), RunError> {
        match self.held.find(key) {
            Some(output) => Ok((output, read_index(entry)?)),
            None => {
                let (output, stored) = read_output(entry)?;
                Ok((Arc::new(output), stored))
            }
        }
    }

    fn run_one(
        &self,
        step: &PlannedStep,
        mut ports: BTreeMap<String, Artifact>,
    ) -> Result<ToolOutput, ToolError> {
        let entry = self
            .catalog
            .get(&step.tool)
            .ok_or_else(|| ToolError::Internal {
                reason: format!("no tool `{}` in the catalogue", step.tool),
            })?;
        for (port, source) in &step.inputs {
            if let Source::Dataset { assay } = source {
                let matrix = dataset_matrix(&self.dataset, assay.as_deref());
                let matrix = matrix.ok_or_else(|| absent_input(port, source))?;
                ports.insert(port.clone(), Artifact::Matrix(Arc::new(matrix)));
            }
        }
        let seed = tool_seed(self.identity.seed, &step.tool);
        let input = ToolInput {
            ports: &ports,
            samples: &self.dataset.samples,
            knowledge: &self.packs,
            shared: &Shared::default(),
            seed,
        };
        run_tool(step, entry, &input)
    }

    /// Makes the step's folder: the files of the cache entry, and what they are in `step.yaml`.
    fn write_step(
        &self,
        store: &RunStore,
        plan: &Plan,
        step: &PlannedStep,
        keys: &IndexMap<String, String>,
        stored: &StoredOutput,
        entry: &Path,
    ) -> Result<(), RunError> {
        let id = plan.folder(&step.id);
        let inputs = step.inputs.iter().map(|(port, source)| {
            let from = match source {
                Source::Step { step, port } => format!("{}.{port}", plan.folder(step)),
                Source::Dataset { .. } => source.to_string(),
            };
            let key = source_key(source, keys, &self.identity);
            (port.clone(), StepInput { from, key })
        });
        let record = StepRecord {
            objective: plan.objective.clone(),
            tool: step.tool.clone(),
            version: step.version,
            why: step.why.clone(),
            inputs: inputs.collect(),
            params: Value::Object(step.params.clone()),
            seed: tool_seed(self.identity.seed, &step.tool),
            tainted: step.tainted,
            key: keys.get(&step.id).cloned().unwrap_or_default(),
            outputs: stored.outputs.clone(),
            facts: stored.facts.clone(),
            checks: stored.checks.clone(),
            id: id.clone(),
        };
        let files: Vec<&str> = stored
            .outputs
            .values()
            .flat_map(|output| output.files.keys().map(String::as_str))
            .collect();
        atomic::write_folder(&store.step_folder(&id)?, |folder| {
            store.cache().place(entry, folder, &files)?;
            let path = folder.join("step.yaml");
            let text = serde_yaml::to_string(&record).map_err(|e| RunError::NotSerialisable {
                path: path.clone(),
                reason: e.to_string(),
            })?;
            atomic::write_within(&path, text.as_bytes())
        })
    }

    /// Tells and journals an outcome.
    pub(super) fn note(
        &self,
        plan: &Plan,
        index: usize,
        outcome: StepOutcome,
    ) -> Result<StepOutcome, RunError> {
        let step = &plan.steps[index];
        let folder = plan.folder(&step.id);
        let event = match &outcome {
            StepOutcome::Done { key, cached, .. } => {
                let key = key.clone();
                let (state, event) = if *cached {
                    (StepState::Cached, Event::StepCached { step: folder, key })
                } else {
                    (
                        StepState::Finished,
                        Event::StepFinished { step: folder, key },
                    )
                };
                self.tell(plan, step, state);
                event
            }
            StepOutcome::Failed { error } => {
                self.tell(plan, step, StepState::Failed(error));
                Event::StepFailed {
                    step: folder,
                    error: error.to_string(),
                }
            }
            StepOutcome::Skipped { .. } => return Ok(outcome),
        };
        if let Some(store) = &self.store {
            store.append(event)?;
        }
        Ok(outcome)
    }
}
