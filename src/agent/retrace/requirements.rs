//! Why a hypothesis has its grade: every requirement, met or not, with its numbers.

use proteus_stats::error_rate::{SUGGESTIVE_LEVEL, SUPPORTED_LEVEL};
use serde::Serialize;

use super::records::{RetraceError, Retraced};
use crate::agent::fates::{DraftFate, Fate, StratumFate};
use crate::agent::grade::{ANY_DF, DETECTION_ARM, HOLDS, SUPPORTED_DF};
use crate::agent::score::small;
use crate::agent::steering::FollowUp;
use crate::discovery::{Archetype, AttackKind, Grade, Hypothesis, Verdict};

/// Something a grade depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// What is asked for.
    pub what: String,
    /// Whether it is met; absent where it does not apply or was not assessed.
    pub met: Option<bool>,
    /// What was found, with numbers.
    pub found: String,
    /// What is needed.
    pub needed: String,
    /// What it costs where it is not met.
    pub cost: String,
}

/// A hypothesis with the requirements behind its grade.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// Its id.
    pub id: String,
    /// Its rank.
    pub rank: usize,
    /// Its sentence.
    pub statement: String,
    /// Its grade.
    pub grade: Grade,
    /// The requirements, in the order they are applied.
    pub requirements: Vec<Requirement>,
    /// The reasons as the run wrote them down.
    pub reasons: Vec<String>,
    /// Hypotheses it absorbed.
    pub absorbed: Vec<String>,
}

/// Why the hypothesis of this rank or id has its grade.
///
/// # Errors
/// There is no such hypothesis.
pub fn why(run: &Retraced, wanted: &str) -> Result<Why, RetraceError> {
    let h = run.hypothesis(wanted)?;
    let stratum = run.strata.iter().find(|s| s.id == h.error_rate.stratum);
    let draft = run
        .drafts
        .iter()
        .find(|d| matches!(&d.fate, Fate::Told { id } if *id == h.id));
    let mut requirements = vec![menu(stratum), q(h), resolution(h)];
    requirements.extend(FollowUp::of(run.run()).map(|f| asked_late(&f)));
    requirements.extend(degrees(stratum));
    requirements.extend(detection(h, stratum));
    requirements.push(checks(run, h));
    requirements.push(procedure(run));
    requirements.push(variations(h));
    requirements.push(adjustments(h, draft));
    requirements.push(attacked(
        h,
        AttackKind::Contamination,
        "is not explained by contamination",
        "no contamination panel goes along with what is tested",
        "an effect of its own beside the panel's score",
    ));
    if h.archetype == Archetype::RegulatorActivity {
        requirements.push(attacked(
            h,
            AttackKind::RandomLists,
            "moves further than random lists of genes",
            "it is not known how alike the samples are",
            "a footprint that stands out from the other genes",
        ));
    }
    requirements.push(attacked(
        h,
        AttackKind::Circularity,
        "is about a variable that was not computed from these proteins",
        "nothing speaks for it",
        "a variable measured or set by other means",
    ));
    requirements.push(single_samples(h));
    requirements.push(cautions(h));
    Ok(Why {
        id: h.id.clone(),
        rank: h.rank,
        statement: h.statement.clone(),
        grade: h.grade,
        requirements,
        reasons: h.grade_reasons.clone(),
        absorbed: h.absorbed.clone(),
    })
}

fn requirement(
    what: &str,
    met: Option<bool>,
    found: String,
    needed: impl Into<String>,
    cost: &str,
) -> Requirement {
    Requirement {
        what: what.to_owned(),
        met,
        found,
        needed: needed.into(),
        cost: cost.to_owned(),
    }
}

fn asked_late(follow_up: &FollowUp) -> Requirement {
    requirement(
        "asked before any result of these data was read",
        Some(false),
        follow_up.reason(),
        "the same claim in other data, for example with `proteus replicate`",
        "exploratory",
    )
}

const STEP: &str = "one grade";

fn menu(stratum: Option<&StratumFate>) -> Requirement {
    let off = stratum.and_then(|s| s.off_menu.clone());
    requirement(
        "on the menu before any result was seen",
        Some(off.is_none()),
        off.unwrap_or_else(|| {
            stratum.map_or_else(
                || "its stratum is not recorded".to_owned(),
                |s| format!("one of {} claims of `{}`", s.members, s.id),
            )
        }),
        "a stratum with a valid decoy",
        "exploratory",
    )
}

fn q(h: &Hypothesis) -> Requirement {
    let q = h.error_rate.q.get();
    requirement(
        "q over the whole menu",
        Some(q <= SUPPORTED_LEVEL),
        format!(
            "{} (p {}, q within its stratum {})",
            small(q),
            small(h.error_rate.p.get()),
            small(h.error_rate.q_stratum.get())
        ),
        format!("{SUPPORTED_LEVEL} for supported, {SUGGESTIVE_LEVEL} for suggestive"),
        "suggestive, or exploratory",
    )
}

fn resolution(h: &Hypothesis) -> Requirement {
    let rate = &h.error_rate;
    requirement(
        "decoys enough to show such a q",
        Some(rate.floor <= SUPPORTED_LEVEL),
        format!(
            "{} decoys, which show no q below {}",
            rate.n_decoys,
            small(rate.floor)
        ),
        format!("a floor of at most {SUPPORTED_LEVEL}"),
        "q cannot be smaller",
    )
}

