//! What models added: per hypothesis a checked sentence, a rival explanation and judged scores; for the run who answered
//! what, how far the judges can be trusted, and what it cost.

use serde::Serialize;

use super::listing::{Cell, Listing};
use crate::discovery::{
    Corruption, Hypothesis, JudgeKind, JudgeRecord, ModelCost, ModelForecast, Readings, Rewarded,
    Wording,
};
use crate::report::ReportModel;
use crate::report::text::{NAME, SENTENCE, count, decimal, sentence, thousands, tidy};

/// Decisions listed at most; all of them stand in `readings.yaml`.
const DECISIONS: usize = 200;

/// What was added to one hypothesis.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct ReadingView {
    /// A checked sentence; empty where none passed.
    pub wording: String,
    /// Who wrote it.
    pub wording_by: String,
    /// A rival explanation, not checked beyond its numbers; empty where there is none.
    pub alternative: String,
    /// How to tell it apart.
    pub test: String,
    /// Who thought of it.
    pub speculation_by: String,
    /// Judged scores, one line per judge.
    pub judged: Vec<String>,
}

/// What models did in the run.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct ModelsView {
    pub lines: Vec<String>,
    pub objectives: Vec<(String, String)>,
    pub expectations: Option<Listing>,
    pub judges: Option<Listing>,
    pub decisions: Listing,
}

/// What was added to a hypothesis; none where nothing was.
pub(super) fn reading(model: &ReportModel, h: &Hypothesis) -> Option<ReadingView> {
    let reading = model.readings.as_ref()?.hypotheses.get(&h.id)?;
    let wording = reading.wording.as_ref();
    let speculation = reading.speculation.as_ref();
    let judged = reading.judgements.iter().map(|j| {
        let score = |judged: &crate::discovery::Judged| {
            if judged.n > 1 {
                format!(
                    "{} ± {}",
                    decimal(judged.mean),
                    decimal(judged.standard_deviation)
                )
            } else {
                decimal(judged.mean)
            }
        };
        format!(
            "{}: coherence {}, evaluability {} (of 5; mean and standard deviation of {})",
            tidy(&j.model, NAME),
            score(&j.coherence),
            score(&j.evaluability),
            count(j.coherence.n, "answer", "answers")
        )
    });
    let rewarded = reading.rewards.iter().map(rewarded);
    let view = ReadingView {
        wording: wording
            .and_then(|w| w.text.as_deref())
            .map(|t| sentence(&tidy(t, SENTENCE)))
            .unwrap_or_default(),
        wording_by: wording.map(wording_by).unwrap_or_default(),
        alternative: speculation
            .map(|s| sentence(&tidy(&s.alternative, SENTENCE)))
            .unwrap_or_default(),
        test: speculation
            .map(|s| sentence(&tidy(&s.test, SENTENCE)))
            .unwrap_or_default(),
        speculation_by: speculation
            .map(|s| tidy(&s.model, NAME))
            .unwrap_or_default(),
        judged: judged.chain(rewarded).collect(),
    };
    (!view.wording.is_empty() || !view.alternative.is_empty() || !view.judged.is_empty())
        .then_some(view)
}

/// Who wrote a sentence, and who preferred it to others.
fn wording_by(wording: &Wording) -> String {
    let by = tidy(&wording.model, NAME);
    match &wording.preferred {
        Some(preferred) => format!(
            "{by}; of {} that passed the check, the one that {} scored highest",
            count(preferred.among, "draft", "drafts"),
            tidy(&preferred.model, NAME)
        ),
        None => by,
    }
}

/// What a reward model makes of a hypothesis.
fn rewarded(one: &Rewarded) -> String {
    format!(
        "{}: reward {} (no unit), place {} of {}",
        tidy(&one.model, NAME),
        decimal(one.reward),
        one.place,
        one.of
    )
}

/// What models did; none in a run without.
pub(super) fn models(model: &ReportModel) -> Option<ModelsView> {
    let readings = model.readings.as_ref()?;
    Some(ModelsView {
        lines: lines(readings),
        objectives: objectives(model, readings),
        expectations: expectations(model, readings),
        judges: judges(&readings.judges),
        decisions: decisions(readings),
    })
}

