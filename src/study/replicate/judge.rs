//! The test of every frozen hypothesis in the second study, and its grade.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use proteus_stats::distributions::{student_t_two_sided_quantile, student_t_upper};
use proteus_stats::hypergeometric::Hypergeometric;
use proteus_stats::multiplicity::{Adjustment, adjust};

use super::first::First;
use super::targets::Matched;
use crate::agent::answers::{self, AnswerRow, Answered};
use crate::agent::compose::degrees_of_freedom;
use crate::agent::experiment::{self, Effect};
use crate::dataset::Assay;
use crate::discovery::{
    Archetype, Direction, Entity, EntityKind, Estimate, Finding, Hypothesis, IdentifierCounts,
    ObjectiveId, ReplicatedClaim, ReplicatedHypothesis, ReplicationGrade,
};
use crate::study::features::{FeatureIndex, NamedFeature, count};
use crate::tool::frame::{FrameError, numbers, texts};
use crate::tool::{Artifact, Catalog, ToolOutput};
use crate::workflow::Plan;

/// Power from which "not replicated" speaks against a hypothesis.
const TELLING_POWER: f64 = 0.8;
/// Share of a hypothesis's claims that must be tested.
const TESTED_SHARE: f64 = 0.5;

/// An objective, asked of the second study.
pub(super) struct Asked {
    /// The objective there.
    pub matched: Matched,
    /// Its first plan, by whose folders the evidence is named.
    pub first_plan: Plan,
    /// The plan that ran.
    pub plan: Plan,
    /// What its steps gave.
    pub outputs: BTreeMap<String, Arc<ToolOutput>>,
    /// Steps that gave nothing, with the complaint.
    pub failures: BTreeMap<String, String>,
    /// A check that forbids conclusions on this comparison.
    pub failed_check: Option<String>,
}

/// One answer table of the second study.
pub(super) struct Table {
    /// The objective it answers, by its id in the first study.
    pub objective: ObjectiveId,
    /// The answers.
    pub answered: Answered,
    /// Row by subject.
    rows: HashMap<String, usize>,
    /// Detected and all samples per row: reference, then target; for detection only.
    detections: Option<Vec<[u64; 4]>>,
}

impl Table {
    /// Row of a subject.
    pub(super) fn row(&self, subject: &str) -> Option<usize> {
        self.rows.get(subject).copied()
    }

    /// One-sided p of a row in a direction and in the opposite one; NaN where the row was not tested. Without a direction
    /// the p of the test itself, and 1.
    pub(super) fn one_sided(&self, row: usize, direction: Direction) -> (f64, f64) {
        let answer = &self.answered.rows[row];
        if let Some(detections) = &self.detections {
            let [seen_reference, n_reference, seen_target, n_target] = detections[row];
            let seen = seen_reference + seen_target;
            let all = n_reference + n_target;
            let more_in_target = Hypergeometric::new(all, seen, n_target)
                .ln_upper_tail(seen_target)
                .exp();
            let more_in_reference = Hypergeometric::new(all, seen, n_reference)
                .ln_upper_tail(seen_reference)
                .exp();
            return match direction {
                Direction::Lower => (more_in_reference, more_in_target),
                _ => (more_in_target, more_in_reference),
            };
        }
        if answer.p.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        let sign = match direction {
            Direction::Undirected => return (answer.p, 1.0),
            Direction::Higher => 1.0,
            Direction::Lower => -1.0,
        };
        let (small, large) = (answer.p / 2.0, 1.0 - answer.p / 2.0);
        if answer.effect * sign > 0.0 {
            (small, large)
        } else if answer.effect * sign < 0.0 {
            (large, small)
        } else {
            (0.5, 0.5)
        }
    }
}

/// A claim that was tested: where its number stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Place of the table among the tables.
    pub table: usize,
    /// Row of that table.
    pub row: usize,
    /// Which way it is claimed to go.
    pub direction: Direction,
}

