//! The evidence of a hypothesis as a model is shown it, and as its words are held against it.

use serde::Serialize;

use super::ground::{Effect, Ground, Named};
use super::lexer::Token;
use crate::agent::wording::{Comparison, signed};
use crate::discovery::{Archetype, Direction, EntityKind, Hypothesis, Objective};
use crate::prompt::inert;

/// Longest name and longest sentence in a prompt, in characters.
const NAME: usize = 80;
const SENTENCE: usize = 500;
/// Claims, cautions and rivals shown of one hypothesis at most.
const CLAIMS: usize = 8;
const REMARKS: usize = 4;

/// One measured claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// What it is about.
    pub subject: String,
    /// What kind of thing that is.
    pub kind: &'static str,
    /// "higher", "lower" or "undirected".
    pub direction: &'static str,
    /// Signed, two decimals.
    pub effect: String,
    /// Its unit.
    pub unit: String,
}

/// A hypothesis as a model is shown it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HypothesisFacts {
    /// The rules' sentence.
    pub statement: String,
    /// The question it answers.
    pub question: String,
    /// The group that directions point to; empty where there are no two groups.
    pub target: String,
    /// The group it is compared with.
    pub reference: String,
    /// What is claimed.
    pub facts: Vec<Fact>,
    /// Claims that are not shown.
    pub more: usize,
    /// Sets that its subjects share or are.
    pub sets: Vec<String>,
    /// How sure.
    pub grade: &'static str,
    /// q over the whole menu, two digits.
    pub q: String,
    /// Samples, such as `3 in Ubi4, 3 in Ctrl`.
    pub samples: String,
    /// How many variations of the analysis it held in; empty where none was tried.
    pub held: String,
    /// Cautions about the measurement.
    pub cautions: Vec<String>,
    /// Rival explanations known to the rules.
    pub rivals: Vec<String>,
    /// What would refute it.
    pub refuted_by: String,
    /// The experiment proposed.
    pub next: String,
}

/// The words of a direction.
pub fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Higher => "higher",
        Direction::Lower => "lower",
        Direction::Undirected => "undirected",
    }
}

fn arms(comparison: &Comparison) -> (String, String) {
    match comparison {
        Comparison::Arms {
            target, reference, ..
        } => (inert(target, NAME), inert(reference, NAME)),
        _ => (String::new(), String::new()),
    }
}

/// What a model is shown of a hypothesis.
pub fn facts(
    hypothesis: &Hypothesis,
    objective: &Objective,
    comparison: &Comparison,
) -> HypothesisFacts {
    let (target, reference) = arms(comparison);
    let claims = hypothesis.claims.iter().take(CLAIMS).map(|c| Fact {
        subject: inert(&c.subject.symbol, NAME),
        kind: c.subject.kind.noun(),
        direction: direction_word(c.direction),
        effect: signed(c.value),
        unit: inert(&c.unit, NAME),
    });
    let sentences = |all: &[String]| -> Vec<String> {
        all.iter()
            .take(REMARKS)
            .map(|t| inert(t, SENTENCE))
            .collect()
    };
    let cautions: Vec<String> = hypothesis.flags.iter().map(|f| f.text.clone()).collect();
    let n = &hypothesis.n;
    let samples = match (n.target, n.reference) {
        (Some(of_target), Some(of_reference)) if !target.is_empty() => {
            format!("{of_target} in {target}, {of_reference} in {reference}")
        }
        _ => format!("{} samples", n.total),
    };
    let robustness = &hypothesis.robustness;
    let held = if robustness.tried == 0 {
        String::new()
    } else {
        format!("{} of {}", robustness.held, robustness.tried)
    };
    HypothesisFacts {
        statement: inert(&hypothesis.statement, SENTENCE),
        question: inert(&objective.text, SENTENCE),
        target,
        reference,
        facts: claims.collect(),
        more: hypothesis.claims.len().saturating_sub(CLAIMS),
        sets: sets(hypothesis),
        grade: hypothesis.grade.word(),
        q: q_text(hypothesis),
        samples,
        held,
        cautions: sentences(&cautions),
        rivals: sentences(&hypothesis.alternatives),
        refuted_by: inert(&hypothesis.refuted_by, SENTENCE),
        next: inert(&hypothesis.next_experiment.text, SENTENCE),
    }
}

