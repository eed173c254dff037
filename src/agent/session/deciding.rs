//! Between planning and the menu: plans are prepared, a person may approve them, and what is pursued is frozen.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::preparing::{Preparer, retire};
use super::{Session, menu_making};
use crate::agent::AgentError;
use crate::agent::menu_making::Prepared;
use crate::agent::observer::Stage;
use crate::agent::steering::{Choice, Decided, PlanFile, approval};
use crate::dataset::DatasetProfile;
use crate::discovery::Objective;
use crate::run::Event;
use crate::workflow::Executor;

impl Session {
    /// Plans every objective and runs its label-blind steps, or carries out the plans that a person gave.
    pub(super) async fn prepare(
        &mut self,
        objectives: Vec<Objective>,
        profile: &DatasetProfile,
        executor: &Executor,
    ) -> Result<(Vec<Prepared>, Vec<Objective>), AgentError> {
        let given = self.approved.take();
        let preparer = Preparer {
            dataset: &self.dataset,
            profile,
            resources: &self.resources,
            executor,
            max_revisions: self.request.config.max_revisions,
            reasoner: &self.reasoner,
            journal: Some(&self.store),
        };
        let (Some(approved), Some(file)) = (given, &self.request.steering.plan) else {
            return preparer.prepare(objectives, BTreeSet::new()).await;
        };
        self.store
            .write_bytes(PlanFile::KEPT_AS, file.text.as_bytes())?;
        self.store.append(Event::PlansGiven {
            file: PlanFile::KEPT_AS.to_owned(),
            hash: file.hash(),
            changes: approved.changes,
        })?;
        let mut prepared = Vec::with_capacity(approved.carried.len());
        for one in approved.carried {
            prepared.push(preparer.carry_out(one.objective, one.plan).await?);
        }
        Ok((prepared, approved.retired))
    }

    /// Asks about every objective, where that was asked for; those not approved are given up. All are asked about before the
    /// menu is frozen: who had seen the results of one would choose by them what the others are charged for. What was
    /// answered in an earlier process stands.
    pub(super) fn approve(
        &self,
        prepared: Vec<Prepared>,
    ) -> Result<(Vec<Prepared>, Vec<Objective>), AgentError> {
        if !self.request.steering.approve {
            return Ok((prepared, Vec::new()));
        }
        self.enter(Stage::Approve)?;
        let refused = |reason: String| AgentError::NotApproved {
            reason,
            folder: self.folder(),
        };
        let ids: Vec<_> = prepared.iter().map(|p| &p.objective.id).collect();
        self.approver.check(&ids).map_err(refused)?;
        let answered = Decided::of(&self.store)?;
        let (menu, _) = menu_making::make(
            &prepared,
            &self.dataset,
            &self.resources,
            &self.focus,
            self.request.config.seed,
        )?;
        let of = prepared.len();
        let (mut kept, mut skipped) = (Vec::new(), Vec::new());
        let mut skip_rest = false;
        self.observer.asking();
        for (place, one) in prepared.into_iter().enumerate() {
            let approved = match answered.on(&one.objective.id) {
                Some(approved) => approved,
                None => {
                    let choice = if skip_rest {
                        Choice::SkipRest
                    } else {
                        let shown = approval::proposal((place + 1, of), place, &one, &menu);
                        self.approver.decide(&shown).map_err(refused)?
                    };
                    if choice == Choice::Pause {
                        return Err(AgentError::Paused {
                            decided: place,
                            of,
                            folder: self.folder(),
                        });
                    }
                    skip_rest = choice == Choice::SkipRest;
                    let approved = choice == Choice::Approve;
                    self.store.append(Event::ObjectiveDecided {
                        objective: one.objective.id.clone(),
                        approved,
                        by: self.approver.by().to_owned(),
                    })?;
                    approved
                }
            };
            if approved {
                kept.push(one);
            } else {
                skipped.push(retire(one.objective, approval::SKIPPED.to_owned()));
            }
        }
        self.leave(
            Stage::Approve,
            format!("{} of {of} objectives approved", kept.len()),
        )?;
        Ok((kept, skipped))
    }

    /// Writes the plan, which may not change any more.
    pub(super) fn freeze(&self, one: &Prepared) -> Result<(), AgentError> {
        let hash = self
            .store
            .write_plan(&one.plan.scope, Arc::as_ref(&one.plan))?;
        self.store.append(Event::PlanFrozen {
            objective: one.objective.id.clone(),
            scope: one.plan.scope.clone(),
            steps: one.plan.steps.len(),
            hash,
        })?;
        Ok(())
    }
}
