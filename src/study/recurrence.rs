//! Several runs on the same input: which hypotheses come back, with which grade, at which rank.
//!
//! Runs that differ by their seed alone differ by the decoys that were drawn; runs that differ by their models differ by what was
//! asked and adjusted for. What recurs is stable against these, which is not the same as true: all runs read the same data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::agent::retrace::{RetraceError, Retraced};
use crate::discovery::{Archetype, Direction, Grade, Hypothesis};

/// Why runs cannot be set side by side.
#[derive(Debug, thiserror::Error)]
pub enum RecurrenceError {
    /// A run cannot be looked back on.
    #[error(transparent)]
    Retrace(#[from] RetraceError),
    /// Fewer than two runs.
    #[error(
        "{found} was given, and recurrence is between runs\nhint: name several runs, or ask for more with `--seeds N`"
    )]
    TooFew {
        /// How many, in words.
        found: &'static str,
    },
    /// A run named twice.
    #[error("the run `{}` was named twice\nhint: name every run once", run.display())]
    Twice {
        /// Its folder.
        run: PathBuf,
    },
    /// Runs of other input.
    #[error(
        "the runs `{first}` and `{other}` did not read the same input\nhint: recurrence is over one dataset; for a second cohort there is `proteus replicate`"
    )]
    OtherInput {
        /// The first run.
        first: String,
        /// The run with other input.
        other: String,
    },
    /// Names are hidden behind codes, which change with the seed.
    #[error(
        "the run `{run}` hides names, and codes differ between runs\nhint: repeat it without `--blind`"
    )]
    Blind {
        /// The run.
        run: String,
    },
}

/// Runs on the same input, side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recurrence {
    /// The runs, in the order given.
    pub runs: Vec<RecurringRun>,
    /// Every hypothesis of any run, the most often supported first.
    pub hypotheses: Vec<Recurring>,
    /// Hypotheses that are `supported` in every run, over those that are in any (Jaccard); none where no run has one.
    pub supported_in_all: Option<f64>,
}

/// One of the runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecurringRun {
    /// Its identifier.
    pub id: String,
    /// Its seed.
    pub seed: u64,
    /// Hypotheses in it.
    pub hypotheses: usize,
    /// Those that are `supported`.
    pub supported: usize,
}

/// A hypothesis over the runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recurring {
    /// The sentence in the first run that has it.
    pub statement: String,
    /// The question it answers.
    pub objective: String,
    /// Its shape.
    pub archetype: Archetype,
    /// Which way.
    pub direction: Direction,
    /// What it is about: id of the subject of its first claim.
    pub subject: String,
    /// Runs that list it.
    pub listed: usize,
    /// Runs in which it is `supported`.
    pub supported: usize,
    /// Whether all runs that list it claim the same to the letter (equal frozen hashes).
    pub to_the_letter: bool,
    /// What became of it in each run, in the order of `runs`; none where it is not listed.
    pub by_run: Vec<Option<Standing>>,
}

/// A hypothesis in one run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Standing {
    /// Its rank.
    pub rank: usize,
    /// Its grade.
    pub grade: Grade,
    /// Its q-value.
    pub q: f64,
}

/// What makes two hypotheses the same: question, shape, direction, subject of the first claim.
type Key = (String, Archetype, Direction, String);

fn key(hypothesis: &Hypothesis) -> Key {
    let subject = hypothesis.claims.first().map(|c| c.subject.id.clone());
    (
        hypothesis.objective.0.clone(),
        hypothesis.archetype,
        hypothesis.direction,
        subject.unwrap_or_default(),
    )
}

