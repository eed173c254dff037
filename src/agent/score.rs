//! The rule part of the five axes. Each rule reads the finished record; knowledge, of packs and of papers, feeds alignment and
//! novelty only.

use std::cmp::Ordering;

use crate::discovery::{
    Archetype, AxisScore, EntityKind, FiveAxes, Grade, Hypothesis, Papers, PapersOfHypothesis,
};

/// Everything beside the record that the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Background<'a> {
    /// Why the packs say nothing; none where they may.
    pub packs_silent: Option<&'static str>,
    /// Probability given to the objective before results.
    pub prior: f64,
    /// What papers say.
    pub papers: PapersSay<'a>,
}

/// What papers say of a hypothesis.
#[derive(Debug, Clone, Copy)]
pub enum PapersSay<'a> {
    /// The run looks none up.
    NotAsked,
    /// None were looked up for this hypothesis, for this reason.
    NotLookedUp(&'a str),
    /// These were looked at.
    LookedAt(&'a PapersOfHypothesis),
}

impl<'a> PapersSay<'a> {
    /// What was looked up for the hypothesis of this id.
    pub fn of(papers: Option<&'a Papers>, id: &str) -> Self {
        let Some(papers) = papers else {
            return Self::NotAsked;
        };
        match (papers.hypotheses.get(id), papers.not_looked_up.get(id)) {
            (Some(found), _) => Self::LookedAt(found),
            (None, Some(reason)) => Self::NotLookedUp(reason),
            (None, None) => Self::NotAsked,
        }
    }

    /// Papers whose sentences could state what is claimed; none where rules could not tell, or none were looked at.
    fn readable(self) -> Option<&'a PapersOfHypothesis> {
        match self {
            Self::LookedAt(found) if found.unreadable.is_none() => Some(found),
            _ => None,
        }
    }

    /// What is said of papers that did not take part, to follow a reason; empty where the run looks none up.
    fn left_out(self) -> String {
        match self {
            Self::NotAsked => String::new(),
            Self::NotLookedUp(reason) => format!("; no papers were looked up: {reason}"),
            Self::LookedAt(found) => found
                .unreadable
                .as_ref()
                .map_or_else(String::new, |reason| {
                    format!("; papers can state neither it nor its opposite: {reason}")
                }),
        }
    }
}

/// Scores a record on all five axes.
pub fn score(hypothesis: &Hypothesis, background: Background<'_>) -> FiveAxes {
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

/// What is known for and against it: entries of the packs that share a word with the study, and papers with a sentence that
/// states what is claimed, or its opposite, between the same groups. A paper that merely names it counts for nothing.
///
/// 5 two or more for, none against; 4 one for, none against; 3 papers on both sides, more for; 2 as many for as against; 1 more
/// against than for. Once anything is against, entries of packs, which state no direction, do not count for it any more. Not
/// assessed where nothing speaks for or against it.
fn alignment(h: &Hypothesis, background: Background<'_>) -> AxisScore {
    let readable = background.papers.readable();
    if let (Some(why), None) = (background.packs_silent, readable) {
        return AxisScore::not_assessed(format!("{why}{}", background.papers.left_out()));
    }
    let entries = if background.packs_silent.is_none() {
        h.support.as_slice()
    } else {
        &[]
    };
    let by_packs = entries.iter().filter(|s| s.supports).count();
    let (by_papers, papers_against) = readable.map_or((0, 0), |p| (p.supporting, p.contradicting));
    let against = entries.len() - by_packs + papers_against;
    let left_out = background.papers.left_out();
    let because = match readable {
        None if against == 0 => format!("{by_packs} pack entries speak for it{left_out}"),
        None => format!("{by_packs} pack entries for, {against} against{left_out}"),
        Some(papers) => format!(
            "{}; {}",
            match background.packs_silent {
                Some(why) => why.to_owned(),
                None => format!("{by_packs} pack entries speak for it"),
            },
            of_papers(
                papers,
                &format!("{by_papers} state it, {papers_against} the opposite")
            ),
        ),
    };
    if by_packs + by_papers + against == 0 {
        return AxisScore::not_assessed(match readable {
            None => format!("no pack entry shares a word with the study's description{left_out}"),
            Some(papers) => format!(
                "{}; {}",
                background
                    .packs_silent
                    .unwrap_or("no pack entry shares a word with the study's description"),
                of_papers(papers, "none states it or its opposite"),
            ),
        });
    }
    let score = match (by_papers.cmp(&against), against) {
        (_, 0) if by_packs + by_papers > 1 => 5,
        (_, 0) => 4,
        (Ordering::Greater, _) => 3,
        (Ordering::Equal, _) => 2,
        (Ordering::Less, _) => 1,
    };
    AxisScore::of(score, because)
}

/// Starts at 4; every entry of the packs and every paper that states it, or its opposite, takes one from it, three at most; a
/// result that was not expected adds one. So 5 is unexpected and in neither packs nor papers looked at, 4 is in neither or
/// unexpected and told once, and 1 is told three times or more.
///
/// Papers only take from it: what is not in a store, or not in the answer of a service, may be known all the same. Where the
/// packs may not speak it is therefore assessed only if papers state it, and is 3 at most.
fn novelty(h: &Hypothesis, background: Background<'_>) -> AxisScore {
    let readable = background.papers.readable();
    let surprise = if h.grade == Grade::Supported {
        1.0 - background.prior
    } else {
        background.prior
    };
    let bonus = i32::from(surprise >= 0.5);
    let told = readable.map_or(0, |papers| papers.stating);
    let said = match readable {
        None => background.papers.left_out(),
        Some(papers) => {
            let state = format!("{told} state it or its opposite");
            format!("; {}", of_papers(papers, &state))
        }
    };
    let unexpected = format!("surprise {surprise:.2} against the prior");
    match background.packs_silent {
        Some(why) if told == 0 => AxisScore::not_assessed(format!("{why}{said}")),
        Some(why) => {
            let score = (4 - told.min(3) as i32 + bonus).min(3);
            AxisScore::of(score, format!("{why}{said}; {unexpected}"))
        }
        None => {
            let known = h.support.len();
            let score = 4 - (known + told).min(3) as i32 + bonus;
            AxisScore::of(
                score,
                format!("{known} pack entries to the point{said}; {unexpected}"),
            )
        }
    }
}

/// What the papers looked at come to, after how many they are.
fn of_papers(papers: &PapersOfHypothesis, state: &str) -> String {
    match papers.papers {
        0 => "no paper that names it was found".to_owned(),
        1 => format!("of 1 paper looked at, {state}"),
        n => format!("of {n} papers looked at, {state}"),
    }
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