fn degrees(stratum: Option<&StratumFate>) -> Option<Requirement> {
    let df = stratum?.residual_df?;
    Some(requirement(
        "residual degrees of freedom",
        Some(df >= SUPPORTED_DF),
        df.to_string(),
        format!("{SUPPORTED_DF} for supported, {ANY_DF} for any inference"),
        "at most suggestive",
    ))
}

fn detection(h: &Hypothesis, stratum: Option<&StratumFate>) -> Option<Requirement> {
    let (reference, target) = stratum?.arm_sizes?;
    (h.archetype == Archetype::DetectionSwitch).then(|| {
        requirement(
            "samples per group for a claim about detection",
            Some(reference.min(target) >= DETECTION_ARM),
            format!("{target} v {reference}"),
            DETECTION_ARM.to_string(),
            "at most suggestive",
        )
    })
}

fn checks(run: &Retraced, h: &Hypothesis) -> Requirement {
    let concern = h.contrast.as_deref().unwrap_or_else(|| {
        h.objective
            .0
            .rsplit_once(':')
            .map_or(h.objective.0.as_str(), |(variable, _)| variable)
    });
    let failed: Vec<String> = run
        .audit
        .checks
        .iter()
        .filter(|c| {
            c.verdict == Verdict::Fail && c.concerns.as_deref().is_none_or(|about| about == concern)
        })
        .map(|c| c.reason.clone())
        .collect();
    requirement(
        "no failed check on this comparison",
        Some(failed.is_empty()),
        if failed.is_empty() {
            "none failed".to_owned()
        } else {
            failed.join("; ")
        },
        "none",
        "exploratory",
    )
}

fn procedure(run: &Retraced) -> Requirement {
    let audit = run.calibration.as_ref().map(|c| &c.audit);
    requirement(
        "the procedure finds little in its own decoys",
        audit.map(|a| !a.grades_lowered),
        audit.map_or_else(|| "not audited".to_owned(), |a| a.summary.clone()),
        "fewer than 4 of 20 decoy runs with a supported claim",
        STEP,
    )
}

fn variations(h: &Hypothesis) -> Requirement {
    let r = &h.robustness;
    let mut found = format!("held in {} of {}", r.held, r.tried);
    if let Some(breaking) = &r.breaking {
        found.push_str(&format!("; the first that breaks it is {breaking}"));
    }
    requirement(
        "holds when the analysis is varied",
        (r.tried > 0).then_some(r.held as f64 >= HOLDS * r.tried as f64),
        if r.tried > 0 {
            found
        } else {
            "not tried for this kind of claim".to_owned()
        },
        "half of the variations",
        STEP,
    )
}

fn adjustments(h: &Hypothesis, draft: Option<&DraftFate>) -> Requirement {
    let (broke, tried) = draft.map_or((0, 0), |d| d.confounders);
    let in_half = broke as f64 <= (1.0 - HOLDS) * tried as f64;
    let row = h.attacks.iter().find(|a| a.kind == AttackKind::Confounding);
    // Beside the share of adjustments, the nearest rival counts for itself.
    let rival = row.filter(|row| row.lowered && in_half);
    requirement(
        "holds when other variables are adjusted for",
        (tried > 0).then_some(in_half && rival.is_none()),
        match rival {
            Some(row) => row.outcome.clone(),
            None if tried > 0 => format!("lost in {broke} of {tried}"),
            None => "no other variable could be adjusted for".to_owned(),
        },
        "lost in half of them at most, and not beside another genotype of the same gene",
        STEP,
    )
}

/// An attack that has a row of its own where it applies.
fn attacked(h: &Hypothesis, kind: AttackKind, what: &str, none: &str, needed: &str) -> Requirement {
    let row = h.attacks.iter().find(|a| a.kind == kind);
    requirement(
        what,
        Some(row.is_none_or(|a| !a.lowered)),
        row.map_or_else(|| none.to_owned(), |a| a.outcome.clone()),
        needed,
        STEP,
    )
}

fn single_samples(h: &Hypothesis) -> Requirement {
    let loo = h.robustness.leave_one_out;
    requirement(
        "does not rest on single samples",
        loo.map(|(held, tried)| held as f64 >= HOLDS * tried as f64),
        loo.map_or_else(
            || "not tried for this kind of claim".to_owned(),
            |(held, tried)| format!("held in {held} of {tried} refits without one sample"),
        ),
        "half of the refits",
        STEP,
    )
}

fn cautions(h: &Hypothesis) -> Requirement {
    let grave: Vec<&str> = h
        .flags
        .iter()
        .filter(|f| f.lowers_grade)
        .map(|f| f.text.as_str())
        .collect();
    let light = h.flags.len() - grave.len();
    let found = match (grave.as_slice(), light) {
        ([], 0) => "none".to_owned(),
        ([], n) => format!("{n} that lower nothing"),
        (grave, _) => grave.join("; "),
    };
    requirement(
        "no grave caution about the measurement",
        Some(grave.is_empty()),
        found,
        "none",
        STEP,
    )
}
