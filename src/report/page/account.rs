//! The account of the run: audit, error rates, objectives, what was not assessed, limits, methods, parameters, versions.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use super::card::archetype;
use super::data::role;
use super::listing::{Cell, Listing};
use super::{FigureShelf, papers, stratum_anchor};
use crate::dataset::Role;
use crate::discovery::{AxisScore, Detectable, ObjectiveStatus, StratumRecord, Verdict};
use crate::report::figures::target_decoy_histogram;
use crate::report::text::{NAME, SENTENCE, count, decimal, sentence, thousands, tidy};
use crate::report::{Citation, ReportModel};
use crate::run::ledger::tests_run;
use crate::run::{LedgerEntry, Purpose};

/// The word of a verdict.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Warn => "WARN",
        Verdict::Fail => "FAIL",
    }
}

/// The question in words: as written, what it was taken for, and what it limits.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct QuestionView {
    pub text: String,
    pub understood: Listing,
    pub left_out: Listing,
    pub limit: String,
}

pub(super) fn question(model: &ReportModel) -> Option<QuestionView> {
    let asked = model.question.as_ref()?;
    let mut understood = Listing::new(
        "What the question was taken for",
        &[("words", false), ("as", false), ("called", false)],
    );
    for one in &asked.understood {
        understood.rows.push(vec![
            Cell::text(&one.words),
            Cell::text(one.meaning.noun()),
            Cell::text(&one.name),
        ]);
    }
    let mut left_out = Listing::new(
        "What of it was left out",
        &[("what", false), ("why", false)],
    );
    for one in &asked.left_out {
        left_out
            .rows
            .push(vec![Cell::text(&one.what), Cell::prose(&one.reason)]);
    }
    Some(QuestionView {
        text: tidy(&asked.text, SENTENCE),
        understood,
        left_out,
        limit: if asked.only.is_empty() {
            String::new()
        } else {
            let shown: Vec<String> = asked.only.iter().take(12).map(|n| tidy(n, NAME)).collect();
            format!(
                "Only these were tested, fixed before any result was computed: {}{}.",
                shown.join(", "),
                if asked.only.len() > 12 { ", …" } else { "" }
            )
        },
    })
}

/// Every check that did not pass silently.
pub(super) fn checks(model: &ReportModel) -> Listing {
    let headings = [
        ("verdict", false),
        ("concerns", false),
        ("what was seen", false),
        ("what to do", false),
    ];
    let mut listing = Listing::new("Checks", &headings);
    for check in &model.audit.checks {
        listing.rows.push(vec![
            Cell::text(word(check.verdict)),
            Cell::text(check.concerns.as_deref().unwrap_or("all data")),
            Cell::prose(&check.reason),
            Cell::prose(&check.fix),
        ]);
    }
    listing
}

/// One stratum of the menu with its histogram.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct StratumView {
    pub anchor: String,
    pub heading: String,
    pub null: String,
    pub decoys: String,
    pub outcome: String,
    pub figure: String,
}

/// How the error rate was measured.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct CalibrationView {
    pub lines: Vec<String>,
    pub promises: Vec<String>,
    pub strata: Vec<StratumView>,
}

