//! Hypothesis cards: the claim, how sure it is, the numbers with their evidence, rivals, the refuter and what to do next.

use serde::Serialize;

use super::evidence::EvidenceIndex;
use super::figure_of_hypothesis;
use super::listing::{Cell, Listing};
use super::papers::PapersView;
use super::reading::{ReadingView, reading};
use super::{FigureShelf, mechanism, papers, stratum_anchor};
use crate::discovery::{Archetype, AxisScore, Hypothesis};
use crate::report::ReportModel;
use crate::report::charts::shown_id;
use crate::report::figures::{RadarAxis, Variation, radar, variations_plot};
use crate::report::proteins::proteins_of;
use crate::report::text::{self, NAME, SENTENCE, decimal, probability, signed, thousands, tidy};

/// Cards shown unfolded, with a figure.
pub(super) const UNFOLDED: usize = 10;

/// Features named on a card at most.
const MOST_PROTEINS: usize = 12;

/// Digits shown of the hash a hypothesis is frozen by.
const SHOWN_OF_HASH: usize = 16;

/// One hypothesis.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct Card {
    pub anchor: String,
    pub rank: usize,
    pub id: String,
    pub frozen: Option<String>,
    pub statement: String,
    pub grade: &'static str,
    pub archetype: &'static str,
    pub unfolded: bool,
    pub numbers: Vec<Number>,
    pub figure: Option<String>,
    pub reasons: Vec<String>,
    pub null: String,
    pub robustness: String,
    pub variations: Option<Listing>,
    /// Every attack and what came of it.
    pub attacks: Option<Listing>,
    pub flags: Vec<String>,
    pub alternatives: Vec<String>,
    pub support: Vec<String>,
    /// What papers say.
    pub papers: Option<PapersView>,
    pub mechanism: Vec<String>,
    pub refuted_by: String,
    pub next: String,
    pub plan: String,
    pub axes: Vec<Axis>,
    /// The drawing of the axes.
    pub radar: String,
    /// The drawing of its known links, in unfolded cards.
    pub links: Option<String>,
    /// The drawing of the variations, in unfolded cards.
    pub specification: Option<String>,
    /// The features it speaks of.
    pub proteins: Vec<ProteinView>,
    /// What models added.
    pub reading: Option<ReadingView>,
    /// How reviewers would word it.
    pub wordings: Vec<WordingView>,
    pub evidence: Vec<Number>,
    pub context: String,
}

/// A number with the place it stands in.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct Number {
    pub label: String,
    pub text: String,
    pub href: String,
}

/// A feature, as its id on the page and what people call it.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct ProteinView {
    pub feature: String,
    pub symbol: String,
}

/// How a reviewer would word a hypothesis.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct WordingView {
    pub text: String,
    pub by: String,
}

/// A score.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct Axis {
    pub name: &'static str,
    pub score: Option<u8>,
    pub dots: String,
    pub because: String,
}

/// Every hypothesis as a card, in rank order.
pub(super) fn cards(
    model: &ReportModel,
    index: &EvidenceIndex,
    figures: &mut FigureShelf,
) -> Vec<Card> {
    let hypotheses = model.hypotheses.iter().enumerate();
    hypotheses
        .map(|(k, h)| card(model, index, figures, h, k < UNFOLDED))
        .collect()
}

