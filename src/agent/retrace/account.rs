//! Why something is no hypothesis, or which one it is: for every objective, every test of it and the rule that decided.

use polars::prelude::DataFrame;
use proteus_stats::distributions::{student_t_quantile, student_t_two_sided_quantile};
use proteus_stats::error_rate::{SUGGESTIVE_LEVEL, SUPPORTED_LEVEL};
use serde::Serialize;

use super::entities::Found;
use super::records::{MemberRates, RetraceError, Retraced};
use crate::agent::answers::{AnswerRow, rows_of};
use crate::agent::compose::degrees_of_freedom;
use crate::agent::draft::{OTHERS, SINGLES};
use crate::agent::fates::{DraftFate, Fate, StratumFate};
use crate::discovery::{Archetype, Entity, EntityKind, Grade, ObjectiveStatus};
use crate::tool::frame::texts;
use crate::tool::{Answer, Catalog};

/// Power at which a detectable effect is stated.
const POWER: f64 = 0.8;

/// What stopped a test from becoming a hypothesis of its own, or did not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Rule {
    /// It is a hypothesis.
    Told {
        /// Its rank.
        rank: usize,
        /// Its id.
        id: String,
        /// Its grade.
        grade: Grade,
    },
    /// A hypothesis tells it along.
    Folded {
        /// Rank of that hypothesis; absent where it is not in the list either.
        rank: Option<usize>,
        /// How.
        how: String,
    },
    /// A step before the test left it out.
    LeftOut {
        /// The step.
        by: String,
        /// Its tool.
        tool: String,
        /// The reason it wrote down.
        reason: String,
    },
    /// It reached the table and could not be tested.
    TooFewValues {
        /// Samples with a value, by arm where there are two.
        found: String,
    },
    /// It reached the test, which did not take it up.
    NotInTable {
        /// Why, as far as the kind of test tells.
        reason: String,
    },
    /// Nothing of this kind can be graded here.
    OffMenu {
        /// Why.
        reason: String,
    },
    /// Its q is above the level.
    QTooLarge {
        /// Its q.
        found: f64,
        /// The level.
        level: f64,
    },
    /// The stratum was given up: nothing in it stood out from its decoys.
    Futile,
    /// The stratum was not among the selected ones.
    NotSelected,
    /// It passed, and the list was full.
    ListFull {
        /// What is told at most.
        limit: String,
    },
    /// It passed within its stratum, and would not if only as many as can be printed were listed.
    NotPrintable,
}

/// One test of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestAccount {
    /// What was tested.
    pub subject: Entity,
    /// `objective / archetype / assay`.
    pub stratum: String,
    /// The kind of claim.
    pub archetype: Archetype,
    /// The step whose table holds it.
    pub step: String,
    /// Effect; absent where it was not tested.
    pub effect: Option<f64>,
    /// 95 % interval.
    pub interval: Option<[f64; 2]>,
    /// Unit of the effect.
    pub unit: String,
    /// The tool's own p.
    pub p_tool: Option<f64>,
    /// The p that was used, decoys and few degrees of freedom taken into account.
    pub p: Option<f64>,
    /// p from the decoys.
    pub p_decoy: Option<f64>,
    /// q over the whole menu.
    pub q: Option<f64>,
    /// Members of the stratum.
    pub members: usize,
    /// Smallest effect that would have been listed as supported with 80 % power; absent where no standard error is known.
    pub detectable: Option<f64>,
    /// What decided.
    #[serde(flatten)]
    pub rule: Rule,
}

/// What one objective did with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ObjectiveAccount {
    /// The objective, or what was not asked.
    pub objective: String,
    /// Its question; empty where it was never asked.
    pub question: String,
    /// Why it was never asked or given up; absent where it was pursued.
    pub never: Option<String>,
    /// The tests.
    pub tests: Vec<TestAccount>,
}

/// Everything a run did with what a name stands for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityAccount {
    /// What was asked for.
    pub wanted: String,
    /// What it stands for.
    pub entities: Vec<Entity>,
    /// Hypotheses that name it, as (rank, grade, sentence).
    pub named_in: Vec<(usize, Grade, String)>,
    /// Objective by objective.
    pub objectives: Vec<ObjectiveAccount>,
}

