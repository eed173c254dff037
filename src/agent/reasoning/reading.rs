//! Reading graded hypotheses: their sentences in a model's words, held against the evidence, and rival explanations.

use std::collections::{BTreeMap, BTreeSet};

use proteus_llm::{LlmError, Message, Role};
use serde::{Deserialize, Serialize};

use super::asking::Reasoner;
use super::check::check;
use super::facts::{HypothesisFacts, direction_word, facts, ground};
use super::ground::Ground;
use super::judging;
use super::lexer::Token;
use super::proposing::json;
use crate::agent::AgentError;
use crate::agent::pursuit::Pursuit;
use crate::discovery::{
    Hypothesis, HypothesisReading, ObjectiveId, Readings, Speculation, Wording,
};
use crate::prompt::{PromptError, Rendered, inert};

/// Hypotheses read at most, the first ones.
const READ: usize = 10;
/// Results of an objective shown to the interpreter at most.
const RESULTS: usize = 6;
/// Drafts of one sentence at most: the first and its repairs.
const DRAFTS: usize = 3;
/// Complaints about one draft that its writer is told of at most.
const COMPLAINTS: usize = 4;
/// Longest piece of speculation, in characters.
const SPECULATION: usize = 400;

/// A hypothesis with all that is said of it.
pub(super) struct Subject<'a> {
    pub hypothesis: &'a Hypothesis,
    pub facts: HypothesisFacts,
    pub ground: Ground,
}

#[derive(Serialize)]
struct WriterFacts<'a> {
    fact: &'a HypothesisFacts,
    json_subjects: String,
}

#[derive(Serialize)]
struct CriticFacts<'a> {
    fact: &'a HypothesisFacts,
}

#[derive(Serialize)]
struct ObjectiveFacts {
    question: String,
    target: String,
    reference: String,
    results: Vec<ResultFacts>,
}

#[derive(Serialize)]
struct ResultFacts {
    grade: &'static str,
    q: String,
    statement: String,
}

#[derive(Deserialize)]
struct Sentence {
    sentence: String,
    #[serde(default)]
    claims: Vec<SentenceClaim>,
}

#[derive(Deserialize)]
struct SentenceClaim {
    subject: String,
    direction: String,
}

#[derive(Deserialize)]
struct Rival {
    alternative: String,
    test: String,
}

/// Reads the first hypotheses and the objectives they answer. Nothing of them is changed; what stops the reading (a budget, a
/// backend that fails) is told in the result, and what was read until then is kept.
///
/// # Errors
/// A prompt does not render, which is a fault of the prompt and not of a model.
pub async fn read(
    reasoner: &Reasoner,
    hypotheses: &[Hypothesis],
    pursuits: &[Pursuit],
    readings: &mut Readings,
) -> Result<(), AgentError> {
    let by_id: BTreeMap<&ObjectiveId, &Pursuit> =
        pursuits.iter().map(|p| (&p.objective.id, p)).collect();
    let subjects: Vec<Subject<'_>> = hypotheses
        .iter()
        .filter_map(|hypothesis| {
            let pursuit = by_id.get(&hypothesis.objective)?;
            let (objective, comparison) = (&pursuit.objective, &pursuit.comparison);
            Some(Subject {
                hypothesis,
                facts: facts(hypothesis, objective, comparison),
                ground: ground(hypothesis, objective, comparison),
            })
        })
        .collect();
    let stopped = all(reasoner, &subjects, readings).await?;
    readings.stopped = stopped.map(|error| error.to_string());
    Ok(())
}

