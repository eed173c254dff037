//! The rule part of the five axes. Each rule reads the finished record; knowledge feeds alignment and novelty only.

use crate::discovery::{Archetype, AxisScore, EntityKind, FiveAxes, Grade, Hypothesis};

/// Everything beside the record that the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Background {
    /// Why the packs say nothing; none where they may.
    pub packs_silent: Option<&'static str>,
    /// Probability given to the objective before results.
    pub prior: f64,
}

/// Scores a record on all five axes.
pub fn score(hypothesis: &Hypothesis, background: Background) -> FiveAxes {
    FiveAxes {
        reliability: reliability(hypothesis),
        coherence: coherence(hypothesis),
        alignment: alignment(hypothesis, background),
        novelty: novelty(hypothesis, background),
        evaluability: evaluability(hypothesis),
    }
}

/// 5 supported, robust, unflagged; 4 supported; 3 suggestive; 2 suggestive with cautions; 1 exploratory.
fn reliability(h: &Hypothesis) -> AxisScore {
    let base = match h.grade {
        Grade::Supported => 4,
        Grade::Suggestive => 3,
        Grade::Exploratory | Grade::Contradicted => 1,
    };
    let share = if h.robustness.tried == 0 {
        None
    } else {
        Some(h.robustness.held as f64 / h.robustness.tried as f64)
    };
    let mut score = base;
    let mut because = vec![format!(
        "{} at q {}",
        h.grade.word(),
        compared(h.error_rate.q.get(), h.error_rate.floor)
    )];
    if let Some(share) = share {
        because.push(format!(
            "held in {} of {} variations",
            h.robustness.held, h.robustness.tried
        ));
        if share >= 0.9 && h.grade == Grade::Supported {
            score += 1;
        } else if share < 0.6 {
            score -= 1;
        }
    }
    if !h.flags.is_empty() {
        because.push(format!("{} caution(s)", h.flags.len()));
        if h.flags.iter().any(|f| f.lowers_grade) {
            score -= 1;
        } else if h.flags.len() > 2 && score > 4 {
            score = 4;
        }
    }
    AxisScore::of(score, because.join("; "))
}

/// 5 several subjects joined by known edges; 4 a set with leading members, or a protein whose own gene goes along; 3 one protein with known partners that changed; 2 alone.
fn coherence(h: &Hypothesis) -> AxisScore {
    let known = h.mechanism.iter().filter(|e| !e.measured).count();
    let caused = h
        .mechanism
        .iter()
        .any(|e| e.measured && e.from.kind == EntityKind::Gene);
    match (h.archetype, h.claims.len(), known) {
        (_, 1, _) if caused => AxisScore::of(
            4,
            "its own gene goes along with what is tested, measured apart",
        ),
        (Archetype::PathwayShift | Archetype::ComplexShift, _, 0) => {
            AxisScore::of(3, "a set that moves as a group")
        }
        (Archetype::PathwayShift | Archetype::ComplexShift, _, n) => AxisScore::of(
            4,
            format!("a set that moves as a group, {n} of its leading members named"),
        ),
        (_, claims, n) if claims > 1 && n > 0 => AxisScore::of(
            5,
            format!("{claims} measured claims of one direction joined by {n} known edges"),
        ),
        (_, _, n) if n > 0 => {
            AxisScore::of(3, format!("{n} known edges to proteins that changed too"))
        }
        _ => AxisScore::of(2, "stands alone: no known edge to another finding"),
    }
}

/// Entries of the packs that speak to it; not assessed where no pack covers the organism.
fn alignment(h: &Hypothesis, background: Background) -> AxisScore {
    if let Some(why) = background.packs_silent {
        return AxisScore::not_assessed(why);
    }
    let supporting = h.support.iter().filter(|s| s.supports).count();
    let against = h.support.len() - supporting;
    match (supporting, against) {
        (0, 0) => {
            AxisScore::not_assessed("no pack entry shares a word with the study's description")
        }
        (s, 0) => AxisScore::of(
            3 + (s as i32).min(2),
            format!("{s} pack entries speak for it"),
        ),
        (s, a) => AxisScore::of(
            3 + s as i32 - 2 * a as i32,
            format!("{s} pack entries for, {a} against"),
        ),
    }
}

/// Starts at 4; what the packs already hold takes from it, a result that was not expected adds.
fn novelty(h: &Hypothesis, background: Background) -> AxisScore {
    if let Some(why) = background.packs_silent {
        return AxisScore::not_assessed(why);
    }
    let known = h.support.len() as i32;
    let surprise = if h.grade == Grade::Supported {
        1.0 - background.prior
    } else {
        background.prior
    };
    let mut score = 4 - known.min(3);
    if surprise >= 0.5 {
        score += 1;
    }
    AxisScore::of(
        score,
        format!("{known} pack entries to the point; surprise {surprise:.2} against the prior"),
    )
}

/// By the samples the next experiment needs; an effect with no known variance cannot be planned.
fn evaluability(h: &Hypothesis) -> AxisScore {
    let single = h.claims.len() == 1
        && matches!(
            h.archetype,
            Archetype::DifferentialProtein
                | Archetype::ProteinAssociation
                | Archetype::TimeCourse
                | Archetype::DoseTrend
                | Archetype::SiteBeyondProtein
                | Archetype::ProteinBeyondRna
                | Archetype::MutationEffect
                | Archetype::CopyNumberEffect
                | Archetype::DetectionSwitch
        );
    match h.next_experiment.samples_per_arm {
        None => AxisScore::of(2, "no between-sample variance to plan with"),
        Some(n) => {
            let base = match n {
                0..=8 => 5,
                9..=20 => 4,
                21..=60 => 3,
                61..=200 => 2,
                _ => 1,
            };
            let score = if single { base } else { base - 1 };
            AxisScore::of(
                score,
                format!(
                    "{n} samples per arm; {}",
                    if single {
                        "one protein to measure"
                    } else {
                        "a panel to measure"
                    }
                ),
            )
        }
    }
}

/// A q for a sentence: "= 0.012", or "< 0.002" where the decoys can show no smaller one.
pub fn compared(q: f64, floor: f64) -> String {
    if floor > 0.0 && q <= floor * (1.0 + 1e-9) {
        format!("< {}", small(floor))
    } else {
        format!("= {}", small(q))
    }
}

/// A probability for a sentence.
pub fn small(p: f64) -> String {
    if p >= 0.001 {
        format!("{p:.3}")
    } else {
        format!("{p:.1e}")
    }
}
