//! What models are likely to be asked, told before anything is: counted from the questions of the run, with the prompts that
//! would put them.
//!
//! The proposer's prompt is the one that will be asked. What is asked once hypotheses are graded is rendered for a claim of the
//! kind that each objective makes, about a row of its own assay. Replies are as long as their schema makes them, with texts as
//! long as the question they answer. The most that is foreseen has every prompt and reply at its cap and every sentence sent back
//! as often as it may be.

use std::collections::BTreeMap;

use proteus_llm::text::{estimate_messages, estimate_request, estimate_tokens};
use proteus_llm::{Budget, Pace, Price, Role, Usage};
use serde_json::{Map, Value};

use super::asking::{How, Reasoner, question};
use super::facts::{Fact, HypothesisFacts};
use super::judging::{SAMPLES, ScoreFacts, TESTED, TwinFacts};
use super::reading::{
    CriticFacts, DRAFTS, READ, RESULTS, fitting, interpreter_prompt, writer_prompt,
};
use super::twins::Version;
use super::{planning, proposing, rewarding};
use crate::agent::AgentError;
use crate::agent::experiment::{self, Effect};
use crate::agent::planning::Adjustable;
use crate::agent::propose::Proposals;
use crate::agent::pursuit::term_of;
use crate::agent::wording::{Comparison, Told, measured, refuter, signed, statement};
use crate::dataset::{Dataset, DatasetProfile, Role as VariableRole, Term};
use crate::discovery::{
    Archetype, Corruption, Direction, ForecastAmount, ForecastMinutes, ForecastPart, ModelForecast,
    Objective,
};
use crate::prompt::{Rendered, inert};

/// Longest name and longest sentence in a prompt, in characters.
const NAME: usize = 80;
const SENTENCE: usize = 500;
/// Effect and test statistic of the claim that prompts are rendered for.
const EFFECT: f64 = 1.0;
const STATISTIC: f64 = 5.0;
/// Share of variation of a variable that is offered to the planner, in the prompt that its length is taken from.
const SHARE: f64 = 0.2;

/// What stands before the first question.
pub struct Ahead<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// Its profile.
    pub profile: &'a DatasetProfile,
    /// What the rules propose to ask.
    pub proposals: &'a Proposals,
    /// What they would propose had there been more room.
    pub wider: &'a [Objective],
    /// Objectives pursued at most.
    pub objectives: usize,
    /// Hypotheses kept at most.
    pub hypotheses: usize,
    /// Variables offered to the planner at most.
    pub candidates: usize,
    /// Whether plans are given, so that neither proposer nor planner is asked.
    pub planned: bool,
}

/// An objective and a claim of the kind that it makes.
struct StandIn<'a> {
    objective: &'a Objective,
    term: Option<Term>,
    facts: HypothesisFacts,
}

/// One question, as it is likely to be and at its longest.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    prompt: usize,
    reply: usize,
    longest_prompt: usize,
    longest_reply: usize,
}

/// Questions of one task: what each takes, how often they are likely to be asked and how often at most.
struct Task {
    role: Role,
    purpose: &'static str,
    asked: Vec<Asked>,
    likely: usize,
    most: usize,
}

/// What the models of a run are likely to be asked.
///
/// # Errors
/// A prompt does not render, or an objective names what the dataset does not have.
pub fn forecast(reasoner: &Reasoner, ahead: &Ahead<'_>) -> Result<ModelForecast, AgentError> {
    let stand_ins = ahead
        .proposals
        .objectives
        .iter()
        .map(|objective| ahead.stand_in(objective))
        .collect::<Result<Vec<_>, _>>()?;
    let mut tasks = Vec::new();
    if !ahead.planned {
        tasks.extend(proposer(reasoner, ahead)?);
        tasks.extend(planner(reasoner, ahead, &stand_ins)?);
    }
    if !stand_ins.is_empty() {
        tasks.extend(after_grading(reasoner, ahead, &stand_ins)?);
    }
    let parts: Vec<ForecastPart> = tasks
        .iter()
        .filter(|task| reasoner.answers(task.role) && task.most > 0)
        .filter_map(|task| task.part(reasoner))
        .collect();
    let cut_off = cut_off(&parts, reasoner.desk().budget());
    Ok(ModelForecast { parts, cut_off })
}

