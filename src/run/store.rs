//! Writing a run: the one place that changes a run folder.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::codes;
use super::json_lines::{self, Appender};
use super::lock::RunLock;
use super::name::check_name;
use super::view::{RunView, read_journal};
use super::{Cache, Event, JournalEntry, Key, LedgerEntry, NewRun, RunError, atomic, hash};
use crate::discovery::{Asked, AuditReport, Calibration, Finding, Hypothesis, Objective};

/// A run folder open for writing; reads like a [`RunView`]. One at a time per folder, over all processes.
#[derive(Debug)]
pub struct RunStore {
    view: RunView,
    journal: Mutex<Journal>,
    ledger: Mutex<Ledger>,
    _lock: RunLock,
}

#[derive(Debug)]
struct Journal {
    file: Appender,
    next: u64,
}

#[derive(Debug)]
struct Ledger {
    file: Appender,
    known: BTreeSet<LedgerEntry>,
}

impl Deref for RunStore {
    type Target = RunView;

    fn deref(&self) -> &RunView {
        &self.view
    }
}

impl RunStore {
    /// Makes a run folder under `parent`, named after dataset and content, with `-2`, `-3` … where that exists already.
    ///
    /// # Errors
    /// [`RunError::NotWritable`] or [`RunError::DiskFull`]; nothing that looks like a run is left behind.
    pub fn create(parent: &Path, run: NewRun) -> Result<Self, RunError> {
        fs::create_dir_all(parent).map_err(|e| RunError::writing(parent, e))?;
        let (id, root) = claim_folder(parent, &run.base_id())?;
        let record = run.record(id);
        let made = (|| {
            let lock = RunLock::take(&root)?;
            let event = Event::RunStarted {
                dataset: record.dataset.clone(),
                content_hash: record.content_hash.clone(),
                config_hash: record.config_hash.clone(),
                seed: record.seed,
            };
            // `run.yaml` comes last: it is what makes the folder a run.
            let mut journal = Appender::open(&root.join("journal.jsonl"), 0)?;
            journal.append(&JournalEntry {
                seq: 0,
                at: Some(jiff::Timestamp::now()),
                event,
            })?;
            let path = root.join("run.yaml");
            atomic::write_bytes(&path, to_yaml(&path, &record)?.as_bytes())?;
            Self::with_lock(&root, lock)
        })();
        if made.is_err() {
            let _ = fs::remove_dir_all(&root);
        }
        made
    }

    /// Takes up the run at `root` again: what a killed process left half-written is removed, and the
    /// journal goes on after its last whole line.
    ///
    /// # Errors
    /// [`RunError::Locked`] while another process writes it; otherwise as [`RunView::open`].
    pub fn resume(root: &Path) -> Result<Self, RunError> {
        RunView::open(root)?;
        let lock = RunLock::take(root)?;
        atomic::sweep(root)?;
        let store = Self::with_lock(root, lock)?;
        let entries = store.journal_lock().next;
        store.append(Event::RunResumed { entries })?;
        Ok(store)
    }

    fn with_lock(root: &Path, lock: RunLock) -> Result<Self, RunError> {
        let view = RunView::open(root)?;
        let journal = read_journal(root)?;
        let ledger_path = root.join("ledger.jsonl");
        let ledger = json_lines::read::<LedgerEntry>(&ledger_path)?;
        Ok(Self {
            journal: Mutex::new(Journal {
                file: Appender::open(&root.join("journal.jsonl"), journal.whole)?,
                next: journal.values.len() as u64,
            }),
            ledger: Mutex::new(Ledger {
                file: Appender::open(&ledger_path, ledger.whole)?,
                known: ledger.values.into_iter().collect(),
            }),
            view,
            _lock: lock,
        })
    }