/// Sets the runs at `folders` side by side.
///
/// # Errors
/// Fewer than two runs, one named twice, runs of different input or with hidden names; a run that is not finished or whose files
/// are damaged.
pub fn recurrence(folders: &[PathBuf]) -> Result<Recurrence, RecurrenceError> {
    let runs = opened(folders)?;
    let mut met: BTreeMap<Key, Recurring> = BTreeMap::new();
    let mut hashes: BTreeMap<Key, Option<String>> = BTreeMap::new();
    for (place, run) in runs.iter().enumerate() {
        for hypothesis in run.hypotheses() {
            let key = key(hypothesis);
            let hash = hypothesis.frozen.as_ref().map(|f| f.hash.clone());
            let first = hashes.entry(key.clone()).or_insert_with(|| hash.clone());
            let same = *first == hash;
            let found = met
                .entry(key)
                .or_insert_with_key(|key| Recurring::new(hypothesis, key, runs.len()));
            found.to_the_letter &= same;
            // Two of one subject in one run: the better one stands for both.
            if found.by_run[place].is_none() {
                found.count(place, hypothesis);
            }
        }
    }
    let mut hypotheses: Vec<Recurring> = met.into_values().collect();
    let best = |one: &Recurring| one.by_run.iter().flatten().map(|s| s.rank).min();
    hypotheses.sort_by(|a, b| {
        (b.supported, b.listed)
            .cmp(&(a.supported, a.listed))
            .then_with(|| best(a).cmp(&best(b)))
    });
    let any = hypotheses.iter().filter(|h| h.supported > 0).count();
    let all = hypotheses
        .iter()
        .filter(|h| h.supported == runs.len())
        .count();
    Ok(Recurrence {
        runs: runs.iter().map(RecurringRun::of).collect(),
        hypotheses,
        supported_in_all: (any > 0).then(|| all as f64 / any as f64),
    })
}

fn opened(folders: &[PathBuf]) -> Result<Vec<Retraced>, RecurrenceError> {
    if folders.len() < 2 {
        let found = if folders.is_empty() {
            "no run"
        } else {
            "one run"
        };
        return Err(RecurrenceError::TooFew { found });
    }
    let runs = folders
        .iter()
        .map(|folder| Ok(Retraced::open(folder)?))
        .collect::<Result<Vec<_>, RecurrenceError>>()?;
    let id = |run: &Retraced| run.run().id().to_owned();
    for (place, run) in runs.iter().enumerate() {
        let real = |run: &Retraced| real_path(run.run().root());
        if runs[..place]
            .iter()
            .any(|earlier| real(earlier) == real(run))
        {
            return Err(RecurrenceError::Twice {
                run: folders[place].clone(),
            });
        }
        if run.run().is_blind() {
            return Err(RecurrenceError::Blind { run: id(run) });
        }
        if run.dataset().content_hash != runs[0].dataset().content_hash {
            return Err(RecurrenceError::OtherInput {
                first: id(&runs[0]),
                other: id(run),
            });
        }
    }
    Ok(runs)
}

/// The path without links, where the file system tells.
fn real_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

impl RecurringRun {
    fn of(run: &Retraced) -> Self {
        let supported = run.hypotheses().iter();
        Self {
            id: run.run().id().to_owned(),
            seed: run.run().record().seed,
            hypotheses: run.hypotheses().len(),
            supported: supported.filter(|h| h.grade == Grade::Supported).count(),
        }
    }
}

impl Recurring {
    fn new(hypothesis: &Hypothesis, key: &Key, runs: usize) -> Self {
        Self {
            statement: hypothesis.statement.clone(),
            objective: key.0.clone(),
            archetype: key.1,
            direction: key.2,
            subject: key.3.clone(),
            listed: 0,
            supported: 0,
            to_the_letter: true,
            by_run: vec![None; runs],
        }
    }

    fn count(&mut self, place: usize, hypothesis: &Hypothesis) {
        self.listed += 1;
        self.supported += usize::from(hypothesis.grade == Grade::Supported);
        self.by_run[place] = Some(Standing {
            rank: hypothesis.rank,
            grade: hypothesis.grade,
            q: hypothesis.error_rate.q.get(),
        });
    }
}