/// Minutes of the models on this machine, their pace measured now; none where there are none.
pub async fn minutes(reasoner: &Reasoner, forecast: &ModelForecast) -> Option<ForecastMinutes> {
    let desk = reasoner.desk();
    let mut paces: BTreeMap<String, Option<Pace>> = BTreeMap::new();
    let mut found = ForecastMinutes {
        likely: 0.0,
        most: 0.0,
        of: Vec::new(),
        without: Vec::new(),
        cut_off: None,
    };
    for part in &forecast.parts {
        let Some(role) = Role::ALL.into_iter().find(|role| role.name() == part.role) else {
            continue;
        };
        let backends = answering(reasoner, role);
        let shares = backends.len().max(1) as f64;
        for backend in backends {
            let pace = match paces.get(&backend).copied() {
                Some(known) => known,
                None => {
                    let pace = desk.pace(&backend).await;
                    let list = if pace.is_some() {
                        &mut found.of
                    } else {
                        &mut found.without
                    };
                    list.push(desk.model(&backend).unwrap_or(&backend).to_owned());
                    paces.insert(backend, pace);
                    pace
                }
            };
            let Some(pace) = pace else { continue };
            let minutes = |amount: &ForecastAmount| {
                let (prompt, reply) = (amount.prompt_tokens as f64, amount.reply_tokens as f64);
                pace.seconds(prompt / shares, reply / shares) / 60.0
            };
            found.likely += minutes(&part.likely);
            found.most += minutes(&part.most);
        }
        if let Some(limit) = desk.budget().minutes
            && found.cut_off.is_none()
            && found.likely > limit
        {
            found.cut_off = Some(ends(&format!("{limit} minutes"), part));
        }
    }
    (!found.of.is_empty()).then_some(found)
}

/// The backends that answer in a role unless they fail: the first of the chain, and every judge.
fn answering(reasoner: &Reasoner, role: Role) -> Vec<String> {
    let mut backends = reasoner.desk().backends(role);
    if role != Role::Judge {
        backends.truncate(1);
    }
    backends
}

fn proposer(reasoner: &Reasoner, ahead: &Ahead<'_>) -> Result<Option<Task>, AgentError> {
    if !reasoner.answers(Role::Proposer) {
        return Ok(None);
    }
    let pool = proposing::pool(ahead.proposals, ahead.wider);
    let asked = proposing::question(reasoner, ahead.profile, &pool, ahead.objectives)?;
    Ok(asked.map(|(prompt, _)| Task {
        role: Role::Proposer,
        purpose: "choosing questions",
        asked: vec![Asked::of(&prompt, "")],
        likely: 1,
        most: 1,
    }))
}

