//! Between grading and scoring: papers are looked up, where the run was asked to.

use super::Session;
use crate::agent::AgentError;
use crate::agent::observer::Stage;
use crate::agent::papers::Lookup;
use crate::agent::pursuit::Pursuit;
use crate::discovery::{Hypothesis, Papers};
use crate::run::PAPERS;

impl Session {
    /// What papers say of the graded hypotheses; none where nobody is to be asked. It is on record before it is used.
    pub(super) async fn look_up(
        &self,
        hypotheses: &[Hypothesis],
        pursuits: &[Pursuit],
    ) -> Result<Option<Papers>, AgentError> {
        let (Some(library), Some(limits)) = (&self.library, &self.request.config.literature) else {
            return Ok(None);
        };
        self.enter(Stage::Papers)?;
        let packs = &self.resources.packs;
        let synonyms = if limits.synonyms && !packs.is_empty() {
            Some(packs.identifiers()?)
        } else {
            None
        };
        let lookup = Lookup {
            library,
            limits,
            dataset: &self.dataset,
            pursuits,
            synonyms,
            encoder: self.encoder.as_deref(),
            observer: self.observer.as_ref(),
        };
        let papers = lookup.run(hypotheses).await?;
        self.store.write_yaml(PAPERS, &papers)?;
        let sides = papers.hypotheses.values();
        let (supporting, contradicting) = sides.fold((0, 0), |(supporting, contradicting), one| {
            (
                supporting + one.supporting,
                contradicting + one.contradicting,
            )
        });
        let ended = papers.sources.iter().filter(|s| s.ended.is_some()).count();
        self.leave(
            Stage::Papers,
            format!(
                "{} hypotheses looked up, papers state what is claimed {supporting} times and the opposite {contradicting} times{}",
                papers.hypotheses.len(),
                match ended {
                    0 => "",
                    _ => "; a source gave out before the end",
                }
            ),
        )?;
        Ok(Some(papers))
    }
}