/// Two significant digits, "below" the floor where q is as small as the decoys can show.
fn q_text(hypothesis: &Hypothesis) -> String {
    let rate = &hypothesis.error_rate;
    let q = rate.q.get();
    let digits = |x: f64| {
        if x >= 0.01 {
            format!("{x:.2}")
        } else {
            format!("{x:.1e}")
        }
    };
    if q <= rate.floor {
        format!("below {}", digits(rate.floor))
    } else {
        digits(q)
    }
}

fn sets(hypothesis: &Hypothesis) -> Vec<String> {
    let is_set = |kind: EntityKind| matches!(kind, EntityKind::Pathway | EntityKind::Complex);
    let named = hypothesis.entities.iter().filter(|e| is_set(e.kind));
    named.map(|e| inert(&e.symbol, NAME)).collect()
}

/// Everything a sentence about `hypothesis` may say.
pub fn ground(hypothesis: &Hypothesis, objective: &Objective, comparison: &Comparison) -> Ground {
    let shown = facts(hypothesis, objective, comparison);
    let mut ground = Ground::default();
    let lead = hypothesis.findings.first();
    for claim in &hypothesis.claims {
        let interval = (Some(&claim.finding) == lead)
            .then_some(hypothesis.effect.low.zip(hypothesis.effect.high))
            .flatten();
        let effect = Effect {
            direction: claim.direction,
            value: claim.value,
            interval,
        };
        ground.name(&inert(&claim.subject.symbol, NAME), Named::Subject(effect));
        // Accessions are names too; the effect is the same.
        ground.name(&inert(&claim.subject.id, NAME), Named::Subject(effect));
    }
    ground.name(&shown.target, Named::Target);
    ground.name(&shown.reference, Named::Reference);
    for entity in &hypothesis.entities {
        ground.name(&inert(&entity.symbol, NAME), Named::Other);
    }
    if let Comparison::Arms { variable, .. }
    | Comparison::Levels { variable }
    | Comparison::Slope { variable }
    | Comparison::Time { variable }
    | Comparison::Dose { variable } = comparison
    {
        ground.name(&inert(variable, NAME), Named::Other);
    }
    let texts = [&shown.statement, &shown.question, &shown.samples]
        .into_iter()
        .chain(shown.facts.iter().map(|f| &f.unit));
    for text in texts {
        ground.words_of(text);
    }
    ground.about_detection = matches!(
        hypothesis.archetype,
        Archetype::DetectionSwitch | Archetype::DetectionPanel
    );
    let rate = &hypothesis.error_rate;
    let n = &hypothesis.n;
    let counts = [n.target, n.reference, Some(n.total)]
        .into_iter()
        .flatten()
        .chain([
            hypothesis.robustness.held,
            hypothesis.robustness.tried,
            hypothesis.claims.len(),
            hypothesis.tests_considered,
        ]);
    for count in counts {
        ground.number(count as f64);
    }
    // "and 2 more", as the statement counts those that it does not name.
    for pair in ground.tokens(&shown.statement).windows(2) {
        if let [Token::Number(written), Token::Word(word)] = pair
            && word == "more"
        {
            ground.number(written.value);
        }
    }
    let effects = || hypothesis.claims.iter().map(|c| c.value);
    ground.range(
        effects().fold(f64::INFINITY, f64::min),
        effects().fold(f64::NEG_INFINITY, f64::max),
    );
    // q as shown: that is what a reader can look up.
    ground.number(rate.q.get().max(rate.floor));
    ground
}
