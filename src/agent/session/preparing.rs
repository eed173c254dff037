//! Planning: every objective gets a plan that the design can carry, and its label-blind steps are run. Nothing here reads a
//! label-dependent result, and nothing is frozen: a person may still leave an objective out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proteus_llm::Role as LlmRole;

use crate::agent::error::AgentError;
use crate::agent::menu_making::Prepared;
use crate::agent::planning;
use crate::agent::pursuit::term_of;
use crate::agent::reasoning::{self, Reasoner};
use crate::agent::wording::Comparison;
use crate::dataset::{Dataset, DatasetProfile, ModelFrame, Term};
use crate::discovery::{Objective, ObjectiveStatus, Target};
use crate::run::{Event, RunStore};
use crate::tool::{Abundance, NullScheme, ToolOutput};
use crate::workflow::{Executor, Plan, Source};

use super::Resources;

/// Share of a main axis of variation from which a variable is offered to a planner, and how many are offered.
const WORTH_ADJUSTING: f64 = 0.1;
pub(super) const CANDIDATES: usize = 4;

/// What planning needs.
pub(super) struct Preparer<'a> {
    pub dataset: &'a Dataset,
    pub profile: &'a DatasetProfile,
    pub resources: &'a Resources,
    pub executor: &'a Executor,
    /// Revisions of one plan at most.
    pub max_revisions: usize,
    /// Who may be asked which recorded variable to adjust for.
    pub reasoner: &'a Reasoner,
    /// Where what was decided is noted; nowhere while plans are only shown.
    pub journal: Option<&'a RunStore>,
}

/// An objective whose label-blind steps have run.
struct Blind {
    outputs: BTreeMap<String, Arc<ToolOutput>>,
    tested: Option<(Source, Arc<Abundance>)>,
}

