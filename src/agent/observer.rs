//! Who is told how a run comes along.

use proteus_llm::{Budget, Spent};

use crate::discovery::{ForecastMinutes, ModelForecast};

/// `1 plan`, `2 plans`.
pub(super) fn number_of(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The states of the loop, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The dataset is recorded.
    Ingest,
    /// Objectives are proposed.
    Propose,
    /// Plans are made and their label-blind steps run.
    Plan,
    /// A person approves what was planned; not entered in a run that asks nobody.
    Approve,
    /// The menu is frozen.
    Menu,
    /// Plans run on the data.
    Execute,
    /// Data and results are checked.
    Audit,
    /// Plans are replayed on decoys.
    Decoys,
    /// Hypotheses are drafted, attacked and graded.
    Hypotheses,
    /// Papers are looked up; not entered in a run that looks none up.
    Papers,
    /// Models read what is graded; not entered in a run without models.
    Read,
    /// Results are written.
    Write,
}

impl Stage {
    /// Every stage in order.
    pub const ALL: [Self; 12] = [
        Self::Ingest,
        Self::Propose,
        Self::Plan,
        Self::Approve,
        Self::Menu,
        Self::Execute,
        Self::Audit,
        Self::Decoys,
        Self::Hypotheses,
        Self::Papers,
        Self::Read,
        Self::Write,
    ];

    /// Its name, as journaled.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Propose => "propose",
            Self::Plan => "plan",
            Self::Approve => "approve",
            Self::Menu => "menu",
            Self::Execute => "execute",
            Self::Audit => "audit",
            Self::Decoys => "decoys",
            Self::Hypotheses => "hypotheses",
            Self::Papers => "papers",
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// Told of stages and decoys; steps are told through [`crate::workflow::Progress`]. Called from several threads.
pub trait Observer: Send + Sync {
    /// A stage began.
    fn entered(&self, stage: Stage);
    /// A stage ended with this result.
    fn finished(&self, stage: Stage, summary: &str);
    /// A person is about to be asked; what is drawn again and again must rest meanwhile.
    fn asking(&self) {}
    /// So many of the planned decoys are counted.
    fn decoys(&self, done: usize, planned: usize);
    /// Models are expected to be asked so much, at these minutes where their pace is known; told before the first question.
    fn expected(&self, _forecast: &ModelForecast, _minutes: Option<&ForecastMinutes>) {}
    /// Models have been used for so much, and may be used for so much; told after every answer.
    fn spent(&self, _spent: &Spent, _budget: &Budget) {}
    /// Whether the run is still wanted; asked before every stage, after every batch of decoys and before papers of the next
    /// hypothesis are looked up.
    fn wanted(&self) -> bool {
        true
    }
}

/// Told nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Observer for Quiet {
    fn entered(&self, _stage: Stage) {}
    fn finished(&self, _stage: Stage, _summary: &str) {}
    fn decoys(&self, _done: usize, _planned: usize) {}
}
