//! What a run wrote, loaded for looking back.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use polars::prelude::DataFrame;

use crate::agent::fates::{DRAFTS, DraftFate, MEMBERS, STRATA, StratumFate};
use crate::agent::propose::NotAsked;
use crate::dataset::DatasetRecord;
use crate::discovery::{AuditReport, Calibration, Hypothesis, Objective};
use crate::run::tables::read_parquet;
use crate::run::{RunError, RunStatus, RunView};
use crate::tool::frame::{FrameError, numbers, texts};
use crate::workflow::Plan;

/// Why a run cannot be looked back on.
#[derive(Debug, thiserror::Error)]
pub enum RetraceError {
    /// A file cannot be read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A table is not as it was written.
    #[error("a table of the run is not as it was written: {0}")]
    Frame(#[from] FrameError),
    /// The run is not finished, or an earlier version wrote it.
    #[error("the run in `{path}` cannot be looked back on: {reason}\nhint: {hint}")]
    NotRecorded {
        /// The run.
        path: String,
        /// What is missing.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// No hypothesis has this rank or id.
    #[error(
        "no hypothesis `{wanted}` in this run: it has {found}\nhint: give a rank or an id from the report, such as `H1`"
    )]
    UnknownHypothesis {
        /// What was asked for.
        wanted: String,
        /// How many there are.
        found: usize,
    },
    /// Nothing has this name.
    #[error(transparent)]
    UnknownEntity(#[from] super::UnknownEntity),
    /// The run does not compare this.
    #[error("this run does not compare `{wanted}`\nhint: it compares {known}")]
    UnknownObjective {
        /// What was asked for.
        wanted: String,
        /// What it compares.
        known: String,
    },
}

/// Error rates of one member of the menu.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct MemberRates {
    pub p_decoy: f64,
    pub p: f64,
    pub q: f64,
}

/// A run, loaded.
pub struct Retraced {
    pub(super) run: RunView,
    pub(super) dataset: DatasetRecord,
    pub(super) audit: AuditReport,
    pub(super) calibration: Option<Calibration>,
    pub(super) objectives: Vec<Objective>,
    pub(super) not_asked: Vec<NotAsked>,
    pub(super) hypotheses: Vec<Hypothesis>,
    pub(super) strata: Vec<StratumFate>,
    pub(super) drafts: Vec<DraftFate>,
    pub(super) plans: Vec<Plan>,
    /// By place of the stratum, then by key.
    pub(super) members: Vec<BTreeMap<String, MemberRates>>,
    tables: Mutex<BTreeMap<String, Arc<DataFrame>>>,
}

impl Retraced {
    /// Loads a finished run.
    pub fn open(folder: &Path) -> Result<Self, RetraceError> {
        let run = RunView::open(folder)?;
        let refuse = |reason: &str, hint: &str| RetraceError::NotRecorded {
            path: folder.display().to_string(),
            reason: reason.to_owned(),
            hint: hint.to_owned(),
        };
        if let RunStatus::Unfinished { .. } = run.status()? {
            return Err(refuse(
                "it is not finished",
                "finish it with `proteus resume`",
            ));
        }
        if !run.path(MEMBERS).is_file() {
            return Err(refuse(
                "it kept no record of what became of every test",
                "it was made by an earlier version: make the run again",
            ));
        }
        let strata: Vec<StratumFate> = run.read_yaml(STRATA)?;
        let mut members = vec![BTreeMap::new(); strata.len()];
        let table = read_parquet(&run.path(MEMBERS))?;
        let places = numbers(&table, "stratum")?;
        let keys = texts(&table, "key")?;
        let (p_decoy, p) = (numbers(&table, "p_decoy")?, numbers(&table, "p")?);
        let q = numbers(&table, "q")?;
        for (i, key) in keys.into_iter().enumerate() {
            if let Some(of_stratum) = members.get_mut(places[i] as usize) {
                of_stratum.insert(
                    key,
                    MemberRates {
                        p_decoy: p_decoy[i],
                        p: p[i],
                        q: q[i],
                    },
                );
            }
        }
        let mut plans = Vec::new();
        for name in run.plans()? {
            plans.push(run.read_yaml(&format!("plans/{name}.yaml"))?);
        }
        Ok(Self {
            dataset: run.read_yaml("dataset.yaml")?,
            audit: run
                .audit()?
                .unwrap_or_else(|| AuditReport::new(Vec::new(), &[])),
            calibration: run.calibration()?,
            objectives: run.objectives()?,
            not_asked: run.read_yaml("not_asked.yaml")?,
            hypotheses: run.hypotheses()?,
            drafts: run.read_yaml(DRAFTS)?,
            strata,
            plans,
            members,
            run,
            tables: Mutex::default(),
        })
    }

    /// The run.
    pub fn run(&self) -> &RunView {
        &self.run
    }

    /// Its hypotheses in rank order.
    pub fn hypotheses(&self) -> &[Hypothesis] {
        &self.hypotheses
    }

    /// Its objectives.
    pub fn objectives(&self) -> &[Objective] {
        &self.objectives
    }

    /// What is known of its dataset.
    pub fn dataset(&self) -> &DatasetRecord {
        &self.dataset
    }

    /// Its strata.
    pub fn strata(&self) -> &[StratumFate] {
        &self.strata
    }

    /// The plan of an objective.
    pub(super) fn plan(&self, objective: &str) -> Option<&Plan> {
        self.plans.iter().find(|p| p.objective.0 == objective)
    }

    /// A table or matrix of a step, read once; none where the step wrote no such file.
    pub(super) fn table(&self, step: &str, port: &str) -> Option<Arc<DataFrame>> {
        let name = format!("steps/{step}/{port}.parquet");
        self.file(&name)
    }

    /// A table of the run by its path, read once.
    pub(super) fn file(&self, name: &str) -> Option<Arc<DataFrame>> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = tables.get(name) {
            return Some(Arc::clone(table));
        }
        let path = self.run.path(name);
        let table = Arc::new(path.is_file().then(|| read_parquet(&path).ok()).flatten()?);
        tables.insert(name.to_owned(), Arc::clone(&table));
        Some(table)
    }

    /// The hypothesis of this rank (`7`, `H7`, `#7`) or id.
    pub fn hypothesis(&self, wanted: &str) -> Result<&Hypothesis, RetraceError> {
        let rank = wanted.trim_start_matches(['H', 'h', '#']).parse().ok();
        self.hypotheses
            .iter()
            .find(|h| h.id == wanted)
            .or_else(|| self.hypotheses.iter().find(|h| Some(h.rank) == rank))
            .ok_or_else(|| RetraceError::UnknownHypothesis {
                wanted: wanted.to_owned(),
                found: self.hypotheses.len(),
            })
    }

    /// Rows by one text column of a table.
    pub(super) fn index(table: &DataFrame, column: &str) -> IndexMap<String, usize> {
        texts(table, column)
            .map(|keys| {
                keys.into_iter()
                    .enumerate()
                    .rev()
                    .map(|(i, key)| (key, i))
                    .collect()
            })
            .unwrap_or_default()
    }
}