/// Follows what `wanted` names through a run; `only` keeps objectives whose id holds this text.
///
/// # Errors
/// Nothing is called so, or the run compares nothing of that name.
pub fn why_not(
    run: &Retraced,
    wanted: &str,
    only: Option<&str>,
    catalog: &Catalog,
) -> Result<EntityAccount, RetraceError> {
    let found = run.find(wanted)?;
    let matches =
        |id: &str| only.is_none_or(|only| id.to_lowercase().contains(&only.trim().to_lowercase()));
    let mut objectives = Vec::new();
    for objective in run.objectives.iter().filter(|o| matches(&o.id.0)) {
        let never = match &objective.status {
            ObjectiveStatus::Retired { reason } => Some(format!("given up: {reason}")),
            _ => None,
        };
        let tests = run
            .strata
            .iter()
            .enumerate()
            .filter(|(_, s)| s.objective == objective.id)
            .flat_map(|(place, stratum)| {
                found
                    .iter()
                    .filter_map(move |f| test_account(run, place, stratum, f, catalog))
            })
            .collect();
        objectives.push(ObjectiveAccount {
            objective: objective.id.0.clone(),
            question: objective.text.clone(),
            never,
            tests,
        });
    }
    for not_asked in run.not_asked.iter().filter(|n| matches(&n.what)) {
        objectives.push(ObjectiveAccount {
            objective: not_asked.what.clone(),
            question: String::new(),
            never: Some(not_asked.reason.clone()),
            tests: Vec::new(),
        });
    }
    if objectives.is_empty() {
        let known: Vec<String> = run
            .objectives
            .iter()
            .map(|o| format!("`{}`", o.id))
            .collect();
        return Err(RetraceError::UnknownObjective {
            wanted: only.unwrap_or_default().to_owned(),
            known: known.join(", "),
        });
    }
    let is_it = |e: &Entity| {
        found.iter().any(|f| {
            f.entity.id == e.id || (e.kind == f.entity.kind && f.entity.symbol == e.symbol)
        })
    };
    Ok(EntityAccount {
        wanted: wanted.to_owned(),
        named_in: run
            .hypotheses
            .iter()
            .filter(|h| h.entities.iter().any(is_it))
            .map(|h| (h.rank, h.grade, h.statement.clone()))
            .collect(),
        entities: found.into_iter().map(|f| f.entity).collect(),
        objectives,
    })
}

impl Retraced {
    /// The tests of one feature or set under one objective, for other code that looks for a reason.
    pub fn tests_of(&self, objective: &str, found: &Found, catalog: &Catalog) -> Vec<TestAccount> {
        self.strata
            .iter()
            .enumerate()
            .filter(|(_, s)| s.objective.0 == objective)
            .filter_map(|(place, stratum)| test_account(self, place, stratum, found, catalog))
            .collect()
    }
}

