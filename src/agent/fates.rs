//! What became of everything that was tested: the strata with their rules, the error rates of every member, and every
//! draft with its fate. Written with the run, so that `why` and `why-not` read what happened instead of guessing it.

use polars::prelude::{DataFrame, NamedFrom, Series};
use serde::{Deserialize, Serialize};

use super::draft::{Draft, Judged};
use super::error::AgentError;
use super::menu::Stratum;
use super::pursuit::Pursuit;
use super::select::Weighed;
use super::verdicts::StratumVerdict;
use crate::discovery::{Archetype, Grade, Hypothesis, ObjectiveId};
use crate::run::{RunStore, tables};
use crate::tool::FrameError;

/// File of the strata in a run folder.
pub const STRATA: &str = "strata.yaml";
/// File of the drafts in a run folder.
pub const DRAFTS: &str = "drafts.yaml";
/// File of the members in a run folder.
pub const MEMBERS: &str = "members.parquet";

/// A stratum with what its rules depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StratumFate {
    /// `objective / archetype / assay`.
    pub id: String,
    /// The objective.
    pub objective: ObjectiveId,
    /// The archetype.
    pub archetype: Archetype,
    /// The folder of the step whose table holds the answers.
    pub step: String,
    /// The tool of that step.
    pub tool: String,
    /// The table.
    pub table: String,
    /// Number of members.
    pub members: usize,
    /// Why nothing of it can be graded; absent where it is on the menu.
    pub off_menu: Option<String>,
    /// Residual degrees of freedom of a complete row.
    pub residual_df: Option<usize>,
    /// Samples in reference and target arm, where there are two.
    pub arm_sizes: Option<(usize, usize)>,
    /// What q within the stratum is multiplied by to hold over the menu.
    pub factor: f64,
    /// Smallest q the decoys can show.
    pub floor: f64,
    /// Whether the stratum was selected (Benjamini–Bogomolov).
    pub selected: bool,
    /// Whether it was given up for futility, so that no member has a p of its own.
    pub futile: bool,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It is a hypothesis of the run.
    Told {
        /// Its id.
        id: String,
    },
    /// It repeats a hypothesis that says it better.
    Folded {
        /// Id of that hypothesis; absent where that one found no place in the list.
        into: Option<String>,
    },
    /// The list was full.
    ListFull {
        /// Hypotheses printed at most.
        limit: usize,
    },
}

/// A draft and its fate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DraftFate {
    /// The stratum, as in `strata.yaml`.
    pub stratum: String,
    /// Keys of its rows in the answer table, the leading one first.
    pub keys: Vec<String>,
    /// Rows of other strata that say the same of its leading subject: (stratum, key).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<(String, String)>,
    /// Its sentence.
    pub statement: String,
    /// Its grade before folding.
    pub grade: Grade,
    /// Confounder adjustments that broke it, and how many were tried.
    pub confounders: (usize, usize),
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
}

/// Every draft with its fate. `drafts`, `weighed` (before folding) and `confounders` are in the same order; `kept` is what
/// folding left.
pub fn of_drafts(
    drafts: &[Draft],
    judged: &[Judged<'_>],
    weighed: &[Weighed],
    confounders: &[(usize, usize)],
    kept: &[Weighed],
    told: &[Hypothesis],
    limit: usize,
) -> Vec<DraftFate> {
    let key = |stratum: usize, row: usize| judged[stratum].answered.rows[row].key.clone();
    drafts
        .iter()
        .zip(weighed)
        .zip(confounders)
        .map(|((draft, weighed), &confounders)| {
            let own = &weighed.hypothesis;
            let absorbs = |h: &Hypothesis| h.absorbed.contains(&own.statement);
            let fate = if told.iter().any(|h| h.id == own.id) {
                Fate::Told { id: own.id.clone() }
            } else if let Some(better) = told.iter().find(|h| absorbs(h)) {
                Fate::Folded {
                    into: Some(better.id.clone()),
                }
            } else if kept.iter().any(|k| k.hypothesis.id == own.id) {
                Fate::ListFull { limit }
            } else {
                Fate::Folded { into: None }
            };
            DraftFate {
                stratum: judged[draft.stratum].stratum.id.clone(),
                keys: draft
                    .rows
                    .iter()
                    .map(|&row| key(draft.stratum, row))
                    .collect(),
                also: draft
                    .also
                    .iter()
                    .map(|&(g, row)| (judged[g].stratum.id.clone(), key(g, row)))
                    .collect(),
                statement: own.statement.clone(),
                grade: own.grade,
                confounders,
                fate,
            }
        })
        .collect()
}

/// Writes strata, members and drafts into the run folder.
pub fn write(
    store: &RunStore,
    menu: &[Stratum],
    verdicts: &[StratumVerdict],
    pursuits: &[Pursuit],
    drafts: &[DraftFate],
) -> Result<(), AgentError> {
    let strata: Vec<StratumFate> = menu
        .iter()
        .zip(verdicts)
        .map(|(stratum, verdict)| StratumFate {
            id: stratum.id.clone(),
            objective: stratum.objective.clone(),
            archetype: stratum.archetype,
            step: pursuits[stratum.pursuit].plan.folder(&stratum.step),
            tool: stratum.tool.clone(),
            table: stratum.answer.table.clone(),
            members: stratum.members.len(),
            off_menu: stratum.off_menu.clone(),
            residual_df: stratum.residual_df,
            arm_sizes: stratum.arm_sizes,
            factor: verdict.factor,
            floor: verdict.floor,
            selected: verdict.selected,
            futile: verdict.futile,
        })
        .collect();
    store.write_yaml(STRATA, &strata)?;
    store.write_yaml(DRAFTS, &drafts)?;
    let bytes = tables::parquet_bytes(&members(menu, verdicts)?)?;
    store.write_bytes(MEMBERS, &bytes)?;
    Ok(())
}

/// One row per member of the menu: its stratum (by place in `strata.yaml`), key and error rates.
fn members(menu: &[Stratum], verdicts: &[StratumVerdict]) -> Result<DataFrame, FrameError> {
    let on_menu = || {
        menu.iter()
            .zip(verdicts)
            .enumerate()
            .filter(|(_, (stratum, _))| stratum.off_menu.is_none())
    };
    let places: Vec<i64> = on_menu()
        .flat_map(|(g, (stratum, _))| std::iter::repeat_n(g as i64, stratum.members.len()))
        .collect();
    let keys: Vec<&str> = on_menu()
        .flat_map(|(_, (stratum, _))| stratum.members.iter().map(String::as_str))
        .collect();
    let numbers = |of: fn(&StratumVerdict) -> &[f64]| -> Vec<f64> {
        on_menu()
            .flat_map(|(_, (_, verdict))| of(verdict).iter().copied())
            .collect()
    };
    DataFrame::new_infer_height(vec![
        Series::new("stratum".into(), places).into(),
        Series::new("key".into(), keys).into(),
        Series::new("p_decoy".into(), numbers(|v| &v.p_decoy)).into(),
        Series::new("p".into(), numbers(|v| &v.p)).into(),
        Series::new("q_stratum".into(), numbers(|v| &v.q_stratum)).into(),
        Series::new("q".into(), numbers(|v| &v.q)).into(),
    ])
    .map_err(|error| FrameError::Shape(error.to_string()))
}