/// One choice for each objective that could be adjusted for something.
fn planner(
    reasoner: &Reasoner,
    ahead: &Ahead<'_>,
    stand_ins: &[StandIn<'_>],
) -> Result<Option<Task>, AgentError> {
    if !reasoner.answers(Role::Planner) {
        return Ok(None);
    }
    // A backend that writes is shown the options in both orders, each a question of its own.
    let orders = if reasoner.desk().leaves(Role::Planner) {
        2
    } else {
        1
    };
    let mut asked = Vec::new();
    for one in stand_ins {
        let Some(term) = &one.term else { continue };
        let candidates = ahead.candidates(one.objective, term);
        let samples = ahead.profile.samples;
        let question = planning::question(
            reasoner,
            one.objective,
            term.variable(),
            samples,
            &candidates,
        )?;
        if let Some((prompt, options)) = question {
            let options: usize = options.iter().map(|option| estimate_tokens(option)).sum();
            let mut choice = Asked::of(&prompt, "");
            choice.prompt += options;
            choice.longest_prompt += options;
            asked.push(choice);
        }
    }
    let calls = orders * asked.len();
    Ok(Some(Task {
        role: Role::Planner,
        purpose: "choosing what fits are adjusted for",
        asked,
        likely: calls,
        most: calls,
    }))
}

/// What interpreter, writer, critic and judges are asked.
fn after_grading(
    reasoner: &Reasoner,
    ahead: &Ahead<'_>,
    stand_ins: &[StandIn<'_>],
) -> Result<Vec<Task>, AgentError> {
    let read = READ.min(ahead.hypotheses);
    // So many objectives are expected to find something.
    let expected: f64 = stand_ins.iter().map(|one| one.objective.prior).sum();
    let finding = (expected.ceil().max(1.0) as usize).min(stand_ins.len());
    let results = read.div_ceil(finding).min(RESULTS);
    let mut asked: [Vec<Asked>; 5] = Default::default();
    let [wording, rivals, summing, pairs, scores] = &mut asked;
    for (place, one) in stand_ins.iter().enumerate() {
        let text = one.facts.question.as_str();
        let (fact, values) = (&one.facts, None);
        let add = |list: &mut Vec<Asked>, prompt: Option<Rendered>| {
            list.extend(prompt.map(|prompt| Asked::of(&prompt, text)));
        };
        add(wording, writer_prompt(reasoner, fact)?);
        let shown = CriticFacts { fact, values };
        add(rivals, fitting(reasoner, "critic/rival", &shown)?);
        let facts = vec![fact; results];
        let prompt = interpreter_prompt(reasoner, &facts)?;
        add(summing, prompt.map(|(prompt, _)| prompt));
        let shown = ScoreFacts { fact, values };
        add(scores, fitting(reasoner, "judge/score", &shown)?);
        let stranger = ahead.stranger(one.objective, place);
        let sound = Version::sound(fact);
        for corruption in Corruption::ALL {
            let twin = Version::corrupted(fact, corruption, stranger.as_deref());
            let Some(twin) = twin else { continue };
            let (first, second) = (sound.shown(), twin.shown());
            let shown = TwinFacts {
                fact,
                first,
                second,
            };
            add(pairs, fitting(reasoner, "judge/twins", &shown)?);
        }
    }
    let pairs_each = pairs.len().div_ceil(stand_ins.len());
    let [wording, rivals, summing, pairs, scores] = asked;
    let again = if reasoner.answers(Role::Judge) {
        rewarding::DRAFTS as usize - 1
    } else {
        0
    };
    let shown = 2 * pairs_each * TESTED.min(read);
    let judged = read * SAMPLES as usize;
    let sent_back = |mut asked: Vec<Asked>| {
        for one in &mut asked {
            // A draft that is sent back goes along with the complaint, which is about as long.
            one.longest_prompt += 2 * one.longest_reply;
        }
        asked
    };
    let task = |role, purpose, asked, likely, most| Task {
        role,
        purpose,
        asked,
        likely,
        most,
    };
    Ok(vec![
        task(
            Role::Writer,
            "wording hypotheses",
            sent_back(wording),
            read,
            read * (DRAFTS + again),
        ),
        task(Role::Critic, "looking for rivals", rivals, read, read),
        task(
            Role::Interpreter,
            "summing up questions",
            sent_back(summing),
            finding,
            stand_ins.len() * DRAFTS,
        ),
        task(Role::Judge, "testing judges on twins", pairs, shown, shown),
        task(Role::Judge, "scoring hypotheses", scores, judged, judged),
    ])
}

impl Asked {
    /// What a prompt takes, with texts in the reply as long as `text`.
    fn of(prompt: &Rendered, text: &str) -> Self {
        let request = question(prompt, &[], How::default());
        let tokens = estimate_request(&request);
        let schema = tokens - estimate_messages(&request.messages);
        let reply = prompt.schema.as_ref().map_or(0, |schema| {
            estimate_tokens(&shortest(schema, text).to_string())
        });
        Self {
            prompt: tokens,
            reply: reply.min(prompt.max_reply_tokens),
            longest_prompt: tokens.max(prompt.max_prompt_tokens + schema),
            longest_reply: prompt.max_reply_tokens,
        }
    }
}

impl Task {
    /// The task over the backends that answer; none where no prompt of it fits.
    fn part(&self, reasoner: &Reasoner) -> Option<ForecastPart> {
        let n = self.asked.len();
        let mean = |of: fn(&Asked) -> usize| {
            let sum: usize = self.asked.iter().map(of).sum();
            (n > 0).then(|| sum as f64 / n as f64)
        };
        let desk = reasoner.desk();
        let prices = |backends: &[String]| -> Vec<Price> {
            backends.iter().map(|name| desk.price(name)).collect()
        };
        let answering = prices(&answering(reasoner, self.role));
        let all = prices(&desk.backends(self.role));
        let amount = |calls: usize, prompt: f64, reply: f64, prices: &[Price]| {
            let usage = Usage {
                prompt_tokens: (calls as f64 * prompt).round() as usize,
                reused_tokens: 0,
                reply_tokens: (calls as f64 * reply).round() as usize,
            };
            let one = |price: &Price| ForecastAmount {
                calls,
                prompt_tokens: usage.prompt_tokens,
                reply_tokens: usage.reply_tokens,
                money: price.of(usage),
            };
            let amounts = prices.iter().map(one);
            amounts.fold(ForecastAmount::default(), ForecastAmount::and)
        };
        let likely = amount(
            self.likely,
            mean(|one| one.prompt)?,
            mean(|one| one.reply)?,
            &answering,
        );
        let mut most = amount(
            self.most,
            mean(|one| one.longest_prompt)?,
            mean(|one| one.longest_reply)?,
            &answering,
        );
        if self.role != Role::Judge {
            // Any of the chain may be the one that answers.
            let tokens = Usage {
                prompt_tokens: most.prompt_tokens,
                reused_tokens: 0,
                reply_tokens: most.reply_tokens,
            };
            most.money = all.iter().map(|p| p.of(tokens)).fold(0.0, f64::max);
        }
        Some(ForecastPart {
            role: self.role.name().to_owned(),
            purpose: self.purpose.to_owned(),
            likely,
            most,
        })
    }
}

impl Ahead<'_> {
    /// A claim of the kind that an objective makes, about the first row of its assay.
    fn stand_in<'a>(&self, objective: &'a Objective) -> Result<StandIn<'a>, AgentError> {
        let (term, comparison) = term_of(objective, self.dataset)?;
        let assay = self.dataset.assay_or_main(objective.assay.as_deref());
        let (molecule, measure) = (assay.molecule(), assay.measure());
        let subject = self.row(objective, 0).unwrap_or_default();
        let archetype = archetype(&comparison);
        let told = Told {
            archetype,
            molecule,
            subjects: vec![subject.clone()],
            panel: None,
            effects: vec![EFFECT],
            comparison: &comparison,
            measure,
            leading: Vec::new(),
            also: Vec::new(),
            detail: None,
        };
        let samples = self.profile.samples;
        let (target, reference) = match &comparison {
            Comparison::Arms {
                target, reference, ..
            } => (inert(target, NAME), inert(reference, NAME)),
            _ => (String::new(), String::new()),
        };
        let arms = (!target.is_empty()).then_some((samples / 2, samples - samples / 2));
        let effect = Effect {
            value: EFFECT,
            statistic: STATISTIC,
            arms,
            total: samples,
        };
        let (place, counted) = match arms {
            Some((one, other)) => (
                format!("in {target} and {reference}"),
                format!("{one} in {target}, {other} in {reference}"),
            ),
            None => ("in new samples".to_owned(), format!("{samples} samples")),
        };
        let who = measured(molecule, &told.subjects);
        let next = experiment::plan(archetype, measure, &who, &effect, &place);
        let refuted_by = refuter(&told, Direction::Higher, next.samples_per_arm);
        let facts = HypothesisFacts {
            statement: inert(&statement(&told), SENTENCE),
            question: inert(&objective.text, SENTENCE),
            target,
            reference,
            facts: vec![Fact {
                subject: inert(&subject, NAME),
                kind: "protein",
                direction: "higher",
                effect: signed(EFFECT),
                unit: measure.difference.to_owned(),
            }],
            more: 0,
            sets: Vec::new(),
            grade: "supported",
            q: "0.012".to_owned(),
            samples: counted,
            held: "10 of 12".to_owned(),
            cautions: Vec::new(),
            rivals: vec![inert(&objective.why, SENTENCE)],
            refuted_by: inert(&refuted_by, SENTENCE),
            next: inert(&next.text, SENTENCE),
        };
        Ok(StandIn {
            objective,
            term,
            facts,
        })
    }

    /// What a row of an objective's assay is called.
    fn row(&self, objective: &Objective, place: usize) -> Option<String> {
        let assay = self.dataset.assay_or_main(objective.assay.as_deref());
        let feature = assay.features.get(place)?;
        Some(feature.label().into_owned())
    }

    /// A row that the claim of an objective is not about.
    fn stranger(&self, objective: &Objective, place: usize) -> Option<String> {
        self.row(objective, place + 1)
    }

    /// The recorded variables that a fit could be adjusted for.
    fn candidates(&self, objective: &Objective, term: &Term) -> Vec<Adjustable> {
        let usable = self.profile.variables.iter().filter(|v| {
            matches!(
                v.role,
                VariableRole::Covariate
                    | VariableRole::Clinical
                    | VariableRole::Condition
                    | VariableRole::Batch
                    | VariableRole::Plex
            ) && v.name != term.variable()
                && !objective.covariates.contains(&v.name)
                && objective.blocking.as_deref() != Some(v.name.as_str())
        });
        usable
            .take(self.candidates)
            .map(|v| Adjustable {
                variable: v.name.clone(),
                share: SHARE,
                residual_df: self.profile.samples,
            })
            .collect()
    }
}