pub(super) fn calibration(
    model: &ReportModel,
    figures: &mut FigureShelf,
) -> Option<CalibrationView> {
    let calibration = model.calibration.as_ref()?;
    let mut strata = Vec::new();
    for (k, s) in calibration.strata.iter().enumerate() {
        let heading = stratum_heading(model, s);
        let title = format!("Target and decoy scores. {heading}");
        let svg = target_decoy_histogram(&s.histogram, s.n_decoys, s.cut_off(), &title);
        let mut outcome = format!(
            "{}, {}. Smallest q {}",
            count(s.members, "test", "tests"),
            count(s.n_decoys, "decoy", "decoys"),
            crate::report::text::q_value(s.min_q, s.floor)
        );
        outcome.push_str(match (s.selected, s.stopped_for_futility) {
            (true, _) => "; selected.",
            (false, true) => "; not selected, and further decoys were given up as hopeless.",
            (false, false) => "; not selected.",
        });
        if let Some(power) = &s.detectable {
            outcome.push_str(&could_have_seen(power));
        }
        strata.push(StratumView {
            anchor: stratum_anchor(model, &s.id)
                .trim_start_matches('#')
                .to_owned(),
            heading: tidy(&heading, 3 * NAME),
            null: s.null.clone(),
            decoys: s.decoys.clone(),
            outcome,
            figure: figures.add(&format!("decoys-{}", k + 1), svg),
        });
    }
    let mut lines = vec![
        format!(
            "{} were run on your data, in {} of the menu; {} counted in the correction, {} selected.",
            count(calibration.tests_run, "test", "tests"),
            count(calibration.strata.len(), "stratum", "strata"),
            thousands(calibration.strata_charged),
            thousands(calibration.strata_selected),
        ),
        calibration.audit.summary.clone(),
    ];
    lines.extend(looks(&model.ledger));
    Some(CalibrationView {
        lines,
        promises: calibration.promises.clone(),
        strata,
    })
}

/// The question of a stratum and what kind of claim it holds.
pub(in crate::report) fn stratum_heading(model: &ReportModel, stratum: &StratumRecord) -> String {
    let objective = model.objective(&stratum.objective.0);
    format!(
        "{} · {}",
        objective.map_or(stratum.objective.0.as_str(), |o| o.text.as_str()),
        archetype(stratum.archetype)
    )
}

/// How often the data were looked at, round by round of proposing.
fn looks(ledger: &[LedgerEntry]) -> Vec<String> {
    let rounds: BTreeSet<usize> = ledger.iter().map(|entry| entry.round).collect();
    let mut lines = Vec::new();
    for round in rounds {
        let of_round: Vec<LedgerEntry> = ledger
            .iter()
            .filter(|e| e.round == round)
            .cloned()
            .collect();
        let tests = |purpose| thousands(tests_run(&of_round, purpose));
        let families = of_round.iter().filter(|e| e.purpose == Purpose::Discovery);
        lines.push(format!(
            "Round {} of questions: {} tests in {} to find something, {} on decoys, {} in attacks on drafts.",
            round + 1,
            tests(Purpose::Discovery),
            count(families.count(), "family", "families"),
            tests(Purpose::Decoy),
            tests(Purpose::Attack),
        ));
    }
    lines
}

/// What the tests without a finding could have seen, as sentences to follow another.
fn could_have_seen(power: &Detectable) -> String {
    let in_log2 = power.unit.starts_with("log2");
    let excluded = if in_log2 {
        format!(
            " A twofold change can be excluded for {} of {} that did not pass.",
            thousands(power.twofold_excluded),
            thousands(power.not_passed)
        )
    } else {
        String::new()
    };
    format!(
        " With 80 % power a change of {} ({}) would have been seen, by the median of what did not pass.{excluded}",
        decimal(power.median),
        power.unit
    )
}

/// Every objective with what became of it.
pub(super) fn objectives(model: &ReportModel) -> Listing {
    let headings = [
        ("question", false),
        ("why it was asked", false),
        ("outcome", false),
        ("hypotheses", true),
    ];
    let mut listing = Listing::new("Questions asked", &headings);
    for o in &model.objectives {
        let outcome = match &o.status {
            ObjectiveStatus::Proposed => "Proposed, not pursued.".to_owned(),
            ObjectiveStatus::Answered { summary } => format!("Answered: {summary}"),
            ObjectiveStatus::Retired { reason } => format!("Retired: {reason}"),
        };
        let strata = model.calibration.iter().flat_map(|c| &c.strata);
        let power = strata
            .filter(|s| s.objective == o.id)
            .filter_map(|s| s.detectable.as_ref())
            .map(could_have_seen);
        let outcome = outcome + &power.collect::<String>();
        let hypotheses = model
            .hypotheses
            .iter()
            .filter(|h| h.objective == o.id)
            .count();
        listing.rows.push(vec![
            Cell::prose(&o.text),
            Cell::prose(&o.why),
            Cell::prose(outcome),
            Cell::count(hypotheses),
        ]);
    }
    listing
}

