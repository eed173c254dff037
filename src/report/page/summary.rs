//! The first screen: what was asked, what was found, how sure that is, what to do next.

use serde::Serialize;

use super::account::word;
use super::card::{interval, samples};
use super::listing::{Cell, Listing};
use super::{EvidenceIndex, stratum_anchor};
use crate::discovery::{Grade, Verdict};
use crate::report::ReportModel;
use crate::report::text::{self, SENTENCE, count, thousands, tidy};

/// Hypotheses named in the summary.
const NAMED: usize = 3;

/// The first screen.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct Summary {
    pub title: String,
    pub facts: Vec<String>,
    pub asked: Vec<String>,
    pub found: Vec<String>,
    pub top: Vec<Headline>,
    pub sure: Vec<String>,
    pub next: Vec<String>,
    pub grades: Vec<GradeCount>,
    pub verdict: &'static str,
}

/// A hypothesis in one line.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct Headline {
    pub statement: String,
    pub href: String,
    pub grade: &'static str,
}

/// How many hypotheses have a grade.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct GradeCount {
    pub grade: &'static str,
    pub count: usize,
    pub meaning: &'static str,
}

const GRADES: [(Grade, &str); 4] = [
    (
        Grade::Supported,
        "q ≤ 0.05, enough samples, no failed check",
    ),
    (
        Grade::Suggestive,
        "q ≤ 0.25, or held back one step by a check",
    ),
    (
        Grade::Exploratory,
        "a lead without error control, not a finding",
    ),
    (Grade::Contradicted, "the data speak against it"),
];

/// Sums up the run.
pub(super) fn summary(model: &ReportModel) -> Summary {
    let profile = &model.dataset.profile;
    let source = &model.dataset.source;
    let top = model.hypotheses.iter().take(NAMED);
    Summary {
        title: tidy(source.title.as_ref().unwrap_or(&profile.name), 160),
        facts: facts(model),
        asked: asked(model),
        found: vec![found(model)],
        top: top
            .map(|h| Headline {
                statement: tidy(&h.statement, SENTENCE),
                href: format!("#h-{}", h.rank),
                grade: h.grade.word(),
            })
            .collect(),
        sure: sure(model),
        next: next(model),
        grades: GRADES
            .iter()
            .map(|(grade, meaning)| GradeCount {
                grade: grade.word(),
                count: model
                    .hypotheses
                    .iter()
                    .filter(|h| h.grade == *grade)
                    .count(),
                meaning,
            })
            .collect(),
        verdict: word(model.audit.verdict),
    }
}

fn facts(model: &ReportModel) -> Vec<String> {
    let profile = &model.dataset.profile;
    let mut facts: Vec<String> = profile
        .assays
        .iter()
        .map(|a| {
            let level = format!("{:?}", a.level);
            let what = match level.as_str() {
                "ProteinGroup" => "protein groups".to_owned(),
                other => format!("{}s", other.to_lowercase()),
            };
            format!(
                "{} {what} × {} samples",
                thousands(a.features),
                thousands(a.samples)
            )
        })
        .collect();
    facts.extend(profile.organism.clone());
    facts.push(count(profile.contrasts.len(), "comparison", "comparisons"));
    facts.push(format!("audit {}", word(worst(model))));
    if model.names_hidden() {
        facts.push("names hidden".to_owned());
    }
    if !model.packs {
        facts.push("no knowledge packs".to_owned());
    }
    facts
}

/// The worst verdict on anything.
fn worst(model: &ReportModel) -> Verdict {
    let verdicts = model.audit.by_contrast.values().copied();
    verdicts.fold(model.audit.verdict, Verdict::max)
}

fn asked(model: &ReportModel) -> Vec<String> {
    const SHOWN: usize = 4;
    let mut lines: Vec<String> = Vec::new();
    if let Some(asked) = &model.question {
        lines.push(format!(
            "“{}”, which was taken for:",
            tidy(&asked.text, 220)
        ));
    }
    let objectives = model.objectives.iter().take(SHOWN);
    lines.extend(objectives.map(|o| tidy(&o.text, 220)));
    if model.objectives.len() > SHOWN {
        let more = model.objectives.len() - SHOWN;
        lines.push(format!(
            "… and {}.",
            count(more, "further question", "further questions")
        ));
    }
    if lines.is_empty() {
        lines.push("No question could be asked of these samples: see the audit.".to_owned());
    }
    lines
}

