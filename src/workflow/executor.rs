//! Running a plan: independent steps side by side, CPU work off the async threads, outputs through the cache.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::evaluate::panic_text;
use super::keys::{Identity, step_keys};
use super::step_runner::StepRunner;
use super::{Execution, Plan, PlannedStep, Progress, Silent, Source, StepOutcome, StepState};
use crate::dataset::Dataset;
use crate::knowledge::Packs;
use crate::run::{RunError, RunStore};
use crate::tool::{Catalog, ToolOutput};

/// Runs plans over one dataset. Cloning is cheap.
///
/// Dropping the future of [`Executor::execute`] stops the plan: no further step is started, those that compute run to
/// their end unheard, and since every file appears whole or not at all, the run can be resumed.
#[derive(Clone)]
pub struct Executor {
    runner: Arc<StepRunner>,
}

impl Executor {
    /// An executor that keeps everything in memory and tells nobody. The packs' versions become part of every cache key.
    pub fn new(catalog: Arc<Catalog>, dataset: Arc<Dataset>, packs: Arc<Packs>, seed: u64) -> Self {
        let versions: Vec<String> = packs
            .list()
            .iter()
            .map(|pack| format!("{:?}", pack.pack_version()))
            .collect();
        Self {
            runner: Arc::new(StepRunner {
                identity: Identity::of(&dataset, versions.join("\n"), seed),
                catalog,
                dataset,
                packs,
                store: None,
                progress: Arc::new(Silent),
                parallel: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
                held: Arc::default(),
            }),
        }
    }

    fn with(self, change: impl FnOnce(&mut StepRunner)) -> Self {
        let mut runner = Arc::unwrap_or_clone(self.runner);
        change(&mut runner);
        Self {
            runner: Arc::new(runner),
        }
    }

    /// Writes steps to a run, journals them there and uses its cache.
    pub fn with_store(self, store: Arc<RunStore>) -> Self {
        self.with(|runner| runner.store = Some(store))
    }

    /// Tells `progress` how steps come along.
    pub fn with_progress(self, progress: Arc<dyn Progress>) -> Self {
        self.with(|runner| runner.progress = progress)
    }

    /// Runs at most this many steps side by side; by default as many as there are cores.
    pub fn with_parallel(self, steps: NonZeroUsize) -> Self {
        self.with(|runner| runner.parallel = steps.get())
    }

    /// What every cache key of this executor depends on.
    pub fn identity(&self) -> &Identity {
        &self.runner.identity
    }

    /// Runs every step of the plan that can run. A tool's complaint stops only the steps that need its output.
    ///
    /// # Errors
    /// The run folder or the cache cannot be written.
    pub async fn execute(&self, plan: &Arc<Plan>) -> Result<Execution, RunError> {
        self.run(plan, vec![None; plan.steps.len()]).await
    }

    /// As [`Executor::execute`], of a plan whose label-blind steps ran before and gave `blind`: only the others are run. A
    /// label-blind step that is not in `blind` gave nothing, and of one that is, only what label-reading steps take need be there.
    ///
    /// # Errors
    /// The run folder or the cache cannot be written.
    pub async fn execute_rest(
        &self,
        plan: &Arc<Plan>,
        blind: &BTreeMap<String, Arc<ToolOutput>>,
    ) -> Result<Execution, RunError> {
        let keys = step_keys(plan, &self.runner.identity);
        let known = |step: &PlannedStep| match blind.get(&step.id) {
            Some(output) => StepOutcome::Done {
                output: Arc::clone(output),
                key: keys.get(&step.id).cloned().unwrap_or_default(),
                cached: true,
            },
            None => StepOutcome::Skipped {
                because: step.id.clone(),
            },
        };
        let outcomes = plan
            .steps
            .iter()
            .map(|step| (!step.tainted).then(|| known(step)));
        self.run(plan, outcomes.collect()).await
    }

    /// Runs the steps without an outcome.
    async fn run(
        &self,
        plan: &Arc<Plan>,
        mut outcomes: Vec<Option<StepOutcome>>,
    ) -> Result<Execution, RunError> {
        let keys = Arc::new(step_keys(plan, &self.runner.identity));
        let mut open: BTreeSet<usize> = (0..plan.steps.len())
            .filter(|&i| outcomes[i].is_none())
            .collect();
        let mut tasks = JoinSet::new();
        for &i in &open {
            self.runner.tell(plan, &plan.steps[i], StepState::Queued);
        }
        loop {
            self.skip_hopeless(plan, &mut open, &mut outcomes);
            while tasks.len() < self.runner.parallel
                && let Some(next) = next_ready(plan, &open, &outcomes)
            {
                open.remove(&next);
                let ports = self.runner.ports(plan, next, &outcomes);
                let (runner, plan) = (Arc::clone(&self.runner), Arc::clone(plan));
                let keys = Arc::clone(&keys);
                tasks.spawn_blocking(move || {
                    let outcome = match ports {
                        Ok(ports) => runner.run_step(&plan, next, ports, &keys),
                        Err(error) => Ok(StepOutcome::Failed { error }),
                    };
                    (next, outcome.and_then(|o| runner.note(&plan, next, o)))
                });
            }
            match tasks.join_next().await {
                None => break,
                Some(Ok((index, outcome))) => outcomes[index] = Some(outcome?),
                // Tools are caught inside; this is a fault of the executor's own.
                Some(Err(error)) => {
                    let reason = match error.try_into_panic() {
                        Ok(panic) => panic_text(panic.as_ref()).to_owned(),
                        Err(error) => error.to_string(),
                    };
                    return Err(RunError::Io {
                        action: "run a step of",
                        path: plan.scope.clone().into(),
                        source: std::io::Error::other(reason),
                    });
                }
            }
        }
        let outcomes = plan.steps.iter().zip(outcomes);
        Ok(Execution {
            outcomes: outcomes
                .filter_map(|(step, outcome)| Some((step.id.clone(), outcome?)))
                .collect(),
        })
    }

    fn skip_hopeless(
        &self,
        plan: &Plan,
        open: &mut BTreeSet<usize>,
        outcomes: &mut [Option<StepOutcome>],
    ) {
        // In the order of the plan, so that one pass carries a failure all the way down.
        for index in open.clone() {
            let step = &plan.steps[index];
            let needed = step
                .inputs
                .iter()
                .filter(|(port, _)| !plan.can_do_without(step, port));
            let because = needed
                .filter_map(|(_, source)| plan.position(source.step()?))
                .find(|&p| !matches!(outcomes[p], None | Some(StepOutcome::Done { .. })));
            if let Some(parent) = because {
                open.remove(&index);
                self.runner.tell(plan, step, StepState::Skipped);
                outcomes[index] = Some(StepOutcome::Skipped {
                    because: plan.steps[parent].id.clone(),
                });
            }
        }
    }
}

fn parents<'p>(plan: &'p Plan, step: &'p PlannedStep) -> impl Iterator<Item = usize> + 'p {
    step.inputs
        .values()
        .filter_map(Source::step)
        .filter_map(|id| plan.position(id))
}

fn next_ready(
    plan: &Plan,
    open: &BTreeSet<usize>,
    outcomes: &[Option<StepOutcome>],
) -> Option<usize> {
    open.iter()
        .copied()
        .find(|&i| parents(plan, &plan.steps[i]).all(|p| outcomes[p].is_some()))
}
