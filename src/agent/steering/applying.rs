//! From a plan file to plans that are carried out: what it leaves out is dropped, what it holds is checked.

use std::collections::BTreeSet;

use super::changes;
use super::document::{PlanDocument, PlanFile, PlannedData, PlannedObjective};
use super::fault::{PlanFault, PlanFileError};
use super::holding::{Holding, held};
use super::places::Places;
use crate::agent::error::AgentError;
use crate::agent::planning;
use crate::agent::pursuit::term_of;
use crate::agent::session::Resources;
use crate::dataset::Dataset;
use crate::discovery::{Objective, ObjectiveStatus};
use crate::workflow::{Plan, Workflow};

/// Why an objective is not pursued that a plan file leaves out.
const DROPPED: &str = "left out by the user in the plan file, before any result was seen";

/// An objective with the plan that is carried out.
#[derive(Debug, Clone)]
pub struct Carried {
    /// The objective.
    pub objective: Objective,
    /// Its plan.
    pub plan: Plan,
}

/// A plan file that passed every check.
#[derive(Debug, Clone, Default)]
pub struct Approved {
    /// What is pursued, in the order of the file.
    pub carried: Vec<Carried>,
    /// What is not, with the reason.
    pub retired: Vec<Objective>,
    /// What a person changed of what the rules proposed, in words; empty where nothing was.
    pub changes: Vec<String>,
}

/// What the rules make of an objective, before a person.
struct Known {
    objective: Objective,
    plan: Plan,
}

/// Holds a plan file against the objectives that these data allow.
///
/// # Errors
/// It was made for other data, or has faults: all of them are told.
pub fn approve(
    file: &PlanFile,
    dataset: &Dataset,
    objectives: &[Objective],
    resources: &Resources,
) -> Result<Approved, AgentError> {
    let document = file.document()?;
    let reasons = document.data.differences(&PlannedData::of(dataset));
    if !reasons.is_empty() {
        return Err(PlanFileError::OtherData {
            file: file.name.clone(),
            made_for: document.data.name,
            reasons,
        }
        .into());
    }
    let approver = Applying {
        dataset,
        resources,
        places: Places::of(&file.text, &document),
        document: &document,
    };
    let (approved, faults) = approver.apply(objectives)?;
    if faults.is_empty() {
        return Ok(approved);
    }
    Err(PlanFileError::Faults {
        file: file.name.clone(),
        faults,
    }
    .into())
}

struct Applying<'a> {
    dataset: &'a Dataset,
    resources: &'a Resources,
    places: Places,
    document: &'a PlanDocument,
}