/// Everything in turn; the error that stopped it, if one did.
async fn all(
    reasoner: &Reasoner,
    subjects: &[Subject<'_>],
    readings: &mut Readings,
) -> Result<Option<LlmError>, AgentError> {
    let first = &subjects[..subjects.len().min(READ)];
    for subject in first {
        match one(reasoner, subject).await? {
            Ok(reading) if reading == HypothesisReading::default() => {}
            Ok(reading) => {
                readings
                    .hypotheses
                    .insert(subject.hypothesis.id.clone(), reading);
            }
            Err(error) => return Ok(Some(error)),
        }
    }
    if let Err(error) = objectives(reasoner, subjects, readings).await? {
        return Ok(Some(error));
    }
    if reasoner.answers(Role::Judge)
        && let Err(error) = judging::judge(reasoner, first, readings).await?
    {
        return Ok(Some(error));
    }
    Ok(None)
}

async fn one(
    reasoner: &Reasoner,
    subject: &Subject<'_>,
) -> Result<Result<HypothesisReading, LlmError>, AgentError> {
    let mut reading = HypothesisReading::default();
    if reasoner.answers(Role::Writer) {
        let mut names: Vec<&str> = subject
            .facts
            .facts
            .iter()
            .map(|f| f.subject.as_str())
            .collect();
        names.dedup();
        let shown = WriterFacts {
            fact: &subject.facts,
            json_subjects: json(&names),
        };
        if let Some(prompt) = fitting(reasoner, "writer/hypothesis", &shown)? {
            match sentence(reasoner, Role::Writer, &prompt, &subject.ground).await {
                Ok(wording) => reading.wording = wording,
                Err(error) => return Ok(Err(error)),
            }
        }
    }
    if reasoner.answers(Role::Critic)
        && let Some(prompt) = fitting(
            reasoner,
            "critic/rival",
            &CriticFacts {
                fact: &subject.facts,
            },
        )?
    {
        match reasoner.ask::<Rival>(Role::Critic, &prompt, &[]).await {
            Ok(told) => reading.speculation = speculation(told.value, told.model, subject),
            Err(error) if passes(&error) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(reading))
}

async fn objectives(
    reasoner: &Reasoner,
    subjects: &[Subject<'_>],
    readings: &mut Readings,
) -> Result<Result<(), LlmError>, AgentError> {
    if !reasoner.answers(Role::Interpreter) {
        return Ok(Ok(()));
    }
    let mut by_objective: BTreeMap<&ObjectiveId, Vec<&Subject<'_>>> = BTreeMap::new();
    for subject in subjects {
        by_objective
            .entry(&subject.hypothesis.objective)
            .or_default()
            .push(subject);
    }
    for (id, all) in by_objective {
        let all = &all[..all.len().min(RESULTS)];
        let rendered =
            reasoner
                .prompts()
                .render_fitting("interpreter/objective", all, |results| ObjectiveFacts {
                    question: results[0].facts.question.clone(),
                    target: results[0].facts.target.clone(),
                    reference: results[0].facts.reference.clone(),
                    results: results
                        .iter()
                        .map(|s| ResultFacts {
                            grade: s.facts.grade,
                            q: s.facts.q.clone(),
                            statement: s.facts.statement.clone(),
                        })
                        .collect(),
                })?;
        let Some((prompt, shown)) = rendered else {
            continue;
        };
        let ground = Ground::joined(all[..shown].iter().map(|s| &s.ground));
        match sentence(reasoner, Role::Interpreter, &prompt, &ground).await {
            Ok(Some(wording)) => {
                readings.objectives.insert(id.clone(), wording);
            }
            Ok(None) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(()))
}

/// A sentence that passes the check, after some repairs; nothing where the role is left to rules.
async fn sentence(
    reasoner: &Reasoner,
    role: Role,
    prompt: &Rendered,
    ground: &Ground,
) -> Result<Option<Wording>, LlmError> {
    let mut earlier = Vec::new();
    let mut rejected = Vec::new();
    let mut model = String::new();
    for _ in 0..DRAFTS {
        let told = match reasoner.ask::<Sentence>(role, prompt, &earlier).await {
            Ok(told) => told,
            Err(error) if passes(&error) => break,
            Err(error) => return Err(error),
        };
        model = told.model;
        let complaints = complaints(&told.value, ground);
        if complaints.is_empty() {
            return Ok(Some(Wording {
                text: Some(told.value.sentence.trim().to_owned()),
                model,
                rejected,
            }));
        }
        let told_of = complaints.len().min(COMPLAINTS);
        let reason = complaints[..told_of].join("; ");
        earlier = vec![
            Message::assistant(told.text),
            Message::user(format!(
                "Not yet: {reason}. Write it again in the same form, shorter, with only the names, numbers, directions and words of the results."
            )),
        ];
        rejected.push(reason);
    }
    Ok((!model.is_empty()).then_some(Wording {
        text: None,
        model,
        rejected,
    }))
}

/// What speaks against a sentence: the sentence itself, and the claims it came with.
fn complaints(told: &Sentence, ground: &Ground) -> Vec<String> {
    let mut complaints = check(&told.sentence, ground);
    for claim in &told.claims {
        match ground.effect(&claim.subject) {
            None => complaints.push(format!("`{}` is not a subject", inert(&claim.subject, 40))),
            Some(effect) if direction_word(effect.direction) != claim.direction => {
                complaints.push(format!(
                    "{} is {}, not {}",
                    claim.subject,
                    direction_word(effect.direction),
                    claim.direction
                ));
            }
            Some(_) => {}
        }
    }
    complaints
}

/// What a critic says, unless it brings a number of its own (numbers come from the evidence, also in speculation) or only
/// says again what it was shown.
fn speculation(rival: Rival, model: String, subject: &Subject<'_>) -> Option<Speculation> {
    let ground = &subject.ground;
    let invented = |text: &str| {
        ground.tokens(text).iter().any(|t| match t {
            Token::Number(written) => !ground.knows_number(written),
            _ => false,
        })
    };
    let told = |text: &str| inert(text, SPECULATION);
    let (alternative, test) = (told(&rival.alternative), told(&rival.test));
    let known = [&subject.facts.statement, &subject.facts.next];
    let says_something = known
        .iter()
        .all(|text| adds_to(&alternative, text) && adds_to(&test, text));
    (says_something && !invented(&alternative) && !invented(&test)).then_some(Speculation {
        alternative,
        test,
        model,
    })
}

/// Whether a text says something that another does not: at least this many words, and this share of its words, are new.
fn adds_to(text: &str, known: &str) -> bool {
    const NEW_WORDS: usize = 3;
    const NEW_SHARE: f64 = 0.4;
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 3)
            .map(str::to_lowercase)
            .collect()
    };
    let (said, known) = (words(text), words(known));
    let new = said.difference(&known).count();
    new >= NEW_WORDS && new as f64 >= NEW_SHARE * said.len() as f64
}

/// Renders a prompt about one hypothesis; none where it is too long.
pub(super) fn fitting(
    reasoner: &Reasoner,
    name: &str,
    facts: &impl Serialize,
) -> Result<Option<Rendered>, AgentError> {
    match reasoner.prompts().render(name, facts) {
        Ok(rendered) => Ok(Some(rendered)),
        Err(PromptError::TooLong { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether an error concerns one answer only, so that the next question may still be asked.
pub(super) fn passes(error: &LlmError) -> bool {
    error.leaves_it_to_rules()
        || matches!(
            error,
            LlmError::Garbled { .. }
                | LlmError::Truncated { .. }
                | LlmError::Refused { .. }
                | LlmError::TooLong { .. }
        )
}

impl Ground {
    /// The evidence of several hypotheses of one objective.
    fn joined<'a>(all: impl Iterator<Item = &'a Ground>) -> Self {
        let mut joined = Self::default();
        let mut detection = true;
        for ground in all {
            detection &= ground.about_detection;
            joined.add(ground);
        }
        joined.about_detection = detection;
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::adds_to;

    #[test]
    fn saying_it_again_adds_nothing() {
        let known = "SEPTIN6 is more abundant in Ubi6 than in Ctrl (log2 fold change +1.62).";
        assert!(!adds_to(
            "SEPTIN6 abundance is more abundant in Ubi6 than in Ctrl",
            known
        ));
        assert!(!adds_to("", known));
        assert!(adds_to(
            "the antibody of the bait may bind septins that aggregate during lysis",
            known
        ));
    }
}