pub(super) fn card(
    model: &ReportModel,
    index: &EvidenceIndex,
    figures: &mut FigureShelf,
    h: &Hypothesis,
    unfolded: bool,
) -> Card {
    let leading = h
        .findings
        .first()
        .map(|id| index.href(id))
        .unwrap_or_default();
    let figure = if unfolded {
        figure_of_hypothesis::draw(model, h)
            .map(|svg| figures.add(&format!("hypothesis-{}", h.rank), svg))
    } else {
        None
    };
    Card {
        anchor: format!("h-{}", h.rank),
        rank: h.rank,
        id: tidy(&h.id, NAME),
        frozen: h
            .frozen
            .as_ref()
            .map(|f| f.hash.chars().take(SHOWN_OF_HASH).collect()),
        statement: tidy(&h.statement, SENTENCE),
        grade: h.grade.word(),
        archetype: archetype(h.archetype),
        unfolded,
        numbers: numbers(model, h, &leading),
        figure,
        reading: reading(model, h),
        wordings: model
            .wordings_of(&h.id)
            .map(|wording| WordingView {
                text: text::sentence(&tidy(&wording.text, SENTENCE)),
                by: tidy(&wording.reviewer, NAME),
            })
            .collect(),
        reasons: h.grade_reasons.iter().map(|r| text::sentence(r)).collect(),
        null: text::sentence(&h.error_rate.null),
        robustness: robustness(h),
        variations: variations(h),
        attacks: attacks(h),
        flags: h.flags.iter().map(flag).collect(),
        alternatives: h.alternatives.iter().map(|a| text::sentence(a)).collect(),
        support: h.support.iter().map(support).collect(),
        papers: papers::of_hypothesis(model, h),
        mechanism: mechanism::in_words(h),
        links: unfolded
            .then(|| mechanism::drawn(h))
            .flatten()
            .map(|svg| figures.add(&format!("links-{}", h.rank), svg)),
        refuted_by: h.refuted_by.clone(),
        next: h.next_experiment.text.clone(),
        plan: plan(h),
        axes: vec![
            axis("reliability", &h.scores.reliability),
            axis("coherence", &h.scores.coherence),
            axis("alignment", &h.scores.alignment),
            axis("novelty", &h.scores.novelty),
            axis("evaluability", &h.scores.evaluability),
        ],
        radar: figures.add(&format!("axes-{}", h.rank), radar_of(model, h)),
        specification: unfolded
            .then(|| specification_of(h))
            .flatten()
            .map(|svg| figures.add(&format!("variations-{}", h.rank), svg)),
        proteins: proteins_of(model, h)
            .into_iter()
            .take(MOST_PROTEINS)
            .map(|p| ProteinView {
                feature: shown_id(&p.feature),
                symbol: tidy(&p.symbol, NAME),
            })
            .collect(),
        evidence: h
            .findings
            .iter()
            .filter(|id| !index.href(id).is_empty())
            .map(|id| Number {
                label: String::new(),
                text: model.findings.get(&id.0).map_or_else(String::new, |f| {
                    format!(
                        "{} {} {}",
                        tidy(&f.subject.symbol, NAME),
                        signed(f.effect.value),
                        f.effect.unit
                    )
                }),
                href: index.href(id),
            })
            .collect(),
        context: h.context.clone(),
    }
}

fn numbers(model: &ReportModel, h: &Hypothesis, leading: &str) -> Vec<Number> {
    let number = |label: &str, text: String, href: &str| Number {
        label: label.to_owned(),
        text,
        href: href.to_owned(),
    };
    let error = &h.error_rate;
    let stratum = stratum_anchor(model, &error.stratum);
    vec![
        number("q", text::q_value(error.q.get(), error.floor), &stratum),
        number("effect", effect(h), leading),
        number(
            if h.n.target.is_some() {
                "samples, target v reference"
            } else {
                "samples"
            },
            samples(h),
            leading,
        ),
        number("p", probability(error.p.get()), leading),
        number(
            "chosen from",
            text::count(h.tests_considered, "test", "tests"),
            &stratum,
        ),
    ]
}

/// `+2.31 log2 fold change (99 % CI +1.2 to +3.4)`.
fn effect(h: &Hypothesis) -> String {
    let mut text = format!("{} {}", signed(h.effect.value), h.effect.unit);
    if !interval(h).is_empty() {
        text.push_str(&format!(
            " ({} % CI {})",
            percent(h.effect.level),
            interval(h)
        ));
    }
    text
}

