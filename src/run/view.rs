//! Reading a run: everything a report, a reviewer or `explain` needs, without the right to change it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::codes::{self, Key};
use super::error::RunError;
use super::name::check_name;
use super::{Event, FORMAT, JournalEntry, LedgerEntry, RunKind, RunRecord, RunStatus, StepRecord};
use super::{json_lines, tables};
use crate::discovery::{
    Asked, AuditReport, Calibration, Finding, Hypothesis, Objective, Papers, Readings, Replication,
};

/// What models added to the results.
pub const READINGS: &str = "readings.yaml";
/// The folder of exchanges with models.
pub const MODELS: &str = "llm";
/// What papers say of the hypotheses.
pub const PAPERS: &str = "literature.yaml";
/// The folder of what was asked of stores and services of papers.
pub const LITERATURE: &str = "literature";

/// A run folder open for reading.
#[derive(Debug, Clone)]
pub struct RunView {
    root: PathBuf,
    record: RunRecord,
}

impl RunView {
    /// Opens the run folder at `root`.
    ///
    /// # Errors
    /// [`RunError::NotARun`], or [`RunError::Format`] for a folder written by another version.
    pub fn open(root: &Path) -> Result<Self, RunError> {
        let path = root.join("run.yaml");
        if !path.is_file() {
            let found = if root.is_dir() {
                "the folder has no `run.yaml`"
            } else if root.exists() {
                "it is a file"
            } else {
                "there is nothing"
            };
            return Err(RunError::NotARun {
                path: root.to_path_buf(),
                found: found.to_owned(),
            });
        }
        let value: serde_yaml::Value = read_yaml_file(&path)?;
        let format = value.get("format");
        if format.and_then(serde_yaml::Value::as_u64) != Some(u64::from(FORMAT)) {
            let found = format.map_or_else(
                || "none".to_owned(),
                |f| serde_yaml::to_string(f).unwrap_or_default(),
            );
            return Err(RunError::Format {
                path,
                found: found.trim().to_owned(),
                known: FORMAT,
            });
        }
        let record =
            serde_yaml::from_value(value).map_err(|e| RunError::damaged(&path, "a field", e))?;
        Ok(Self {
            root: root.to_path_buf(),
            record,
        })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The run's identifier.
    pub fn id(&self) -> &str {
        &self.record.id
    }

    /// What the run was made from.
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// A path inside the run folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Every whole entry of the journal.
    pub fn journal(&self) -> Result<Vec<JournalEntry>, RunError> {
        Ok(read_journal(&self.root)?.values)
    }

    /// How far the run came.
    pub fn status(&self) -> Result<RunStatus, RunError> {
        let journal = self.journal()?;
        // Reports may be rendered again after the end.
        let last = journal
            .iter()
            .rev()
            .map(|entry| &entry.event)
            .find(|event| !matches!(event, Event::ReportWritten { .. }));
        Ok(match last {
            Some(Event::RunFinished { hypotheses }) => RunStatus::Finished {
                hypotheses: *hypotheses,
            },
            Some(Event::RunStopped { reason }) => RunStatus::Stopped {
                reason: reason.clone(),
            },
            _ => RunStatus::Unfinished {
                stage: journal.iter().rev().find_map(|entry| match &entry.event {
                    Event::StageEntered { stage } => Some(stage.clone()),
                    _ => None,
                }),
            },
        })
    }

    /// What models added; none in a run without.
    pub fn readings(&self) -> Result<Option<Readings>, RunError> {
        self.yaml_or_default(READINGS)
    }

    /// What papers say of the hypotheses; none in a run that looked none up.
    pub fn papers(&self) -> Result<Option<Papers>, RunError> {
        self.yaml_or_default(PAPERS)
    }

    /// The question in words the run was asked; none where there was none, or before it was written.
    pub fn question(&self) -> Result<Option<Asked>, RunError> {
        self.yaml_or_default("question.yaml")
    }

    /// What the codes of a blind run stand for; none where names are written.
    pub fn key(&self) -> Result<Option<Key>, RunError> {
        self.yaml_or_default(codes::FILE)
    }

    /// A setting of a run that searched for hypotheses, as it was resolved; none where it was left at its default.
    pub fn setting(&self, name: &str) -> Option<&serde_json::Value> {
        self.record.config.get("config")?.get(name)
    }

    /// Whether genes, proteins and sets go by codes in what the run wrote.
    pub fn is_blind(&self) -> bool {
        self.setting("blind") == Some(&serde_json::Value::Bool(true))
    }

    /// Whether knowledge packs were read.
    pub fn read_packs(&self) -> bool {
        self.setting("packs") != Some(&serde_json::Value::Bool(false))
    }

    /// The objectives; none before they were written.
    pub fn objectives(&self) -> Result<Vec<Objective>, RunError> {
        self.yaml_or_default("objectives.yaml")
    }

    /// The findings; none before they were written.
    pub fn findings(&self) -> Result<Vec<Finding>, RunError> {
        Ok(json_lines::read(&self.path("findings.jsonl"))?.values)
    }

    /// The hypotheses in rank order; none before they were written.
    pub fn hypotheses(&self) -> Result<Vec<Hypothesis>, RunError> {
        self.yaml_or_default("hypotheses.yaml")
    }

    /// What a second cohort says of frozen hypotheses; absent in a folder that is no replication.
    pub fn replication(&self) -> Result<Option<Replication>, RunError> {
        self.yaml_or_default("replication.yaml")
    }

    /// The checks of the data; absent before they were written.
    pub fn audit(&self) -> Result<Option<AuditReport>, RunError> {
        self.yaml_or_default("audit.yaml")
    }

    /// How the error rate was measured; absent before it was.
    pub fn calibration(&self) -> Result<Option<Calibration>, RunError> {
        self.yaml_or_default("calibration.yaml")
    }

    /// Every family of tests run.
    pub fn ledger(&self) -> Result<Vec<LedgerEntry>, RunError> {
        Ok(json_lines::read(&self.path("ledger.jsonl"))?.values)
    }

    /// The folder of a step.
    pub fn step_folder(&self, step: &str) -> Result<PathBuf, RunError> {
        check_name("step", step)?;
        Ok(self.root.join("steps").join(step))
    }

    /// What a step did.
    pub fn step(&self, step: &str) -> Result<StepRecord, RunError> {
        read_yaml_file(&self.step_folder(step)?.join("step.yaml"))
    }

    /// The names of all steps, sorted.
    pub fn steps(&self) -> Result<Vec<String>, RunError> {
        names_in(&self.root.join("steps"))
    }

    /// A table that a step wrote.
    pub fn table(&self, step: &str, port: &str) -> Result<polars::prelude::DataFrame, RunError> {
        check_name("table", port)?;
        tables::read_parquet(&self.step_folder(step)?.join(format!("{port}.parquet")))
    }

    /// The names of all plans, sorted.
    pub fn plans(&self) -> Result<Vec<String>, RunError> {
        let files = names_in(&self.root.join("plans"))?;
        Ok(files
            .iter()
            .filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned))
            .collect())
    }

    /// Reads a YAML file of the run.
    pub fn read_yaml<T: DeserializeOwned>(&self, relative: &str) -> Result<T, RunError> {
        read_yaml_file(&self.path(relative))
    }

    fn yaml_or_default<T: DeserializeOwned + Default>(
        &self,
        relative: &str,
    ) -> Result<T, RunError> {
        let path = self.path(relative);
        if path.exists() {
            read_yaml_file(&path)
        } else {
            Ok(T::default())
        }
    }
}