    fn journal_lock(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same run for reading.
    pub fn view(&self) -> &RunView {
        &self.view
    }

    /// Appends an event to the journal and syncs it.
    pub fn append(&self, event: Event) -> Result<u64, RunError> {
        let mut journal = self.journal_lock();
        let seq = journal.next;
        journal.file.append(&JournalEntry {
            seq,
            at: Some(jiff::Timestamp::now()),
            event,
        })?;
        journal.next += 1;
        Ok(seq)
    }

    /// Notes families of tests; one noted before (by a process that was killed later) is not noted again.
    pub fn append_ledger(&self, entries: &[LedgerEntry]) -> Result<(), RunError> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            if !ledger.known.contains(entry) {
                ledger.file.append(entry)?;
                ledger.known.insert(entry.clone());
            }
        }
        Ok(())
    }

    /// Writes `question.yaml` and notes it in the journal.
    pub fn write_question(&self, question: &Asked) -> Result<(), RunError> {
        self.write_yaml("question.yaml", question)?;
        self.append(Event::QuestionUnderstood {
            question: Box::new(question.clone()),
        })
        .map(drop)
    }

    /// Writes `codes.yaml`, the key of a blind run.
    pub fn write_key(&self, key: &Key) -> Result<(), RunError> {
        self.write_yaml(codes::FILE, key).map(drop)
    }

    /// Writes `objectives.yaml`.
    pub fn write_objectives(&self, objectives: &[Objective]) -> Result<(), RunError> {
        self.write_yaml("objectives.yaml", &objectives).map(drop)
    }

    /// Writes `plans/<scope>.yaml` and gives the BLAKE3 of the file.
    pub fn write_plan(&self, scope: &str, plan: &impl Serialize) -> Result<String, RunError> {
        check_name("plan", scope)?;
        self.write_yaml(&format!("plans/{scope}.yaml"), plan)
    }

    /// Writes `findings.jsonl` and notes it in the journal.
    pub fn write_findings(&self, findings: &[Finding]) -> Result<(), RunError> {
        let path = self.path("findings.jsonl");
        let mut bytes = Vec::new();
        for finding in findings {
            serde_json::to_writer(&mut bytes, finding).map_err(|e| RunError::NotSerialisable {
                path: path.clone(),
                reason: e.to_string(),
            })?;
            bytes.push(b'\n');
        }
        atomic::write_bytes(&path, &bytes)?;
        self.append(Event::FindingsWritten {
            count: findings.len(),
            hash: hash::of_bytes(&bytes),
        })
        .map(drop)
    }

    /// Writes `hypotheses.yaml` and notes it in the journal.
    pub fn write_hypotheses(&self, hypotheses: &[Hypothesis]) -> Result<(), RunError> {
        let hash = self.write_yaml("hypotheses.yaml", &hypotheses)?;
        self.append(Event::HypothesesWritten {
            count: hypotheses.len(),
            hash,
        })
        .map(drop)
    }

    /// Writes `audit.yaml`.
    pub fn write_audit(&self, audit: &AuditReport) -> Result<(), RunError> {
        self.write_yaml("audit.yaml", audit).map(drop)
    }

    /// Writes `calibration.yaml`.
    pub fn write_calibration(&self, calibration: &Calibration) -> Result<(), RunError> {
        self.write_yaml("calibration.yaml", calibration).map(drop)
    }

    /// Writes any value as YAML at a path inside the run folder and gives the BLAKE3 of the file.
    pub fn write_yaml(&self, relative: &str, value: &impl Serialize) -> Result<String, RunError> {
        let path = self.inside(relative)?;
        let text = to_yaml(&path, value)?;
        atomic::write_bytes(&path, text.as_bytes())?;
        Ok(hash::of_bytes(text.as_bytes()))
    }

    /// Writes bytes (a rendered report, a figure) at a path inside the run folder.
    pub fn write_bytes(&self, relative: &str, bytes: &[u8]) -> Result<PathBuf, RunError> {
        let path = self.inside(relative)?;
        atomic::write_bytes(&path, bytes)?;
        Ok(path)
    }

    /// The cache shared by the runs of this run's parent folder.
    pub fn cache(&self) -> Cache {
        let parent = self.root().parent().unwrap_or_else(|| Path::new("."));
        Cache::new(parent.join("cache"))
    }

    fn inside(&self, relative: &str) -> Result<PathBuf, RunError> {
        for part in relative.split('/') {
            check_name("file of a run", part)?;
        }
        Ok(self.path(relative))
    }
}

/// Makes the first folder of `base`, `base-2`, `base-3` … that does not exist.
fn claim_folder(parent: &Path, base: &str) -> Result<(String, PathBuf), RunError> {
    let mut number = 1_u32;
    loop {
        let id = if number == 1 {
            base.to_owned()
        } else {
            format!("{base}-{number}")
        };
        let root = parent.join(&id);
        match fs::create_dir(&root) {
            Ok(()) => return Ok((id, root)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(RunError::writing(&root, error)),
        }
    }
}

fn to_yaml(path: &Path, value: &impl Serialize) -> Result<String, RunError> {
    serde_yaml::to_string(value).map_err(|e| RunError::NotSerialisable {
        path: path.to_path_buf(),
        reason: e.to_string(),
    })
}
