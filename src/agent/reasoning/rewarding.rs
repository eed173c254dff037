//! Reward models as judges: a score of one text as the answer to what its evidence asks for. By it hypotheses are placed and a
//! draft of the writer is taken among those that passed the check; nothing of a hypothesis changes.

use std::collections::BTreeSet;

use proteus_llm::{LlmError, Role};

use super::asking::{How, Reasoner};
use super::judging::ScoreFacts;
use super::reading::{Sentence, Subject, complaints, fitting, passes, writer_prompt};
use super::twins::Version;
use crate::agent::AgentError;
use crate::discovery::{Preferred, Readings, Rewarded};

/// Drafts of a sentence among which a reward model chooses, the first one included.
pub(super) const DRAFTS: u64 = 3;

/// The model and its score of a version; none where the evidence does not fit the prompt or the model gave no usable score.
pub(super) async fn reward(
    reasoner: &Reasoner,
    subject: &Subject<'_>,
    judge: &str,
    version: &Version,
) -> Result<Result<Option<(String, f64)>, LlmError>, AgentError> {
    let shown = ScoreFacts {
        fact: &subject.facts,
        values: None,
    };
    let Some(prompt) = fitting(reasoner, "judge/reward", &shown)? else {
        return Ok(Ok(None));
    };
    Ok(
        match reasoner.reward(judge, &prompt, &version.shown()).await {
            Ok(told) => Ok(told.value.is_finite().then_some((told.model, told.value))),
            Err(error) if passes(&error) => Ok(None),
            Err(error) => Err(error),
        },
    )
}

/// Scores every hypothesis and tells its place by that.
pub(super) async fn score(
    reasoner: &Reasoner,
    subjects: &[Subject<'_>],
    judge: &str,
    readings: &mut Readings,
) -> Result<Result<(), LlmError>, AgentError> {
    let mut scored: Vec<(&str, String, f64)> = Vec::new();
    for subject in subjects {
        match reward(reasoner, subject, judge, &Version::sound(&subject.facts)).await? {
            Ok(Some((model, reward))) => scored.push((&subject.hypothesis.id, model, reward)),
            Ok(None) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    for (id, model, reward) in &scored {
        let place = 1 + scored.iter().filter(|other| other.2 > *reward).count();
        readings
            .hypotheses
            .entry((*id).to_owned())
            .or_default()
            .rewards
            .push(Rewarded {
                judge: judge.to_owned(),
                model: model.clone(),
                reward: *reward,
                place,
                of: scored.len(),
            });
    }
    Ok(Ok(()))
}

/// Has the writer draft again what passed the check, and takes of all drafts that pass the one that is scored highest; of
/// equals the earlier one.
pub(super) async fn choose_drafts(
    reasoner: &Reasoner,
    subjects: &[Subject<'_>],
    judge: &str,
    readings: &mut Readings,
) -> Result<Result<(), LlmError>, AgentError> {
    for subject in subjects {
        let Some(first) = passed(readings, subject) else {
            continue;
        };
        let Some(prompt) = writer_prompt(reasoner, &subject.facts)? else {
            continue;
        };
        let mut known = BTreeSet::from([first.clone()]);
        let mut drafts = vec![first];
        for number in 1..DRAFTS {
            let how = How::sample(number);
            match reasoner
                .ask::<Sentence>(Role::Writer, &prompt, &[], how)
                .await
            {
                Ok(told) if complaints(&told.value, &subject.ground).is_empty() => {
                    let sentence = told.value.sentence.trim().to_owned();
                    if known.insert(sentence.clone()) {
                        drafts.push(sentence);
                    }
                }
                Ok(_) => {}
                Err(error) if passes(&error) => {}
                Err(error) => return Ok(Err(error)),
            }
        }
        if drafts.len() < 2 {
            continue;
        }
        let mut best: Option<(f64, String, &String)> = None;
        for draft in &drafts {
            let version = Version::worded(&subject.facts, draft);
            match reward(reasoner, subject, judge, &version).await? {
                Ok(Some((model, reward))) => {
                    if best.as_ref().is_none_or(|(highest, ..)| reward > *highest) {
                        best = Some((reward, model, draft));
                    }
                }
                Ok(None) => {}
                Err(error) => return Ok(Err(error)),
            }
        }
        let reading = readings.hypotheses.get_mut(&subject.hypothesis.id);
        if let (Some((_, model, draft)), Some(wording)) =
            (best, reading.and_then(|r| r.wording.as_mut()))
        {
            wording.text = Some(draft.clone());
            wording.preferred = Some(Preferred {
                model,
                among: drafts.len(),
            });
        }
    }
    Ok(Ok(()))
}

/// The sentence of a hypothesis that passed the check.
fn passed(readings: &Readings, subject: &Subject<'_>) -> Option<String> {
    let reading = readings.hypotheses.get(&subject.hypothesis.id)?;
    reading.wording.as_ref()?.text.clone()
}