/// The account of one test; none where the stratum is about another kind of thing.
fn test_account(
    run: &Retraced,
    place: usize,
    stratum: &StratumFate,
    found: &Found,
    catalog: &Catalog,
) -> Option<TestAccount> {
    let answer = catalog
        .get(&stratum.tool)?
        .spec
        .answers
        .iter()
        .find(|a| a.table == stratum.table && a.archetype == stratum.archetype)?;
    let about_sets = matches!(answer.subject, EntityKind::Pathway | EntityKind::Complex);
    let about_structure = matches!(answer.subject, EntityKind::Subtype | EntityKind::Component);
    let same_kind = !about_sets || answer.subject == found.entity.kind;
    if about_structure
        || about_sets != found.is_set
        || !same_kind
        || stratum.archetype == Archetype::OverRepresentation
    {
        return None;
    }
    let table = run.table(&stratum.step, &stratum.table);
    let row = table.as_ref().and_then(|table| {
        let at = *Retraced::index(table, &answer.columns.subject).get(&found.entity.id)?;
        let row = rows_of(answer, table).ok()?.into_iter().nth(at)?;
        Some((at, row))
    });
    let mut account = TestAccount {
        subject: found.entity.clone(),
        stratum: stratum.id.clone(),
        archetype: stratum.archetype,
        step: stratum.step.clone(),
        effect: None,
        interval: None,
        unit: answer.unit.clone(),
        p_tool: None,
        p: None,
        p_decoy: None,
        q: None,
        members: stratum.members,
        detectable: None,
        rule: Rule::Futile,
    };
    let (Some(table), Some((at, row))) = (table, row) else {
        account.rule = not_in_table(run, stratum, found);
        return Some(account);
    };
    let known = |x: f64| (!x.is_nan()).then_some(x);
    let rates = run
        .members
        .get(place)
        .and_then(|m| m.get(&row.key))
        .copied()
        .filter(|_| !row.p.is_nan());
    account.effect = known(row.effect);
    account.interval = known(row.low).zip(known(row.high)).map(|(l, h)| [l, h]);
    account.p_tool = known(row.p);
    account.p = rates.and_then(|r| known(r.p));
    account.p_decoy = rates.and_then(|r| known(r.p_decoy));
    account.q = rates.and_then(|r| known(r.q));
    account.detectable = detectable(run, place, stratum, &row);
    account.rule = decided(run, stratum, place, &row, at, &table, answer, rates);
    Some(account)
}

/// Where a feature was lost before the test.
fn not_in_table(run: &Retraced, stratum: &StratumFate, found: &Found) -> Rule {
    if found.is_set {
        return Rule::NotInTable {
            reason: "too few or too many of its members were measured, or it was left out as too general"
                .to_owned(),
        };
    }
    let plan = run.plan(&stratum.objective.0);
    for step in plan.iter().flat_map(|p| &p.steps) {
        let folder = plan.map(|p| p.folder(&step.id)).unwrap_or_default();
        let Some(dropped) = run.table(&folder, "dropped") else {
            continue;
        };
        let at = Retraced::index(&dropped, "feature")
            .get(&found.entity.id)
            .copied();
        if let (Some(at), Ok(reasons)) = (at, texts(&dropped, "reason")) {
            return Rule::LeftOut {
                by: step.id.clone(),
                tool: step.tool.clone(),
                reason: reasons[at].clone(),
            };
        }
    }
    Rule::NotInTable {
        reason: match stratum.archetype {
            Archetype::DetectionSwitch => {
                "detected in so many or so few samples that no split of them could be significant"
            }
            _ => "the analysis works on another assay, or kept another row of the same gene",
        }
        .to_owned(),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a rule is read off everything that was recorded"
)]
fn decided(
    run: &Retraced,
    stratum: &StratumFate,
    place: usize,
    row: &AnswerRow,
    at: usize,
    table: &DataFrame,
    answer: &Answer,
    rates: Option<MemberRates>,
) -> Rule {
    let draft = run.drafts.iter().find(|d| {
        (d.stratum == stratum.id && d.keys.contains(&row.key))
            || d.also
                .iter()
                .any(|(s, k)| *s == stratum.id && *k == row.key)
    });
    if let Some(draft) = draft {
        return fate(run, draft, stratum, row);
    }
    if row.p.is_nan() {
        return Rule::TooFewValues {
            found: match (row.n.reference, row.n.target) {
                (Some(reference), Some(target)) => format!(
                    "{target} samples with a value in the target group, {reference} in the reference group"
                ),
                _ => format!("{} samples with a value", row.n.total),
            },
        };
    }
    if let Some(reason) = &stratum.off_menu {
        return Rule::OffMenu {
            reason: reason.clone(),
        };
    }
    if stratum.futile {
        return Rule::Futile;
    }
    if !stratum.selected {
        return Rule::NotSelected;
    }
    let q = rates.map_or(1.0, |r| r.q);
    let some_supported = run
        .members
        .get(place)
        .is_some_and(|m| m.values().any(|r| r.q <= SUPPORTED_LEVEL));
    let about_proteins = matches!(
        stratum.archetype,
        Archetype::DifferentialProtein
            | Archetype::ProteinAssociation
            | Archetype::ProteinAcrossGroups
    );
    // Where some pass the strict level, only those are told one by one.
    let level = if about_proteins && some_supported {
        SUPPORTED_LEVEL
    } else {
        SUGGESTIVE_LEVEL
    };
    if q > level {
        return Rule::QTooLarge { found: q, level };
    }
    if let Some(better) = representative(table, answer, at, &row.subject) {
        let rank = run
            .hypotheses
            .iter()
            .find(|h| h.entities.iter().any(|e| e.id == better))
            .map(|h| h.rank);
        return Rule::Folded {
            rank,
            how: format!("`{better}` shares most of its members and says it better"),
        };
    }
    if about_proteins {
        if stratum.archetype == Archetype::ProteinAcrossGroups {
            return Rule::Folded {
                rank: None,
                how: "a contrast of the same variable supports it and says in which direction, or the list of single proteins was full".to_owned(),
            };
        }
        let family = stratum.members as f64 * stratum.factor;
        let printed = crate::agent::draft::PRINTED;
        if rates.is_some_and(|r| r.p * family > SUPPORTED_LEVEL * printed) {
            return Rule::NotPrintable;
        }
        return Rule::ListFull {
            limit: format!(
                "{SINGLES} single proteins of a comparison, those with the largest effect × evidence, and panels that share a set"
            ),
        };
    }
    Rule::ListFull {
        limit: format!("{OTHERS} claims of this kind per comparison"),
    }
}

