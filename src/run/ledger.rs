//! The ledger: every family of tests run, so that the number of looks at the data is known.

use serde::{Deserialize, Serialize};

use crate::discovery::ObjectiveId;

/// What tests were run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To find something in the data.
    Discovery,
    /// On decoys, to measure the error rate.
    Decoy,
    /// To try to break a draft.
    Attack,
    /// On decoys of the whole procedure.
    Audit,
    /// To see frozen claims again in a second cohort.
    Replication,
}

/// A family of tests: one table of one step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The objective.
    pub objective: ObjectiveId,
    /// The step.
    pub step: String,
    /// The table.
    pub table: String,
    /// Round of proposing that asked the objective: 0 for those asked first.
    #[serde(default)]
    pub round: usize,
    /// What for.
    pub purpose: Purpose,
    /// Times the table was made: 1 on the data, the number of decoys or of variations otherwise.
    pub repeats: usize,
    /// Tests in the table.
    pub tests: usize,
}

/// Tests run for one purpose, all tables and repeats together.
pub fn tests_run(entries: &[LedgerEntry], purpose: Purpose) -> usize {
    entries
        .iter()
        .filter(|entry| entry.purpose == purpose)
        .map(|entry| entry.tests.saturating_mul(entry.repeats))
        .fold(0, usize::saturating_add)
}