/// The kind of claim that a comparison leads to first.
fn archetype(comparison: &Comparison) -> Archetype {
    match comparison {
        Comparison::Arms { .. } => Archetype::DifferentialProtein,
        Comparison::Levels { .. } => Archetype::ProteinAcrossGroups,
        Comparison::Slope { .. } => Archetype::ProteinAssociation,
        Comparison::Time { .. } => Archetype::TimeCourse,
        Comparison::Dose { .. } => Archetype::DoseTrend,
        Comparison::Partner { .. } => Archetype::MutationEffect,
        Comparison::Structure => Archetype::SubtypeAssociation,
    }
}

/// A value that a schema of ours admits: every property, lists as long as asked for, texts as long as `text` where they may be.
fn shortest(schema: &Value, text: &str) -> Value {
    let list = |key: &str| schema.get(key).and_then(Value::as_array);
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    if let Some(options) = list("enum").or_else(|| list("anyOf")) {
        let first = options.first().cloned().unwrap_or_default();
        return if schema.get("enum").is_some() {
            first
        } else {
            shortest(&first, text)
        };
    }
    let number = |key: &str| schema.get(key).and_then(Value::as_u64);
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let made: Map<String, Value> = properties
                .into_iter()
                .flatten()
                .map(|(name, of)| (name.clone(), shortest(of, text)))
                .collect();
            Value::Object(made)
        }
        Some("array") => {
            let least = number("minItems").unwrap_or(0);
            // A list that may be empty most often is; others are as long as they may be.
            let length = if least == 0 {
                0
            } else {
                number("maxItems").unwrap_or(least)
            };
            let item = schema.get("items").map(|of| shortest(of, text));
            let item = item.unwrap_or_default();
            Value::Array((0..length).map(|_| item.clone()).collect())
        }
        Some("integer" | "number") => schema.get("maximum").cloned().unwrap_or(Value::from(1)),
        Some("string") => {
            let longest = number("maxLength").map_or(usize::MAX, |n| n as usize);
            Value::String(text.chars().take(longest).collect())
        }
        _ => Value::Null,
    }
}