/// Every readable run under `parent`, the oldest first; folders that are no runs, or of another format, are left out.
pub fn list_runs(parent: &Path) -> Result<Vec<RunView>, RunError> {
    let mut runs = Vec::new();
    for name in names_in(parent)? {
        if let Ok(view) = RunView::open(&parent.join(&name)) {
            let started = view
                .journal()
                .ok()
                .and_then(|journal| journal.first().and_then(|entry| entry.at));
            runs.push((started, name, view));
        }
    }
    runs.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    Ok(runs.into_iter().map(|(_, _, view)| view).collect())
}

/// The run under `parent` that was started last; replications, which have no hypotheses of their own, are passed over.
///
/// # Errors
/// [`RunError::NoRuns`] where there is none.
pub fn newest_run(parent: &Path) -> Result<RunView, RunError> {
    let mut runs = list_runs(parent)?;
    runs.retain(|run| run.record().kind == RunKind::Discovery);
    runs.pop().ok_or_else(|| RunError::NoRuns {
        parent: parent.to_path_buf(),
    })
}

pub(super) fn read_journal(root: &Path) -> Result<json_lines::Lines<JournalEntry>, RunError> {
    let path = root.join("journal.jsonl");
    let lines = json_lines::read::<JournalEntry>(&path)?;
    for (expected, entry) in lines.values.iter().enumerate() {
        if entry.seq != expected as u64 {
            let reason = format!("expected entry {expected}, found entry {}", entry.seq);
            return Err(RunError::damaged(
                &path,
                format!("line {}", expected + 1),
                reason,
            ));
        }
    }
    Ok(lines)
}

pub(super) fn read_yaml_file<T: DeserializeOwned>(path: &Path) -> Result<T, RunError> {
    let text = fs::read_to_string(path).map_err(|e| RunError::reading(path, e))?;
    serde_yaml::from_str(&text).map_err(|e| RunError::damaged(path, "its content", e))
}

fn names_in(folder: &Path) -> Result<Vec<String>, RunError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| RunError::reading(folder, e))? {
        let entry = entry.map_err(|e| RunError::reading(folder, e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