/// What was left out and why, one sentence each.
pub(super) fn not_assessed(model: &ReportModel) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(reason) = &model.stopped {
        lines.push(format!(
            "The run ended early: {reason}. What comes after that point is missing."
        ));
    }
    for (contrast, verdict) in &model.audit.by_contrast {
        if *verdict == Verdict::Fail {
            let contrast = tidy(contrast, NAME);
            lines.push(format!(
                "{contrast}: no graded hypothesis, because a check failed."
            ));
        }
    }
    for o in &model.objectives {
        match &o.status {
            ObjectiveStatus::Retired { reason } => {
                lines.push(format!("{} Retired: {reason}", tidy(&o.text, 2 * NAME)));
            }
            ObjectiveStatus::Proposed => {
                lines.push(format!(
                    "{} Proposed, not pursued.",
                    tidy(&o.text, 2 * NAME)
                ));
            }
            ObjectiveStatus::Answered { .. } => {}
        }
    }
    if !model.packs {
        lines.push("Pathways, complexes, networks and what is known of genes: no knowledge pack was read (`packs: false`).".to_owned());
    }
    if let Some(asked) = &model.question {
        for left_out in &asked.left_out {
            lines.push(format!(
                "Of the question, “{}”: {}.",
                tidy(&left_out.what, NAME),
                left_out.reason
            ));
        }
        if asked.objectives_left_out > 0 {
            lines.push(format!(
                "{} that the dataset offers: not what the question asks.",
                count(asked.objectives_left_out, "objective", "objectives")
            ));
        }
    }
    lines.extend(papers_left_out(model));
    lines.extend(axes_left_out(model));
    lines.extend(variables_left_out(model));
    lines.push(
        "Scores are the part given by rules; no model read or judged anything in them.".to_owned(),
    );
    lines.iter().map(|line| sentence(line)).collect()
}

/// Papers that were not looked up, by reason, and who gave out.
fn papers_left_out(model: &ReportModel) -> Vec<String> {
    let Some(papers) = &model.papers else {
        return Vec::new();
    };
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in papers.not_looked_up.values() {
        *reasons.entry(reason).or_default() += 1;
    }
    let left_out = reasons.into_iter().map(|(reason, n)| {
        format!(
            "Papers on {}: {}",
            count(n, "hypothesis", "hypotheses"),
            tidy(reason, SENTENCE)
        )
    });
    let ended = papers.sources.iter().filter_map(|source| {
        let reason = source.ended.as_ref()?;
        Some(format!(
            "Papers of {} from some point on: {}",
            source.title(),
            tidy(reason, SENTENCE)
        ))
    });
    left_out.chain(ended).collect()
}

/// Variables that were not asked about, those with one reason together.
fn variables_left_out(model: &ReportModel) -> Vec<String> {
    const SHOWN: usize = 12;
    let mut reasons: IndexMap<(&str, &str), Vec<&str>> = IndexMap::new();
    for v in &model.dataset.profile.variables {
        if matches!(v.role, Role::Ignored | Role::Derived) {
            let key = (role(v.role), v.reason.as_str());
            reasons.entry(key).or_default().push(&v.name);
        }
    }
    let reasons = reasons.into_iter();
    reasons
        .map(|((role, reason), names)| {
            let mut shown: Vec<String> = names.iter().take(SHOWN).map(|n| tidy(n, NAME)).collect();
            if names.len() > SHOWN {
                shown.push(format!("… {} in all", names.len()));
            }
            format!("{} ({role}): {}", shown.join(", "), tidy(reason, 2 * NAME))
        })
        .collect()
}