/// Everything judging gives.
pub(super) struct Judged {
    /// The hypotheses in the order of the first study.
    pub hypotheses: Vec<ReplicatedHypothesis>,
    /// Of each that was tested: its claims.
    pub places: Vec<Option<Vec<Place>>>,
    /// The tables they stand in.
    pub tables: Vec<Table>,
    /// How features were found.
    pub identifiers: IdentifierCounts,
    /// Hypotheses tested.
    pub tested: usize,
}

/// What judging needs.
pub(super) struct Ground<'a> {
    /// The first study.
    pub first: &'a First,
    /// The objectives asked, by the id of the first study's objective; a reason where one was not.
    pub asked: &'a BTreeMap<String, Result<Asked, String>>,
    /// The assay of the second study.
    pub assay: &'a Assay,
    /// Its features by name.
    pub index: &'a FeatureIndex<'a>,
    /// The tools.
    pub catalog: &'a Catalog,
    /// Family-wise level.
    pub level: f64,
}

struct ClaimTest {
    record: ReplicatedClaim,
    place: Option<Place>,
    opposite: f64,
    /// Standard error and degrees of freedom in the second study, and the effect to expect.
    expected: Option<Expected>,
}

#[derive(Clone, Copy)]
struct Expected {
    effect: f64,
    error: f64,
    df: f64,
}

impl Expected {
    /// Chance of a one-sided p at `alpha`, by the shifted t distribution.
    fn power(&self, alpha: f64) -> f64 {
        let needed = student_t_two_sided_quantile((2.0 * alpha).min(1.0), self.df);
        student_t_upper(needed - self.effect.abs() / self.error, self.df)
    }
}

/// Tests and grades every hypothesis.
pub(super) fn judge(ground: &Ground<'_>) -> Result<Judged, FrameError> {
    let features: HashMap<&str, &NamedFeature> = ground
        .first
        .features
        .iter()
        .map(|f| (f.id.as_str(), f))
        .collect();
    let mut tables: Vec<Table> = Vec::new();
    let mut known: BTreeMap<(String, String, String), Option<usize>> = BTreeMap::new();
    let mut identifiers = IdentifierCounts::default();
    let mut drafts = Vec::new();
    for hypothesis in &ground.first.hypotheses {
        let mut reason = None;
        let mut tests = Vec::new();
        match ground.asked.get(&hypothesis.objective.0) {
            None => reason = Some("its objective is not in the run".to_owned()),
            Some(Err(why)) => reason = Some(why.clone()),
            Some(Ok(asked)) => {
                if let Some(check) = &asked.failed_check {
                    reason = Some(format!("a check of the second study failed: {check}"));
                }
                for claim in &hypothesis.claims {
                    let Some(finding) = ground.first.findings.get(&claim.finding.0) else {
                        continue;
                    };
                    let key = (
                        hypothesis.objective.0.clone(),
                        finding.evidence.step.clone(),
                        finding.evidence.table.clone(),
                    );
                    let table = match known.get(&key) {
                        Some(place) => *place,
                        None => {
                            let place = open_table(ground, asked, hypothesis, finding)?.map(|t| {
                                tables.push(t);
                                tables.len() - 1
                            });
                            known.insert(key, place);
                            place
                        }
                    };
                    let table = table.map(|place| (place, &tables[place]));
                    tests.push(test_claim(
                        ground,
                        asked,
                        hypothesis,
                        finding,
                        claim.direction,
                        table,
                        &features,
                        &mut identifiers,
                    ));
                }
            }
        }
        drafts.push((hypothesis, reason, tests));
    }
    Ok(grade_all(ground, drafts, tables, identifiers))
}