/// A level of confidence in percent, with as many digits as tell it from 100: `95`, `99.9`, `99.998`.
fn percent(level: f64) -> String {
    let beyond = (1.0 - level) * 100.0;
    let digits = if beyond > 0.0 {
        (1.0 - beyond.log10()).ceil().clamp(1.0, 6.0) as usize
    } else {
        0
    };
    let text = format!("{:.digits$}", level * 100.0);
    match text.trim_end_matches('0') {
        short if text.contains('.') => short.trim_end_matches('.').to_owned(),
        _ => text,
    }
}

/// `+1.2 to +3.4`; empty where there is no interval.
pub(super) fn interval(h: &Hypothesis) -> String {
    match (h.effect.low, h.effect.high) {
        (Some(low), Some(high)) => format!("{} to {}", signed(low), signed(high)),
        _ => String::new(),
    }
}

/// `3 v 3`, target first as in the contrast, or the total.
pub(super) fn samples(h: &Hypothesis) -> String {
    match (h.n.target, h.n.reference) {
        (Some(target), Some(reference)) => format!("{target} v {reference}"),
        _ => h.n.total.to_string(),
    }
}

fn robustness(h: &Hypothesis) -> String {
    let r = &h.robustness;
    if r.tried == 0 {
        return "Not varied.".to_owned();
    }
    let mut text = format!(
        "Holds in {} of {} variations of the analysis",
        r.held, r.tried
    );
    if let Some(breaking) = &r.breaking {
        text.push_str(&format!("; first broken by {}", tidy(breaking, NAME)));
    }
    if let Some((kept, done)) = r.leave_one_out {
        text.push_str(&format!(
            "; in {kept} of {done} refits without one sample or donor"
        ));
    }
    text.push('.');
    text
}

fn attacks(h: &Hypothesis) -> Option<Listing> {
    if h.attacks.is_empty() {
        return None;
    }
    let headings = [("attack", false), ("outcome", false), ("lowers", false)];
    let mut listing = Listing::new(format!("Attacks on hypothesis {}", h.rank), &headings);
    for attack in &h.attacks {
        listing.rows.push(vec![
            Cell::text(attack.kind.word()),
            Cell::text(&attack.outcome),
            Cell::text(if attack.lowered { "yes" } else { "no" }),
        ]);
    }
    Some(listing)
}

fn variations(h: &Hypothesis) -> Option<Listing> {
    let rows = &h.robustness.rows;
    if rows.is_empty() {
        return None;
    }
    let headings = [
        ("variation", false),
        ("effect", true),
        ("p", true),
        ("holds", false),
    ];
    let mut listing = Listing::new(format!("Variations of hypothesis {}", h.rank), &headings);
    for row in rows {
        listing.rows.push(vec![
            Cell::text(&row.choice),
            Cell::number(row.effect, signed(row.effect)),
            Cell::number(row.p, probability(row.p)),
            Cell::text(if row.held { "yes" } else { "no" }),
        ]);
    }
    Some(listing)
}

fn flag(flag: &crate::discovery::Flag) -> String {
    if flag.lowers_grade {
        format!(
            "{} This lowers the grade.",
            text::sentence(&tidy(&flag.text, SENTENCE))
        )
    } else {
        text::sentence(&flag.text)
    }
}

fn support(entry: &crate::discovery::SupportReference) -> String {
    let side = if entry.supports { "For" } else { "Against" };
    format!(
        "{side}: {} ({}, {})",
        tidy(&entry.text, SENTENCE),
        tidy(&entry.entry, NAME),
        tidy(&entry.pack, NAME)
    )
}

fn plan(h: &Hypothesis) -> String {
    let next = &h.next_experiment;
    let mut parts = Vec::new();
    if let Some(n) = next.samples_per_arm {
        let power = match next.expected_effect {
            Some(_) => " for 80 % power",
            None => "",
        };
        parts.push(format!("{} samples per arm{power}", thousands(n)));
    }
    if let Some(effect) = next.expected_effect {
        parts.push(format!(
            "expected effect {} {}",
            signed(effect),
            h.effect.unit
        ));
    }
    if let Some(sd) = next.standard_deviation {
        parts.push(format!("standard deviation {}", decimal(sd)));
    }
    parts.join(", ")
}

