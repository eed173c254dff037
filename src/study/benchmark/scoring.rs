//! What a finished run is worth: its hypotheses against the answer key, its flags against the faults, its ranking against
//! the truth, and its findings against what was published.

use std::collections::{BTreeMap, BTreeSet};

use proteus_stats::error_rate::SUPPORTED_LEVEL;
use proteus_stats::ranking::auroc;

use super::super::key::{AnswerKey, Fault};
use super::super::plant::PlantKind;
use super::super::truth::{Judge, Object};
use super::published::PublishedFinding;
use super::record::{Fact, FaultFound, PlantFound, PublishedFound, Ranked, RunResult, Scored};
use crate::agent::fates::{MEMBERS, STRATA, StratumFate};
use crate::agent::propose::NotAsked;
use crate::agent::{AgentError, Outcome, answers};
use crate::discovery::{Archetype, AxisScore, Direction, EntityKind, Grade, Hypothesis, Verdict};
use crate::run::RunView;
use crate::run::tables::read_parquet;
use crate::tool::frame::{numbers, texts};
use crate::tool::{Answer, Catalog, ToolOutput};

/// Power from which an oracle is said to find a plant.
pub(super) const POWERED: f64 = 0.9;

/// What is known of the data of a run.
pub(super) enum Known<'a> {
    /// A key.
    Key(&'a Judge<'a>, &'a AnswerKey),
    /// That nothing is true.
    Nothing,
    /// What was published.
    Published(&'a [PublishedFinding]),
}

/// Scores a finished run.
pub(super) fn score(
    outcome: &Outcome,
    known: &Known<'_>,
    catalog: &Catalog,
) -> Result<RunResult, AgentError> {
    let view = RunView::open(&outcome.folder)?;
    let hypotheses = &outcome.hypotheses;
    let replays = view
        .calibration()?
        .map_or(0, |c| c.strata.iter().map(|s| s.n_decoys).sum());
    let mut result = RunResult {
        verdict: Some(outcome.audit.verdict),
        hypotheses: hypotheses.iter().map(|h| scored(h, known)).collect(),
        replays,
        ..RunResult::default()
    };
    match known {
        Known::Key(judge, key) => {
            result.plants = plants(hypotheses, judge, key, &passed(&view)?);
            let not_asked: Vec<NotAsked> = view.read_yaml("not_asked.yaml").unwrap_or_default();
            result.faults = key
                .faults
                .iter()
                .map(|f| fault(f, outcome, &not_asked))
                .collect();
            result.ranking = ranking(&view, judge, catalog)?;
        }
        Known::Nothing => {}
        Known::Published(findings) => {
            result.published = published(hypotheses, findings);
            result.facts.push(Fact {
                name: "objectives".to_owned(),
                value: view.objectives()?.len().to_string(),
            });
        }
    }
    Ok(result)
}

fn scored(hypothesis: &Hypothesis, known: &Known<'_>) -> Scored {
    let truth = match known {
        Known::Key(judge, _) => Some(judge.is_true(hypothesis)),
        Known::Nothing => Some(false),
        Known::Published(_) => None,
    };
    let claims = &hypothesis.claims;
    let associations = match known {
        Known::Key(judge, _) => Some((
            claims.len(),
            claims
                .iter()
                .filter(|claim| !judge.claim(hypothesis.archetype, claim))
                .count(),
        )),
        Known::Nothing => Some((claims.len(), claims.len())),
        Known::Published(_) => None,
    };
    let axes = &hypothesis.scores;
    let rule = |axis: &AxisScore| axis.rule;
    let wrong = hypothesis.grade == Grade::Supported && truth == Some(false);
    Scored {
        archetype: hypothesis.archetype,
        object: hypothesis.objective.0.clone(),
        grade: hypothesis.grade,
        q: hypothesis.error_rate.q.get(),
        evidence: hypothesis.evidence_score,
        truth,
        associations,
        axes: [
            rule(&axes.reliability),
            rule(&axes.coherence),
            rule(&axes.alignment),
            rule(&axes.novelty),
            rule(&axes.evaluability),
        ],
        statement: wrong.then(|| hypothesis.statement.clone()),
    }
}

fn supported(hypotheses: &[Hypothesis]) -> impl Iterator<Item = &Hypothesis> {
    hypotheses.iter().filter(|h| h.grade == Grade::Supported)
}

/// Members whose q over the menu is at the supported level: archetype, variable of the objective, and key.
type Passed = BTreeSet<(Archetype, String, String)>;

fn passed(view: &RunView) -> Result<Passed, AgentError> {
    let strata: Vec<StratumFate> = view.read_yaml(STRATA)?;
    let table = read_parquet(&view.path(MEMBERS))?;
    let (places, q) = (numbers(&table, "stratum")?, numbers(&table, "q")?);
    let keys = texts(&table, "key")?.into_iter();
    Ok(keys
        .zip(places.iter().zip(&q))
        .filter(|(_, (_, q))| **q <= SUPPORTED_LEVEL)
        .filter_map(|(key, (place, _))| {
            let stratum = strata.get(*place as usize)?;
            let variable = Object::parse(&stratum.objective.0).variable.to_owned();
            Some((stratum.archetype, variable, key))
        })
        .collect())
}

/// Which planted truths passed, and which a supported hypothesis tells.
fn plants(
    hypotheses: &[Hypothesis],
    judge: &Judge<'_>,
    key: &AnswerKey,
    passed: &Passed,
) -> Vec<PlantFound> {
    key.oracle
        .iter()
        .map(|oracle| {
            let kind = key.plants[oracle.plant].plant.kind;
            let told = |h: &Hypothesis| {
                h.claims.iter().any(|claim| {
                    let object = Object::parse(&claim.object.id);
                    let about =
                        object.variable == oracle.variable && judge.claim(h.archetype, claim);
                    let subject = match oracle.archetype.as_str() {
                        "pathway_shift" | "complex_shift" => {
                            matches!(
                                claim.subject.kind,
                                EntityKind::Pathway | EntityKind::Complex
                            ) && key.sets.iter().any(|s| {
                                s.id == oracle.entity
                                    && (claim.subject.id == s.id
                                        || judge.tells_of(&claim.subject.id, &s.shifted))
                            })
                        }
                        "subtype_association" => claim.subject.kind == EntityKind::Subtype,
                        _ => {
                            claim.subject.symbol == oracle.entity
                                || claim.subject.id == oracle.entity
                        }
                    };
                    about && subject
                })
            };
            let found = supported(hypotheses).any(told);
            let archetype = serde_json::from_value(oracle.archetype.clone().into()).ok();
            let listed = |a: Archetype| {
                passed.contains(&(a, oracle.variable.clone(), oracle.entity.clone()))
            };
            PlantFound {
                kind,
                archetype: oracle.archetype.clone(),
                entity: oracle.entity.clone(),
                power: oracle.power,
                found,
                passed: found || archetype.is_some_and(listed),
            }
        })
        .collect()
}

/// Whether a fault was flagged, and what was published all the same.
fn fault(fault: &Fault, outcome: &Outcome, not_asked: &[NotAsked]) -> FaultFound {
    let named = |words: &[&str], text: &str| words.iter().any(|w| text.contains(w));
    let checks = || {
        outcome
            .audit
            .checks
            .iter()
            .filter(|c| c.verdict != Verdict::Pass)
    };
    let over = |h: &&Hypothesis| {
        fault.variable.as_deref().is_some_and(|v| {
            h.claims
                .iter()
                .any(|c| Object::parse(&c.object.id).variable == v)
        })
    };
    let flags = |words: &[&str]| {
        outcome
            .hypotheses
            .iter()
            .any(|h| h.flags.iter().any(|f| named(words, &f.code)))
    };
    let (flagged, published) = match fault.kind {
        PlantKind::Batch => (
            checks().any(|c| named(&["confound"], &c.code)),
            supported(&outcome.hypotheses).filter(over).count(),
        ),
        PlantKind::Keratin | PlantKind::Blood | PlantKind::Muscle => {
            let panel = match fault.kind {
                PlantKind::Keratin => "keratin",
                PlantKind::Blood => "red_blood_cells",
                _ => "muscle",
            };
            let about = |h: &&Hypothesis| {
                h.claims
                    .iter()
                    .any(|c| fault.proteins.contains(&c.subject.symbol))
            };
            (
                checks().any(|c| named(&["contamination"], &c.code) && c.code.contains(panel)),
                supported(&outcome.hypotheses).filter(about).count(),
            )
        }
        PlantKind::Mislabelled | PlantKind::Swapped => {
            let all_named = |text: &str| fault.samples.iter().all(|s| text.contains(s.as_str()));
            (
                checks().any(|c| {
                    named(&["swap", "mislabel", "outlying"], &c.code) && all_named(&c.reason)
                }),
                0,
            )
        }
        PlantKind::Circular => {
            let words = ["circular", "derived"];
            let variable = fault.variable.as_deref().unwrap_or_default();
            let set_aside = not_asked
                .iter()
                .any(|n| n.what.starts_with(variable) && named(&words, &n.reason));
            (
                set_aside || flags(&words) || checks().any(|c| named(&words, &c.code)),
                supported(&outcome.hypotheses).filter(over).count(),
            )
        }
        _ => (false, 0),
    };
    FaultFound {
        kind: fault.kind,
        flagged,
        published,
    }
}

/// Area under the curve per archetype over every member on the menu that was tested, of all objectives together.
fn ranking(
    view: &RunView,
    judge: &Judge<'_>,
    catalog: &Catalog,
) -> Result<Vec<Ranked>, AgentError> {
    let mut scores: BTreeMap<Archetype, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    let strata: Vec<StratumFate> = view.read_yaml(STRATA)?;
    for stratum in strata.iter().filter(|s| s.off_menu.is_none()) {
        let (step, record) = (&stratum.step, view.step(&stratum.step)?);
        let Some(entry) = catalog.get(&record.tool) else {
            continue;
        };
        let over = ["contrast", "variable"]
            .iter()
            .find_map(|name| record.params.get(*name)?.as_str().filter(|s| !s.is_empty()))
            .unwrap_or_default()
            .to_owned();
        let asked = |a: &&Answer| a.archetype == stratum.archetype && a.table == stratum.table;
        if let Some(answer) = entry.spec.answers.iter().find(asked) {
            let table = view.table(step, &answer.table)?;
            let output = ToolOutput::new().with_table(&answer.table, table);
            let answered = answers::read(step, step, &record.tool, answer, &output)?;
            let (right, wrong) = scores.entry(answer.archetype).or_default();
            for row in answered.rows.iter().filter(|r| !r.p.is_nan()) {
                let directed = !matches!(
                    answer.archetype,
                    Archetype::ProteinAcrossGroups | Archetype::SubtypeAssociation
                );
                let direction = if directed {
                    Direction::of(row.effect)
                } else {
                    Direction::Undirected
                };
                let object = row.object.as_deref().unwrap_or(&over);
                let holds = judge.holds(
                    answer.archetype,
                    answer.subject,
                    &row.subject,
                    &row.label,
                    object,
                    direction,
                );
                let side = if holds { &mut *right } else { &mut *wrong };
                side.push(answers::evidence_score(row.p));
            }
        }
    }
    Ok(scores
        .into_iter()
        .map(|(archetype, (right, wrong))| Ranked {
            archetype,
            auroc: auroc(&right, &wrong),
            n_true: right.len(),
            n_false: wrong.len(),
        })
        .collect())
}

/// Where published findings stand among the hypotheses, by evidence alone.
fn published(hypotheses: &[Hypothesis], findings: &[PublishedFinding]) -> Vec<PublishedFound> {
    let mut by_evidence: Vec<&Hypothesis> = hypotheses.iter().collect();
    by_evidence.sort_by(|a, b| {
        b.evidence_score
            .total_cmp(&a.evidence_score)
            .then_with(|| a.id.cmp(&b.id))
    });
    findings
        .iter()
        .map(|finding| {
            let place = by_evidence.iter().position(|h| finding.is_told_by(h));
            PublishedFound {
                finding: finding.told(),
                rank: place.map(|p| p + 1),
                supported: place.is_some_and(|p| by_evidence[p].grade == Grade::Supported),
            }
        })
        .collect()
}