impl Applying<'_> {
    fn apply(&self, objectives: &[Objective]) -> Result<(Approved, Vec<PlanFault>), AgentError> {
        let mut approved = Approved::default();
        let mut faults = Vec::new();
        let mut known: Vec<Known> = Vec::new();
        let mut scopes = BTreeSet::new();
        for objective in objectives {
            match self.by_rules(objective.clone(), &mut scopes)? {
                Ok(one) => known.push(one),
                Err(retired) => approved.retired.push(*retired),
            }
        }
        let mut seen = BTreeSet::new();
        let mut order = Vec::new();
        for (k, planned) in self.document.objectives.iter().enumerate() {
            let fault = |rule: String, fix: String| PlanFault {
                line: self.places.objective(k),
                place: format!("objective `{}`", planned.id),
                rule,
                fix,
            };
            if !seen.insert(&planned.id) {
                faults.push(fault(
                    "it stands twice".to_owned(),
                    "keep one of the two".to_owned(),
                ));
                continue;
            }
            let Some(place) = known.iter().position(|one| one.objective.id == planned.id) else {
                let names = known.iter().map(|one| format!("`{}`", one.objective.id));
                let all: Vec<String> = names.collect();
                faults.push(fault(
                    "these data are not asked this".to_owned(),
                    format!(
                        "the objectives are {}; ask for another with `--contrast` or `--question` and make the plan again",
                        all.join(", ")
                    ),
                ));
                continue;
            };
            order.push(place);
            match self.one(k, planned, &known[place])? {
                Ok((carried, changed)) => {
                    approved.changes.extend(changed);
                    approved.carried.push(carried);
                }
                Err(wrong) => faults.extend(wrong),
            }
        }
        for (place, one) in known.into_iter().enumerate() {
            if order.contains(&place) {
                continue;
            }
            approved
                .changes
                .push(format!("objective `{}` left out", one.objective.id));
            let mut objective = one.objective;
            objective.status = ObjectiveStatus::Retired {
                reason: DROPPED.to_owned(),
            };
            approved.retired.push(objective);
        }
        if order.windows(2).any(|pair| pair[0] > pair[1]) {
            approved
                .changes
                .push("objectives put in another order".to_owned());
        }
        Ok((approved, faults))
    }

    /// The rules' own plan, with the covariates that the plan file says they found; the objective given up where there is none.
    fn by_rules(
        &self,
        mut objective: Objective,
        scopes: &mut BTreeSet<String>,
    ) -> Result<Result<Known, Box<Objective>>, AgentError> {
        let (term, _) = term_of(&objective, self.dataset)?;
        let given_up = |mut objective: Objective, reason: String| {
            objective.status = ObjectiveStatus::Retired { reason };
            Ok(Err(Box::new(objective)))
        };
        if let Some(term) = &term {
            let fits = planning::fit_to_design(&mut objective, term, self.dataset);
            if let Err(error) = fits {
                return given_up(objective, error.to_string());
            }
        }
        if let Some(proposed) = self.document.proposed.get(&objective.id) {
            objective.covariates.clone_from(&proposed.covariates);
            objective.blocking.clone_from(&proposed.blocking);
        }
        match self.planned(&objective, scopes) {
            Ok(plan) => Ok(Ok(Known { objective, plan })),
            Err(reason) => given_up(objective, reason),
        }
    }

    fn planned(
        &self,
        objective: &Objective,
        scopes: &mut BTreeSet<String>,
    ) -> Result<Plan, String> {
        planning::plan(
            objective,
            self.dataset,
            &self.dataset.profile(),
            &self.resources.templates,
            &self.resources.catalog,
            scopes,
        )
    }

    /// One objective of the file with its plan and what was changed of it, or its faults.
    #[expect(
        clippy::type_complexity,
        reason = "the outer error stops everything, the inner one is told with the others"
    )]
    fn one(
        &self,
        k: usize,
        planned: &PlannedObjective,
        known: &Known,
    ) -> Result<Result<(Carried, Vec<String>), Vec<PlanFault>>, AgentError> {
        let fault = |line: Option<usize>, rule: String, fix: &str| PlanFault {
            line,
            place: format!("objective `{}`", planned.id),
            rule,
            fix: fix.to_owned(),
        };
        let head = self.places.objective(k);
        let mut objective = known.objective.clone();
        let mut faults = Vec::new();
        if planned.title != objective.text {
            faults.push(fault(
                head,
                format!("`title` says what is tested: “{}”", objective.text),
                "write it as it was; your own reason goes into `why`",
            ));
        }
        objective.why.clone_from(&planned.why);
        objective.covariates.clone_from(&planned.covariates);
        objective.blocking.clone_from(&planned.blocking);
        objective.within.clone_from(&planned.within);
        let holding = Holding {
            dataset: self.dataset,
            catalog: &self.resources.catalog,
            rules: &known.objective,
        };
        for (rule, fix) in holding.model(&objective)? {
            faults.push(fault(head, rule, &fix));
        }
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let bindings = planning::bindings(&objective, self.dataset);
        let workflow = Workflow {
            name: planned.workflow.clone(),
            objective: objective.id.clone(),
            scope: known.plan.scope.clone(),
            steps: planned
                .steps
                .iter()
                .map(|step| {
                    let mut step = step.clone();
                    step.params = bindings.apply(&step.params);
                    step
                })
                .collect(),
        };
        let profile = self.dataset.profile();
        let plan = match workflow.check(&self.resources.catalog, &profile) {
            Ok(plan) => plan,
            Err(errors) => {
                for error in errors {
                    let step = error.step();
                    let at = step.and_then(|id| planned.steps.iter().position(|s| s.id == id));
                    let line = at.map_or(head, |s| self.places.step(k, s));
                    let text = error.to_string();
                    let (rule, fix) = text.split_once("\nhint: ").unwrap_or((text.as_str(), ""));
                    faults.push(fault(line, rule.to_owned(), fix));
                }
                return Ok(Err(faults));
            }
        };
        // The same question, asked with this model by the rules: what their steps say of it, a changed step must say too.
        let reference = match self.planned(&objective, &mut BTreeSet::new()) {
            Ok(mut reference) => {
                reference.scope.clone_from(&plan.scope);
                reference
            }
            Err(reason) => {
                faults.push(fault(head, reason, "change it back"));
                return Ok(Err(faults));
            }
        };
        for broken in held(&holding, &objective, &bindings, &plan, &reference) {
            let at = broken
                .step
                .and_then(|id| planned.steps.iter().position(|s| s.id == id));
            let line = at.map_or(head, |s| self.places.step(k, s));
            faults.push(fault(line, broken.rule, &broken.fix));
        }
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let changed = changes::told(&known.objective, &known.plan, &objective, &plan);
        if !changed.is_empty() {
            objective.why = format!(
                "{} [changed by the user before any result was seen: {}]",
                objective.why.trim_end(),
                changed.join("; ")
            );
        }
        let id = &objective.id;
        let changed = changed.iter().map(|c| format!("objective `{id}`: {c}"));
        let changed = changed.collect();
        Ok(Ok((Carried { objective, plan }, changed)))
    }
}
