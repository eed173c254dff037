//! The planner: which of the models that the design can carry is fitted, decided before labels are read.

use proteus_llm::Role;
use serde::Serialize;

use super::asking::Reasoner;
use super::proposing::left_to_rules;
use super::reading::fitting;
use crate::agent::AgentError;
use crate::agent::planning::Adjustable;
use crate::discovery::Objective;
use crate::prompt::{Rendered, inert};

const NAME: usize = 80;
const SENTENCE: usize = 300;

#[derive(Serialize)]
struct Facts {
    question: String,
    term: String,
    covariates: Vec<String>,
    samples: usize,
    residual: usize,
    variables: Vec<VariableFacts>,
}

#[derive(Serialize)]
struct VariableFacts {
    name: String,
    percent: usize,
}

/// What stays as it is, and each variable that might be adjusted for: one choice.
///
/// # Errors
/// A backend failed and the role does not fall back on rules.
pub async fn covariate(
    reasoner: &Reasoner,
    objective: &Objective,
    term: &str,
    samples: usize,
    candidates: &[Adjustable],
) -> Result<Option<(String, String)>, AgentError> {
    let Some((prompt, options)) = question(reasoner, objective, term, samples, candidates)? else {
        return Ok(None);
    };
    let answered = match reasoner
        .choose(Role::Planner, &prompt, &options, Some(0))
        .await
    {
        Ok(answered) => answered,
        Err(error) if left_to_rules(&error) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let chosen = answered.value.index.checked_sub(1);
    Ok(chosen.and_then(|i| candidates.get(i)).map(|candidate| {
        let because = format!(
            "`{}` explains {:.0} % of a main axis of variation between samples; chosen by the planner ({}) before labels were read",
            candidate.variable,
            candidate.share * 100.0,
            answered.model
        );
        (candidate.variable.clone(), because)
    }))
}

/// What the planner is asked, and its options; none where there is nothing to choose or the question is too long.
pub(super) fn question(
    reasoner: &Reasoner,
    objective: &Objective,
    term: &str,
    samples: usize,
    candidates: &[Adjustable],
) -> Result<Option<(Rendered, Vec<String>)>, AgentError> {
    let Some(first) = candidates.first() else {
        return Ok(None);
    };
    let facts = Facts {
        question: inert(&objective.text, SENTENCE),
        term: inert(term, NAME),
        covariates: objective
            .covariates
            .iter()
            .map(|c| inert(c, NAME))
            .collect(),
        samples,
        residual: first.residual_df,
        variables: candidates
            .iter()
            .map(|c| VariableFacts {
                name: inert(&c.variable, NAME),
                percent: (c.share * 100.0).round() as usize,
            })
            .collect(),
    };
    let Some(prompt) = fitting(reasoner, "planner/covariates", &facts)? else {
        return Ok(None);
    };
    let mut options = vec!["the model as it is, without a further variable".to_owned()];
    options.extend(candidates.iter().map(|c| {
        format!(
            "the model adjusted for {} as well",
            inert(&c.variable, NAME)
        )
    }));
    Ok(Some((prompt, options)))
}
