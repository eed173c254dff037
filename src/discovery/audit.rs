//! Checks of the data and of results, and the verdict they add up to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// PASS, WARN or FAIL.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// Nothing to report.
    Pass,
    /// Worth knowing when reading results.
    Warn,
    /// Results on what it concerns cannot be trusted.
    Fail,
}

/// One check of the data or of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Short machine name, for example `outlying_sample`.
    pub code: String,
    /// Outcome.
    pub verdict: Verdict,
    /// What was seen, with its numbers.
    pub reason: String,
    /// What to do about it; empty on PASS.
    pub fix: String,
    /// The contrast or variable it concerns; none = the whole dataset.
    pub concerns: Option<String>,
}

/// Everything that was checked before and after the results were seen (`audit.yaml`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditReport {
    /// Worst verdict on the dataset as a whole.
    pub verdict: Verdict,
    /// Worst verdict per contrast or variable, dataset-wide checks included.
    pub by_contrast: BTreeMap<String, Verdict>,
    /// Every check that did not pass silently, worst first.
    pub checks: Vec<Check>,
}

impl AuditReport {
    /// Sums up `checks` for the given contrasts or variables.
    pub fn new(mut checks: Vec<Check>, contrasts: &[String]) -> Self {
        checks.sort_by(|a, b| {
            (b.verdict, &a.concerns, &a.code).cmp(&(a.verdict, &b.concerns, &b.code))
        });
        checks.dedup();
        let worst = |concerned: &dyn Fn(&Check) -> bool| {
            checks
                .iter()
                .filter(|c| concerned(c))
                .map(|c| c.verdict)
                .max()
                .unwrap_or(Verdict::Pass)
        };
        let by_contrast = contrasts
            .iter()
            .map(|id| {
                let verdict =
                    worst(&|c: &Check| c.concerns.as_ref().is_none_or(|about| about == id));
                (id.clone(), verdict)
            })
            .collect();
        let verdict = worst(&|c: &Check| c.concerns.is_none());
        Self {
            verdict,
            by_contrast,
            checks,
        }
    }

    /// Whether hypotheses on this contrast or variable are barred.
    pub fn fails(&self, contrast: &str) -> bool {
        self.by_contrast
            .get(contrast)
            .copied()
            .unwrap_or(self.verdict)
            == Verdict::Fail
    }
}