fn axes_left_out(model: &ReportModel) -> Vec<String> {
    let mut reasons: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for h in &model.hypotheses {
        let s = &h.scores;
        let axes: [(&str, &AxisScore); 5] = [
            ("Reliability", &s.reliability),
            ("Coherence", &s.coherence),
            ("Alignment", &s.alignment),
            ("Novelty", &s.novelty),
            ("Evaluability", &s.evaluability),
        ];
        for (name, axis) in axes {
            if axis.rule.is_none() {
                *reasons.entry((name, axis.because.as_str())).or_default() += 1;
            }
        }
    }
    let reasons = reasons.into_iter();
    reasons
        .map(|((axis, because), n)| {
            format!(
                "{axis} of {}: {because}",
                count(n, "hypothesis", "hypotheses")
            )
        })
        .collect()
}

/// What no number of this report can promise.
pub(super) fn limits(model: &ReportModel) -> Vec<String> {
    let mut lines = vec![
        "Associations are measured, mechanisms are not: a link between two measurements says nothing about which causes which.".to_owned(),
        "Only the covariates named with a hypothesis are adjusted for; anything else that differs between the groups can explain it.".to_owned(),
        "Relabelled decoys assume that samples could be exchanged within the strata named; rotated decoys assume normal residuals of equal variance.".to_owned(),
    ];
    let derived: Vec<String> = model
        .dataset
        .profile
        .variables
        .iter()
        .filter(|v| v.derived_from.is_some())
        .map(|v| tidy(&v.name, NAME))
        .collect();
    if derived.is_empty() {
        lines.push("A variable computed from this same proteome would be circular; none was marked as such.".to_owned());
    } else {
        lines.push(format!(
            "Computed from this same proteome, so that testing against it would be circular: {}.",
            derived.join(", ")
        ));
    }
    lines.push(if model.packs {
        "Knowledge packs are as old as their version; what they lack is not thereby new.".to_owned()
    } else {
        "No knowledge pack was read: nothing here was compared with what is known, and genes are called what the table calls them.".to_owned()
    });
    if model.names_hidden() {
        lines.push("Names are hidden: what is told by the levels, samples and variables, which are not, can still give a study away.".to_owned());
    }
    lines.push("Not seeing a protein is not proof that it is absent, and a missing result is not evidence of no effect.".to_owned());
    lines.push("Effects of the selected are on average too large; the next experiment uses a shrunken one.".to_owned());
    let part = if papers::were_ordered(model) {
        "No language model took part but an encoder of sentences, which put papers in order"
    } else {
        "No language model took part"
    };
    lines.push(match (&model.readings, papers::were_sent(model)) {
        (None, false) => format!("{part} and nothing left the machine."),
        (None, true) => format!(
            "{part}. Names of proteins and words of the study left the machine, to look papers up."
        ),
        (Some(_), sent) => format!(
            "Language models took part in what says so and in nothing else; what of it left the machine is in llm/egress.jsonl{}.",
            if sent { ", and questions about papers in literature/egress.jsonl" } else { "" }
        ),
    });
    lines
}

/// A tool that ran, and where its method is described.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct MethodView {
    pub tool: String,
    pub version: u32,
    pub summary: String,
    pub references: Vec<ReferenceView>,
}

/// A publication, with a link where the DOI is well formed.
#[derive(Debug, Clone, Serialize)]
pub(in crate::report) struct ReferenceView {
    pub cite: String,
    pub doi: String,
    pub link: String,
}