fn axis(name: &'static str, score: &AxisScore) -> Axis {
    let full = usize::from(score.rule.unwrap_or(0).min(5));
    Axis {
        name,
        score: score.rule,
        dots: match score.rule {
            Some(_) => format!("{}{}", "●".repeat(full), "○".repeat(5 - full)),
            None => "not assessed".to_owned(),
        },
        because: score.because.clone(),
    }
}

/// The five axes as a drawing, scores of judges beside those of the rules.
fn radar_of(model: &ReportModel, h: &Hypothesis) -> String {
    let reading = model
        .readings
        .as_ref()
        .and_then(|r| r.hypotheses.get(&h.id));
    let judgements = reading.map_or(&[][..], |r| &r.judgements);
    let coherence = judgements.iter().map(|j| j.coherence.mean).collect();
    let evaluability = judgements.iter().map(|j| j.evaluability.mean).collect();
    let scores = &h.scores;
    let axes = [
        ("reliability", &scores.reliability, Vec::new()),
        ("coherence", &scores.coherence, coherence),
        ("alignment", &scores.alignment, Vec::new()),
        ("novelty", &scores.novelty, Vec::new()),
        ("evaluability", &scores.evaluability, evaluability),
    ];
    let axes = axes.map(|(name, score, judged)| RadarAxis {
        name,
        rule: score.rule,
        judged,
    });
    radar(&axes, &format!("Scores of hypothesis {}", h.rank))
}

/// The variations as a drawing; none where nothing was varied.
fn specification_of(h: &Hypothesis) -> Option<String> {
    let rows = h.robustness.rows.iter().map(|row| Variation {
        choice: row.choice.clone(),
        effect: row.effect,
        p: row.p,
        held: row.held,
    });
    let rows: Vec<Variation> = rows.collect();
    let title = format!("Effect of hypothesis {} under other analyses", h.rank);
    let drawn = rows.iter().any(|row| row.effect.is_finite());
    drawn.then(|| variations_plot(&rows, h.effect.value, &h.effect.unit, &title))
}

/// What kind of statement it is, in words.
pub(super) fn archetype(archetype: Archetype) -> &'static str {
    match archetype {
        Archetype::DifferentialProtein => "protein between two groups",
        Archetype::ProteinAcrossGroups => "protein across groups",
        Archetype::ProteinAssociation => "protein and a variable",
        Archetype::PathwayShift => "pathway shift",
        Archetype::ComplexShift => "complex shift",
        Archetype::DetectionPanel => "proteins detected in one group only",
        Archetype::DetectionSwitch => "detected in one group only",
        Archetype::TimeCourse => "protein over time",
        Archetype::DoseTrend => "protein and dose",
        Archetype::SiteBeyondProtein => "site beyond its protein",
        Archetype::ProteinBeyondRna => "protein beyond its RNA",
        Archetype::RegulatorActivity => "activity of a pathway",
        Archetype::Chain => "chain of measured edges",
        Archetype::MutationDifference => "mutation between two groups",
        Archetype::MutationEffect => "mutation and its own protein",
        Archetype::CopyNumberEffect => "copy number and its own protein",
        Archetype::SubtypeAssociation => "subtype of the samples",
        Archetype::ComponentAssociation => "principal component",
        Archetype::OverRepresentation => "over-represented set",
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_level_just_below_certainty_is_not_told_as_certainty() {
        assert_eq!(percent(0.95), "95");
        assert_eq!(percent(0.999), "99.9");
        assert_eq!(percent(0.99998), "99.998");
        assert_eq!(percent(0.999_999_7), "99.99997");
        assert_eq!(percent(1.0), "100");
    }
}