fn lines(readings: &Readings) -> Vec<String> {
    let mut lines = vec![
        "No grade, q-value, effect or count is a model's. Its sentences stand only where every name, number, direction and word was found in the evidence; what it thinks beyond that is marked as speculation.".to_owned(),
        cost(&readings.cost),
    ];
    lines.extend(readings.forecast.as_ref().map(expected));
    lines.extend(shown(readings));
    let wordings: Vec<&Wording> = readings
        .hypotheses
        .values()
        .filter_map(|h| h.wording.as_ref())
        .chain(readings.objectives.values())
        .collect();
    if !wordings.is_empty() {
        let passed = wordings.iter().filter(|w| w.text.is_some()).count();
        let sent_back: usize = wordings.iter().map(|w| w.rejected.len()).sum();
        lines.push(format!(
            "{passed} of {} passed the check; {} sent back.",
            count(wordings.len(), "sentence", "sentences"),
            count(sent_back, "draft was", "drafts were"),
        ));
    }
    let by_rules = readings
        .decisions
        .iter()
        .filter(|d| d.answered_by == "rules")
        .count();
    if by_rules > 0 {
        lines.push(format!(
            "{} left to the rules, since no model gave a usable answer.",
            count(by_rules, "question was", "questions were")
        ));
    }
    if let Some(reason) = &readings.stopped {
        lines.push(format!("Reading stopped early: {reason}."));
    }
    lines
}

/// What was expected before the first question, to set beside what was used.
fn expected(forecast: &ModelForecast) -> String {
    let (likely, most) = (forecast.likely(), forecast.most());
    let money = if most.money > 0.0 {
        format!("; money {:.4}, at most {:.4}", likely.money, most.money)
    } else {
        String::new()
    };
    let cut_off = if forecast.cut_off.is_empty() {
        String::new()
    } else {
        format!("; {}", forecast.cut_off.join("; "))
    };
    format!(
        "Expected before the first of them: about {}, at most {}; about {} tokens of questions and {} of answers, at most {} and {}{money}{cut_off}.",
        count(likely.calls, "question", "questions"),
        thousands(most.calls),
        thousands(likely.prompt_tokens),
        thousands(likely.reply_tokens),
        thousands(most.prompt_tokens),
        thousands(most.reply_tokens)
    )
}

/// What the questions could hold of single samples, by the privacy mode; nothing in runs of earlier versions.
fn shown(readings: &Readings) -> Option<String> {
    let mode = tidy(&readings.privacy, NAME);
    if mode.is_empty() {
        return None;
    }
    let asked = readings.decisions.len();
    let with_values = readings
        .decisions
        .iter()
        .filter(|d| d.sample_values)
        .count();
    Some(if with_values > 0 {
        format!(
            "Privacy mode {mode}: {} of {} held values and names of single samples.",
            thousands(with_values),
            count(asked, "question", "questions")
        )
    } else {
        format!("Privacy mode {mode}: no question held a value or the name of a single sample.")
    })
}

fn cost(cost: &ModelCost) -> String {
    let money = if cost.money > 0.0 {
        format!(", {:.4} in the currency of the prices given", cost.money)
    } else {
        String::new()
    };
    format!(
        "{}: {} tokens of questions ({} of them reused), {} of answers{money}.",
        count(cost.calls, "question", "questions"),
        thousands(cost.prompt_tokens),
        thousands(cost.reused_tokens),
        thousands(cost.reply_tokens)
    )
}

/// Question and checked sentence.
fn objectives(model: &ReportModel, readings: &Readings) -> Vec<(String, String)> {
    let told = model.objectives.iter().filter_map(|objective| {
        let wording = readings.objectives.get(&objective.id)?;
        let text = wording.text.as_deref()?;
        Some((
            tidy(&objective.text, SENTENCE),
            format!(
                "{} ({})",
                sentence(&tidy(text, SENTENCE)),
                tidy(&wording.model, NAME)
            ),
        ))
    });
    told.collect()
}