/// The table of the second study that answers as a finding of the first did.
fn open_table(
    ground: &Ground<'_>,
    asked: &Asked,
    hypothesis: &Hypothesis,
    finding: &Finding,
) -> Result<Option<Table>, FrameError> {
    let evidence = &finding.evidence;
    let step = asked
        .first_plan
        .steps
        .iter()
        .find(|s| asked.first_plan.folder(&s.id) == evidence.step);
    let Some(step) = step else {
        return Ok(None);
    };
    let (Some(output), Some(entry)) = (asked.outputs.get(&step.id), ground.catalog.get(&step.tool))
    else {
        return Ok(None);
    };
    let answer = entry
        .spec
        .answers
        .iter()
        .find(|a| a.table == evidence.table && a.archetype == hypothesis.archetype);
    let Some(answer) = answer else {
        return Ok(None);
    };
    let answered = answers::read(
        &step.id,
        &asked.plan.folder(&step.id),
        &step.tool,
        answer,
        output,
    )?;
    let detections = match output.artifacts.get(&answer.table) {
        Some(Artifact::Table(table)) if answer.archetype == Archetype::DetectionSwitch => {
            let column = |name: &str| numbers(table, name);
            let (a, b) = (column("detected_reference")?, column("n_reference")?);
            let (c, d) = (column("detected_target")?, column("n_target")?);
            let whole = |x: f64| if x.is_finite() { x as u64 } else { 0 };
            Some(
                (0..a.len())
                    .map(|i| [whole(a[i]), whole(b[i]), whole(c[i]), whole(d[i])])
                    .collect(),
            )
        }
        _ => None,
    };
    Ok(Some(Table {
        objective: hypothesis.objective.clone(),
        rows: answered
            .rows
            .iter()
            .enumerate()
            .rev()
            .map(|(i, row)| (row.subject.clone(), i))
            .collect(),
        answered,
        detections,
    }))
}

#[expect(
    clippy::too_many_arguments,
    reason = "one claim is judged from both studies"
)]
fn test_claim(
    ground: &Ground<'_>,
    asked: &Asked,
    hypothesis: &Hypothesis,
    finding: &Finding,
    direction: Direction,
    table: Option<(usize, &Table)>,
    features: &HashMap<&str, &NamedFeature>,
    identifiers: &mut IdentifierCounts,
) -> ClaimTest {
    let mut record = ReplicatedClaim {
        subject: finding.subject.clone(),
        found_as: None,
        how: String::new(),
        first_effect: finding.effect.value,
        effect: None,
        n: None,
        p: None,
        power: None,
        evidence: None,
    };
    let untested = |record: ReplicatedClaim, how: String| ClaimTest {
        record: ReplicatedClaim { how, ..record },
        place: None,
        opposite: f64::NAN,
        expected: None,
    };
    let (subject, found_how) = if is_feature(finding.subject.kind) {
        let alone = NamedFeature {
            id: finding.subject.id.clone(),
            accessions: Vec::new(),
            symbols: vec![finding.subject.symbol.clone()],
        };
        let known = features.get(finding.subject.id.as_str());
        let found = ground.index.find(known.copied().unwrap_or(&alone));
        count(identifiers, found.map(|(_, by)| by));
        match found {
            Some((row, by)) => {
                let feature = &ground.assay.features[row];
                record.found_as = Some(Entity::new(
                    finding.subject.kind,
                    &feature.id,
                    feature.label().into_owned(),
                ));
                (feature.id.clone(), by.words())
            }
            None => return untested(record, "not measured in the second study".to_owned()),
        }
    } else {
        record.found_as = Some(finding.subject.clone());
        (finding.subject.id.clone(), "same set")
    };
    let Some((place, table)) = table else {
        return untested(record, no_table(asked, finding));
    };
    let Some(row) = table.row(&subject) else {
        let why = left_out(asked, &subject).unwrap_or_else(|| {
            match hypothesis.archetype {
                Archetype::DetectionSwitch => {
                    "detected in so many or so few samples that no split of them could be significant"
                }
                Archetype::PathwayShift | Archetype::ComplexShift => {
                    "too few of its members were measured"
                }
                _ => "not among the tested ones",
            }
            .to_owned()
        });
        return untested(record, why);
    };
    let answer = &table.answered.rows[row];
    record.n = Some(answer.n);
    let (p, opposite) = table.one_sided(row, direction);
    if p.is_nan() {
        let why = format!("too few values to be tested: {}", counted(answer));
        return untested(record, why);
    }
    let known = |x: f64| (!x.is_nan()).then_some(x);
    record.effect = Some(Estimate {
        value: if answer.effect.is_nan() {
            0.0
        } else {
            answer.effect
        },
        low: known(answer.low),
        high: known(answer.high),
        level: 0.95,
        unit: table.answered.answer.unit.clone(),
    });
    record.p = Some(p);
    record.how = found_how.to_owned();
    record.evidence = Some(format!(
        "{}/{}/{}",
        table.answered.folder, table.answered.answer.table, answer.subject
    ));
    ClaimTest {
        expected: expectation(finding, answer, direction),
        record,
        place: Some(Place {
            table: place,
            row,
            direction,
        }),
        opposite,
    }
}

