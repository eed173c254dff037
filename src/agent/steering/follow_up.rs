//! A run that asks what somebody proposed after reading the results of another run on the same data. It has a menu, decoys
//! and q-values of its own, and the first run stays as it was: adding to a menu whose results were seen would break the
//! promise of both. But the question was chosen with these data in view, which no decoy can repeat, so that nothing it finds
//! is graded above `exploratory`: a lead for other data.

use serde::{Deserialize, Serialize};

use crate::discovery::Flag;
use crate::run::RunView;

/// Where a follow-up comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Identifier of the run that was read.
    pub parent: String,
    /// The input of that run: a follow-up is on the same data.
    pub content_hash: String,
    /// Who proposed the question.
    pub proposed_by: Vec<String>,
}

impl FollowUp {
    /// Where a run follows up from; none for a run of its own.
    pub fn of(run: &RunView) -> Option<Self> {
        let value = run.record().config.pointer("/steering/follow_up")?;
        serde_json::from_value(value.clone()).ok()
    }

    /// Why nothing of it is graded higher.
    pub fn reason(&self) -> String {
        format!(
            "asked after the results of run `{}` on the same data had been read",
            self.parent
        )
    }

    /// The caution that every hypothesis of it carries.
    pub fn flag(&self) -> Flag {
        Flag {
            code: "asked_after_results".to_owned(),
            text: format!("{}: not independent evidence", self.reason()),
            lowers_grade: false,
        }
    }
}