pub(super) fn methods(model: &ReportModel) -> Vec<MethodView> {
    let mut versions: BTreeMap<&str, u32> = BTreeMap::new();
    for step in model.steps.values() {
        versions.insert(&step.tool, step.version);
    }
    let ran = versions.into_iter();
    ran.map(|(tool, version)| {
        let note = model.methods.iter().find(|n| n.tool == tool);
        MethodView {
            tool: tool.to_owned(),
            version,
            summary: note.map(|n| n.summary.clone()).unwrap_or_default(),
            references: note
                .map(|n| n.references.iter().map(reference).collect())
                .unwrap_or_default(),
        }
    })
    .collect()
}

fn reference(citation: &Citation) -> ReferenceView {
    let plain = |c: char| c.is_ascii_alphanumeric() || "./-_()<>:;".contains(c);
    let usable = citation.doi.starts_with("10.") && citation.doi.chars().all(plain);
    let escaped = citation.doi.replace('<', "%3C").replace('>', "%3E");
    ReferenceView {
        cite: citation.cite.clone(),
        doi: citation.doi.clone(),
        link: if usable {
            format!("https://doi.org/{escaped}")
        } else {
            String::new()
        },
    }
}

/// Every step with its parameters.
pub(super) fn parameters(model: &ReportModel) -> Listing {
    let headings = [
        ("step", false),
        ("tool", false),
        ("parameters", false),
        ("what it noted", false),
    ];
    let mut listing = Listing::new("Steps", &headings);
    for (id, step) in &model.steps {
        let facts: Vec<String> = step
            .facts
            .iter()
            .map(|(k, v)| format!("{k} = {}", plain(v)))
            .collect();
        listing.rows.push(vec![
            Cell::text(id),
            Cell::text(format!("{} v{}", step.tool, step.version)),
            Cell::prose(tidy(&pairs(&step.params).join(", "), 4 * NAME)),
            Cell::prose(tidy(&facts.join(", "), 4 * NAME)),
        ]);
    }
    listing
}

/// Versions, seed and configuration, without anything that names a machine or a place on it.
pub(super) fn versions(model: &ReportModel) -> Listing {
    let record = model.run().record();
    let mut listing = Listing::new(
        "Versions and settings",
        &[("what", false), ("value", false)],
    );
    let mut add = |what: &str, value: &str| {
        listing
            .rows
            .push(vec![Cell::text(what), Cell::prose(tidy(value, 2 * NAME))]);
    };
    add("proteus", &record.proteus);
    for (name, version) in &record.versions {
        add(name, version);
    }
    add("seed", &record.seed.to_string());
    add("input, BLAKE3", &record.content_hash);
    // Of the settings alone: where the input lay is no setting, and equal runs are equal bytes wherever they are made.
    let mut settings = record
        .config
        .get("config")
        .unwrap_or(&record.config)
        .clone();
    if let Some(Value::Object(literature)) = settings.get_mut("literature") {
        literature.shift_remove("store");
        literature.shift_remove("embedder");
    }
    add("settings, BLAKE3", &crate::run::hash::of_json(&settings));
    for (key, value) in record.config.as_object().into_iter().flatten() {
        let mut value = value.clone();
        if let Some(settings) = value.as_object_mut() {
            // The question has a section of its own, which hides the names that a blind run hides.
            settings.shift_remove("question");
            // So have models; what they are and where they lie is said in `run.yaml` alone.
            settings.shift_remove("models");
            // And papers.
            settings.shift_remove("literature");
        }
        let text = plain(&value);
        if !names_a_place(key, &text) {
            add(key, &text);
        }
    }
    listing
}

fn names_a_place(key: &str, value: &str) -> bool {
    let place = [
        "out", "path", "input", "content", "dir", "folder", "parent", "samples",
    ];
    place.contains(&key) || value.contains("/") || value.contains('\\')
}

fn pairs(params: &Value) -> Vec<String> {
    let fields = params.as_object().into_iter().flatten();
    fields
        .filter(|(_, v)| !v.is_null())
        .map(|(k, v)| format!("{k} = {}", plain(v)))
        .collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