/// The set that stands for a row, where it is another one.
fn representative(table: &DataFrame, answer: &Answer, at: usize, own: &str) -> Option<String> {
    if !matches!(answer.subject, EntityKind::Pathway | EntityKind::Complex) {
        return None;
    }
    let better = texts(table, "representative").ok()?.into_iter().nth(at)?;
    (!better.is_empty() && better != own).then_some(better)
}

fn fate(run: &Retraced, draft: &DraftFate, stratum: &StratumFate, row: &AnswerRow) -> Rule {
    let rank_of = |id: &str| run.hypotheses.iter().find(|h| h.id == id);
    let own = draft.stratum == stratum.id && draft.keys.contains(&row.key);
    match &draft.fate {
        Fate::Told { id } => match rank_of(id) {
            Some(h) if own => Rule::Told {
                rank: h.rank,
                id: id.clone(),
                grade: h.grade,
            },
            Some(h) => Rule::Folded {
                rank: Some(h.rank),
                how: "it is told by the comparison where it is strongest".to_owned(),
            },
            None => Rule::Folded {
                rank: None,
                how: "its draft is not in the list".to_owned(),
            },
        },
        Fate::Folded { into } => Rule::Folded {
            rank: into.as_deref().and_then(rank_of).map(|h| h.rank),
            how: "a hypothesis that says the same better absorbed it".to_owned(),
        },
        Fate::ListFull { limit } => Rule::ListFull {
            limit: format!("{limit} hypotheses in all"),
        },
    }
}

/// The effect whose test would have been listed as supported with 80 % power, at the row's standard error: the p needed is
/// that of one more finding beside those that were listed.
fn detectable(run: &Retraced, place: usize, stratum: &StratumFate, row: &AnswerRow) -> Option<f64> {
    let error = (row.effect / row.statistic).abs();
    let half = (row.high - row.low) / 2.0;
    if !error.is_finite() || error <= 0.0 || !half.is_finite() || stratum.off_menu.is_some() {
        return None;
    }
    let df = degrees_of_freedom(half / error).unwrap_or(f64::INFINITY);
    let listed = run
        .members
        .get(place)
        .map_or(0, |m| m.values().filter(|r| r.q <= SUPPORTED_LEVEL).count());
    let family = (stratum.members as f64 * stratum.factor).max(1.0);
    let alpha = (SUPPORTED_LEVEL * (listed + 1) as f64 / family).min(SUPPORTED_LEVEL);
    let needed = student_t_two_sided_quantile(alpha, df) + student_t_quantile(POWER, df);
    Some(needed * error)
}
