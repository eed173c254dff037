//! Reading graded hypotheses: their sentences in a model's words, held against the evidence, and rival explanations.

use std::collections::BTreeMap;

use proteus_llm::{LlmError, Message, Role, ValuesPermit};
use serde::{Deserialize, Serialize};

use super::asking::{How, Reasoner};
use super::check::check;
use super::facts::{HypothesisFacts, direction_word, facts, ground};
use super::ground::Ground;
use super::judging;
use super::lexer::Token;
use super::proposing::json;
use super::restating::says_something;
use super::values::{SampleValues, ShownValues};
use crate::agent::AgentError;
use crate::agent::pursuit::Pursuit;
use crate::dataset::SampleMetadata;
use crate::discovery::{
    Hypothesis, HypothesisReading, ObjectiveId, Readings, Speculation, Wording,
};
use crate::prompt::{PromptError, Rendered, inert};

/// Hypotheses read at most, the first ones.
pub(super) const READ: usize = 10;
/// Results of an objective shown to the interpreter at most.
pub(super) const RESULTS: usize = 6;
/// Drafts of one sentence at most: the first and its repairs.
pub(super) const DRAFTS: usize = 3;
/// Complaints about one draft that its writer is told of at most.
const COMPLAINTS: usize = 4;
/// Longest piece of speculation, in characters.
const SPECULATION: usize = 400;

/// A hypothesis with all that is said of it.
pub(super) struct Subject<'a> {
    pub hypothesis: &'a Hypothesis,
    pub facts: HypothesisFacts,
    pub ground: Ground,
    /// What was measured in single samples; none but in privacy mode `full`.
    pub values: Option<SampleValues>,
}

#[derive(Serialize)]
struct WriterFacts<'a> {
    fact: &'a HypothesisFacts,
    json_subjects: String,
}

#[derive(Serialize)]
pub(super) struct CriticFacts<'a> {
    pub fact: &'a HypothesisFacts,
    pub values: Option<ShownValues<'a>>,
}

#[derive(Serialize)]
pub(super) struct ObjectiveFacts {
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
pub(super) struct Sentence {
    pub sentence: String,
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
    samples: &SampleMetadata,
    readings: &mut Readings,
) -> Result<(), AgentError> {
    let permit = reasoner.values_permit();
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
                values: permit
                    .and_then(|permit| SampleValues::of(permit, hypothesis, pursuit, samples)),
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
    if reasoner.answers(Role::Writer)
        && let Some(prompt) = writer_prompt(reasoner, &subject.facts)?
    {
        match sentence(reasoner, Role::Writer, &prompt, &subject.ground).await {
            Ok(wording) => reading.wording = wording,
            Err(error) => return Ok(Err(error)),
        }
    }
    if reasoner.answers(Role::Critic)
        && let Some((prompt, values)) = critic_prompt(reasoner, subject)?
    {
        let how = How {
            values,
            ..How::default()
        };
        let asked = reasoner.ask::<Rival>(Role::Critic, &prompt, &[], how);
        match asked.await {
            Ok(told) => reading.speculation = speculation(told.value, told.model, subject),
            Err(error) if passes(&error) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(reading))
}

/// What the writer is asked.
pub(super) fn writer_prompt(
    reasoner: &Reasoner,
    fact: &HypothesisFacts,
) -> Result<Option<Rendered>, AgentError> {
    let mut names: Vec<&str> = fact.facts.iter().map(|f| f.subject.as_str()).collect();
    names.dedup();
    let json_subjects = json(&names);
    let shown = WriterFacts {
        fact,
        json_subjects,
    };
    fitting(reasoner, "writer/hypothesis", &shown)
}

/// What the critic is asked, with values of single samples where there are any.
fn critic_prompt(
    reasoner: &Reasoner,
    subject: &Subject<'_>,
) -> Result<Option<(Rendered, Option<ValuesPermit>)>, AgentError> {
    let fact = &subject.facts;
    fitting_values(
        reasoner,
        "critic/rival",
        subject.values.as_ref(),
        |values| CriticFacts { fact, values },
    )
}

/// What the interpreter is asked, over as many results as fit, and how many these are.
pub(super) fn interpreter_prompt(
    reasoner: &Reasoner,
    results: &[&HypothesisFacts],
) -> Result<Option<(Rendered, usize)>, AgentError> {
    let rendered =
        reasoner
            .prompts()
            .render_fitting("interpreter/objective", results, |results| ObjectiveFacts {
                question: results[0].question.clone(),
                target: results[0].target.clone(),
                reference: results[0].reference.clone(),
                results: results
                    .iter()
                    .map(|fact| ResultFacts {
                        grade: fact.grade,
                        q: fact.q.clone(),
                        statement: fact.statement.clone(),
                    })
                    .collect(),
            })?;
    Ok(rendered)
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
        let facts: Vec<&HypothesisFacts> = all.iter().map(|s| &s.facts).collect();
        let Some((prompt, shown)) = interpreter_prompt(reasoner, &facts)? else {
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
        let asked = reasoner.ask::<Sentence>(role, prompt, &earlier, How::default());
        let told = match asked.await {
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
                preferred: None,
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
        preferred: None,
    }))
}

/// What speaks against a sentence: the sentence itself, and the claims it came with.
pub(super) fn complaints(told: &Sentence, ground: &Ground) -> Vec<String> {
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
    let mut ground = subject.ground.clone();
    if let Some(values) = &subject.values {
        values.name_samples(&mut ground);
    }
    let invented = |text: &str| {
        ground.tokens(text).iter().any(|t| match t {
            Token::Number(written) => !ground.knows_number(written),
            _ => false,
        })
    };
    let told = |text: &str| inert(text, SPECULATION);
    let (alternative, test) = (told(&rival.alternative), told(&rival.test));
    (says_something(&alternative, &test, &subject.facts, &ground)
        && !invented(&alternative)
        && !invented(&test))
    .then_some(Speculation {
        alternative,
        test,
        model,
    })
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

/// Renders a prompt about one hypothesis with as many lines of values of its samples as fit, and leave to show them; without
/// where there are none or not one line fits, and none at all where it is too long even so.
pub(super) fn fitting_values<'a, F: Serialize>(
    reasoner: &Reasoner,
    name: &str,
    values: Option<&'a SampleValues>,
    facts: impl Fn(Option<ShownValues<'a>>) -> F,
) -> Result<Option<(Rendered, Option<ValuesPermit>)>, AgentError> {
    if let Some(values) = values {
        for lines in (1..=values.lines()).rev() {
            if let Some(prompt) = fitting(reasoner, name, &facts(Some(values.first(lines))))? {
                return Ok(Some((prompt, Some(values.permit()))));
            }
        }
    }
    Ok(fitting(reasoner, name, &facts(None))?.map(|prompt| (prompt, None)))
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