fn found(model: &ReportModel) -> String {
    let total = model.hypotheses.len();
    if total == 0 {
        return match &model.calibration {
            Some(c) => format!(
                "No hypothesis: none of {} stood out from the decoys. That is a result.",
                count(c.tests_run, "test", "tests")
            ),
            None => "No hypothesis: nothing could be tested. The audit says why.".to_owned(),
        };
    }
    let counts: Vec<String> = GRADES
        .iter()
        .filter_map(|(grade, _)| {
            let n = model
                .hypotheses
                .iter()
                .filter(|h| h.grade == *grade)
                .count();
            (n > 0).then(|| format!("{n} {}", grade.word()))
        })
        .collect();
    format!(
        "{}: {}.",
        count(total, "hypothesis", "hypotheses"),
        counts.join(", ")
    )
}

fn sure(model: &ReportModel) -> Vec<String> {
    let mut lines = Vec::new();
    let supported = model.hypotheses.iter().any(|h| h.grade == Grade::Supported);
    if supported {
        lines.push(
            "On average at most 5 % of the associations graded supported are false, if the null named with each holds."
                .to_owned(),
        );
    } else if !model.hypotheses.is_empty() {
        lines.push("Nothing reached the 5 % error rate; read every entry as a lead.".to_owned());
    }
    if let Some(calibration) = &model.calibration {
        lines.push(tidy(&calibration.audit.summary, SENTENCE));
    }
    let loud = |v: Verdict| model.audit.checks.iter().filter(|c| c.verdict == v).count();
    let (warned, failed) = (loud(Verdict::Warn), loud(Verdict::Fail));
    lines.push(match (warned, failed) {
        (0, 0) => "All checks of the data passed.".to_owned(),
        (w, 0) => format!(
            "{} about the data to keep in mind (see Audit).",
            count(w, "warning", "warnings")
        ),
        (w, f) => format!(
            "{} and {} (see Audit); what they touch is not graded above exploratory.",
            count(f, "failed check", "failed checks"),
            count(w, "warning", "warnings")
        ),
    });
    if let Some(reason) = &model.stopped {
        lines.push(format!("The run ended early: {reason}"));
    }
    lines
}

fn next(model: &ReportModel) -> Vec<String> {
    let failed = model
        .audit
        .checks
        .iter()
        .filter(|c| c.verdict == Verdict::Fail);
    let mut lines: Vec<String> = failed
        .filter(|c| !c.fix.is_empty())
        .take(1)
        .map(|c| advice(&c.fix))
        .collect();
    if let Some(best) = model.hypotheses.first() {
        lines.push(tidy(&best.next_experiment.text, SENTENCE));
        lines.push(format!(
            "It would be refuted by: {}",
            tidy(&best.refuted_by, SENTENCE)
        ));
    }
    if lines.is_empty() {
        let warned = model.audit.checks.iter().filter(|c| !c.fix.is_empty());
        lines.extend(warned.take(2).map(|c| advice(&c.fix)));
    }
    if lines.is_empty() {
        lines.push("More samples per group, or a question closer to the design.".to_owned());
    }
    lines
}

/// The fix of a check, which stands behind a colon elsewhere, as a sentence.
fn advice(fix: &str) -> String {
    let fix = tidy(fix, SENTENCE);
    let mut letters = fix.chars();
    let first = letters.next().map(char::to_uppercase);
    let capital: String = first.into_iter().flatten().collect();
    text::sentence(&format!("{capital}{}", letters.as_str()))
}

/// All hypotheses as a table in rank order.
pub(super) fn overview(model: &ReportModel, index: &EvidenceIndex) -> Listing {
    let headings = [
        ("rank", true),
        ("hypothesis", false),
        ("grade", false),
        ("q", true),
        ("effect", true),
        ("CI", true),
        ("unit", false),
        ("samples", true),
        ("holds", true),
    ];
    let mut listing = Listing::new("Hypotheses in rank order", &headings);
    for h in &model.hypotheses {
        let leading = h
            .findings
            .first()
            .map(|id| index.href(id))
            .unwrap_or_default();
        let q = h.error_rate.q.get();
        let r = &h.robustness;
        listing.rows.push(vec![
            Cell::count(h.rank).to(format!("#h-{}", h.rank)),
            Cell::prose(tidy(&h.statement, SENTENCE)),
            Cell::text(h.grade.word()).class(h.grade.word()),
            Cell::number(q, text::q_value(q, h.error_rate.floor))
                .to(stratum_anchor(model, &h.error_rate.stratum)),
            Cell::number(h.effect.value, text::signed(h.effect.value)).to(leading.clone()),
            Cell::text(interval(h)).to(leading.clone()),
            Cell::text(&h.effect.unit),
            Cell::number(h.n.total as f64, samples(h)).to(leading),
            Cell::number(
                r.held as f64 / r.tried.max(1) as f64,
                if r.tried == 0 {
                    "–".to_owned()
                } else {
                    format!("{} of {}", r.held, r.tried)
                },
            )
            .to(format!("#h-{}", h.rank)),
        ]);
    }
    listing
}
