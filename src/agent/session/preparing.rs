//! Planning: every objective gets a plan that the design can carry, and its label-blind steps are run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proteus_llm::Role as LlmRole;

use crate::agent::error::AgentError;
use crate::agent::menu_making::Prepared;
use crate::agent::planning;
use crate::agent::pursuit::term_of;
use crate::agent::reasoning;
use crate::dataset::{DatasetProfile, ModelFrame, Term};
use crate::discovery::{Objective, ObjectiveStatus, Target};
use crate::run::Event;
use crate::tool::{Abundance, NullScheme, ToolOutput};
use crate::workflow::{Executor, Plan, Source};

use super::Session;

/// Share of a main axis of variation from which a variable is offered to a planner, and how many are offered.
const WORTH_ADJUSTING: f64 = 0.1;
const CANDIDATES: usize = 4;

impl Session {
    /// Plans every objective and runs its label-blind steps; a batch that shows in the samples' own structure enters
    /// the model, which is seen without looking at labels.
    pub(super) async fn prepare(
        &self,
        objectives: Vec<Objective>,
        profile: &DatasetProfile,
        executor: &Executor,
    ) -> Result<(Vec<Prepared>, Vec<Objective>), AgentError> {
        let templates = &self.resources.templates;
        let mut taken = BTreeSet::new();
        let (mut prepared, mut retired) = (Vec::new(), Vec::new());
        for mut objective in objectives {
            self.store.append(Event::ObjectiveProposed {
                objective: Box::new(objective.clone()),
            })?;
            let (term, comparison) = term_of(&objective, &self.dataset)?;
            if let Some(term) = &term {
                match planning::fit_to_design(&mut objective, term, &self.dataset) {
                    Ok(repairs) => {
                        for (k, because) in repairs.into_iter().enumerate() {
                            self.revised(&objective, k + 1, because)?;
                        }
                    }
                    Err(error) => {
                        retired.push(retire(objective, error.to_string()));
                        continue;
                    }
                }
            }
            let mut plan = match planning::plan(
                &objective,
                &self.dataset,
                profile,
                templates,
                &self.resources.catalog,
                &mut taken,
            ) {
                Ok(plan) => plan,
                Err(reason) => {
                    retired.push(retire(objective, reason));
                    continue;
                }
            };
            let mut blind = executor
                .execute(&Arc::new(planning::blind_part(&plan)))
                .await?
                .outputs();
            let mut tested = self.tested(&objective, &plan, &blind);
            for revision in 1..=self.request.config.max_revisions {
                let batch = match (&term, &tested) {
                    (Some(term), Some((_, matrix))) => {
                        planning::batch_to_adjust(&objective, term, &self.dataset, matrix)
                    }
                    _ => None,
                };
                let Some((covariate, because)) = batch else {
                    break;
                };
                let mut with_batch = objective.clone();
                with_batch.covariates.push(covariate);
                let mut scopes = BTreeSet::new();
                let Ok(mut revised) = planning::plan(
                    &with_batch,
                    &self.dataset,
                    profile,
                    templates,
                    &self.resources.catalog,
                    &mut scopes,
                ) else {
                    break;
                };
                revised.scope.clone_from(&plan.scope);
                objective = with_batch;
                plan = revised;
                self.revised(&objective, revision, because)?;
                blind = executor
                    .execute(&Arc::new(planning::blind_part(&plan)))
                    .await?
                    .outputs();
                tested = self.tested(&objective, &plan, &blind);
            }
            if let (Some(named), Some((_, matrix))) = (&term, &tested)
                && self.reasoner.answers(LlmRole::Planner)
                && let Some((covariate, because)) =
                    self.chosen_covariate(&objective, named, matrix).await?
            {
                let mut adjusted = objective.clone();
                adjusted.covariates.push(covariate);
                let mut scopes = BTreeSet::new();
                if let Ok(mut revised) = planning::plan(
                    &adjusted,
                    &self.dataset,
                    profile,
                    templates,
                    &self.resources.catalog,
                    &mut scopes,
                ) {
                    revised.scope.clone_from(&plan.scope);
                    objective = adjusted;
                    plan = revised;
                    self.revised(&objective, objective.covariates.len(), because)?;
                    blind = executor
                        .execute(&Arc::new(planning::blind_part(&plan)))
                        .await?
                        .outputs();
                    tested = self.tested(&objective, &plan, &blind);
                }
            }
            let frame = match (&term, &tested) {
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
            self.freeze(&objective, &plan)?;
            let blind = planning::still_read(&plan, blind, &self.resources.catalog);
            prepared.push(Prepared {
                objective,
                term,
                comparison,
                plan: Arc::new(plan),
                blind,
                tested,
                frame,
            });
        }
        Ok((prepared, retired))
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
                &self.dataset,
                matrix,
                WORTH_ADJUSTING,
                CANDIDATES,
            )
        });
        reasoning::covariate(
            &self.reasoner,
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
        planning::tested_matrix(plan, &steps, &self.dataset, blind)
    }

    fn revised(
        &self,
        objective: &Objective,
        revision: usize,
        because: String,
    ) -> Result<(), AgentError> {
        self.store.append(Event::WorkflowRevised {
            objective: objective.id.clone(),
            revision,
            because,
        })?;
        Ok(())
    }

    fn freeze(&self, objective: &Objective, plan: &Plan) -> Result<(), AgentError> {
        let hash = self.store.write_plan(&plan.scope, plan)?;
        self.store.append(Event::PlanFrozen {
            objective: objective.id.clone(),
            scope: plan.scope.clone(),
            steps: plan.steps.len(),
            hash,
        })?;
        Ok(())
    }
}

fn retire(mut objective: Objective, reason: String) -> Objective {
    objective.status = ObjectiveStatus::Retired { reason };
    objective
}