impl Preparer<'_> {
    /// Plans every objective and runs its label-blind steps; what cannot be planned is retired with the reason. `taken` holds the
    /// scopes that are used already.
    pub async fn prepare(
        &self,
        objectives: Vec<Objective>,
        mut taken: BTreeSet<String>,
    ) -> Result<(Vec<Prepared>, Vec<Objective>), AgentError> {
        let (mut prepared, mut retired) = (Vec::new(), Vec::new());
        for objective in objectives {
            self.proposed(&objective)?;
            match self.one(objective, &mut taken).await? {
                Ok(one) => prepared.push(one),
                Err(given_up) => retired.push(*given_up),
            }
        }
        Ok((prepared, retired))
    }

    /// Runs the label-blind steps of a plan that is given, as it is.
    pub async fn carry_out(
        &self,
        objective: Objective,
        plan: Plan,
    ) -> Result<Prepared, AgentError> {
        self.proposed(&objective)?;
        let (term, comparison) = term_of(&objective, self.dataset)?;
        let blind = self.run_blind(&objective, &plan).await?;
        Ok(self.made(objective, term, comparison, plan, blind))
    }

    /// A batch that shows in the samples' own structure enters the model, which is seen without looking at labels.
    async fn one(
        &self,
        mut objective: Objective,
        taken: &mut BTreeSet<String>,
    ) -> Result<Result<Prepared, Box<Objective>>, AgentError> {
        let (term, comparison) = term_of(&objective, self.dataset)?;
        if let Some(term) = &term {
            match planning::fit_to_design(&mut objective, term, self.dataset) {
                Ok(repairs) => {
                    for (k, because) in repairs.into_iter().enumerate() {
                        self.revised(&objective, k + 1, because)?;
                    }
                }
                Err(error) => return Ok(Err(Box::new(retire(objective, error.to_string())))),
            }
        }
        let mut plan = match self.plan(&objective, taken) {
            Ok(plan) => plan,
            Err(reason) => return Ok(Err(Box::new(retire(objective, reason)))),
        };
        let mut blind = self.run_blind(&objective, &plan).await?;
        for revision in 1..=self.max_revisions {
            let batch = match (&term, &blind.tested) {
                (Some(term), Some((_, matrix))) => {
                    planning::batch_to_adjust(&objective, term, self.dataset, matrix)
                }
                _ => None,
            };
            let Some((covariate, because)) = batch else {
                break;
            };
            let Some(adjusted) = self.adjusted(&objective, &plan, covariate) else {
                break;
            };
            (objective, plan) = adjusted;
            self.revised(&objective, revision, because)?;
            blind = self.run_blind(&objective, &plan).await?;
        }
        if let (Some(named), Some((_, matrix))) = (&term, &blind.tested)
            && self.reasoner.answers(LlmRole::Planner)
            && let Some((covariate, because)) =
                self.chosen_covariate(&objective, named, matrix).await?
            && let Some(adjusted) = self.adjusted(&objective, &plan, covariate)
        {
            (objective, plan) = adjusted;
            self.revised(&objective, objective.covariates.len(), because)?;
            blind = self.run_blind(&objective, &plan).await?;
        }
        Ok(Ok(self.made(objective, term, comparison, plan, blind)))
    }

    fn plan(&self, objective: &Objective, taken: &mut BTreeSet<String>) -> Result<Plan, String> {
        planning::plan(
            objective,
            self.dataset,
            self.profile,
            &self.resources.templates,
            &self.resources.catalog,
            taken,
        )
    }

    /// The objective and its plan with one more covariate, under the names it has already; none where that cannot be planned.
    fn adjusted(
        &self,
        objective: &Objective,
        plan: &Plan,
        covariate: String,
    ) -> Option<(Objective, Plan)> {
        let mut adjusted = objective.clone();
        adjusted.covariates.push(covariate);
        let mut revised = self.plan(&adjusted, &mut BTreeSet::new()).ok()?;
        revised.scope.clone_from(&plan.scope);
        Some((adjusted, revised))
    }

    async fn run_blind(&self, objective: &Objective, plan: &Plan) -> Result<Blind, AgentError> {
        let part = Arc::new(planning::blind_part(plan));
        let outputs = self.executor.execute(&part).await?.outputs();
        Ok(Blind {
            tested: self.tested(objective, plan, &outputs),
            outputs,
        })
    }

    fn made(
        &self,
        objective: Objective,
        term: Option<Term>,
        comparison: Comparison,
        plan: Plan,
        blind: Blind,
    ) -> Prepared {
        let frame = match (&term, &blind.tested) {
            (Some(term), Some((_, matrix))) => ModelFrame::build(
                &self.dataset.samples,
                &matrix.samples,
                term,
                &objective.covariates,
                objective.blocking.as_deref(),
            )
            .ok(),
            _ => None,
        };
        let outputs = planning::still_read(&plan, blind.outputs, &self.resources.catalog);
        Prepared {
            objective,
            term,
            comparison,
            plan: Arc::new(plan),
            blind: outputs,
            tested: blind.tested,
            frame,
        }
    }

    /// The variable that a planner adjusts for, and why; none where it leaves the model as it is or there is nothing to choose.
    async fn chosen_covariate(
        &self,
        objective: &Objective,
        term: &Term,
        matrix: &Abundance,
    ) -> Result<Option<(String, String)>, AgentError> {
        let candidates = tokio::task::block_in_place(|| {
            planning::adjustable(
                objective,
                term,
                self.dataset,
                matrix,
                WORTH_ADJUSTING,
                CANDIDATES,
            )
        });
        reasoning::covariate(
            self.reasoner,
            objective,
            term.variable(),
            matrix.samples.len(),
            &candidates,
        )
        .await
    }

    /// The matrix that the linear-model tests of an objective will see.
    fn tested(
        &self,
        objective: &Objective,
        plan: &Plan,
        blind: &BTreeMap<String, Arc<ToolOutput>>,
    ) -> Option<(Source, Arc<Abundance>)> {
        let catalog = &self.resources.catalog;
        if let Target::Partner { .. } = objective.target {
            let steps = planning::answering_steps(plan, objective, NullScheme::Partner, catalog);
            return planning::matrix_set_against_partner(plan, &steps, catalog, blind);
        }
        let steps = planning::answering_steps(plan, objective, NullScheme::Labels, catalog);
        planning::tested_matrix(plan, &steps, self.dataset, blind)
    }

    fn proposed(&self, objective: &Objective) -> Result<(), AgentError> {
        self.note(|| Event::ObjectiveProposed {
            objective: Box::new(objective.clone()),
        })
    }

    fn revised(
        &self,
        objective: &Objective,
        revision: usize,
        because: String,
    ) -> Result<(), AgentError> {
        self.note(|| Event::WorkflowRevised {
            objective: objective.id.clone(),
            revision,
            because,
        })
    }

    fn note(&self, event: impl FnOnce() -> Event) -> Result<(), AgentError> {
        if let Some(journal) = self.journal {
            journal.append(event())?;
        }
        Ok(())
    }
}

/// The objective, given up for this reason.
pub(super) fn retire(mut objective: Objective, reason: String) -> Objective {
    objective.status = ObjectiveStatus::Retired { reason };
    objective
}
