//! What models are likely to be asked, told before the first question.

use super::opening::Opened;
use super::{Request, Resources, Session, preparing};
use crate::agent::AgentError;
use crate::agent::propose::Proposals;
use crate::agent::reasoning::{self, Ahead, Reasoner};
use crate::dataset::{Dataset, DatasetProfile};
use crate::discovery::{ModelForecast, Objective, Readings};
use crate::run::Event;

/// What the models of a request are likely to be asked, without a run and without asking any; nothing where there are none.
///
/// # Errors
/// The data cannot be read, the question cannot be asked of them, or a prompt does not render.
pub fn expected(
    request: &Request,
    resources: Resources,
    reasoner: &Reasoner,
) -> Result<Option<ModelForecast>, AgentError> {
    if !reasoner.asks() {
        return Ok(None);
    }
    let opened = Opened::new(request, resources)?;
    let profile = opened.dataset.profile();
    let found = ahead(
        request,
        (&opened.dataset, &profile),
        &opened.proposals,
        &opened.wider,
        opened.approved.is_some(),
    );
    Ok(Some(reasoning::forecast(reasoner, &found)?))
}

fn ahead<'a>(
    request: &Request,
    (dataset, profile): (&'a Dataset, &'a DatasetProfile),
    proposals: &'a Proposals,
    wider: &'a [Objective],
    planned: bool,
) -> Ahead<'a> {
    Ahead {
        dataset,
        profile,
        proposals,
        wider,
        objectives: request.config.max_objectives,
        hypotheses: request.config.max_hypotheses,
        candidates: preparing::CANDIDATES,
        planned,
    }
}

impl Session {
    /// Tells what models are likely to be asked, before the first question; nothing in a run without models.
    pub(super) async fn expect(
        &self,
        profile: &DatasetProfile,
        proposals: &Proposals,
    ) -> Result<Readings, AgentError> {
        let reasoner = &self.reasoner;
        if !reasoner.asks() {
            return Ok(Readings::default());
        }
        let found = ahead(
            &self.request,
            (&*self.dataset, profile),
            proposals,
            &self.wider,
            self.approved.is_some(),
        );
        let forecast = reasoning::forecast(reasoner, &found)?;
        let minutes = reasoning::minutes(reasoner, &forecast).await;
        self.observer.expected(&forecast, minutes.as_ref());
        self.store.append(Event::ModelsExpected {
            forecast: Box::new(forecast.clone()),
            minutes,
        })?;
        Ok(Readings {
            forecast: Some(forecast),
            ..Readings::default()
        })
    }
}
