//! Planning without a run: what would be pursued, label-blind steps included, for a person to look at and change.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::opening::Opened;
use super::preparing::Preparer;
use super::{Request, Resources};
use crate::agent::AgentError;
use crate::agent::menu_making::Prepared;
use crate::agent::propose::NotAsked;
use crate::agent::reasoning::Reasoner;
use crate::agent::steering::{Approved, PlanFile, approve};
use crate::dataset::Dataset;
use crate::discovery::Objective;
use crate::workflow::{Executor, Progress};

/// What the rules would pursue, and what a changed plan is held against.
pub struct PlansForReview {
    /// The data.
    pub dataset: Arc<Dataset>,
    /// Tools and packs as the run may use them.
    pub resources: Resources,
    /// The objectives the data allow.
    pub objectives: Vec<Objective>,
    /// What would be pursued.
    pub prepared: Vec<Prepared>,
    /// What cannot be planned.
    pub retired: Vec<Objective>,
    /// What is not asked.
    pub not_asked: Vec<NotAsked>,
}

/// Plans a run as the run itself would: label-blind steps are computed, in memory, so that a batch that shows in the samples'
/// own structure stands in the plan.
///
/// # Errors
/// The data cannot be read or the question cannot be asked of them.
pub async fn plans_for_review(
    request: &Request,
    resources: Resources,
    progress: Option<Arc<dyn Progress>>,
) -> Result<PlansForReview, AgentError> {
    let opened = Opened::new(request, resources)?;
    let dataset = Arc::new(opened.dataset);
    let mut executor = Executor::new(
        Arc::clone(&opened.resources.catalog),
        Arc::clone(&dataset),
        Arc::clone(&opened.resources.packs),
        request.config.seed,
    );
    if let Some(progress) = progress {
        executor = executor.with_progress(progress);
    }
    let preparer = Preparer {
        dataset: &dataset,
        profile: &dataset.profile(),
        resources: &opened.resources,
        executor: &executor,
        max_revisions: request.config.max_revisions,
        reasoner: &Reasoner::rules(),
        journal: None,
    };
    let objectives = opened.proposals.objectives;
    let (prepared, retired) = preparer
        .prepare(objectives.clone(), BTreeSet::new())
        .await?;
    Ok(PlansForReview {
        dataset,
        resources: opened.resources,
        objectives,
        prepared,
        retired,
        not_asked: opened.proposals.not_asked,
    })
}

impl PlansForReview {
    /// Holds a plan file against these data.
    ///
    /// # Errors
    /// It is for other data, or has faults.
    pub fn approve(&self, file: &PlanFile) -> Result<Approved, AgentError> {
        approve(file, &self.dataset, &self.objectives, &self.resources)
    }
}
