//! Later generations of objectives: listed with the menu, chosen after a look at what was pursued, then planned, frozen and pursued
//! like those of the first.

use std::collections::BTreeSet;

use proteus_stats::error_rate::SUPPORTED_LEVEL;

use super::Session;
use super::preparing::Preparer;
use crate::agent::AgentError;
use crate::agent::decoys::Task;
use crate::agent::generations::{self, Candidate};
use crate::agent::menu::{self, Stratum};
use crate::agent::menu_making::{self, Making, Prepared};
use crate::agent::propose::{Proposals, later_objectives};
use crate::agent::pursuit::Pursuit;
use crate::agent::reasoning::Reasoner;
use crate::dataset::DatasetProfile;
use crate::discovery::Objective;
use crate::run::Event;
use crate::run::journal::ListedObjective;
use crate::workflow::Executor;

/// What a run has pursued so far.
pub(super) struct Pursued<'a> {
    pub menu: &'a mut Vec<Stratum>,
    pub tasks: &'a mut Vec<Task>,
    pub pursuits: &'a mut Vec<Pursuit>,
}

impl Session {
    /// Objectives spawned at most: none where a question in words or a person says what is asked.
    fn most_spawned(&self) -> usize {
        let config = &self.request.config;
        if config.question.is_some() || !self.request.steering.is_none() {
            0
        } else {
            config.spawned_objectives
        }
    }

    /// Lists what may be asked after the first results, before there are any, and what each has of the strata charged.
    pub(super) fn list_later(
        &self,
        prepared: &[Prepared],
        proposals: &mut Proposals,
        menu: &[Stratum],
    ) -> Result<Vec<Candidate>, AgentError> {
        let reserved = menu::reserved(menu, SUPPORTED_LEVEL);
        if self.most_spawned() == 0 || reserved == 0 {
            return Ok(Vec::new());
        }
        let pursued: Vec<&Objective> = prepared.iter().map(|p| &p.objective).collect();
        let listed = later_objectives(&self.dataset, &pursued, &proposals.left_out);
        let candidates = generations::candidates(listed, &self.dataset, reserved);
        // What became of them is told with the objectives.
        let ids: BTreeSet<&str> = candidates
            .iter()
            .map(|c| c.objective.id.0.as_str())
            .collect();
        proposals
            .not_asked
            .retain(|n| !ids.contains(n.what.as_str()));
        if !candidates.is_empty() {
            let listed = |c: &Candidate| ListedObjective {
                objective: Box::new(c.objective.clone()),
                share: c.share,
            };
            self.store.append(Event::LaterObjectivesListed {
                objectives: candidates.iter().map(listed).collect(),
            })?;
        }
        Ok(candidates)
    }

    /// Pursues the candidates that are expected to change belief most, one generation after the other: half of those allowed after a
    /// look at the first generation, the rest after a look at these as well. Rules plan them, in runs with models too. What
    /// is not pursued is given up with the reason.
    pub(super) async fn spawn(
        &self,
        mut candidates: Vec<Candidate>,
        run: Pursued<'_>,
        profile: &DatasetProfile,
        executor: &Executor,
    ) -> Result<Vec<Objective>, AgentError> {
        let most = self.most_spawned();
        let rules = Reasoner::rules();
        let preparer = Preparer {
            dataset: &self.dataset,
            profile,
            resources: &self.resources,
            executor,
            max_revisions: self.request.config.max_revisions,
            reasoner: &rules,
            journal: Some(&self.store),
        };
        let making = Making {
            dataset: &self.dataset,
            resources: &self.resources,
            focus: &self.focus,
            seed: self.request.config.seed,
        };
        let mut retired = Vec::new();
        let mut spawned = 0;
        for generation in 1..=generations::LAST {
            let left = most - spawned;
            let room = left.div_ceil(generations::LAST + 1 - generation);
            let shown = generations::shown(run.menu, run.pursuits);
            let chosen = generations::take(&mut candidates, &shown, room, generation);
            spawned += chosen.len();
            for Candidate {
                objective, share, ..
            } in chosen
            {
                let taken: BTreeSet<String> =
                    run.pursuits.iter().map(|p| p.plan.scope.clone()).collect();
                let (prepared, given_up) = preparer.prepare(vec![objective], taken).await?;
                retired.extend(given_up);
                for one in prepared {
                    self.freeze(&one)?;
                    let first = run.menu.len();
                    let p = run.pursuits.len();
                    tokio::task::block_in_place(|| {
                        making.spawn(p, &one, share, run.menu, run.tasks)
                    })?;
                    let on_menu = run.menu[first..].iter().filter(|s| s.off_menu.is_none());
                    self.store.append(Event::MenuExtended {
                        objective: one.objective.id.clone(),
                        share,
                        strata: on_menu.map(menu_making::frozen).collect(),
                    })?;
                    run.pursuits.push(self.pursue(one, executor).await?);
                }
            }
        }
        let shown = generations::shown(run.menu, run.pursuits);
        retired.extend(generations::retired(candidates, &shown, most));
        Ok(retired)
    }
}