/// Which budgets of calls, tokens and money are likely to end it and where, or may if sentences are sent back.
fn cut_off(parts: &[ForecastPart], budget: &Budget) -> Vec<String> {
    type Of = fn(&ForecastAmount) -> f64;
    let limits: [(&str, Option<f64>, Of); 3] = [
        ("calls", budget.calls.map(|n| n as f64), |a| a.calls as f64),
        ("tokens", budget.tokens.map(|n| n as f64), |a| {
            a.tokens() as f64
        }),
        ("money", budget.money, |a| a.money),
    ];
    let mut told = Vec::new();
    for (what, limit, of) in limits {
        let Some(limit) = limit else { continue };
        let budget = match what {
            "money" => format!("{limit} in money"),
            _ => format!("{limit} {what}"),
        };
        let mut sum = 0.0;
        let over = parts.iter().find(|part| {
            sum += of(&part.likely);
            sum > limit
        });
        let most: f64 = parts.iter().map(|part| of(&part.most)).sum();
        match over {
            Some(part) => told.push(ends(&budget, part)),
            None if most > limit => told.push(format!(
                "the budget of {budget} may end early, if sentences are sent back or prompts are long"
            )),
            None => {}
        }
    }
    told
}

fn ends(budget: &str, part: &ForecastPart) -> String {
    format!(
        "the budget of {budget} is likely to end while the {} is at {}",
        part.role, part.purpose
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(role: &str, likely: usize, most: usize) -> ForecastPart {
        let amount = |calls: usize| ForecastAmount {
            calls,
            prompt_tokens: 100 * calls,
            reply_tokens: 10 * calls,
            money: 0.01 * calls as f64,
        };
        ForecastPart {
            role: role.to_owned(),
            purpose: "x".to_owned(),
            likely: amount(likely),
            most: amount(most),
        }
    }

    #[test]
    fn a_budget_ends_at_the_part_that_goes_beyond_it() {
        let parts = [part("writer", 10, 30), part("judge", 40, 40)];
        let of = |budget: Budget| cut_off(&parts, &budget);
        assert!(of(Budget::default()).is_empty());
        let calls = of(Budget {
            calls: Some(10),
            ..Budget::default()
        });
        assert_eq!(
            calls,
            ["the budget of 10 calls is likely to end while the judge is at x"]
        );
        let tokens = of(Budget {
            tokens: Some(6000),
            ..Budget::default()
        });
        assert!(tokens[0].contains("may end early"), "{tokens:?}");
        let money = of(Budget {
            money: Some(0.05),
            ..Budget::default()
        });
        assert!(
            money[0].starts_with("the budget of 0.05 in money is likely to end while the writer"),
            "{money:?}"
        );
        let enough = of(Budget {
            calls: Some(70),
            tokens: Some(7700),
            ..Budget::default()
        });
        assert!(enough.is_empty(), "{enough:?}");
    }

    #[test]
    fn replies_have_the_length_of_their_schema() {
        let schema = json!({
            "type": "object",
            "properties": {
                "better": {"enum": ["first", "second"]},
                "order": {"type": "array", "minItems": 1, "maxItems": 3,
                    "items": {"type": "integer", "minimum": 1, "maximum": 12}},
                "none": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
                "one": {"anyOf": [{"const": "a"}, {"const": "b"}]},
                "text": {"type": "string", "maxLength": 4},
            },
        });
        assert_eq!(
            shortest(&schema, "abcdefg"),
            json!({"better": "first", "order": [12, 12, 12], "none": [], "one": "a", "text": "abcd"})
        );
    }
}