fn is_feature(kind: EntityKind) -> bool {
    matches!(
        kind,
        EntityKind::Protein
            | EntityKind::Gene
            | EntityKind::Site
            | EntityKind::Peptide
            | EntityKind::Marker
    )
}

fn counted(row: &AnswerRow) -> String {
    match (row.n.target, row.n.reference) {
        (Some(target), Some(reference)) => {
            format!("{target} in the target and {reference} in the reference group")
        }
        _ => format!("{} samples", row.n.total),
    }
}

/// Why the step of a finding gave no table.
fn no_table(asked: &Asked, finding: &Finding) -> String {
    let step = asked
        .first_plan
        .steps
        .iter()
        .find(|s| asked.first_plan.folder(&s.id) == finding.evidence.step);
    let because = step.and_then(|s| asked.failures.get(&s.id));
    match because {
        Some(error) => format!("`{}` gave nothing: {error}", finding.evidence.tool),
        None => format!("`{}` gave no such table", finding.evidence.tool),
    }
}

/// Why a feature did not reach the test: the reason that a preparing step wrote down.
fn left_out(asked: &Asked, feature: &str) -> Option<String> {
    for step in &asked.plan.steps {
        let Some(output) = asked.outputs.get(&step.id) else {
            continue;
        };
        let Some(Artifact::Table(dropped)) = output.artifacts.get("dropped") else {
            continue;
        };
        let (Ok(ids), Ok(reasons)) = (texts(dropped, "feature"), texts(dropped, "reason")) else {
            continue;
        };
        if let Some(i) = ids.iter().position(|id| id == feature) {
            return Some(format!("left out by `{}`: {}", step.tool, reasons[i]));
        }
    }
    None
}

/// The effect to expect and the standard error it meets; none for tests without direction or standard error.
fn expectation(finding: &Finding, answer: &AnswerRow, direction: Direction) -> Option<Expected> {
    if direction == Direction::Undirected {
        return None;
    }
    let half = (answer.high - answer.low) / 2.0;
    let error = (answer.effect / answer.statistic).abs();
    let effect = experiment::shrunk(&Effect {
        value: finding.effect.value,
        statistic: finding.statistic,
        arms: None,
        total: finding.n.total,
    })?;
    if !error.is_finite() || error <= 0.0 || !half.is_finite() {
        return None;
    }
    Some(Expected {
        effect,
        error,
        df: degrees_of_freedom(half / error).unwrap_or(f64::INFINITY),
    })
}

type Draft<'a> = (&'a Hypothesis, Option<String>, Vec<ClaimTest>);