fn expectations(model: &ReportModel, readings: &Readings) -> Option<Listing> {
    if readings.expectations.is_empty() {
        return None;
    }
    let mut listing = Listing::new(
        "What was expected before any result",
        &[
            ("question", false),
            ("model", true),
            ("rules", true),
            ("what came of it", false),
        ],
    );
    for expected in &readings.expectations {
        let objective = model.objectives.iter().find(|o| o.id == expected.objective);
        let found = model
            .hypotheses
            .iter()
            .filter(|h| h.objective == expected.objective)
            .filter(|h| h.grade == crate::discovery::Grade::Supported)
            .count();
        let percent = |x: f64| Cell::number(x, format!("{:.0} %", x * 100.0));
        listing.rows.push(vec![
            Cell::prose(objective.map_or(expected.objective.0.as_str(), |o| o.text.as_str())),
            percent(expected.probability),
            percent(expected.rules),
            Cell::text(count(found, "supported hypothesis", "supported hypotheses")),
        ]);
    }
    Some(listing)
}

fn judges(records: &[JudgeRecord]) -> Option<Listing> {
    if records.is_empty() {
        return None;
    }
    let mut headings = vec![("judge", false), ("judges by", false), ("told apart", true)];
    headings.extend(Corruption::ALL.map(|c| (c.words(), true)));
    headings.push(("scores", false));
    let mut listing = Listing::new(
        "Judges, tested on hypotheses with one thing made wrong: pairs told apart, in both orders where two are shown (a guess gets a quarter), by the higher score where one is scored (a guess gets half)",
        &headings,
    );
    for record in records {
        let total = record.total();
        let share = |preferred: usize, shown: usize| {
            let share = preferred as f64 / shown.max(1) as f64;
            Cell::number(share, format!("{preferred} of {shown}"))
        };
        let mut row = vec![
            Cell::text(&record.model),
            Cell::text(match record.kind {
                JudgeKind::Writes => "comparing two",
                JudgeKind::Scores => "scoring one",
            }),
            share(total.preferred, total.shown),
        ];
        row.extend(Corruption::ALL.map(|c| match record.by_corruption.get(&c) {
            Some(one) => share(one.preferred, one.shown),
            None => Cell::text("not shown"),
        }));
        row.push(Cell::text(if record.trusted {
            "shown"
        } else {
            "not shown: it does not tell right from wrong"
        }));
        listing.rows.push(row);
    }
    Some(listing)
}

fn decisions(readings: &Readings) -> Listing {
    let mut listing = Listing::new(
        "Every question put to a model",
        &[
            ("role", false),
            ("for", false),
            ("answered by", false),
            ("sure by", true),
            ("decided", false),
            ("rules would", false),
            ("handed on", false),
            ("exchange", false),
        ],
    );
    for d in readings.decisions.iter().take(DECISIONS) {
        let model = d.model.as_deref().unwrap_or(&d.answered_by);
        listing.rows.push(vec![
            Cell::text(&d.role),
            Cell::text(&d.purpose),
            Cell::text(model),
            d.margin
                .map_or_else(Cell::default, |m| Cell::number(m, decimal(m))),
            Cell::prose(d.decided.as_deref().unwrap_or_default()),
            Cell::prose(d.rules.as_deref().unwrap_or_default()),
            Cell::prose(d.handed_on.join("; ")),
            Cell::text(
                d.exchange
                    .as_deref()
                    .map_or_else(String::new, |key| key.chars().take(12).collect::<String>()),
            ),
        ]);
    }
    listing.note = if readings.decisions.len() > DECISIONS {
        format!(
            "The first {DECISIONS} of {}; all of them are in readings.yaml. Exchanges are in llm/, requests that left the process in llm/egress.jsonl.",
            thousands(readings.decisions.len())
        )
    } else {
        "Whole exchanges are in llm/, by their key; llm/egress.jsonl lists every request that left the process.".to_owned()
    };
    listing
}
