//! Approval: a person is asked about every objective once all are planned and none has been computed.

use std::collections::BTreeMap;

use crate::agent::menu::Stratum;
use crate::agent::menu_making::Prepared;
use crate::agent::observer::Stage;
use crate::discovery::{Archetype, Objective, ObjectiveId};
use crate::run::{Event, JournalEntry, RunError, RunView};
use crate::workflow::Plan;

/// Why an objective is not pursued that was not approved.
pub(crate) const SKIPPED: &str = "not approved by the user, before any result was seen";

/// What is answered about an objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Pursue it.
    Approve,
    /// Leave it out.
    Skip,
    /// Leave it and all that follow out.
    SkipRest,
    /// Stop here; the run can be resumed and asks this one again.
    Pause,
}

/// An objective as it is shown to be approved: what is planned, never what was found.
pub struct Proposal<'a> {
    /// Its number among those that are asked about, from 1.
    pub number: usize,
    /// How many are asked about.
    pub of: usize,
    /// The objective.
    pub objective: &'a Objective,
    /// Its plan.
    pub plan: &'a Plan,
    /// Tests it would put on the menu, by archetype.
    pub tests: Vec<(Archetype, usize)>,
    /// Claims it could make that can never be graded, with the reason.
    pub off_menu: Vec<(Archetype, String)>,
}

/// Someone who can be asked.
pub trait Approver: Send + Sync {
    /// What stands behind the answers, for the journal: `terminal`, `file`, `record`.
    fn by(&self) -> &'static str;

    /// Refuses answers to objectives that are not asked about.
    ///
    /// # Errors
    /// Which, in words.
    fn check(&self, asked: &[&ObjectiveId]) -> Result<(), String>;

    /// What becomes of an objective.
    ///
    /// # Errors
    /// Nobody answers, in words.
    fn decide(&self, proposal: &Proposal<'_>) -> Result<Choice, String>;
}

/// Nobody to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unattended;

impl Approver for Unattended {
    fn by(&self) -> &'static str {
        "nobody"
    }

    fn check(&self, _asked: &[&ObjectiveId]) -> Result<(), String> {
        Ok(())
    }

    fn decide(&self, _proposal: &Proposal<'_>) -> Result<Choice, String> {
        Err("there is nobody to ask".to_owned())
    }
}

/// Decisions that a run has on record, by objective: approved or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided(BTreeMap<ObjectiveId, bool>);

impl Decided {
    /// Those in the journal of a run.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn of(run: &RunView) -> Result<Self, RunError> {
        Ok(Self::in_journal(&run.journal()?))
    }

    fn in_journal(journal: &[JournalEntry]) -> Self {
        let decided = journal.iter().filter_map(|entry| match &entry.event {
            Event::ObjectiveDecided {
                objective,
                approved,
                ..
            } => Some((objective.clone(), *approved)),
            _ => None,
        });
        Self(decided.collect())
    }

    /// The decision on an objective, where there is one.
    pub fn on(&self, objective: &ObjectiveId) -> Option<bool> {
        self.0.get(objective).copied()
    }
}

/// Whether a run that was stopped still has to ask: approval was asked for and not all was answered.
///
/// # Errors
/// The journal cannot be read.
pub fn waits_for_approval(run: &RunView) -> Result<bool, RunError> {
    let asked = run.record().config.pointer("/steering/approve") == Some(&true.into());
    let answered = |entry: &JournalEntry| match &entry.event {
        Event::StageFinished { stage, .. } => stage == Stage::Approve.name(),
        _ => false,
    };
    Ok(asked && !run.journal()?.iter().any(answered))
}

/// The same answers again, when a run is repeated from its record.
impl Approver for Decided {
    fn by(&self) -> &'static str {
        "record"
    }

    fn check(&self, _asked: &[&ObjectiveId]) -> Result<(), String> {
        Ok(())
    }

    fn decide(&self, proposal: &Proposal<'_>) -> Result<Choice, String> {
        match self.on(&proposal.objective.id) {
            Some(true) => Ok(Choice::Approve),
            Some(false) => Ok(Choice::Skip),
            None => Err(format!(
                "the record does not say whether `{}` was approved",
                proposal.objective.id
            )),
        }
    }
}

/// The proposal of one of the prepared objectives, with its part of the menu.
pub(crate) fn proposal<'a>(
    (number, of): (usize, usize),
    place: usize,
    prepared: &'a Prepared,
    menu: &[Stratum],
) -> Proposal<'a> {
    let own: Vec<&Stratum> = menu.iter().filter(|s| s.pursuit == place).collect();
    let graded = own.iter().filter(|s| s.off_menu.is_none());
    Proposal {
        number,
        of,
        objective: &prepared.objective,
        plan: &prepared.plan,
        tests: graded.map(|s| (s.archetype, s.members.len())).collect(),
        off_menu: own
            .iter()
            .filter_map(|s| Some((s.archetype, s.off_menu.clone()?)))
            .collect(),
    }
}