fn grade_all(
    ground: &Ground<'_>,
    drafts: Vec<Draft<'_>>,
    tables: Vec<Table>,
    identifiers: IdentifierCounts,
) -> Judged {
    let enough = |draft: &Draft<'_>| {
        let tested = draft.2.iter().filter(|t| t.place.is_some()).count();
        draft.1.is_none() && tested > 0 && tested as f64 >= TESTED_SHARE * draft.2.len() as f64
    };
    let worst = |tests: &[ClaimTest], of: fn(&ClaimTest) -> f64| {
        tests
            .iter()
            .filter(|t| t.place.is_some())
            .map(of)
            .fold(0.0, f64::max)
    };
    let p: Vec<f64> = drafts
        .iter()
        .map(|d| {
            if enough(d) {
                worst(&d.2, |t| t.record.p.unwrap_or(1.0))
            } else {
                f64::NAN
            }
        })
        .collect();
    let opposite: Vec<f64> = drafts
        .iter()
        .map(|d| {
            if enough(d) {
                worst(&d.2, |t| t.opposite)
            } else {
                f64::NAN
            }
        })
        .collect();
    let (holm, holm_opposite) = (
        adjust(&p, Adjustment::Holm),
        adjust(&opposite, Adjustment::Holm),
    );
    let tested = p.iter().filter(|p| !p.is_nan()).count();
    let alpha = ground.level / tested.max(1) as f64;
    let mut judged = Judged {
        hypotheses: Vec::with_capacity(drafts.len()),
        places: Vec::with_capacity(drafts.len()),
        tables,
        identifiers,
        tested,
    };
    for (k, (hypothesis, reason, mut tests)) in drafts.into_iter().enumerate() {
        for test in &mut tests {
            test.record.power = test.expected.map(|e| e.power(alpha));
        }
        let is_tested = !p[k].is_nan();
        let power = tests
            .iter()
            .filter(|t| t.place.is_some())
            .map(|t| t.record.power)
            .collect::<Option<Vec<f64>>>()
            .and_then(|all| all.into_iter().reduce(f64::min))
            .filter(|_| is_tested);
        let grade = if !is_tested {
            ReplicationGrade::NotTestable
        } else if holm[k] <= ground.level {
            ReplicationGrade::Replicated
        } else if holm_opposite[k] <= ground.level {
            ReplicationGrade::Contradicted
        } else {
            ReplicationGrade::NotReplicated
        };
        let lead = tests.first();
        judged
            .places
            .push(is_tested.then(|| tests.iter().filter_map(|t| t.place).collect()));
        judged.hypotheses.push(ReplicatedHypothesis {
            id: hypothesis.id.clone(),
            frozen: hypothesis
                .frozen
                .as_ref()
                .map(|f| f.hash.clone())
                .unwrap_or_default(),
            rank: hypothesis.rank,
            statement: hypothesis.statement.clone(),
            archetype: hypothesis.archetype,
            first_grade: hypothesis.grade,
            grade,
            reason: words(grade, reason, &tests, power),
            objective: hypothesis.objective.clone(),
            direction: hypothesis.direction,
            first_effect: hypothesis.effect.clone(),
            effect: lead
                .and_then(|t| t.record.effect.clone())
                .filter(|_| is_tested),
            n: lead.and_then(|t| t.record.n).filter(|_| is_tested),
            p: is_tested.then_some(p[k]),
            p_holm: is_tested.then_some(holm[k]),
            p_holm_opposite: is_tested.then_some(holm_opposite[k]),
            power,
            expected_effect: lead.and_then(|t| t.expected.map(|e| e.effect)),
            claims: tests.into_iter().map(|t| t.record).collect(),
        });
    }
    judged
}

/// Why a hypothesis has its grade.
fn words(
    grade: ReplicationGrade,
    reason: Option<String>,
    tests: &[ClaimTest],
    power: Option<f64>,
) -> String {
    let tested = tests.iter().filter(|t| t.place.is_some()).count();
    let part = if tested < tests.len() {
        format!("; {tested} of its {} claims were tested", tests.len())
    } else {
        String::new()
    };
    match grade {
        ReplicationGrade::Replicated => format!("significant in the claimed direction{part}"),
        ReplicationGrade::Contradicted => format!("significant in the opposite direction{part}"),
        ReplicationGrade::NotReplicated => {
            let weight = match power {
                Some(power) if power >= TELLING_POWER => format!(
                    "not significant, with a chance of {power:.2} to see the shrunken effect: this speaks against it"
                ),
                Some(power) => format!(
                    "not significant, with a chance of only {power:.2} to see the shrunken effect: this says little"
                ),
                None => "not significant; no power is known for this kind of test".to_owned(),
            };
            format!("{weight}{part}")
        }
        ReplicationGrade::NotTestable => reason.unwrap_or_else(|| match tests {
            [] => "its findings are not in the run".to_owned(),
            [one] => one.record.how.clone(),
            several => {
                let missing: Vec<String> = several
                    .iter()
                    .filter(|t| t.place.is_none())
                    .take(3)
                    .map(|t| format!("{}: {}", t.record.subject.symbol, t.record.how))
                    .collect();
                format!(
                    "{tested} of its {} claims could be tested ({})",
                    several.len(),
                    missing.join("; ")
                )
            }
        }),
    }
}
